package scan_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"

	"tenthcup/tui/device/scan"
)

// read returns the codes that come from a device.
func read(decode func(io.Reader, func(string)) error, device io.Reader) (codes []string) {
	_ = decode(device, func(code string) { codes = append(codes, code) })
	return codes
}

func TestLines(t *testing.T) {
	for text, want := range map[string][]string{
		"TC153UHLR78WMDP\r":              {"TC153UHLR78WMDP"},
		"TC153UHLR78WMDP\r\n5990000\n":   {"TC153UHLR78WMDP", "5990000"},
		"]Q3TC153UHLR78WMDP\t":           {"]Q3TC153UHLR78WMDP"},
		"\x02TC1\x03\x1b[A\r":            {"TC1[A"},
		"01\x1d10\r":                     {"01\x1d10"},
		"\r\n\r\n":                       nil,
		"no end":                         {"no end"},
		strings.Repeat("9", 600) + "\r1": {strings.Repeat("9", 512), "1"},
	} {
		require.Equal(t, want, read(scan.Lines, strings.NewReader(text)), "%q", text)
		require.Equal(t, want, read(scan.Lines, iotest.OneByteReader(strings.NewReader(text))), "%q", text)
	}
}

// A scanner that sends nothing behind a code pauses.
func TestAPauseEndsACode(t *testing.T) {
	device := io.MultiReader(strings.NewReader("123"), &pause{}, strings.NewReader("456"))
	require.Equal(t, []string{"123", "456"}, read(scan.Lines, device))
}

// pause is a read that times out once.
type pause struct{ over bool }

func (p *pause) Read([]byte) (int, error) {
	if p.over {
		return 0, io.EOF
	}
	p.over = true
	return 0, nil
}

// On a real terminal line: what the scanner writes arrives, and one that is pulled
// out is found again.
func TestSerialLine(t *testing.T) {
	scanner, line, err := pty.Open()
	require.NoError(t, err)
	defer scanner.Close()
	defer line.Close()
	codes, states := make(chan string, 4), make(chan error, 4)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go scan.Scanner{
		Open: scan.Serial(line.Name(), 9600), Decode: scan.Lines,
		Code: func(code string) { codes <- code }, State: func(err error) { states <- err },
	}.Run(ctx)
	for range 2 { // the first may be lost: it is opened meanwhile
		_, err = scanner.WriteString("\rTC153UHLR78WMDP\r")
		require.NoError(t, err)
		if <-codes == "TC153UHLR78WMDP" {
			return
		}
	}
	require.Fail(t, "nothing arrived")
}

// A device that goes is said once, tried again and again, and said once when it is
// back.
func TestScannerComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened := 0
		var told []string
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		scan.Scanner{
			Open: func() (io.ReadCloser, error) {
				opened++
				if opened > 1 && opened < 5 {
					return nil, errors.New("no such device")
				}
				if opened == 5 {
					told = append(told, "plugged in")
				}
				return io.NopCloser(strings.NewReader("1\r")), nil
			},
			Decode: scan.Lines,
			Code:   func(code string) { told = append(told, code) },
			State: func(err error) {
				if err == nil {
					told = append(told, "back")
				} else {
					told = append(told, "gone")
				}
				if len(told) > 6 {
					stop()
				}
			},
		}.Run(ctx)
		require.Equal(t, []string{"1", "gone", "plugged in", "back", "1", "gone"}, told[:6])
	})
}

// recorded is what a keyboard scanner sends as a Linux input device for the text, as
// evtest shows it: each key pressed and released, with a report behind.
func recorded(text string) []byte {
	const plain = "  1234567890-=  qwertyuiop[]  asdfghjkl;'` \\zxcvbnm,./"
	const shifted = "  !@#$%^&*()_+  QWERTYUIOP{}  ASDFGHJKL:\"~ |ZXCVBNM<>?"
	var out bytes.Buffer
	event := func(kind, code uint16, value uint32) {
		var e [24]byte
		binary.LittleEndian.PutUint16(e[16:], kind)
		binary.LittleEndian.PutUint16(e[18:], code)
		binary.LittleEndian.PutUint32(e[20:], value)
		out.Write(e[:])
	}
	stroke := func(code uint16) {
		event(4, 4, 458756) // MSC_SCAN
		event(1, code, 1)
		event(0, 0, 0) // SYN_REPORT
		event(1, code, 0)
	}
	for _, r := range text {
		switch {
		case r == '\r':
			stroke(28)
		case r == ' ':
			stroke(57)
		case unicode.IsUpper(r) || strings.ContainsRune(shifted, r):
			event(1, 42, 1)
			stroke(uint16(strings.IndexRune(shifted, r)))
			event(1, 42, 0)
		default:
			stroke(uint16(strings.IndexRune(plain, r)))
		}
	}
	return out.Bytes()
}

func TestKeys(t *testing.T) {
	for _, text := range []string{"TC153UHLR78WMDP", "https://example.com/?a=b&c=~!", "]C1 0123", "{\"x\":|<>}"} {
		require.Equal(t, []string{text}, read(scan.Keys, bytes.NewReader(recorded(text+"\r"))))
	}
}

// press and release return single events.
func press(code uint16) []byte { return one(code, 1) }

func release(code uint16) []byte { return one(code, 0) }

func one(code uint16, value uint32) []byte {
	e := make([]byte, 24)
	e[16] = 1
	binary.LittleEndian.PutUint16(e[18:], code)
	binary.LittleEndian.PutUint32(e[20:], value)
	return e
}

func TestKeysHeldAndNumbered(t *testing.T) {
	for name, test := range map[string]struct {
		events [][]byte
		want   []string
	}{
		"caps lock":               {[][]byte{press(58), release(58), recorded("a1"), press(28)}, []string{"A1"}},
		"caps lock and shift":     {[][]byte{press(58), release(58), recorded("A!"), press(28)}, []string{"a!"}},
		"a number with Alt":       {[][]byte{press(56), press(79), press(81), press(80), release(56), press(28)}, nil},
		"T by its number":         {[][]byte{press(56), press(82), press(72), press(75), release(56), press(28)}, []string{"T"}},
		"a control key":           {[][]byte{press(29), recorded("c"), release(29), recorded("1\r")}, []string{"1"}},
		"keypad":                  {[][]byte{press(71), press(82), press(96)}, []string{"70"}},
		"a key that is leant on":  {[][]byte{one(2, 1), one(2, 2), one(2, 2), one(2, 0), press(28)}, []string{"1"}},
		"half an event":           {[][]byte{recorded("1\r2\r"), press(2)[:10]}, []string{"1", "2"}},
		"keys that type nothing":  {[][]byte{press(1), press(59), press(500), press(103), recorded("1\r")}, []string{"1"}},
		"shift that stays behind": {[][]byte{release(42), release(42), recorded("a\r")}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, read(scan.Keys, bytes.NewReader(bytes.Join(test.events, nil))))
		})
	}
}

// Whatever a device sends, a code is short and holds no control character but GS.
func FuzzScanners(f *testing.F) {
	f.Add([]byte("TC1\r\x00\x1b[A\x7f\n"))
	f.Add(recorded("TC153UHLR78WMDP\r"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		for _, decode := range []func(io.Reader, func(string)) error{scan.Lines, scan.Keys} {
			for _, code := range read(decode, bytes.NewReader(sent)) {
				require.NotEmpty(t, code)
				require.LessOrEqual(t, len([]rune(code)), 512)
				require.NotContains(t, strings.Map(func(r rune) rune {
					if unicode.IsControl(r) && r != 0x1d {
						return 'X'
					}
					return '.'
				}, code), "X")
			}
		}
	})
}

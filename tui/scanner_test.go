package tui_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/tui"
	"tenthcup/tui/screen"
)

// bench is a Scanner on its own, with a clock that the test moves.
type bench struct {
	scanner *tui.Scanner
	takes   screen.Takes
	clock   time.Duration
	timers  []*timer
	out     []tea.Msg
}

type timer struct {
	at      time.Duration
	f       func()
	stopped bool
}

func newBench(takes screen.Takes) *bench {
	b := &bench{takes: takes, scanner: tui.NewScanner()}
	b.scanner.Send = b.send
	b.scanner.After = func(d time.Duration, f func()) func() bool {
		t := &timer{at: b.clock + d, f: f}
		b.timers = append(b.timers, t)
		return func() bool { t.stopped = true; return true }
	}
	return b
}

// Takes makes the bench the model that the filter asks.
func (b *bench) Takes() screen.Takes                 { return b.takes }
func (b *bench) Init() tea.Cmd                       { return nil }
func (b *bench) Update(tea.Msg) (tea.Model, tea.Cmd) { return b, nil }
func (b *bench) View() tea.View                      { return tea.View{} }

func (b *bench) send(msg tea.Msg) {
	if msg = b.scanner.Filter(b, msg); msg != nil {
		b.out = append(b.out, msg)
	}
}

// wait moves the clock, and lets the timers run out on the way.
func (b *bench) wait(span time.Duration) {
	until := b.clock + span
	for {
		var next *timer
		for _, t := range b.timers {
			if !t.stopped && t.at <= until && (next == nil || t.at < next.at) {
				next = t
			}
		}
		if next == nil {
			break
		}
		b.clock, next.stopped = max(b.clock, next.at), true
		next.f()
	}
	b.clock = until
}

// typed returns the keys that came out as typing, those taken back left out, and
// the texts of the scans.
func (b *bench) typed() (keys []tea.KeyPressMsg, scans []string) {
	for _, msg := range b.out {
		switch msg := msg.(type) {
		case tea.KeyPressMsg:
			keys = append(keys, msg)
		case tui.HeldKeys:
			keys = append(keys, msg.Keys...)
		case tui.Scanned:
			keys = keys[:len(keys)-msg.Typed]
			scans = append(scans, msg.Text)
		}
	}
	return keys, scans
}

// pressed is one key of a fuzzed sequence, and what was done with it.
type pressed struct {
	key   tea.KeyPressMsg
	pause time.Duration
}

// decode makes keys of bytes: mostly those that matter to the filter.
func decode(data []byte) []pressed {
	alphabet := []rune("TtCc1iI0O29ABxX]Q1 -é۱./?n")
	special := []tea.KeyPressMsg{
		{Code: tea.KeyEnter},
		{Code: tea.KeyTab},
		{Code: 'j', Mod: tea.ModCtrl},
		{Code: tea.KeyKpEnter},
		{Code: 'c', Mod: tea.ModCtrl},
		{Code: tea.KeyEscape},
		{Code: tea.KeyBackspace},
		{Code: tea.KeyUp},
		{Code: tea.KeyDown},
		{Code: tea.KeyExtended, Text: "T\u064f"},
	}
	pauses := []time.Duration{0, time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond, 120 * time.Millisecond, 400 * time.Millisecond}
	var keys []pressed
	for i := 0; i+1 < len(data); i += 2 {
		p := pressed{pause: pauses[int(data[i+1])%len(pauses)]}
		if n := int(data[i]); n < 200 {
			r := alphabet[n%len(alphabet)]
			p.key = tea.KeyPressMsg{Code: r, Text: string(r)}
		} else {
			p.key = special[n%len(special)]
		}
		p.key.BaseCode = rune(i/2 + 1) // its place in the sequence
		keys = append(keys, p)
	}
	return keys
}

// Where text is typed nothing is lost, doubled or out of order: what goes in
// comes out as typing or is part of a scan. Only control keys in the middle of a
// code and line ends behind one are swallowed.
func FuzzScanner(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x01\x04\x01AbCdEfGhIjKlMnOp\xc8\x01"))
	f.Add([]byte("\x00\x00\x02\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\x04\x00\xc8\x00\xc8\x00"))
	f.Add([]byte("\x00\x05\x02\x05"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1000 {
			return // a scan of more signs than the scanner keeps is no code
		}
		b := newBench(screen.TakesText)
		keys := decode(data)
		for _, p := range keys {
			b.wait(p.pause)
			b.send(p.key)
		}
		b.wait(time.Minute)
		out, scans := b.typed()
		for _, scan := range scans {
			require.NotEmpty(t, scan)
		}
		require.Equal(t, signs(keysOf(keys)), scansAndKeys(b), "every sign once, in order")
		last := rune(0)
		for _, key := range out {
			require.Greater(t, key.BaseCode, last)
			last = key.BaseCode
		}
		if len(scans) == 0 {
			requireKept(t, keys, out)
		}
	})
}

// On a page with commands, too, a key is never doubled and the order is kept.
func FuzzScannerOnCommands(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x01\x04\x01AbCdEfGhIjKlMnOp\xc8\x01"), byte(0))
	f.Fuzz(func(t *testing.T, data []byte, takes byte) {
		b := newBench(screen.Takes(takes % 4))
		for _, p := range decode(data) {
			b.wait(p.pause)
			b.send(p.key)
		}
		b.wait(time.Minute)
		out, _ := b.typed()
		last := rune(0)
		for _, key := range out {
			require.Greater(t, key.BaseCode, last)
			last = key.BaseCode
		}
		before := len(b.out)
		b.send(tea.KeyPressMsg{Code: 'n', Text: "n"})
		b.wait(time.Minute)
		require.Greater(t, len(b.out), before, "the scanner never gets stuck")
	})
}

func keysOf(keys []pressed) []tea.KeyPressMsg {
	plain := make([]tea.KeyPressMsg, len(keys))
	for i, p := range keys {
		plain[i] = p.key
	}
	return plain
}

// signs returns all that the keys type.
func signs(keys []tea.KeyPressMsg) string {
	var text strings.Builder
	for _, key := range keys {
		text.WriteString(key.Text)
	}
	return pos.ASCIIDigits(text.String())
}

// scansAndKeys returns all that came out, scans at their place.
func scansAndKeys(b *bench) string {
	text := []rune{}
	for _, msg := range b.out {
		switch msg := msg.(type) {
		case tea.KeyPressMsg:
			text = append(text, []rune(signs([]tea.KeyPressMsg{msg}))...)
		case tui.HeldKeys:
			text = append(text, []rune(signs(msg.Keys))...)
		case tui.Scanned:
			text = append(text[:len(text)-msg.Typed], []rune(pos.ASCIIDigits(msg.Text))...)
		}
	}
	return string(text)
}

// requireKept checks that, where nothing was a scan, every key came out, but for
// control keys behind a whole prefix.
func requireKept(t *testing.T, keys []pressed, out []tea.KeyPressMsg) {
	kept := map[rune]bool{}
	for _, key := range out {
		kept[key.BaseCode] = true
	}
	for _, p := range keys {
		control := p.key.Text == "" || unicode.IsControl([]rune(p.key.Text)[0])
		if !control {
			require.True(t, kept[p.key.BaseCode], "%q is lost", p.key.Text)
		}
	}
}

// A key that the terminal gives several characters is walked through whole.
func TestScannerWalksThroughText(t *testing.T) {
	b := newBench(screen.TakesText)
	for _, text := range []string{"TC", "12", "345", "6789", "ABCD"} {
		b.send(tea.KeyPressMsg{Code: tea.KeyExtended, Text: text})
	}
	b.send(tea.KeyPressMsg{Code: tea.KeyEnter})
	keys, scans := b.typed()
	require.Empty(t, keys)
	require.Equal(t, []string{"TC123456789ABCD"}, scans)
}

// A burst of which keys were still unread when the pause was over is whole.
func TestScannerWaitsForUnreadKeys(t *testing.T) {
	b := newBench(screen.TakesText)
	for _, r := range "TC1ABCDEFG" {
		b.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	b.wait(180 * time.Millisecond)
	for _, r := range "HJKLM" {
		b.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	b.send(tea.KeyPressMsg{Code: tea.KeyEnter})
	_, scans := b.typed()
	require.Equal(t, []string{"TC1ABCDEFGHJKLM"}, scans)
}

// A code of endless length is cut, not collected for ever.
func TestScannerForgetsEndlessCodes(t *testing.T) {
	for _, takes := range []screen.Takes{screen.TakesText, screen.TakesKeys} {
		b := newBench(takes)
		for _, start := range []string{"TC1", "xyz"} {
			for range 5000 {
				for _, r := range start {
					b.send(tea.KeyPressMsg{Code: r, Text: string(r)})
				}
				start = "A1"
			}
			b.send(tea.KeyPressMsg{Code: tea.KeyEnter})
			b.wait(time.Second)
		}
		_, scans := b.typed()
		require.NotEmpty(t, scans)
		require.Less(t, len(scans[0]), 600)
	}
}

// What is no key passes.
func TestScannerPassesOtherMessages(t *testing.T) {
	b := newBench(screen.TakesText)
	b.send(tea.KeyPressMsg{Code: 'T', Text: "T"})
	b.send(tea.WindowSizeMsg{Width: 1, Height: 2})
	require.Equal(t, []tea.Msg{tea.WindowSizeMsg{Width: 1, Height: 2}}, b.out)
	b.send(tea.PasteMsg{Content: "hello"})
	require.Equal(t, tui.HeldKeys{Keys: []tea.KeyPressMsg{{Code: 'T', Text: "T"}}, Then: tea.PasteMsg{Content: "hello"}}, b.out[1])
}

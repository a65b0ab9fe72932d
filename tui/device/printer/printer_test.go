package printer_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/tui/device/printer"
	"tenthcup/tui/device/printertest"
	"tenthcup/tui/screen"
	"tenthcup/tui/slip"
)

var hello = slip.Slip{Language: "hu", Lines: []slip.Line{{Text: "Kőszegi", Right: "3"}}}

const helloText = "Kőszegi                                        3\n(cut)\n"

// plugged returns a printer on a cable in the test, inside a bubble.
func plugged(t *testing.T) (*printertest.Printer, *printer.Printer) {
	t.Helper()
	far := &printertest.Printer{}
	return far, printer.Through(screen.PrinterSettings{}, cable(t, far))
}

// cable connects to the printer.
func cable(t *testing.T, far *printertest.Printer) printer.Open {
	return func(context.Context) (io.ReadWriteCloser, error) {
		here, there := net.Pipe()
		t.Cleanup(func() { _ = there.Close() })
		far.Serve(there)
		return here, nil
	}
}

// on is what is on all the papers of the printer.
func on(t *testing.T, far *printertest.Printer) string {
	t.Helper()
	papers, err := far.Printed()
	require.NoError(t, err)
	var text strings.Builder
	for _, paper := range papers {
		text.WriteString(paper.Text())
	}
	return text.String()
}

func TestPrints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far, p := plugged(t)
		require.NoError(t, p.Print(t.Context(), hello))
		require.NoError(t, p.OpenDrawer(t.Context()))
		require.Equal(t, helloText+"(drawer 0)\n(drawer 1)\n", on(t, far))
	})
}

func TestTrouble(t *testing.T) {
	tests := []struct {
		name  string
		set   func(*printertest.Printer)
		want  error
		paper string // that is printed all the same
	}{
		{"no paper", func(p *printertest.Printer) { p.NoPaper = true }, printer.ErrNoPaper, ""},
		{"open", func(p *printertest.Printer) { p.Cover = true }, printer.ErrOpen, ""},
		{"open, and no paper in it", func(p *printertest.Printer) { p.Cover, p.NoPaper = true, true }, printer.ErrOpen, ""},
		{"the roll ends in the middle", func(p *printertest.Printer) { p.EndsAfter = 1 }, printer.ErrNoPaper, helloText},
		{"it never answers", func(p *printertest.Printer) { p.Mute = true }, nil, helloText},
		{"it reads nothing", func(p *printertest.Printer) { p.Stuck = true }, printer.ErrStuck, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far, p := plugged(t)
				far.Set(tt.set)
				begun := time.Now()
				require.ErrorIs(t, p.Print(t.Context(), hello), tt.want)
				require.LessOrEqual(t, time.Since(begun), 11*time.Second)
				require.Equal(t, tt.paper, on(t, far))

				// It can be printed once the trouble is over.
				far.Set(func(p *printertest.Printer) {
					p.NoPaper, p.Cover, p.EndsAfter, p.Mute, p.Stuck = false, false, 0, false, false
				})
				require.NoError(t, p.Print(t.Context(), hello))
				require.Equal(t, tt.paper+helloText, on(t, far))
			})
		})
	}
}

// The drawer opens whatever becomes of the paper.
func TestDrawerNeedsNoPaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far, p := plugged(t)
		far.Set(func(p *printertest.Printer) { p.NoPaper = true })
		require.NoError(t, p.OpenDrawer(t.Context()))
		require.Equal(t, "(drawer 0)\n(drawer 1)\n", on(t, far))
	})
}

// A printer that has answered before is expected to answer.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far, p := plugged(t)
		require.NoError(t, p.Print(t.Context(), hello))
		far.Set(func(p *printertest.Printer) { p.Mute = true })
		require.ErrorIs(t, p.Print(t.Context(), hello), printer.ErrSilent)
		require.Equal(t, helloText, on(t, far), "nothing is sent into the dark")
	})
}

// Jobs take turns, and one whose turn does not come says so in time.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far := &printertest.Printer{}
		here, there := net.Pipe()
		far.Serve(there)
		line := &deaf{Conn: here, end: make(chan struct{})}
		p := printer.Through(screen.PrinterSettings{}, func(context.Context) (io.ReadWriteCloser, error) { return line, nil })
		errs := make(chan error, 3)
		for range 3 {
			go func() { errs <- p.Print(t.Context(), hello) }()
		}
		var busy, stuck int
		for range 3 {
			switch err := <-errs; {
			case errors.Is(err, printer.ErrBusy):
				busy++
			case errors.Is(err, printer.ErrStuck):
				stuck++
			}
		}
		require.Equal(t, []int{1, 2}, []int{stuck, busy}, "only one hangs")
		close(line.end)
		_ = here.Close()
		_ = there.Close()
	})
}

// deaf is a device that cannot be interrupted: not even closing ends a write.
type deaf struct {
	net.Conn
	end chan struct{}
}

func (d *deaf) Write([]byte) (int, error) {
	<-d.end
	return 0, io.ErrClosedPipe
}

func (d *deaf) Close() error { return nil }

// Slips print one at a time, each whole.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far, p := plugged(t)
		errs := make(chan error, 20)
		for range cap(errs) {
			go func() { errs <- p.Print(t.Context(), hello) }()
		}
		for range cap(errs) {
			require.NoError(t, <-errs)
		}
		require.Equal(t, strings.Repeat(helloText, 20), on(t, far))
	})
}

func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far, p := plugged(t)
		far.Set(func(p *printertest.Printer) { p.Stuck = true })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		begun := time.Now()
		require.Error(t, p.Print(ctx, hello))
		require.Zero(t, time.Since(begun), "who leaves the program does not wait for the printer")
	})
}

func TestNetwork(t *testing.T) {
	far := &printertest.Printer{}
	listener, err := far.Listen()
	require.NoError(t, err)
	address := listener.Addr().String()
	p := printer.New(screen.PrinterSettings{Kind: "tcp", Address: address})
	require.NoError(t, p.Print(t.Context(), hello))
	require.Equal(t, helloText, on(t, far))

	far.Set(func(p *printertest.Printer) { p.NoPaper = true })
	require.ErrorIs(t, p.Print(t.Context(), hello), printer.ErrNoPaper)

	far.Set(func(p *printertest.Printer) { p.NoPaper, p.Resets = false, true })
	problem(t, p.Print(t.Context(), hello), "print.broken", "print.silent", "print.absent")

	require.NoError(t, listener.Close())
	problem(t, p.Print(t.Context(), hello), "print.absent")
}

// problem checks that the error is one in words.
func problem(t *testing.T, err error, keys ...string) {
	t.Helper()
	said, ok := errors.AsType[*pos.Problem](err)
	require.True(t, ok, "%v", err)
	require.Contains(t, keys, said.Key)
}

func TestSettings(t *testing.T) {
	try := func(kind, address string) error {
		return printer.New(screen.PrinterSettings{Kind: kind, Address: address}).Print(t.Context(), hello)
	}
	missing := filepath.Join(t.TempDir(), "lp0")
	problem(t, try("file", missing), "print.absent")
	problem(t, try("serial", missing), "print.absent")
	problem(t, try("tcp", ""), "print.absent")
	problem(t, try("usb", ""), "print.kind")
	t.Setenv("PATH", t.TempDir())
	problem(t, try("lp", "till"), "print.queue")
}

// A plain file collects the jobs and nothing else.
func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "jobs")
	require.NoError(t, os.WriteFile(name, nil, 0o600))
	p := printer.New(screen.PrinterSettings{Kind: "file", Address: name})
	require.NoError(t, p.Print(t.Context(), hello))
	require.NoError(t, p.Print(t.Context(), hello))
	file, err := os.Open(name)
	require.NoError(t, err)
	defer file.Close()
	paper, err := printertest.Decode(file)
	require.NoError(t, err)
	require.Equal(t, 2, paper.Cuts)
	require.Empty(t, paper.Asked)
}

func TestQueue(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"$*\" > " + dir + "/args\nexec /bin/cat > " + dir + "/job\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lp"), []byte(script), 0o700))
	t.Setenv("PATH", dir)
	p := printer.New(screen.PrinterSettings{Kind: "lp", Address: "till"})
	require.NoError(t, p.Print(t.Context(), hello))
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	require.NoError(t, err)
	require.Equal(t, "-o raw -d till\n", string(args))
	job, err := os.Open(filepath.Join(dir, "job"))
	require.NoError(t, err)
	defer job.Close()
	paper, err := printertest.Decode(job)
	require.NoError(t, err)
	require.Equal(t, helloText, paper.Text())
}

// A printer on a serial line, and a device file that is read and written: a pty is
// both.
func TestTerminalLines(t *testing.T) {
	for _, kind := range []string{"serial", "file"} {
		t.Run(kind, func(t *testing.T) {
			far := &printertest.Printer{}
			master, slave, err := pty.Open()
			require.NoError(t, err)
			if kind == "file" {
				raw(t, slave)
			}
			far.Serve(terminal{master})
			p := printer.New(screen.PrinterSettings{Kind: kind, Address: slave.Name(), Baud: 115200})
			require.NoError(t, p.Print(t.Context(), hello))
			require.NoError(t, slave.Close())
			_ = master.Close() // the printer may have done so when the line ended
			require.Equal(t, helloText, on(t, far))
		})
	}
}

// terminal is the printer's end of a pty.
type terminal struct{ *os.File }

func (terminal) LocalAddr() net.Addr  { return nil }
func (terminal) RemoteAddr() net.Addr { return nil }

// raw makes the line pass bytes on as they are, as a printer's device does.
func raw(t *testing.T, line *os.File) {
	t.Helper()
	stty := exec.Command("stty", "raw", "-echo")
	stty.Stdin = line
	require.NoError(t, stty.Run())
}

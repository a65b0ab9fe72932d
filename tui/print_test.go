package tui_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/tui"
	"tenthcup/tui/device/printer"
	"tenthcup/tui/device/printertest"
	"tenthcup/tui/screen"
	"tenthcup/tui/slip"
	"tenthcup/tui/tuitest"
)

// printing gives the shop a printer on a cable, and a slip after each action.
func (s *shop) printing(t *testing.T) *printertest.Printer {
	far := &printertest.Printer{}
	settings := screen.PrinterSettings{Kind: "tcp", Drawer: true, Slips: "always"}
	s.config.Settings.Printer = settings
	s.config.Printer = printer.Through(settings, func(context.Context) (io.ReadWriteCloser, error) {
		here, there := net.Pipe()
		t.Cleanup(func() { _ = there.Close() })
		far.Serve(there)
		return here, nil
	})
	return far
}

// papers is what is on the papers of the printer, apart.
func papers(t *testing.T, far *printertest.Printer) (texts []string) {
	t.Helper()
	printed, err := far.Printed()
	require.NoError(t, err)
	for _, paper := range printed {
		texts = append(texts, paper.Text())
	}
	return texts
}

func TestReceiptSlips(t *testing.T) {
	for _, language := range assets.Languages() {
		t.Run(language, func(t *testing.T) {
			inShop(t, bakery, func(t *testing.T, s *shop) {
				anna := s.anna(9)
				words, err := assets.NewPrinter(language, s.config.Words.Currency(), s.station.Zone)
				require.NoError(t, err)
				s.config.Words = words
				far := s.printing(t)
				d := s.start(80, 24)
				d.Scan(anna.Profile.Code())
				d.Press("enter")
				d.Type("7.5")
				d.Press("enter", "r", "u")
				d.Wait(time.Minute)
				golden.RequireEqual(t, []byte(strings.Join(papers(t, far), "\n")))
			})
		})
	}
}

// Whatever becomes of the printer, sales go on and are confirmed at once.
func TestPrinterNeverBlocksASale(t *testing.T) {
	troubles := map[string]func(*printertest.Printer){
		"no-paper": func(p *printertest.Printer) { p.NoPaper = true },
		"stuck":    func(p *printertest.Printer) { p.Stuck = true },
	}
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			inShop(t, cafe, func(t *testing.T, s *shop) {
				anna := s.anna(0)
				far := s.printing(t)
				far.Set(trouble)
				d := s.start(80, 24)
				d.Scan(anna.Profile.Code())
				for n := range 9 {
					d.Press("enter")
					require.Contains(t, d.View(), "✓ 1 stamp on Coffee: "+string(rune('1'+n))+" of 10.")
				}
				require.Equal(t, int64(9), s.stamps(anna))
				require.Contains(t, d.View(), "✗ Printer", "no more than eight wait for it")
				d.Wait(5 * time.Minute)
				require.Contains(t, d.View(), "✓ 1 stamp on Coffee: 9 of 10.", "the confirmation stays")
				d.Golden("sold")
				require.Empty(t, papers(t, far))

				far.Set(func(p *printertest.Printer) { p.NoPaper, p.Stuck = false, false })
				d.Press("esc", "m")
				d.Golden("menu")
				d.Press("p")
				d.Wait(time.Minute)
				require.Contains(t, d.View(), "✓ Printed.")
				require.NotContains(t, d.View(), "✗ Printer")
				require.Len(t, papers(t, far), 1)
				require.Contains(t, papers(t, far)[0], "9 of 10", "it is the last slip")
			})
		})
	}
}

// Who is not asked is told nothing, but where there is room for it.
func TestTroubleBesideAnAction(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		far := s.printing(t)
		far.Set(func(p *printertest.Printer) { p.Stuck = true })
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter", "esc")
		require.NotContains(t, d.View(), "Printer")
		d.Wait(time.Minute)
		require.Contains(t, d.View(), "✗ The printer did not take the whole slip")
		d.Golden("counter")
		d.Resize(60, 18)
		d.Golden("narrow")
	})
}

// A job that was begun on another page ends in silence while something is confirmed.
func TestPrintedElsewhere(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		s.printing(t)
		s.config.Settings.Printer.Slips = ""
		d := s.start(80, 24)
		d.Press("m")
		d.Send(screen.Printed{})
		require.Contains(t, d.View(), "✓ Printed.")
		d.Send(screen.Printed{Err: printer.ErrNoPaper})
		require.Contains(t, d.View(), "✓ Printed.")
		d.Send(screen.Printed{})
		d.Press("esc")
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		d.Send(screen.Printed{})
		require.Contains(t, d.View(), "✓ 1 stamp on Coffee")
		d.Send(screen.Printed{Err: printer.ErrNoPaper})
		require.Contains(t, d.View(), "✓ 1 stamp on Coffee")
		require.Contains(t, d.View(), "✗ Printer")
		d.Press("esc")
		d.Send(screen.Printed{Err: printer.ErrNoPaper})
		require.Contains(t, d.View(), "✗ The printer has no paper", "no page took it")
		d.Send(screen.Printed{})
		require.NotContains(t, d.View(), "✗ Printer ")
	})
}

// A shop that prints nothing is not told about printers.
func TestNoPrinter(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter", "esc", "m")
		require.NotContains(t, d.View(), "Print")
		require.NotContains(t, d.View(), "drawer")
		d.Send(screen.Printed{Err: slip.ErrNoPrinter})
		require.Contains(t, d.View(), "✗ This till has no printer")
		require.NotContains(t, d.View(), "✗ Printer")
		require.Equal(t, screen.Printed{Err: slip.ErrNoPrinter}, (&screen.Desk{}).Print(slip.Slip{})())
		require.Nil(t, (&screen.Desk{}).OpenDrawer())
	})
}

func TestDrawer(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		far := s.printing(t)
		d := s.start(80, 24)
		d.Press("m", "o")
		require.Contains(t, d.View(), "PIN")
		require.Empty(t, papers(t, far))
		before := s.entries()
		d.Type("1234")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ The drawer is open.")
		d.Golden("open")
		require.Equal(t, []string{"(drawer 0)\n(drawer 1)\n"}, papers(t, far))
		require.Equal(t, before+1, s.entries())
		d.Press("esc")
		require.Contains(t, d.View(), "drawer opened")
		d.Press("m", "o")
		require.Contains(t, d.View(), "PIN", "once more is another matter")
	})
}

// What cannot be written down does not happen.
func TestDrawerOnAFullDisk(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		far := s.printing(t)
		s.station.Journal = gate{s.db, closedGate()}
		d := s.start(80, 24)
		d.Press("m", "o")
		d.Type("1234")
		d.Press("enter")
		require.Contains(t, d.View(), "✗")
		require.Empty(t, papers(t, far))
	})
}

// closedGate lets nothing through.
func closedGate() chan error {
	open := make(chan error, 9)
	for range cap(open) {
		open <- errors.New("no room")
	}
	return open
}

func TestBeeps(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		for _, quiet := range []bool{false, true} {
			s.config.Settings.Counter.Quiet = quiet
			d := s.start(80, 24)
			bells := 0
			scanner := rings(d, &bells)
			beeps := func(want int, why string) {
				t.Helper()
				d.Wait(time.Second)
				if quiet {
					want = 0
				}
				require.Equal(t, want, bells, why)
				bells = 0
			}
			d.Send(screen.Found{Err: pos.Refuse("code.unknown", "code", "X")})
			beeps(0, "nobody waited for it")
			scanner(anna.Profile.Code())
			beeps(0, "nothing was booked")
			d.Press("enter")
			beeps(1, "done")
			scanner("TC1.0000000000")
			beeps(2, "refused")
			d.Press("esc")
			scanner(anna.Profile.Code())
			for range 8 {
				d.Send(tea.KeyPressMsg{Code: 's', Text: "s"})
				d.Wait(50 * time.Millisecond)
			}
			beeps(1, "a hurry is no siren")
			require.NotContains(t, d.Styled(), "\a")
		}
	})
}

// rings counts the bells that the terminal is told to ring, and returns what scans.
func rings(d *tuitest.Driver, bells *int) func(code string) {
	d.Attach(func(func(tea.Msg)) tuitest.Filter {
		return func(_ tea.Model, msg tea.Msg) tea.Msg {
			if raw, ok := msg.(tea.RawMsg); ok && raw.Msg == "\a" {
				*bells++
			}
			return msg
		}
	})
	return func(code string) { d.Send(tui.Scanned{Text: code}) }
}

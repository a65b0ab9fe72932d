package tui_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/slip"
	"tenthcup/tui/tuitest"
)

// everything is a program with all that a Z-report counts.
const everything = `
title = "Everything"
[points]
earn = 1
for = "1"
expire_days = 3
[credit]
[gift_cards]
[[card]]
id = "coffee"
name = "Coffee"
size = 10
[[reward]]
id = "free-coffee"
name = "Free coffee"
card = "coffee"
[[reward]]
id = "five"
name = "Five off"
kind = "money"
off = "5"
points = 100
[[plan]]
id = "gold"
name = "Gold"
price = "30"
months = 1
`

// day fills a shift with something of everything, by three cashiers.
func (s *shop) day() {
	s.t.Helper()
	anna := s.anna(24)
	holder := anna.Profile.Holder
	do := func(_ any, err error) { s.t.Helper(); require.NoError(s.t, err) }
	do(s.station.Sell("ali", holder, pos.Sale{Amount: 412_50, Receipt: "A1"}))
	do(s.station.Claim("edit", holder, rules.Claim{Reward: "five", Sale: &pos.Sale{Amount: 20_00}}))
	do(s.station.Redeem("edit", holder, "free-coffee"))
	do(s.station.SellGiftCard("ali", 50_00, ""))
	do(s.station.Plan("robin", holder, "gold", rules.PlanJoin, 0))
	do(s.station.Sell("robin", holder, pos.Sale{Amount: 18_00}))
	do(s.station.Undo("robin", holder, "mistake"))
}

// openDay opens the day end as its manager.
func openDay(d *tuitest.Driver) {
	d.Press("d", "1", "2", "3", "4", "enter")
	d.Wait(time.Second)
}

func TestDayEnd(t *testing.T) {
	inShop(t, everything, func(t *testing.T, s *shop) {
		s.day()
		require.NoError(t, s.db.SetEnrolled())
		server := line{steps: make(chan int), err: errRefused}
		s.config.Line = server
		d := s.start(80, 24)
		d.Press("f5")
		require.Contains(t, d.View(), "Manager", "closing the shift is the manager's")
		d.Press("1", "2", "3", "4")
		d.Burst("", "enter", "enter")
		require.NotContains(t, d.View(), "closed", "a page that has just opened is deaf to Enter")
		require.NotContains(t, d.View(), "Close the day")
		d.Wait(2 * time.Second)
		everySize(d, "shift")
		d.Post(func() { server.steps <- 14 })
		require.Contains(t, d.View(), "14 of 21 sent · 7 a second · about 1 s left")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ The day is closed. Sending")
		everySize(d, "sending")
		close(server.steps)
		d.Wait(0)
		require.Contains(t, d.View(), "✓ The day is closed here.")
		require.Contains(t, d.View(), "were not sent to the server")
		everySize(d, "waits")
		d.Press("enter")
		require.Contains(t, d.View(), "day closed")
		openDay(d)
		require.Contains(t, d.View(), "Nothing happened since the last day end.")
		d.Golden("empty")
		d.Press("left")
		require.Contains(t, d.View(), "Z-report 1")
		require.NotContains(t, d.View(), "Close the day", "what is closed is not closed again")
		d.Golden("older")
		d.Press("right")
		require.Contains(t, d.View(), "Nothing happened since the last day end.")
	})
}

// What the report says is the same at its end as at its beginning.
func TestDayEndScrolls(t *testing.T) {
	inShop(t, everything, func(t *testing.T, s *shop) {
		s.day()
		d := s.start(80, 24)
		openDay(d)
		d.Press("end")
		require.Contains(t, d.View(), "To look at")
		everySize(d, "end")
		d.Press("pgup", "up", "home")
		require.Contains(t, d.View(), "X-report")
	})
}

func TestDayEndInLanguages(t *testing.T) {
	for _, language := range assets.Languages() {
		t.Run(language, func(t *testing.T) {
			inShop(t, everything, func(t *testing.T, s *shop) {
				words, err := assets.NewPrinter(language, s.config.Words.Currency(), s.station.Zone)
				require.NoError(t, err)
				s.config.Words = words
				s.day()
				d := s.start(80, 24)
				openDay(d)
				d.Golden("report")
				d.Press("end")
				d.Golden("end")
				d.Resize(60, 18)
				fits(d, 60, 18)
				d.Golden("narrow")
			})
		})
	}
}

func TestDayEndWithManyCashiers(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		m := s.anna(0)
		for by := range strings.SplitSeq("abcdefghijklmnop", "") {
			_, err := s.station.Stamp(pos.CashierID(by), m.Profile.Holder, "", 2)
			require.NoError(t, err)
		}
		d := s.start(80, 24)
		openDay(d)
		everySize(d, "shift")
		d.Press("end")
		require.Contains(t, d.View(), "All")
	})
}

// sends is a line that sends when the test says so.
type sends func()

func (s sends) Sync(context.Context, func(sent, waiting, held, holders int)) error {
	s()
	return nil
}

// A day that is closed while a transfer is on its way is sent after it.
func TestDayEndWhileSending(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.anna(3)
		require.NoError(t, s.db.SetEnrolled())
		calls, let := 0, make(chan struct{})
		s.config.Line = sends(func() {
			if calls++; calls == 1 {
				<-let
				return
			}
			last := must(s.station.Latest(1))[0].Entry
			require.Equal(t, pos.DayEnded, last.Kind)
			require.NoError(t, s.db.Apply(ledger.Page{At: s.now().UnixMilli(), Acks: []ledger.Ack{{Incarnation: last.ID.Incarnation, Seq: last.ID.Seq}}}, nil))
		})
		d := s.start(80, 24)
		openDay(d)
		require.Equal(t, 1, calls, "what waits is sent when the page opens")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ The day is closed. Sending")
		d.Post(func() { close(let) })
		d.Wait(0)
		require.Equal(t, 2, calls)
		require.Contains(t, d.View(), "waits for the line", "the member's profile")
	})
}

// Any cashier may count, and nobody closes anything by counting.
func TestShiftCount(t *testing.T) {
	inShop(t, everything, func(t *testing.T, s *shop) {
		s.day()
		before := s.entries()
		d := s.start(80, 24)
		d.Press("m", "x")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "X-report")
		require.NotContains(t, d.View(), "Close the day")
		d.Golden("count")
		d.Press("enter")
		require.Equal(t, before, s.entries())
	})
}

// A page that is read aloud says each figure with its name.
func TestDayEndReadAloud(t *testing.T) {
	inShop(t, everything, func(t *testing.T, s *shop) {
		s.day()
		page := slip.ZReport(must(s.station.XReport()), slip.About{
			Words: s.config.Words, Shop: "Café", Name: func(id pos.CashierID) string { return string(id) }, Waiting: 1,
		})
		golden.RequireEqual(named{t, "aloud"}, strings.Join(page.Sentences(), "\n")+"\n")
	})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// A shop in which nobody is a manager closes too, and the page says why.
func TestDayEndWithoutManager(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		roster, err := s.db.Roster()
		require.NoError(t, err)
		roster.Version++
		for i := range roster.Cashiers {
			roster.Cashiers[i].Role = pos.RoleCashier
		}
		require.NoError(t, s.db.SetRoster(roster))
		s.anna(3)
		s.config.SignedIn = &roster.Cashiers[1]
		d := s.start(80, 24)
		d.Press("d")
		d.Wait(time.Second)
		d.Golden("open")
		require.Contains(t, d.View(), "There is no manager here")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ The day is closed.")
		latest, err := s.station.Latest(1)
		require.NoError(t, err)
		require.Equal(t, pos.CashierID("edit"), latest[0].Entry.Cashier)
	})
}

// paper is a printer that keeps what it prints, or refuses it.
type paper struct {
	slips []slip.Slip
	err   error
}

func (p *paper) Print(_ context.Context, s slip.Slip) error {
	p.slips = append(p.slips, s)
	return p.err
}

func (p *paper) OpenDrawer(context.Context) error { return nil }

func TestDayEndOnPaper(t *testing.T) {
	inShop(t, everything, func(t *testing.T, s *shop) {
		s.day()
		files := map[string]string{}
		printer := &paper{}
		s.config.Printer = printer
		s.config.Save = func(name string, document []byte) (string, error) {
			files[name] = string(document)
			return "/reports/" + name, nil
		}
		d := s.start(80, 24)
		openDay(d)
		d.Press("enter")
		d.Press("p")
		require.Contains(t, d.View(), "Printed.")
		require.Contains(t, printer.slips[0].Lines, slip.Line{Text: "Free coffee", Style: slip.Normal})
		require.Equal(t, "Z-report 1", printer.slips[0].Lines[0].Text)
		d.Press("s")
		require.Contains(t, d.View(), "/reports/z-2026-11-22-0001.html")
		require.Len(t, files, 2)
		golden.RequireEqual(named{t, "report.html"}, files["z-2026-11-22-0001.html"])
		golden.RequireEqual(named{t, "report.csv"}, files["z-2026-11-22-0001.csv"])

		printer.err = pos.Refuse("print.none")
		d.Press("p")
		require.Contains(t, d.View(), "✗ This till has no printer")
		require.Contains(t, d.View(), "Z-report 1", "what cannot be printed is still there")
	})
}

func TestDayEndCannotBeSaved(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.anna(1)
		d := s.start(80, 24)
		openDay(d)
		d.Press("s")
		require.Contains(t, d.View(), "✗ This till cannot save files.")
		s.config.Save = func(string, []byte) (string, error) { return "", errors.New("no room") }
		d = s.start(80, 24)
		openDay(d)
		d.Press("s")
		require.Contains(t, d.View(), "no room")
	})
}

// named is a test whose golden file has the name.
type named struct {
	testing.TB
	name string
}

func (n named) Name() string { return n.TB.Name() + "/" + n.name }

// What is to be settled is one key away from the day end, and Esc comes back to it.
func TestDayEndSettles(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		c := newCentre(s.now())
		s.anna(3)
		require.NoError(t, s.db.SetEnrolled())
		till := strict{Station: s.station, standing: &station.Standing{Enrolled: true, Exceptions: 3}}
		s.config.Till, s.config.Office, s.config.Line = &till, c, line{steps: down()}
		d := s.start(80, 24)
		openDay(d)
		d.Press("e")
		require.Contains(t, d.View(), "Handed out too much", "who opened the day end is asked no second time")
		d.Press("enter", "esc", "esc")
		require.Contains(t, d.View(), "X-report")
		d.Press("enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Z-report 1")
		d.Press("e", "esc")
		require.Contains(t, d.View(), "Z-report 1", "what is closed stays closed")
		d.Press("enter", "m", "x", "e")
		require.Contains(t, d.View(), "Manager", "whoever only counts is no manager yet")
		d.Press("esc")
		require.Contains(t, d.View(), "X-report")
	})
}

package tui_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/tui"
	"tenthcup/tui/tuitest"
)

// scene is a state of a till and the way to a page of it.
type scene struct {
	standing station.Standing
	refuse   strict
	locked   bool
	way      string
}

var scenes = map[string]scene{
	"revoked-lock":    {standing: station.Standing{Enrolled: true, Revoked: true}, locked: true},
	"revoked-counter": {standing: station.Standing{Enrolled: true, Revoked: true}},
	"revoked-member":  {standing: station.Standing{Enrolled: true, Revoked: true, Frozen: true}, way: "member"},
	"revoked-code":    {standing: station.Standing{Enrolled: true, Revoked: true}, way: "member c"},
	"revoked-queue":   {standing: station.Standing{Enrolled: true, Revoked: true, Offset: time.Hour}, way: "q"},
	"frozen-member":   {standing: station.Standing{Enrolled: true, Frozen: true}, way: "member"},
	"frozen-queue":    {standing: station.Standing{Enrolled: true, Frozen: true}, way: "q"},
	"restored-member": {standing: station.Standing{Enrolled: true, Restored: true}, way: "member"},
	"restored-queue":  {standing: station.Standing{Enrolled: true, Restored: true}, way: "q"},
	"slow":            {standing: station.Standing{Enrolled: true, Offset: 125 * time.Minute}},
	"fast":            {standing: station.Standing{Enrolled: true, Offset: -50 * time.Hour}, way: "n"},
	"asking":          {refuse: strict{redeem: notReady}, way: "member r wait"},
	"asking-waits":    {refuse: strict{redeem: notReady, override: pos.Refuse("pin.wait", "seconds", 125)}, way: "member r wait 1 enter x enter"},
	"lock-waits":      {refuse: strict{signIn: pos.Refuse("pin.wait", "seconds", 42)}, locked: true, way: "2 1 enter"},
	"day-end":         {standing: station.Standing{Enrolled: true, Exceptions: 3}, way: "d 1 2 3 4 enter wait"},
	"day-end-one":     {standing: station.Standing{Enrolled: true, Exceptions: 1}, way: "d 1 2 3 4 enter wait"},
}

// shows opens the page of the scene in the language. Anna has had one coffee on
// trust and two by a manager's leave, a card is full, and the line is down.
func (c scene) shows(t *testing.T, language string, test func(s *shop, d *tuitest.Driver)) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		words, err := assets.NewPrinter(language, s.config.Words.Currency(), s.station.Zone)
		require.NoError(t, err)
		s.config.Words = words
		anna := s.anna(47)
		for _, by := range []string{pos.ByFloor, pos.ByOverride, pos.ByOverride} {
			s.station.Journal = changing{s.db, func(e *pos.Entry) { e.By = &pos.By{Kind: by, Manager: "robin"} }}
			_, err := s.station.Redeem("edit", anna.Profile.Holder, "free-coffee")
			require.NoError(t, err)
		}
		s.station.Journal = s.db
		require.NoError(t, s.db.SetEnrolled())
		till := c.refuse
		till.Station, till.standing = s.station, &c.standing
		s.config.Till, s.config.Line = &till, line{steps: down(), err: errRefused}
		if c.locked {
			s.config.SignedIn = nil
		}
		d := s.visit(anna, c.way)
		d.Send(tui.Status{Waiting: station.Waiting{Entries: 5, Enrolled: true, Oldest: s.now(), LastSync: s.now().Add(-7 * time.Minute)}, Err: errRefused})
		test(s, d)
	})
}

// Every state is told on every size of terminal and in every language.
func TestScenes(t *testing.T) {
	for name, c := range scenes {
		for _, language := range assets.Languages() {
			t.Run(name+"/"+language, func(t *testing.T) {
				c.shows(t, language, func(_ *shop, d *tuitest.Driver) {
					if language == "en" {
						everySize(d, "screen")
						return
					}
					for _, size := range sizes {
						d.Resize(size.width, size.height)
						fits(d, size.width, size.height)
					}
					d.Resize(80, 24)
					d.Golden("screen-80x24")
				})
			})
		}
	}
}

// That a till is locked out is said on every page, help and dialogs too, and in
// every size that shows a page.
func TestRevokedOnEveryPage(t *testing.T) {
	const banner = "✗ This till is locked out: nothing can be booked here."
	for name, way := range pages {
		t.Run(name, func(t *testing.T) {
			inShop(t, bakery, func(t *testing.T, s *shop) {
				anna := s.anna(17)
				s.config.Till = &strict{Station: s.station, standing: &station.Standing{Enrolled: true, Revoked: true}}
				d := s.visit(anna, way)
				for _, size := range sizes[:3] {
					d.Resize(size.width, size.height)
					require.Contains(t, d.View(), banner)
					fits(d, size.width, size.height)
				}
			})
		})
	}
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.config.Till = &strict{
			Station: s.station, stamp: pos.Refuse("disk.full"), standing: &station.Standing{Enrolled: true, Revoked: true},
		}
		anna := s.anna(3)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		require.Contains(t, d.View(), banner)
		require.Contains(t, d.View(), "✗ The disk is full", "an action says itself why it was refused")
	})
}

// How the till stands is read beside the screen, which goes on meanwhile, and
// again whenever it may have changed.
func TestStandingIsReadAgain(t *testing.T) {
	const banner = "This till is locked out"
	inShop(t, cafe, func(t *testing.T, s *shop) {
		standing, open := station.Standing{Enrolled: true, Revoked: true}, make(chan struct{})
		s.config.Till = &strict{Station: s.station, standing: &standing, open: open}
		d := s.start(80, 24)
		d.Press("n", "esc")
		require.NotContains(t, d.View(), banner)
		close(open)
		d.Wait(0)
		require.Contains(t, d.View(), banner)
		is := func(revoked bool) {
			t.Helper()
			if revoked {
				require.Contains(t, d.View(), banner)
			} else {
				require.NotContains(t, d.View(), banner)
			}
			standing.Revoked = !revoked
		}
		is(true)
		d.Send(tui.Status{Online: true})
		is(false)
		d.Send(changed)
		is(true)
		d.Wait(61 * time.Second)
		is(false)
		d.Scan(s.anna(1).Profile.Code())
		is(true)
		d.Press("enter")
		is(false)
	})
}

func TestClockWarning(t *testing.T) {
	tests := map[string]struct {
		offset time.Duration
		said   string
	}{
		"right":                {0, ""},
		"slow, but just right": {station.SkewLimit, ""},
		"fast, but just right": {-station.SkewLimit, ""},
		"a little slow":        {station.SkewLimit + time.Second, "! The till's clock is 5 min slow: set it right."},
		"a little fast":        {-station.SkewLimit - time.Second, "! The till's clock is 5 min fast: set it right."},
		"an hour slow":         {time.Hour, "! The till's clock is 1 h 0 min slow: set it right."},
		"two hours fast":       {-125*time.Minute - 59*time.Second, "! The till's clock is 2 h 5 min fast: set it right."},
		"a year slow":          {365*24*time.Hour + 23*time.Hour, "! The till's clock is 365 d 23 h slow: set it right."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inShop(t, cafe, func(t *testing.T, s *shop) {
				s.config.Till = &strict{Station: s.station, standing: &station.Standing{Enrolled: true, Offset: tt.offset}}
				d := s.start(60, 18)
				if tt.said == "" {
					require.NotContains(t, d.View(), "clock")
					return
				}
				require.Contains(t, d.View(), tt.said)
			})
		})
	}
}

// The wait after wrong PINs counts down by itself, and the PIN waits with it.
func TestLockWaits(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		till := &strict{Station: s.station, signIn: pos.Refuse("pin.wait", "seconds", 61)}
		s.config.Till, s.config.SignedIn = till, nil
		d := s.start(80, 24)
		d.Press("2")
		d.Type("1111")
		d.Burst("", "enter")
		require.Contains(t, d.View(), "✗ Too many wrong PINs: wait 61 seconds.")
		require.Contains(t, d.View(), "1:01")
		d.Wait(59 * time.Second)
		require.Contains(t, d.View(), "wait 2 seconds")
		till.signIn = nil
		d.Type("1234")
		require.NotContains(t, d.View(), "•", "the PIN waits")
		d.Wait(time.Second)
		require.NotContains(t, d.View(), "wait")
		d.Type("1234")
		require.Contains(t, d.View(), "••••")
		d.Press("enter")
		require.Contains(t, d.View(), "Scan a code")
	})
	inShop(t, cafe, func(t *testing.T, s *shop) {
		till := &strict{Station: s.station, signIn: pos.Refuse("pin.wait", "seconds", 61)}
		s.config.Till, s.config.SignedIn = till, nil
		d := s.start(80, 24)
		d.Press("2", "1", "enter", "esc")
		require.NotContains(t, d.View(), "wait 6", "it is one cashier's wait")
		till.signIn = nil
		d.Press("1")
		d.Type("1234")
		d.Press("enter")
		require.Contains(t, d.View(), "Scan a code")
	})
}

func TestTakingOverMembers(t *testing.T) {
	for _, language := range assets.Languages() {
		t.Run(language, func(t *testing.T) {
			inShop(t, cafe, func(t *testing.T, s *shop) {
				words, err := assets.NewPrinter(language, s.config.Words.Currency(), s.station.Zone)
				require.NoError(t, err)
				s.config.Words = words
				require.NoError(t, s.db.SetEnrolled())
				server := line{steps: make(chan int), members: 48211}
				s.config.Line = server
				d := s.start(80, 24)
				d.Press("q")
				d.Send(tui.Status{Online: true, Held: 700, Holders: 48211})
				d.Golden("by-itself")
				d.Send(tui.Status{Online: true})
				require.NotContains(t, d.View(), "█")
				d.Press("esc", "d", "1", "2", "3", "4", "enter")
				d.Wait(time.Second)
				d.Press("enter")
				d.Post(func() { server.steps <- 31944 })
				d.Golden("day-end")
				d.Press("esc", "q")
				d.Golden("asked-for")
				close(server.steps)
				d.Wait(0)
				require.NotContains(t, d.View(), "31")
			})
		})
	}
}

// News of the line show on the member's page, without a key.
func TestNewsOfTheLine(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		require.NoError(t, s.db.SetEnrolled())
		s.config.Line = line{}
		anna := s.anna(3)
		s.config.Till = &strict{Station: s.station, redeem: notReady}
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "3 of 10")
		account := s.member(anna).Cards[0].Card.Account()
		require.NoError(t, s.db.Apply(ledger.Page{
			At: s.now().UnixMilli(), Cursor: 1,
			Changed: []ledger.Changed{{Holder: anna.Profile.Holder, Position: 1, Sums: ledger.Sums{{Account: account, Amount: 9}}}},
		}, nil))
		d.Send(tui.Status{Online: true})
		require.NotContains(t, d.View(), "3 of 10")
		require.Contains(t, d.View(), "★ Free coffee")
		d.Press("r")
		d.Wait(time.Second)
		d.Type("12")
		d.Send(tui.Status{Online: true})
		require.Contains(t, d.View(), "••", "and leave a dialog as it is")
	})
}

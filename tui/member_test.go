package tui_test

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui"
)

// club is a program with something of everything that a member can have.
const club = `
title = "Club"
[points]
earn = 1
for = "1"
expire_days = 20
[[card]]
id = "coffee"
name = "Coffee"
size = 10
stamp = "☕"
cooldown_minutes = 30
[tiers]
by = "spend"
window = "year"
[[tier]]
id = "silver"
name = "Silver"
from = "50"
[[tier]]
id = "gold"
name = "Gold"
from = "200"
[[plan]]
id = "club"
name = "Coffee club"
price = "30"
months = 1
[[goal]]
id = "ten"
name = "Ten visits"
count = "visits"
target = 10
every = true
gift = { voucher = "cake" }
[[reward]]
id = "money"
name = "Money off"
kind = "exchange"
step = 10
off = "1"
[[reward]]
id = "free-coffee"
name = "Free coffee"
card = "coffee"
[[reward]]
id = "mug"
name = "Mug"
points = 40
stock = 1
[[reward]]
id = "cake"
name = "Birthday cake"
voucher = true
valid_days = 14
[[event]]
id = "gift"
name = "Gift"
gift = { voucher = "cake" }
`

// regular is a member of the club who has been there for a while.
func (s *shop) regular() station.Member {
	s.t.Helper()
	done, err := s.station.Enrol("robin", pos.Profile{
		Name: "Kovács Anna", Phone: "+36301234567", Birthday: pos.Birthday{Month: 11, Day: 24},
		Fields: map[string]string{"note": "Allergic to nuts"},
	})
	require.NoError(s.t, err)
	holder := done.Member.Profile.Holder
	_, err = s.station.Earn("edit", holder, 8600)
	require.NoError(s.t, err)
	_, err = s.station.Stamp("edit", holder, "coffee", 7)
	require.NoError(s.t, err)
	_, err = s.station.Event("edit", holder, "gift")
	require.NoError(s.t, err)
	_, err = s.station.Plan("edit", holder, "club", "join", 0)
	require.NoError(s.t, err)
	return s.member(done.Member)
}

// All that a cashier may be asked is on the page, the most important first.
func TestFacts(t *testing.T) {
	inShop(t, club, func(t *testing.T, s *shop) {
		anna := s.regular()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "♥ Birthday on 24 Nov 2026")
		require.Contains(t, d.View(), "Allergic to nuts")
		require.Contains(t, d.View(), "86 points  worth €8.00")
		require.Contains(t, d.View(), "until 06 Dec 2026")
		d.Resize(120, 40)
		for _, says := range []string{
			"Tier: Silver", "€114.00 to Gold", "Coffee club until 21 Dec 2026", "Ten visits: 1 of 10", "86 points: only until",
		} {
			require.Contains(t, d.View(), says)
		}
		d.Resize(60, 18)
		d.Press("v")
		require.Contains(t, d.View(), "↓ ─╮")
		d.Resize(60, 18)
		d.Press("pgdown")
		require.Contains(t, d.View(), "Free coffee")
		require.Contains(t, d.View(), "↑ ─╮")
		d.Press("v")
		require.NotContains(t, d.View(), "All about")
	})
}

// Where the page is read aloud, nothing is drawn.
func TestPlainMember(t *testing.T) {
	inShop(t, club, func(t *testing.T, s *shop) {
		p := s.speak()
		said := p.line(s.regular().Profile.Code())
		for _, says := range []string{"Birthday on 24 Nov 2026", "Allergic to nuts", "Coffee, 7 of 10", "Ten visits: 1 of 10"} {
			require.Contains(t, said, says)
		}
		require.NotContains(t, said, "╭")
		require.NotContains(t, said, "☕")
	})
}

// What the server has not counted is marked, account by account.
func TestProvisional(t *testing.T) {
	inShop(t, bakery, func(t *testing.T, s *shop) {
		require.NoError(t, s.db.SetEnrolled())
		anna := s.anna(7)
		require.NoError(t, s.db.Apply(ledger.Page{
			At: s.now().Add(-7 * time.Minute).UnixMilli(), Changed: []ledger.Changed{{Holder: anna.Profile.Holder, Position: 1}}, Cursor: 1,
		}, nil))
		s.config.Line = line{}
		d := s.start(80, 24)
		d.Send(tui.Status{Waiting: station.Waiting{Entries: 2}, Err: errRefused})
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "◦ 7 of 10")
		require.Contains(t, d.View(), "   0 points", "the points did not change")
		require.Contains(t, d.View(), "◦ 1 not counted yet")
		d.Send(tui.Status{Online: true, Waiting: station.Waiting{Entries: 2}})
		require.NotContains(t, d.View(), "◦", "with a line that is a matter of a moment")
	})
}

// What was only just done is undone at once; later it is asked why, and the reason
// is in the entry.
func TestUndoAsksWhy(t *testing.T) {
	reason := func(s *shop) string {
		records, err := s.station.Latest(1)
		require.NoError(s.t, err)
		require.Equal(s.t, pos.Voided, records[0].Entry.Kind)
		return records[0].Entry.Reason
	}
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(5)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter", "u")
		require.Equal(t, int64(5), s.stamps(anna))
		require.Equal(t, "undo", reason(s))
		d.Press("enter", "enter", "enter")
		d.Wait(2 * time.Second)
		d.Press("u")
		require.Equal(t, int64(8), s.stamps(anna), "nothing is undone before the reason is there")
		everySize(d, "asks")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Undone: +1 stamp Coffee.")
		require.Equal(t, "A mistake", reason(s))
		d.Press("u", "3")
		require.Equal(t, "The customer changed their mind", reason(s))
		d.Press("u", "down", "down", "down", "enter")
		everySize(d, "typing")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ Type the reason")
		d.Type("Wrong")
		d.Paste(" cup")
		d.Press("enter")
		require.Equal(t, "Wrong cup", reason(s))
		require.Equal(t, int64(5), s.stamps(anna))
		d.Press("u", "4", "esc", "esc")
		require.Contains(t, d.View(), "Enter gives a stamp")
		d.Press("u")
		d.Scan(anna.Profile.Code())
		require.NotContains(t, d.View(), "A mistake", "a scan closes the question")
		d.Press("u")
		_, err := s.station.Stamp("", anna.Profile.Holder, "", 1)
		require.NoError(t, err)
		d.Send(changed)
		require.NotContains(t, d.View(), "A mistake", "it was about an entry that is no longer the last")
		_, err = s.station.Undo("", anna.Profile.Holder, "undo")
		require.NoError(t, err)
		require.Equal(t, int64(5), s.stamps(anna))
	})
}

// On a keypad the digits are cents, and what the amount gives is seen before it is
// booked.
func TestAmountKeypad(t *testing.T) {
	inShop(t, points, func(t *testing.T, s *shop) {
		s.config.Settings.Counter.Keypad = true
		anna := s.anna0()
		before := s.entries()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		for _, step := range []struct{ keys, shows, gives string }{
			{"3", "= €0.03", "gives nothing"},
			{"5", "= €0.35", "gives nothing"},
			{"00", "= €35.00", "+35 points"},
		} {
			d.Type(step.keys)
			require.Contains(t, d.View(), step.shows)
			require.Contains(t, d.View(), step.gives)
		}
		everySize(d, "typing")
		d.Press("backspace")
		require.Contains(t, d.View(), "= €3.50")
		require.Contains(t, d.View(), "+3 points")
		require.Equal(t, before, s.entries(), "a preview books nothing")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 3 points for €3.50: 3 in all.")
		d.Type("12.5")
		require.Contains(t, d.View(), "= €12.50", "a decimal point says where it is")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 12 points for €12.50: 15 in all.")
		d.Type("0")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ The amount must be more than nothing.")
	})
	inShop(t, points, func(t *testing.T, s *shop) {
		s.config.Settings.Counter.Keypad = true
		yen, _ := pos.CurrencyOf("JPY")
		words, err := assets.NewPrinter("en", yen, s.station.Zone)
		require.NoError(t, err)
		s.config.Words = words
		d := s.start(80, 24)
		d.Scan(s.anna0().Profile.Code())
		d.Type("350")
		require.Contains(t, d.View(), "350")
		require.NotContains(t, d.View(), "3.50")
	})
}

// What the customer gets, and what goes into the till, stays until the next key.
func TestHandedOut(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		anna := s.anna0()
		_, err := s.station.Earn("robin", anna.Profile.Holder, 4000)
		require.NoError(t, err)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Type("12.50")
		d.Press("r")
		d.Wait(time.Second)
		d.Press("2")
		require.Contains(t, d.View(), "Take off at the till:")
		require.Contains(t, d.View(), "To pay: €10.50")
		require.Contains(t, d.View(), "It cost 10 points.")
		d.Wait(time.Minute)
		everySize(d, "off")
		d.Press("enter")
		require.NotContains(t, d.View(), "at the till:")
		require.Contains(t, d.View(), "✓ 10 points for €10.50")
	})
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Scan(s.anna(10).Profile.Code())
		d.Press("r")
		require.Contains(t, d.View(), "Hand it out.")
		everySize(d, "gift")
		d.Press("tab")
		require.NotContains(t, d.View(), "Hand it out.")
	})
}

// What has run out at this till says so before anybody asks for it, and why not is
// explained line by line.
func TestWhyNot(t *testing.T) {
	inShop(t, club, func(t *testing.T, s *shop) {
		anna, bela := s.regular(), s.enrol("Nagy Béla", "")
		_, err := s.station.Earn("robin", bela.Profile.Holder, 4000)
		require.NoError(t, err)
		_, err = s.station.Claim("robin", bela.Profile.Holder, rules.Claim{Reward: "mug"})
		require.NoError(t, err)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		require.Regexp(t, `☆ Mug +run out`, d.View())
		d.Scan(bela.Profile.Code())
		d.Press("r")
		require.Contains(t, d.View(), "· ")
		d.Press("w")
		require.Contains(t, d.View(), "Why not? Refused at 10:42")
		require.Contains(t, d.View(), "Free coffee: 10 stamps are missing.")
		require.Contains(t, d.View(), "Mug has run out at this till.")
		require.Contains(t, d.View(), "r once more asks a manager")
		everySize(d, "reward")
		d.Press("w", "r")
		require.NotContains(t, d.View(), "Why not?")
		require.Contains(t, d.View(), "Which reward?", "whom a manager may allow")
	})
}

// A card that rests says until when, and a manager can stamp it.
func TestStampTooSoon(t *testing.T) {
	inShop(t, club, func(t *testing.T, s *shop) {
		anna := s.regular()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "1 stamp on Coffee: a manager may allow it")
		d.Press("esc")
		require.Contains(t, d.View(), "· Nothing was stamped.")
		d.Press("w")
		require.Contains(t, d.View(), "It is possible again at 11:12.")
		require.Contains(t, d.View(), "Enter once more asks a manager")
		d.Golden("why-not")
		d.Press("esc", "enter")
		d.Wait(time.Second)
		d.Type("1234")
		d.Press("enter")
		d.Type("He paid")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 1 stamp on Coffee: 8 of 10.")
		records, err := s.station.Latest(1)
		require.NoError(t, err)
		require.Equal(t, "He paid", records[0].Entry.Reason)
		require.Equal(t, pos.CashierID("robin"), records[0].Entry.By.Manager)
		d.Press("w")
		require.Contains(t, d.View(), "Why: +1 stamp Coffee", "what was done since is explained instead")
	})
}

// Without colours nothing moves.
func TestNothingMovesWithoutColours(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
		d.Scan(s.anna(4).Profile.Code())
		d.Burst("", "enter")
		at := d.View()
		d.Wait(time.Second)
		require.Equal(t, at, d.View())
	})
}

// What runs in the shop, and what waits, is beside the card of a wide counter.
func TestWideCounter(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		require.NoError(t, s.db.SetEnrolled())
		s.config.Line = line{}
		d := s.start(120, 40)
		d.Send(tui.Status{Waiting: station.Waiting{Entries: 13, Oldest: s.now().Add(-time.Hour), LastSync: s.now().Add(-time.Hour)}, Err: errRefused})
		require.Contains(t, d.View(), "Oldest since 09:42")
		d.Golden("offline")
	})
}

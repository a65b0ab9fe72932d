package tui_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui"
	"tenthcup/tui/screen"
	"tenthcup/tui/slip"
	"tenthcup/tui/tuitest"
)

// coupons is the key that signs the bazaar's coupons.
var coupons = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// bazaar is a program with one of each thing that is done now and then.
var bazaar = fmt.Sprintf(`
title = "Bazaar"
[points]
earn = 1
for = "1"
[credit]
[gift_cards]
least = "5"
most = "500"
[[card]]
id = "swim"
name = "Ten swims"
size = 10
price = "60"
[[reward]]
id = "off"
name = "Points for money"
kind = "exchange"
step = 50
off = "1"
least = 100
[[reward]]
id = "tea"
name = "Pot of tea"
free = true
[[reward]]
id = "three"
name = "Three off"
kind = "money"
free = true
off = "3"
[[event]]
id = "cup"
name = "Brought a cup"
gift = { points = 5 }
limits = { per_day = 1 }
[[event]]
id = "review"
name = "Wrote a review"
gift = { points = 20 }
[[plan]]
id = "club"
name = "Club"
price = "30"
months = 1
multiply = 2
[[coupon]]
id = "spring"
name = "Spring"
code = "SPRING26"
gift = { points = 30 }
limits = { in_all = 1 }
[[coupon]]
id = "letter"
name = "Letter"
key = %q
uses = 1
reward = "three"
[referral]
member = { points = 100 }
friend = { points = 50 }
minimum = "20"
[transfers]
points = true
credit = true
household = true
[[consent]]
id = "news"
name = "News by e-mail"
text = "I agree that the bazaar sends me its news by e-mail until I say no."
[[consent]]
id = "habits"
name = "Own offers"
text = "I agree that the bazaar looks at what I buy to make me offers."
`, base64.StdEncoding.EncodeToString(coupons.Public().(ed25519.PublicKey)))

// rich is a member with points and credit.
func (s *shop) rich(name, phone string, points, credit int64) station.Member {
	s.t.Helper()
	m := s.enrol(name, phone)
	for account, n := range map[pos.Account]int64{pos.PointsAccount: points, pos.CreditAccount: credit} {
		if n > 0 {
			_, err := s.station.Adjust("robin", m.Profile.Holder, station.Override{Manager: "robin", PIN: "1234", Reason: "opening"}, rules.Adjustment{Account: account, Amount: n})
			require.NoError(s.t, err)
		}
	}
	return s.member(m)
}

// text is what is on a slip, line by line.
func text(s slip.Slip) string {
	var lines []string
	for _, line := range s.Lines {
		lines = append(lines, strings.TrimSpace(line.Text+" "+line.Right+line.QR))
	}
	return strings.Join(lines, "\n")
}

// deed opens the member's page, and of what is done now and then that with the key.
func (s *shop) deed(m station.Member, key string) *tuitest.Driver {
	s.t.Helper()
	d := s.start(80, 24)
	d.Scan(m.Profile.Code())
	d.Press("m", key)
	return d
}

func TestDeeds(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Scan(s.rich("Kovács Anna", "", 420, 1500).Profile.Code())
		d.Press("m")
		everySize(d, "menu")
	})
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Scan(s.anna(0).Profile.Code())
		d.Press("m")
		require.NotContains(t, d.View(), "Membership", "what the program does not have is not offered")
		require.NotContains(t, d.View(), "Coupon")
		require.Contains(t, d.View(), "Lost card")
		d.Press("esc", "esc", "m")
		require.NotContains(t, d.View(), "Gift card")
	})
}

// The program is read again when it may have changed.
func TestDeedsFollowTheProgram(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		require.NoError(t, s.db.SetRoster(pos.Roster{
			Version: 2, Shop: pos.Shop{Name: "Café", Currency: "EUR", Language: "en", Timezone: "Europe/Budapest", Area: "main", Store: "cafe"},
			Programs: []pos.Published{{Document: []byte(bazaar)}},
		}))
		d.Send(tui.Changed{})
		d.Press("m")
		require.Contains(t, d.View(), "Gift card")
	})
}

func TestPayWithCredit(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 0, 1500)
		d := s.deed(anna, "p")
		everySize(d, "empty")
		d.Press("enter")
		require.Contains(t, d.View(), "✗", "nothing typed is no sale")
		d.Type("20")
		require.Contains(t, d.View(), "Pays €15.00 of the sale.")
		before := s.entries()
		d.Press("enter")
		require.Equal(t, before+1, s.entries())
		d.Press("enter")
		require.Contains(t, d.View(), "Left to be paid another way: €5.00", "deaf until it could be read")
		d.Wait(time.Second)
		everySize(d, "paid")
		require.Contains(t, d.View(), "Key in as paid with credit: €15.00")
		require.EqualValues(t, 0, *s.member(anna).Credit)
		d.Press("enter")
		require.Contains(t, d.View(), "Sale: €5.00. Enter books it.", "what is left to pay")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 5 points", "what was paid with credit earns nothing")
	})
}

func TestPayWithPoints(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 420, 0)
		d := s.deed(anna, "x")
		everySize(d, "empty")
		require.Contains(t, d.View(), "50 points are worth €1.00; at least 100 at once.")
		require.Contains(t, d.View(), "The member has 420 points: up to €8.00.")
		d.Type("20")
		d.Press("enter")
		d.Type("60")
		d.Press("enter")
		require.Contains(t, d.View(), "✗", "fewer than the least")
		d.Press("ctrl+u")
		d.Type("170")
		require.Contains(t, d.View(), "150 points = €3.00 off.")
		d.Press("enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "✓ 150 points exchanged for €3.00.")
		everySize(d, "exchanged")
		require.EqualValues(t, 270, *s.member(anna).Points)
		d.Press("enter")
		require.Contains(t, d.View(), "Sale: €17.00. Enter books it.")
	})
}

func TestCoupons(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 0, 0)
		d := s.deed(anna, "c")
		everySize(d, "empty")
		d.Type("nonesuch")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ This shop has no such coupon.")
		d.Press("ctrl+u")
		d.Type("spring 26")
		before := s.entries()
		d.Press("enter")
		everySize(d, "shown")
		require.Contains(t, d.View(), "It is good now.")
		require.Equal(t, before, s.entries(), "looking uses nothing")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Spring: +30 points.")
		require.EqualValues(t, 30, *s.member(anna).Points)
		d.Press("m", "c")
		d.Type("spring26")
		d.Press("enter")
		require.Contains(t, d.View(), "Spring: the member has used it as often as allowed.")
	})
	t.Run("scanned", func(t *testing.T) {
		inShop(t, bazaar, func(t *testing.T, s *shop) {
			anna := s.rich("Kovács Anna", "", 0, 0)
			letter := code.NewCoupon(coupons, "letter", 7, 0, pos.HolderID{}).String()
			d := s.start(80, 24)
			d.Scan(anna.Profile.Code())
			d.Scan(letter)
			require.Contains(t, d.View(), "Letter")
			require.Contains(t, d.View(), "It is good now.")
			d.Press("up")
			d.Type("12")
			d.Press("enter", "enter")
			require.Contains(t, d.View(), "It is good now.", "another sale is another question")
			d.Press("enter")
			d.Wait(time.Second)
			everySize(d, "used")
			require.Contains(t, d.View(), "Take off the sale: €3.00")
			d.Press("enter")
			require.Contains(t, d.View(), "Sale: €9.00. Enter books it.")
			d.Scan(letter)
			require.Contains(t, d.View(), "Letter was used already.")
		})
	})
}

func TestEvents(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 0, 0)
		d := s.deed(anna, "v")
		everySize(d, "list")
		d.Send(screen.Picked{Row: 1})
		require.Contains(t, d.View(), "▸ Wrote a review")
		d.Send(screen.Picked{Row: 1})
		require.Contains(t, d.View(), "✓ Wrote a review: +20 points.")
		d.Press("m", "v", "enter")
		require.Contains(t, d.View(), "✓ Brought a cup: +5 points.")
		d.Press("m", "v", "enter")
		require.Contains(t, d.View(), "✗", "once a day")
		require.EqualValues(t, 25, *s.member(anna).Points)
	})
}

func TestMembership(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 0, 0)
		printed := &paper{}
		s.config.Printer = printed
		d := s.deed(anna, "s")
		everySize(d, "none")
		d.Press("enter")
		d.Wait(time.Second)
		everySize(d, "sold")
		require.Contains(t, d.View(), "Key in and take: €30.00")
		d.Press("p")
		require.Contains(t, d.View(), "✓ Printed.")
		require.Contains(t, text(printed.slips[0]), anna.Profile.Code())
		d.Press("enter", "m", "s")
		everySize(d, "has")
		require.Contains(t, d.View(), "The member has it up to 21 Dec 2026.")
		d.Press("down", "enter")
		d.Type("10")
		everySize(d, "pausing")
		d.Press("enter")
		require.Contains(t, d.View(), "02 Dec 2026")
		d.Press("m", "s")
		require.Contains(t, d.View(), "It rests until 02 Dec 2026, and then lasts to 31 Dec 2026.")
		d.Press("enter", "m", "s", "end", "enter")
		d.Wait(time.Second)
		everySize(d, "ended")
		require.Contains(t, d.View(), "Give back: €29.00", "of 30 days 29 are left after today")
		all, err := s.station.Memberships(anna.Profile.Holder)
		require.NoError(t, err)
		require.Zero(t, all[0].Last)
	})
}

func TestPrepaidCard(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 0, 0)
		d := s.deed(anna, "b")
		everySize(d, "list")
		d.Press("enter")
		d.Wait(time.Second)
		everySize(d, "sold")
		require.Contains(t, d.View(), "Key in and take: €60.00")
		require.EqualValues(t, 10, s.stamps(anna))
	})
}

func TestGiveToAnother(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna, bela := s.rich("Kovács Anna", "", 100, 700), s.rich("Nagy Béla", "+36301234599", 0, 0)
		d := s.deed(anna, "g")
		everySize(d, "empty")
		d.Type("40")
		before := s.entries()
		d.Scan(bela.Profile.Code())
		require.Contains(t, d.View(), "Nagy Béla gets 40 points.")
		require.Equal(t, before, s.entries())
		everySize(d, "whom")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Nagy Béla got 40 points.")
		require.EqualValues(t, 60, *s.member(anna).Points)
		require.EqualValues(t, 40, *s.member(bela).Points)
		d.Press("m", "g")
		d.Type("2.50")
		d.Press("enter", "right", "enter")
		d.Type("06301234599")
		d.Press("enter")
		require.Contains(t, d.View(), "Nagy Béla gets €2.50 credit.")
		d.Press("backspace", "enter")
		require.Contains(t, d.View(), "✗ No member has the code", "another number is somebody else")
		d.Type("9")
		d.Press("enter", "enter")
		require.EqualValues(t, 250, *s.member(bela).Credit)
		d.Press("m", "g")
		d.Type("4")
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "What was begun before the scan was dropped.", "the giver's own code opens the giver")
	})
}

func TestHousehold(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna, bela := s.rich("Kovács Anna", "", 0, 0), s.rich("Nagy Béla", "", 80, 0)
		_, err := s.station.Edit(bela.Profile.Holder, func(p *pos.Profile) error {
			p.Fields = map[string]string{"household": "Rose street 4", "dog": "Rex"}
			return nil
		})
		require.NoError(t, err)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("m")
		require.NotContains(t, d.View(), "Household", "she is of none")
		d.Press("esc", "e", "up")
		d.Type("rose Street 4")
		everySize(d, "form")
		d.Press("ctrl+s")
		d.Scan(bela.Profile.Code())
		d.Press("e", "down")
		d.Type("!")
		d.Press("ctrl+s")
		require.Equal(t, map[string]string{"household": "Rose street 4", "dog": "Rex"}, s.member(bela).Profile.Fields, "what the form does not show stays")
		d = s.deed(anna, "h")
		everySize(d, "empty")
		d.Type("80")
		d.Press("enter", "enter")
		require.Contains(t, d.View(), "✓ From the household: 80 points.")
		require.EqualValues(t, 80, *s.member(anna).Points)
	})
}

func TestLostCard(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 33, 0)
		printed := &paper{}
		s.config.Printer = printed
		d := s.deed(anna, "l")
		everySize(d, "ask")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ The old code stopped. This is the new one.")
		now := s.member(anna).Profile.Code()
		require.NotEqual(t, anna.Profile.Code(), now)
		require.Contains(t, d.View(), code.Group(now))
		d.Press("p")
		require.Contains(t, text(printed.slips[0]), now)
		require.NotContains(t, text(printed.slips[0]), anna.Profile.Code())
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "✗ No member has the code")
		d.Press("enter", "m", "l")
		d.Scan(unknown(t))
		d.Press("enter")
		require.Equal(t, unknown(t), s.member(anna).Profile.Code(), "a printed card takes its place")
		require.EqualValues(t, 33, *s.member(anna).Points)
	})
}

func TestAdjustByAManager(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 33, 0)
		d := s.deed(anna, "a")
		require.Contains(t, d.View(), "PIN of Robin")
		d.Press("esc")
		require.Contains(t, d.View(), "For this member", "nobody is a manager here")
		d.Press("a")
		d.Type("1234")
		d.Press("enter")
		everySize(d, "empty")
		d.Press("enter")
		d.Type("-13")
		d.Press("enter", "enter")
		require.Contains(t, d.View(), "✗", "a reason is needed")
		require.EqualValues(t, 33, *s.member(anna).Points)
		d.Type("booked twice")
		before := s.entries()
		d.Press("enter")
		everySize(d, "seen")
		require.Equal(t, before, s.entries())
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Adjusted: −13 points.")
		require.EqualValues(t, 20, *s.member(anna).Points)
		d.Press("m", "a")
		require.Contains(t, d.View(), "PIN of Robin", "the next time needs the PIN again")
	})
}

func TestPrintMember(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 420, 1500)
		d := s.deed(anna, "i")
		require.Contains(t, d.View(), "✗ This till has no printer")
		printed := &paper{}
		s.config.Printer = printed
		d = s.deed(anna, "i")
		require.Contains(t, d.View(), "✓ Printed.")
		require.Contains(t, text(printed.slips[0]), "Café Tizedik")
		require.Contains(t, text(printed.slips[0]), code.Group(anna.Profile.Code()))
		require.Contains(t, text(printed.slips[0]), "Points 420")
		require.Contains(t, text(printed.slips[0]), "Credit €15.00")
	})
}

// What is read aloud has no pictures in it.
func TestDeedsReadAloud(t *testing.T) {
	desk := &screen.Desk{Words: newWords(t), Plain: true, Items: []pos.Item{{ID: "a", Name: "Apple", Price: 100, Key: "a"}}}
	anna := station.Member{Profile: pos.Profile{Name: "Anna", Codes: []string{unknown(t)}}}
	for _, s := range []screen.Screen{screen.NewCard(desk, anna, ""), screen.NewForm(desk, &anna), screen.NewBasket(desk, anna, nil)} {
		page := strings.Join(s.View(80, 20).Lines, "\n")
		require.NotRegexp(t, "[█▀▄╭╰│]", page)
	}
	require.Contains(t, strings.Join(screen.NewCard(desk, anna, "").View(80, 20).Lines, "\n"), code.Group(unknown(t)))
}

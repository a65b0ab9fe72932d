package station_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

const bar = `
title = "Bar"
switches = ["rainy-day", "happy-hour"]
tags = ["vip", "staff"]

[[card]]
id = "coffee"
size = 10
cooldown_minutes = 30

[[card]]
id = "lunch"
size = 5

[points]
earn = 1
for = "1"
expire_months = 12

[credit]
floor = "5"
budget = "60"

[gift_cards]
least = "5"
most = "200"
expire_months = 24
floor = "30"
budget = "60"

[[reward]]
id = "cup"
name = "Free cup"
card = "coffee"

[[coupon]]
id = "tea"
name = "Tea"
code = "TEA4TWO"
gift = { points = 7 }
uses = 2
`

var kim = station.Override{Manager: "kim", PIN: "4321", Reason: "as agreed"}

// openBar makes a till under that program, with kim for a manager.
func openBar(t *testing.T) *till {
	t.Helper()
	s := open(t)
	pin, err := station.HashPIN(kim.PIN, s.Pepper, s.Random)
	require.NoError(t, err)
	require.NoError(t, s.db.SetRoster(pos.Roster{
		Version:  1,
		Shop:     pos.Shop{Name: "Bar", Currency: "EUR", Language: "en", Timezone: "Europe/Budapest", Area: "main", Store: "center"},
		Cashiers: []pos.Cashier{{ID: "kim", Name: "Kim", Role: pos.RoleManager, PIN: pin}, {ID: "robin", Name: "Robin", Role: pos.RoleCashier, PIN: pin}},
		Programs: []pos.Published{{Document: []byte(bar)}},
	}))
	return s
}

// sees returns what the rules see of the member, by the names of the facts.
func (s *till) sees(t *testing.T, holder pos.HolderID, names ...string) []int64 {
	t.Helper()
	var seen []int64
	done, err := s.Look(holder, func(facts rules.Facts) {
		for _, name := range names {
			seen = append(seen, facts(name))
		}
	})
	require.NoError(t, err)
	for i, name := range names {
		require.Equal(t, seen[i], done.Record.Entry.Saw[name], "what they saw is in the entry")
	}
	return seen
}

func TestFacts(t *testing.T) {
	s := openBar(t)
	ann := s.enrol(t, "Ann")
	done, err := s.Enrol("robin", pos.Profile{Name: "Ben", Birthday: pos.Birthday{Month: 2, Day: 29}, Friend: ann})
	require.NoError(t, err)
	ben := done.Member.Profile.Holder
	today := int64(pos.DayOf(s.clock.now(), s.Zone))
	require.Equal(t, []int64{12 * 60, 229, today, 1}, s.sees(t, ben, rules.FactMinute, rules.FactBirthday, rules.FactJoined, rules.FactFriend))
	require.Equal(t, []int64{0, 0}, s.sees(t, ann, rules.FactBirthday, rules.FactFriend))

	_, err = s.Tag("kim", ann, kim, "vip", pos.Day(today+3))
	require.NoError(t, err)
	require.Equal(t, []int64{1, today + 4, 0}, s.sees(t, ann, "tag:vip", rules.FactUntil+"tag:vip", rules.FactFrom+"tag:vip"))
	_, err = s.Tag("kim", ann, kim, "vip", 0)
	require.NoError(t, err)
	require.Equal(t, []int64{2, 0, 0}, s.sees(t, ann, "tag:vip", rules.FactUntil+"tag:vip", rules.FactUntil+"tag:staff"))
}

// A coupon that is shown with a sale is used with it, so often at this till, by
// whomever.
func TestSellWithACoupon(t *testing.T) {
	s := openBar(t)
	sell := func(holder pos.HolderID, code string) error {
		done, err := s.SellWith("robin", holder, pos.Sale{Amount: 300}, code)
		if err == nil {
			require.Equal(t, pos.Points(10), *done.Member.Points)
			require.Equal(t, []any{pos.Earned, "TEA4TWO"}, []any{done.Record.Entry.Kind, done.Record.Entry.Code})
		}
		return err
	}
	ann, ben, cleo := s.enrol(t, "Ann"), s.enrol(t, "Ben"), s.enrol(t, "Cleo")
	require.NoError(t, sell(ann, "tea4two"))
	require.NoError(t, sell(ben, "tea4two"))
	s.refused(t, "coupon.used", func() error { return sell(cleo, "tea4two") })
	s.refused(t, "coupon.unknown", func() error { return sell(cleo, "TEA4THREE") })
	_, err := s.Undo("robin", ben, "no tea")
	require.NoError(t, err)
	require.NoError(t, sell(cleo, "tea4two"), "what was taken back can be used")
	s.follow(t)
}

// follow requires that the journal's entries follow from the rules, as the centre
// works them out again.
func (s *till) follow(t *testing.T) {
	t.Helper()
	program, err := s.Program()
	require.NoError(t, err)
	for _, r := range s.journal(t) {
		account, amount := rules.Rerun(&program, r.Entry)
		require.Empty(t, account, "%s %d", r.Entry.Kind, amount)
	}
}

const gym = `
title = "Gym"
[points]
earn = 1
for = "1"
[[plan]]
id = "gold"
price = "60"
months = 12
[[event]]
id = "welcome"
on = "join"
gift = { points = 25 }
[[event]]
id = "review"
gift = { points = 10 }
limits = { in_all = 1 }
`

const pool = `
title = "Pool"
[[card]]
id = "swim"
name = "Ten swims"
size = 10
price = "45"
[[card]]
id = "tea"
size = 5
[[reward]]
id = "entry"
kind = "entry"
card = "swim"
stamps = 1
`

func TestPlan(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(gym)})
	ann := s.enrol(t, "Ann")
	done, err := s.Plan("robin", ann, "gold", rules.PlanJoin, 0)
	require.NoError(t, err)
	e := done.Record.Entry
	require.Equal(t, []any{pos.Joined, "gold", rules.PlanJoin, pos.Money(6000)}, []any{e.Kind, e.Reward, e.Code, e.Sale.Amount})
	today := s.Today()
	have := func() station.Membership {
		all, err := s.Memberships(ann)
		require.NoError(t, err)
		require.Equal(t, "gold", all[0].Plan.ID)
		return all[0]
	}
	last := have().Last
	require.Greater(t, last, today)
	done, err = s.Plan("robin", ann, "gold", rules.PlanPause, 14)
	require.NoError(t, err)
	require.Equal(t, []pos.Day{last + 14, today + 14}, []pos.Day{have().Last, have().Rests})
	require.Equal(t, []any{int64(14), (*pos.Sale)(nil)}, []any{done.Record.Entry.Count, done.Record.Entry.Sale})
	for _, change := range []string{rules.PlanResume, rules.PlanCancel} {
		_, err = s.Plan("robin", ann, "gold", change, 0)
		require.NoError(t, err)
	}
	require.Zero(t, have().Last+have().Rests)
	s.refused(t, "plan.none", func() error { _, err := s.Plan("robin", ann, "gold", rules.PlanCancel, 0); return err })
	s.refused(t, "plan.unknown", func() error { _, err := s.Plan("robin", ann, "tin", rules.PlanJoin, 0); return err })
	s.refused(t, "plan.unknown", func() error { _, err := s.Plan("robin", ann, "gold", "sell", 0); return err })
	s.follow(t)
}

func TestSellCard(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(pool)})
	ann := s.enrol(t, "Ann")
	done, err := s.SellCard("robin", ann, "swim")
	require.NoError(t, err)
	e := done.Record.Entry
	require.Equal(t, []any{pos.Loaded, "swim", int64(0), pos.Money(4500), "EUR"}, []any{e.Kind, e.Reward, e.Count, e.Sale.Amount, e.Sale.Currency})
	s.has(t, ann, "stamp:swim/10", 10)
	require.NotEmpty(t, done.Because)
	for range 2 {
		_, err = s.Redeem("robin", ann, "entry")
		require.NoError(t, err)
	}
	s.has(t, ann, "stamp:swim/10", 8)
	s.refused(t, "stamp.unsold", func() error { _, err := s.SellCard("robin", ann, "tea"); return err })
	s.refused(t, "stamp.card", func() error { _, err := s.SellCard("robin", ann, "golf"); return err })
	s.refused(t, "stamp.sold", func() error { _, err := s.Stamp("robin", ann, "swim", 1); return err })
	s.follow(t)
	_, err = s.Return("robin", station.ReturnAsk{Entry: e.ID})
	require.NoError(t, err)
	s.has(t, ann, "stamp:swim/10", -2)

	s.publish(t, pos.Published{Document: []byte(pool + "[gift_cards]\n")})
	card, err := s.SellGiftCard("robin", 5000, "")
	require.NoError(t, err)
	s.refused(t, "giftcard.member", func() error { _, err := s.SellCard("robin", card.Member.Profile.Holder, "swim"); return err })
}

func TestEvent(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(gym)})
	done, err := s.Enrol("robin", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	require.Equal(t, pos.Points(25), *done.Member.Points, "who joins is welcome")
	ann := done.Member.Profile.Holder
	done, err = s.Event("robin", ann, "review")
	require.NoError(t, err)
	require.Equal(t, []any{pos.Happened, "review", pos.Points(35)}, []any{done.Record.Entry.Kind, done.Record.Entry.Reward, *done.Member.Points})
	s.refused(t, "event.limit", func() error { _, err := s.Event("robin", ann, "review"); return err })
	s.refused(t, "event.unknown", func() error { _, err := s.Event("robin", ann, "dance"); return err })
	s.follow(t)
}

// A cool-down counts from the member's last stamp on the card at this till, by hand
// or by a sale, whatever process wrote it; a stamp that was taken back is none.
func TestSinceTheLastStamp(t *testing.T) {
	s := openBar(t)
	ann, ben := s.enrol(t, "Ann"), s.enrol(t, "Ben")
	since := func(holder pos.HolderID) []int64 {
		return s.sees(t, holder, rules.FactSince+"coffee", rules.FactSince+"lunch")
	}
	require.Equal(t, []int64{0, 0}, since(ann))
	s.stamp(t, ann, 1)
	s.clock.pass(90 * time.Second)
	require.Equal(t, []int64{91, 0}, since(ann))
	require.Equal(t, []int64{0, 0}, since(ben))
	_, err := s.Stamp("robin", ann, "lunch", 1)
	require.NoError(t, err)
	s.refused(t, "stamp.cooldown", func() error { _, err := s.Stamp("robin", ann, "", 1); return err })
	second, err := s.StampOverride("robin", ann, "", 1, kim)
	require.NoError(t, err)
	require.Equal(t, &pos.By{Kind: pos.ByOverride, Manager: "kim"}, second.Record.Entry.By)
	require.Equal(t, []int64{1, 1}, since(ann))
	_, err = s.Void("robin", second.Record.Entry.ID, "a slip")
	require.NoError(t, err)
	require.Equal(t, []int64{91, 1}, since(ann))
	s = reopen(t, s)
	s.clock.pass(time.Hour)
	require.Equal(t, []int64{91 + 60*60, 1 + 60*60}, since(ann))
}

func TestStock(t *testing.T) {
	s := openBar(t)
	ann, ben := s.enrol(t, "Ann"), s.enrol(t, "Ben")
	handed := func() int64 { return s.sees(t, ann, rules.FactStock+"cup")[0] }
	var last station.Done
	for _, holder := range []pos.HolderID{ann, ben} {
		s.stamp(t, holder, 10)
		var err error
		last, err = s.Redeem("robin", holder, "cup")
		require.NoError(t, err)
	}
	require.Equal(t, int64(2), handed(), "by this till, to whomever")
	_, err := s.Void("robin", last.Record.Entry.ID, "a slip")
	require.NoError(t, err)
	require.Equal(t, int64(1), handed())
	s = reopen(t, s)
	require.Equal(t, int64(1), handed())
}

// Several handed out at once are so many of the stock; of what is had one at a time
// the number that was asked for says nothing.
func TestStockOfSeveral(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte("title = 'Bakery'\n[points]\nearn = 1\nfor = '1'\n[[reward]]\nid = 'bun'\nfree = true\nstock = 3\n[[reward]]\nid = 'off'\nkind = 'money'\noff = '1'\nfree = true\nstock = 3\n")})
	ann := s.enrol(t, "Ann")
	claim := func(c rules.Claim) error { _, err := s.Claim("robin", ann, c); return err }
	require.NoError(t, claim(rules.Claim{Reward: "bun", Count: 2}))
	s.refused(t, "redeem.stock", func() error { return claim(rules.Claim{Reward: "bun", Count: 2}) })
	require.NoError(t, claim(rules.Claim{Reward: "bun"}))
	s.refused(t, "redeem.stock", func() error { return claim(rules.Claim{Reward: "bun"}) })
	for range 3 {
		require.NoError(t, claim(rules.Claim{Reward: "off", Count: 9, Sale: &pos.Sale{Amount: 500}}))
	}
	require.Equal(t, []int64{3, 3}, s.sees(t, ann, rules.FactStock+"bun", rules.FactStock+"off"))
}

func TestSwitch(t *testing.T) {
	s := openBar(t)
	ann := s.enrol(t, "Ann")
	on := func() int64 { return s.sees(t, ann, rules.FactSwitch+"rainy-day")[0] }
	require.Zero(t, on())
	turned, err := s.Switch("robin", kim, "rainy-day", true)
	require.NoError(t, err)
	require.Equal(t, []any{"rainy-day", true}, []any{turned.Name, turned.On})
	require.Equal(t, int64(1), on())
	s = reopen(t, s)
	require.Equal(t, int64(1), on(), "it is on disk")
	switches, err := s.Switches()
	require.NoError(t, err)
	require.Equal(t, []pos.Switch{turned, {Name: "happy-hour"}}, switches)

	// The clock goes back by a day, and who sees it on and turns it off is right.
	s.clock.pass(-24 * time.Hour)
	turned, err = s.Switch("robin", kim, "rainy-day", false)
	require.NoError(t, err)
	require.False(t, turned.On)
	require.Zero(t, on())
	e := s.journal(t)[len(s.journal(t))-2].Entry
	require.Equal(t, []any{pos.Switched, "rainy-day", int64(0), pos.HolderID{}, pos.CashierID("kim")}, []any{e.Kind, e.Reward, e.Count, e.Holder, e.By.Manager})

	// An older roster of the centre changes nothing, a newer one does.
	roster, err := s.db.Roster()
	require.NoError(t, err)
	roster.Switches = []pos.Switch{{Name: "rainy-day", On: true, At: 1}}
	require.NoError(t, s.db.SetRoster(roster))
	require.Zero(t, on())
	roster.Switches[0].At = turned.At + 1
	require.NoError(t, s.db.SetRoster(roster))
	require.Equal(t, int64(1), on())

	s.refused(t, "switch.unknown", func() error { _, err := s.Switch("robin", kim, "sunny-day", true); return err })
	s.refused(t, "pin.manager", func() error {
		_, err := s.Switch("robin", station.Override{Manager: "robin", PIN: kim.PIN}, "rainy-day", true)
		return err
	})
	s.refused(t, "pin.wrong", func() error {
		_, err := s.Switch("robin", station.Override{Manager: "kim", PIN: "0000"}, "rainy-day", true)
		return err
	})
}

func TestGrant(t *testing.T) {
	s := openBar(t)
	ann := s.enrol(t, "Ann")
	done, err := s.Adjust("robin", ann, kim, rules.Adjustment{Account: pos.PointsAccount, Amount: 5, Key: "B1"})
	require.NoError(t, err)
	e := done.Record.Entry
	require.Equal(t, []any{pos.Granted, "points", "B1", "as agreed", &pos.By{Kind: pos.ByOverride, Manager: "kim"}}, []any{e.Kind, e.Reward, e.Code, e.Reason, e.By})
	require.Equal(t, pos.Points(5), *done.Member.Points)
	s.refused(t, "grant.twice", func() error {
		_, err := s.Adjust("robin", ann, kim, rules.Adjustment{Account: pos.PointsAccount, Amount: 5, Key: "B1"})
		return err
	})
	s.refused(t, "grant.short", func() error {
		_, err := s.Adjust("robin", ann, kim, rules.Adjustment{Account: pos.PointsAccount, Amount: -10})
		return err
	})
	done, err = s.Adjust("robin", ann, kim, rules.Adjustment{Account: pos.PointsAccount, Amount: -10, Negative: true})
	require.NoError(t, err)
	require.Equal(t, pos.Points(-5), *done.Member.Points)
	s.refused(t, "grant.reason", func() error {
		_, err := s.Tag("robin", ann, station.Override{Manager: "kim", PIN: kim.PIN, Reason: " \t"}, "vip", 0)
		return err
	})
	s.refused(t, "pin.wrong", func() error {
		_, err := s.Tag("robin", ann, station.Override{Manager: "kim", PIN: "9999", Reason: "x"}, "vip", 0)
		return err
	})
}

func TestItems(t *testing.T) {
	s := openBar(t)
	items := []pos.Item{{ID: "18", Name: "Cake", Category: "bakery", Price: 210}, {ID: "17", Name: "Flat white", Category: "coffee", Price: 350}}
	require.NoError(t, s.db.SetItems(items))
	s = reopen(t, s)
	got, err := s.Items()
	require.NoError(t, err)
	require.Equal(t, items, got)
	one, err := s.Item("17")
	require.NoError(t, err)
	require.Equal(t, items[1], one)
	_, err = s.Item("19")
	require.ErrorIs(t, err, pos.Refuse("item.unknown"))
	roster, err := s.db.Roster()
	require.NoError(t, err)
	require.NoError(t, s.db.SetRoster(roster))
	got, err = s.Items()
	require.NoError(t, err)
	require.Equal(t, items, got, "another roster of a till without a server keeps them")
}

// ISSUE-007: a gift card's number is sold once, and an empty card is not spent or
// sold again.
func TestGiftCard(t *testing.T) {
	s := openBar(t)
	done, err := s.SellGiftCard("robin", 5000, "g 1")
	require.NoError(t, err)
	card := done.Member.Profile
	require.Equal(t, []any{pos.Loaded, pos.GiftCard, []string{"G1"}, pos.Money(5000)}, []any{done.Record.Entry.Kind, card.Kind, card.Codes, done.Record.Entry.Sale.Amount})
	got, err := s.GiftCard("g1")
	require.NoError(t, err)
	require.Equal(t, station.GiftCard{Profile: card, Balance: 5000, Until: pos.Day(21518)}, got, "2028-11-30")
	pay := func(amount pos.Money) (station.Done, error) {
		return s.Pay("robin", card.Holder, station.Paying{Sale: pos.Sale{Amount: amount}, Amount: amount})
	}
	done, err = pay(5000)
	require.NoError(t, err)
	require.Equal(t, []any{pos.Paid, int64(5000), []pos.Payment{{With: pos.WithCard, Amount: 5000}}}, []any{done.Record.Entry.Kind, done.Record.Entry.Count, done.Record.Entry.Sale.Paid})
	s.refused(t, "pay.short", func() error { _, err := pay(100); return err })
	s.refused(t, "giftcard.taken", func() error { _, err := s.SellGiftCard("robin", 5000, "G1"); return err })
	_, err = s.LoadGiftCard("robin", "G1", 2000)
	require.NoError(t, err, "it can be topped up")
	got, err = s.GiftCard("G1")
	require.NoError(t, err)
	require.Equal(t, pos.Money(2000), got.Balance)
	s.refused(t, "load.amount", func() error { _, err := s.LoadGiftCard("robin", "G1", 499); return err })
	s.refused(t, "load.amount", func() error { _, err := s.SellGiftCard("robin", 20001, ""); return err })
	s.refused(t, "giftcard.unknown", func() error { _, err := s.LoadGiftCard("robin", "G2", 1000); return err })
	done, err = s.Pay("robin", card.Holder, station.Paying{Sale: pos.Sale{Amount: 2500}, Amount: 2500, Override: &kim})
	require.NoError(t, err)
	require.Equal(t, []any{&pos.By{Kind: pos.ByOverride, Manager: "kim"}, "as agreed"}, []any{done.Record.Entry.By, done.Record.Entry.Reason})
	s.follow(t)
	s.refused(t, "pin.wrong", func() error {
		_, err := s.Pay("robin", card.Holder, station.Paying{Sale: pos.Sale{Amount: 1}, Amount: 1, Override: &station.Override{Manager: "kim", PIN: "0000", Reason: "x"}})
		return err
	})
}

func TestGiftCardIsNoMember(t *testing.T) {
	s := openBar(t)
	ann := s.enrol(t, "Ann")
	done, err := s.SellGiftCard("robin", 500, "G1")
	require.NoError(t, err)
	card := done.Member.Profile
	s.refused(t, "giftcard.taken", func() error { _, err := s.Enrol("robin", pos.Profile{Name: "Ida", Codes: []string{"G1"}}); return err })
	_, err = s.Lookup("G1")
	require.ErrorIs(t, err, pos.Refuse("giftcard.member"))
	found, err := s.Find("g", 10)
	require.NoError(t, err)
	require.Empty(t, found)
	s.refused(t, "giftcard.member", func() error { _, err := s.Earn("robin", card.Holder, 100); return err })
	s.refused(t, "giftcard.member", func() error { _, err := s.Stamp("robin", card.Holder, "", 1); return err })
	profile, err := s.Profile(ann)
	require.NoError(t, err)
	_, err = s.GiftCard(profile.Code())
	require.ErrorIs(t, err, pos.Refuse("giftcard.unknown"))
	done, err = s.SellGiftCard("robin", 500, "")
	require.NoError(t, err)
	require.NotEqual(t, card.Holder, done.Member.Profile.Holder)
	require.Len(t, done.Member.Profile.Code(), 15)
	shift, err := s.Shift()
	require.NoError(t, err)
	require.Equal(t, 1, shift.Totals.Enrolled)
}

// Offline a till pays from a gift card or a member's credit what the program's floor
// allows, and asks for a lease beyond.
func TestPayOffline(t *testing.T) {
	s := openBar(t)
	o := s.tell()
	done, err := s.SellGiftCard("robin", 5000, "G1")
	require.NoError(t, err)
	card := done.Member.Profile.Holder
	ann := s.enrol(t, "Ann")
	_, err = s.Adjust("robin", ann, kim, rules.Adjustment{Account: pos.CreditAccount, Amount: 1000})
	require.NoError(t, err)
	for holder, floor := range map[pos.HolderID]pos.Money{card: 3000, ann: 500} {
		pay := func(amount pos.Money) (station.Done, error) {
			return s.Pay("robin", holder, station.Paying{Sale: pos.Sale{Amount: amount}, Amount: amount})
		}
		done, err := pay(floor)
		require.NoError(t, err)
		require.Equal(t, []any{&pos.By{Kind: pos.ByFloor}, int64(0)}, []any{done.Record.Entry.By, done.Record.Entry.Saw["floor"]})
		s.refused(t, "pay.floor", func() error { _, err := pay(1); return err })
		require.Contains(t, o.wants, holder, "the centre is asked for a lease")
	}
}

func TestEnrolBeforeThereIsAProgram(t *testing.T) {
	s := open(t)
	s.publish(t)
	_, err := s.Enrol("robin", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
}

const club = `
title = "Club"
[points]
earn = 1
for = "1"
[referral]
minimum = "10"
most = 2
[referral.member]
points = 100
[referral.friend]
points = 50
`

// What the member who brought another one gets is booked with the sale that makes it
// good, once, and the centre can work both out again.
func TestReferral(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(club)})
	ann := s.enrol(t, "Ann")
	done, err := s.Enrol("robin", pos.Profile{Name: "Ben", Friend: ann})
	require.NoError(t, err)
	ben := done.Member.Profile.Holder
	points := func(holder pos.HolderID) pos.Points {
		m, err := s.Member(holder)
		require.NoError(t, err)
		return *m.Points
	}
	sell := func(amount pos.Money, receipt string) {
		_, err := s.Sell("robin", ben, pos.Sale{Amount: amount, Receipt: receipt})
		require.NoError(t, err)
	}
	sell(999, "R1")
	require.Equal(t, []pos.Points{0, 9}, []pos.Points{points(ann), points(ben)}, "too small a sale")
	sell(1000, "R2")
	require.Equal(t, []pos.Points{100, 69}, []pos.Points{points(ann), points(ben)})
	sell(1000, "R3")
	require.Equal(t, []pos.Points{100, 79}, []pos.Points{points(ann), points(ben)}, "the first such sale")
	s.refused(t, "sale.twice", func() error { _, err := s.Sell("robin", ben, pos.Sale{Amount: 1000, Receipt: "R2"}); return err })
	journal := s.journal(t)
	e := journal[4].Entry
	require.Equal(t, []any{pos.Referred, ann, &pos.By{Kind: pos.ByReferral, ID: ben[:]}}, []any{e.Kind, e.Holder, e.By})
	s.follow(t)
}

// What the other member got goes back with the sale that gave it, with or without a
// receipt number, also where it is spent: then that member's balance is below 0.
func TestReferralTakenBack(t *testing.T) {
	for _, number := range []string{"R1", ""} {
		for name, tt := range map[string]struct {
			back  func(s *till, sale pos.Entry) error
			again string // what then refuses a void
		}{
			"a void":  {func(s *till, sale pos.Entry) error { _, err := s.Void("robin", sale.ID, "a slip"); return err }, "void.twice"},
			"an undo": {func(s *till, sale pos.Entry) error { _, err := s.Undo("robin", sale.Holder, "a slip"); return err }, "void.twice"},
			"a return by entry": {func(s *till, sale pos.Entry) error {
				_, err := s.Return("robin", station.ReturnAsk{Entry: sale.ID})
				return err
			}, "void.returned"},
			"a return of half, then the rest": {func(s *till, sale pos.Entry) error {
				if _, err := s.Return("robin", station.ReturnAsk{Entry: sale.ID, Part: rules.Part{Amount: 500}}); err != nil {
					return err
				}
				s.has(t, sale.Holder, "points", 30)
				_, err := s.Return("robin", station.ReturnAsk{Entry: sale.ID})
				return err
			}, "void.returned"},
			"the other's was undone before": {func(s *till, sale pos.Entry) error {
				next := sale.ID
				next.Seq++
				if _, err := s.Void("robin", next, "a slip"); err != nil {
					return err
				}
				_, err := s.Void("robin", sale.ID, "a slip")
				return err
			}, "void.twice"},
		} {
			t.Run(name+" "+number, func(t *testing.T) {
				s := open(t)
				s.publish(t, pos.Published{Document: []byte(club + "[returns]\ngone = 'money'\n[[reward]]\nid = 'off'\nkind = 'money'\noff = '1'\npoints = 60\n")})
				ann := s.enrol(t, "Ann")
				done, err := s.Enrol("robin", pos.Profile{Name: "Ben", Friend: ann})
				require.NoError(t, err)
				ben := done.Member.Profile.Holder
				sale := s.sell(t, ben, receipt(number, 1000)).Record.Entry
				s.has(t, ann, "points", 100)
				_, err = s.Claim("robin", ann, rules.Claim{Reward: "off", Sale: &pos.Sale{Amount: 100}})
				require.NoError(t, err)
				require.NoError(t, tt.back(s, sale))
				s.has(t, ann, "points", -60)
				s.has(t, ben, "points", 0)
				s.refused(t, tt.again, func() error { _, err := s.Void("robin", sale.ID, "again"); return err })
				s.follow(t)
				if number == "" {
					return
				}
				sold, err := s.Joint.Sold(number)
				require.NoError(t, err)
				require.Equal(t, []any{pos.Referred, ann}, []any{sold[1].Entry.Kind, sold[1].Entry.Holder})
			})
		}
	}
}

// A sale that made a referral good for which the other member got nothing, having
// brought enough, is voided alone.
func TestReferralForNothingTakenBack(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(club)})
	ann := s.enrol(t, "Ann")
	var last pos.Entry
	for _, name := range []string{"Ben", "Cleo", "Dan"} {
		done, err := s.Enrol("robin", pos.Profile{Name: name, Friend: ann})
		require.NoError(t, err)
		last = s.sell(t, done.Member.Profile.Holder, receipt("", 1000)).Record.Entry
	}
	s.has(t, ann, "points", 200)
	before := len(s.journal(t))
	_, err := s.Void("robin", last.ID, "a slip")
	require.NoError(t, err)
	require.Len(t, s.journal(t), before+1)
	s.has(t, ann, "points", 200)
	s.has(t, last.Holder, "points", 0)
	s.follow(t)
}

// meeting is a journal whose first two writers begin at the same time.
type meeting struct {
	station.Journal
	calls atomic.Int64
	both  sync.WaitGroup
}

func (m *meeting) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	if m.calls.Add(1) <= 2 {
		m.both.Done()
		m.both.Wait()
	}
	return m.Journal.Append(holder, profile, decide)
}

// Two who stamp one card at the same moment do not get past its cool-down.
func TestCooldownAtOnce(t *testing.T) {
	s := openBar(t)
	ann := s.enrol(t, "Ann")
	m := &meeting{Journal: s.db}
	m.both.Add(2)
	s.Journal = m
	var given, refused atomic.Int64
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			switch _, err := s.Stamp("robin", ann, "", 1); {
			case err == nil:
				given.Add(1)
			case errors.Is(err, pos.Refuse("stamp.cooldown")):
				refused.Add(1)
			}
		})
	}
	all.Wait()
	require.Equal(t, []int64{1, 1}, []int64{given.Load(), refused.Load()})
}

// Rules that name hours mean the shop's clock, also on a day of 23 hours and on one
// of 25: the hour that is there twice counts twice, the one that is left out never.
func TestHoursAcrossTheChangeOfClocks(t *testing.T) {
	s := openBar(t)
	ann := s.enrol(t, "Ann")
	for _, tt := range []struct {
		at     string // in UTC
		minute int64
	}{
		{"2027-03-28T00:59:00Z", 1*60 + 59},
		{"2027-03-28T01:00:00Z", 3 * 60},
		{"2027-10-31T00:30:00Z", 2*60 + 30},
		{"2027-10-31T01:30:00Z", 2*60 + 30},
		{"2027-10-31T02:00:00Z", 3 * 60},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		require.NoError(t, err)
		s.clock.at = at
		require.Equal(t, []int64{tt.minute}, s.sees(t, ann, rules.FactMinute), tt.at)
	}
}

package station_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

func (s *till) sell(t *testing.T, holder pos.HolderID, sale pos.Sale) station.Done {
	t.Helper()
	done, err := s.Sell("robin", holder, sale)
	require.NoError(t, err)
	return done
}

// booked writes an entry of another kind of action.
func (s *till) booked(t *testing.T, holder pos.HolderID, e pos.Entry) pos.Entry {
	t.Helper()
	r, err := s.Book(holder, e)
	require.NoError(t, err)
	return r.Entry
}

// has requires the member's balance.
func (s *till) has(t *testing.T, holder pos.HolderID, account pos.Account, want int64) {
	t.Helper()
	view, err := s.Journal.View(holder)
	require.NoError(t, err)
	require.Equal(t, want, view.Sums.Balance(account, s.Today()))
}

func receipt(number string, amount pos.Money) pos.Sale {
	return pos.Sale{Receipt: number, Amount: amount}
}

// The same receipt twice earns once: GM-001, ISSUE-011, SYL-024, OFF-003.
func TestAReceiptEarnsOnce(t *testing.T) {
	outer := t
	s := open(t)
	ann, bela := s.enrol(t, "Ann"), s.enrol(t, "Béla")
	sell := func(holder pos.HolderID, sale pos.Sale) func() error {
		return func() error { _, err := s.Sell("robin", holder, sale); return err }
	}
	first := s.sell(t, ann, receipt(" r-12345678903", 50000))
	require.Equal(t, "R-12345678903", first.Record.Entry.Sale.Receipt)
	for name, tt := range map[string]struct {
		holder pos.HolderID
		sale   pos.Sale
	}{
		"by the same member":        {ann, receipt("R-12345678903", 50000)},
		"by another":                {bela, receipt("R-12345678903", 50000)},
		"as it happens to be typed": {bela, receipt("\tr-12345678903 ", 1)},
		"in Persian digits":         {bela, receipt("r-۱۲۳۴۵۶۷۸۹۰۳", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused(t, "sale.twice", sell(tt.holder, tt.sale))
			_, err := s.Sell("robin", tt.holder, tt.sale)
			problem, _ := errors.AsType[*pos.Problem](err)
			require.Equal(t, map[string]any{"receipt": "R-12345678903", "at": first.Record.Entry.Time(), "name": "Ann"}, problem.Args)
		})
	}
	s.sell(t, bela, receipt("R-12345678904", 10000))
	s.has(t, ann, "points", 500)
	s.refused(t, "sale.receipt", sell(ann, receipt(strings.Repeat("9", 65), 100)))
	s.sell(t, ann, receipt(strings.Repeat("9", 64), 100))

	t.Run("sales without a number are all different", func(t *testing.T) {
		s.sell(t, bela, receipt("", 100))
		s.sell(t, bela, receipt(" ", 100))
	})
	t.Run("the next day it says which day", func(t *testing.T) {
		s.clock.pass(24 * time.Hour)
		s.refused(t, "sale.before", sell(bela, receipt("R-12345678903", 1)))
	})
	t.Run("after another process has begun", func(t *testing.T) {
		s = reopen(outer, s)
		s.refused(t, "sale.before", sell(bela, receipt("R-12345678903", 1)))
	})
	t.Run("a sale too small for a point too", func(t *testing.T) {
		s.sell(t, ann, receipt("small", 1))
		s.refused(t, "sale.twice", sell(ann, receipt("small", 1)))
	})
	t.Run("what was undone may be booked again, for whom it should be", func(t *testing.T) {
		_, err := s.Void("robin", first.Record.Entry.ID, "wrong member")
		require.NoError(t, err)
		s.sell(t, bela, receipt("R-12345678903", 50000))
		s.refused(t, "sale.twice", sell(ann, receipt("R-12345678903", 50000)))
	})
	t.Run("what was returned may not", func(t *testing.T) {
		_, err := s.Return("robin", station.ReturnAsk{Receipt: "R-12345678903"})
		require.NoError(t, err)
		s.refused(t, "sale.twice", sell(ann, receipt("R-12345678903", 50000)))
	})
	t.Run("ten times at once is once", func(t *testing.T) {
		before := len(s.journal(t))
		for _, err := range parallel(10, func(int) error { return sell(ann, receipt("rush", 100))() }) {
			if err != nil {
				require.ErrorIs(t, err, pos.Refuse("sale.twice"))
			}
		}
		require.Len(t, s.journal(t), before+1)
	})
}

// ODOO-POS-009, ODOO-POS-010: a load and a payment of one sale are booked once too;
// but a sale may be paid from several cards and accounts.
func TestAReceiptLoadsAndPaysOnce(t *testing.T) {
	s := open(t)
	one, other := pos.HolderID{1}, pos.HolderID{2}
	sale := receipt("S1", 5000)
	load := pos.Entry{Kind: pos.Loaded, Sale: &sale, Postings: []pos.Posting{{Account: "credit", Amount: 5000}}}
	pay := func(account pos.Account) pos.Entry {
		return pos.Entry{Kind: pos.Paid, Sale: &sale, Postings: []pos.Posting{{Account: account, Amount: -1000}}}
	}
	again := func(holder pos.HolderID, e pos.Entry) {
		t.Helper()
		s.refused(t, "sale.twice", func() error { _, err := s.Book(holder, e); return err })
	}
	s.booked(t, one, load)
	again(one, load)
	s.booked(t, one, pay("credit"))
	again(one, pay("credit"))
	s.booked(t, one, pay("points"))
	s.booked(t, other, pay("credit"))
	s.has(t, one, "credit", 4000)
	require.Len(t, s.journal(t), 4)
}

func TestReturn(t *testing.T) {
	outer := t
	s := open(t)
	ann, bela := s.enrol(t, "Ann"), s.enrol(t, "Béla")
	back := func(ask station.ReturnAsk) station.TakenBack {
		t.Helper()
		done, err := s.Return("kim", ask)
		require.NoError(t, err)
		return done
	}
	refused := func(key string, ask station.ReturnAsk) {
		t.Helper()
		s.refused(t, key, func() error { _, err := s.Return("kim", ask); return err })
	}
	part := func(amount pos.Money) rules.Part { return rules.Part{Amount: amount} }

	sold := s.sell(t, ann, receipt("A1", 10000)).Record.Entry
	done := back(station.ReturnAsk{Receipt: " a1", Holder: ann, Part: part(4000), Reason: " too\nsmall "})
	e := done.Records[0].Entry
	require.Equal(t, []any{pos.Refunded, ann, "too small", pos.CashierID("kim"), sold.Program}, []any{e.Kind, e.Holder, e.Reason, e.Cashier, e.Program})
	require.Equal(t, &pos.Sale{Receipt: "A1", Amount: 4000, Currency: "EUR"}, e.Sale)
	require.Equal(t, []pos.Posting{{Account: "points", Amount: -40, Lot: sold.Postings[0].Lot, Of: &sold.ID}}, e.Postings)
	require.Equal(t, map[string]int64{"points": 100}, e.Saw)
	require.Equal(t, []pos.Money{4000, 6000, 0}, []pos.Money{done.Value, done.Left, done.Keep})
	require.Equal(t, pos.Points(60), *done.Member.Points)

	refused("return.more", station.ReturnAsk{Receipt: "A1", Part: part(6001)})
	refused("return.other", station.ReturnAsk{Receipt: "A1", Holder: bela}) // OL-015
	refused("return.unknown", station.ReturnAsk{Receipt: "A2"})             // OL-015
	refused("sale.receipt", station.ReturnAsk{Receipt: strings.Repeat("A", 65)})
	refused("return.never", station.ReturnAsk{Entry: e.ID}) // OL-015
	other := sold.ID
	other.Terminal = pos.TerminalID{8}
	refused("return.elsewhere", station.ReturnAsk{Entry: other})
	refused("return.elsewhere", station.ReturnAsk{})
	refused("return.nosale", station.ReturnAsk{Entry: s.stamp(t, ann, 1).Record.Entry.ID})

	back(station.ReturnAsk{Entry: sold.ID}) // the same sale, by its entry
	s.has(t, ann, "points", 0)
	refused("return.twice", station.ReturnAsk{Receipt: "A1"})
	refused("return.twice", station.ReturnAsk{Receipt: "A1", Part: part(1)})

	t.Run("of a sale that was undone", func(t *testing.T) {
		sold := s.sell(t, ann, receipt("A3", 10000)).Record.Entry
		_, err := s.Void("robin", sold.ID, "wrong")
		require.NoError(t, err)
		refused("return.voided", station.ReturnAsk{Receipt: "A3"})
	})
	t.Run("of a sale without a number, in parts worth less than a point", func(t *testing.T) {
		sold := s.sell(t, bela, receipt("", 300)).Record.Entry
		for i := range 3 {
			done := back(station.ReturnAsk{Entry: sold.ID, Part: part(50)})
			require.Equal(t, pos.Money(250-50*i), done.Left)
			s.has(t, bela, "points", []int64{3, 2, 2}[i])
		}
		s = reopen(outer, s)
		refused("return.more", station.ReturnAsk{Entry: sold.ID, Part: part(151)})
		back(station.ReturnAsk{Entry: sold.ID})
		s.has(t, bela, "points", 0)
		refused("return.twice", station.ReturnAsk{Entry: sold.ID})
	})
	t.Run("by lines", func(t *testing.T) {
		sold := s.sell(t, bela, pos.Sale{Receipt: "L", Lines: []pos.Line{{Item: "pen", Quantity: 3, Price: 1000}, {Item: "cap", Quantity: 1, Price: 500}}}).Record.Entry
		done := back(station.ReturnAsk{Receipt: "L", Part: rules.Part{Lines: []rules.Units{{Line: 1, Units: 2}}}})
		require.Equal(t, map[string]int64{"line:1": 2, "points": 35}, done.Records[0].Entry.Saw)
		refused("return.units", station.ReturnAsk{Receipt: "L", Part: rules.Part{Lines: []rules.Units{{Line: 1, Units: 2}}}})
		back(station.ReturnAsk{Entry: sold.ID, Part: rules.Part{Lines: []rules.Units{{Line: 1}, {Line: 2}}}})
		s.has(t, bela, "points", 0)
	})
	t.Run("D365-002 by what was booked, whatever the rules are by now", func(t *testing.T) {
		s.sell(t, bela, receipt("OLD", 5000))
		s.publish(t, pos.Published{Document: []byte("[points]\nearn = 7\nfor = '1'")})
		back(station.ReturnAsk{Receipt: "OLD", Part: part(3000)})
		s.has(t, bela, "points", 20)
		s.publish(t, pos.Published{Document: []byte("[[card]]\nid = 'coffee'\nsize = 8")})
		back(station.ReturnAsk{Receipt: "OLD"})
		s.has(t, bela, "points", 0)
		s.publish(t, pos.Published{Document: []byte(cafe)})
	})
	t.Run("of two halves at once ten times, two", func(t *testing.T) {
		s.sell(t, bela, receipt("rush", 10000))
		done := 0
		for _, err := range parallel(10, func(int) error {
			_, err := s.Return("kim", station.ReturnAsk{Receipt: "rush", Part: part(5000)})
			return err
		}) {
			if err == nil {
				done++
				continue
			}
			require.ErrorIs(t, err, pos.Refuse("return.twice"))
		}
		require.Equal(t, 2, done)
		s.has(t, bela, "points", 0)
	})
}

// All that was booked with the receipt comes back together: what was earned, the
// reward, the voucher, and the gift card's part, for each holder, or nothing.
func TestReturnOfAllThatWasBooked(t *testing.T) {
	s := open(t)
	ann, giftCard := s.enrol(t, "Ann"), pos.HolderID{2}
	start := func(number string) {
		sale := receipt(number, 10000)
		s.sell(t, ann, sale)
		s.booked(t, ann, pos.Entry{Kind: pos.Redeemed, Sale: &sale, Reward: "cake", Postings: []pos.Posting{{Account: "points", Amount: -50}, {Account: "reward:cup", Amount: -1, Lot: pos.Lot{Until: 30000}}}})
		s.booked(t, giftCard, pos.Entry{Kind: pos.Paid, Sale: &sale, Postings: []pos.Posting{{Account: "credit", Amount: -3333}}})
	}
	s.booked(t, ann, pos.Entry{Kind: pos.Granted, Postings: []pos.Posting{{Account: "points", Amount: 200}, {Account: "reward:cup", Amount: 1, Lot: pos.Lot{Until: 30000}}}})
	s.booked(t, giftCard, pos.Entry{Kind: pos.Loaded, Postings: []pos.Posting{{Account: "credit", Amount: 5000}}})
	before := s.sums(t, ann, giftCard)
	start("G")
	entries := len(s.journal(t))

	t.Run("or nothing: no entry is on disk without the others", func(t *testing.T) {
		disk := errors.New("disk gone")
		s.Joint = failing{s.Joint, disk}
		_, err := s.Return("kim", station.ReturnAsk{Receipt: "G"})
		require.ErrorIs(t, err, disk)
		s.Joint = s.db
		require.Len(t, s.journal(t), entries)
	})
	done, err := s.Return("kim", station.ReturnAsk{Receipt: "G", Part: rules.Part{Amount: 5000}})
	require.NoError(t, err)
	require.Len(t, done.Records, 2)
	require.Equal(t, []pos.HolderID{ann, giftCard}, []pos.HolderID{done.Records[0].Entry.Holder, done.Records[1].Entry.Holder})
	require.Equal(t, []pos.Money{5000, 0}, []pos.Money{done.Records[0].Entry.Sale.Amount, done.Records[1].Entry.Sale.Amount})
	require.Equal(t, "Ann", done.Member.Profile.Name)
	s.has(t, ann, "points", 200+100-50-50+25)
	s.has(t, ann, "reward:cup", 0)
	s.has(t, giftCard, "credit", 5000-3333+1666)

	_, err = s.Return("kim", station.ReturnAsk{Receipt: "G", Holder: giftCard})
	require.NoError(t, err)
	require.Equal(t, before, s.sums(t, ann, giftCard), "as if it had never been")

	t.Run("a voided part of it stays voided", func(t *testing.T) {
		start("H")
		records := s.journal(t)
		_, err := s.Void("robin", records[len(records)-2].Entry.ID, "no cake")
		require.NoError(t, err)
		_, err = s.Return("kim", station.ReturnAsk{Receipt: "H"})
		require.NoError(t, err)
		require.Equal(t, before, s.sums(t, ann, giftCard))
	})
	t.Run("a sale that moves as much as an entry holds", func(t *testing.T) {
		sale := pos.Sale{Receipt: "BIG"}
		var postings []pos.Posting
		for i := range 120 {
			sale.Lines = append(sale.Lines, pos.Line{Quantity: 1, Price: 100})
			postings = append(postings, pos.Posting{Account: pos.Account(fmt.Sprintf("use:rule-of-medium-length-%d/day", i)), Amount: 1 << 40, Lot: pos.Lot{From: 20000, Until: 40000}})
		}
		sale, err := sale.Checked()
		require.NoError(t, err)
		s.booked(t, ann, pos.Entry{Kind: pos.Earned, Sale: &sale, Postings: postings})
		done, err := s.Return("kim", station.ReturnAsk{Receipt: "BIG"})
		require.NoError(t, err)
		require.Len(t, done.Records, 3)
		require.Equal(t, before, s.sums(t, ann, giftCard))
	})
}

func (s *till) sums(t *testing.T, holders ...pos.HolderID) (sums []station.View) {
	t.Helper()
	for _, holder := range holders {
		view, err := s.Journal.View(holder)
		require.NoError(t, err)
		sums = append(sums, station.View{Sums: view.Sums})
	}
	return sums
}

// failing is a ledger whose disk fails when several entries are written.
type failing struct {
	station.Joint
	err error
}

func (f failing) Together(holders []pos.HolderID, decide func([]station.Moment) ([]pos.Entry, error)) ([]station.Record, error) {
	_, err := f.Joint.Together(holders, func(moments []station.Moment) ([]pos.Entry, error) {
		if _, err := decide(moments); err != nil {
			return nil, err
		}
		return nil, f.err
	})
	return nil, err
}

func TestWhatIsReturnedCannotBeUndone(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	void := func(id pos.EntryID) func() error {
		return func() error { _, err := s.Void("kim", id, "mistake"); return err }
	}
	stamped := s.stamp(t, ann, 1)
	sold := s.sell(t, ann, receipt("A1", 10000)).Record.Entry
	plain := s.sell(t, ann, receipt("", 500)).Record.Entry
	for _, ask := range []station.ReturnAsk{{Receipt: "A1", Part: rules.Part{Amount: 100}}, {Entry: plain.ID, Part: rules.Part{Amount: 100}}} {
		done, err := s.Return("kim", ask)
		require.NoError(t, err)
		s.refused(t, "void.never", void(done.Records[0].Entry.ID))
	}
	s.refused(t, "void.returned", void(sold.ID))
	s.refused(t, "void.returned", void(plain.ID))

	m, err := s.Member(ann)
	require.NoError(t, err)
	require.Equal(t, stamped.Record, *m.Undo, "the last that can be undone is shown")
	done, err := s.Undo("robin", ann, "mistake")
	require.NoError(t, err)
	require.Zero(t, done.Member.Cards[0].Stamps)
	s.refused(t, "undo.nothing", func() error { _, err := s.Undo("robin", ann, "mistake"); return err })
}

func TestReturnOfWhatIsSpent(t *testing.T) {
	policy := func(gone string, days int) []byte {
		return []byte(cafe + fmt.Sprintf("\n[returns]\ngone = %q\ndays = %d\n", gone, days))
	}
	start := func(t *testing.T, gone string) (*till, pos.HolderID) {
		s := open(t)
		s.publish(t, pos.Published{Document: policy(gone, 14)})
		s.staff(t)
		ann := s.enrol(t, "Ann")
		s.sell(t, ann, receipt("A1", 10000))
		_, err := s.Redeem("robin", ann, "cake")
		require.NoError(t, err)
		return s, ann
	}
	t.Run("below nothing", func(t *testing.T) {
		s, ann := start(t, "negative")
		_, err := s.Return("robin", station.ReturnAsk{Receipt: "A1"})
		require.NoError(t, err)
		s.has(t, ann, "points", -50)
	})
	t.Run("a manager decides", func(t *testing.T) {
		s, ann := start(t, "manager")
		ask := station.ReturnAsk{Receipt: "A1"}
		s.refused(t, "return.manager", func() error { _, err := s.Return("robin", ask); return err })
		_, err := s.Return("robin", ask)
		require.True(t, station.ReturnOverridable(err))
		ask.Override = station.Override{Manager: "boss", PIN: "1234"}
		s.refused(t, "return.reason", func() error { _, err := s.Return("robin", ask); return err })
		ask.Override.Reason, ask.Override.PIN = "regular", "0815"
		s.refused(t, "pin.wrong", func() error { _, err := s.Return("robin", ask); return err })
		ask.Override.Manager = "kim"
		s.refused(t, "pin.manager", func() error { _, err := s.Return("robin", ask); return err })
		ask.Override = station.Override{Manager: "boss", PIN: "1234", Reason: "regular"}
		done, err := s.Return("robin", ask)
		require.NoError(t, err)
		e := done.Records[0].Entry
		require.Equal(t, []any{&pos.By{Kind: pos.ByOverride, Manager: "boss"}, "regular"}, []any{e.By, e.Reason})
		s.has(t, ann, "points", -50)
	})
	t.Run("after the days that the program gives", func(t *testing.T) {
		s, _ := start(t, "negative")
		s.clock.pass(15 * 24 * time.Hour)
		ask := station.ReturnAsk{Receipt: "A1"}
		s.refused(t, "return.late", func() error { _, err := s.Return("robin", ask); return err })
		_, err := s.Return("robin", ask)
		require.True(t, station.ReturnOverridable(err))
		ask.Override = station.Override{Manager: "boss", PIN: "1234", Reason: "regular"}
		_, err = s.Return("robin", ask)
		require.NoError(t, err)
	})
	t.Run("money is kept, once, and the journal knows for what", func(t *testing.T) {
		s := open(t)
		s.publish(t, pos.Published{Document: []byte(strings.Replace(string(policy("money", 0)), "expire_months = 12", "worth = '3'", 1))})
		ann := s.enrol(t, "Ann")
		s.sell(t, ann, receipt("A1", 10000))
		_, err := s.Redeem("robin", ann, "cake")
		require.NoError(t, err)
		keep := pos.Money(0)
		for range 4 {
			done, err := s.Return("robin", station.ReturnAsk{Receipt: "A1", Part: rules.Part{Amount: 2500}})
			require.NoError(t, err)
			keep += done.Keep
		}
		require.Equal(t, pos.Money(150), keep)
		s.has(t, ann, "points", 0)
		last := s.journal(t)
		require.Equal(t, map[string]int64{"gone:points": 25}, last[len(last)-1].Entry.Saw, "nothing was left to take")
	})
	t.Run("a till that is shut out books nothing", func(t *testing.T) {
		s, _ := start(t, "negative")
		s.tell().standing.Revoked = true
		s.refused(t, "till.revoked", func() error { _, err := s.Return("robin", station.ReturnAsk{Receipt: "A1"}); return err })
	})
	t.Run("time that goes back is recorded first", func(t *testing.T) {
		s, ann := start(t, "negative")
		s.clock.pass(-3 * time.Hour)
		_, err := s.Return("robin", station.ReturnAsk{Receipt: "A1"})
		require.NoError(t, err)
		records := s.journal(t)
		require.Equal(t, pos.Corrected, records[len(records)-2].Entry.Kind)
		s.has(t, ann, "points", -50)
	})
}

// A sale is looked up as a return would find it, and nothing is written.
func TestSaleLookedUp(t *testing.T) {
	s := open(t)
	ann, bela := s.enrol(t, "Ann"), s.enrol(t, "Béla")
	look := func(ask station.ReturnAsk) func() error {
		return func() error { _, err := s.Sale(ask); return err }
	}
	s.refused(t, "return.unknown", look(station.ReturnAsk{Receipt: "A1"}))
	s.refused(t, "return.none", look(station.ReturnAsk{Holder: ann}))
	sale := receipt("a1", 900)
	sale.Amount, sale.Lines = 0, []pos.Line{{Item: "tea", Quantity: 3, Price: 300}}
	sold := s.sell(t, ann, sale).Record.Entry
	_, err := s.Return("kim", station.ReturnAsk{Receipt: "A1", Part: rules.Part{Lines: []rules.Units{{Line: 1, Units: 2}}}})
	require.NoError(t, err)
	before := len(s.journal(t))

	found, err := s.Sale(station.ReturnAsk{Receipt: " a1 "})
	require.NoError(t, err)
	require.Equal(t, "Ann", found.Profile.Name)
	require.Equal(t, []pos.Entry{sold}, found.Entries)
	require.Equal(t, pos.Money(600), found.Came())
	require.Equal(t, int64(2), found.Units(1))
	require.Equal(t, pos.Money(900), found.Sold.Sale().Amount)
	s.refused(t, "return.other", look(station.ReturnAsk{Receipt: "A1", Holder: bela}))
	require.Len(t, s.journal(t), before)

	t.Run("a till that is shut out can still look", func(t *testing.T) {
		journal, joint := s.Journal, s.Joint
		s.tell().standing.Revoked = true
		_, err := s.Sale(station.ReturnAsk{Receipt: "A1"})
		require.NoError(t, err)
		s.Journal, s.Joint = journal, joint
	})
	t.Run("the newest of the member that was not undone", func(t *testing.T) {
		plain := s.sell(t, ann, receipt("", 500)).Record.Entry
		undone := s.sell(t, ann, receipt("A2", 700)).Record.Entry
		s.sell(t, bela, receipt("B1", 700))
		s.stamp(t, ann, 1)
		_, err := s.Void("kim", undone.ID, "mistake")
		require.NoError(t, err)
		found, err := s.Sale(station.ReturnAsk{Holder: ann})
		require.NoError(t, err)
		require.Equal(t, plain.ID, found.Ask.Entry)
		done, err := s.Return("kim", found.Ask)
		require.NoError(t, err)
		require.Equal(t, pos.Money(500), done.Value)
		s.refused(t, "return.voided", look(station.ReturnAsk{Receipt: "A2"}))
	})
}

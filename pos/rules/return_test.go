package rules_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// returns books sales and takes them back, as a till does, for holders who have what
// is in sums.
type returns struct {
	program pos.Program
	day     pos.Day
	sums    map[pos.HolderID]ledger.Sums
	seq     uint64
}

var returner, giftCard = pos.HolderID{1}, pos.HolderID{2}

// newReturns is a counter on day 100, where what is spent already is treated as
// gone says.
func newReturns(gone string) *returns {
	c := &returns{day: 100, sums: map[pos.HolderID]ledger.Sums{}}
	c.program.Returns.Gone = gone
	c.program.Points = &pos.PointsRule{Worth: pos.Amount{Minor: 50}} // 100 points are half a unit
	return c
}

func (c *returns) book(t require.TestingT, e pos.Entry) pos.Entry {
	c.seq++
	e.V, e.ID, e.At, e.Day = 1, pos.EntryID{Terminal: pos.TerminalID{7}, Incarnation: 9, Seq: c.seq}, 1, c.day
	if e.Holder == (pos.HolderID{}) {
		e.Holder = returner
	}
	sums, err := c.sums[e.Holder].AddAll(e.Postings)
	require.NoError(t, err)
	c.sums[e.Holder] = sums
	return e
}

// sale books a sale that moves something.
func (c *returns) sale(t require.TestingT, sale pos.Sale, postings ...pos.Posting) *rules.Sold {
	sale, err := sale.Checked()
	require.NoError(t, err)
	return &rules.Sold{Entries: []pos.Entry{c.book(t, pos.Entry{Kind: pos.Earned, Sale: &sale, Postings: postings})}}
}

// back takes a part of the sale back.
func (c *returns) back(t require.TestingT, sold *rules.Sold, part rules.Part) (rules.Takeback, error) {
	taken, err := rules.Return(&c.program, rules.Back{Sold: *sold, Part: part, Day: c.day, Sums: c.sums})
	if err != nil {
		return taken, err
	}
	explained, posted := map[pos.Account]int64{}, map[pos.Account]int64{}
	for _, because := range taken.Because {
		explained[because.Account] += because.Amount
	}
	value, saw := taken.Value, map[string]int64{}
	for _, u := range taken.Units {
		saw[rules.SawLine+strconv.Itoa(u.Line)] += u.Units
	}
	for _, given := range taken.Holders {
		for account, n := range given.Gone {
			saw[rules.SawGone+string(account)] = n
		}
		for _, p := range given.Postings {
			posted[p.Account] += p.Amount
			explained[p.Account] += 0
		}
		e := pos.Entry{Kind: pos.Refunded, Holder: given.Holder, Sale: &pos.Sale{Amount: value}, Postings: given.Postings, Saw: saw}
		sold.Returns = append(sold.Returns, c.book(t, e))
		value, saw = 0, map[string]int64{}
	}
	for account := range explained {
		require.Equal(t, posted[account], explained[account], "the lines about %s add up", account)
	}
	return taken, nil
}

func (c *returns) balance(account pos.Account) int64 { return c.sums[returner].Balance(account, c.day) }

func moving(account pos.Account, n int64, lot pos.Lot) pos.Posting {
	return pos.Posting{Account: account, Amount: n, Lot: lot}
}

var noEnd = pos.Lot{}

// soldFor is a sale of one line.
func soldFor(amount pos.Money) pos.Sale { return pos.Sale{Amount: amount} }

func soldLines(lines ...pos.Line) pos.Sale { return pos.Sale{Lines: lines} }

// What other systems do with returns, and with which the peers' own tests agree.
func TestReturnsAsOthersDo(t *testing.T) {
	all, half := rules.Part{}, rules.Part{Amount: 5000}
	line := func(n int, units int64) rules.Part {
		return rules.Part{Lines: []rules.Units{{Line: n, Units: units}}}
	}
	pen := func(n int64, price pos.Money) pos.Line { return pos.Line{Item: "pen", Quantity: n, Price: price} }
	for name, tt := range map[string]struct {
		has   []pos.Posting
		sale  pos.Sale
		moves []pos.Posting
		parts []rules.Part
		want  ledger.Sums
	}{
		"D365-002 a line takes back what was booked for it, unvested first": {
			nil, soldLines(pen(1, 2000), pen(1, 3000)),
			[]pos.Posting{moving("points", 500, pos.Lot{From: 114})},
			[]rules.Part{line(2, 0)},
			ledger.Sums{{Account: "points", Amount: 200, Lot: pos.Lot{From: 114}}},
		},
		"D365-002 what is pending goes before what counts": {
			nil, soldFor(10000),
			[]pos.Posting{moving("points", 60, noEnd), moving("points", 40, pos.Lot{From: 114})},
			[]rules.Part{half},
			ledger.Sums{{Account: "points", Amount: 50}},
		},
		"ERP-004 a partial return lowers the points of the original": {
			nil, soldLines(pen(2, 10000)),
			[]pos.Posting{moving("points", 20, noEnd)},
			[]rules.Part{line(1, 1)},
			ledger.Sums{{Account: "points", Amount: 10}},
		},
		"ERP-015 of what was spent the share of the value is given back": {
			[]pos.Posting{moving("points", 100, noEnd)},
			soldFor(20000),
			[]pos.Posting{moving("points", -100, noEnd)},
			[]rules.Part{{Amount: 10000}},
			ledger.Sums{{Account: "points", Amount: 50}},
		},
		"ISSUE-002 once, not twice": {
			[]pos.Posting{moving("points", 500, noEnd)},
			soldFor(10000),
			[]pos.Posting{moving("points", 100, noEnd)},
			[]rules.Part{all},
			ledger.Sums{{Account: "points", Amount: 500}},
		},
		"ODOO-POS-005 half takes back half": {
			nil, soldLines(pen(2, 5000)),
			[]pos.Posting{moving("points", 100, noEnd)},
			[]rules.Part{line(1, 1)},
			ledger.Sums{{Account: "points", Amount: 50}},
		},
		"ODOO-POS-007 all of a sale that earned and spent": {
			[]pos.Posting{moving("points", 200, noEnd)},
			soldFor(10000),
			[]pos.Posting{moving("points", 70, noEnd), moving("points", -150, noEnd)},
			[]rules.Part{all},
			ledger.Sums{{Account: "points", Amount: 200}},
		},
		"ODOO-POS-008 half of both": {
			[]pos.Posting{moving("points", 200, noEnd)},
			soldLines(pen(2, 5000)),
			[]pos.Posting{moving("points", 70, noEnd), moving("points", -150, noEnd)},
			[]rules.Part{line(1, 1)},
			ledger.Sums{{Account: "points", Amount: 160}},
		},
		"OL-022 credit comes back whole": {
			[]pos.Posting{moving("credit", 1000, pos.Lot{Until: 110})},
			soldFor(10000),
			[]pos.Posting{moving("credit", -1000, pos.Lot{Until: 110})},
			[]rules.Part{all},
			ledger.Sums{{Account: "credit", Amount: 1000, Lot: pos.Lot{Until: 110}}},
		},
		"OL-022 or half": {
			[]pos.Posting{moving("credit", 1000, pos.Lot{Until: 110})},
			soldFor(10000),
			[]pos.Posting{moving("credit", -1000, pos.Lot{Until: 110})},
			[]rules.Part{half},
			ledger.Sums{{Account: "credit", Amount: 500, Lot: pos.Lot{Until: 110}}},
		},
		"OL-022 or both lots": {
			nil, soldFor(10000),
			[]pos.Posting{moving("credit", -1000, pos.Lot{Until: 110}), moving("credit", -2000, pos.Lot{Until: 112})},
			[]rules.Part{all},
			nil,
		},
		"OL-022 or what ends last first": {
			[]pos.Posting{moving("credit", 1000, pos.Lot{Until: 110}), moving("credit", 2000, pos.Lot{Until: 112})},
			soldFor(10000),
			[]pos.Posting{moving("credit", -1000, pos.Lot{Until: 110}), moving("credit", -2000, pos.Lot{Until: 112})},
			[]rules.Part{{Amount: 8500}},
			ledger.Sums{{Account: "credit", Amount: 550, Lot: pos.Lot{Until: 110}}, {Account: "credit", Amount: 2000, Lot: pos.Lot{Until: 112}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newReturns(pos.GoneNegative)
			c.book(t, pos.Entry{Postings: tt.has})
			sold := c.sale(t, tt.sale, tt.moves...)
			for _, part := range tt.parts {
				_, err := c.back(t, sold, part)
				require.NoError(t, err)
			}
			require.Equal(t, append(ledger.Sums{}, tt.want...), append(ledger.Sums{}, c.sums[returner]...))
		})
	}
	t.Run("ISSUE-001 buying and returning gives nothing", func(t *testing.T) {
		c := newReturns(pos.GoneNegative)
		for range 2 {
			sold := c.sale(t, soldFor(10000), moving("points", 100, noEnd))
			_, err := c.back(t, sold, all)
			require.NoError(t, err)
		}
		require.Empty(t, c.sums[returner])
	})
	t.Run("SYL-007, OL-022 what is back is back", func(t *testing.T) {
		c := newReturns(pos.GoneNegative)
		sold := c.sale(t, soldFor(10000), moving("points", 150, noEnd), moving("credit", -1000, noEnd))
		_, err := c.back(t, sold, all)
		require.NoError(t, err)
		for _, again := range []rules.Part{all, half, {Amount: 1}} {
			_, err = c.back(t, sold, again)
			require.ErrorIs(t, err, pos.Refuse("return.twice"))
		}
		require.Empty(t, c.sums[returner])
	})
	t.Run("ODOO-POS-006 the gift card that was sold is empty", func(t *testing.T) {
		c := newReturns(pos.GoneNegative)
		sold := c.sale(t, soldFor(5000), moving("spend", 5000, noEnd))
		loaded := c.book(t, pos.Entry{Kind: pos.Loaded, Holder: giftCard, Sale: sold.Entries[0].Sale, Postings: []pos.Posting{moving("credit", 5000, noEnd)}})
		sold.Entries = append(sold.Entries, loaded)
		taken, err := c.back(t, sold, all)
		require.NoError(t, err)
		require.Len(t, taken.Holders, 2)
		require.Empty(t, c.sums[returner])
		require.Empty(t, c.sums[giftCard])
	})
}

// TALON-001: 100 points, of which 40 are pending and 30 spent.
func TestWhatIsSpentAlready(t *testing.T) {
	for name, tt := range map[string]struct {
		gone    string
		allowed bool
		live    int64
		keep    pos.Money
		refused string
	}{
		"the balance goes below nothing":     {pos.GoneNegative, false, -30, 0, ""},
		"by default too":                     {"", false, -30, 0, ""},
		"the balance stops at nothing":       {pos.GoneMoney, false, 0, 15, ""},
		"a manager is asked":                 {pos.GoneManager, false, 30, 0, "return.manager"},
		"a manager has allowed it":           {pos.GoneManager, true, -30, 0, ""},
		"a manager's word changes no policy": {pos.GoneMoney, true, 0, 15, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newReturns(tt.gone)
			sold := c.sale(t, soldFor(10000), moving("points", 60, noEnd), moving("points", 40, pos.Lot{From: 120}))
			c.book(t, pos.Entry{Kind: pos.Redeemed, Postings: []pos.Posting{moving("points", -30, noEnd)}})
			taken, err := rules.Return(&c.program, rules.Back{Sold: *sold, Day: c.day, Sums: c.sums, Allowed: tt.allowed})
			if tt.refused != "" {
				require.ErrorIs(t, err, pos.Refuse(tt.refused))
				return
			}
			require.NoError(t, err)
			after, err := c.sums[returner].AddAll(taken.Holders[0].Postings)
			require.NoError(t, err)
			require.Equal(t, tt.live, after.Balance("points", c.day))
			require.Equal(t, tt.live, after.Balance("points", 130), "nothing is pending any more")
			require.Equal(t, tt.keep, taken.Keep)
		})
	}
	t.Run("what came from other sales covers it", func(t *testing.T) {
		c := newReturns(pos.GoneManager)
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", 30, pos.Lot{Until: 150})}})
		sold := c.sale(t, soldFor(10000), moving("points", 60, noEnd))
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", -30, noEnd)}})
		_, err := c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Zero(t, c.balance("points"))
	})
	t.Run("what the same sale spent comes back first", func(t *testing.T) {
		c := newReturns(pos.GoneManager)
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", 100, noEnd)}})
		sold := c.sale(t, soldFor(10000), moving("points", 80, pos.Lot{Until: 150}), moving("points", -100, noEnd))
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", -80, pos.Lot{Until: 150})}})
		_, err := c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Equal(t, int64(20), c.balance("points"))
	})
	t.Run("credit is money itself", func(t *testing.T) {
		c := newReturns(pos.GoneMoney)
		sold := c.sale(t, soldFor(10000), moving("credit", 500, noEnd))
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("credit", -200, noEnd)}})
		taken, err := c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Equal(t, pos.Money(200), taken.Keep)
		require.Empty(t, c.sums[returner])
	})
	t.Run("a stamp has no price, nor have points that nothing can be had for", func(t *testing.T) {
		c := newReturns(pos.GoneMoney)
		c.program.Points.Worth = pos.Amount{}
		sold := c.sale(t, soldFor(10000), moving("stamp:tea/5", 5, noEnd), moving("points", 100, noEnd))
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("stamp:tea/5", -5, noEnd), moving("points", -100, noEnd)}})
		taken, err := c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Equal(t, []int64{-5, -100, 0}, []int64{c.balance("stamp:tea/5"), c.balance("points"), int64(taken.Keep)})
	})
	t.Run("points are worth what the best reward makes of them", func(t *testing.T) {
		c := newReturns(pos.GoneMoney)
		c.program.Points.Worth = pos.Amount{}
		c.program.Rewards = []pos.RewardRule{
			{Points: 100, Kind: pos.KindMoney, Off: pos.Amount{Minor: 200}},
			{Step: 10, Kind: pos.KindExchange, Off: pos.Amount{Minor: 30}},
			{Points: 1, Kind: pos.KindGift},
		}
		sold := c.sale(t, soldFor(10000), moving("points", 50, noEnd))
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", -50, noEnd)}})
		taken, err := c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Equal(t, pos.Money(150), taken.Keep)
	})
	t.Run("points that had ended are no loss to the member", func(t *testing.T) {
		c := newReturns(pos.GoneMoney)
		sold := c.sale(t, soldFor(10000), moving("points", 50, pos.Lot{Until: 110}), moving("points", 50, noEnd))
		c.day = 120
		taken, err := c.back(t, sold, rules.Part{Amount: 5000})
		require.NoError(t, err)
		require.Zero(t, taken.Keep)
		require.Zero(t, c.balance("points"), "what counts goes first, or the half would cost nothing")
		_, err = c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Empty(t, c.sums[returner])
	})
	t.Run("money is kept for those that are missing, not for those that had ended", func(t *testing.T) {
		c := newReturns(pos.GoneMoney)
		sold := c.sale(t, soldFor(10000), moving("points", 50, pos.Lot{Until: 110}), moving("points", 50, noEnd))
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", -20, noEnd)}})
		c.day = 120
		taken, err := c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Equal(t, pos.Money(10), taken.Keep)
		require.Empty(t, c.sums[returner], "nothing is owed either")
	})
	t.Run("points that were spent and then would have ended are missing", func(t *testing.T) {
		c := newReturns(pos.GoneMoney)
		sold := c.sale(t, soldFor(10000), moving("points", 100, pos.Lot{Until: 110}))
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", -60, pos.Lot{Until: 110})}})
		c.day = 120
		taken, err := c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Equal(t, pos.Money(30), taken.Keep)
		require.Empty(t, c.sums[returner])
	})
}

func TestPartsOfASale(t *testing.T) {
	coffee := pos.Line{Item: "coffee", Quantity: 3, Price: 333, Discount: 99} // 9.00
	cake := pos.Line{Item: "cake", Quantity: 1, Price: 400}
	gift := pos.Line{Item: "napkin", Quantity: 2}
	of := func(units ...rules.Units) rules.Part { return rules.Part{Lines: units} }
	start := func(t *testing.T) (*returns, *rules.Sold) {
		c := newReturns(pos.GoneNegative)
		return c, c.sale(t, soldLines(coffee, cake, gift), moving("points", 13, noEnd), moving("visit", 1, noEnd), moving("reward:cup", -1, pos.Lot{Until: 130}))
	}
	for name, tt := range map[string]struct {
		part rules.Part
		key  string
	}{
		"more units than there are":            {of(rules.Units{Line: 1, Units: 4}), "return.units"},
		"more in two goes":                     {of(rules.Units{Line: 1, Units: 2}, rules.Units{Line: 1, Units: 2}), "return.units"},
		"fewer than none":                      {of(rules.Units{Line: 1, Units: -1}), "return.units"},
		"a line that is not there":             {of(rules.Units{Line: 4}), "return.line"},
		"a line before the first":              {of(rules.Units{Line: 0}), "return.line"},
		"more money than the sale":             {rules.Part{Amount: 1301}, "return.more"},
		"as much money as there is":            {rules.Part{Amount: math.MaxInt64}, "return.more"},
		"a negative amount":                    {rules.Part{Amount: -1}, "amount.positive"},
		"units beyond any number":              {of(rules.Units{Line: 1, Units: math.MaxInt64}), "return.units"},
		"the same line whole, twice":           {of(rules.Units{Line: 2}, rules.Units{Line: 2}), "return.units"},
		"a line whole, and one unit more":      {of(rules.Units{Line: 1}, rules.Units{Line: 1, Units: 1}), "return.units"},
		"a line that was half a line too much": {of(rules.Units{Line: 2, Units: 2}), "return.units"},
	} {
		t.Run(name, func(t *testing.T) {
			c, sold := start(t)
			before := c.sums[returner]
			_, err := c.back(t, sold, tt.part)
			require.ErrorIs(t, err, pos.Refuse(tt.key))
			require.Equal(t, before, c.sums[returner])
		})
	}
	t.Run("line by line, and the visit and the voucher with the last", func(t *testing.T) {
		c, sold := start(t)
		for _, step := range []struct {
			part          rules.Part
			value, left   pos.Money
			points, visit int64
			voucher       int64
		}{
			{of(rules.Units{Line: 3, Units: 1}), 0, 1300, 13, 1, -1},
			{of(rules.Units{Line: 1, Units: 1}), 300, 1000, 10, 1, -1},
			{of(rules.Units{Line: 2}), 400, 600, 6, 1, -1},
			{of(rules.Units{Line: 1}), 600, 0, 0, 0, 0},
		} {
			taken, err := c.back(t, sold, step.part)
			require.NoError(t, err)
			require.Equal(t, []pos.Money{step.value, step.left}, []pos.Money{taken.Value, taken.Left})
			require.Equal(t, []int64{step.points, step.visit, step.voucher}, []int64{c.balance("points"), c.balance("visit"), c.balance("reward:cup")})
		}
	})
	t.Run("lines, then the rest", func(t *testing.T) {
		c, sold := start(t)
		_, err := c.back(t, sold, of(rules.Units{Line: 1, Units: 2}))
		require.NoError(t, err)
		taken, err := c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Equal(t, []rules.Units{{Line: 1, Units: 1}, {Line: 2, Units: 1}, {Line: 3, Units: 2}}, taken.Units)
		require.Empty(t, c.sums[returner])
	})
	t.Run("a line that an amount has eaten up", func(t *testing.T) {
		c, sold := start(t)
		_, err := c.back(t, sold, rules.Part{Amount: 1000})
		require.NoError(t, err)
		_, err = c.back(t, sold, of(rules.Units{Line: 2}))
		require.ErrorIs(t, err, pos.Refuse("return.more"))
	})
	t.Run("a sale for nothing comes back whole, once", func(t *testing.T) {
		c := newReturns(pos.GoneNegative)
		sold := c.sale(t, soldLines(gift), moving("visit", 1, noEnd))
		_, err := c.back(t, sold, of(rules.Units{Line: 1, Units: 1}))
		require.ErrorIs(t, err, pos.Refuse("return.whole"))
		_, err = c.back(t, sold, rules.Part{Amount: 1})
		require.ErrorIs(t, err, pos.Refuse("return.more"))
		_, err = c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Empty(t, c.sums[returner])
		_, err = c.back(t, sold, rules.Part{})
		require.ErrorIs(t, err, pos.Refuse("return.twice"))
	})
	t.Run("what was booked for the sale after a part came back comes back with the rest", func(t *testing.T) {
		c, sold := start(t)
		_, err := c.back(t, sold, rules.Part{Amount: 650})
		require.NoError(t, err)
		sold.Entries = append(sold.Entries, c.book(t, pos.Entry{Kind: pos.Redeemed, Sale: &pos.Sale{}, Postings: []pos.Posting{moving("points", -100, noEnd)}}))
		_, err = c.back(t, sold, rules.Part{})
		require.NoError(t, err)
		require.Empty(t, c.sums[returner])
	})
	t.Run("not after so many days, but by a manager", func(t *testing.T) {
		c, sold := start(t)
		c.program.Returns.Days = 14
		c.day = 114
		_, err := c.back(t, sold, rules.Part{Amount: 1})
		require.NoError(t, err)
		c.day = 115
		_, err = c.back(t, sold, rules.Part{Amount: 1})
		require.ErrorIs(t, err, pos.Refuse("return.late"))
		_, err = rules.Return(&c.program, rules.Back{Sold: *sold, Day: c.day, Sums: c.sums, Allowed: true})
		require.NoError(t, err)
	})
	t.Run("what does not fit is refused", func(t *testing.T) {
		c := newReturns(pos.GoneNegative)
		sold := c.sale(t, soldFor(100), moving("points", math.MaxInt64, noEnd), moving("points", math.MaxInt64, pos.Lot{Until: 200}))
		_, err := c.back(t, sold, rules.Part{})
		require.ErrorIs(t, err, ledger.ErrOverflow)
	})
}

// anySale draws a sale that earns and spends in many accounts and lots, by one or
// two entries.
func anySale(t *rapid.T, c *returns) *rules.Sold {
	accounts := rapid.SampledFrom([]pos.Account{"points", "credit", "stamp:tea/5", "reward:cup", "spend", "visit", "tier:gold", "use:x/day"})
	lots := rapid.SampledFrom([]pos.Lot{{}, {Until: 104}, {Until: 150}, {From: 103}, {From: 110, Until: 200}})
	sign := rapid.SampledFrom([]int64{-1, 1, 1})
	postings := func() (all []pos.Posting) {
		for range rapid.IntRange(0, 6).Draw(t, "postings") {
			n := rapid.OneOf(rapid.Int64Range(1, 12), rapid.Int64Range(1, 1<<40)).Draw(t, "amount")
			all = append(all, moving(accounts.Draw(t, "account"), sign.Draw(t, "sign")*n, lots.Draw(t, "lot")))
		}
		return all
	}
	var s pos.Sale
	for range rapid.IntRange(0, 4).Draw(t, "lines") {
		line := pos.Line{Quantity: rapid.Int64Range(1, 5).Draw(t, "units"), Price: pos.Money(rapid.Int64Range(0, 1000).Draw(t, "price"))}
		line.Discount = pos.Money(rapid.Int64Range(0, line.Quantity*int64(line.Price)).Draw(t, "discount"))
		s.Lines = append(s.Lines, line)
	}
	if len(s.Lines) == 0 {
		s.Amount = pos.Money(rapid.OneOf(rapid.Int64Range(0, 5000), rapid.Int64Range(0, int64(pos.MaxSale))).Draw(t, "amount"))
	}
	sold := c.sale(t, s, postings()...)
	if rapid.Bool().Draw(t, "two entries") {
		sold.Entries = append(sold.Entries, c.book(t, pos.Entry{Kind: pos.Redeemed, Sale: &pos.Sale{}, Postings: postings()}))
	}
	return sold
}

// anyPart draws a part of what is left of the sale.
func anyPart(t *rapid.T, sold *rules.Sold) rules.Part {
	sale := sold.Sale()
	if left := sale.Amount - sold.Came(); left > 0 && rapid.Bool().Draw(t, "by amount") {
		return rules.Part{Amount: pos.Money(rapid.Int64Range(1, int64(left)).Draw(t, "back"))}
	}
	if len(sale.Lines) > 0 && rapid.Bool().Draw(t, "by line") {
		n := rapid.IntRange(1, len(sale.Lines)).Draw(t, "line")
		return rules.Part{Lines: []rules.Units{{Line: n, Units: rapid.Int64Range(0, 3).Draw(t, "units")}}}
	}
	return rules.Part{}
}

// All parts of a sale, in whatever order and sizes, on whatever days, return what
// the whole does: all. On the way never more is reversed of a posting than it was,
// and of no account more than its share.
func TestAllPartsAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newReturns(pos.GoneNegative)
		c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", 7, noEnd), moving("credit", 3, pos.Lot{Until: 150})}})
		before := c.sums[returner]
		sold := anySale(t, c)
		for range rapid.IntRange(0, 6).Draw(t, "parts") {
			part := anyPart(t, sold)
			if _, err := c.back(t, sold, part); err != nil {
				require.ErrorAs(t, err, new(*pos.Problem))
			}
			c.day += pos.Day(rapid.IntRange(0, 5).Draw(t, "days"))
			withinShare(t, sold)
		}
		if _, err := c.back(t, sold, rules.Part{}); err != nil {
			require.ErrorIs(t, err, pos.Refuse("return.twice"))
		}
		require.Equal(t, append(ledger.Sums{}, before...), append(ledger.Sums{}, c.sums[returner]...))
	})
}

// withinShare requires that of each account and direction the part was reversed
// that the value which came back is, rounded down.
func withinShare(t *rapid.T, sold *rules.Sold) {
	type way struct {
		account pos.Account
		gave    bool
	}
	moved, back := map[way]float64{}, map[way]float64{}
	of := map[string]int64{}
	for _, e := range sold.Entries {
		for i, p := range e.Postings {
			moved[way{p.Account, p.Amount > 0}] += math.Abs(float64(p.Amount))
			of[fmt.Sprint(e.ID, i)] = p.Amount
		}
	}
	for _, e := range sold.Returns {
		for _, p := range e.Postings {
			back[way{p.Account, p.Amount < 0}] += math.Abs(float64(p.Amount))
			of[fmt.Sprint(*p.Of, p.OfIndex)] += p.Amount
			require.Equal(t, ledger.Reversal(-p.Amount, p.Amount), p.Amount, "one that counts")
		}
	}
	for _, e := range sold.Entries {
		for i, p := range e.Postings {
			left := of[fmt.Sprint(e.ID, i)]
			require.True(t, left == 0 || (left > 0) == (p.Amount > 0), "a posting is reversed once")
		}
	}
	if whole := float64(sold.Sale().Amount); whole > 0 {
		share := float64(sold.Came()) / whole
		for way, total := range moved {
			require.InDelta(t, math.Floor(total*share), back[way], 1+total*1e-9, "%v", way)
		}
	}
}

// The sum of what two parts take does not depend on which comes first.
func TestOrderOfPartsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(2, 100_000).Draw(t, "sale")
		a := rapid.Int64Range(1, total-1).Draw(t, "first")
		b := rapid.Int64Range(1, total-a).Draw(t, "second")
		earned, spent := rapid.Int64Range(1, 1<<50).Draw(t, "earned"), rapid.Int64Range(1, 1<<50).Draw(t, "spent")
		after := func(parts ...int64) ledger.Sums {
			c := newReturns(pos.GoneNegative)
			sold := c.sale(t, soldFor(pos.Money(total)), moving("points", earned, pos.Lot{From: 120}), moving("points", earned, noEnd),
				moving("points", -spent, pos.Lot{Until: 150}), moving("points", -spent, pos.Lot{Until: 130}), moving("stamp:tea/5", 3, noEnd))
			for _, part := range parts {
				_, err := c.back(t, sold, rules.Part{Amount: pos.Money(part)})
				require.NoError(t, err)
			}
			return slices.Clip(c.sums[returner])
		}
		require.Equal(t, after(a, b), after(b, a))
		require.Equal(t, after(a+b), after(a, b))
	})
}

// Where money is kept for what is spent, every point is taken back or paid for,
// once: as in one return, so in many.
func TestEveryPointIsTakenOrPaidFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newReturns(pos.GoneMoney)
		c.program.Points.Worth.Minor = pos.Money(rapid.Int64Range(1, 999).Draw(t, "worth"))
		total := rapid.Int64Range(1, 10_000).Draw(t, "sale")
		earned := rapid.Int64Range(1, 10_000).Draw(t, "earned")
		spent := rapid.Int64Range(0, earned).Draw(t, "spent")
		sold := c.sale(t, soldFor(pos.Money(total)), moving("points", earned, noEnd))
		if spent > 0 {
			c.book(t, pos.Entry{Postings: []pos.Posting{moving("points", -spent, noEnd)}})
		}
		keep := pos.Money(0)
		for sold.Came() < pos.Money(total) {
			part := rapid.Int64Range(1, total-int64(sold.Came())).Draw(t, "part")
			taken, err := c.back(t, sold, rules.Part{Amount: pos.Money(part)})
			require.NoError(t, err)
			keep += taken.Keep
		}
		require.Zero(t, c.balance("points"))
		require.Equal(t, pos.Money(spent*int64(c.program.Points.Worth.Minor)/100), keep)
	})
}

// The customer gets the money that was paid, and what was paid with credit comes
// back as credit: together the value, in whatever parts.
func TestRefundIsWhatWasPaidWithMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newReturns(pos.GoneNegative)
		whole := rapid.Int64Range(1, 100_000).Draw(t, "whole")
		credit := rapid.Int64Range(0, whole).Draw(t, "credit")
		c.book(t, pos.Entry{Kind: pos.Granted, Postings: []pos.Posting{moving("credit", credit+1, noEnd)}})
		sale := soldFor(pos.Money(whole))
		sale.Paid = []pos.Payment{{With: pos.WithCredit, Amount: pos.Money(credit)}}
		sold := c.sale(t, sale, moving("credit", -credit, noEnd))
		refunded := pos.Money(0)
		for left := pos.Money(whole); left > 0; {
			part := rules.Part{Amount: pos.Money(rapid.Int64Range(1, int64(left)).Draw(t, "part"))}
			worth, err := sold.Worth(part)
			require.NoError(t, err)
			before := c.balance("credit")
			taken, err := c.back(t, sold, part)
			require.NoError(t, err)
			require.Equal(t, worth, taken.Value, "what is shown before is what comes back")
			require.Equal(t, taken.Value, taken.Refund+pos.Money(c.balance("credit")-before))
			refunded += taken.Refund
			left = taken.Left
		}
		require.Equal(t, pos.Money(whole-credit), refunded)
		_, err := sold.Worth(rules.Part{})
		require.ErrorIs(t, err, pos.Refuse("return.twice"))
	})
}

// Money that is kept is no more than what there is to give.
func TestRefundLessWhatIsKept(t *testing.T) {
	c := newReturns(pos.GoneMoney)
	sold := c.sale(t, soldFor(1000), moving("points", 100, noEnd))
	c.book(t, pos.Entry{Kind: pos.Redeemed, Postings: []pos.Posting{moving("points", -100, noEnd)}})
	taken, err := c.back(t, sold, rules.Part{})
	require.NoError(t, err)
	require.Equal(t, []pos.Money{1000, 50, 950}, []pos.Money{taken.Value, taken.Keep, taken.Refund})

	sold = c.sale(t, soldFor(10), moving("points", 100, noEnd))
	c.book(t, pos.Entry{Kind: pos.Redeemed, Postings: []pos.Posting{moving("points", -100, noEnd)}})
	taken, err = c.back(t, sold, rules.Part{})
	require.NoError(t, err)
	require.Equal(t, []pos.Money{50, 0}, []pos.Money{taken.Keep, taken.Refund})
}

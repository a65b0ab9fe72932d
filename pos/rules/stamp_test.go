package rules_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// stampOn decides n stamps by hand on the card.
func stampOn(c counter, card string, n int64) (rules.Decision, error) {
	ask := c.ask()
	ask.Card, ask.Count = card, n
	return rules.StampByHand(c.Program, ask)
}

const tenCups = "[[card]]\nid = 'coffee'\nname = 'Coffee'\nsize = 10\n"

func TestStampByHand(t *testing.T) {
	tests := map[string]struct {
		n  int64
		ok bool
	}{
		"one": {1, true}, "a whole card": {10, true}, "more than a card": {13, true}, "the most at once": {rules.MaxStamps, true},
		"none": {0, false}, "fewer than none": {-1, false}, "one too many": {rules.MaxStamps + 1, false},
		"absurdly many": {math.MaxInt64, false}, "absurdly few": {math.MinInt64, false},
	}
	c := counterWith(t, tenCups)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := stampOn(c, "coffee", tt.n)
			if !tt.ok {
				require.ErrorIs(t, err, pos.Refuse("stamp.number"))
				require.Zero(t, got)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []pos.Posting{{Account: "stamp:coffee/10", Amount: tt.n}}, got.Postings)
			requireExplained(t, got)
			require.Equal(t, []string{"why.stamp.hand"}, keys(got))
		})
	}
	_, err := stampOn(c, "tea", 1)
	require.ErrorIs(t, err, pos.Refuse("stamp.card"))
}

func TestCount(t *testing.T) {
	tests := map[string]struct{ held, stamps, full int64 }{
		"an empty card":                            {0, 0, 0},
		"a card begun":                             {9, 9, 0},
		"just full":                                {10, 0, 1},
		"9 of 10 and 3: one full, 2 on the next":   {9 + 3, 2, 1},
		"two full cards":                           {20, 0, 2},
		"fifty at once on 9":                       {59, 9, 5},
		"taken back after the reward was had":      {-3, -3, 0},
		"taken back by more than a card":           {-13, -13, 0},
		"as many as there can be":                  {math.MaxInt64, math.MaxInt64 % 10, math.MaxInt64 / 10},
		"as large a deficit as there can ever be ": {math.MinInt64, math.MinInt64, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, rules.PunchCard{Card: coffee, Stamps: tt.stamps, Full: tt.full}, rules.Count(coffee, tt.held))
		})
	}
}

// What was given is on the cards: STAMP-001 overflow, STAMP-002 exactly full.
func TestStampsPassOnToTheNextCard(t *testing.T) {
	c := counterWith(t, tenCups)
	for name, tt := range map[string]struct{ had, given, full, stamps int64 }{
		"STAMP-001 3 more on 9":       {9, 3, 1, 2},
		"STAMP-002 1 more on 9":       {9, 1, 1, 0},
		"a full card stays full":      {10, 1, 1, 1},
		"several cards at once":       {9, 31, 4, 0},
		"what was taken back is owed": {-3, 5, 0, 2},
		"and no card before that":     {-3, 2, 0, -1},
	} {
		t.Run(name, func(t *testing.T) {
			decision, err := stampOn(c, "coffee", tt.given)
			require.NoError(t, err)
			card, _ := c.Card("coffee")
			require.Equal(t, rules.PunchCard{Card: card, Stamps: tt.stamps, Full: tt.full}, rules.Count(card, tt.had+got(decision, card.Account())))
		})
	}
}

// No stamp is lost where a card is full: full cards and the card in hand hold
// every stamp given, in whatever portions.
func TestStampsOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		card := pos.Card{ID: "tea", Size: rapid.Int64Range(1, 100).Draw(t, "size")}
		c := counter{&pos.Program{Cards: []pos.Card{card}}, 20_000, nil}
		var sums ledger.Sums
		given := int64(0)
		for _, n := range rapid.SliceOf(rapid.Int64Range(1, rules.MaxStamps)).Draw(t, "portions") {
			decision, err := stampOn(c, "tea", n)
			require.NoError(t, err)
			sums, err = sums.AddAll(decision.Postings)
			require.NoError(t, err)
			given += n
		}
		got := rules.Count(card, sums.Balance(card.Account(), 20_000))
		require.Equal(t, given, got.Full*card.Size+got.Stamps)
		require.True(t, got.Stamps >= 0 && got.Stamps < card.Size)
	})
}

// A sale stamps what its lines are worth, on each card that it is for. The cases with
// an ID are those of other systems; their free items are on lines of their own.
func TestStampsOfASale(t *testing.T) {
	const perUnit, perSale = "[[card]]\nid = 'coffee'\nsize = 3\nper = 'unit'\n", "[[card]]\nid = 'coffee'\nsize = 3\nper = 'sale'\n"
	tests := map[string]struct {
		document, sale string
		want           int64
		keys           []string
	}{
		"a visit":                              {perSale, "4.00", 1, []string{"why.stamp.sale"}},
		"a visit with much":                    {perSale, "4 tea 2.00, 2 cake 3.00", 1, []string{"why.stamp.sale"}},
		"a visit by amount, per unit":          {perUnit, "4.00", 1, []string{"why.stamp.unit"}},
		"units":                                {perUnit, "4 tea 2.00, 2 cake 3.00", 6, []string{"why.stamp.unit"}},
		"units of an item":                     {perUnit + "when.items = ['tea']", "4 tea 2.00, 2 cake 3.00", 4, []string{"why.stamp.unit"}},
		"a visit for an item":                  {perSale + "when.items = ['tea']", "4 tea 2.00, 2 cake 3.00", 1, []string{"why.stamp.sale"}},
		"a visit for another":                  {perSale + "when.items = ['tea']", "2 cake 3.00", 0, nil},
		"only the amount, of an item":          {perUnit + "when.items = ['tea']", "4.00", 0, nil},
		"units of a category":                  {perUnit + "when.categories = ['hot']", "4 tea/hot 2.00, 2 cake/sweet 3.00", 4, []string{"why.stamp.unit"}},
		"but not of an item":                   {perUnit + "when.not_items = ['tea']", "4 tea/hot 2.00, 2 cake/sweet 3.00", 2, []string{"why.stamp.unit"}},
		"what the program excludes":            {perUnit + "[exclude]\ncategories = ['tobacco']", "4 tea/hot 2.00, 2 pipe/tobacco 3.00", 4, []string{"why.stamp.unit"}},
		"too small a sale":                     {perUnit + "when.minimum = '20'", "4 tea 2.00", 0, []string{"why.when.minimum"}},
		"another day":                          {perUnit + "when.weekdays = ['mon']", "4 tea 2.00", 0, nil},
		"units that cost nothing":              {perUnit, "2 tea 2.00, 1 tea 0.00, 1 tea 2.00 d2.00", 2, []string{"why.stamp.unit"}},
		"a visit for a free unit alone":        {perSale + "when.items = ['tea']", "1 tea 2.00 d2.00, 1 cake 3.00", 0, nil},
		"units at half price":                  {perUnit, "2 tea 2.00 d2.00", 2, []string{"why.stamp.unit"}},
		"by hand only":                         {tenCups + "[points]\nearn = 1\nfor = '1'", "4 tea 2.00", 0, []string{"why.earn.base"}},
		"a limit of a sale":                    {perUnit + "limits.per_sale = 2", "5 tea 2.00", 2, []string{"why.stamp.cut", "why.stamp.unit"}},
		"ISSUE-004 lines that were taken off":  {perUnit, "1 A 30.00", 1, []string{"why.stamp.unit"}},
		"ODOO-POS-025 2 boards, no pen":        {perUnit + "when.items = ['board']", "2 board 1.98", 2, []string{"why.stamp.unit"}},
		"ODOO-POS-025 3 boards, a pen":         {perUnit + "when.items = ['board']", "3 board 1.98, 1 pen 3.20 d3.20", 3, []string{"why.stamp.unit"}},
		"ODOO-POS-025 6 boards, 2 pens":        {perUnit + "when.items = ['board']", "6 board 1.98, 2 pen 3.20 d6.40", 6, []string{"why.stamp.unit"}},
		"ODOO-POS-026 any two shelves":         {perUnit + "when.items = ['wall', 'small']", "1 wall 1.98, 1 small 2.83, 1 pad 1.98", 2, []string{"why.stamp.unit"}},
		"ODOO-POS-027 fewer than 3":            {perSale + "when.items = ['box']\nwhen.quantity = 3", "2 box 5.10", 0, []string{"why.when.quantity"}},
		"ODOO-POS-027 3 or more, once":         {perSale + "when.items = ['box']\nwhen.quantity = 3", "7 box 5.10", 1, []string{"why.stamp.sale"}},
		"ODOO-POS-030 of both kinds":           {perUnit + "when.items = ['A', 'B']", "3 A 1.00, 3 B 5.00, 3 A 1.00 d3.00", 6, []string{"why.stamp.unit"}},
		"ODOO-POS-041 the free ones give none": {perUnit + "when.items = ['A', 'B']", "4 A 10.00, 5 B 5.00, 2 A 10.00 d20.00, 2 B 5.00 d10.00", 9, []string{"why.stamp.unit"}},
		"ODOO-POS-046 a bundle counts once":    {perUnit + "when.minimum = '20'", "2 bundle 24.00, 2 part 0.00, 4 screw 0.00", 2, []string{"why.stamp.unit"}},
		"ODOO-SALE-022 75 cabinets":            {perUnit + "when.items = ['cabinet']", "75 cabinet 320.00, 25 cabinet 320.00 d8000.00", 75, []string{"why.stamp.unit"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := counterWith(t, tt.document)
			decision := c.sell(t, tt.sale)
			require.Equal(t, tt.want, got(decision, c.Cards[0].Account()))
			require.Equal(t, tt.keys, keys(decision))
			ask, sale := c.ask(), saleOf(t, tt.sale)
			ask.Sale, ask.Brief = &sale, true
			brief, err := rules.Sell(c.Program, ask)
			require.NoError(t, err)
			requireExplained(t, brief)
			require.Equal(t, decision.Postings, brief.Postings)
			require.Empty(t, keys(brief))
		})
	}
}

// Cards do not know of each other, and two sizes of one card are two cards.
func TestSeveralCardsAtOnce(t *testing.T) {
	c := counterWith(t, `
[[card]]
id = "coffee"
size = 10
per = "unit"
when.categories = ["coffee"]
[[card]]
id = "lunch"
size = 5
per = "sale"
when.minimum = "10"
[[card]]
id = "wash"
size = 8
`)
	decision := c.sell(t, "2 latte/coffee 3.50, 1 soup/food 6.00")
	require.Equal(t, []int64{2, 1, 0}, []int64{got(decision, "stamp:coffee/10"), got(decision, "stamp:lunch/5"), got(decision, "stamp:wash/8")})
	require.Equal(t, int64(2), by(decision, "coffee"))
}

// Limits cut what a card gets, by hand and by sales alike, and say by how much.
func TestLimitsOfStamps(t *testing.T) {
	const limited = tenCups + "per = 'unit'\n[card.limits]\nper_day = 3\nper_week = 5\n"
	tests := map[string]struct {
		today, week, n int64 // stamps given before, and now
		want           int64
	}{
		"none yet":            {0, 0, 2, 2},
		"as many as may be":   {0, 0, 3, 3},
		"more than may be":    {0, 0, 4, 3},
		"some today":          {2, 2, 4, 1},
		"many this week":      {1, 4, 4, 1},
		"enough for today":    {3, 3, 1, 0},
		"enough for the week": {0, 5, 1, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := counterWith(t, limited).with("use:stamp:coffee/day", tt.today).with("use:stamp:coffee/week", tt.week)
			byHand, err := stampOn(c, "coffee", tt.n)
			if tt.want == 0 {
				require.Equal(t, pos.Refuse("stamp.limit", "card", "Coffee"), err)
			} else {
				require.NoError(t, err)
				requireExplained(t, byHand)
			}
			sale := saleOf(t, "9 latte 3.00")
			sale.Lines[0].Quantity = tt.n
			ask := c.ask()
			ask.Sale = &sale
			bySale, err := rules.Sell(c.Program, ask)
			require.NoError(t, err)
			requireExplained(t, bySale)
			for _, decision := range []rules.Decision{byHand, bySale} {
				require.Equal(t, tt.want, got(decision, "stamp:coffee/10"))
				require.Equal(t, tt.want, got(decision, "use:stamp:coffee/day"))
				require.Equal(t, tt.want, got(decision, "use:stamp:coffee/week"))
			}
			if tt.want < tt.n {
				require.Contains(t, keys(bySale), "why.stamp.cut")
				require.Equal(t, tt.n-tt.want, bySale.Because[len(bySale.Because)-1-min(1, int(tt.want))].Args["n"])
			}
		})
	}
}

// STAMP-008, with its seconds taken for minutes: not before the time is over, and then
// at once. What is still to wait is said, and a manager may say otherwise.
func TestCooldown(t *testing.T) {
	tests := map[string]struct {
		cooldown string
		since    float64 // minutes; below 0 is never
		wait     int64   // minutes; 0 is allowed
	}{
		"STAMP-008 never before":    {"5", -1, 0},
		"STAMP-008 just now":        {"5", 0.1, 5},
		"STAMP-008 on the boundary": {"5", 5, 0},
		"STAMP-008 10 of 30":        {"30", 10, 20},
		"STAMP-008 35 of 30":        {"30", 35, 0},
		"STAMP-008 3 of 5":          {"5", 3, 2},
		"STAMP-008 45 of 60":        {"60", 45, 15},
		"a second before the time":  {"5", 4.99, 1},
		"in the same second":        {"5", 0, 5},
		"without a time":            {"0", 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := counterWith(t, tenCups+"per = 'unit'\ncooldown_minutes = "+tt.cooldown)
			if tt.since >= 0 {
				c = c.with(rules.FactSince+"coffee", int64(tt.since*60)+1)
			}
			_, err := stampOn(c, "coffee", 1)
			sale := c.sell(t, "1 latte 3.00")
			if tt.wait == 0 {
				require.NoError(t, err)
				require.Equal(t, int64(1), got(sale, "stamp:coffee/10"))
				return
			}
			require.Equal(t, pos.Refuse("stamp.cooldown", "card", "Coffee", "n", tt.wait), err)
			require.Equal(t, []rules.Because{{Rule: "coffee", Key: "why.stamp.cooldown", Args: map[string]any{"card": "Coffee", "n": tt.wait}}}, sale.Because)
			ask := c.ask()
			ask.Card, ask.Count, ask.Override = "coffee", 1, true
			decision, err := rules.StampByHand(c.Program, ask)
			require.NoError(t, err)
			require.Equal(t, int64(1), got(decision, "stamp:coffee/10"))
		})
	}
}

// By hand the cashier says that there was something to stamp for; but not whether the
// member, or the moment, is right.
func TestByHandAsksTheMomentAndTheMember(t *testing.T) {
	const conditions = "tags = ['staff']\nswitches = ['rain']\n" + tenCups
	for name, tt := range map[string]struct {
		when string
		c    func(counter) counter
		ok   bool
	}{
		"an item is not asked for": {"when.items = ['latte']\nwhen.minimum = '5'\nwhen.quantity = 2", nil, true},
		"the day is":               {"when.weekdays = ['mon']", nil, false},
		"on the day":               {"when.weekdays = ['wed']", nil, true},
		"the hour is":              {"when.hours = ['07:00-10:00']", nil, false},
		"in the hour":              {"when.hours = ['07:00-10:00']", func(c counter) counter { return c.with(rules.FactMinute, 8*60) }, true},
		"the tag is":               {"when.tags = ['staff']", nil, false},
		"with the tag":             {"when.tags = ['staff']", func(c counter) counter { return c.with("tag:staff", 1) }, true},
		"the switch is":            {"when.switch = 'rain'", nil, false},
		"while it is on":           {"when.switch = 'rain'", func(c counter) counter { return c.with(rules.FactSwitch+"rain", 1) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := counterWith(t, conditions+tt.when)
			if tt.c != nil {
				c = tt.c(c)
			}
			_, err := stampOn(c, "coffee", 1)
			if tt.ok {
				require.NoError(t, err)
				return
			}
			require.Equal(t, pos.Refuse("stamp.now", "card", "Coffee"), err)
		})
	}
}

// A ten-trip pass is sold full, and stamped in no other way.
func TestACardThatIsSold(t *testing.T) {
	c := counterWith(t, tenCups+"[[card]]\nid = 'pass'\nname = 'Pass'\nsize = 10\nprice = '30'\nexpire_months = 6\nwhen.until = 2026-12-31\n")
	ask := c.ask()
	ask.Card = "pass"
	decision, err := rules.SellCard(c.Program, ask)
	require.NoError(t, err)
	requireExplained(t, decision)
	require.Equal(t, []pos.Posting{{Account: "stamp:pass/10", Amount: 10, Lot: pos.Lot{Until: day(t, "2027-06-01")}}}, decision.Postings)
	require.Equal(t, []string{"why.stamp.sold"}, keys(decision))

	_, err = stampOn(c, "pass", 1)
	require.Equal(t, pos.Refuse("stamp.sold", "card", "Pass"), err)
	ask.Card = "coffee"
	_, err = rules.SellCard(c.Program, ask)
	require.Equal(t, pos.Refuse("stamp.unsold", "card", "Coffee"), err)
	ask.Card = "tea"
	_, err = rules.SellCard(c.Program, ask)
	require.ErrorIs(t, err, pos.Refuse("stamp.card"))
	ask = c.on(t, "2027-01-01", "12:00").ask()
	ask.Card = "pass"
	_, err = rules.SellCard(c.Program, ask)
	require.Equal(t, pos.Refuse("stamp.now", "card", "Pass"), err)
}

func TestStartUpStamps(t *testing.T) {
	c := counterWith(t, "[[card]]\nid = 'coffee'\nsize = 12\nstart = 2\nexpire = 'year'\n[[card]]\nid = 'tea'\nsize = 8\n")
	decision, err := rules.Enrol(c.Program, c.ask())
	require.NoError(t, err)
	requireExplained(t, decision)
	require.Equal(t, []pos.Posting{{Account: "stamp:coffee/12", Amount: 2, Lot: pos.Lot{Until: day(t, "2027-01-01")}}}, decision.Postings)
	require.Equal(t, []string{"why.stamp.start"}, keys(decision))
}

// Stamps that come as a gift go by no limit and wait for nothing.
func TestStampsAsAGift(t *testing.T) {
	c := counterWith(t, tenCups+"cooldown_minutes = 5\nexpire_months = 1\n[card.limits]\nper_day = 1\n[[event]]\nid = 'review'\ngift = {card = 'coffee', stamps = 3}\n")
	ask := c.with(rules.FactSince+"coffee", 1).with("use:stamp:coffee/day", 1).ask()
	ask.Event = "review"
	decision, err := rules.Happen(c.Program, ask)
	require.NoError(t, err)
	requireExplained(t, decision)
	require.Equal(t, []pos.Posting{{Account: "stamp:coffee/10", Amount: 3, Lot: pos.Lot{Until: day(t, "2027-01-01")}}}, decision.Postings)
	require.Equal(t, []string{"why.gift"}, keys(decision))
}

// No stamp is invented: a sale gives a stamp for each paid unit that the card is for,
// less what limits cut, which the reasons tell to the last one.
func TestStampsOfASaleAreItsUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		card := pos.Card{ID: "coffee", Size: 10, Per: pos.PerUnit, When: pos.When{Items: []string{"latte"}}}
		card.Limits.Day = rapid.Int64Range(0, 5).Draw(t, "a day")
		card.Limits.Sale = rapid.Int64Range(0, 5).Draw(t, "a sale")
		had := rapid.Int64Range(0, 6).Draw(t, "had today")
		var sale pos.Sale
		units := int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "lines") {
			line := pos.Line{Item: rapid.SampledFrom([]string{"latte", "cake"}).Draw(t, "item"), Quantity: rapid.Int64Range(1, 4).Draw(t, "units"), Price: 300}
			if rapid.Bool().Draw(t, "free") {
				line.Discount = 300 * pos.Money(line.Quantity)
			} else if line.Item == "latte" {
				units += line.Quantity
			}
			sale.Lines = append(sale.Lines, line)
		}
		sale, err := sale.Checked()
		require.NoError(t, err)
		if sale.Amount == 0 {
			return
		}
		c := counter{&pos.Program{Cards: []pos.Card{card}}, 20_000, map[string]int64{"use:stamp:coffee/day": had}}
		ask := c.ask()
		ask.Sale = &sale
		decision, err := rules.Sell(c.Program, ask)
		require.NoError(t, err)
		want := units
		if card.Limits.Sale > 0 {
			want = min(want, card.Limits.Sale)
		}
		if card.Limits.Day > 0 {
			want = min(want, max(card.Limits.Day-had, 0))
		}
		require.Equal(t, want, got(decision, card.Account()))
		told := int64(0)
		for _, why := range decision.Because {
			if why.Key == "why.stamp.cut" {
				told += why.Args["n"].(int64)
			}
		}
		require.Equal(t, units, want+told)
	})
}

package pos_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

func TestMistakesInEarning(t *testing.T) {
	const head = "tags = ['vip']\nswitches = ['rain']\n[points]\n[credit]\n[[experiment]]\nid = 'ab'\narms = ['a', 'b']\n"
	earn := func(text string) string { return head + "[[earn]]\nid = 'r'\n" + text }
	plain := earn("earn = 1\nfor = 1\n")
	when := func(text string) string { return plain + "[earn.when]\n" + text }
	campaign := func(text string) string { return head + "[[campaign]]\nid = 'c'\n" + text }
	event := func(text string) string { return head + "[[event]]\nid = 'e'\n" + text }
	tests := map[string]struct{ document, mistake string }{
		"a rule without an id":          {head + "[[earn]]\nearn = 1\nfor = 1", `line 8: earn.0.id: doc.id map[id:]`},
		"one id for two kinds of rules": {plain + "[[campaign]]\nid = 'r'\nmultiply = 2", `line 13: campaign.0.id: doc.twice map[id:r]`},
		"the id of the short rule":      {"[points]\nearn = 1\nfor = 1\n[[earn]]\nid = 'points'\nearn = 1\nfor = 1", `line 5: earn.0.id: doc.twice map[id:points]`},
		"a rule that gives nothing":     {earn("for = 1"), `line 8: earn.0: doc.missing map[key:earn]`},
		"a rule that gives 0":           {earn("earn = 0\nfor = 1"), `line 10: earn.0.earn: doc.positive map[text:0]`},
		"a rate that is no number":      {earn("earn = 'many'\nfor = 1"), `line 10: : doc.number map[most:1000000 text:many]`},
		"a rate with 12 digits":         {earn("earn = 0.123456789012\nfor = 1"), `line 10: : doc.number map[most:1000000 text:0.123456789012]`},
		"a rate below 0":                {earn("earn = -1\nfor = 1"), `line 10: : doc.number map[most:1000000 text:-1]`},
		"a fraction of nothing":         {earn("earn = '1/0'\nfor = 1"), `line 10: : doc.number map[most:1000000 text:1/0]`},
		"per money for nothing":         {earn("earn = 1"), `line 8: earn.0: doc.missing map[key:for]`},
		"per money for 0":               {earn("earn = 1\nfor = 0.00"), `line 11: earn.0.for: doc.positive map[text:0.00]`},
		"per money for too little":      {earn("earn = 1\nfor = 0.001"), `line 11: earn.0.for: doc.amount map[currency:EUR text:0.001 unit:1]`},
		"per visit for money":           {earn("earn = 1\nper = 'sale'\nfor = 1"), `line 12: earn.0.for: doc.needless map[key:for]`},
		"steps of units":                {earn("earn = 1\nper = 'unit'\nsteps = true"), `line 12: earn.0.steps: doc.needless map[key:steps]`},
		"per something else":            {earn("earn = 1\nper = 'day'"), `line 11: earn.0.per: doc.choice map[choices:[money sale item unit] text:day]`},
		"giving something else":         {earn("earn = 1\nfor = 1\ngive = 'stars'"), `line 12: earn.0.give: doc.choice map[choices:[points credit] text:stars]`},
		"giving what there is not":      {"[points]\n[[earn]]\nid = 'r'\nearn = 1\nfor = 1\ngive = 'credit'", `line 2: earn.0: doc.gives map[table:credit]`},
		"giving points without any":     {"[credit]\n[[earn]]\nid = 'r'\nearn = 1\nfor = 1", `line 2: earn.0: doc.gives map[table:points]`},
		"an unknown rounding":           {plain + "round = 'bankers'", `line 12: earn.0.round: doc.choice map[choices:[down nearest up] text:bankers]`},
		"a cap below 0":                 {plain + "most = -1", `line 12: earn.0.most: doc.range map[least:0 most:1000000000 n:-1]`},
		"a limit below 0":               {plain + "limits = {per_day = -1}", `line 12: earn.0.limits: doc.range map[least:0 most:2147483647 n:-1]`},

		"ends before it begins":    {when("from = 2026-12-31\nuntil = 2026-01-01"), `line 14: earn.0.when.until: doc.backwards map[from:2026-12-31 until:2026-01-01]`},
		"30 February":              {when("from = 2026-02-30"), `line 13: : doc.day map[text:2026-02-30]`},
		"a day that is a number":   {when("from = 20261231"), `line 13: : doc.day map[text:20261231]`},
		"an unknown weekday":       {when("weekdays = ['mon', 'monday']"), `line 13: earn.0.when.weekdays: doc.choice map[choices:[mon tue wed thu fri sat sun] text:monday]`},
		"an empty weekday":         {when("weekdays = ['']"), `line 13: earn.0.when.weekdays: doc.choice map[choices:[mon tue wed thu fri sat sun] text:]`},
		"hours without minutes":    {when("hours = ['7-10']"), `line 13: earn.0.when.hours: doc.hours map[text:7-10]`},
		"one moment":               {when("hours = ['07:00']"), `line 13: earn.0.when.hours: doc.hours map[text:07:00]`},
		"no time at all":           {when("hours = ['07:00-07:00']"), `line 13: earn.0.when.hours: doc.hours map[text:07:00-07:00]`},
		"25 o'clock":               {when("hours = ['07:00-25:00']"), `line 13: earn.0.when.hours: doc.hours map[text:07:00-25:00]`},
		"61 minutes":               {when("hours = ['07:00-08:61']"), `line 13: earn.0.when.hours: doc.hours map[text:07:00-08:61]`},
		"from the end of the day":  {when("hours = ['24:00-02:00']"), `line 13: earn.0.when.hours: doc.hours map[text:24:00-02:00]`},
		"an item without a name":   {when("items = ['a', '']"), `line 13: earn.0.when.items: doc.blank`},
		"an item in and out":       {when("items = ['a']\nnot_items = ['a']"), `line 14: earn.0.when.not_items: doc.both map[id:a key:items]`},
		"a category in and out":    {when("categories = ['a']\nnot_categories = ['a']"), `line 14: earn.0.when.not_categories: doc.both map[id:a key:categories]`},
		"a minimum below 0":        {when("minimum = -5"), `line 13: earn.0.when.minimum: doc.amount map[currency:EUR text:-5 unit:1]`},
		"a quantity below 0":       {when("quantity = -5"), `line 13: earn.0.when.quantity: doc.range map[least:0 most:1000000 n:-5]`},
		"an unknown tier":          {when("tiers = ['gold']"), `line 13: earn.0.when.tiers: doc.unknown map[id:gold]`},
		"an unknown plan":          {when("plans = ['club']"), `line 13: earn.0.when.plans: doc.unknown map[id:club]`},
		"an unknown tag":           {when("tags = ['vip', 'staff']"), `line 13: earn.0.when.tags: doc.unknown map[id:staff]`},
		"an unknown tag not to be": {when("not_tags = ['staff']"), `line 13: earn.0.when.not_tags: doc.unknown map[id:staff]`},
		"a tag in and out":         {when("tags = ['vip']\nnot_tags = ['vip']"), `line 14: earn.0.when.not_tags: doc.both map[id:vip key:tags]`},
		"an unknown switch":        {when("switch = 'snow'"), `line 13: earn.0.when.switch: doc.unknown map[id:snow]`},
		"an unknown coupon":        {when("coupon = 'spring'"), `line 13: earn.0.when.coupon: doc.unknown map[id:spring]`},
		"an unknown experiment":    {when("arm = 'xy/a'"), `line 13: earn.0.when.arm: doc.unknown map[id:xy/a]`},
		"an unknown arm":           {when("arm = 'ab/c'"), `line 13: earn.0.when.arm: doc.unknown map[id:ab/c]`},
		"an unknown birthday":      {when("birthday = 'year'"), `line 13: earn.0.when.birthday: doc.choice map[choices:[day week month] text:year]`},
		"no rule may look at age":  {when("age = 60"), `line 13: earn.when.age: doc.setting map[key:earn.when.age]`},
		"a tag that is no id":      {"tags = ['V I P']\n[points]", `line 1: tags: doc.id map[id:V I P]`},
		"a switch twice":           {"switches = ['a', 'a']\n[points]", `line 1: switches: doc.twice map[id:a]`},
		"nothing that is excluded": {"[points]\n[exclude]\nitems = ['']", `line 2: exclude: doc.blank`},

		"a campaign of nothing":        {campaign(""), `line 8: campaign.0: doc.gain`},
		"a campaign of both":           {campaign("multiply = 2\nadd = 5"), `line 8: campaign.0: doc.gain`},
		"times 1":                      {campaign("multiply = 1"), `line 10: campaign.0.multiply: doc.multiply map[text:1]`},
		"times a half":                 {campaign("multiply = 0.5"), `line 10: campaign.0.multiply: doc.multiply map[text:0.5]`},
		"adding below 0":               {campaign("add = -5"), `line 10: campaign.0.add: doc.range map[least:0 most:1000000000 n:-5]`},
		"stacked without a group":      {campaign("add = 5\nstack = 'best'"), `line 11: campaign.0.stack: doc.missing map[key:group]`},
		"an unknown stack":             {campaign("add = 5\ngroup = 'g'\nstack = 'all'"), `line 12: campaign.0.stack: doc.choice map[choices:[add best first] text:all]`},
		"a group of two kinds":         {campaign("add = 5\ngroup = 'g'\nstack = 'best'\n[[campaign]]\nid = 'd'\nadd = 5\ngroup = 'g'\nstack = 'first'"), `line 17: campaign.1.stack: doc.stack map[give:points group:g stack:best]`},
		"a group of points and credit": {campaign("add = 5\ngroup = 'g'\n[[campaign]]\nid = 'd'\nadd = 5\ngroup = 'g'\ngive = 'credit'"), `line 12: campaign.1.stack: doc.stack map[give:points group:g stack:add]`},
		"a group with a space":         {campaign("add = 5\ngroup = 'g g'"), `line 11: campaign.0.group: doc.id map[id:g g]`},

		"an event of nothing":          {event(""), `line 8: event.0.gift: doc.gift`},
		"an event on nothing":          {event("on = 'monday'\ngift = {points = 1}"), `line 10: event.0.on: doc.choice map[choices:[demand join birthday anniversary] text:monday]`},
		"a birthday with a limit":      {event("on = 'birthday'\ngift = {points = 1}\nlimits = {per_year = 1}"), `line 12: event.0.limits: doc.needless map[key:limits]`},
		"a review of a sale":           {event("gift = {points = 1}\nwhen = {minimum = 5}"), `line 11: event.0.when: doc.nosale`},
		"points below 0":               {event("gift = {points = -1}"), `line 10: event.0.gift.points: doc.range map[least:0 most:1000000000 n:-1]`},
		"credit of nothing":            {event("gift = {credit = 0}"), `line 10: event.0.gift.credit: doc.amount map[currency:EUR text:0 unit:1]`},
		"credit without any":           {"[points]\n[[event]]\nid = 'e'\ngift = {credit = 1}", `line 4: event.0.gift.credit: doc.gives map[table:credit]`},
		"an unknown voucher":           {event("gift = {voucher = 'cake'}"), `line 10: event.0.gift.voucher: doc.voucher map[id:cake]`},
		"a voucher that is none":       {event("gift = {voucher = 'cake'}\n[[reward]]\nid = 'cake'\npoints = 5"), `line 10: event.0.gift.voucher: doc.voucher map[id:cake]`},
		"stamps on no card":            {event("gift = {stamps = 2}"), `line 10: event.0.gift: doc.missing map[key:card]`},
		"a card without stamps":        {event("gift = {card = 'tea'}\n[[card]]\nid = 'tea'\nsize = 9"), `line 10: event.0.gift: doc.missing map[key:stamps]`},
		"stamps on an unknown card":    {event("gift = {card = 'tea', stamps = 1}"), `line 10: event.0.gift.card: doc.unknown map[id:tea]`},
		"a badge with a space":         {event("gift = {badge = 'a b'}"), `line 10: event.0.gift.badge: doc.id map[id:a b]`},
		"an unknown tag for it":        {event("gift = {tag = 'gone'}"), `line 10: event.0.gift.tag: doc.unknown map[id:gone]`},
		"a ticket for no draw":         {event("gift = {tag = 'vip', draw = 'car'}"), `line 10: event.0.gift.draw: doc.unknown map[id:car]`},
		"an unknown setting of a gift": {event("gift = {money = 5}"), `line 10: event.money: doc.setting map[key:event.money]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pos.ParseProgram([]byte(tt.document), money(t, "EUR"))
			var mistake *pos.DocumentError
			require.ErrorAs(t, err, &mistake)
			require.Equal(t, tt.mistake, mistake.Error())
		})
	}
}

// What is left out has its default, and campaigns stand in the order of priority.
func TestEarningDefaults(t *testing.T) {
	p, err := pos.ParseProgram([]byte(`
[points]
round = "up"
[[earn]]
id = "a"
earn = "1/3"
for = 2.50
when = {from = "2026-01-01", until = 2026-12-31}
[[earn]]
id = "b"
name = "Visit"
earn = 5
per = "sale"
round = "down"
[[campaign]]
id = "c"
add = 5
[[campaign]]
id = "d"
multiply = 1.50
group = "g"
priority = 3
[[event]]
id = "e"
on = "birthday"
gift = {points = 5}
`), money(t, "EUR"))
	require.NoError(t, err)
	a, b := p.Earn[0], p.Earn[1]
	require.Equal(t, []any{"a", "points", "money", pos.RoundUp, pos.Ratio{Num: 1, Den: 3}, pos.Money(250)}, []any{a.Name, a.Give, a.Per, a.Round, a.Earn, a.For.Minor})
	require.Equal(t, []string{"2026-01-01", "2026-12-31"}, []string{a.When.From.String(), a.When.Until.String()})
	require.Equal(t, []any{"Visit", "sale", pos.RoundDown}, []any{b.Name, b.Per, b.Round})
	require.Equal(t, []string{"d", "c"}, []string{p.Campaigns[0].ID, p.Campaigns[1].ID})
	require.Equal(t, []any{pos.Ratio{Num: 3, Den: 2}, "add", "points"}, []any{p.Campaigns[0].Multiply, p.Campaigns[0].Stack, p.Campaigns[0].Give})
	require.Equal(t, pos.BirthdayWeek, p.Events[0].When.Birthday)
}

func TestBasis(t *testing.T) {
	line := pos.Line{Quantity: 2, Price: 1000, Discount: 500, Tax: 250} // 15.00, of which a sixth is tax
	tests := map[string]struct {
		basis pos.Basis
		line  pos.Line
		want  pos.Money
	}{
		"as it is paid":                         {pos.Basis{}, line, 1500},
		"without tax":                           {pos.Basis{WithoutTax: true}, line, 1250},
		"before discounts":                      {pos.Basis{BeforeDiscounts: true}, line, 2000},
		"without tax, before discounts":         {pos.Basis{WithoutTax: true, BeforeDiscounts: true}, line, 1667},
		"the same without a discount":           {pos.Basis{WithoutTax: true, BeforeDiscounts: true}, pos.Line{Quantity: 1, Price: 1200, Tax: 200}, 1000},
		"all off: nobody knows the tax":         {pos.Basis{WithoutTax: true, BeforeDiscounts: true}, pos.Line{Quantity: 1, Price: 1200, Discount: 1200}, 1200},
		"all tax":                               {pos.Basis{WithoutTax: true, BeforeDiscounts: true}, pos.Line{Quantity: 1, Price: pos.MaxSale, Discount: 1, Tax: pos.MaxSale - 1}, 0},
		"one cent of the dearest, without tax":  {pos.Basis{WithoutTax: true, BeforeDiscounts: true}, pos.Line{Quantity: 1, Price: pos.MaxSale, Discount: pos.MaxSale - 1}, pos.MaxSale},
		"one cent of the dearest, which is tax": {pos.Basis{WithoutTax: true, BeforeDiscounts: true}, pos.Line{Quantity: 1, Price: pos.MaxSale, Discount: pos.MaxSale - 1, Tax: 1}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, tt.basis.Of(&tt.line))
		})
	}
}

// The tax of a price before discounts is that of what is paid, at the same rate, and
// rounded half up.
func TestBasisKeepsTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(1, int64(pos.MaxSale)).Draw(t, "price")
		due := rapid.Int64Range(1, price).Draw(t, "due")
		tax := rapid.Int64Range(0, due).Draw(t, "tax")
		line := pos.Line{Quantity: 1, Price: pos.Money(price), Discount: pos.Money(price - due), Tax: pos.Money(tax)}
		exact := new(big.Rat).Mul(big.NewRat(tax, due), big.NewRat(price, 1))
		rounded := price - int64(pos.Basis{WithoutTax: true, BeforeDiscounts: true}.Of(&line))
		off := new(big.Rat).Sub(big.NewRat(rounded, 1), exact)
		require.True(t, off.Cmp(big.NewRat(1, 2)) <= 0 && off.Cmp(big.NewRat(-1, 2)) > 0, "%s is %d", exact, rounded)
	})
}

func TestSaleChecked(t *testing.T) {
	line := func(l pos.Line) pos.Sale { return pos.Sale{Lines: []pos.Line{{Quantity: 1, Price: 100}, l}} }
	good := pos.Line{Quantity: 2, Price: 150, Discount: 50, Tax: 25}
	many := func(n int, l pos.Line) (sale pos.Sale) {
		for range n {
			sale.Lines = append(sale.Lines, l)
		}
		return sale
	}
	tests := map[string]struct {
		sale    pos.Sale
		problem string
	}{
		"lines":                      {line(good), ""},
		"no units":                   {line(pos.Line{Price: 5}), "sale.quantity"},
		"fewer than none":            {line(pos.Line{Quantity: -1, Price: 5}), "sale.quantity"},
		"too many units":             {line(pos.Line{Quantity: pos.MaxQuantity + 1}), "sale.quantity"},
		"a price below nothing":      {line(pos.Line{Quantity: 1, Price: -1}), "sale.price"},
		"more than a sale":           {line(pos.Line{Quantity: 2, Price: pos.MaxSale}), "amount.large"},
		"more than int64":            {line(pos.Line{Quantity: 1_000_000, Price: 1 << 62}), "amount.large"},
		"more than a sale together":  {many(2, pos.Line{Quantity: 1, Price: pos.MaxSale/2 + 1}), "amount.large"},
		"a discount above the price": {line(pos.Line{Quantity: 1, Price: 5, Discount: 6}), "sale.discount"},
		"a discount below nothing":   {line(pos.Line{Quantity: 1, Price: 5, Discount: -1}), "sale.discount"},
		"tax above the price":        {line(pos.Line{Quantity: 1, Price: 5, Tax: 6}), "sale.tax"},
		"tax below nothing":          {line(pos.Line{Quantity: 1, Price: 5, Tax: -1}), "sale.tax"},
		"tax above the sale":         {pos.Sale{Amount: 5, Tax: 6}, "sale.tax"},
		"a sale below nothing":       {pos.Sale{Amount: -1}, "amount.positive"},
		"too large a sale":           {pos.Sale{Amount: pos.MaxSale + 1}, "amount.large"},
		"too many lines":             {many(pos.MaxLines+1, good), "sale.lines"},
		"as many as there can be":    {many(pos.MaxLines, good), ""},
		"paid in two ways":           {pos.Sale{Amount: 10, Paid: []pos.Payment{{With: "points", Amount: 4}, {With: "card", Amount: 6}}}, ""},
		"paid twice":                 {pos.Sale{Amount: 10, Paid: []pos.Payment{{With: "points", Amount: 5}, {With: "card", Amount: 6}}}, "sale.paid"},
		"paid below nothing":         {pos.Sale{Amount: 10, Paid: []pos.Payment{{With: "points", Amount: -5}}}, "sale.paid"},
		"paid with something":        {pos.Sale{Amount: 10, Paid: []pos.Payment{{With: "shells", Amount: 5}}}, "sale.paid"},
		"paid in many parts":         {pos.Sale{Amount: 100, Paid: make21()}, "sale.payments"},
		"a long item":                {line(pos.Line{Quantity: 1, Item: strings.Repeat("x", 65)}), "sale.text"},
		"an item that is no text":    {line(pos.Line{Quantity: 1, Item: "\xff"}), "sale.text"},
		"a long receipt":             {pos.Sale{Amount: 5, Receipt: strings.Repeat("x", 65)}, "sale.receipt"},
		"many lines of long items":   {many(pos.MaxLines, pos.Line{Quantity: 1, Price: 1, Item: strings.Repeat("x", 64)}), "sale.size"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.sale.Checked()
			if tt.problem != "" {
				require.ErrorIs(t, err, pos.Refuse(tt.problem))
				return
			}
			require.NoError(t, err)
			again, err := got.Checked()
			require.NoError(t, err)
			require.Equal(t, got, again)
		})
	}
	got, err := line(good).Checked()
	require.NoError(t, err)
	require.Equal(t, []pos.Money{350, 25}, []pos.Money{got.Amount, got.Tax}, "of the lines")
	require.Equal(t, pos.Money(10), pos.Sale{Paid: []pos.Payment{{With: "points", Amount: 4}, {With: "card", Amount: 6}}}.PaidOtherwise())
}

func make21() []pos.Payment {
	paid := make([]pos.Payment, 21)
	for i := range paid {
		paid[i] = pos.Payment{With: pos.WithPoints, Amount: 1}
	}
	return paid
}

// Every sale that is checked fits an entry, with room for a hundred postings.
func TestCheckedSalesFitAnEntry(t *testing.T) {
	big := pos.Line{Item: strings.Repeat("x", 20), Quantity: pos.MaxQuantity, Price: pos.MaxSale / pos.MaxQuantity / pos.MaxLines, Tax: 1_000_000_000, Discount: 1_000_000_000}
	sale := pos.Sale{Receipt: strings.Repeat("r", 64), Currency: "EUR"}
	for range pos.MaxLines {
		more := sale
		more.Lines = append(more.Lines, big)
		if _, err := more.Checked(); err != nil {
			break
		}
		sale = more
	}
	require.Greater(t, len(sale.Lines), pos.MaxLines*9/10)
	sale, err := sale.Checked()
	require.NoError(t, err)
	entry := pos.Entry{V: 1, ID: pos.EntryID{Terminal: pos.TerminalID{1}, Seq: 1}, Holder: pos.HolderID{1}, At: 1, Kind: pos.Earned, Sale: &sale}
	for i := range 100 {
		entry.Postings = append(entry.Postings, pos.Posting{Account: "use:123456789012345678901234567890/month", Amount: int64(i + 1), Lot: pos.Lot{Until: 30_000}})
	}
	_, err = entry.Encode()
	require.NoError(t, err)
}

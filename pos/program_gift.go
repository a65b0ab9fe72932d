package pos

import "slices"

// Gift is what a rule gives at once.
type Gift struct {
	Points  int64  `toml:"points"`
	Credit  Amount `toml:"credit"`
	Voucher string `toml:"voucher"` // a reward's id: one free one
	Card    string `toml:"card"`
	Stamps  int64  `toml:"stamps"` // on that card
	Badge   string `toml:"badge"`
	Tag     string `toml:"tag"`
	Draw    string `toml:"draw"` // a ticket for it
}

// check reads the gift at the path. One that gives nothing is a mistake.
func (g *Gift) check(path string, p *Program, currency Currency) error {
	err := first(
		within(path+".points", g.Points, 0, maxGift),
		g.Credit.resolve(path+".credit", currency),
		within(path+".stamps", g.Stamps, 0, 100),
	)
	if err != nil {
		return err
	}
	_, voucher := find(p.Rewards, func(r RewardRule) bool { return r.ID == g.Voucher && r.Voucher })
	_, card := p.Card(g.Card)
	_, draw := find(p.Draws, func(d Draw) bool { return d.ID == g.Draw })
	switch {
	case *g == Gift{}:
		return wrong(path, "doc.gift")
	case g.Points > 0 && p.Points == nil:
		return wrong(path+".points", "doc.gives", "table", "points")
	case g.Credit.Given() && p.Credit == nil:
		return wrong(path+".credit", "doc.gives", "table", "credit")
	case g.Credit.Minor > maxGift, g.Credit.Given() && g.Credit.Minor == 0:
		return wrong(path+".credit", "doc.amount", "text", CleanName(g.Credit.Text), "currency", currency.Code, "unit", currency.Unit)
	case g.Voucher != "" && !voucher:
		return wrong(path+".voucher", "doc.voucher", "id", CleanName(g.Voucher))
	case g.Card != "" && !card:
		return known(path+".card", g.Card, false)
	case g.Card == "" && g.Stamps > 0:
		return wrong(path, "doc.missing", "key", "card")
	case g.Card != "" && g.Stamps == 0:
		return wrong(path, "doc.missing", "key", "stamps")
	case g.Badge != "" && !idPattern.MatchString(g.Badge):
		return wrong(path+".badge", "doc.id", "id", CleanName(g.Badge))
	case g.Tag != "" && !slices.Contains(p.Tags, g.Tag):
		return known(path+".tag", g.Tag, false)
	case g.Draw != "":
		return known(path+".draw", g.Draw, draw)
	}
	return nil
}

package program

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strconv"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// do lets one step happen to the member, as often as it says. What the rules refuse
// is a *pos.Problem.
func (m *member) do(step pos.ExampleStep) (all deed, err error) {
	for n := range max(step.Times, 1) {
		if n > 0 {
			m.day += pos.Day(step.Every)
		}
		done, err := m.once(step)
		all.postings, all.because = append(all.postings, done.postings...), append(all.because, done.because...)
		all.off, all.back, all.kept = all.off+done.off, all.back+done.back, all.kept+done.kept
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (m *member) once(step pos.ExampleStep) (deed, error) {
	m.coupon = ""
	sale, err := saleOf(step)
	if err != nil {
		return deed{}, err
	}
	ask := rules.Ask{Holder: m.holder, Day: m.day, Count: step.Count, Facts: m.facts}
	switch {
	case step.Days > 0:
		m.day += pos.Day(step.Days)
		return deed{}, nil
	case step.Minutes > 0:
		m.minute += step.Minutes
		m.day, m.minute = m.day+pos.Day(m.minute/(24*60)), m.minute%(24*60)
		return deed{}, nil
	case step.Redeem != "":
		return m.redeem(step, sale)
	case sale != nil:
		m.last = rules.Sold{}
		return m.sell(step, sale)
	case step.Coupon != "":
		return m.useCoupon(step, nil)
	case step.Return.Given() || step.Item != "":
		return m.takeBack(step)
	case step.Transfer > 0 || step.Pool > 0:
		return m.transfer(step)
	case step.Load.Given():
		return deed{}, m.load(int64(step.Load.Minor))
	case step.Pass != "":
		ask.Card = step.Pass
		return m.decide(pos.Loaded, rules.SellCard, ask)
	case step.Stamp != "":
		ask.Card = step.Stamp
		return m.decide(pos.Stamped, rules.StampByHand, ask)
	case step.Event != "":
		ask.Event = step.Event
		return m.decide(pos.Happened, rules.Happen, ask)
	case step.Brought != "":
		ask.Event = step.Brought
		return m.decide(pos.Happened, rules.Referred, ask)
	case step.Join:
		m.joined = m.day
		return m.decide(pos.Enrolled, rules.Enrol, ask)
	}
	return m.standing(step, ask)
}

// standing lets a membership or something given by hand happen.
func (m *member) standing(step pos.ExampleStep, ask rules.Ask) (deed, error) {
	of := func(decide func(*pos.Program, rules.Ask, string) (rules.Decision, error), id string) func(*pos.Program, rules.Ask) (rules.Decision, error) {
		return func(p *pos.Program, ask rules.Ask) (rules.Decision, error) { return decide(p, ask, id) }
	}
	switch {
	case step.Plan != "":
		return m.decide(pos.Joined, of(rules.JoinPlan, step.Plan), ask)
	case step.Pause != "":
		return m.decide(pos.Joined, of(rules.PausePlan, step.Pause), ask)
	case step.Resume != "":
		return m.decide(pos.Joined, of(rules.ResumePlan, step.Resume), ask)
	case step.Cancel != "":
		return m.decide(pos.Joined, of(rules.CancelPlan, step.Cancel), ask)
	case step.Tier != "":
		return m.decide(pos.Granted, func(p *pos.Program, ask rules.Ask) (rules.Decision, error) {
			return rules.SetTier(p, ask, step.Tier, 0)
		}, ask)
	}
	return m.decide(pos.Granted, func(p *pos.Program, ask rules.Ask) (rules.Decision, error) {
		return rules.AddTag(p, ask, step.Tag, 0)
	}, ask)
}

// decide books what the rules decide.
func (m *member) decide(kind pos.Kind, rule func(*pos.Program, rules.Ask) (rules.Decision, error), ask rules.Ask) (deed, error) {
	decision, err := rule(m.p, ask)
	if err == nil {
		err = m.book(kind, ask.Sale, decision.Postings)
	}
	if err != nil {
		return deed{}, err
	}
	return deed{postings: decision.Postings, because: decision.Because, back: decision.Refund()}, nil
}

// saleOf returns the sale that a step names, nil if it names none. What is paid with
// credit or a gift card is not in it yet.
func saleOf(step pos.ExampleStep) (*pos.Sale, error) {
	if !step.Sale.Given() && len(step.Lines) == 0 {
		return nil, nil
	}
	sale := pos.Sale{Receipt: step.Receipt, Amount: step.Sale.Minor, Tax: step.Tax.Minor}
	for _, line := range step.Lines {
		sale.Lines = append(sale.Lines, pos.Line{
			Item: line.Item, Category: line.Category, Quantity: line.Quantity,
			Price: line.Price.Minor, Discount: line.Discount.Minor, Tax: line.Tax.Minor,
		})
	}
	if points := step.Paid[pos.WithPoints]; points.Given() {
		sale.Paid = append(sale.Paid, pos.Payment{With: pos.WithPoints, Amount: points.Minor})
	}
	checked, err := sale.Checked()
	return &checked, err
}

// sell books a sale: its coupon, what pays for it, and what it gives.
func (m *member) sell(step pos.ExampleStep, sale *pos.Sale) (all deed, err error) {
	if step.Coupon != "" && step.Redeem == "" {
		if all, err = m.useCoupon(step, sale); err != nil {
			return all, err
		}
		m.coupon = step.Coupon
	}
	for _, with := range slices.Sorted(maps.Keys(step.Paid)) {
		if with == pos.WithPoints {
			continue
		}
		paid, err := m.pay(with, sale, step.Paid[with].Minor)
		if err != nil {
			return all, err
		}
		sale = paid.Sale
		all = all.with(paid.Decision)
	}
	ask := rules.Ask{Holder: m.holder, Day: m.day, Sale: sale, Facts: m.facts}
	done, err := m.decide(pos.Earned, rules.Sell, ask)
	all.postings, all.because = append(all.postings, done.postings...), append(all.because, done.because...)
	return all, err
}

func (d deed) with(decision rules.Decision) deed {
	d.postings, d.because = append(d.postings, decision.Postings...), append(d.because, decision.Because...)
	return d
}

// pay takes a part of the price from the member's credit or the gift card.
func (m *member) pay(with string, sale *pos.Sale, amount pos.Money) (rules.Paid, error) {
	known := m.knows()
	if with == pos.WithCard {
		known = rules.Knowledge{Holder: giftCard, Sums: m.card}
	}
	paid, err := rules.Pay(m.p, rules.Payment{Sale: sale, Amount: amount, Card: with == pos.WithCard}, known, m.day)
	if err != nil || with == pos.WithCredit {
		if err == nil {
			err = m.book(pos.Paid, paid.Sale, paid.Postings)
		}
		return paid, err
	}
	m.card, err = m.card.AddAll(paid.Postings)
	m.note(pos.Paid, giftCard, paid.Sale, paid.Postings)
	paid.Decision = rules.Decision{} // nothing of the member's
	return paid, err
}

// redeem hands out a reward as a till without a server would, and books the sale
// that it belongs to.
func (m *member) redeem(step pos.ExampleStep, sale *pos.Sale) (deed, error) {
	if sale != nil {
		m.last = rules.Sold{}
	}
	p, shown, err := m.shown(step)
	if err != nil {
		return deed{}, err
	}
	claim := rules.Claim{Reward: step.Redeem, Count: step.Count, Choice: step.Choice, Coupon: shown, Sale: sale, Taken: step.Taken}
	r, err := rules.Redeem(p, claim, m.knows(), m.day, m.facts)
	if err == nil {
		err = m.book(pos.Redeemed, r.Sale, r.Postings)
	}
	if err != nil {
		return deed{}, err
	}
	m.stock[step.Redeem] += max(r.Claim.Count, 1)
	done := deed{postings: r.Postings, because: r.Because, off: r.Off}
	if r.Sale == nil || r.Sale.Amount == 0 {
		return done, nil
	}
	sold, err := m.sell(step, r.Sale)
	if errors.Is(err, pos.Refuse("earn.none")) {
		return done, nil
	}
	done.postings, done.because = append(done.postings, sold.postings...), append(done.because, sold.because...)
	return done, err
}

// useCoupon takes the coupon that is shown.
func (m *member) useCoupon(step pos.ExampleStep, sale *pos.Sale) (deed, error) {
	p, shown, err := m.shown(step)
	if err != nil {
		return deed{}, err
	}
	return m.decide(pos.Happened, func(_ *pos.Program, ask rules.Ask) (rules.Decision, error) { return rules.UseCoupon(p, ask) },
		rules.Ask{Holder: m.holder, Day: m.day, Sale: sale, Code: shown, Facts: m.facts})
}

// seed makes the key that signs the coupons of examples.
const seed = "an example's coupons, not a shop's"

// shown returns the code of the coupon that is shown, "" if none is. A signed one is
// signed for the program that comes with it, which differs in the key: no example
// can know the shop's.
func (m *member) shown(step pos.ExampleStep) (*pos.Program, string, error) {
	at := slices.IndexFunc(m.p.Coupons, func(c pos.Coupon) bool { return c.ID == step.Coupon })
	if at < 0 {
		return m.p, "", nil
	}
	if text := m.p.Coupons[at].Code; text != "" {
		return m.p, text, nil
	}
	private := ed25519.NewKeyFromSeed([]byte(seed)[:ed25519.SeedSize])
	public, ok := private.Public().(ed25519.PublicKey)
	if !ok {
		return nil, "", errors.New("make a key for coupons")
	}
	owner := pos.HolderID{}
	switch step.Owner {
	case pos.OwnMember:
		owner = m.holder
	case pos.OwnOther:
		owner = pos.HolderID{2}
	}
	p := *m.p
	p.Coupons = slices.Clone(p.Coupons)
	p.Coupons[at].Key = base64.StdEncoding.EncodeToString(public)
	return &p, code.NewCoupon(private, step.Coupon, uint64(max(step.Serial, 1)), 0, owner).String(), nil
}

// takeBack returns the last sale or a part of it.
func (m *member) takeBack(step pos.ExampleStep) (deed, error) {
	part := rules.Part{Amount: step.Return.Minor}
	if sale := m.last.Sale(); sale != nil && step.Item != "" {
		line := slices.IndexFunc(sale.Lines, func(l pos.Line) bool { return l.Item == step.Item })
		part.Lines = []rules.Units{{Line: line + 1, Units: 1}}
	}
	back := rules.Back{Sold: m.last, Part: part, Day: m.day, Sums: map[pos.HolderID]ledger.Sums{m.holder: m.sums, giftCard: m.card}}
	taken, err := rules.Return(m.p, back)
	if err != nil {
		return deed{}, err
	}
	done := deed{because: taken.Because, back: taken.Value - taken.Keep, kept: taken.Keep}
	for i, given := range taken.Holders {
		entry := pos.Entry{
			ID: pos.EntryID{Terminal: pos.TerminalID{1}, Seq: uint64(len(m.last.Returns) + 1)}, At: m.now() * 60_000, Day: m.day,
			Kind: pos.Refunded, Holder: given.Holder, Postings: given.Postings, Saw: map[string]int64{},
		}
		for account, n := range given.Gone {
			entry.Saw[rules.SawGone+string(account)] = n
		}
		if i == 0 { // what came back counts once
			entry.Sale = &pos.Sale{Amount: taken.Value}
			for _, units := range taken.Units {
				entry.Saw[rules.SawLine+strconv.Itoa(units.Line)] = units.Units
			}
		}
		m.last.Returns = append(m.last.Returns, entry)
		if given.Holder == giftCard {
			m.card, err = m.card.AddAll(given.Postings)
		} else {
			done.postings = given.Postings
			m.sums, err = m.sums.AddAll(given.Postings)
		}
		if err != nil {
			return deed{}, err
		}
	}
	return done, nil
}

// transfer gives points to another member.
func (m *member) transfer(step pos.ExampleStep) (deed, error) {
	move := rules.Move{Account: pos.PointsAccount, Amount: max(step.Transfer, step.Pool), Household: step.Pool > 0}
	out, _, _, err := rules.Transfer(m.p, move, m.knows(), m.day)
	if err == nil {
		err = m.book(pos.Moved, nil, out)
	}
	if err != nil {
		return deed{}, err
	}
	return deed{postings: out}, nil
}

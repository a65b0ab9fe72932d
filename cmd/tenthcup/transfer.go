package main

import (
	"strconv"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// moveFlags say what one member gives another.
type moveFlags struct {
	Amount string `arg:"" help:"How many points, or how much credit with a decimal point."`
	Credit bool   `help:"Credit, not points."`
}

func (m moveFlags) move(currency pos.Currency) (rules.Move, error) {
	if m.Credit {
		amount, err := currency.Parse(m.Amount, '.')
		if err != nil {
			return rules.Move{}, amountProblem(err, m.Amount, currency)
		}
		return rules.Move{Account: pos.CreditAccount, Amount: int64(amount)}, nil
	}
	points, err := strconv.ParseInt(m.Amount, 10, 64)
	if err != nil {
		return rules.Move{}, pos.Refuse("transfer.number", "text", m.Amount)
	}
	return rules.Move{Account: pos.PointsAccount, Amount: points}, nil
}

type transferCmd struct {
	onTill
	byCashier
	From string `arg:"" help:"Who gives, by code, alias or phone number."`
	To   string `arg:"" help:"Who gets it."`
	moveFlags
}

// Run gives points or credit of one member to another.
func (m transferCmd) Run(c *call) error {
	return c.withTill(m.Dir, func(t *till) error {
		from, err := t.one(m.From)
		if err != nil {
			return err
		}
		to, err := t.one(m.To)
		if err != nil {
			return err
		}
		move, err := m.move(t.station.Currency)
		if err != nil {
			return err
		}
		given, err := t.station.Transfer(m.Cashier, from.Profile.Holder, to.Profile.Holder, move)
		return c.printGiven(given, err)
	})
}

type poolCmd struct {
	onTill
	byCashier
	Code string `arg:"" help:"The member who is to spend it, by code, alias or phone number."`
	moveFlags
}

// Run gives a member what others of the household have.
func (p poolCmd) Run(c *call) error {
	return c.withTill(p.Dir, func(t *till) error {
		to, err := t.one(p.Code)
		if err != nil {
			return err
		}
		move, err := p.move(t.station.Currency)
		if err != nil {
			return err
		}
		given, err := t.station.Pool(p.Cashier, to.Profile.Holder, move)
		return c.printGiven(given, err)
	})
}

type givenJSON struct {
	Entries []entryJSON `json:"entries"` // of each giver: what was taken, and behind it what the receiver got
	From    memberJSON  `json:"from"`
	To      memberJSON  `json:"to"`
}

func (c *call) printGiven(given station.Given, err error) error {
	if err != nil {
		return err
	}
	document := givenJSON{From: memberDocument(given.From), To: memberDocument(given.To)}
	for _, r := range given.Records {
		document.Entries = append(document.Entries, entryDocument(r))
	}
	sentence := c.words.T("transfer.done", "name", given.To.Profile.Name, "number", given.Records[0].Number)
	return c.print(document, sentence+"\n"+c.memberText(given.From)+"\n"+c.memberText(given.To))
}

type memberReplaceCmd struct {
	onTill
	Code string `arg:"" help:"The member's old code, alias or phone number."`
	With string `help:"The code of the new card, one that was printed beforehand; a new code if left out." placeholder:"CODE"`
}

// Run gives a member a new code in the place of a lost one.
func (m memberReplaceCmd) Run(c *call) error {
	return c.withTill(m.Dir, func(t *till) error {
		found, err := t.one(m.Code)
		if err != nil {
			return err
		}
		changed, err := t.station.ReplaceCode(found.Profile.Holder, m.With)
		if err != nil {
			return err
		}
		return c.print(memberDocument(changed), c.words.T("transfer.replaced", "name", changed.Profile.Name, "code", code.Group(changed.Profile.Code())))
	})
}

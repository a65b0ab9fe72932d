package program

import (
	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Worst says what members may get too much while so many tills are disconnected,
// for each account that rewards are paid from: see rules.WorstCase.
func Worst(p *pos.Program, tills int) []pos.Sentence {
	var said []pos.Sentence
	for _, e := range rules.WorstCase(p, tills) {
		if e.Account == pos.CreditAccount {
			said = append(said, worstMoney(e))
			continue
		}
		names := ids(e.Rewards, func(r pos.RewardRule) string { return r.Name })
		what := whole(p, e)
		if e.All == 0 {
			said = append(said, pos.Say("program.worst.none", "what", what))
			continue
		}
		said = append(said, pos.Say("program.worst.units",
			"what", what, "rewards", names, "tills", e.Tills, "budget", e.Budget, "n", e.All, "member", e.Member, "copy", e.Copy))
	}
	if len(said) == 0 {
		said = append(said, pos.Say("program.worst.nothing"))
	}
	return said
}

func worstMoney(e rules.Exposure) pos.Sentence {
	if e.All == 0 {
		return pos.Say("program.worst.none", "what", pos.Say("program.what.credit"))
	}
	return pos.Say("program.worst.money", "tills", e.Tills,
		"budget", pos.Money(e.Budget), "all", pos.Money(e.All), "member", pos.Money(e.Member), "copy", pos.Money(e.Copy))
}

// whole names what an account counts when rewards are paid from it.
func whole(p *pos.Program, e rules.Exposure) pos.Sentence {
	for _, card := range p.Cards {
		if card.Account() == e.Account && e.Unit == card.Size {
			return pos.Say("program.what.full", "card", card.Name)
		}
		if card.Account() == e.Account {
			return pos.Say("program.what.card", "id", card.Name)
		}
	}
	for _, r := range p.Rewards {
		if e.Account == voucherAccount(r.ID) {
			return pos.Say("program.what.voucher", "id", r.Name)
		}
	}
	return pos.Say("program.what.points")
}

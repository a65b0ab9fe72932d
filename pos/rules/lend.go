package rules

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Lend decides which leases the centre grants of a holder's sums, as published
// (ledger.Sums.Published), given those that are out. Tills come in the order in
// which the holder was at them, the last first; as many of them as the program
// says get, for each account, enough for the dearest reward that the holder can
// have there, together with what they have; of credit, all that there is. A till
// that has enough gets nothing. The leases that Lend returns have no ID yet.
//
// Never more is lent of a lot than is in it, and nothing of an account with a
// deficit. The same arguments give the same leases.
func Lend(p *pos.Program, sums ledger.Sums, out []ledger.Lease, tills []pos.TerminalID, day pos.Day) []ledger.Lease {
	var granted []ledger.Lease
	for _, till := range tills[:min(len(tills), p.Offline.Leases)] {
		for _, account := range priced(p) {
			if owes(sums, account) {
				continue
			}
			all := append(out[:len(out):len(out)], granted...)
			free := sums.Less(Lent(all))
			own, _ := Lent(of(till, all)).Merge(sums.Activity(account)) // nothing of it is lent
			has := own.Balance(account, day)
			want := worthLending(p, account, free.Balance(account, day), has)
			postings, err := free.Spend(account, want, day)
			if err != nil {
				continue // it has enough, or there is too little
			}
			lease := ledger.Lease{Terminal: till}
			for _, part := range postings {
				lease.Sums = append(lease.Sums, ledger.Sum{Account: account, Lot: part.Lot, Amount: -part.Amount})
			}
			granted = append(granted, lease)
		}
	}
	return granted
}

// owes reports whether more was taken of the account, or of a lot of it, than
// there was.
func owes(sums ledger.Sums, account pos.Account) bool {
	return slices.ContainsFunc(sums, func(sum ledger.Sum) bool { return sum.Account == account && sum.Amount < 0 })
}

// Lent returns what the leases lend together.
func Lent(leases []ledger.Lease) ledger.Sums {
	var lent ledger.Sums
	for _, lease := range leases {
		if more, err := lent.Merge(lease.Sums); err == nil { // all are parts of sums that are in range
			lent = more
		}
	}
	return lent
}

func of(till pos.TerminalID, leases []ledger.Lease) (own []ledger.Lease) {
	for _, lease := range leases {
		if lease.Terminal == till {
			own = append(own, lease)
		}
	}
	return own
}

// priced returns the accounts that rewards and sales are paid from, each once.
func priced(p *pos.Program) (accounts []pos.Account) {
	seen := map[pos.Account]bool{"": true}
	add := func(account pos.Account) {
		if !seen[account] {
			seen[account] = true
			accounts = append(accounts, account)
		}
	}
	for i := range p.Rewards {
		add(PriceOf(p, &p.Rewards[i]).Account)
	}
	if p.Credit != nil || p.GiftCards != nil {
		add(pos.CreditAccount)
	}
	return accounts
}

// worthLending returns how much more of the account a till should have of which so
// much is free, or 0 or less.
func worthLending(p *pos.Program, account pos.Account, free, has int64) int64 {
	if account != pos.CreditAccount {
		return dearest(p, account, free+has) - has
	}
	if free < has {
		return 0 // or each sale with money back would make a lease of its own
	}
	return free
}

// exchangeSteps is how many steps of an exchange are lent at once, if the reward
// does not say.
const exchangeSteps = 10

// dearest returns the price of the dearest reward that the balance covers, or 0.
func dearest(p *pos.Program, account pos.Account, balance int64) (most int64) {
	for i := range p.Rewards {
		rule := &p.Rewards[i]
		price := PriceOf(p, rule)
		if price.Account != account || max(price.Amount, int64(rule.Least)) > balance {
			continue
		}
		if rule.Kind == pos.KindExchange {
			steps := rule.Most
			if steps == pos.NoLimit {
				steps = exchangeSteps
			}
			steps = min(max(steps, int64(rule.Least)/price.Amount), balance/price.Amount)
			price.Amount *= steps
		}
		most = max(most, price.Amount)
	}
	return most
}

package rules

import (
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Held answers, for Facts, what the sums say on the day: the balance of an account,
// FactFrom, FactUntil and FactRun.
func Held(sums ledger.Sums, day pos.Day, name string) int64 {
	if account, ok := strings.CutPrefix(name, FactUntil); ok {
		last, endless := pos.Day(0), false
		eachHeld(sums, day, account, func(lot pos.Lot) {
			last, endless = max(last, lot.Until), endless || lot.Until == 0
		})
		if endless {
			return 0
		}
		return int64(last)
	}
	if account, ok := strings.CutPrefix(name, FactFrom); ok {
		earliest, begun := pos.Day(0), false
		eachHeld(sums, day, account, func(lot pos.Lot) {
			if earliest == 0 || lot.From < earliest {
				earliest = lot.From
			}
			begun = begun || lot.From == 0
		})
		if begun {
			return 0
		}
		return int64(earliest)
	}
	if account, ok := strings.CutPrefix(name, FactRun); ok {
		return int64(sums.Run(pos.Account(account), day))
	}
	return sums.Balance(pos.Account(name), day)
}

// eachHeld calls do with the account's lots that have not ended.
func eachHeld(sums ledger.Sums, day pos.Day, account string, do func(pos.Lot)) {
	for _, sum := range sums {
		if string(sum.Account) == account && sum.Amount > 0 && !sum.Lot.Ended(day) {
			do(sum.Lot)
		}
	}
}

// reading is a decision that decides nothing: it looks at what is there.
func reading(p *pos.Program, sums ledger.Sums, day pos.Day) *deciding {
	return &deciding{p: p, ask: Ask{Day: day, Facts: func(name string) int64 { return Held(sums, day, name) }}}
}

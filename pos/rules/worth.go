package rules

import (
	"math"
	"math/bits"

	"tenthcup/pos"
)

// Worth returns what so much of the account is worth to the shop, in minor units,
// rounded towards 0: credit what it says, points what the program says of them, and
// stamps and vouchers what the best reward for them takes off a sale. It is 0 where
// the program does not say, as for a thing that is handed out. What is beyond the
// range of money is the most there is.
func Worth(p *pos.Program, account pos.Account, n int64) pos.Money {
	if n < 0 {
		return -Worth(p, account, -max(n, -math.MaxInt64))
	}
	switch account {
	case pos.CreditAccount:
		return pos.Money(n)
	case pos.PointsAccount:
		return shareOf(n, pointsWorth(p), 100)
	}
	best := pos.Money(0)
	for i := range p.Rewards {
		rule := &p.Rewards[i]
		if price := PriceOf(p, rule); rule.Kind == pos.KindMoney && price.Account == account && price.Amount > 0 {
			best = max(best, shareOf(n, int64(rule.Off.Minor), price.Amount))
		}
	}
	return best
}

// shareOf returns n times each, divided by by; none of them is negative.
func shareOf(n, each, by int64) pos.Money {
	high, low := bits.Mul64(uint64(n), uint64(each))
	if high >= uint64(by) {
		return math.MaxInt64
	}
	share, _ := bits.Div64(high, low, uint64(by))
	return pos.Money(min(share, math.MaxInt64))
}

package rules

import (
	"math"
	"math/big"
	"math/bits"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// exact is a fraction of 0 or more, without any error. It holds two words as long
// as they are large enough, which at a counter is always, and a big.Rat after that.
type exact struct {
	num, den uint64
	big      *big.Rat
}

func whole(n int64) exact { return exact{num: uint64(n), den: 1} }

// times multiplies by a fraction of 0 or more.
func (x exact) times(num, den uint64) exact {
	if x.big == nil {
		if y, ok := x.scaled(num, den); ok {
			return y
		}
		common, other := gcd(x.num, den), gcd(num, x.den)
		x.num, den = x.num/common, den/common
		num, x.den = num/other, x.den/other
		if y, ok := x.scaled(num, den); ok {
			return y
		}
	}
	return exact{big: new(big.Rat).Mul(x.rat(), exact{num: num, den: den}.rat())}
}

func (x exact) scaled(num, den uint64) (exact, bool) {
	over, n := bits.Mul64(x.num, num)
	under, d := bits.Mul64(x.den, den)
	return exact{num: n, den: d}, over == 0 && under == 0
}

// plus adds y.
func (x exact) plus(y exact) exact {
	if x.big == nil && y.big == nil {
		if x.den != y.den {
			common := gcd(x.den, y.den)
			left, okLeft := x.scaled(y.den/common, y.den/common)
			right, okRight := y.scaled(x.den/common, x.den/common)
			if okLeft && okRight {
				x, y = left, right
			}
		}
		if sum, carry := bits.Add64(x.num, y.num, 0); x.den == y.den && carry == 0 {
			return exact{num: sum, den: x.den}
		}
	}
	return exact{big: new(big.Rat).Add(x.rat(), y.rat())}
}

func (x exact) rat() *big.Rat {
	if x.big != nil {
		return x.big
	}
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(x.num), new(big.Int).SetUint64(x.den))
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, 1)
}

// round is the one place that makes a whole number of a fraction. A result that
// does not fit int64 is ledger.ErrOverflow.
func (x exact) round(mode pos.Rounding) (int64, error) {
	if x.big != nil {
		return roundBig(x.big, mode)
	}
	result, rest := x.num/x.den, x.num%x.den
	if mode == pos.RoundUp && rest > 0 || mode == pos.RoundNearest && rest >= x.den-rest {
		result++ // no overflow: where there is a rest, the denominator is 2 or more
	}
	if result > math.MaxInt64 {
		return 0, ledger.ErrOverflow
	}
	return int64(result), nil
}

func roundBig(x *big.Rat, mode pos.Rounding) (int64, error) {
	result, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	twice := new(big.Int).Lsh(rest, 1)
	if mode == pos.RoundUp && rest.Sign() > 0 || mode == pos.RoundNearest && twice.Cmp(x.Denom()) >= 0 {
		result.Add(result, big.NewInt(1))
	}
	if !result.IsInt64() {
		return 0, ledger.ErrOverflow
	}
	return result.Int64(), nil
}

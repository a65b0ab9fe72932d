package rules_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

func TestWorth(t *testing.T) {
	p := parsed(t, `
[points]
earn = 1
for = "1"
[credit]
[[card]]
id = "coffee"
size = 10
[[card]]
id = "lunch"
size = 5
[[reward]]
id = "cup"
card = "coffee"
[[reward]]
id = "lunch-off"
kind = "money"
off = "8"
card = "lunch"
[[reward]]
id = "five"
kind = "money"
off = "5"
points = 100
[[reward]]
id = "ten"
kind = "money"
off = "10"
points = 150
[[reward]]
id = "voucher"
kind = "money"
off = "3"
voucher = true
`)
	for name, tt := range map[string]struct {
		account pos.Account
		n       int64
		want    pos.Money
	}{
		"credit is what it says":                         {"credit", 1250, 1250},
		"points by the reward that makes most of them":   {"points", 150, 9_99}, // 666 for 100, rounded down
		"what members owe is taken off":                  {"points", -150, -9_99},
		"stamps by what a full card takes off":           {"stamp:lunch/5", 4, 6_40},
		"a thing is worth no money here":                 {"stamp:coffee/10", 10, 0},
		"a card that the program does not have any more": {"stamp:tea/8", 8, 0},
		"a voucher":              {"reward:voucher", 2, 6_00},
		"nothing":                {"points", 0, 0},
		"more than money can be": {"points", math.MaxInt64, math.MaxInt64},
		"less than money can be": {"points", math.MinInt64, -math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, rules.Worth(&p, tt.account, tt.n)) })
	}
	require.Zero(t, rules.Worth(&pos.Program{}, "points", 100), "of no program")
	said := parsed(t, "[points]\nearn = 1\nfor = \"1\"\nworth = \"0.80\"\n")
	require.Equal(t, pos.Money(1_20), rules.Worth(&said, "points", 150), "what the program says goes first")
}

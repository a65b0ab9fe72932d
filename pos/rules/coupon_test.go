package rules_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
)

// shopKey signs the shop's coupons.
var shopKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))

// coupons is a program with coupons of all kinds.
var coupons = loyal + `free = true
kind = "percent"
percent = 10
limits = {per_day = 5}
[[reward]]
id = "ticket"
voucher = true
valid_days = 30
[[earn]]
id = "promo"
earn = 10
per = "sale"
[earn.when]
coupon = "gate"
[[coupon]]
id = "open"
code = "Hello-promo"
reward = "it"
uses = 3
limits = {per_day = 1}
[coupon.when]
until = "2024-10-31"
minimum = 10
[[coupon]]
id = "signed"
key = "` + base64.StdEncoding.EncodeToString(shopKey.Public().(ed25519.PublicKey)) + `"
reward = "it"
uses = 1
[[coupon]]
id = "next"
code = "NEXT"
gift = {voucher = "ticket", points = 5}
[coupon.when]
quantity = 2
[[coupon]]
id = "gate"
code = "PROMO10"
[[coupon]]
id = "staff"
code = "STAFF"
gift = {points = 1}
[coupon.when]
tags = ["staff"]
weekdays = ["fri"]
`

func signed(coupon string, serial uint64, last pos.Day, holder pos.HolderID) string {
	return code.NewCoupon(shopKey, coupon, serial, last, holder).String()
}

func TestPresent(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	forged := code.NewCoupon(other, "signed", 7, 0, pos.HolderID{}).String()
	tests := map[string]struct {
		code  string
		sale  string
		facts string
		day   pos.Day
		want  string // its name, or the problem
	}{
		"one for all":                       {"HELLOPROMO", "10", "", today, "open"},
		"as people type it":                 {" hello-Promo ", "10", "", today, "open"},
		"not this one":                      {"HELLOPROMA", "10", "", today, "coupon.unknown"},
		"nothing":                           {"", "10", "", today, "coupon.unknown"},
		"a member's code":                   {"TC123456789ABCD", "10", "", today, "coupon.unknown"},
		"too small a sale":                  {"HELLOPROMO", "9.99", "", today, "redeem.minimum"},
		"no sale":                           {"HELLOPROMO", "", "", today, "redeem.sale"},
		"its last day":                      {"HELLOPROMO", "10", "", today + 27, "open"},
		"the day after":                     {"HELLOPROMO", "10", "", today + 28, "coupon.ended"},
		"OL-021 three uses, two used":       {"HELLOPROMO", "10", "coupon-used:open=2", today, "open"},
		"OL-021 three uses, three used":     {"HELLOPROMO", "10", "coupon-used:open=3", today, "coupon.used"},
		"OL-021 used here today":            {"HELLOPROMO", "10", "use:coupon/open/day=1", today, "coupon.limit"},
		"signed":                            {signed("signed", 7, 0, pos.HolderID{}), "", "", today, "signed/7"},
		"signed, in lower case":             {strings.ToLower(signed("signed", 7, 0, pos.HolderID{})), "", "", today, "signed/7"},
		"signed, on its last day":           {signed("signed", 7, today, pos.HolderID{}), "", "", today, "signed/7"},
		"signed, on the day after":          {signed("signed", 7, today-1, pos.HolderID{}), "", "", today, "coupon.ended"},
		"signed, used at this till":         {signed("signed", 7, 0, pos.HolderID{}), "", "coupon-used:signed/7=1", today, "coupon.used"},
		"signed, used by the member":        {signed("signed", 7, 0, pos.HolderID{}), "", "use:coupon/signed/7=1", today, "coupon.used"},
		"signed, another one was used":      {signed("signed", 8, 0, pos.HolderID{}), "", "coupon-used:signed/7=1", today, "signed/8"},
		"signed for this member":            {signed("signed", 7, 0, ann), "", "", today, "signed/7"},
		"signed for another":                {signed("signed", 7, 0, bela), "", "", today, "coupon.person"},
		"signed, of no coupon":              {signed("sign", 7, 0, pos.HolderID{}), "", "", today, "coupon.unknown"},
		"signed, of a coupon with one code": {signed("open", 7, 0, pos.HolderID{}), "", "", today, "coupon.unknown"},
		"signed by another":                 {forged, "", "", today, "coupon.forged"},
		"signed, but misread":               {signed("signed", 7, 0, pos.HolderID{})[:100], "", "", today, "coupon.misread"},
		"for some members":                  {"STAFF", "", "tag:staff=1", today, "staff"},
		"not for this one":                  {"STAFF", "", "", today, "redeem.standing"},
		"not on a Saturday":                 {"STAFF", "", "tag:staff=1", today + 1, "redeem.day"},
		"ODOO-SALE-026 one item":            {"NEXT", "a 1x5", "", today, "redeem.quantity"},
		"ODOO-SALE-026 two items":           {"NEXT", "a 2x5", "", today, "next"},
	}
	p := parsed(t, coupons)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := rules.Present(&p, rules.Ask{Holder: ann, Day: tt.day, Code: tt.code, Sale: sold(t, tt.sale), Facts: knows(t, tt.facts)})
			if err != nil {
				require.Equal(t, tt.want, outcome(nil, err))
				return
			}
			require.Equal(t, tt.want, got.Name)
			require.Equal(t, pos.Account("use:coupon/"+tt.want), got.Used())
		})
	}
}

// A coupon gives a reward for nothing, once; its use is booked with it.
func TestRedeemACoupon(t *testing.T) {
	p := parsed(t, coupons)
	code := signed("signed", 7, today+1, pos.HolderID{})
	sale := sold(t, "a 1x20")
	claim := rules.Claim{Reward: "it", Coupon: strings.ToLower(code), Sale: sale}
	got, err := rules.Redeem(&p, claim, having(0, 0, 0), today, noFacts)
	require.NoError(t, err)
	require.Equal(t, pos.Money(200), got.Off)
	require.Equal(t, []pos.Posting{
		{Account: "use:coupon/signed/7", Amount: 1, Lot: pos.Lot{Until: today + 2}},
		{Account: "use:it/day", Amount: 1, Lot: pos.Lot{Until: today + 1}},
	}, got.Postings)
	require.Equal(t, code, got.Claim.Code(), "the entry keeps the code, so that the centre finds a second use")
	again, err := rules.Redeem(&p, rules.ClaimOf(&p, pos.Entry{Reward: "it", Code: got.Claim.Code(), Sale: sale}), having(0, 0, 0), today, noFacts)
	require.NoError(t, err)
	require.Equal(t, got, again)

	for name, tt := range map[string]struct {
		claim rules.Claim
		facts string
		want  string
	}{
		"a second time":           {claim, "coupon-used:signed/7=1", "coupon.used"},
		"without a coupon":        {rules.Claim{Reward: "it", Sale: sale}, "", "redeem.coupon"},
		"the coupon of a gift":    {rules.Claim{Reward: "it", Sale: sold(t, "a 2x20"), Coupon: "NEXT"}, "", "coupon.other"},
		"a coupon that is none":   {rules.Claim{Reward: "it", Sale: sale, Coupon: "NONE"}, "", "coupon.unknown"},
		"the reward's own limits": {claim, "use:it/day=5", "redeem.limit"},
		"the coupon's minimum":    {rules.Claim{Reward: "it", Sale: sold(t, "5"), Coupon: "hellopromo"}, "", "redeem.minimum"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rules.Redeem(&p, tt.claim, having(0, 0, 0), today, knows(t, tt.facts))
			require.Equal(t, tt.want, outcome(got.Postings, err))
		})
	}
	t.Run("ODOO-POS-042 ten percent of 28.75", func(t *testing.T) {
		got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Coupon: "hellopromo", Sale: sold(t, "p 1x28.75")}, having(0, 0, 0), today, noFacts)
		require.NoError(t, err)
		require.Equal(t, []pos.Money{288, 2587}, []pos.Money{got.Off, got.Sale.Amount})
	})
}

// A coupon gives a gift at once.
func TestUseCoupon(t *testing.T) {
	p := parsed(t, coupons)
	ask := func(code, sale, facts string) rules.Ask {
		return rules.Ask{Holder: ann, Day: today, Code: code, Sale: sold(t, sale), Facts: knows(t, facts)}
	}
	got, err := rules.UseCoupon(&p, ask("next", "a 2x5", ""))
	require.NoError(t, err)
	require.Equal(t, []pos.Posting{
		{Account: "use:coupon/next", Amount: 1},
		{Account: "points", Amount: 5},
		{Account: "reward:ticket", Amount: 1, Lot: pos.Lot{Until: today + 31}},
	}, got.Postings)

	got, err = rules.UseCoupon(&p, ask("PROMO10", "", ""))
	require.NoError(t, err)
	require.Equal(t, []pos.Posting{{Account: "use:coupon/gate", Amount: 1}}, got.Postings, "it opens a rule, and gives nothing itself")

	for name, tt := range map[string]struct{ code, sale, facts, want string }{
		"ODOO-SALE-026 nothing for one item": {"NEXT", "a 1x5", "", "redeem.quantity"},
		"no code":                            {"", "", "", "coupon.unknown"},
		"one for a reward":                   {"HELLOPROMO", "10", "", "coupon.reward"},
		"one that is used up":                {signed("signed", 7, 0, pos.HolderID{}), "", "coupon-used:signed/7=1", "coupon.used"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rules.UseCoupon(&p, ask(tt.code, tt.sale, tt.facts))
			require.Equal(t, tt.want, outcome(nil, err))
		})
	}
}

// A voucher that was given is one that can be redeemed, until its last day.
func TestAVoucherIsRedeemed(t *testing.T) {
	p := parsed(t, coupons)
	given, err := rules.UseCoupon(&p, rules.Ask{Holder: ann, Day: today, Code: "NEXT", Sale: sold(t, "a 2x5"), Facts: noFacts})
	require.NoError(t, err)
	known := rules.Knowledge{Holder: ann}
	known.Sums, err = known.Sums.AddAll(given.Postings)
	require.NoError(t, err)
	for day, want := range map[pos.Day]string{today: "reward:ticket -1", today + 30: "reward:ticket -1", today + 31: "redeem.vouchers"} {
		got, err := rules.Redeem(&p, rules.Claim{Reward: "ticket"}, known, day, noFacts)
		require.Equal(t, want, outcome(got.Postings, err), day)
	}
}

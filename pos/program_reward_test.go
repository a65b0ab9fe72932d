package pos_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// publicKey is an Ed25519 public key as a document writes it.
var publicKey = base64.StdEncoding.EncodeToString(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey))

const rewarding = "[points]\nearn = 1\nfor = '1'\n[credit]\n[[card]]\nid = 'tea'\nsize = 5\n"

// Every mistake in what rewards, coupons and credit say is one sentence, with its line.
func TestMistakesInRewards(t *testing.T) {
	reward := func(text string) string { return rewarding + "[[reward]]\nid = 'it'\n" + text }
	coupon := func(text string) string {
		return rewarding + "[[reward]]\nid = 'it'\nfree = true\n[[coupon]]\nid = 'c'\n" + text
	}
	tests := map[string]struct{ document, want string }{
		"a kind that is none":              {reward("free = true\nkind = 'present'"), "line 11: reward.0.kind: doc.choice"},
		"money without an amount":          {reward("free = true\nkind = 'money'"), "line 8: reward.0: doc.missing map[key:off]"},
		"money of nothing":                 {reward("free = true\nkind = 'money'\noff = 0"), "line 12: reward.0.off: doc.reward.nothing map[key:off]"},
		"money that is no amount":          {reward("free = true\nkind = 'money'\noff = 'much'"), "line 12: reward.0.off: doc.amount"},
		"percent without a number":         {reward("free = true\nkind = 'percent'"), "line 8: reward.0: doc.missing map[key:percent]"},
		"no percent":                       {reward("free = true\nkind = 'percent'\npercent = 0"), "line 12: reward.0.percent: doc.reward.percent map[text:0]"},
		"more than all":                    {reward("free = true\nkind = 'percent'\npercent = '100.1'"), "line 12: reward.0.percent: doc.reward.percent map[text:100.1]"},
		"all":                              {reward("free = true\nkind = 'percent'\npercent = 100"), ""},
		"a percentage of money":            {reward("free = true\nkind = 'money'\noff = 1\npercent = 5"), "line 13: reward.0.percent: doc.reward.unused map[key:percent kind:money]"},
		"most of nothing":                  {reward("free = true\nkind = 'percent'\npercent = 5\nmost_off = 0"), "line 13: reward.0.most_off: doc.reward.nothing map[key:most_off]"},
		"most of nothing each":             {reward("free = true\nkind = 'percent'\npercent = 5\nmost_each = 0"), "line 13: reward.0.most_each: doc.reward.nothing map[key:most_each]"},
		"most of more than all":            {reward("free = true\nkind = 'money'\noff = 5\nmost_percent = 101"), "line 13: reward.0.most_percent: doc.reward.percent map[text:101]"},
		"an item of nothing":               {reward("free = true\nkind = 'item'"), "line 8: reward.0: doc.reward.items"},
		"a price without items":            {reward("free = true\nkind = 'price'\noff = 1"), "line 8: reward.0: doc.reward.items"},
		"a price of nothing is a price":    {reward("free = true\nkind = 'price'\noff = 0\nchoice = ['a']"), ""},
		"a choice of what is no item":      {reward("free = true\nkind = 'item'\nchoice = ['a', 'b']\n[reward.when]\nitems = ['a']"), "line 12: reward.0.choice: doc.unknown map[id:b]"},
		"a choice twice":                   {reward("free = true\nkind = 'item'\nchoice = ['a', 'a']"), "line 12: reward.0.choice: doc.twice map[id:a]"},
		"a choice of nothing":              {reward("free = true\nkind = 'item'\nchoice = ['']"), "line 12: reward.0.choice: doc.twice map[id:]"},
		"an exchange without a step":       {reward("kind = 'exchange'\noff = 1"), "line 8: reward.0: doc.missing map[key:step]"},
		"an exchange for a fixed price":    {reward("kind = 'exchange'\noff = 1\nstep = 5\npoints = 5"), "line 13: reward.0.points: doc.reward.unused map[key:points kind:exchange]"},
		"a stock of an exchange":           {reward("kind = 'exchange'\noff = 1\nstep = 5\nstock = 5"), "line 13: reward.0.stock: doc.reward.unused map[key:stock kind:exchange]"},
		"the id of a rule that earns":      {reward("free = true\n[[earn]]\nid = 'it'\nearn = 1\nfor = 1"), "line 9: reward.0.id: doc.twice map[id:it]"},
		"the id of a campaign":             {reward("free = true\n[[campaign]]\nid = 'it'\nadd = 1"), "line 9: reward.0.id: doc.twice map[id:it]"},
		"the id of an event":               {reward("free = true\n[[event]]\nid = 'it'\ngift = {points = 1}"), "line 9: reward.0.id: doc.twice map[id:it]"},
		"a coupon with the id of an event": {coupon("reward = 'it'\ncode = 'ABC'\n[[event]]\nid = 'c'\ngift = {points = 1}"), "line 12: coupon.0.id: doc.twice map[id:c]"},
		"a coupon with a reward's id":      {coupon("reward = 'it'\ncode = 'ABC'\n[[coupon]]\nid = 'it'\nreward = 'it'\ncode = 'ABD'"), "line 16: coupon.1.id: doc.twice map[id:it]"},
		"an exchange of vouchers":          {reward("kind = 'exchange'\noff = 1\nstep = 5\nvoucher = true"), "line 8: reward.0: doc.price"},
		"steps below nothing":              {reward("kind = 'exchange'\noff = 1\nstep = -5"), "line 12: reward.0.step: doc.range map[least:1 most:1000000000 n:-5]"},
		"a step that nobody has":           {reward("kind = 'exchange'\noff = 1\nstep = 1000000001"), "line 12: reward.0.step: doc.range"},
		"the least below nothing":          {reward("kind = 'exchange'\noff = 1\nstep = 1\nleast = -1"), "line 13: reward.0.least: doc.range"},
		"an exchange without points":       {"[credit]\n[[reward]]\nid = 'it'\nkind = 'exchange'\noff = 1\nstep = 5", "line 4: reward.0.kind: doc.nopoints"},
		"a code that is missing":           {reward("free = true\nkind = 'code'"), "line 8: reward.0: doc.missing map[key:code]"},
		"a code of a gift":                 {reward("free = true\ncode = 'ABC'"), "line 11: reward.0.code: doc.reward.unused map[key:code kind:gift]"},
		"stamps of no card":                {reward("points = 5\nstamps = 3"), "line 11: reward.0.stamps: doc.reward.stamps"},
		"stamps below nothing":             {reward("card = 'tea'\nstamps = -3"), "line 11: reward.0.stamps: doc.range map[least:1 most:50 n:-3]"},
		"more than ten cards":              {reward("card = 'tea'\nstamps = 51"), "line 11: reward.0.stamps: doc.range map[least:1 most:50 n:51]"},
		"days of what is no voucher":       {reward("points = 5\nvalid_days = 3"), "line 11: reward.0.valid_days: doc.reward.days"},
		"days below nothing":               {reward("voucher = true\nvalid_days = -3"), "line 11: reward.0.valid_days: doc.range"},
		"a stock below nothing":            {reward("free = true\nstock = -1"), "line 11: reward.0.stock: doc.range"},
		"limits below nothing":             {reward("free = true\nlimits = {per_day = -1}"), "line 11: reward.0.limits: doc.range"},
		"a coupon without a code":          {coupon("reward = 'it'"), "line 11: coupon.0: doc.coupon.code"},
		"a coupon with a code and a key":   {coupon("reward = 'it'\ncode = 'ABC'\nkey = '" + publicKey + "'"), "line 11: coupon.0: doc.coupon.code"},
		"a code with signs":                {coupon("reward = 'it'\ncode = 'A/B'"), "line 14: coupon.0.code: doc.coupon.text map[text:A/B]"},
		"a code too short":                 {coupon("reward = 'it'\ncode = 'AB'"), "line 14: coupon.0.code: doc.coupon.text map[text:AB]"},
		"a code like a member's":           {coupon("reward = 'it'\ncode = 'tc1 abc'"), "line 14: coupon.0.code: doc.coupon.text map[text:TC1ABC]"},
		"a code in small letters":          {coupon("reward = 'it'\ncode = 'hello-world 10'"), ""},
		"a code twice":                     {coupon("reward = 'it'\ncode = 'ABC'\n[[coupon]]\nid = 'd'\nreward = 'it'\ncode = 'a-b-c'"), "line 18: coupon.1.code: doc.twice map[id:ABC]"},
		"a coupon twice":                   {coupon("reward = 'it'\ncode = 'ABC'\n[[coupon]]\nid = 'c'\nreward = 'it'\ncode = 'ABD'"), "line 16: coupon.1.id: doc.twice map[id:c]"},
		"a key":                            {coupon("reward = 'it'\nkey = '" + publicKey + "'"), ""},
		"a key that is no base64":          {coupon("reward = 'it'\nkey = '!'"), "line 14: coupon.0.key: doc.coupon.key"},
		"a key too short":                  {coupon("reward = 'it'\nkey = '" + publicKey[:40] + "'"), "line 14: coupon.0.key: doc.coupon.key"},
		"a key on no curve":                {coupon("reward = 'it'\nkey = 'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='"), "line 14: coupon.0.key: doc.coupon.key"},
		"a key beyond the field":           {coupon("reward = 'it'\nkey = '/////////////////////////////////////////38='"), "line 14: coupon.0.key: doc.coupon.key"},
		"a coupon for nothing":             {coupon("code = 'ABC'"), "line 11: coupon.0: doc.coupon.gives"},
		"a coupon for both":                {coupon("code = 'ABC'\nreward = 'it'\ngift = {points = 5}"), "line 11: coupon.0: doc.coupon.gives"},
		"a coupon for a rule":              {coupon("code = 'ABC'\n[[earn]]\nid = 'e'\nearn = 1\nper = 'sale'\nwhen = {coupon = 'c'}"), ""},
		"a coupon for no reward":           {coupon("code = 'ABC'\nreward = 'that'"), "line 14: coupon.0.reward: doc.unknown map[id:that]"},
		"a coupon for a reward at a price": {strings.Replace(coupon("code = 'ABC'\nreward = 'it'"), "free = true", "points = 5", 1), "line 14: coupon.0.reward: doc.coupon.free map[reward:it]"},
		"uses below nothing":               {coupon("code = 'ABC'\nreward = 'it'\nuses = -1"), "line 15: coupon.0.uses: doc.range"},
		"coupon limits below nothing":      {coupon("code = 'ABC'\nreward = 'it'\nlimits = {in_all = -1}"), "line 15: coupon.0.limits: doc.range"},
		"a gift of points":                 {coupon("code = 'ABC'\ngift = {points = 5, credit = '2.50', card = 'tea', stamps = 2}"), ""},
		"a gift below nothing":             {coupon("code = 'ABC'\ngift = {points = -5}"), "line 14: coupon.0.gift.points: doc.range"},
		"a gift of what is no voucher":     {coupon("code = 'ABC'\ngift = {voucher = 'it'}"), "line 14: coupon.0.gift.voucher: doc.voucher map[id:it]"},
		"a gift of stamps on no card":      {coupon("code = 'ABC'\ngift = {stamps = 2}"), "line 14: coupon.0.gift: doc.missing map[key:card]"},
		"a gift of an unknown card":        {coupon("code = 'ABC'\ngift = {card = 'x', stamps = 2}"), "line 14: coupon.0.gift.card: doc.unknown map[id:x]"},
		"a gift of credit that is none":    {strings.Replace(coupon("code = 'ABC'\ngift = {credit = 5}"), "[credit]\n", "", 1), "line 13: coupon.0.gift.credit: doc.gives map[table:credit]"},
		"credit that is no amount":         {"[credit]\nfloor = 'much'", "line 2: credit.floor: doc.amount"},
		"more credit than all":             {"[credit]\nmost_percent = 120", "line 2: credit.most_percent: doc.reward.percent map[text:120]"},
		"a gift card for less":             {"[credit]\n[gift_cards]\nleast = 10\nmost = 5", "line 4: gift_cards.most: doc.giftcard.most map[least:10 most:5]"},
		"a gift card for nothing":          {"[credit]\n[gift_cards]\nmost = 0", "line 3: gift_cards.most: doc.giftcard.most map[least: most:0]"},
		"a gift card that ended":           {"[credit]\n[gift_cards]\nexpire_months = -1", "line 3: gift_cards.expire_months: doc.range"},
		"gift cards":                       {"[credit]\n[gift_cards]\nleast = 10\nmost = 100\nexpire_months = 36\nfloor = 5\nbudget = 50", ""},
		"returns before the sale":          {"[credit]\n[returns]\ndays = -1", "line 3: returns.days: doc.range"},
		"returns that are no policy":       {"[credit]\n[returns]\ngone = 'lost'", "line 3: returns.gone: doc.choice"},
		"returns":                          {"[credit]\n[returns]\ndays = 14\ngone = 'money'", ""},
		"points to give that are none":     {"[credit]\n[transfers]\npoints = true", "line 3: transfers.points: doc.nopoints"},
		"credit to give that is none":      {"[points]\nearn = 1\nfor = '1'\n[transfers]\ncredit = true", "line 5: transfers.credit: doc.reward.nocredit"},
		"a limit to nothing":               {"[credit]\n[transfers]\nmost_per_month = 5", "line 3: transfers.most_per_month: doc.transfers.nothing"},
		"a limit below nothing":            {"[credit]\n[transfers]\ncredit = true\nmost_per_month = -5", "line 4: transfers.most_per_month: doc.range"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pos.ParseProgram([]byte(tt.document), money(t, "EUR"))
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			require.True(t, strings.HasPrefix(err.Error(), tt.want), "%v", err)
		})
	}
}

// What is left out has its default, and codes are stored in one form.
func TestRewardsAndCouponsAsWritten(t *testing.T) {
	got, err := pos.ParseProgram([]byte(rewarding+"[[reward]]\nid = 'it'\nfree = true\n[[coupon]]\nid = 'c'\ncode = 'hello-World 10'\nreward = 'it'\n[[coupon]]\nid = 'd'\nkey = '"+publicKey+"'\nreward = 'it'\n"), money(t, "EUR"))
	require.NoError(t, err)
	require.Equal(t, pos.KindGift, got.Rewards[0].Kind)
	require.Equal(t, "HELLOWORLD10", got.Coupons[0].Code)
	require.Nil(t, got.Coupons[0].PublicKey())
	require.Len(t, got.Coupons[1].PublicKey(), ed25519.PublicKeySize)
	require.Equal(t, pos.GoneNegative, got.Returns.Gone)
}

// The key of every pair is good; of other texts of its length about half are.
func TestKeysOfCoupons(t *testing.T) {
	good := 0
	for i := range byte(200) {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = i
		public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
		require.NotNil(t, pos.Coupon{Key: base64.StdEncoding.EncodeToString(public)}.PublicKey())
		public[5] ^= 1
		if (pos.Coupon{Key: base64.StdEncoding.EncodeToString(public)}).PublicKey() != nil {
			good++
		}
	}
	require.InDelta(t, 100, good, 40)
}

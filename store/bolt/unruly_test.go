package bolt_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

const saleProgram = `
title = "Sales"
[points]
earn = 1
for = "1"
[[reward]]
id = "bun"
free = true
[[coupon]]
id = "once"
code = "ONCE"
reward = "bun"
uses = 1
[[coupon]]
id = "often"
code = "OFTEN"
reward = "bun"
[[coupon]]
id = "signed"
key = "6kpsY+Kcugq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="
reward = "bun"
uses = 1
limits = { per_day = 1 }
[[coupon]]
id = "many"
key = "6kpsY+Kcugq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="
reward = "bun"
`

// scribe writes entries by hand as one terminal of the head's store.
type scribe struct {
	is   pos.Terminal
	head pos.Hash
	seq  uint64
}

func (c *head) scribe(t *testing.T, code string, seed byte) *scribe {
	key := ed25519.NewKeyFromSeed(append([]byte{seed}, make([]byte, 31)...)).Public().(ed25519.PublicKey)
	require.NoError(t, c.book.AddTerminal("till "+code, "s", code, noon.Add(time.Hour)))
	is, err := c.book.Enrol(code, key, noon)
	require.NoError(t, err)
	return &scribe{is: is}
}

// writes has the centre take the entry as the scribe's next one, and returns its id.
func (c *head) writes(t *testing.T, s *scribe, e pos.Entry) pos.EntryID {
	s.seq++
	e.V, e.At, e.Day, e.Store = pos.Version, noon.UnixMilli(), today, "s"
	e.ID = pos.EntryID{Terminal: s.is.ID, Incarnation: 1, Seq: s.seq}
	e.Prev = s.head
	raw, err := e.Encode()
	require.NoError(t, err)
	s.head = pos.HashEntry(raw)
	require.NoError(t, c.book.Take(s.is, ledger.Sent{Entries: [][]byte{raw}}, c.clock))
	require.NoError(t, c.book.Take(s.is, ledger.Sent{Entries: [][]byte{raw}}, c.clock), "a second time changes nothing")
	return e.ID
}

// What happened counts, whatever it says; a manager sees what does not follow from
// the program, and what can be there once but is there twice.
func TestUnruly(t *testing.T) {
	c := newHead(t)
	require.NoError(t, c.book.Publish(pos.Published{Document: []byte(saleProgram), From: 2}))
	one, two := c.scribe(t, "ONE", 1), c.scribe(t, "TWO", 2)
	program := pos.ProgramOf([]byte(saleProgram))
	sale := func(receipt string, points int64) pos.Entry {
		return pos.Entry{
			Kind: pos.Earned, Holder: ann, Program: program, Sale: &pos.Sale{Receipt: receipt, Amount: 500},
			Postings: []pos.Posting{{Account: "points", Amount: points}},
		}
	}
	uses := func(names ...string) pos.Entry {
		e := pos.Entry{Kind: pos.Redeemed, Holder: ann, Program: program, Reward: "bun", By: &pos.By{Kind: pos.ByOverride, Manager: "boss"}}
		for _, name := range names {
			e.Postings = append(e.Postings, pos.Posting{Account: pos.Account(rules.CouponUse + name), Amount: 1})
		}
		return e
	}
	shows := func(what string, trouble pos.Trouble, amount int64, entry pos.EntryID) {
		t.Helper()
		open, err := c.book.Exceptions("north", false)
		require.NoError(t, err)
		if trouble == "" {
			require.Empty(t, open, what)
			return
		}
		require.Len(t, open, 1, what)
		require.Equal(t, []any{trouble, amount, entry}, []any{open[0].Trouble, open[0].Amount, open[0].Entry}, what)
		_, err = c.office().Settle(open[0].ID, "boss", "seen", false)
		require.NoError(t, err)
	}
	points := func() int64 {
		sums, err := c.book.Balance("north", ann, today)
		require.NoError(t, err)
		return sums.Balance("points", today)
	}

	c.writes(t, one, sale("A1", 5))
	shows("a sale as the rules decide it", "", 0, pos.EntryID{})
	id := c.writes(t, one, sale("A2", 7))
	shows("two points too many", pos.Unruly, 2, id)
	require.EqualValues(t, 12, points(), "they count")
	strange := sale("A3", 9)
	strange.Program[0]++
	c.writes(t, one, strange)
	shows("a program that is not here", "", 0, pos.EntryID{})

	id = c.writes(t, two, sale("A1", 5))
	shows("a receipt that another till has", pos.SoldTwice, 0, id)
	require.EqualValues(t, 26, points(), "both count")
	first := c.writes(t, one, sale("A4", 5))
	void := pos.Entry{Kind: pos.Voided, Holder: ann, Program: program, Postings: []pos.Posting{{Account: "points", Amount: -5, Of: &first}}}
	c.writes(t, one, void)
	c.writes(t, two, sale("A4", 5))
	shows("a receipt that was taken back before", "", 0, pos.EntryID{})
	id = c.writes(t, one, sale("A4", 5))
	shows("and is there twice again", pos.SoldTwice, 0, id)

	cheap := uses("often")
	cheap.By = nil
	id = c.writes(t, one, cheap)
	shows("a reward for a code that is none", pos.Unruly, 1, id)
	c.writes(t, one, uses("often"))
	c.writes(t, two, uses("often"))
	shows("a coupon for all", "", 0, pos.EntryID{})
	c.writes(t, one, uses("once"))
	id = c.writes(t, two, uses("once"))
	shows("a coupon that is good once", pos.CouponTwice, 0, id)

	first = c.writes(t, one, uses("signed/day", "signed/7"))
	c.writes(t, two, uses("signed/day", "signed/8"))
	c.writes(t, two, uses("many/7"))
	c.writes(t, one, uses("many/7"))
	shows("other codes of a coupon, and codes that are good more than once", "", 0, pos.EntryID{})
	both := sale("A5", 5)
	both.Postings, both.Code = append(both.Postings, uses("signed/8").Postings...), "any"
	id = c.writes(t, one, both)
	open, err := c.book.Exceptions("north", false)
	require.NoError(t, err)
	require.Len(t, open, 2, "the sale does not follow either: its code is none")
	require.Equal(t, []any{pos.Unruly, id, pos.CouponTwice, id}, []any{open[0].Trouble, open[0].Entry, open[1].Trouble, open[1].Entry})
	for _, x := range open {
		_, err = c.office().Settle(x.ID, "boss", "seen", false)
		require.NoError(t, err)
	}
	void = pos.Entry{Kind: pos.Voided, Holder: ann, Program: program}
	for i, p := range uses("signed/day", "signed/7").Postings {
		void.Postings = append(void.Postings, pos.Posting{Account: p.Account, Amount: -1, Of: &first, OfIndex: i})
	}
	c.writes(t, one, void)
	c.writes(t, two, uses("signed/7"))
	shows("a code whose use was taken back", "", 0, pos.EntryID{})
	id = c.writes(t, one, uses("signed/7"))
	shows("a signed code that was used at another till", pos.CouponTwice, 0, id)
}

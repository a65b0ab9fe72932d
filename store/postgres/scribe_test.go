package postgres_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/central"
)

var midday = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const (
	today   pos.Day = 20777
	ofACard         = pos.Account("stamp:coffee/10")
)

// lendingProgram lends cups, and has a coupon of which each code is good once.
const lendingProgram = `
title = "Test"
[[card]]
id = "coffee"
size = 10
[[reward]]
id = "cup"
card = "coffee"
[[reward]]
id = "bun"
free = true
[[coupon]]
id = "letter"
key = "fN1Mzmb9hhN7UbW/CUi5eTm32aSK33cCEkSOZykSjHo="
uses = 1
reward = "bun"
[offline]
leases = 1
`

// chain is a book with stores in areas.
type chain struct {
	t     testing.TB
	book  *central.Book
	tills int
}

func newChain(t testing.TB, book *central.Book) *chain {
	require.NoError(t, book.Publish(pos.Published{Document: []byte(lendingProgram), From: 1}))
	return &chain{t: t, book: book}
}

// member returns the n-th of many members.
func member(n int) (holder pos.HolderID) {
	binary.BigEndian.PutUint64(holder[:], uint64(n+1)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(holder[8:], uint64(n+1))
	return holder
}

// scribe writes the entries of one till.
type scribe struct {
	*chain
	pos.Terminal

	incarnation pos.Incarnation
	seq, nonce  uint64
	head        pos.Hash
}

// till enrols a till in a store of its own in the area.
func (c *chain) till(area pos.AreaID) *scribe {
	c.tills++
	shop := pos.Shop{Name: fmt.Sprint("Store ", c.tills), Store: pos.StoreID(fmt.Sprint("s", c.tills)), Area: area, Currency: "EUR"}
	require.NoError(c.t, c.book.AddStore(shop))
	code := fmt.Sprintf("%03d code", c.tills)
	require.NoError(c.t, c.book.AddTerminal("till", shop.Store, code, midday.Add(time.Hour)))
	seed := make([]byte, ed25519.SeedSize)
	binary.BigEndian.PutUint32(seed, uint32(c.tills))
	terminal, err := c.book.Enrol(code, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey), midday)
	require.NoError(c.t, err)
	return &scribe{chain: c, Terminal: terminal, incarnation: pos.Incarnation(c.tills)}
}

// write returns an entry of the kind with its bytes.
func (s *scribe) write(e pos.Entry) (pos.Entry, []byte) {
	s.seq++
	s.nonce++
	e.V, e.ID = pos.Version, pos.EntryID{Terminal: s.ID, Incarnation: s.incarnation, Seq: s.seq}
	e.Nonce, e.Cashier, e.Store, e.Prev = s.nonce, "ida", s.Store, s.head
	if e.At == 0 {
		e.At = midday.UnixMilli()
	}
	if e.Day == 0 {
		e.Day = today
	}
	raw, err := e.Encode()
	require.NoError(s.t, err)
	s.head = pos.HashEntry(raw)
	return e, raw
}

// stamp returns an entry that gives the holder so many stamps.
func (s *scribe) stamp(holder pos.HolderID, n int64) (pos.Entry, []byte) {
	return s.write(pos.Entry{Kind: pos.Stamped, Holder: holder, Postings: []pos.Posting{{Account: ofACard, Amount: n}}})
}

func (s *scribe) send(raw ...[]byte) { s.take(ledger.Sent{Entries: raw}) }

func (s *scribe) take(sent ledger.Sent) { require.NoError(s.t, s.book.Take(s.Terminal, sent, midday)) }

// sound checks the whole ledger.
func (c *chain) sound() {
	found, err := c.book.Check()
	require.NoError(c.t, err)
	require.Empty(c.t, found)
}

// each returns the entries that write makes for n members from the first on.
func each(first, n int, write func(holder pos.HolderID, i int) []byte) (raw [][]byte) {
	for i := range n {
		raw = append(raw, write(member(first+i), i))
	}
	return raw
}

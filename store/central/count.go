package central

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/rows"
)

// ask is what the reversals that a holder's entries hold asked of one posting.
// Only those of the posting's own account and lot are for it; a posting has one
// row with, nearly always, one of these.
type ask struct {
	Holder  pos.HolderID `cbor:"1,keyasint"`
	Account pos.Account  `cbor:"2,keyasint"`
	Lot     pos.Lot      `cbor:"3,keyasint,omitzero"`
	Amount  int64        `cbor:"4,keyasint"` // their sum
}

func askFor(holder pos.HolderID, p pos.Posting) ask {
	return ask{Holder: holder, Account: p.Account, Lot: p.Lot}
}

// sameAs reports whether both are about the same reversals.
func (a ask) sameAs(b ask) bool {
	return a.Holder == b.Holder && a.Account == b.Account && a.Lot == b.Lot
}

func askedKey(id pos.EntryID, index int) []byte {
	return binary.BigEndian.AppendUint16(rows.EntryKey(id), uint16(index))
}

// counting is one entry while it is added up. Nothing of it is stored before
// all of it fits.
type counting struct {
	*taking
	e      pos.Entry
	before ledger.Sums
	sums   ledger.Sums
	asked  map[string][]ask      // rows as they become
	excess map[pos.Account]int64 // what reversals asked for beyond what there was

	troubles []exception
	surplus  []surplus
}

// surplus is by how much more or less than before the reversals of a posting ask for
// than there was, signed as they are.
type surplus struct {
	entry pos.Entry
	index int
	by    int64
}

// beyond returns what the reversals of a posting ask for beyond what it was.
func beyond(original, asked int64) int64 { return asked - ledger.Reversal(original, asked) }

// count adds the entry to what its holder has. All reversals of one posting
// together count up to what it was, in whatever order they and it arrive:
// what they asked for is kept, and each arrival counts the difference that it
// makes. ErrOverflow means that nothing was counted.
func (t *taking) count(e pos.Entry) error {
	if len(e.Postings) == 0 {
		return nil
	}
	h, err := t.holding(e.Holder)
	if err != nil {
		return err
	}
	c := &counting{taking: t, e: e, before: h.Sums, sums: h.Sums}
	// Reversals first, so that one of a posting of this same entry is there when
	// the posting comes.
	for _, p := range e.Postings {
		if p.Of != nil {
			if err := c.reversal(p); err != nil {
				return err
			}
		}
	}
	for i, p := range e.Postings {
		if p.Of == nil {
			if err := c.original(i, p); err != nil {
				return err
			}
		}
	}
	if err := c.examine(); err != nil {
		return err
	}
	h.Sums = c.sums
	return c.keep()
}

func (c *counting) add(p pos.Posting, amount int64) (err error) {
	c.sums, err = c.sums.Add(p.Account, p.Lot, amount)
	return err
}

// reversal adds to what is asked of a posting, and counts the difference if the
// posting is here.
func (c *counting) reversal(p pos.Posting) error {
	key := askedKey(*p.Of, p.OfIndex)
	asks, err := c.row(key)
	if err != nil {
		return err
	}
	want := askFor(c.e.Holder, p)
	at := slices.IndexFunc(asks, want.sameAs)
	if at < 0 {
		at = len(asks)
		asks = append(asks, want)
	}
	before := asks[at].Amount
	after := before + p.Amount
	if (after > before) != (p.Amount > 0) {
		return ledger.ErrOverflow
	}
	asks[at].Amount = after
	if c.asked == nil {
		c.asked = map[string][]ask{}
	}
	c.asked[string(key)] = asks
	original, amount, err := c.reversed(p)
	if err != nil {
		return err
	}
	if amount == 0 {
		return c.gone(p)
	}
	c.surplus = append(c.surplus, surplus{original, p.OfIndex, beyond(amount, after) - beyond(amount, before)})
	c.exceeds(p.Account, excess(amount, after)-excess(amount, before))
	return c.add(p, ledger.Reversal(amount, after)-ledger.Reversal(amount, before))
}

// gone notes a reversal of an entry that was in quarantine and stands in the
// ledger as another one now: nothing is left for it to take back.
func (c *counting) gone(p pos.Posting) error {
	q, apart, err := c.area.apart(*p.Of)
	if apart && q.Released {
		c.exceeds(p.Account, max(p.Amount, -p.Amount))
	}
	return err
}

// excess returns how much the reversals of a posting ask for beyond what it was,
// as a number that is never negative.
func excess(original, asked int64) int64 {
	left := beyond(original, asked)
	return max(left, -max(left, -math.MaxInt64))
}

func (c *counting) exceeds(account pos.Account, by int64) {
	if c.excess == nil {
		c.excess = map[pos.Account]int64{}
	}
	c.excess[account] += by
}

// row returns the asks of a posting.
func (c *counting) row(key []byte) ([]ask, error) {
	if asks, ok := c.asked[string(key)]; ok {
		return asks, nil
	}
	var asks []ask
	_, err := rows.Get(c.area.asked, key, &asks)
	return asks, err
}

// reversed returns the entry that p reverses something of, and the amount of that; 0
// if it is not here, or none that p can reverse.
func (c *counting) reversed(p pos.Posting) (e pos.Entry, amount int64, err error) {
	key := rows.EntryKey(*p.Of)
	if c.area.history.Get(append(c.e.Holder[:], key...)) == nil {
		return e, 0, nil
	}
	e, err = c.area.stored(key)
	if err != nil || p.OfIndex >= len(e.Postings) {
		return e, 0, err
	}
	original := e.Postings[p.OfIndex]
	if original.Of != nil || !askFor(e.Holder, original).sameAs(askFor(c.e.Holder, p)) {
		return e, 0, nil
	}
	return e, original.Amount, nil
}

// original counts a posting and the reversals of it that came before it.
func (c *counting) original(index int, p pos.Posting) error {
	if err := c.add(p, p.Amount); err != nil {
		return err
	}
	asks, err := c.row(askedKey(c.e.ID, index))
	if err != nil {
		return err
	}
	want := askFor(c.e.Holder, p)
	for _, a := range asks {
		if a.sameAs(want) {
			c.exceeds(p.Account, excess(p.Amount, a.Amount))
			c.surplus = append(c.surplus, surplus{c.e, index, beyond(p.Amount, a.Amount)})
			return c.add(p, ledger.Reversal(p.Amount, a.Amount))
		}
	}
	return nil
}

// examine finds what a manager must see about the entry.
func (c *counting) examine() error {
	for _, account := range slices.Sorted(maps.Keys(c.excess)) {
		if c.excess[account] > 0 {
			x := about(pos.VoidedTwice, c.e)
			x.Account, x.Amount = account, c.excess[account]
			c.troubles = append(c.troubles, x)
		}
	}
	return c.deepened()
}

func (c *counting) keep() error {
	for _, key := range slices.Sorted(maps.Keys(c.asked)) {
		if err := rows.Put(c.area.asked, []byte(key), c.asked[key]); err != nil {
			return err
		}
	}
	for _, s := range c.surplus {
		if err := c.rolling.clamp(s); err != nil {
			return err
		}
	}
	for _, x := range c.troubles {
		if err := c.raise(x); err != nil {
			return err
		}
	}
	return c.area.history.Put(append(c.e.Holder[:], rows.EntryKey(c.e.ID)...), []byte{})
}

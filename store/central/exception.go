package central

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/store/rows"
)

// exception is pos.Exception as a row.
type exception struct {
	Trouble  pos.Trouble    `cbor:"1,keyasint"`
	At       int64          `cbor:"2,keyasint"`
	Terminal pos.TerminalID `cbor:"3,keyasint"`
	Holder   pos.HolderID   `cbor:"4,keyasint,omitzero"`
	Entry    *pos.EntryID   `cbor:"5,keyasint,omitempty"`
	Account  pos.Account    `cbor:"6,keyasint,omitempty"`
	Amount   int64          `cbor:"7,keyasint,omitempty"`
	Settled  *settlement    `cbor:"8,keyasint,omitempty"`
	Round    uint64         `cbor:"9,keyasint,omitempty"` // of a fork: how many of the same were settled before
}

// settlement is pos.Settlement as a row.
type settlement struct {
	Entry   pos.EntryID   `cbor:"1,keyasint"`
	Manager pos.CashierID `cbor:"2,keyasint"`
	Reason  string        `cbor:"3,keyasint"`
}

func settlementOf(e pos.Entry) *settlement {
	return &settlement{e.ID, e.By.Manager, e.Reason}
}

func (s *settlement) out() *pos.Settlement {
	if s == nil {
		return nil
	}
	return &pos.Settlement{Entry: s.Entry, Manager: s.Manager, Reason: s.Reason}
}

func (x exception) out(area pos.AreaID, id pos.ExceptionID) pos.Exception {
	out := pos.Exception{
		ID: id, Area: area, Trouble: x.Trouble, At: x.At, Terminal: x.Terminal, Holder: x.Holder,
		Account: x.Account, Amount: x.Amount, Settled: x.Settled.out(),
	}
	if x.Entry != nil {
		out.Entry = *x.Entry
	}
	return out
}

// about begins an exception about an entry.
func about(trouble pos.Trouble, e pos.Entry) exception {
	id := e.ID
	return exception{Trouble: trouble, Terminal: e.ID.Terminal, Holder: e.Holder, Entry: &id}
}

// id returns the exception's id, which is made of what it is about: of a trouble
// with an entry the entry and the account, of a fork the incarnation, of a clock
// the day (in Round), and else the terminal alone.
func (x exception) id() (id pos.ExceptionID) {
	hash := sha256.New()
	hash.Write(append([]byte(x.Trouble), 0))
	hash.Write(x.Terminal[:])
	if x.Entry != nil {
		key := rows.EntryKey(*x.Entry)
		switch x.Trouble {
		case pos.Fork:
			hash.Write(key[rows.IDBytes : rows.IDBytes+8])
		case pos.ClockAhead:
		default:
			hash.Write(key)
			hash.Write([]byte(x.Account))
		}
	}
	hash.Write(binary.BigEndian.AppendUint64(nil, x.Round))
	copy(id[:], hash.Sum(nil))
	return id
}

func openKey(x exception, id pos.ExceptionID) []byte {
	return append(rows.NumberKey(uint64(x.At)), id[:]...)
}

// aboutEntry reports whether its id names one entry. Nobody has opened such a one before
// the entry is counted, which happens once.
func (x exception) aboutEntry() bool {
	return x.Entry != nil && x.Trouble != pos.Fork && x.Trouble != pos.ClockAhead
}

// raise opens the exception, unless it is there already, open or settled. A fork
// that goes on after it was settled is a new one; it freezes the terminal.
func (t *taking) raise(x exception) error {
	x.At = max(t.at.UnixMilli(), 1)
	for {
		id := x.id()
		var before exception
		found := false
		if !x.aboutEntry() {
			var err error
			if found, err = rows.Get(t.area.exception, id[:], &before); err != nil {
				return err
			}
		}
		if found && (x.Trouble != pos.Fork || before.Settled == nil) {
			return nil
		}
		if found {
			x.Round++
			continue
		}
		if err := rows.Put(t.area.exception, id[:], x); err != nil {
			return err
		}
		if err := rows.More(t.area.open); err != nil {
			return err
		}
		if err := t.area.open.Put(openKey(x, id), []byte{}); err != nil {
			return err
		}
		if x.Trouble == pos.Fork {
			return t.freeze(x.Terminal, true)
		}
		return nil
	}
}

// freeze says whether the terminal has an open fork. Its leases stay out, but it
// gets no new ones.
func (t *taking) freeze(id pos.TerminalID, frozen bool) error {
	is, found, err := t.terminalRow(id)
	if err != nil || !found || is.Frozen == frozen {
		return err
	}
	is.Frozen = frozen
	t.terminals[id] = is
	if id == t.terminal {
		t.is = is
	}
	return rows.Put(t.tx.Table(terminalTable), id[:], is)
}

// forked opens an exception about the incarnation that the entry extends.
func (t *taking) forked(e pos.Entry) error {
	x := about(pos.Fork, e)
	x.Holder = pos.HolderID{}
	return t.raise(x)
}

// clockAhead is how far an entry may be ahead of the centre's clock, ms.
const clockAhead = 5 * 60 * 1000

// punctual opens an exception about an entry from the future: one a day and
// terminal.
func (t *taking) punctual(e pos.Entry) error {
	ahead := e.At - t.at.UnixMilli()
	if ahead <= clockAhead {
		return nil
	}
	x := about(pos.ClockAhead, e)
	x.Holder, x.Amount, x.Round = pos.HolderID{}, ahead, uint64(uint32(e.Day))
	return t.raise(x)
}

// deepened opens an exception for each account whose deficit the entry deepened,
// as the tills are told of it.
func (c *counting) deepened() error {
	var history []pos.Entry
	trouble := pos.Overdrawn
	var accounts []pos.Account
	for _, p := range c.e.Postings {
		if p.Of != nil {
			trouble = pos.TakenBack
		}
		if p.Amount < 0 && overspent(c.sums, p.Account) && !slices.Contains(accounts, p.Account) {
			accounts = append(accounts, p.Account)
		}
	}
	for _, account := range accounts {
		if history == nil {
			var err error
			if history, err = c.area.entriesOf(c.e.Holder); err != nil {
				return err
			}
		}
		x := about(trouble, c.e)
		x.Account = account
		x.Amount = deficit(ledger.Replay(append(slices.Clip(history), c.e), account, c.day))
		if overspent(c.before, account) {
			x.Amount -= deficit(ledger.Replay(history, account, c.day))
		}
		if x.Amount > 0 {
			c.troubles = append(c.troubles, x)
		}
	}
	return nil
}

// overspent reports whether more was taken from a lot of the account than was in
// it; only then there can be a deficit.
func overspent(sums ledger.Sums, account pos.Account) bool {
	return account.Value() && slices.ContainsFunc(sums, func(s ledger.Sum) bool { return s.Account == account && s.Amount < 0 })
}

// deficit returns what is missing in published sums of one account.
func deficit(published ledger.Sums) (missing int64) {
	for _, s := range published {
		if s.Amount < 0 {
			missing -= s.Amount
		}
	}
	return missing
}

// Exceptions returns the area's exceptions, the oldest first: those that wait for
// a manager, or all.
func (c *Book) Exceptions(id pos.AreaID, all bool) (found []pos.Exception, err error) {
	err = c.in(id, func(a area) error {
		found = nil
		if !all {
			wants := func(w *wanted, key, _ []byte) { w.key(areaExceptionTable, key[min(8, len(key)):]) }
			return a.ahead(a.open, wants, func(key, _ []byte) error {
				x, err := a.exceptionAt(key[min(8, len(key)):])
				found = append(found, x)
				return err
			})
		}
		err := rows.Each(a.exception, func(key, row []byte) error {
			var x exception
			err := rows.Decode(row, &x)
			found = append(found, x.out(a.id, exceptionID(key)))
			return err
		})
		slices.SortFunc(found, compareExceptions)
		return err
	})
	return found, err
}

func compareExceptions(x, y pos.Exception) int {
	xKey, yKey := append(rows.NumberKey(uint64(x.At)), x.ID[:]...), append(rows.NumberKey(uint64(y.At)), y.ID[:]...)
	return slices.Compare(xKey, yKey)
}

// exceptionAt returns the exception under the key, which has to be there.
func (a area) exceptionAt(key []byte) (pos.Exception, error) {
	x, found, err := a.exceptionRow(key)
	if err == nil && !found {
		err = missing("exception", key)
	}
	return x.out(a.id, exceptionID(key)), err
}

// exceptionID is the id that the key has, which may be too short where a file is damaged.
func exceptionID(key []byte) (id pos.ExceptionID) {
	copy(id[:], key)
	return id
}

func (a area) exceptionRow(key []byte) (x exception, found bool, err error) {
	found, err = rows.Get(a.exception, key, &x)
	return x, found, err
}

// Exception returns the exception with the id; one that is not there is the
// problem exception.unknown.
func (c *Book) Exception(id pos.ExceptionID) (found pos.Exception, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		a, err := c.areaWith(tx, func(a area) bool { return a.exception.Get(id[:]) != nil })
		if err != nil {
			return err
		}
		if a == nil {
			return office.ErrUnknown
		}
		found, err = a.exceptionAt(id[:])
		return err
	})
	return found, err
}

// areaWith returns the first area that has something, or nil.
func (c *Book) areaWith(tx rows.Tx, has func(area) bool) (*area, error) {
	for _, id := range tx.Areas() {
		a, _, err := c.area(tx, id)
		if err != nil {
			return nil, err
		}
		if has(a) {
			return &a, nil
		}
	}
	return nil, nil
}

package central

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// revokedTable has, for each revoked terminal, revocation.
var revokedTable = []byte("revoked")

// revocation is who shut a terminal out, and why.
type revocation struct {
	By     pos.CashierID `cbor:"1,keyasint,omitempty"`
	Reason string        `cbor:"2,keyasint,omitempty"`
}

// Revoke shuts a terminal out for good. What it sent before stays; of what it
// sends from now on nothing counts until a manager has looked at it. If it has
// leases, that is an exception, and they stay out until it is settled: the
// terminal may have used them. The second call changes nothing. A terminal that is
// not there is pos.ErrUnknownTerminal.
func (c *Book) Revoke(id pos.TerminalID, by pos.CashierID, reason string) error {
	return c.db.Update("", func(tx rows.Tx) error { return c.revoke(tx, id, revocation{by, reason}) })
}

func (c *Book) revoke(tx rows.Tx, id pos.TerminalID, why revocation) error {
	is, found, err := terminalOf(tx, id)
	switch {
	case err != nil:
		return err
	case !found:
		return pos.ErrUnknownTerminal
	case is.Revoked:
		return nil
	}
	is.Revoked = true
	if err := rows.Put(tx.Table(terminalTable), id[:], is); err != nil {
		return err
	}
	table, err := tx.Make(revokedTable)
	if err != nil {
		return fmt.Errorf("make table: %w", err)
	}
	if err := rows.Put(table, id[:], why); err != nil {
		return err
	}
	now, err := c.lastMoment(tx)
	if err != nil {
		return err
	}
	t, err := c.begin(tx, is.Area, now)
	if err != nil {
		return err
	}
	holders, err := t.area.lessors(id)
	if err != nil || len(holders) == 0 {
		return err
	}
	return t.raise(exception{Trouble: pos.LateEntries, Terminal: id})
}

// revokedIn returns who revoked the terminal and why; nothing for one that was not.
func revokedIn(tx rows.Tx, id pos.TerminalID) (why revocation, err error) {
	if table := tx.Table(revokedTable); table != nil {
		_, err = rows.Get(table, id[:], &why)
	}
	return why, err
}

package central

import (
	"time"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// Backup writes a copy of a ledger in a file, while work goes on. The copy is sealed as
// the file is: it is worth nothing without the secret, which is not in it. When Backup
// returns nil the copy is whole and durable under its name; otherwise there is nothing
// under that name. A name that is taken is store.ErrExists. A ledger in a database is
// refused: that has backups of its own.
func (c *Book) Backup(path string) error {
	if db, ok := c.db.(interface{ Backup(path string) error }); ok {
		return db.Backup(path)
	}
	return pos.Refuse("backup.database")
}

// MarkRestored says that the ledger was set back to a backup at the moment: it may have
// forgotten what it lent, and lends nothing for 72 hours.
func (c *Book) MarkRestored(at time.Time) error {
	return c.db.Update("", func(tx rows.Tx) error {
		return tx.Table(rows.Meta).Put(rows.RestoredKey, rows.NumberKey(uint64(at.UnixMilli())))
	})
}

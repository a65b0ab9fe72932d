package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

// An empty database becomes a central server's, once, and belongs to its secret.
func TestCentralInAnEmptyDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "central.db")
	open := func(secret seal.Secret) (*central.Book, rows.DB, error) {
		db, err := bolt.OpenEmpty(path)
		require.NoError(t, err)
		book, err := central.Open(db, secret)
		return book, db, err
	}
	book, db, err := open(seal.Secret{1})
	require.NoError(t, err)
	require.NoError(t, book.AddStore(pos.Shop{Store: "s", Area: "north", Name: "North", Currency: "EUR"}))
	require.NoError(t, db.Close())

	_, db, err = open(seal.Secret{2})
	require.ErrorIs(t, err, store.ErrSecret)
	require.NoError(t, db.Close())

	book, db, err = open(seal.Secret{1})
	require.NoError(t, err)
	shops, err := book.Stores()
	require.NoError(t, err)
	require.Len(t, shops, 1)
	found, err := book.Check()
	require.NoError(t, err)
	require.Empty(t, found)
	require.NoError(t, db.Close())
}

// What is in a database has the database's backups.
func TestOnlyAFileIsBackedUp(t *testing.T) {
	dir := t.TempDir()
	db, err := bolt.OpenEmpty(filepath.Join(dir, "central.db"))
	require.NoError(t, err)
	book, err := central.Open(struct{ rows.DB }{db}, seal.Secret{1})
	require.NoError(t, err)
	require.ErrorIs(t, book.Backup(filepath.Join(dir, "copy.db")), pos.Refuse("backup.database"))
	require.NoFileExists(t, filepath.Join(dir, "copy.db"))
	require.NoError(t, book.Close())
}

package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

// A member who cannot be read is an id in a list, and the others have their names.
func TestNamesBesideADamagedOne(t *testing.T) {
	file, err := bolt.Blank(filepath.Join(t.TempDir(), "server.db"))
	require.NoError(t, err)
	book, err := central.Open(file, seal.Secret{1})
	require.NoError(t, err)
	ann, ben, cleo := pos.HolderID{1}, pos.HolderID{2}, pos.HolderID{3}
	var sent ledger.Sent
	for holder, name := range map[pos.HolderID]string{ann: "Ann", ben: "Ben"} {
		sent.Profiles = append(sent.Profiles, pos.Profile{Holder: holder, Name: name, Codes: []string{"TC1" + name}, Joined: 20777, Changed: 1})
	}
	require.NoError(t, book.Take(pos.Terminal{ID: pos.TerminalID{9}, Area: "north"}, sent, time.Now()))
	require.NoError(t, file.Update("north", func(tx rows.Tx) error {
		space, err := tx.In("north")
		require.NoError(t, err)
		return space.Table([]byte("profile")).Put(ben[:], []byte("damaged"))
	}))
	n := names{&serverDesk{db: book}, nil, map[pos.HolderID]ledger.Changed{}}
	require.NoError(t, n.know("north", []pos.HolderID{cleo, ben, ann}))
	for holder, want := range map[pos.HolderID]string{ann: "Ann", ben: ben.String(), cleo: cleo.String()} {
		require.Equal(t, want, n.member(holder))
	}
	require.NoError(t, book.Close())
}

package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/store/bolt"
	"tenthcup/store/storetest"
)

func TestCentral(t *testing.T) {
	storetest.Central(t, func(t *testing.T) (storetest.DB, func() storetest.DB) {
		path := filepath.Join(t.TempDir(), "central.db")
		open := func() *bolt.Central {
			db, err := bolt.OpenCentral(path)
			require.NoError(t, err)
			return db
		}
		db := open()
		t.Cleanup(func() { _ = db.Close() }) // a second time unless the test failed
		return db, func() storetest.DB {
			require.NoError(t, db.Close())
			db = open()
			return db
		}
	})
}

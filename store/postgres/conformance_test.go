package postgres_test

import (
	"cmp"
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
	"tenthcup/store/rows"
	"tenthcup/store/rows/rowstest"
	"tenthcup/store/seal"
	"tenthcup/store/storetest"
)

var (
	rounds = flag.Int("rounds", 20, "rounds of 20 histories that a central server and the plain model must agree on")
	seed   = flag.Uint64("seed", 0, "of the first round; 0 draws one")
)

var secret = seal.Secret{1}

// empty returns the URL of a database with the tables and no rows.
func empty(t testing.TB) string {
	url := pgtest.Shared(t, "fsync = off").Database(t)
	_, err := postgres.Migrate(t.Context(), url)
	require.NoError(t, err)
	return url
}

func TestRows(t *testing.T) {
	rowstest.DB(t, func(t *testing.T) rows.DB {
		db, err := postgres.Connect(t.Context(), empty(t), postgres.Options{})
		require.NoError(t, err)
		return db
	})
}

func TestCentral(t *testing.T) {
	storetest.Central(t, func(t *testing.T) (storetest.DB, func() storetest.DB) {
		url := empty(t)
		open := func() storetest.DB {
			db, err := postgres.Open(t.Context(), url, secret, postgres.Options{})
			require.NoError(t, err)
			return db
		}
		db := open()
		return db, func() storetest.DB {
			require.NoError(t, db.Close())
			return open()
		}
	})
}

func TestCentralIsThePlainModel(t *testing.T) {
	book, err := postgres.Open(t.Context(), empty(t), secret, postgres.Options{})
	require.NoError(t, err)
	storetest.Histories(t, book, *rounds, cmp.Or(*seed, uint64(time.Now().UnixNano())))
	require.NoError(t, book.Close())
}

func TestCrowd(t *testing.T) {
	storetest.Crowd(t, func(t *testing.T) (books [2]storetest.DB) {
		url := empty(t)
		for i := range books {
			book, err := postgres.Open(t.Context(), url, secret, postgres.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, book.Close()) })
			books[i] = book
		}
		return books
	})
}

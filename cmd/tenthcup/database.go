package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tenthcup/pos"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/store/postgres"
	"tenthcup/store/seal"
)

// A server's data is in a file, or in a PostgreSQL database that is named by its URL. A
// file belongs to one process, so a command asks the one that has it; a database is open
// to all, so a command opens it itself.

// onDatabase reports whether the name is the URL of a database.
func onDatabase(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// openBook opens the central ledger in the file or the database, which it returns too; nil
// for a file.
func openBook(ctx context.Context, name string, secret seal.Secret) (*central.Book, *postgres.DB, error) {
	if !onDatabase(name) {
		book, err := bolt.OpenCentral(name, secret)
		return book, nil, err
	}
	db, err := postgres.Connect(ctx, name, postgres.Options{Random: rand.Float64})
	if err != nil {
		return nil, nil, err
	}
	book, err := central.Open(db, secret)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return book, db, nil
}

// secretFile is where the secret of a server's data is kept: beside a file, and for a
// database in the data folder of each machine that serves it.
func secretFile(name string) string {
	if onDatabase(name) {
		return filepath.Join(dataFolder(), "server.key")
	}
	return name + ".key"
}

// databaseMapper is a kong type: a path, made absolute, or the URL of a database as it is.
func databaseMapper(ctx *kong.DecodeContext, target reflect.Value) error {
	var name string
	if err := ctx.Scan.PopValueInto("FILE or URL", &name); err != nil {
		return err
	}
	if name != "" && !onDatabase(name) {
		name = kong.ExpandPath(name)
	}
	target.SetString(name)
	return nil
}

type migrateCmd struct {
	DB         string `help:"The database, postgres://..." name:"db" type:"database" required:"" placeholder:"URL" env:"TENTHCUP_DB"`
	Distribute string `help:"Spread the tables and their rows over the nodes of a cluster: citus. The database is the coordinator's." enum:",citus" default:"" placeholder:"citus"`
}

// migrated is what migrate did.
type migrated struct {
	Ran         []string `json:"ran,omitempty"`         // files
	Distributed []string `json:"distributed,omitempty"` // tables
}

// Run makes the tables of a database, or brings them up to date, and distributes them if
// that is wanted. The first time it makes the secret too that the data is sealed with.
func (m migrateCmd) Run(c *call) error {
	var did migrated
	var err error
	if did.Ran, err = c.migrate(m.DB); err != nil {
		return err
	}
	if m.Distribute == "citus" {
		if did.Distributed, err = postgres.Distribute(c.ctx, m.DB); err != nil {
			return err
		}
	}
	return c.print(did, did.sentence(c))
}

func (m migrated) sentence(c *call) string {
	var lines []string
	if len(m.Ran) > 0 {
		lines = append(lines, c.words.T("migrate.done", "files", strings.Join(m.Ran, ", ")))
	}
	if len(m.Distributed) > 0 {
		lines = append(lines, c.words.T("migrate.distributed", "tables", strings.Join(m.Distributed, ", ")))
	}
	if len(lines) == 0 {
		return c.words.T("migrate.nothing")
	}
	return strings.Join(lines, "\n")
}

// migrate brings the tables up to date. Where it makes them, it makes the secret too, if
// this machine has none.
func (c *call) migrate(database string) (ran []string, err error) {
	if !onDatabase(database) {
		return nil, pos.Refuse(postgres.ErrURL.Key, "details", database)
	}
	if ran, err = postgres.Migrate(c.ctx, database); err != nil || len(ran) == 0 {
		return nil, err
	}
	if _, err := readSecret(secretFile(database)); errors.Is(err, fs.ErrNotExist) {
		if _, err := newSecret(secretFile(database)); err != nil {
			return nil, err
		}
		fmt.Fprintln(c.err, c.words.T("migrate.secret", "file", secretFile(database)))
	}
	return ran, nil
}

// partitionEvery is how often a server makes sure that the months to come have their
// partitions. They are there months before.
const partitionEvery = 24 * time.Hour

// partition makes partitions until the context ends.
func partition(ctx context.Context, db *postgres.DB, log *slog.Logger) {
	ticker := time.NewTicker(partitionEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if err := db.Partition(ctx, now); err != nil {
				log.Error("no partitions for the months to come", "error", err)
			}
		}
	}
}

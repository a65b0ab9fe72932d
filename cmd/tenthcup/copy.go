package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/store/postgres"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

type copyCmd struct {
	From  string `help:"The data file, or the database, that is copied. No server may be serving it." type:"database" required:"" placeholder:"FILE or URL"`
	To    string `help:"Where it goes: a file that is not there, a database without a ledger, or a copy that was broken off." type:"database" required:"" placeholder:"FILE or URL"`
	Check bool   `help:"Check the copy too, as doctor does."`
	JSON  bool   `help:"Print JSON." name:"json"`
}

// Help is what kong prints below the flags.
func (copyCmd) Help() string {
	return `Every row is copied as it is, and then compared. Stop all servers first: what tills send meanwhile makes the copy fail, or stays behind. Tills notice nothing of the move once a server serves the copy under the same address. Never serve the ledger that was copied again.

A copy that was broken off, by a crash too, goes on where it was when the same command is given again. Until it is done nothing else opens it. What it is sealed with goes with it: the .key file, or server.key in the data folder of each machine that serves a database.`
}

// Run copies a server's ledger to a file or a database.
func (m copyCmd) Run(c *call) error {
	c.json = m.JSON
	if m.From == m.To {
		return pos.Refuse("copy.same")
	}
	if _, err := os.Stat(m.From); !onDatabase(m.From) && errors.Is(err, fs.ErrNotExist) {
		return pos.Refuse("copy.missing", "file", m.From)
	}
	secret, err := readSecret(secretFile(m.From))
	if errors.Is(err, fs.ErrNotExist) {
		err = pos.Refuse("setup.secret", "file", secretFile(m.From))
	}
	if err != nil {
		return err
	}
	if err := sameSecret(secretFile(m.To), secret); err != nil {
		return err
	}
	book, _, err := openBook(c.ctx, m.From, secret)
	if err != nil {
		return err
	}
	done, err := m.copy(c, book, secret)
	if err = errors.Join(err, book.Close()); err != nil {
		return err
	}
	if m.Check {
		if err := m.check(c, secret); err != nil {
			return err
		}
	}
	return c.print(done, c.words.T("copy.done", "rows", done.Rows))
}

// copy brings the book to where it goes, and prints where the two differ, if they do.
func (m copyCmd) copy(c *call, book *central.Book, secret seal.Secret) (done central.Copied, err error) {
	to, err := m.target(c)
	if err != nil {
		return done, err
	}
	kept := false
	tell := c.copying()
	found, done, err := book.Copy(to, func(now central.Copied) error {
		if !kept { // before the copy is a ledger that needs it
			if err := keepSecret(secretFile(m.To), secret); err != nil {
				return err
			}
			kept = true
		}
		tell(now)
		return c.ctx.Err()
	})
	if err := errors.Join(err, to.Close()); err != nil {
		return done, err
	}
	if len(found) == 0 {
		return done, nil
	}
	if err := c.listFindings(found); err != nil {
		return done, err
	}
	return done, pos.Refuse("copy.differs", "n", len(found))
}

// target opens where the copy goes. The tables of a database are made.
func (m copyCmd) target(c *call) (rows.DB, error) {
	if onDatabase(m.To) {
		if _, err := postgres.Migrate(c.ctx, m.To); err != nil {
			return nil, err
		}
		db, err := postgres.Connect(c.ctx, m.To, postgres.Options{Random: rand.Float64})
		if err != nil {
			return nil, err
		}
		return db, nil
	}
	if err := os.MkdirAll(filepath.Dir(m.To), 0o700); err != nil {
		return nil, store.Explain(err)
	}
	return bolt.Blank(m.To)
}

// check checks the copy as a ledger.
func (m copyCmd) check(c *call, secret seal.Secret) error {
	book, _, err := openBook(c.ctx, m.To, secret)
	if err != nil {
		return err
	}
	found, err := book.Check()
	if err = errors.Join(err, book.Close()); err != nil {
		return err
	}
	return c.printFindings(found)
}

// copying returns a function that keeps one line of the terminal up to date.
func (c *call) copying() func(central.Copied) {
	return func(now central.Copied) {
		if c.json {
			return
		}
		key, end := "copy.progress", "\r"
		if now.Comparing {
			key = "copy.comparing"
		}
		if now.Tables == now.All {
			end = "\n"
		}
		fmt.Fprint(c.err, c.words.T(key, "done", now.Tables, "all", now.All, "rows", now.Rows)+end)
	}
}

// sameSecret refuses a file that has another secret.
func sameSecret(file string, secret seal.Secret) error {
	kept, err := readSecret(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case kept != secret:
		return pos.Refuse("copy.secret", "file", file)
	}
	return nil
}

// keepSecret writes the secret down where it is not yet.
func keepSecret(file string, secret seal.Secret) error {
	if _, err := readSecret(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeSecret(file, secret)
}

// writeSecret writes a secret down.
func writeSecret(file string, secret seal.Secret) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return store.Explain(err)
	}
	document := "# What the server's data is sealed with. Secret; keep a copy apart from backups of the data.\nsecret = \"" + hex.EncodeToString(secret[:]) + "\"\n"
	return writeFile(file, []byte(document), 0o600)
}

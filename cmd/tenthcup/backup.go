package main

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/seal"
)

// onEither is embedded by the commands that work on a till's folder or, with
// --db, on a central server's file.
type onEither struct {
	onTill
	DB string `help:"A central server's data file, or its database, instead of a till." name:"db" type:"database" placeholder:"FILE"`
}

func (o onEither) socket() string {
	if o.DB != "" {
		return onServer{DB: o.DB}.socket()
	}
	return o.onTill.socket()
}

// data returns the name of the data file.
func (o onEither) data() string {
	if o.DB != "" {
		return o.DB
	}
	return filepath.Join(o.Dir, ledgerName)
}

type backupCmd struct {
	onEither
	File string `arg:"" help:"The file to make; it must not be there."`
}

// Run copies the data file as it is at one moment, while the station or server
// goes on working.
func (b backupCmd) Run(c *call) error {
	file := c.path(b.File)
	var err error
	if b.DB != "" {
		err = c.withServer(b.DB, func(desk *serverDesk) error { return desk.db.Backup(file) })
	} else {
		err = c.withTill(b.Dir, func(t *till) error { return t.db.Backup(file) })
	}
	if err != nil {
		return err
	}
	return c.print(map[string]string{"file": file}, c.words.T("backup.done", "file", file))
}

type restoreCmd struct {
	Dir  string `help:"The till's data folder; terminal.toml must be in it." default:"${data}" type:"path" placeholder:"DIR" env:"TENTHCUP_DIR"`
	DB   string `help:"The central server's data file instead of a till, its .key file beside it; or its database, after it was set back by its own means." name:"db" type:"database" placeholder:"FILE"`
	JSON bool   `help:"Print JSON." name:"json"`
	File string `arg:"" optional:"" help:"The backup; none for a database."`
}

// Run puts a backup in the place of a data file, which is kept under another
// name. What was written since the backup is not in it: a till therefore hands
// out no rewards before it has spoken with its server, and the server then sees
// that the disk was set back.
func (r restoreCmd) Run(c *call) error {
	c.json = r.JSON
	switch database := onDatabase(r.DB); {
	case database && r.File != "":
		return pos.Refuse("backup.database")
	case database:
		return r.markDatabase(c)
	case r.File == "":
		return pos.Refuse("backup.which")
	}
	place := onEither{onTill: onTill{Dir: r.Dir}, DB: r.DB}
	from, into := c.path(r.File), place.data()
	marked, err := r.mark(c, from, into)
	if err != nil {
		return err
	}
	kept := ""
	if _, err := os.Stat(into); err == nil {
		kept = into + "." + time.Now().UTC().Format("20060102T150405Z")
		if err := os.Rename(into, kept); err != nil {
			return store.Explain(err)
		}
	}
	if err := errors.Join(os.Rename(marked, into), store.SyncFolder(filepath.Dir(into))); err != nil {
		return store.Explain(err)
	}
	return c.print(map[string]string{"file": into, "kept": kept}, c.words.T("backup.restored", "file", into))
}

// markDatabase says in a database that it was set back, so that it lends nothing until
// what it lent since the backup has come back.
func (r restoreCmd) markDatabase(c *call) error {
	return c.withServer(r.DB, func(desk *serverDesk) error {
		if err := desk.db.MarkRestored(time.Now()); err != nil {
			return err
		}
		return c.print(map[string]bool{"restored": true}, c.words.T("backup.marked"))
	})
}

// mark copies the backup beside the data file, checks it and marks it as one.
func (r restoreCmd) mark(c *call, from, into string) (marked string, err error) {
	place := onEither{onTill: onTill{Dir: r.Dir}, DB: r.DB}
	if conn, err := net.DialTimeout("unix", place.socket(), dialPatience); err == nil {
		return "", errors.Join(store.ErrInUse, conn.Close())
	}
	terminal, secret, err := r.owner()
	if err != nil {
		return "", err
	}
	marked = into + ".restoring"
	if err := copyFile(from, marked); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(marked))
		}
	}()
	switch is, err := bolt.BackupOf(marked); {
	case err != nil:
		return "", err
	case is != terminal:
		return "", store.ErrOther
	}
	found, err := bolt.VerifyBackup(marked, secret)
	if err != nil {
		return "", err
	}
	if err := c.printFindings(found); err != nil {
		return "", err
	}
	return marked, bolt.MarkRestored(marked, time.Now())
}

// owner returns whose data is restored, the zero id for a server's, and its
// secret.
func (r restoreCmd) owner() (terminal pos.TerminalID, secret seal.Secret, err error) {
	if r.DB != "" {
		secret, err = serverSecret(r.DB)
		return terminal, secret, err
	}
	var me identity
	err = readDocument(filepath.Join(r.Dir, identityName), &me)
	if errors.Is(err, fs.ErrNotExist) {
		return terminal, secret, pos.Refuse("setup.missing", "dir", r.Dir)
	}
	if err == nil {
		err = me.check(r.Dir)
	}
	if err != nil {
		return terminal, secret, err
	}
	return me.terminal(), me.secret(), nil
}

// copyFile copies a file under a new name and has it on disk when it returns.
func copyFile(from, into string) error {
	source, err := os.Open(from)
	if err != nil {
		return pos.Refuse("backup.missing", "file", from)
	}
	defer source.Close()
	copied, err := os.OpenFile(into, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return store.Explain(err)
	}
	_, err = io.Copy(copied, source)
	return store.Explain(errors.Join(err, copied.Sync(), copied.Close()))
}

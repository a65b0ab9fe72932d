package bolt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

// Backup writes a copy of the file as it is at this moment, while work goes on. A
// cashier waits for it only if the file outgrows its map just then: when it
// reaches a power of two, and above 1 GiB once in a GiB.
// The copy is sealed as the file is: it is worth nothing without the secret, which
// is not in it. When Backup returns nil the copy is whole and durable under its
// name; otherwise there is nothing under that name. A name that is taken is
// ErrExists.
func (t *Till) Backup(path string) error { return t.file.Backup(path) }

// Backup writes a copy of the file: see Till.Backup.
func (f *file) Backup(path string) error {
	if err := free(path); err != nil {
		return err
	}
	next := path + ".new"
	if err := f.copy(next); err != nil {
		return errors.Join(err, gone(os.Remove(next)))
	}
	if err := free(path); err != nil { // somebody else's meanwhile
		return errors.Join(err, os.Remove(next))
	}
	if err := os.Rename(next, path); err != nil {
		return errors.Join(store.Explain(err), os.Remove(next))
	}
	return store.SyncFolder(filepath.Dir(path))
}

// free refuses a name that is taken.
func free(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return fmt.Errorf("back up to %s: %w", path, store.ErrExists)
	}
	return gone(err)
}

// gone takes it for no error that there is no such file.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return store.Explain(err)
}

// copy writes what one transaction sees into a file and syncs it.
func (f *file) copy(path string) error {
	copied, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return store.Explain(err)
	}
	err = f.see(func(b *bbolt.Tx) error {
		to := bufio.NewWriterSize(copied, 1<<20)
		if _, err := b.WriteTo(to); err != nil {
			return err
		}
		return to.Flush()
	})
	return store.Explain(errors.Join(err, copied.Sync(), copied.Close()))
}

// VerifyBackup opens a copied file, a till's or a central server's, and checks it
// as its Check does. The file must not be in use and is not changed. What is wrong
// with it as a whole is the error, as for OpenTill; one that is not there is
// fs.ErrNotExist.
func VerifyBackup(path string, secret seal.Secret) (found []store.Finding, err error) {
	is, err := formatOf(path)
	if err != nil {
		return nil, err
	}
	var copied interface {
		Check() ([]store.Finding, error)
		io.Closer
	}
	if is.Kind == rows.CentralKind {
		copied, err = OpenCentral(path, secret)
	} else {
		copied, err = OpenTill(path, is.Terminal, secret)
	}
	if err != nil {
		return nil, err
	}
	found, err = copied.Check()
	return found, errors.Join(err, copied.Close())
}

// BackupOf returns whose file a copy is: a till's, or the zero id for a central
// server's. Anything else is ErrOther or ErrCorrupt.
func BackupOf(path string) (pos.TerminalID, error) {
	is, err := formatOf(path)
	return is.Terminal, err
}

// formatOf reads what the file is. It is closed again.
func formatOf(path string) (is rows.Format, err error) {
	err = inFile(path, func(f *file) error {
		return f.view(func(tx rows.Tx) (err error) {
			is, err = rows.FormatIn(tx)
			return err
		})
	})
	return is, err
}

// MarkRestored says in a copied file that it is a backup which is put back at the
// moment. A till that opens it knows that it may have forgotten what it handed
// out, and a central server that it may have forgotten what it lent. The mark is
// durable when MarkRestored returns nil. It is set in the copy before that is put
// into place, so that no crash can leave the one without the other.
func MarkRestored(path string, at time.Time) error {
	return inFile(path, func(f *file) error {
		return f.update(func(tx rows.Tx) error {
			return tx.Table(rows.Meta).Put(rows.RestoredKey, rows.NumberKey(uint64(at.UnixMilli())))
		})
	})
}

// inFile opens a file of this version that is there, whatever its kind.
func inFile(path string, do func(*file) error) error {
	f := &file{path: path, ready: func(tx rows.Tx) error {
		is, err := rows.FormatIn(tx)
		if err == nil && is.Kind != rows.TillKind && is.Kind != rows.CentralKind {
			err = store.ErrOther
		}
		return err
	}}
	if err := f.open(0); err != nil {
		return err
	}
	return errors.Join(do(f), f.close())
}

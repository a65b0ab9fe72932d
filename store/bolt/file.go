package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// errClosed is returned by every method after Close.
var errClosed = errors.New("file is closed")

// lockWait is how long opening waits for another process to let go of the file:
// a command that ends, not a station that runs.
const lockWait = 200 * time.Millisecond

// file is one bbolt file that is opened again after a commit that returned an
// error, because such a commit may have happened.
type file struct {
	path  string
	ready func(tx rows.Tx) error // makes a new file ours, or refuses another; runs in each opening's transaction

	writing sync.Mutex   // held by the one writer, from its first read to the end of its commit
	mu      sync.RWMutex // readers hold it shared; it guards what follows
	db      *bbolt.DB    // nil after Close, and while the file cannot be opened again
	closed  bool
}

func openFile(path string, ready func(tx rows.Tx) error) (*file, error) {
	f := &file{path: path, ready: ready}
	_, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err := f.open(os.O_CREATE); err != nil {
		return nil, err
	}
	if isNew {
		// The file's bytes are synced, but its name is not until the folder is.
		if err := store.SyncFolder(filepath.Dir(path)); err != nil {
			return nil, errors.Join(err, f.close())
		}
	}
	return f, nil
}

// open opens the database and makes it ready. A file that bbolt trips over is
// ErrCorrupt and is let go of. Create is os.O_CREATE, or 0 where a file that is
// gone must not come back empty.
func (f *file) open(create int) error {
	var handle *os.File
	var db *bbolt.DB
	options := &bbolt.Options{
		Timeout: lockWait,
		// A freelist of some thousand pages is what syncing leaves behind. The
		// array is the faster kind at that size, and a synced freelist is what
		// lets a file of any size open in milliseconds.
		FreelistType: bbolt.FreelistArrayType,
		OpenFile: func(name string, flag int, mode os.FileMode) (opened *os.File, err error) {
			opened, err = os.OpenFile(name, flag&^os.O_CREATE|create, mode)
			handle = opened
			return opened, err
		},
	}
	err := guard(func() (err error) {
		if db, err = bbolt.Open(f.path, 0o600, options); err != nil {
			return err
		}
		return f.prepare(db, handle, create != 0)
	})
	if err == nil {
		f.db = db
		return nil
	}
	if db != nil {
		err = errors.Join(err, db.Close())
	} else if handle != nil {
		_ = handle.Close() // bbolt closed it already unless it panicked
	}
	return explain("open file", err)
}

// prepare checks that the file is as long as its pages need, and ours.
func (f *file) prepare(db *bbolt.DB, handle *os.File, create bool) error {
	info, err := handle.Stat()
	if err != nil {
		return err
	}
	fresh := false
	err = db.View(func(b *bbolt.Tx) error {
		if b.Size() > info.Size() {
			return fmt.Errorf("%w: it ends early", store.ErrCorrupt)
		}
		first, _ := b.Cursor().First()
		fresh = create && first == nil
		if fresh {
			return nil
		}
		return f.ready(tx{b})
	})
	if err != nil || !fresh {
		return err
	}
	return db.Update(func(b *bbolt.Tx) error { return f.ready(tx{b}) })
}

// close lets go of the file. The second call does nothing.
func (f *file) close() error {
	f.writing.Lock()
	defer f.writing.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return f.drop()
}

func (f *file) drop() error {
	db := f.db
	f.db = nil
	if db == nil {
		return nil
	}
	return explain("close file", db.Close())
}

// view runs read in a transaction that sees the file as it is now.
func (f *file) view(read func(tx rows.Tx) error) error {
	return f.see(func(b *bbolt.Tx) error { return read(tx{b}) })
}

func (f *file) see(read func(*bbolt.Tx) error) error {
	f.mu.RLock()
	if f.db == nil && !f.closed {
		f.mu.RUnlock()
		if err := f.recover(); err != nil {
			return err
		}
		f.mu.RLock()
	}
	defer f.mu.RUnlock()
	if f.db == nil {
		return errClosed
	}
	return explain("read file", guard(func() error { return f.db.View(read) }))
}

// recover opens a file that could not be opened again after a failed commit.
func (f *file) recover() error {
	f.writing.Lock()
	defer f.writing.Unlock()
	return f.reopen()
}

// reopen opens the file again if it has to be. The caller is the writer. A file
// that is open does not make it wait for readers: one of them may be copying all
// of it.
func (f *file) reopen() error {
	f.mu.RLock()
	isOpen := f.db != nil
	f.mu.RUnlock()
	if isOpen {
		return nil // and nobody but the writer closes it
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errClosed
	}
	if f.db != nil {
		return nil
	}
	return f.open(0)
}

// update runs write in a transaction and commits it. It returns nil only if the
// transaction is on disk, and an error only if nothing of it is, ErrUnsure
// apart. The error of write is returned as it is.
func (f *file) update(write func(tx rows.Tx) error) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	if err := f.reopen(); err != nil {
		return err
	}
	var id int
	var refused error
	err := guard(func() error {
		b, err := f.db.Begin(true)
		if err != nil {
			return err
		}
		defer func() { _ = b.Rollback() }() // nothing is left to roll back after a commit
		id = b.ID()
		if refused = write(tx{b}); refused != nil {
			return refused
		}
		return b.Commit()
	})
	switch {
	case err == nil:
		return nil
	case refused != nil:
		return refused
	case id == 0:
		return explain("write file", err)
	}
	return f.settle(id, explain("write file", err))
}

// settle finds out what became of the transaction whose commit failed. Sync may
// have failed after the pages were there, so the file is opened again and asked.
// If the transaction is in it, one more commit is what proves it: what the
// kernel still shows after a failed sync need not be on the disk.
func (f *file) settle(id int, failed error) error {
	f.mu.Lock()
	_ = f.drop() // its state is what is in doubt
	f.mu.Unlock()
	if err := f.reopen(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnsure, errors.Join(failed, err))
	}
	there := false
	err := guard(func() error {
		return f.db.View(func(b *bbolt.Tx) error {
			there = b.ID() >= id
			return nil
		})
	})
	if err == nil && !there {
		return failed
	}
	if err == nil {
		err = guard(func() error { return f.db.Update(func(*bbolt.Tx) error { return nil }) })
	}
	if err != nil {
		f.mu.Lock()
		_ = f.drop()
		f.mu.Unlock()
		return fmt.Errorf("%w: %w", store.ErrUnsure, errors.Join(failed, err))
	}
	return nil
}

// explain gives an error of the machine the name that people know it by, and
// leaves any other as it is.
func explain(doing string, err error) error {
	named := store.Explain(err)
	for cause, problem := range map[error]*pos.Problem{
		berrors.ErrTimeout: store.ErrInUse, berrors.ErrInvalid: store.ErrCorrupt,
		berrors.ErrChecksum: store.ErrCorrupt, berrors.ErrVersionMismatch: store.ErrCorrupt,
	} {
		if errors.Is(err, cause) {
			named = fmt.Errorf("%w: %w", problem, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "file size too small") { // bbolt has no name for it
		named = fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	if _, ok := errors.AsType[*pos.Problem](named); ok {
		return fmt.Errorf("%s: %w", doing, named)
	}
	return err
}

// guard turns a panic of bbolt over a damaged file, and a fault on a page that
// cannot be read, into ErrCorrupt. A panic of the caller's own functions goes on.
func guard(call func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case rows.CallersPanic:
			panic(cause.Cause)
		default:
			err = fmt.Errorf("%w: %v", store.ErrCorrupt, cause)
		}
	}()
	return call()
}

// View implements rows.DB.
func (f *file) View(read func(rows.Tx) error) error { return f.view(read) }

// Update implements rows.DB. A file has one writer, whatever the area.
func (f *file) Update(_ pos.AreaID, write func(rows.Tx) error) error { return f.update(write) }

// Close implements rows.DB.
func (f *file) Close() error { return f.close() }

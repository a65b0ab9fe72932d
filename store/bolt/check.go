package bolt

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"tenthcup/store"
)

// maxFindings is where a check gives up: a file with so much wrong is not
// mended by reading more.
const maxFindings = 200

// errEnough ends a check.
var errEnough = errors.New("enough")

// findings collects what a check found.
type findings []store.Finding

// add notes a finding. Its error ends the walk when there are enough.
func (f *findings) add(what, place string, args ...any) error {
	*f = append(*f, store.Finding{Place: fmt.Sprintf(place, args...), What: what})
	if len(*f) >= maxFindings {
		return errEnough
	}
	return nil
}

// check runs the walks in one transaction and then, if the file could be read to
// its end, lets bbolt look at the pages. Damage that ends a walk is a finding. The
// walks come first because they are guarded, and bbolt's own check is not.
func (f *file) check(walks func(*findings) []func(tx *bbolt.Tx) error) ([]store.Finding, error) {
	found := findings{}
	err := f.view(func(tx *bbolt.Tx) error {
		for _, walk := range walks(&found) {
			if err := walk(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = f.pages(&found)
	}
	switch {
	case errors.Is(err, errEnough):
		err = nil
	case errors.Is(err, store.ErrCorrupt):
		found, err = append(found, store.Finding{Place: "file", What: err.Error()}), nil
	}
	return found, err
}

// pages lets bbolt check its pages. Nobody may write meanwhile: it compares them
// with the list of free ones in memory.
func (f *file) pages(found *findings) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	if err := f.reopen(); err != nil {
		return err
	}
	return f.view(func(tx *bbolt.Tx) error {
		var err error
		for problem := range tx.Check() { // to its end, or it never ends
			if err == nil {
				err = found.add(problem.Error(), "pages")
			}
		}
		return err
	})
}

// count returns the number of the bucket's rows, by reading them.
func count(b *bbolt.Bucket) (n int) {
	c := b.Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		n++
	}
	return n
}

// each calls do with the bucket's rows in the order of their keys.
func each(b *bbolt.Bucket, do func(key, row []byte) error) error {
	c := b.Cursor()
	for key, row := c.First(); key != nil; key, row = c.Next() {
		if err := do(key, row); err != nil {
			return err
		}
	}
	return nil
}

// counted compares the number of the bucket's rows with its sequence.
func (f *findings) counted(b *bbolt.Bucket, place string, args ...any) error {
	return f.compare(count(b), int(b.Sequence()), place, args...)
}

// compare notes a table that has another number of rows than belong in it.
func (f *findings) compare(has, want int, place string, args ...any) error {
	if has == want {
		return nil
	}
	return f.add(fmt.Sprintf("%d rows where %d belong", has, want), place, args...)
}

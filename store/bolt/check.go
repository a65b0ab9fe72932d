package bolt

import (
	"errors"
	"fmt"
	"os"

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

// check looks at the shape of the pages, and only if nothing is wrong with it runs
// the walks, in the same transaction, and then bbolt's own check. Over a damaged page
// a walk could go in circles, and bbolt's check, which nothing guards, end the
// process. Damage that ends a walk is a finding.
func (f *file) check(walks func(*findings) []func(tx *bbolt.Tx) error) ([]store.Finding, error) {
	found := findings{}
	shapely := false
	err := f.view(func(tx *bbolt.Tx) error {
		if err := f.shape(tx, &found); err != nil || len(found) > 0 {
			return err
		}
		shapely = true
		for _, walk := range walks(&found) {
			if err := walk(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && shapely {
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

// shape reads the pages that the transaction sees from the file. It holds nobody off:
// no writer touches a page that a transaction sees.
func (f *file) shape(tx *bbolt.Tx, found *findings) error {
	raw, err := os.Open(f.path)
	if err != nil {
		return explain("check pages", err)
	}
	defer raw.Close()
	size := tx.DB().Info().PageSize
	c := &pageCheck{findings: found, file: raw, size: size, used: make([]bool, tx.Size()/int64(size))}
	return c.page(uint64(tx.Cursor().Bucket().Root()))
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

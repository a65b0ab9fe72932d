package bolt

import (
	"os"

	"go.etcd.io/bbolt"

	"tenthcup/store/rows"
)

// Check implements rows.DB. It looks at the shape of the pages, and only if nothing is
// wrong with it walks, in the same transaction, and then runs bbolt's own check. Over a
// damaged page a walk could go in circles, and bbolt's check, which nothing guards, end
// the process.
func (f *file) Check(found *rows.Findings, walk func(rows.Tx) error) error {
	shapely := false
	err := f.see(func(b *bbolt.Tx) error {
		if err := f.shape(b, found); err != nil || len(*found) > 0 {
			return err
		}
		shapely = true
		return walk(tx{b})
	})
	if err == nil && shapely {
		err = f.pages(found)
	}
	return err
}

// shape reads the pages that the transaction sees from the file. It holds nobody off:
// no writer touches a page that a transaction sees.
func (f *file) shape(tx *bbolt.Tx, found *rows.Findings) error {
	raw, err := os.Open(f.path)
	if err != nil {
		return explain("check pages", err)
	}
	defer raw.Close()
	size := tx.DB().Info().PageSize
	c := &pageCheck{Findings: found, file: raw, size: size, used: make([]bool, tx.Size()/int64(size))}
	return c.page(uint64(tx.Cursor().Bucket().Root()))
}

// pages lets bbolt check its pages. Nobody may write meanwhile: it compares them
// with the list of free ones in memory.
func (f *file) pages(found *rows.Findings) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	if err := f.reopen(); err != nil {
		return err
	}
	return f.see(func(tx *bbolt.Tx) error {
		var err error
		for problem := range tx.Check() { // to its end, or it never ends
			if err == nil {
				err = found.Add(problem.Error(), "pages")
			}
		}
		return err
	})
}

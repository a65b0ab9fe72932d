package bolt

import (
	"bytes"
	"slices"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

const (
	loadChunk = 100_000 // rows in one transaction: some tens of megabytes
	loadFill  = 0.8     // room for rows to grow before a page splits
)

// Load stores many holders that the file does not have yet, each with its
// profile, a million in about ten seconds: an import, or a till that is set up
// from another's. A row with a Position is the centre's, and its sums are the
// holder's base; of any other only the profile is taken, which then waits for
// the centre: value comes from entries.
//
// It is many transactions. After an error or a crash some of the holders are
// there; the same call again completes it.
func (t *Till) Load(rows []ledger.Changed, at int64) error {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b ledger.Changed) int { return bytes.Compare(a.Holder[:], b.Holder[:]) })
	var codes, names [][]byte
	for _, c := range rows {
		if c.Profile == nil {
			continue
		}
		of, named := indexed(profileIn(c))
		codes, names = append(codes, of...), append(names, named...)
	}
	load := loading{t.file, rows, at}
	for _, step := range []func() error{
		func() error { return load.keys(codeBucket, codes) },
		func() error { return load.keys(nameBucket, names) },
		func() error { return load.rows(baseBucket, load.base) },
		func() error { return load.rows(unsentBucket, load.unsent) },
		func() error { return load.rows(profileBucket, load.profile) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// profileIn returns the row's profile as that of the row's holder.
func profileIn(c ledger.Changed) pos.Profile {
	p := *c.Profile
	p.Holder = c.Holder
	return p
}

// loading is one call of Load. Its rows are in the order of their keys, which
// makes full pages and no free ones.
type loading struct {
	file    *file
	holders []ledger.Changed
	at      int64
}

func (l loading) keys(name []byte, keys [][]byte) error {
	slices.SortFunc(keys, bytes.Compare)
	for chunk := range slices.Chunk(keys, loadChunk) {
		err := l.file.update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(name)
			b.FillPercent = loadFill
			for _, key := range chunk {
				if err := b.Put(key, []byte{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (l loading) rows(name []byte, add func(*bbolt.Bucket, ledger.Changed) error) error {
	for chunk := range slices.Chunk(l.holders, loadChunk) {
		err := l.file.update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(name)
			b.FillPercent = loadFill
			for _, c := range chunk {
				if err := add(b, c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (l loading) base(b *bbolt.Bucket, c ledger.Changed) error {
	if c.Position == 0 || b.Get(c.Holder[:]) != nil {
		return nil
	}
	return put(b, c.Holder[:], base{Sums: c.Sums, Position: c.Position, AsOf: l.at})
}

func (l loading) unsent(b *bbolt.Bucket, c ledger.Changed) error {
	if c.Position != 0 || c.Profile == nil || b.Get(c.Holder[:]) != nil {
		return nil
	}
	if err := more(b); err != nil {
		return err
	}
	return b.Put(c.Holder[:], []byte{})
}

func (l loading) profile(b *bbolt.Bucket, c ledger.Changed) error {
	if c.Profile == nil {
		return nil
	}
	return put(b, c.Holder[:], profileIn(c))
}

package bolt

import (
	"bytes"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

const (
	loadChunk = 100_000 // rows in one transaction: some tens of megabytes
	loadFill  = 0.8     // room for rows to grow before a page splits
)

// Load stores many holders that the file does not have yet, each with its
// profile, a million in some ten seconds: an import, or a till that is set up
// from another's. A row with a Position is the centre's, and its sums and leases
// are the holder's base; of any other only the profile is taken, which then waits
// for the centre: value comes from entries.
//
// It is many transactions. After an error or a crash some of the holders are
// there; the same call again completes it.
func (t *Till) Load(table []ledger.Changed, at int64) error {
	table = slices.Clone(table)
	slices.SortFunc(table, func(a, b ledger.Changed) int { return bytes.Compare(a.Holder[:], b.Holder[:]) })
	load := loading{t, table, at}
	for _, step := range []func() error{
		func() error { return load.index(codeBucket, rows.CodesOf) },
		func() error { return load.index(nameBucket, namesOf) },
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
	till    *Till
	holders []ledger.Changed
	at      int64
}

// index adds the words of all profiles to an index.
func (l loading) index(name []byte, words func(pos.Profile) []string) error {
	list := wordList{numbers: map[string]uint32{}, uses: make([]use, 0, 2*len(l.holders))}
	for row, c := range l.holders {
		if c.Profile == nil {
			continue
		}
		for _, word := range words(profileIn(c)) {
			list.add(word, uint32(row))
		}
	}
	return chunks(l.till.file, name, list.sorted(l.till.seal, name), func(b rows.Table, u use) error {
		key := append(list.sealed[u.word][:], l.holders[u.row].Holder[:]...)
		return b.Put(key, []byte{})
	})
}

// wordList is who uses which words. Its uses are some million, so they are put in
// order by their words, which are fewer, and not one by one.
type wordList struct {
	numbers map[string]uint32 // of a word
	uses    []use             // in the order of the holders
	sealed  [][seal.WordBytes]byte
}

type use struct{ word, row uint32 }

func (l *wordList) add(word string, row uint32) {
	number, found := l.numbers[word]
	if !found {
		number = uint32(len(l.numbers))
		l.numbers[word] = number
	}
	l.uses = append(l.uses, use{number, row})
}

// sorted returns the uses in the order of the index's keys.
func (l *wordList) sorted(s *seal.Sealer, index []byte) []use {
	l.sealed = make([][seal.WordBytes]byte, len(l.numbers))
	order := make([]uint32, len(l.numbers))
	for word, number := range l.numbers {
		copy(l.sealed[number][:], s.Word(index, word))
		order[number] = number
	}
	slices.SortFunc(order, func(a, b uint32) int { return bytes.Compare(l.sealed[a][:], l.sealed[b][:]) })
	at := make([]int, len(order)) // where the next use of a word goes
	for _, u := range l.uses {
		at[u.word]++
	}
	before := 0
	for _, word := range order {
		at[word], before = before, before+at[word]
	}
	sorted := make([]use, len(l.uses))
	for _, u := range l.uses {
		sorted[at[u.word]] = u
		at[u.word]++
	}
	return sorted
}

func (l loading) rows(name []byte, add func(rows.Table, ledger.Changed) error) error {
	return chunks(l.till.file, name, l.holders, add)
}

// chunks calls add with each of all and the bucket, in as many transactions as it
// takes.
func chunks[T any](f *file, name []byte, all []T, add func(rows.Table, T) error) error {
	for chunk := range slices.Chunk(all, loadChunk) {
		err := f.update(func(tx rows.Tx) error {
			b := filled(tx.Table(name), loadFill)
			for _, one := range chunk {
				if err := add(b, one); err != nil {
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

func (l loading) base(b rows.Table, c ledger.Changed) error {
	if c.Position == 0 || b.Get(c.Holder[:]) != nil {
		return nil
	}
	next := base{Sums: c.Sums, Position: c.Position, AsOf: l.at, Leases: c.Leases}
	return account{}.putBase(b, c.Holder, next, l.till.terminal)
}

func (l loading) unsent(b rows.Table, c ledger.Changed) error {
	if c.Position != 0 || c.Profile == nil || b.Get(c.Holder[:]) != nil {
		return nil
	}
	if err := rows.More(b); err != nil {
		return err
	}
	return b.Put(c.Holder[:], []byte{})
}

func (l loading) profile(b rows.Table, c ledger.Changed) error {
	if c.Profile == nil {
		return nil
	}
	return rows.NewSealed(b, profileBucket, l.till.seal).Put(c.Holder[:], profileIn(c))
}

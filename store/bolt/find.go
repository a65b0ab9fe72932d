package bolt

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"tenthcup/pos"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

// An index says who has a word without saying which: its keys are what the seal
// makes of the word, and the holder. So nothing can be found by a part of a word,
// and names are indexed by some of their beginnings.

// maxPhrases is how many phrases of one name are indexed. Clean profiles are far below
// it; what is beyond is kept but not found.
const maxPhrases = 64

// maxOpened is how many profiles a search by name opens: opening one takes one
// or two microseconds, and the cashier waits for a letter no longer than 5 ms. A beginning
// that more members have is no search yet: the cashier types on.
const maxOpened = 2000

// lengths are the beginnings that are indexed, in runes. A search uses the longest
// that is not longer than what was typed, and opens the profiles that it finds.
var lengths = []int{2, 4, 7, 11}

// ByCode is station.Members'.
func (t *Till) ByCode(code string) (holders []pos.HolderID, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		return t.having(tx, codeBucket, code, func(holder pos.HolderID) (bool, error) {
			holders = append(holders, holder)
			return true, nil
		})
	})
	return holders, err
}

// having calls yield with the holders who have the word in the index, in the
// order of their ids, until it returns false.
func (t *Till) having(tx rows.Tx, index []byte, word string, yield func(pos.HolderID) (bool, error)) error {
	return rows.Scan(tx.Table(index), t.seal.Word(index, word), func(key []byte) (bool, error) {
		holder, err := rows.HolderOf(key[seal.WordBytes:])
		if err != nil {
			return false, err
		}
		return yield(holder)
	})
}

// ByName is station.Members'. The prefix may be several words in the name's
// order. Where more than limit names match, the ones whose matching word comes
// first are returned. Of members whose names begin alike only the first 2,000 are
// looked at, in no order that means anything: those of a prefix of one letter, or
// of two or three in a large shop.
func (t *Till) ByName(prefix string, limit int) (found []pos.Profile, err error) {
	if prefix == "" || limit <= 0 {
		return nil, nil
	}
	err = t.file.view(func(tx rows.Tx) error {
		search := search{till: t, prefix: prefix, seen: map[pos.HolderID]bool{}}
		if err := search.run(tx); err != nil {
			return err
		}
		found, err = search.best(limit)
		return err
	})
	return found, err
}

// search is one search by name.
type search struct {
	till   *Till
	rows   rows.Sealed
	at     rows.Cursor // of the profiles; holders are looked at in the order of their ids
	opened []byte      // room for a profile
	prefix string
	seen   map[pos.HolderID]bool
	found  []match
}

// match is a member whose name has a phrase that begins with what is looked for.
type match struct {
	holder pos.HolderID
	name   string // folded
	phrase string // the first one
}

func (s *search) run(tx rows.Tx) error {
	s.rows = s.till.sealed(tx, profileBucket)
	s.at = s.rows.Cursor()
	for _, word := range slices.Backward(beginnings(s.prefix)) {
		err := s.till.having(tx, nameBucket, word, s.look)
		if err != nil || len([]rune(s.prefix)) > 1 {
			return err
		}
	}
	// The index has words of one letter, but not what begins with it.
	c := s.rows.Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		holder, err := rows.HolderOf(key)
		if err != nil {
			return err
		}
		if more, err := s.look(holder); err != nil || !more {
			return err
		}
	}
	return nil
}

// look opens the holder's profile and keeps its name if it is looked for. It reports
// whether more may be opened.
func (s *search) look(holder pos.HolderID) (bool, error) {
	if s.seen[holder] {
		return true, nil
	}
	s.seen[holder] = true
	raw := s.raw(holder)
	if raw == nil {
		return true, nil // a key without a profile is for Check
	}
	var err error
	if s.opened, err = s.rows.Open(s.opened, holder[:], raw); err != nil {
		return false, err
	}
	name, err := nameIn(s.opened)
	if err != nil {
		return false, err
	}
	names := rows.Phrases(name)
	at := slices.IndexFunc(names, func(phrase string) bool { return strings.HasPrefix(phrase, s.prefix) })
	if at >= 0 {
		s.found = append(s.found, match{holder, names[0], names[at]})
	}
	return len(s.seen) < maxOpened, nil
}

// nameIn returns the name in an opened profile. It passes over what stands before it
// and reads nothing else, which takes a tenth of the time.
func nameIn(opened []byte) (string, error) {
	fields := walker{left: opened}
	kind, n := fields.head()
	for range n {
		if kind != cborMap {
			break
		}
		if key, number := fields.head(); key != cborNumber || number > nameField {
			return "", fields.err()
		} else if number == nameField {
			return fields.text()
		}
		fields.skip()
	}
	return "", fields.err()
}

// raw returns the holder's row. Where many members are looked for, the next one is
// near the one before.
func (s *search) raw(holder pos.HolderID) []byte {
	key, raw := s.at.Next()
	if key == nil || !bytes.Equal(key, holder[:]) {
		key, raw = s.at.Seek(holder[:])
	}
	if !bytes.Equal(key, holder[:]) {
		return nil
	}
	return raw
}

// best returns up to limit of what was found.
func (s *search) best(limit int) (profiles []pos.Profile, err error) {
	slices.SortFunc(s.found, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.phrase, b.phrase), bytes.Compare(a.holder[:], b.holder[:]))
	})
	best := s.found[:min(limit, len(s.found))]
	slices.SortFunc(best, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.name, b.name), bytes.Compare(a.holder[:], b.holder[:]))
	})
	for _, m := range best {
		var p pos.Profile
		if _, err := s.rows.Get(m.holder[:], &p); err != nil {
			return nil, err
		}
		profiles = append(profiles, p)
	}
	return profiles, nil
}

// beginnings returns what the phrase is indexed by: its beginnings of the indexed
// lengths, or all of it if it is shorter.
func beginnings(phrase string) []string {
	runes := []rune(phrase)
	if len(runes) < lengths[0] {
		return []string{phrase}
	}
	var words []string
	for _, n := range lengths {
		if n <= len(runes) {
			words = append(words, string(runes[:n]))
		}
	}
	return words
}

// namesOf returns those in the index of names.
func namesOf(p pos.Profile) (names []string) {
	from := rows.Phrases(p.Name)
	for _, phrase := range from[:min(len(from), maxPhrases)] {
		for _, word := range beginnings(phrase) {
			if !slices.Contains(names, word) {
				names = append(names, word)
			}
		}
	}
	return names
}

// indexed returns the keys under which a profile is found.
func indexed(s *seal.Sealer, p pos.Profile) (codes, names [][]byte) {
	for _, word := range rows.CodesOf(p) {
		codes = append(codes, append(s.Word(codeBucket, word), p.Holder[:]...))
	}
	for _, word := range namesOf(p) {
		names = append(names, append(s.Word(nameBucket, word), p.Holder[:]...))
	}
	return codes, names
}

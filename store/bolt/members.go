package bolt

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

var _ station.Members = (*Till)(nil)

// Limits on what is indexed of a profile, which may come from the line. Clean
// profiles are far below them; what is beyond is kept but not found.
const (
	maxIndexed = 64  // keys of one kind for one profile
	maxCodeKey = 256 // bytes of a code
	maxNameKey = 64  // bytes of a name from one of its words on
)

// Profile is station.Members'.
func (t *Till) Profile(holder pos.HolderID) (p pos.Profile, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		p, err = profileOf(tx, holder)
		return err
	})
	return p, err
}

func profileOf(tx *bbolt.Tx, holder pos.HolderID) (p pos.Profile, err error) {
	p, found, err := findProfile(tx, holder)
	if err == nil && !found {
		err = station.ErrNotFound
	}
	return p, err
}

func findProfile(tx *bbolt.Tx, holder pos.HolderID) (p pos.Profile, found bool, err error) {
	found, err = get(tx.Bucket(profileBucket), holder[:], &p)
	return p, found, err
}

// ByCode is station.Members'.
func (t *Till) ByCode(code string) (holders []pos.HolderID, err error) {
	prefix := append([]byte(code), 0)
	err = t.file.view(func(tx *bbolt.Tx) error {
		return scan(tx.Bucket(codeBucket), prefix, func(key []byte) (bool, error) {
			// A code with a zero byte in it has the prefix too, but a longer key.
			if len(key) != len(prefix)+idBytes {
				return true, nil
			}
			holder, err := holderOf(key[len(prefix):])
			holders = append(holders, holder)
			return true, err
		})
	})
	return holders, err
}

// ByName is station.Members'. The prefix may be several words in the name's
// order. Where more than limit names match, the ones whose matching word comes
// first are returned.
func (t *Till) ByName(prefix string, limit int) (found []pos.Profile, err error) {
	if prefix == "" || limit <= 0 {
		return nil, nil
	}
	seen := map[pos.HolderID]bool{}
	err = t.file.view(func(tx *bbolt.Tx) error {
		return scan(tx.Bucket(nameBucket), []byte(cut(prefix)), func(key []byte) (bool, error) {
			holder, err := holderOf(key[max(len(key)-idBytes, 0):])
			if err != nil || seen[holder] {
				return true, err
			}
			seen[holder] = true
			p, there, err := findProfile(tx, holder)
			if err != nil || !there {
				return true, err // a key without a profile is for Check
			}
			if slices.ContainsFunc(phrases(p.Name), func(phrase string) bool { return strings.HasPrefix(phrase, prefix) }) {
				found = append(found, p)
			}
			return len(found) < limit, nil
		})
	})
	slices.SortFunc(found, func(a, b pos.Profile) int {
		return cmp.Or(cmp.Compare(pos.Fold(a.Name), pos.Fold(b.Name)), bytes.Compare(a.Holder[:], b.Holder[:]))
	})
	return found, err
}

// scan calls yield with the bucket's keys that begin with the prefix, in order,
// until it returns false.
func scan(b *bbolt.Bucket, prefix []byte, yield func(key []byte) (bool, error)) error {
	c := b.Cursor()
	for key, _ := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, _ = c.Next() {
		if more, err := yield(key); err != nil || !more {
			return err
		}
	}
	return nil
}

// phrases returns the folded name from each of its words on: "ann lee" and "lee".
func phrases(name string) []string {
	folded := strings.Join(strings.Fields(pos.Fold(name)), " ")
	var from []string
	for folded != "" {
		from = append(from, folded)
		_, folded, _ = strings.Cut(folded, " ")
	}
	return from
}

func cut(phrase string) string { return phrase[:min(len(phrase), maxNameKey)] }

// indexed returns the keys under which a profile is found.
func indexed(p pos.Profile) (codes, names [][]byte) {
	add := func(keys [][]byte, word string) [][]byte {
		key := append(append([]byte(word), 0), p.Holder[:]...)
		if len(keys) == maxIndexed || slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) }) {
			return keys
		}
		return append(keys, key)
	}
	for _, code := range append(slices.Clone(p.Codes), p.Phone) {
		if code != "" && len(code) <= maxCodeKey {
			codes = add(codes, code)
		}
	}
	for _, phrase := range phrases(p.Name) {
		names = add(names, cut(phrase))
	}
	return codes, names
}

// SaveProfile is station.Members'.
func (t *Till) SaveProfile(p pos.Profile) error {
	return t.file.update(func(tx *bbolt.Tx) error { return saveProfile(tx, p) })
}

// saveProfile stores a profile that was changed here. It waits for the centre
// even where there is none: there may be one later.
func saveProfile(tx *bbolt.Tx, p pos.Profile) error {
	if err := storeProfile(tx, p); err != nil {
		return err
	}
	return unsent(tx, p.Holder)
}

// unsent puts the holder's profile on the list of those that wait.
func unsent(tx *bbolt.Tx, holder pos.HolderID) error {
	list := tx.Bucket(unsentBucket)
	if list.Get(holder[:]) != nil {
		return nil
	}
	if err := more(list); err != nil {
		return err
	}
	return list.Put(holder[:], []byte{})
}

// sent takes the holder's profile off the list of those that wait.
func sent(tx *bbolt.Tx, holder pos.HolderID) error {
	list := tx.Bucket(unsentBucket)
	if list.Get(holder[:]) == nil {
		return nil
	}
	if err := list.SetSequence(list.Sequence() - 1); err != nil {
		return err
	}
	return list.Delete(holder[:])
}

// storeProfile puts the profile in the place of the holder's old one.
func storeProfile(tx *bbolt.Tx, p pos.Profile) error {
	old, found, err := findProfile(tx, p.Holder)
	if err != nil {
		return err
	}
	var oldCodes, oldNames [][]byte
	if found {
		oldCodes, oldNames = indexed(old)
	}
	codes, names := indexed(p)
	if err := reindex(tx.Bucket(codeBucket), oldCodes, codes); err != nil {
		return err
	}
	if err := reindex(tx.Bucket(nameBucket), oldNames, names); err != nil {
		return err
	}
	return put(tx.Bucket(profileBucket), p.Holder[:], p)
}

// reindex touches only the keys that differ.
func reindex(b *bbolt.Bucket, before, after [][]byte) error {
	in := func(keys [][]byte, key []byte) bool {
		return slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) })
	}
	for _, key := range before {
		if in(after, key) {
			continue
		}
		if err := b.Delete(key); err != nil {
			return fmt.Errorf("forget name or code: %w", err)
		}
	}
	for _, key := range after {
		if in(before, key) {
			continue
		}
		if err := b.Put(key, []byte{}); err != nil {
			return fmt.Errorf("index name or code: %w", err)
		}
	}
	return nil
}

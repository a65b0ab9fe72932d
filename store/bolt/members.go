package bolt

import (
	"bytes"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

var _ station.Members = (*Till)(nil)

// Profile is station.Members'.
func (t *Till) Profile(holder pos.HolderID) (p pos.Profile, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		p, err = t.profileOf(tx, holder)
		return err
	})
	return p, err
}

func (t *Till) profileOf(tx *bbolt.Tx, holder pos.HolderID) (p pos.Profile, err error) {
	p, found, err := t.findProfile(tx, holder)
	if err == nil && !found {
		err = station.ErrNotFound
	}
	return p, err
}

func (t *Till) findProfile(tx *bbolt.Tx, holder pos.HolderID) (p pos.Profile, found bool, err error) {
	found, err = t.sealed(tx, profileBucket).get(holder[:], &p)
	return p, found, err
}

// SaveProfile is station.Members'.
func (t *Till) SaveProfile(p pos.Profile) error {
	return t.file.update(func(tx *bbolt.Tx) error { return t.saveProfile(tx, p) })
}

// saveProfile stores a profile that was changed here. It waits for the centre
// even where there is none: there may be one later.
func (t *Till) saveProfile(tx *bbolt.Tx, p pos.Profile) error {
	if err := t.storeProfile(tx, p); err != nil {
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
func (t *Till) storeProfile(tx *bbolt.Tx, p pos.Profile) error {
	old, found, err := t.findProfile(tx, p.Holder)
	if err != nil {
		return err
	}
	var oldCodes, oldNames [][]byte
	if found {
		oldCodes, oldNames = indexed(t.seal, old)
	}
	codes, names := indexed(t.seal, p)
	if err := reindex(tx.Bucket(codeBucket), oldCodes, codes); err != nil {
		return err
	}
	if err := reindex(tx.Bucket(nameBucket), oldNames, names); err != nil {
		return err
	}
	return t.sealed(tx, profileBucket).put(p.Holder[:], p)
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
			return fmt.Errorf("forget key: %w", err)
		}
	}
	for _, key := range after {
		if in(before, key) {
			continue
		}
		if err := b.Put(key, []byte{}); err != nil {
			return fmt.Errorf("add key: %w", err)
		}
	}
	return nil
}

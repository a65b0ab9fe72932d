package bolt

import (
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store/rows"
)

var _ station.Members = (*Till)(nil)

// Profile is station.Members'.
func (t *Till) Profile(holder pos.HolderID) (p pos.Profile, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		p, err = t.profileOf(tx, holder)
		return err
	})
	return p, err
}

func (t *Till) profileOf(tx rows.Tx, holder pos.HolderID) (p pos.Profile, err error) {
	p, found, err := t.findProfile(tx, holder)
	if err == nil && !found {
		err = station.ErrNotFound
	}
	return p, err
}

func (t *Till) findProfile(tx rows.Tx, holder pos.HolderID) (p pos.Profile, found bool, err error) {
	found, err = t.sealed(tx, profileBucket).Get(holder[:], &p)
	return p, found, err
}

// SaveProfile is station.Members'.
func (t *Till) SaveProfile(p pos.Profile) error {
	return t.file.update(func(tx rows.Tx) error { return t.saveProfile(tx, p) })
}

// saveProfile stores a profile that was changed here. It waits for the centre
// even where there is none: there may be one later.
func (t *Till) saveProfile(tx rows.Tx, p pos.Profile) error {
	if err := t.storeProfile(tx, p); err != nil {
		return err
	}
	return unsent(tx, p.Holder)
}

// unsent puts the holder's profile on the list of those that wait.
func unsent(tx rows.Tx, holder pos.HolderID) error {
	list := tx.Table(unsentBucket)
	if list.Get(holder[:]) != nil {
		return nil
	}
	if err := rows.More(list); err != nil {
		return err
	}
	return list.Put(holder[:], []byte{})
}

// sent takes the holder's profile off the list of those that wait.
func sent(tx rows.Tx, holder pos.HolderID) error {
	list := tx.Table(unsentBucket)
	if list.Get(holder[:]) == nil {
		return nil
	}
	if err := list.SetNumber(list.Number() - 1); err != nil {
		return err
	}
	return list.Delete(holder[:])
}

// storeProfile puts the profile in the place of the holder's old one.
func (t *Till) storeProfile(tx rows.Tx, p pos.Profile) error {
	old, found, err := t.findProfile(tx, p.Holder)
	if err != nil {
		return err
	}
	var oldCodes, oldNames [][]byte
	if found {
		oldCodes, oldNames = indexed(t.seal, old)
	}
	codes, names := indexed(t.seal, p)
	if err := rows.Reindex(tx.Table(codeBucket), oldCodes, codes); err != nil {
		return err
	}
	if err := rows.Reindex(tx.Table(nameBucket), oldNames, names); err != nil {
		return err
	}
	return t.sealed(tx, profileBucket).Put(p.Holder[:], p)
}

package central

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// place is the table that a profile of the area is sealed for.
func (a area) place(table []byte) []byte {
	return slices.Concat(rows.Areas, []byte("/"), []byte(a.id), []byte("/"), table)
}

// profiles returns the area's profiles.
func (a area) profiles() rows.Sealed {
	return rows.NewSealed(a.profile, a.place(areaProfileTable), a.seal)
}

// profileOf returns the holder's profile and whether there is one.
func (a area) profileOf(holder pos.HolderID) (p pos.Profile, found bool, err error) {
	found, err = a.profiles().Get(holder[:], &p)
	return p, found, err
}

// putProfile stores the profile in the place of the holder's old one.
func (a area) putProfile(old, p pos.Profile) error {
	if err := rows.Reindex(a.code, a.codeKeys(old), a.codeKeys(p)); err != nil {
		return err
	}
	return a.profiles().Put(p.Holder[:], p)
}

// codeKeys returns the keys under which the profile is found by its codes and its
// phone number.
func (a area) codeKeys(p pos.Profile) (keys [][]byte) {
	for _, code := range rows.CodesOf(p) {
		keys = append(keys, append(a.word(code), p.Holder[:]...))
	}
	return keys
}

// word returns what stands for a code or phone number in the index.
func (a area) word(code string) []byte { return a.seal.Word(a.place(areaCodeTable), code) }

// withCode returns the holders with the code or phone number.
func (a area) withCode(code string) (holders []pos.HolderID, err error) {
	word := a.word(code)
	err = rows.Scan(a.code, word, func(key []byte) (bool, error) {
		holder, err := rows.HolderOf(key[len(word):])
		holders = append(holders, holder)
		return true, err
	})
	return holders, err
}

// profiles takes the changed profiles of a terminal that are newer than what is
// here.
func (t *taking) profiles(profiles []pos.Profile) error {
	if t.is.Revoked {
		return nil
	}
	for _, p := range profiles {
		if p.Holder == (pos.HolderID{}) {
			continue
		}
		old, found, err := t.area.profileOf(p.Holder)
		if err != nil {
			return err
		}
		if found && !p.Newer(old) {
			if old.Kind == pos.Erased && p.Kind != pos.Erased {
				t.dirty[p.Holder] = true // who still has it hears again
			}
			continue
		}
		if err := t.saveProfile(old, p); err != nil {
			return err
		}
	}
	return nil
}

// saveProfile stores the profile and publishes its holder.
func (t *taking) saveProfile(old, p pos.Profile) error {
	t.dirty[p.Holder] = true
	return t.area.putProfile(old, p)
}

// cashierRows returns the cashiers, who are sealed for their PINs.
func (c *Book) cashierRows(tx rows.Tx) rows.Sealed {
	return rows.NewSealed(tx.Table(cashierTable), cashierTable, c.seal)
}

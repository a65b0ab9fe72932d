package central

import (
	"bytes"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/store/rows"
)

// Merge is office.Book's.
func (c *Book) Merge(pen office.Pen, who office.Who, decide func(office.Pair) (office.Merger, error)) error {
	lent := 0
	err := c.db.Update(who.Area, func(tx rows.Tx) (err error) {
		t, err := c.begin(tx, who.Area, pen.At)
		if err != nil {
			return err
		}
		t.day = pen.Day
		if err := t.writes(pen.Terminal); err != nil {
			return err
		}
		from, err := t.holding(who.From)
		if err != nil {
			return err
		}
		if lent = len(from.Leases); lent > 0 {
			t.recall(who.From, from, func(ledger.Lease) bool { return true })
			return t.finish()
		}
		return t.merge(pen, who, decide)
	})
	if err == nil && lent > 0 {
		return pos.Refuse(office.ErrLeases.Key, "n", lent)
	}
	return err
}

func (t *taking) merge(pen office.Pen, who office.Who, decide func(office.Pair) (office.Merger, error)) error {
	pair := office.Pair{Tail: t.tail}
	for _, side := range []struct {
		holder pos.HolderID
		into   *office.Side
	}{{who.From, &pair.From}, {who.Into, &pair.Into}} {
		published, err := t.area.published(side.holder, pen.Day)
		if err != nil {
			return err
		}
		if published.Profile == nil {
			return office.ErrNoMember
		}
		*side.into = office.Side{Profile: *published.Profile, Sums: published.Sums}
	}
	type merger struct {
		office.Merger
		err error
	}
	m := rows.Callers(func() (m merger) {
		m.Merger, m.err = decide(pair)
		return m
	})
	if m.err != nil {
		return m.err
	}
	for _, e := range m.Entries {
		if _, err := t.own(e); err != nil {
			return err
		}
	}
	if err := t.saveProfile(pair.From.Profile, m.From); err != nil {
		return err
	}
	if err := t.saveProfile(pair.Into.Profile, m.Into); err != nil {
		return err
	}
	from, err := t.holding(who.From)
	if err != nil {
		return err
	}
	from.Into = who.Into
	return t.finish()
}

// Duplicates returns the holders of the area who seem to be one person, in groups:
// those with the same phone number; and one who was merged into another and has
// something again, behind that other, because a till had not heard of it.
func (c *Book) Duplicates(id pos.AreaID) (groups [][]pos.Profile, err error) {
	err = c.in(id, func(a area) error {
		groups = nil
		var group []pos.HolderID
		var word []byte
		err := rows.Each(a.code, func(key, _ []byte) error {
			cut := max(len(key)-rows.IDBytes, 0)
			if !bytes.Equal(word, key[:cut]) {
				if err := a.samePhone(&groups, word, group); err != nil {
					return err
				}
				word, group = slices.Clone(key[:cut]), nil
			}
			holder, err := rows.HolderOf(key[cut:])
			group = append(group, holder)
			return err
		})
		if err == nil {
			err = a.samePhone(&groups, word, group)
		}
		if err == nil {
			err = a.residues(&groups)
		}
		return err
	})
	return groups, err
}

// samePhone adds those holders of a group with one word whose phone number it is.
func (a area) samePhone(groups *[][]pos.Profile, group []byte, holders []pos.HolderID) error {
	if len(holders) < 2 {
		return nil
	}
	byPhone := map[string][]pos.Profile{}
	for _, holder := range holders {
		p, found, err := a.profileOf(holder)
		if err != nil {
			return err
		}
		if found && p.Phone != "" {
			byPhone[p.Phone] = append(byPhone[p.Phone], p)
		}
	}
	for _, same := range byPhone {
		if len(same) > 1 && bytes.Equal(group, a.word(same[0].Phone)) {
			*groups = append(*groups, same)
		}
	}
	return nil
}

// residues adds the holders who were merged and have something again.
func (a area) residues(groups *[][]pos.Profile) error {
	return rows.Each(a.account, func(key, row []byte) error {
		var h holding
		if err := rows.Decode(row, &h); err != nil || h.Into == (pos.HolderID{}) || len(h.Sums) == 0 {
			return err
		}
		holder, err := rows.HolderOf(key)
		if err != nil {
			return err
		}
		into, _, err := a.profileOf(h.Into)
		if err != nil {
			return err
		}
		from, _, err := a.profileOf(holder)
		*groups = append(*groups, []pos.Profile{into, from})
		return err
	})
}

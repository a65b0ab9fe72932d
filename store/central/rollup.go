package central

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/store"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
)

// Report adds up what happened in the store, or in all areas where it is "". A store
// that is not there did nothing.
func (c *Book) Report(shop pos.StoreID, ask report.Ask) (figures report.Figures, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		var all []report.Day
		for _, id := range tx.Areas() {
			a, _, err := c.area(tx, id)
			if err != nil {
				return err
			}
			days, err := rollup.DaysIn(a.rollup, shop)
			if err != nil {
				return err
			}
			all = append(all, days...)
		}
		figures = report.Read(all, ask)
		return nil
	})
	return figures, err
}

// rolling rolls entries of an area up: for the area, and for the store of each.
type rolling struct {
	tx      rows.Tx
	rules   *known
	into    rollup.Rows
	known   rollup.Rows // what is known about programs
	members *rollup.Members
	rolls   map[pos.StoreID]*rollup.Rollup
	shops   map[pos.StoreID]shopClock // that were read
	trials  map[pos.ProgramID][]rollup.Trial
}

// shopClock is by what a store counts hours and money.
type shopClock struct {
	zone     *time.Location
	currency string
}

func (c *Book) rolling(tx rows.Tx, into, known rollup.Rows, rows rollup.MemberRows) *rolling {
	return &rolling{
		tx: tx, rules: c.rules, into: into, known: known, members: rollup.NewMembers(rows, into),
		rolls: map[pos.StoreID]*rollup.Rollup{}, shops: map[pos.StoreID]shopClock{}, trials: map[pos.ProgramID][]rollup.Trial{},
	}
}

// add rolls an entry up that counts.
func (r *rolling) add(e pos.Entry) error {
	where, err := r.where(e)
	if err != nil {
		return err
	}
	return r.each(e, func(rows report.Rows) error { return report.Fold(rows, e, where) })
}

// each calls do with the rows of the area and of the entry's store.
func (r *rolling) each(e pos.Entry, do func(report.Rows) error) error {
	if err := do(r.of("")); err != nil || e.Store == "" {
		return err
	}
	return do(r.of(e.Store))
}

func (r *rolling) of(shop pos.StoreID) *rollup.Rollup {
	if r.rolls[shop] == nil {
		r.rolls[shop] = rollup.New(r.into, shop, r.members)
	}
	return r.rolls[shop]
}

// clamp takes out again what reversals asked for beyond what there was.
func (r *rolling) clamp(s surplus) error {
	if s.by == 0 {
		return nil
	}
	return r.each(s.entry, func(rows report.Rows) error {
		return report.Clamp(rows, s.entry.Day, s.entry.Postings[s.index], s.by)
	})
}

// clampAll clamps the reversals of each posting of the entry.
func (r *rolling) clampAll(a area, e pos.Entry) error {
	for i, p := range e.Postings {
		var asks []ask
		if p.Of != nil {
			continue
		}
		if _, err := rows.Get(a.asked, askedKey(e.ID, i), &asks); err != nil {
			return err
		}
		for _, asked := range asks {
			if !asked.sameAs(askFor(e.Holder, p)) {
				continue
			}
			if err := r.clamp(surplus{e, i, beyond(p.Amount, asked.Amount)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// where returns what the entry does not say: the hour where its store is, and the
// arms.
func (r *rolling) where(e pos.Entry) (where report.Where, err error) {
	clock, err := r.clock(e.Store)
	if err != nil {
		return where, err
	}
	trials, known := r.trials[e.Program]
	if !known {
		trials, err = rollup.TrialsOf(r.known, e.Program, func() ([]pos.Experiment, error) { return r.experiments(e.Program, clock.currency) })
		r.trials[e.Program] = trials
	}
	return report.Where{Hour: rollup.HourIn(e, clock.zone), Arms: rollup.ArmsOf(trials, e.Holder)}, err
}

func (r *rolling) clock(id pos.StoreID) (clock shopClock, err error) {
	if clock, known := r.shops[id]; known {
		return clock, nil
	}
	var shop pos.Shop
	if _, err := rows.Get(r.tx.Table(storeTable), []byte(id), &shop); err != nil {
		return clock, err
	}
	clock = shopClock{time.UTC, shop.Currency}
	if zone, there := r.rules.Zone(shop.Timezone); there {
		clock.zone = zone
	}
	r.shops[id] = clock
	return clock, nil
}

// experiments returns those of a published program.
func (r *rolling) experiments(id pos.ProgramID, currency string) (found []pos.Experiment, err error) {
	err = rows.Each(r.tx.Table(programTable), func(_, document []byte) error {
		if pos.ProgramOf(document) == id {
			program, _ := r.rules.Program(document, currency)
			found = program.Experiments
		}
		return nil
	})
	return found, err
}

func (r *rolling) flush() error {
	if err := r.members.Flush(); err != nil {
		return err
	}
	for _, shop := range slices.Sorted(maps.Keys(r.rolls)) {
		if err := r.rolls[shop].Flush(); err != nil {
			return err
		}
	}
	return nil
}

// all rolls up every entry of the area that counts.
func (r *rolling) all(a area) error {
	n := 0
	err := a.ahead(a.entry, (*wanted).judged, func(key, raw []byte) error {
		e, counts, err := a.counting(key, raw)
		if err != nil || !counts {
			return err
		}
		if err := r.add(e); err != nil {
			return err
		}
		if err := r.clampAll(a, e); err != nil {
			return err
		}
		if n++; n%rollup.Batch == 0 {
			return r.flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.flush()
}

// counting reads an entry and reports whether it counts. One that moves something is
// in its holder's history then; any other was not put into quarantine in its place.
func (a area) counting(key, raw []byte) (e pos.Entry, counts bool, err error) {
	e, err = pos.DecodeEntry(raw)
	if err != nil || !bytes.Equal(rows.EntryKey(e.ID), key) {
		return e, false, nil //nolint:nilerr // it stands in quarantine
	}
	if len(e.Postings) > 0 {
		return e, a.history.Get(append(e.Holder[:], key...)) != nil, nil
	}
	hash := pos.HashEntry(raw)
	var q quarantined
	apart, err := rows.Get(a.quarantine, hash[:], &q)
	return e, !apart || q.Reason == store.Foreign && !q.Released, err
}

// rolled makes sure that every area has rollups; those of a ledger without any are made
// of its entries.
func (c *Book) rolled() error {
	var missing []pos.AreaID
	err := c.db.View(func(tx rows.Tx) error {
		for _, id := range tx.Areas() {
			space, err := tx.In(id)
			if err != nil {
				return err
			}
			if space.Table(areaRollupTable) == nil {
				missing = append(missing, id)
			}
		}
		return nil
	})
	if err != nil || len(missing) == 0 {
		return err
	}
	return c.db.Update("", func(tx rows.Tx) error {
		for _, id := range missing {
			a, _, err := c.area(tx, id)
			if err != nil {
				return err
			}
			if err := a.forgetMembers(); err != nil {
				return err
			}
			r := c.rolling(tx, a.rollup, a.rollup, a)
			if err := r.all(a); err != nil {
				return err
			}
		}
		return nil
	})
}

// rollups checks that the rollups are what the entries come to.
func (c *areaCheck) rollups() error {
	want, met := rollup.Map{}, rollup.Map{}
	r := (&Book{rules: c.rules}).rolling(c.tx, want, rollup.NewOverlay(c.rollup), rollup.NewBeside(met))
	if err := r.all(c.area); err != nil {
		return err
	}
	err := rows.Each(c.account, func(key, row []byte) error {
		var h holding
		if err := rows.Decode(row, &h); err != nil {
			return err
		}
		holder, err := rows.HolderOf(key)
		if err != nil {
			return err
		}
		is := met.Get(rollup.BesideKey(holder))
		delete(met, string(rollup.BesideKey(holder)))
		if !bytes.Equal(is, h.Met) {
			return c.wrong("what reports know of it is not what its entries come to", "holder %v: rollups", holder)
		}
		return nil
	})
	if err != nil {
		return err
	}
	maps.Copy(want, met) // what is left of it is nowhere
	return rollup.Same(c.Findings, c.rollup, want, "area "+string(c.id)+": ")
}

// Member implements rollup.MemberRows.
func (a area) Member(holder pos.HolderID) ([]byte, error) {
	h, _, err := a.holding(holder)
	return h.Met, err
}

// SetMember implements rollup.MemberRows.
func (a area) SetMember(holder pos.HolderID, row []byte) error {
	h, _, err := a.holding(holder)
	if err != nil {
		return err
	}
	h.Met = row
	return rows.Put(a.account, holder[:], h)
}

// forgetMembers forgets what rollups know of the members.
func (a area) forgetMembers() error {
	var met []pos.HolderID
	err := rows.Each(a.account, func(key, row []byte) error {
		var h holding
		if err := rows.Decode(row, &h); err != nil || len(h.Met) == 0 {
			return err
		}
		holder, err := rows.HolderOf(key)
		met = append(met, holder)
		return err
	})
	for _, holder := range met {
		if err == nil {
			err = a.SetMember(holder, nil)
		}
	}
	return err
}

// Member implements rollup.MemberRows.
func (t *taking) Member(holder pos.HolderID) ([]byte, error) {
	h, err := t.holding(holder)
	if err != nil {
		return nil, err
	}
	return h.Met, nil
}

// SetMember implements rollup.MemberRows. What the holder has is written with it.
func (t *taking) SetMember(holder pos.HolderID, row []byte) error {
	h, err := t.holding(holder)
	if err != nil {
		return err
	}
	h.Met = row
	t.dirty[holder] = true
	return nil
}

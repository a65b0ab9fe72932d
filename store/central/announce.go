package central

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
)

// What a transaction will look at can nearly all be told from what the tills sent. It is
// announced, so that a database behind a line brings it at once: a batch then takes the
// same few round trips, however large it is. What is not announced is brought when it is
// asked for, so a mistake here costs time and nothing else.

// wanted collects keys by table.
type wanted struct {
	keys   map[string]map[string]bool
	ranges map[string][]rows.Range
	last   rolledAt // of the entry before
}

// rolledAt is what the rollups are found by that an entry without lots is added to.
// Entries that follow one another have nearly always the same.
type rolledAt struct {
	day     pos.Day
	store   pos.StoreID
	program pos.ProgramID
}

func newWanted() *wanted {
	return &wanted{keys: map[string]map[string]bool{}, ranges: map[string][]rows.Range{}}
}

func (w *wanted) key(table, key []byte) {
	if w.keys[string(table)] == nil {
		w.keys[string(table)] = map[string]bool{}
	}
	w.keys[string(table)][string(key)] = true
}

func (w *wanted) between(table, from, until []byte) {
	w.ranges[string(table)] = append(w.ranges[string(table)], rows.Range{From: from, Until: until})
}

// of returns the wants in the area; those of a table of no area are not among them.
func (w *wanted) of(area pos.AreaID) (wants []rows.Want) {
	names := map[string]bool{}
	for name := range w.keys {
		names[name] = true
	}
	for name := range w.ranges {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		want := rows.Want{Area: area, Table: []byte(name), Ranges: w.ranges[name]}
		for _, key := range slices.Sorted(maps.Keys(w.keys[name])) {
			want.Keys = append(want.Keys, []byte(key))
		}
		wants = append(wants, want)
	}
	return wants
}

// announce says what taking the batches, which are of one area, will look at. It returns
// what the holders have that it came to read on the way; nothing is read for a file.
func (c *Book) announce(tx rows.Tx, together []*batch) (brought, error) {
	if !rows.Loads(tx) {
		return nil, nil
	}
	id := together[0].terminal.Area
	w := newWanted()
	var terminals [][]byte
	for _, one := range together {
		terminals = append(terminals, one.terminal.ID[:])
		w.batch(one)
	}
	feed := rows.Want{Area: id, Table: feedTable, Last: true}
	if one := together[0]; one.isTold(together) {
		w.page(one.terminal, *one.ask)
		for holder := range w.keys[string(accountTable)] { // they will be on the page
			w.key(areaProfileTable, []byte(holder))
		}
		feed = newsOf(one.terminal, *one.ask)
	}
	rows.Load(tx, append(w.of(id), rows.Want{Table: terminalTable, Keys: terminals}, feed)...)
	return c.follow(tx, together)
}

func (w *wanted) batch(one *batch) {
	w.key(latestTable, one.terminal.ID[:])
	w.key(areaReachedTable, one.terminal.ID[:])
	for _, p := range one.sent.Profiles {
		w.key(areaProfileTable, p.Holder[:])
		w.key(accountTable, p.Holder[:])
	}
	for _, holder := range one.sent.Wants {
		w.key(accountTable, holder[:])
	}
	for i, r := range one.read {
		e := r.entry
		if e.ID.IsZero() || e.ID.Terminal != one.terminal.ID || r.wrong != "" {
			hash := pos.HashEntry(r.raw)
			w.key(quarantineTable, hash[:])
		}
		if e.ID.IsZero() || e.ID.Terminal != one.terminal.ID {
			continue
		}
		if e.ID.Seq == 1 {
			w.key(quarantineTable, e.Prev[:])
		}
		w.past(e, one.at)
		w.entry(e)
		// What is known of a process, and what reversals asked of its entries, for a whole
		// run of them at once.
		if i == 0 || !oneProcess(one.read[i-1].entry.ID, e.ID) {
			w.key(chainTable, chainKey(e.ID.Terminal, e.ID.Incarnation))
			end := e.ID
			for _, next := range one.read[i:] {
				if oneProcess(next.entry.ID, e.ID) {
					end.Seq = max(end.Seq, next.entry.ID.Seq)
				}
			}
			w.between(askedTable, rows.EntryKey(e.ID), rows.Behind(rows.EntryKey(end)))
		}
	}
}

// oneProcess reports whether one process of a till wrote both entries.
func oneProcess(a, b pos.EntryID) bool {
	return a.Terminal == b.Terminal && a.Incarnation == b.Incarnation
}

func (w *wanted) entry(e pos.Entry) {
	if e.Holder != (pos.HolderID{}) {
		w.key(accountTable, e.Holder[:])
	}
	at := rolledAt{e.Day, e.Store, e.Program}
	if at != w.last || slices.ContainsFunc(e.Postings, func(p pos.Posting) bool { return p.Lot.Until != 0 }) {
		for _, key := range rollup.Keys(e) {
			w.key(areaRollupTable, key)
		}
	}
	w.last = at
	for _, key := range onceKeys(e) {
		w.key(areaOnceTable, key)
	}
	for _, p := range e.Postings {
		if p.Of == nil {
			continue
		}
		original := rows.EntryKey(*p.Of)
		w.key(askedTable, askedKey(*p.Of, p.OfIndex))
		w.key(entryTable, original)
		w.key(historyTable, append(e.Holder[:], original...))
	}
}

// past announces what rollups know of the entry's holder where it is of an earlier month
// than the moment.
func (w *wanted) past(e pos.Entry, at time.Time) {
	if e.Holder != (pos.HolderID{}) {
		for _, key := range rollup.PastKeys(e, pos.DayOf(at, time.UTC)) {
			w.key(areaRollupTable, key)
		}
	}
}

// announcePage says what answering the terminal will look at, but for the holders on the
// page: who they are is in the feed.
func announcePage(tx rows.Tx, terminal pos.Terminal, ask ledger.PageAsk) {
	if !rows.Loads(tx) {
		return
	}
	w := newWanted()
	w.page(terminal, ask)
	rows.Load(tx, append(
		w.of(terminal.Area), rows.Want{Table: terminalTable, Keys: [][]byte{terminal.ID[:]}}, newsOf(terminal, ask),
	)...)
}

func (w *wanted) page(terminal pos.Terminal, ask ledger.PageAsk) {
	for _, incarnation := range ask.Open {
		w.key(chainTable, chainKey(terminal.ID, incarnation))
	}
	w.key(areaSwitchTable, storeKey(terminal.Store))
}

// newsOf is the part of the feed that a page has, with what its holders have.
func newsOf(terminal pos.Terminal, ask ledger.PageAsk) rows.Want {
	end := bytes.Repeat([]byte{0xff}, 9)
	return rows.Want{
		Area: terminal.Area, Table: feedTable, Last: true,
		Ranges: []rows.Range{{From: rows.NumberKey(ask.Cursor + 1), Until: end}}, Limit: ask.Limit + 1,
		Follow: [][]byte{accountTable, areaProfileTable},
	}
}

// announceHolders says that the holders on a page will be looked at.
func (a area) announceHolders(changed []ledger.Changed) error {
	if !rows.Loads(a.tx) {
		return nil
	}
	keys := make([][]byte, len(changed))
	for i := range changed {
		keys[i] = changed[i].Holder[:]
	}
	rows.Load(a.tx, rows.Want{Area: a.id, Table: accountTable, Keys: keys}, rows.Want{Area: a.id, Table: areaProfileTable, Keys: keys})
	owing := map[pos.HolderID]bool{}
	for _, c := range changed {
		h, _, err := a.holding(c.Holder)
		if err != nil {
			return err
		}
		if h.owes() {
			owing[c.Holder] = true
		}
	}
	return a.announceHistories(owing)
}

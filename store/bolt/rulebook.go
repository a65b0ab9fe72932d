package bolt

import (
	"bytes"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
)

// rulebook keeps the programs and items that were read and the time zones that
// were loaded. The zero rulebook is empty.
type rulebook struct {
	mu       sync.Mutex
	programs map[programKey]readProgram
	zones    map[string]*time.Location // nil for a name that is none

	listed  []pos.Item
	version uint64 // of the rosters, of which listed is the item list
}

// items returns the item list, which every exchange of a till asks for. It must not
// be changed, and the transaction must not be one that writes.
func (r *rulebook) items(tx *bbolt.Tx) ([]pos.Item, error) {
	version, err := getNumber(tx.Bucket(metaBucket), versionKey)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if version == r.version {
		return r.listed, nil
	}
	items, err := itemsIn(tx)
	if err == nil {
		r.listed, r.version = items, version
	}
	return items, err
}

type programKey struct {
	id       pos.ProgramID
	currency string
}

type readProgram struct {
	program *pos.Program
	sound   bool
}

// maxRead is how many programs are kept; then all are forgotten.
const maxRead = 64

// program returns the document as read for the currency, and whether it could be.
func (r *rulebook) program(document []byte, currency string) (*pos.Program, bool) {
	return r.named(programKey{pos.ProgramOf(document), currency}, func() []byte { return document })
}

// named returns the program with the id as read for the currency, and whether it
// could be; find, which is called if it was not read yet, returns its document, or
// nil.
func (r *rulebook) named(key programKey, find func() []byte) (*pos.Program, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.programs[key]; ok {
		return known.program, known.sound
	}
	document := find()
	if document == nil {
		return nil, false // it may come yet
	}
	if r.programs == nil || len(r.programs) >= maxRead {
		r.programs = map[programKey]readProgram{}
	}
	read := readProgram{program: &pos.Program{}}
	if unit, ok := pos.CurrencyOf(key.currency); ok {
		program, err := pos.ParseProgram(document, unit)
		read = readProgram{&program, err == nil}
	}
	r.programs[key] = read
	return read.program, read.sound
}

// zone returns the time zone and whether there is one of the name; "" is UTC.
func (r *rulebook) zone(name string) (*time.Location, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if zone, ok := r.zones[name]; ok {
		return zone, zone != nil
	}
	if r.zones == nil {
		r.zones = map[string]*time.Location{}
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = nil
	}
	r.zones[name] = zone
	return zone, zone != nil
}

// deciding is what decides about the leases of a store's tills at the moment of a
// transaction.
type deciding struct {
	program  *pos.Program
	day      pos.Day // in the store
	currency string  // of the store
	sound    bool    // there is a program, and it and the time zone can be read
}

// deciding returns what decides in the store now.
func (t *taking) deciding(shop pos.StoreID) (deciding, error) {
	if known, ok := t.rulings[shop]; ok {
		return known, nil
	}
	var row pos.Shop
	found, err := get(t.tx.Bucket(storeBucket), []byte(shop), &row)
	if err != nil {
		return deciding{}, err
	}
	zone, placed := t.rules.zone(row.Timezone)
	ruling := deciding{day: pos.DayOf(t.at, time.UTC), currency: row.Currency}
	if placed {
		ruling.day = pos.DayOf(t.at, zone)
	}
	if found && placed {
		ruling.program, ruling.sound = t.rules.program(t.document(), row.Currency)
	}
	t.rulings[shop] = ruling
	return ruling, nil
}

// document returns the program that decides at the moment: the last one whose
// time has come, or the first where none has.
func (t *taking) document() []byte {
	c := t.tx.Bucket(programBucket).Cursor()
	now := numberKey(uint64(max(t.at.UnixMilli(), 0)))
	key, document := c.Seek(now)
	if bytes.Equal(key, now) {
		return document
	}
	if key == nil {
		key, document = c.Last()
	} else if before, earlier := c.Prev(); before != nil {
		return earlier
	} else {
		key, document = c.First()
	}
	if key == nil {
		return nil
	}
	return document
}

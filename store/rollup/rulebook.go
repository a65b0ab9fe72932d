package rollup

import (
	"sync"
	"time"

	"tenthcup/pos"
)

// Rulebook keeps the programs that were read and the time zones that were loaded. The
// zero Rulebook is empty. It is safe for concurrent use.
type Rulebook struct {
	mu       sync.Mutex
	programs map[ProgramKey]readProgram
	zones    map[string]*time.Location // nil for a name that is none
}

// ProgramKey is a program as read for a currency.
type ProgramKey struct {
	ID       pos.ProgramID
	Currency string
}

type readProgram struct {
	program *pos.Program
	sound   bool
}

// maxRead is how many programs are kept; then all are forgotten.
const maxRead = 64

// Program returns the document as read for the currency, and whether it could be.
func (r *Rulebook) Program(document []byte, currency string) (*pos.Program, bool) {
	return r.Named(ProgramKey{pos.ProgramOf(document), currency}, func() []byte { return document })
}

// Named returns the program with the id as read for the currency, and whether it
// could be; find, which is called if it was not read yet, returns its document, or
// nil.
func (r *Rulebook) Named(key ProgramKey, find func() []byte) (*pos.Program, bool) {
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
		r.programs = map[ProgramKey]readProgram{}
	}
	read := readProgram{program: &pos.Program{}}
	if unit, ok := pos.CurrencyOf(key.Currency); ok {
		program, err := pos.ParseProgram(document, unit)
		read = readProgram{&program, err == nil}
	}
	r.programs[key] = read
	return read.program, read.sound
}

// Zone returns the time zone and whether there is one of the name; "" is UTC.
func (r *Rulebook) Zone(name string) (*time.Location, bool) {
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

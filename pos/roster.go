package pos

import (
	"bytes"
	"cmp"
	"slices"
)

// Shop is what a till knows of the store it stands in.
type Shop struct {
	Name     string  `cbor:"1,keyasint" json:"name"`
	Currency string  `cbor:"2,keyasint" json:"currency"` // ISO 4217
	Language string  `cbor:"3,keyasint" json:"language"` // BCP 47: the catalog of the screens
	Timezone string  `cbor:"4,keyasint" json:"timezone"` // IANA name
	Country  string  `cbor:"5,keyasint,omitempty" json:"country,omitempty"`
	Area     AreaID  `cbor:"6,keyasint" json:"area"`
	Store    StoreID `cbor:"7,keyasint" json:"store"`
}

// Role says what a cashier may do.
type Role string

// The roles. A manager may do all that a cashier may.
const (
	RoleCashier Role = "cashier"
	RoleManager Role = "manager"
)

// Cashier is one who works at a till.
type Cashier struct {
	ID   CashierID `cbor:"1,keyasint" json:"id"`
	Name string    `cbor:"2,keyasint" json:"name"`
	Role Role      `cbor:"3,keyasint" json:"role"`
	PIN  string    `cbor:"4,keyasint" json:"-"` // station.HashPIN; "" cannot sign in
}

// Published is one version of the program and the moment it starts to decide.
type Published struct {
	Document []byte `cbor:"1,keyasint"`
	From     int64  `cbor:"2,keyasint"` // ms since 1970
}

// Switch is how a switch of the program stands in a store.
type Switch struct {
	Name  string  `cbor:"1,keyasint"`
	On    bool    `cbor:"2,keyasint,omitempty"`
	At    int64   `cbor:"3,keyasint"` // when it was turned, ms since 1970, and later than what it was turned from
	Entry EntryID `cbor:"4,keyasint"` // that turned it
}

// SawTurned is the fact of a Switched entry that says when the switch was turned
// before, ms since 1970. Who saw it on and turned it off is right, whatever the
// two clocks say.
const SawTurned = "turned"

// SwitchOf returns how the switch stands that the entry turned.
func SwitchOf(e Entry) Switch {
	return Switch{Name: e.Reward, On: e.Count > 0, At: max(e.At, e.Saw[SawTurned]+1), Entry: e.ID}
}

// Newer reports whether the state replaces the other: turned later, or at the same
// moment by the entry with the higher id.
func (s Switch) Newer(than Switch) bool {
	return cmp.Or(cmp.Compare(s.At, than.At), s.Entry.Compare(than.Entry)) > 0
}

// NewestSwitches returns the newest state of each switch of both, by name.
func NewestSwitches(some, more []Switch) []Switch {
	newest := slices.Clone(some)
	for _, s := range more {
		at := slices.IndexFunc(newest, func(other Switch) bool { return other.Name == s.Name })
		switch {
		case at < 0:
			newest = append(newest, s)
		case s.Newer(newest[at]):
			newest[at] = s
		}
	}
	slices.SortFunc(newest, func(a, b Switch) int { return cmp.Compare(a.Name, b.Name) })
	return newest
}

// Roster is all that a till is told besides its members: the store, who works
// there, the program, its switches and the items. Version grows with each change.
type Roster struct {
	Version  uint64      `cbor:"1,keyasint"`
	Shop     Shop        `cbor:"2,keyasint"`
	Cashiers []Cashier   `cbor:"3,keyasint"`
	Programs []Published `cbor:"4,keyasint"`           // the one that decides now and those to come, by From
	Switches []Switch    `cbor:"5,keyasint,omitempty"` // of the store, by name; one that is not there was never turned
	Items    []Item      `cbor:"6,keyasint,omitempty"` // that the store sells, see CheckItems
}

// Switch returns how the switch stands.
func (r Roster) Switch(name string) Switch {
	for _, s := range r.Switches {
		if s.Name == name {
			return s
		}
	}
	return Switch{Name: name}
}

// ProgramAt returns the document that decides at the moment, ms since 1970: the
// last one whose From has come, or the first where none has.
func (r Roster) ProgramAt(at int64) []byte {
	if deciding := r.DecidingAt(at); len(deciding) > 0 {
		return deciding[0]
	}
	return nil
}

// DecidingAt returns the document that decides at the moment, and behind it those
// that decided before, as far as the roster has them, the newest first.
func (r Roster) DecidingAt(at int64) (documents [][]byte) {
	for i, p := range r.Programs {
		if i == 0 || p.From <= at {
			documents = slices.Insert(documents, 0, p.Document)
		}
	}
	return documents
}

// After returns the roster with the program in front that the older one had before
// it. A till that cannot read a newer program goes on by that one, and can say why
// it decided what it did.
func (r Roster) After(older Roster) Roster {
	if len(r.Programs) == 0 {
		return r
	}
	begins := r.Programs[0]
	for _, p := range slices.Backward(older.Programs) {
		if p.From <= begins.From && !bytes.Equal(p.Document, begins.Document) {
			r.Programs = slices.Insert(slices.Clone(r.Programs), 0, p)
			break
		}
	}
	return r
}

// Cashier returns the cashier with the id.
func (r Roster) Cashier(id CashierID) (Cashier, bool) {
	for _, c := range r.Cashiers {
		if c.ID == id {
			return c, true
		}
	}
	return Cashier{}, false
}

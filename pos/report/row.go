package report

import (
	"maps"

	"tenthcup/pos"
)

// Row is what a shop did on one day, rolled up entry by entry. The rows of a span of
// days are what all reports are read from, so that a report costs the days it is
// about and not the entries. Some of it is about the day and not of it: what ended
// unused on it, and whose last visit it was.
type Row struct {
	Hours   map[int]Hour             `cbor:"1,keyasint,omitempty"` // 0 to 23, by the shop's clock
	New     int64                    `cbor:"2,keyasint,omitempty"` // members who joined
	Seen    int64                    `cbor:"3,keyasint,omitempty"` // members who were there
	Last    int64                    `cbor:"4,keyasint,omitempty"` // members who have not been there since
	Values  map[pos.Account]Turnover `cbor:"5,keyasint,omitempty"`
	Rewards map[string]Handed        `cbor:"6,keyasint,omitempty"` // by the reward's id
	Tiers   map[pos.Account]Flow     `cbor:"7,keyasint,omitempty"`
	Arms    map[string]Arm           `cbor:"8,keyasint,omitempty"` // by "experiment/arm"
	Voids   int64                    `cbor:"9,keyasint,omitempty"`
	Returns int64                    `cbor:"10,keyasint,omitempty"`
	Taken   pos.Money                `cbor:"11,keyasint,omitempty"` // back by returns
}

// Hour is what happened in an hour of the day.
type Hour struct {
	Seen    int64     `cbor:"1,keyasint,omitempty" json:"members"` // members, each once in the hour
	Stamps  int64     `cbor:"2,keyasint,omitempty" json:"stamps"`
	Sales   int64     `cbor:"3,keyasint,omitempty" json:"sales"`
	Amount  pos.Money `cbor:"4,keyasint,omitempty" json:"amount"` // of the sales
	Rewards int64     `cbor:"5,keyasint,omitempty" json:"rewards"`
}

// Turnover is what happened to an account of all holders together. What was taken back
// is counted apart and never netted, but for Net and Ended.
type Turnover struct {
	Given    int64 `cbor:"1,keyasint,omitempty" json:"given"`
	Spent    int64 `cbor:"2,keyasint,omitempty" json:"spent"`
	Back     int64 `cbor:"3,keyasint,omitempty" json:"taken_back"` // of what was given
	Restored int64 `cbor:"4,keyasint,omitempty" json:"restored"`   // of what was spent
	Net      int64 `cbor:"5,keyasint,omitempty" json:"net"`        // by how much what the shop owes rose
	Ended    int64 `cbor:"6,keyasint,omitempty" json:"ended"`      // unused, as the day began
	Full     int64 `cbor:"7,keyasint,omitempty" json:"finished"`   // punch cards that became full
}

// Handed is how often a reward was handed out.
type Handed struct {
	Count  int64 `cbor:"1,keyasint,omitempty" json:"count"`  // pieces
	Points int64 `cbor:"2,keyasint,omitempty" json:"points"` // spent on it
}

// Flow is who got a tier and who lost it.
type Flow struct {
	Rose int64 `cbor:"1,keyasint,omitempty" json:"rose"`
	Fell int64 `cbor:"2,keyasint,omitempty" json:"fell"`
}

// Arm is what the members of an arm of an experiment did.
type Arm struct {
	Visits int64     `cbor:"1,keyasint,omitempty" json:"visits"` // sales, and stamps by hand
	Amount pos.Money `cbor:"2,keyasint,omitempty" json:"amount"`
	Last   int64     `cbor:"3,keyasint,omitempty" json:"last"` // of its members, those who have not been there since
}

func (h Hour) plus(o Hour) Hour {
	return Hour{h.Seen + o.Seen, h.Stamps + o.Stamps, h.Sales + o.Sales, h.Amount + o.Amount, h.Rewards + o.Rewards}
}

func (v Turnover) plus(o Turnover) Turnover {
	return Turnover{v.Given + o.Given, v.Spent + o.Spent, v.Back + o.Back, v.Restored + o.Restored, v.Net + o.Net, v.Ended + o.Ended, v.Full + o.Full}
}

func (h Handed) plus(o Handed) Handed { return Handed{h.Count + o.Count, h.Points + o.Points} }

func (f Flow) plus(o Flow) Flow { return Flow{f.Rose + o.Rose, f.Fell + o.Fell} }

func (a Arm) plus(o Arm) Arm { return Arm{a.Visits + o.Visits, a.Amount + o.Amount, a.Last + o.Last} }

// part is one figure of a row that is kept by a name.
type part[V any] interface {
	comparable
	plus(V) V
}

// grow adds to one figure of the row; one that is nothing again is left out, so that
// equal facts make equal rows, in whatever order they came.
func grow[K comparable, V part[V]](into *map[K]V, key K, by V) {
	var none V
	sum := (*into)[key].plus(by)
	switch {
	case sum == none:
		delete(*into, key)
		return
	case *into == nil:
		*into = map[K]V{}
	}
	(*into)[key] = sum
}

func growAll[K comparable, V part[V]](into *map[K]V, by map[K]V) {
	for key, value := range by {
		grow(into, key, value)
	}
}

// Plus returns the sum of two rows. Members known in both are counted twice.
func (r Row) Plus(o Row) Row {
	r.Hours, r.Values, r.Rewards = maps.Clone(r.Hours), maps.Clone(r.Values), maps.Clone(r.Rewards)
	r.Tiers, r.Arms = maps.Clone(r.Tiers), maps.Clone(r.Arms)
	growAll(&r.Hours, o.Hours)
	growAll(&r.Values, o.Values)
	growAll(&r.Rewards, o.Rewards)
	growAll(&r.Tiers, o.Tiers)
	growAll(&r.Arms, o.Arms)
	r.New += o.New
	r.Seen += o.Seen
	r.Last += o.Last
	r.Voids += o.Voids
	r.Returns += o.Returns
	r.Taken += o.Taken
	return r
}

// IsZero reports whether nothing is in the row.
func (r Row) IsZero() bool {
	return len(r.Hours)+len(r.Values)+len(r.Rewards)+len(r.Tiers)+len(r.Arms) == 0 &&
		r.New == 0 && r.Seen == 0 && r.Last == 0 && r.Voids == 0 && r.Returns == 0 && r.Taken == 0
}

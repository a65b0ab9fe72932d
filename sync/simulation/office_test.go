package simulation_test

import (
	"errors"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/office"
)

// serverTerminal is the terminal that the servers write as.
var serverTerminal = pos.TerminalID{0x5e}

// manage lets a manager settle something at the centre.
func (w *world) manage(*till) {
	desk := &office.Office{Book: w.centre.file, Terminal: serverTerminal, Now: time.Now, Random: w.bits, Zone: time.UTC}
	if w.random.IntN(2) == 0 {
		open, err := w.centre.file.Exceptions(area, false)
		if !w.must(err, "read the exceptions") || len(open) == 0 {
			return
		}
		x := open[w.random.IntN(len(open))]
		e, err := desk.Settle(x.ID, boss, "seen", w.random.IntN(2) == 0)
		w.note("  settles %s: %v", x.Trouble, err)
		w.booked(e, err)
		if x.Trouble == pos.Fork || x.Trouble == pos.LateEntries {
			w.offs++
		}
		return
	}
	held, err := w.centre.file.Quarantined()
	if !w.must(err, "read the quarantine") || len(held) == 0 {
		return
	}
	q := held[w.random.IntN(len(held))]
	do := desk.Dismiss
	if f := w.model.facts[pos.HashEntry(q.Raw)]; f != nil && w.random.IntN(3) > 0 {
		do = desk.Release // what a till really wrote; what was forged must never count
	}
	e, err := do(pos.HashEntry(q.Raw), boss, "seen")
	w.note("  settles %s in quarantine: %v", q.Reason, err)
	w.offs++ // with what the entry names
	w.booked(e, err)
}

// booked notes an entry of the centre's own.
func (w *world) booked(e pos.Entry, err error) {
	if err != nil {
		if _, refused := errors.AsType[*pos.Problem](err); !refused {
			w.wronged("settle: %v", err)
		}
		return
	}
	raw, err := e.Encode()
	if w.must(err, "encode %s", e.ID) {
		w.model.wrote(e, raw)
		w.model.taken([][]byte{raw}, nil)
	}
}

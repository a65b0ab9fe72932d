package simulation_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/sync/server"
)

// variant is what of the stations or the centre is broken on purpose.
type variant struct {
	needs  []string // faults that every world has then
	centre func(*centre) server.Book
	till   func(*till)
}

// The checks find what they are for: each of these is broken in a way that was
// once built, or nearly.
func TestBrokenOnPurpose(t *testing.T) {
	tests := map[string]variant{
		"no incarnation": {
			needs: []string{"backup", "restore"},
			till:  func(u *till) { u.Random = numbered{u} },
		},
		"quarantine without a content key": {
			needs:  []string{"forge"},
			centre: func(c *centre) server.Book { return byID{c} },
		},
		"acknowledged before the commit": {
			centre: func(c *centre) server.Book { return &eager{Book: c, w: c.w, acked: map[pos.EntryID]bool{}} },
		},
		"outbox dropped before the base covers it": {
			till: func(u *till) { u.Journal = hasty{u.disk} },
		},
	}
	for name, broken := range tests {
		t.Run(name, func(t *testing.T) {
			for try := range 100 {
				if wrong, _ := simulate(t, uint64(try+1), *steps, broken); len(wrong) > 0 {
					t.Logf("found by world %d: %s", try+1, wrong[0])
					return
				}
			}
			t.Error("100 worlds and nothing was found")
		})
	}
}

// numbered draws for a station whose entries are numbered by their place in the
// journal: a process's incarnation is what the file says.
type numbered struct{ u *till }

func (n numbered) Read(p []byte) (int, error) {
	got, err := n.u.w.bits.Read(p)
	if len(p) == 16 { // a nonce and an incarnation, or a holder, for which eight bytes do
		place := uint64(len(n.u.held.journal)) + 1
		if started := n.u.disk.started; started != 0 {
			place = started
		}
		n.u.disk.started = place
		binary.BigEndian.PutUint64(p[8:], 2*place+1) // odd, as incarnations are
	}
	return got, err
}

// byID is a centre that knows entries by their id alone: what comes under an id
// that it has is the same to it, whatever is in it.
type byID struct{ *centre }

func (b byID) Take(terminal pos.Terminal, sent ledger.Sent, at time.Time) error {
	there, _ := b.entries()
	fresh := sent
	fresh.Entries = slices.DeleteFunc(slices.Clone(sent.Entries), func(raw []byte) bool {
		e, err := pos.DecodeEntry(raw)
		return err == nil && there[e.ID] != nil && !bytes.Equal(there[e.ID], raw)
	})
	if err := b.centre.Take(terminal, fresh, at); err != nil {
		return err
	}
	b.w.model.taken(sent.Entries, nil) // as far as anybody can see
	return nil
}

func (b byID) TakeAndTell(terminal pos.Terminal, sent ledger.Sent, _ *ledger.PageAsk, at time.Time) (*ledger.Page, error) {
	return nil, b.Take(terminal, sent, at)
}

// eager is a centre that answers before it has stored, and now and then never
// does.
type eager struct {
	server.Book
	w     *world
	acked map[pos.EntryID]bool
}

func (e *eager) Take(terminal pos.Terminal, sent ledger.Sent, at time.Time) error {
	for _, raw := range sent.Entries {
		if entry, err := pos.DecodeEntry(raw); err == nil {
			e.acked[entry.ID] = true
		}
	}
	if e.w.random.IntN(10) == 0 {
		return nil
	}
	return e.Book.Take(terminal, sent, at)
}

func (e *eager) Page(terminal pos.Terminal, ask ledger.PageAsk) (ledger.Page, error) {
	page, err := e.Book.Page(terminal, ask)
	for i, ack := range page.Acks {
		next := pos.EntryID{Terminal: terminal.ID, Incarnation: ack.Incarnation, Seq: ack.Seq + 1}
		for ; e.acked[next]; next.Seq++ {
			page.Acks[i].Seq = next.Seq
		}
	}
	return page, err
}

// hasty is a till that forgets an own entry once it is acknowledged, whether the
// holder's new balance has come or not.
type hasty struct{ *disk }

func (h hasty) View(holder pos.HolderID) (station.View, error) {
	view, err := h.disk.View(holder)
	if err != nil || view.Unmerged == 0 {
		return view, err
	}
	waiting, err := h.Waiting()
	if err != nil {
		return view, err
	}
	acked := len(h.u.held.journal) - waiting.Entries
	own := h.u.moves(holder)
	for _, f := range own[len(own)-view.Unmerged:] {
		if slices.Index(h.u.held.journal, f) >= acked {
			continue
		}
		view.Unmerged--
		for _, p := range f.Postings {
			if view.Sums, err = view.Sums.Add(p.Account, p.Lot, -p.Amount); err != nil {
				return view, err
			}
		}
	}
	return view, nil
}

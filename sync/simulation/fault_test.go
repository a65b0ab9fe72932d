package simulation_test

import (
	"slices"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/sync/client"
)

var faults = []deed{
	{"restart", 3, true, func(_ *world, u *till) { u.restart() }},
	{"crash", 3, true, (*world).crash},
	{"backup", 3, true, (*world).backup},
	{"restore", 2, true, (*world).restore},
	{"clone", 1, true, (*world).clone},
	{"clock", 2, true, (*world).clock},
	{"disk full", 2, true, func(w *world, u *till) { u.full = w.random.IntN(2) == 0 }},
	{"disk unsure", 1, true, func(_ *world, u *till) { u.unsure = true }},
	{"leave", 1, true, (*world).leave},
	{"revoke", 1, true, (*world).revoke},
	{"forge", 2, true, (*world).forge},
	{"old page", 2, true, (*world).oldPage},
	{"line", 3, true, func(w *world, _ *till) { w.down = w.random.IntN(2) == 0 }},
	{"late", 5, false, func(w *world, _ *till) { w.arrive() }},
	{"server restarts", 2, true, func(w *world, _ *till) { w.centre.serve(names[w.random.IntN(len(names))]) }},
	{"centre dies", 3, true, (*world).dies},
	{"manager", 3, true, (*world).manages},
	{"program", 1, true, (*world).publish},
	{"days pass", 1, true, func(w *world, _ *till) { time.Sleep(w.within(10 * 24 * time.Hour)) }},
	{"night", 2, false, func(w *world, _ *till) { time.Sleep(w.within(16 * time.Hour)) }},
}

func (w *world) now() time.Time { return time.Now() }

// crash ends the process as a power cut does: everything that it was told is
// written is in the file, and nobody closed it.
func (w *world) crash(u *till) {
	old := u.disk
	u.path = w.copied(u.path, u.name)
	u.open()
	require.NoError(w.t, old.Close())
}

// backup copies the file, while it is in use or not.
func (w *world) backup(u *till) {
	u.backups = append(u.backups, backup{w.copied(u.path, "backup"), u.held.clone()})
}

// restore sets the till's disk back to an older copy. What nobody else has by
// then is lost.
func (w *world) restore(u *till) {
	for range w.tills {
		if len(u.backups) == 0 {
			u = w.tills[w.random.IntN(len(w.tills))]
		}
	}
	if len(u.backups) == 0 {
		return
	}
	b := u.backups[w.random.IntN(len(u.backups))]
	require.NoError(w.t, u.disk.Close())
	gone := u.held
	u.path, u.held, u.joined = w.copied(b.path, u.name), b.held.clone(), b.held.joined
	if w.random.IntN(2) == 0 {
		w.must(bolt.MarkRestored(u.path, time.Now()), "%s: mark a restored file", u.name)
		u.held.restored = true
	}
	u.open()
	for _, f := range gone.journal {
		f.lost = f.lost || !f.arrived && !w.onDisk(f)
	}
	for _, v := range gone.edits {
		v.lost = v.lost || !v.arrived && !slices.ContainsFunc(w.tills, func(u *till) bool { return slices.Contains(u.held.edits, v) })
	}
	w.copies(u)
	w.greed(u)
}

func (w *world) onDisk(f *fact) bool {
	return slices.ContainsFunc(w.tills, func(u *till) bool { return slices.Contains(u.held.journal, f) })
}

// clone copies a till's disk to another machine, and both go on.
func (w *world) clone(u *till) {
	if len(w.tills) >= 14 {
		return
	}
	require.NoError(w.t, u.disk.Close())
	twin := &till{
		w: w, name: u.name + "'", key: u.key, path: w.copied(u.path, "twin"), joined: u.joined, code: u.code,
		revoked: u.revoked, ahead: u.ahead, held: u.held.clone(),
	}
	u.open()
	twin.open()
	w.tills = append(w.tills, twin)
	w.copies(u)
	w.greed(u)
	w.greed(twin)
	if f := u.held.journal; len(f) > 0 && w.plan.voids {
		wrong := f[w.random.IntN(len(f))] // both see it
		w.takeBack(u, wrong)
		w.takeBack(twin, wrong)
	}
}

// greed lets members who know of a copied disk ask for all that they can get.
func (w *world) greed(u *till) {
	for _, holder := range w.holders[:min(len(w.holders), 6)] {
		if _, err := u.disk.Profile(holder); err == nil {
			w.act(u, holder, func() (station.Done, error) { return w.redeem(u, holder) })
		}
	}
}

// clock sets the till's clock: a little off, days off, or right.
func (w *world) clock(u *till) {
	switch w.random.IntN(3) {
	case 0:
		u.ahead = 0
	case 1:
		u.ahead = w.within(20*time.Minute) - 10*time.Minute
	default:
		u.ahead = w.within(20*24*time.Hour) - 10*24*time.Hour
	}
}

func (w *world) leave(u *till) { u.away = time.Now().Add(w.within(20 * 24 * time.Hour)) }

// revoke shuts a till out, and every copy of it. It sells on, for nobody told it.
func (w *world) revoke(u *till) {
	if !u.joined || u.revoked || w.random.IntN(3) > 0 {
		return
	}
	require.NoError(w.t, w.centre.file.Revoke(u.Terminal, boss, "lost"))
	for _, twin := range w.tills {
		if twin.Terminal == u.Terminal {
			twin.revoked = true
		}
	}
}

// arrive lets a request arrive that was sent some time ago.
func (w *world) arrive() {
	if len(w.late) > 0 {
		i := w.random.IntN(len(w.late))
		k := w.late[i]
		w.late = slices.Delete(w.late, i, i+1)
		w.deliver(k)
	}
}

// oldPage lets a page be applied that was applied before, also newer ones.
func (w *world) oldPage(u *till) {
	if len(u.pages) == 0 {
		return
	}
	old := u.pages[w.random.IntN(len(u.pages))]
	w.must(u.disk.Till.Apply(old.page, old.taken), "%s: apply an old page", u.name)
	for _, holder := range w.holders {
		w.sees(u, holder)
	}
}

// dies lets the centre's process die: now, or in the middle of the next request.
func (w *world) dies(*till) {
	switch w.random.IntN(3) {
	case 0:
		w.centre.crash()
	case 1:
		w.centre.killBefore = true
	default:
		w.centre.killAfter = true
	}
}

func (w *world) publish(*till) {
	require.NoError(w.t, w.centre.file.Publish(pos.Published{Document: w.program(), From: time.Now().UnixMilli()}))
}

// forge sends, with the terminal's own key, what that till never wrote: an entry
// that is there with another content, and bytes that are no entry.
func (w *world) forge(u *till) {
	if !u.joined || u.revoked {
		return
	}
	raw := []byte("no entry at all")
	raw = append(raw, byte(w.random.Uint32()), byte(w.random.Uint32()))
	var there []*fact
	for _, f := range u.held.journal {
		if f.arrived && len(f.Postings) > 0 {
			there = append(there, f)
		}
	}
	if len(there) > 0 && w.random.IntN(4) > 0 {
		e := there[w.random.IntN(len(there))].Entry
		e.Nonce++
		e.Postings = slices.Clone(e.Postings)
		e.Postings[0].Amount += 1 + w.random.Int64N(100)
		if e.Postings[0].Amount == 0 {
			return
		}
		var err error
		raw, err = e.Encode()
		require.NoError(w.t, err)
	}
	w.model.forges(raw)
	forger := &client.Client{Book: forgery{raw}, Key: u.key, URL: u.client.URL, Plain: true, HTTP: u.client.HTTP, Now: u.client.Now}
	_, err := forger.Exchange(w.t.Context())
	synctest.Wait()
	w.note("  %v", err) // also line.stuck: what is forged stays in this outbox
}

// forgery is an outbox with bytes that no till wrote.
type forgery struct{ raw []byte }

func (f forgery) Outbox(int, int) (ledger.Outbox, error) {
	return ledger.Outbox{Entries: [][]byte{f.raw}, Waiting: 1}, nil
}

func (f forgery) Apply(ledger.Page, []pos.Profile) error { return nil }

package bolt_test

import (
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
)

// Two tills and a server on real files, over a line that loses requests and
// answers and brings answers late; processes end and start; the server's disk is
// set back to a backup. No cashier ever sees less than this till gave, and when
// the line heals every file says what the cashiers did, each entry once.
func TestTillsAndCentral(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newSimulation(t)
		defer s.close()
		actions := map[string]func(*rapid.T){
			"stamp":   s.stamp,
			"void":    s.void,
			"edit":    s.edit,
			"sync":    s.sync,
			"sync2":   s.sync,
			"late":    s.late,
			"restart": func(t *rapid.T) { s.pick(t).restart() },
			"crash":   func(*rapid.T) { s.reopen() },
			"backup":  func(*rapid.T) { s.copy(s.path, s.path+".backup") },
			"restore": s.restore,
			"":        s.invariant,
		}
		rt.Repeat(actions)
		s.heal(rt)
	})
}

type simulation struct {
	t       *testing.T
	path    string
	central *central.Book
	now     time.Time
	tills   []*simulated
	total   map[pos.HolderID]int64
	entries int
	names   map[pos.HolderID]pos.Profile
}

// simulated is a till and what its cashier knows to have done.
type simulated struct {
	*counter
	terminal pos.Terminal
	given    map[pos.HolderID]int64
	undoable []station.Record
	held     []func() ledger.Page // answers that are still on the line
}

func newSimulation(t *testing.T) *simulation {
	folder, err := os.MkdirTemp(t.TempDir(), "")
	require.NoError(t, err)
	s := &simulation{t: t, path: filepath.Join(folder, "central.db"), now: noon, total: map[pos.HolderID]int64{}, names: map[pos.HolderID]pos.Profile{}}
	s.reopen()
	require.NoError(t, s.central.AddStore(pos.Shop{Name: "S", Store: "s", Area: "north", Currency: "EUR"}))
	require.NoError(t, s.central.Publish(pos.Published{Document: []byte(cupProgram), From: 1}))
	for i := range 2 {
		code := fmt.Sprint(i)
		key := ed25519.NewKeyFromSeed(append([]byte{byte(i)}, make([]byte, 31)...)).Public().(ed25519.PublicKey)
		require.NoError(t, s.central.AddTerminal("till", "s", code, noon.Add(time.Hour)))
		terminal, err := s.central.Enrol(code, key, noon)
		require.NoError(t, err)
		c := &counter{t: t, path: filepath.Join(folder, code), terminal: terminal.ID, incarnation: pos.Incarnation(100 * i)}
		c.open()
		require.NoError(t, c.till.SetEnrolled())
		s.tills = append(s.tills, &simulated{counter: c, terminal: terminal, given: map[pos.HolderID]int64{}})
	}
	s.copy(s.path, s.path+".backup")
	return s
}

func (s *simulation) close() {
	require.NoError(s.t, s.central.Close())
	for _, till := range s.tills {
		require.NoError(s.t, till.till.Close())
	}
}

func (s *simulation) reopen() {
	if s.central != nil {
		require.NoError(s.t, s.central.Close())
	}
	var err error
	s.central, err = bolt.OpenCentral(s.path, [32]byte{1})
	require.NoError(s.t, err)
}

func (s *simulation) copy(from, to string) {
	raw, err := os.ReadFile(from)
	require.NoError(s.t, err)
	require.NoError(s.t, os.WriteFile(to, raw, 0o600))
}

func (s *simulation) restore(*rapid.T) {
	require.NoError(s.t, s.central.Close())
	s.copy(s.path+".backup", s.path)
	s.central = nil
	s.reopen()
}

func (s *simulation) pick(t *rapid.T) *simulated { return rapid.SampledFrom(s.tills).Draw(t, "till") }

var simHolders = []pos.HolderID{ann, ben, cleo}

func (s *simulation) stamp(t *rapid.T) {
	till, holder, n := s.pick(t), rapid.SampledFrom(simHolders).Draw(t, "holder"), rapid.Int64Range(1, 3).Draw(t, "n")
	till.undoable = append(till.undoable, till.counter.stamp(holder, n))
	s.did(till, holder, n)
}

func (s *simulation) did(till *simulated, holder pos.HolderID, n int64) {
	till.given[holder] += n
	s.total[holder] += n
	s.entries++
}

func (s *simulation) void(t *rapid.T) {
	till := s.pick(t)
	if len(till.undoable) == 0 {
		return
	}
	last := till.undoable[len(till.undoable)-1].Entry
	till.undoable = till.undoable[:len(till.undoable)-1]
	p := last.Postings[0]
	till.write(last.Holder, pos.Posting{Account: p.Account, Amount: -p.Amount, Of: &last.ID})
	s.did(till, last.Holder, -p.Amount)
}

func (s *simulation) edit(t *rapid.T) {
	till, holder := s.pick(t), rapid.SampledFrom(simHolders).Draw(t, "holder")
	p := person(holder, rapid.StringMatching(`[A-C][a-c]{2}`).Draw(t, "name"), s.now.UnixMilli())
	if old, err := till.till.Profile(holder); err == nil && !p.Newer(old) {
		return // a station dates a change behind the one it changes
	}
	_, err := till.till.Append(holder, &p, func(m station.Moment) (pos.Entry, error) { return till.next(m, holder), nil })
	require.NoError(t, err)
	s.entries++
	if p.Newer(s.names[holder]) {
		s.names[holder] = p
	}
	s.now = s.now.Add(time.Millisecond)
}

// sync is one exchange, on a line as bad as drawn.
func (s *simulation) sync(t *rapid.T) {
	till := s.pick(t)
	fate := rapid.SampledFrom([]string{"fine", "fine", "request lost", "answer lost", "answer late"}).Draw(t, "line")
	most, limit := rapid.IntRange(1, 4).Draw(t, "entries"), rapid.IntRange(0, 3).Draw(t, "rows")
	if fate == "request lost" {
		return
	}
	apply := s.exchange(t, till, most, limit)
	switch fate {
	case "fine":
		apply()
	case "answer late":
		till.held = append(till.held, apply)
	}
}

// exchange sends what waits, and returns what applies the answer.
func (s *simulation) exchange(t require.TestingT, till *simulated, most, limit int) func() ledger.Page {
	s.now = s.now.Add(time.Second)
	box, err := till.till.Outbox(most, 1e6)
	require.NoError(t, err)
	require.NoError(t, s.central.Take(till.terminal, ledger.Sent{Entries: box.Entries, Profiles: box.Profiles}, s.now))
	page, err := s.central.Page(till.terminal, ledger.PageAsk{
		Cursor: box.Cursor, Limit: limit, Open: box.Open, Roster: box.Roster, At: s.now, Day: today,
	})
	require.NoError(t, err)
	return func() ledger.Page {
		require.NoError(t, till.till.Apply(page, box.Profiles))
		return page
	}
}

func (s *simulation) late(t *rapid.T) {
	till := s.pick(t)
	if len(till.held) == 0 {
		return
	}
	i := rapid.IntRange(0, len(till.held)-1).Draw(t, "answer")
	till.held[i]()
}

func (s *simulation) invariant(t *rapid.T) {
	for _, till := range s.tills {
		for _, holder := range simHolders {
			require.GreaterOrEqual(t, till.sees(holder), till.given[holder])
		}
	}
}

// heal lets every member come once more, which brings back what a restored server
// has lost of them, and syncs until nobody has anything to say.
func (s *simulation) heal(t *rapid.T) {
	for _, till := range s.tills {
		for _, holder := range simHolders {
			till.counter.stamp(holder, 1)
			s.did(till, holder, 1)
		}
	}
	for quiet, round := 0, 0; quiet < 2 && round < 300; round++ {
		quiet++
		for _, till := range s.tills {
			page := s.exchange(t, till, 3, 2)()
			if till.waits() > 0 || len(page.Changed) > 0 {
				quiet = 0
			}
		}
	}
	s.agree(t)
}

// agree checks that every file says what the cashiers did.
func (s *simulation) agree(t *rapid.T) {
	counts, err := s.central.Count("north")
	require.NoError(t, err)
	require.Equal(t, s.entries, counts.Entries)
	require.Zero(t, counts.Quarantined)
	exceptions, err := s.central.Exceptions("north", true)
	require.NoError(t, err)
	require.Empty(t, exceptions, "nothing happened that should not")
	for _, holder := range simHolders {
		sums, err := s.central.Balance("north", holder, today)
		require.NoError(t, err)
		require.Equal(t, s.total[holder], sums.Balance(stamps, today))
		for i, till := range s.tills {
			require.Equal(t, s.total[holder], till.sees(holder), "till %d", i)
			if want, ok := s.names[holder]; ok {
				got, err := till.till.Profile(holder)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
	}
	found, err := s.central.Check()
	require.NoError(t, err)
	require.Empty(t, found)
	for _, till := range s.tills {
		require.Zero(t, till.waits())
		till.sound()
	}
}

// A till whose disk was set back to a backup, or copied, goes on under a new
// incarnation. What it had sent before is counted once and comes back to it.
func TestRestoredTill(t *testing.T) {
	s := newSimulation(t)
	till, other := s.tills[0], s.tills[1]
	sync := func() {
		for range 3 {
			for _, till := range s.tills {
				s.exchange(t, till, 100, 100)()
			}
		}
	}
	till.counter.stamp(ann, 1)
	sync()
	till.counter.stamp(ann, 10) // in the backup, and not yet sent
	require.NoError(t, till.till.Close())
	s.copy(till.path, till.path+".backup")
	till.open()
	till.counter.stamp(ann, 100)
	sync()
	require.Equal(t, int64(111), till.sees(ann))

	require.NoError(t, till.till.Close())
	s.copy(till.path+".backup", till.path)
	till.open()
	require.Equal(t, int64(11), till.sees(ann))
	till.counter.stamp(ann, 1000)
	sync()
	for _, till := range []*simulated{till, other} {
		require.Equal(t, int64(1111), till.sees(ann))
		require.Zero(t, till.waits())
		till.sound()
	}
	exceptions, err := s.central.Exceptions("north", false)
	require.NoError(t, err)
	require.Len(t, exceptions, 1)
	require.Equal(t, pos.Fork, exceptions[0].Trouble)
	require.Equal(t, till.terminal.ID, exceptions[0].Terminal)
	counts, err := s.central.Count("north")
	require.NoError(t, err)
	require.Equal(t, 4, counts.Entries)
	require.Zero(t, counts.Quarantined)
	s.close()
}

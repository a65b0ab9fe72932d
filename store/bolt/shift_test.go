package bolt_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
)

const shiftProgram = `
[[card]]
id = "coffee"
size = 10
[points]
earn = 1
for = "1.00"
[[reward]]
id = "free-coffee"
card = "coffee"
`

// shift is a cashier at a station whose journal is a real file.
type shift struct {
	*station.Station
	t      *testing.T
	path   string
	till   *bolt.Till
	ann    pos.HolderID
	minute int
}

func newShift(t *testing.T) *shift { return newShiftAt(t, filepath.Join(t.TempDir(), "till.db")) }

func newShiftAt(t *testing.T, path string) *shift {
	s := &shift{t: t, path: path}
	s.open()
	require.NoError(t, s.till.SetRoster(pos.Roster{
		Version: 1, Shop: pos.Shop{Name: "Café", Currency: "EUR", Language: "en", Timezone: "UTC", Area: "main", Store: "main"},
		Programs: []pos.Published{{Document: []byte(shiftProgram)}},
	}))
	done, err := s.Enrol("ida", pos.Profile{Name: "Ann Archer"})
	require.NoError(t, err)
	s.ann = done.Member.Profile.Holder
	t.Cleanup(func() { require.NoError(t, s.till.Close()) })
	return s
}

func (s *shift) open() {
	var err error
	s.till, err = bolt.OpenTill(s.path, terminalA, [32]byte{1})
	require.NoError(s.t, err)
	euro, _ := pos.CurrencyOf("EUR")
	s.Station = &station.Station{
		Journal: s.till, Joint: s.till, Members: s.till, Office: s.till, Guard: s.till, Shelf: s.till, Terminal: terminalA, Random: rand.Reader,
		Now:   func() time.Time { s.minute++; return noon.Add(time.Duration(s.minute) * time.Second) },
		Store: "main", Zone: time.UTC, Currency: euro,
	}
}

// actions are everything that a cashier can do to the file.
func (s *shift) actions() map[string]func() error {
	last := func(_ station.Done, err error) error { return err }
	return map[string]func() error{
		"stamp":   func() error { return last(s.Stamp("ida", s.ann, "", 10)) },
		"earn":    func() error { return last(s.Earn("ida", s.ann, 1250)) },
		"redeem":  func() error { return last(s.Redeem("ida", s.ann, "free-coffee")) },
		"undo":    func() error { return last(s.Undo("ida", s.ann, "a slip")) },
		"enrol":   func() error { return last(s.Enrol("ida", pos.Profile{Name: fmt.Sprint("Ben ", s.minute)})) },
		"day end": func() error { _, err := s.DayEnd("ida"); return err },
		"edit": func() error {
			_, err := s.Edit(s.ann, func(p *pos.Profile) error { p.Email = fmt.Sprintf("ann%d@example.org", s.minute); return nil })
			return err
		},
	}
}

// known is all that can be read of the file.
type known struct {
	Journal []station.Record
	Ann     station.Member
	All     []pos.Profile
	Waiting station.Waiting
}

func (s *shift) known() (k known) {
	k.Journal = journal(s.t, s.till)
	var err error
	k.Ann, err = s.Member(s.ann)
	require.NoError(s.t, err)
	for _, name := range []string{"ann", "ben"} {
		found, err := s.till.ByName(name, 1000)
		require.NoError(s.t, err)
		k.All = append(k.All, found...)
	}
	k.Waiting, err = s.till.Waiting()
	require.NoError(s.t, err)
	return k
}

// goesOn does everything once, which must succeed.
func (s *shift) goesOn() {
	before := s.known()
	for _, name := range []string{"stamp", "redeem", "earn", "undo", "enrol", "edit", "day end"} {
		require.NoError(s.t, s.actions()[name](), name)
	}
	require.Len(s.t, s.known().Journal, len(before.Journal)+6, "an edit is no entry")
}

// soundAfterRestart checks that another process finds the same, and nothing wrong.
func (s *shift) soundAfterRestart() {
	before := s.known()
	require.NoError(s.t, s.till.Close())
	s.open()
	require.Equal(s.t, before, s.known())
	found, err := s.till.Check()
	require.NoError(s.t, err)
	require.Empty(s.t, found)
}

// Whatever a cashier does while the disk fills up, it is done and stays, or it is
// refused as full and nothing of it is there; and when there is room again the same
// station does everything, without a restart.
func TestShiftOnAFullDisk(t *testing.T) {
	if !alone(t) {
		return
	}
	refused := map[string]int{}
	for room := range int64(10) {
		s := newShift(t)
		for range 3 {
			for name, act := range s.actions() {
				if err := act(); name != "redeem" && name != "undo" {
					require.NoError(t, err, name)
				}
			}
		}
		lift := limitFiles(t, 8192+sizeOf(t, s.path)*room/10)
		for range 8 {
			for name, act := range s.actions() {
				before := s.known()
				err := act()
				if err == nil {
					continue
				}
				require.Equal(t, before, s.known(), name)
				if errors.Is(err, store.ErrFull) {
					refused[name]++
					continue
				}
				require.Contains(t, []string{"redeem", "undo"}, name, "%v", err) // the rules may say no to these
			}
		}
		lift()
		s.goesOn()
		s.soundAfterRestart()
	}
	t.Log(refused)
	require.Len(t, refused, 7, "%v", refused)
}

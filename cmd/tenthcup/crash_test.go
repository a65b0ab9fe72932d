package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
)

var (
	kills     = flag.Int("kills", 200, "how often a till or the server is killed")
	crashSeed = flag.Uint64("seed", 0, "of the moments at which that happens; 0 draws one")
)

// killsOfAFile is how often one file is opened after a kill before another is begun:
// a file that grows for ever is checked for ever.
const killsOfAFile = 200

// asBooker makes the test binary a till whose cashier never rests, in the folder
// that it holds: the whole station but for its screen.
const asBooker = "TENTHCUP_TEST_BOOKER"

// runBooker books one thing after the other and says on a line of its own what was
// confirmed, when it was, until the process is killed.
func runBooker(dir string) {
	t, err := openTill(dir)
	if err != nil {
		fmt.Println("no till:", err)
		os.Exit(1)
	}
	t.runLine(context.Background(), func(tea.Msg) {})
	b := &booker{till: t, rng: rand.New(rand.NewPCG(uint64(os.Getpid()), uint64(time.Now().UnixNano())))}
	fmt.Println("open")
	for {
		var problem *pos.Problem
		if err := b.act(); err != nil && (!errors.As(err, &problem) || strings.HasPrefix(problem.Key, "disk.")) {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
}

// booker is the cashier.
type booker struct {
	till    *till
	rng     *rand.Rand
	members []pos.Profile
}

// act does one thing that a cashier does.
func (b *booker) act() error {
	if len(b.members) == 0 {
		var err error
		if b.members, err = b.till.station.Find("Member", 5); err != nil {
			return err
		}
	}
	action := b.rng.IntN(40)
	if len(b.members) == 0 || action == 0 && len(b.members) < 5 {
		return b.enrol()
	}
	holder := b.members[b.rng.IntN(len(b.members))].Holder
	switch {
	case action < 3:
		return b.edit(holder)
	case action < 6:
		done, err := b.till.station.Redeem("robin", holder, "free-coffee")
		return confirm(done.Record, err)
	case action < 7:
		_, err := b.till.station.DayEnd("robin")
		return err
	}
	done, err := b.till.station.Stamp("robin", holder, "", 1+int64(b.rng.IntN(3)))
	if err := confirm(done.Record, err); err != nil || action < 35 {
		return err
	}
	undone, err := b.till.station.Void("robin", done.Record.Entry.ID, "a slip")
	return confirm(undone.Record, err)
}

func (b *booker) enrol() error {
	done, err := b.till.station.Enrol("robin", pos.Profile{Name: fmt.Sprintf("Member %d", len(b.members))})
	if err == nil {
		b.members = append(b.members, done.Member.Profile)
	}
	return confirm(done.Record, err)
}

// edit writes the moment into the profile, which only grows.
func (b *booker) edit(holder pos.HolderID) error {
	stamp := fmt.Sprintf("%020d", time.Now().UnixNano())
	_, err := b.till.station.Edit(holder, func(p *pos.Profile) error { p.Email = stamp + "@example.org"; return nil })
	if err == nil {
		fmt.Println("edited", holder, stamp)
	}
	return err
}

// confirm says what the screen would.
func confirm(r station.Record, err error) error {
	if err == nil {
		fmt.Println("booked", r.Entry.ID)
	}
	return err
}

// crash is a till, its server, and all that was ever confirmed there.
type crash struct {
	t      *testing.T
	rng    *rand.Rand
	dir    string // the till's
	server *centre
	up     bool

	confirmed []string                // ids of entries
	emails    map[pos.HolderID]string // as confirmed last
	code      string                  // of a member
	journal   [][]byte                // the till's entries, as seen so far
	numbers   map[string]int          // of the entries in it, from 1
	early     int                     // kills before the till was open
	downs     int                     // of the server
}

func newCrash(t *testing.T, rng *rand.Rand) *crash {
	dir := t.TempDir()
	c := &crash{
		t: t, rng: rng, dir: filepath.Join(dir, "till"), server: &centre{t: t, db: filepath.Join(dir, "server.db")},
		emails: map[pos.HolderID]string{}, numbers: map[string]int{},
	}
	c.start()
	t.Cleanup(c.server.kill)
	asked(t, "store", "add", "High Street", "--timezone", "UTC", "--db", c.server.db)
	asked(t, "program", "publish", "cafe", "--db", c.server.db)
	once := strings.TrimSpace(asked(t, "terminal", "add", "Till", "--store", "high-street", "--db", c.server.db))
	asked(t, "enrol", c.server.address(), once, "--dir", c.dir)
	return c
}

func (c *crash) start() {
	if !c.up {
		c.server.start()
		c.up = true
	}
}

// within does something at a moment that nobody chose.
func (c *crash) within(most time.Duration, do func()) {
	time.AfterFunc(time.Duration(c.rng.Int64N(int64(most))), do)
}

// round lets the till work, kills it or the server or both, and looks at what is
// left.
func (c *crash) round() {
	if c.rng.IntN(3) > 0 {
		c.start()
	}
	if c.up && c.rng.IntN(5) == 0 {
		c.up = false
		c.downs++
		process := c.server.cmd.Process
		c.within(60*time.Millisecond, func() { _ = process.Kill() })
	}
	if c.code != "" && c.rng.IntN(8) == 0 {
		c.command()
	} else {
		c.work()
	}
	c.lookAtTill()
	if !c.up {
		c.server.kill()
		c.lookAtServer()
	}
}

// work runs the till and kills it: while it starts, at any moment, or soon after
// something was confirmed.
func (c *crash) work() {
	cmd := exec.Command(testProgram)
	cmd.Env = append(programEnv(asBooker), asBooker+"="+c.dir)
	out, err := cmd.StdoutPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, cmd.Start())
	blow := func() { _ = cmd.Process.Kill() }
	last := -1
	switch c.rng.IntN(6) {
	case 0:
		c.within(25*time.Millisecond, blow)
	case 1:
		c.within(80*time.Millisecond, blow)
	default:
		last = c.rng.IntN(25)
	}
	lines := bufio.NewScanner(out)
	n := 0
	for ; lines.Scan(); n++ { // to the end: what was said before the blow counts
		c.heard(lines.Text())
		if n == last {
			c.within(1500*time.Microsecond, blow)
		}
	}
	require.EqualError(c.t, cmd.Wait(), "signal: killed")
	if n == 0 {
		c.early++
	}
}

// heard takes down what the till confirmed.
func (c *crash) heard(line string) {
	switch words := strings.Fields(line); words[0] {
	case "booked":
		c.confirmed = append(c.confirmed, words[1])
	case "edited":
		var holder pos.HolderID
		require.NoError(c.t, holder.UnmarshalText([]byte(words[1])))
		c.emails[holder] = words[2]
	default:
		require.Equal(c.t, "open", line)
	}
}

// command stamps by a command of the program and kills that.
func (c *crash) command() {
	cmd := command("stamp", c.code, "--json", "--dir", c.dir)
	out, err := cmd.StdoutPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, cmd.Start())
	c.within(60*time.Millisecond, func() { _ = cmd.Process.Kill() })
	var said doneJSON
	if json.NewDecoder(out).Decode(&said) == nil {
		c.confirmed = append(c.confirmed, said.Entry.ID.String())
	}
	_ = cmd.Wait()
}

// lookAtTill opens the file that the killed process left: it is sound, all that was
// confirmed is there, and nothing twice.
func (c *crash) lookAtTill() {
	till, err := openTill(c.dir)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, till.close()) }()
	found, err := till.db.Check()
	require.NoError(c.t, err)
	require.Empty(c.t, found)
	var fresh []station.Record
	require.NoError(c.t, till.db.Last(func(r station.Record) bool {
		isNew := r.Number > uint64(len(c.journal))
		if isNew {
			fresh = append(fresh, r)
		}
		return isNew
	}))
	for _, r := range slices.Backward(fresh) {
		id := r.Entry.ID.String()
		require.Zero(c.t, c.numbers[id], "%s is there twice", id)
		c.journal = append(c.journal, r.Raw)
		c.numbers[id] = len(c.journal)
		require.EqualValues(c.t, len(c.journal), r.Number)
	}
	for _, id := range c.confirmed {
		require.NotZero(c.t, c.numbers[id], "%s was confirmed and is lost", id)
	}
	for holder, email := range c.emails {
		p, err := till.db.Profile(holder)
		require.NoError(c.t, err)
		require.GreaterOrEqual(c.t, p.Email, email, "a later edit was confirmed")
	}
	members, err := till.station.Find("Member", 1)
	require.NoError(c.t, err)
	for _, member := range members {
		c.code = member.Code()
	}
}

// lookAtServer opens the file that the killed server left: it is sound, has nothing
// that the till has not, and all that it ever acknowledged. It returns how many
// entries are there.
func (c *crash) lookAtServer() (entries int) {
	secret, err := serverSecret(c.server.db)
	require.NoError(c.t, err)
	db, err := bolt.OpenCentral(c.server.db, secret)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, db.Close()) }()
	found, err := db.Check()
	require.NoError(c.t, err)
	require.Empty(c.t, found)
	quarantined, err := db.Quarantined()
	require.NoError(c.t, err)
	require.Empty(c.t, quarantined)
	require.NoError(c.t, db.Entries("main", func(raw []byte) bool {
		e, err := pos.DecodeEntry(raw)
		require.NoError(c.t, err)
		if e.Kind == pos.Administered { // the server's own, of how it was set up
			return true
		}
		entries++
		number := c.numbers[e.ID.String()]
		require.NotZero(c.t, number, "the till has no %v", e.ID)
		require.Equal(c.t, c.journal[number-1], raw)
		return true
	}))
	till, err := openTill(c.dir)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, till.close()) }()
	waiting, err := till.station.Waiting()
	require.NoError(c.t, err)
	require.GreaterOrEqual(c.t, entries+waiting.Entries, len(c.journal), "acknowledged and lost")
	if waiting.Total() == 0 {
		c.agree(till, db)
	}
	return entries
}

// agree checks that a till and a server without secrets from each other say the
// same of every member.
func (c *crash) agree(till *till, db *central.Book) {
	members, err := till.station.Find("Member", 100)
	require.NoError(c.t, err)
	for _, member := range members {
		view, err := till.db.View(member.Holder)
		require.NoError(c.t, err)
		sums, err := db.Balance("main", member.Holder, till.station.Today())
		require.NoError(c.t, err)
		require.ElementsMatch(c.t, sums, view.Sums)
	}
}

// end lets everything work undisturbed. Then the server has what the till has, each
// entry once, and nothing is wrong with anybody.
func (c *crash) end() {
	c.start()
	for range 2 {
		asked(c.t, "sync", "--dir", c.dir)
	}
	require.Contains(c.t, asked(c.t, "doctor", "--dir", c.dir), "adds up")
	require.Contains(c.t, asked(c.t, "doctor", "--db", c.server.db), "adds up")
	c.server.kill()
	c.lookAtTill()
	require.Equal(c.t, len(c.journal), c.lookAtServer())
	till, err := openTill(c.dir)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, till.close()) }()
	waiting, err := till.station.Waiting()
	require.NoError(c.t, err)
	require.Zero(c.t, waiting.Total())
	standing, err := till.db.Standing()
	require.NoError(c.t, err)
	require.False(c.t, standing.Frozen || standing.Restored || standing.Revoked, "%+v", standing)
	require.Zero(c.t, standing.Exceptions)
}

// A till at work and its server are killed at random moments: while they start,
// while a cashier books, while they talk. Nothing that was confirmed is lost, nothing
// is there twice, every file is sound, and in the end the server has it all.
func TestKilledAtAnyMoment(t *testing.T) {
	seed := *crashSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	confirmed, early, downs := 0, 0, 0
	for left := *kills; left > 0; left -= killsOfAFile {
		c := newCrash(t, rng)
		for range min(left, killsOfAFile) {
			c.round()
		}
		c.end()
		confirmed, early, downs = confirmed+len(c.confirmed), early+c.early, downs+c.downs
	}
	t.Logf("%d kills, %d of them before the till was open and %d with the server's; %d entries confirmed", *kills, early, downs, confirmed)
	require.Greater(t, confirmed, *kills)
	require.Greater(t, early, *kills/50)
	require.Greater(t, downs, *kills/20)
}

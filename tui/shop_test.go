package tui_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/argon2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/tui"
	"tenthcup/tui/theme"
	"tenthcup/tui/tuitest"
)

var _ tui.Till = (*station.Station)(nil)

// Programs of the shops in the tests.
const (
	cafe = `
title = "Café"
[[card]]
id = "coffee"
name = "Coffee"
size = 10
[[reward]]
id = "free-coffee"
name = "Free coffee"
card = "coffee"
`
	points = `
title = "Shop"
[points]
earn = 1
for = "1"
[[reward]]
id = "small-gift"
name = "Small gift"
points = 50
[[reward]]
id = "voucher"
name = "Shop voucher"
points = 100
`
	bakery = `
title = "Bakery"
[[card]]
id = "coffee"
name = "Coffee"
size = 10
[[card]]
id = "bread"
name = "Bread"
size = 8
stamp = "✿"
[[card]]
id = "cake"
name = "Cake"
size = 12
[points]
earn = 2
for = "1"
[[reward]]
id = "free-coffee"
name = "Free coffee"
card = "coffee"
[[reward]]
id = "free-bread"
name = "Free loaf of bread"
card = "bread"
[[reward]]
id = "mug"
name = "Mug"
points = 150
`
)

// pin is the PIN 1234 as a till keeps it that spends less time on it than ours do:
// the tests type it a thousand times.
var pin = sync.OnceValue(func() string {
	const salt = "0123456789abcdef"
	mac := hmac.New(sha256.New, nil)
	mac.Write([]byte("1234"))
	key := argon2.IDKey(mac.Sum(nil), []byte(salt), 1, 8, 1, 32)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=8,t=1,p=1$%s$%s", argon2.Version, encode([]byte(salt)), encode(key))
})

// printers are the words of the shop's languages, which take long to read.
var printers sync.Map

func (s *shop) speaks(language string) {
	s.t.Helper()
	words, known := printers.Load(language)
	if !known {
		made, err := assets.NewPrinter(language, s.station.Currency, s.station.Zone)
		require.NoError(s.t, err)
		words, _ = printers.LoadOrStore(language, made)
	}
	s.config.Words = words.(*assets.Printer)
}

// shop is a till in a shop: a real station on a real file.
type shop struct {
	t       testing.TB
	db      *bolt.Till
	station *station.Station
	config  tui.Config
	opened  time.Time
}

// inShop opens a shop with the program inside a bubble, at 10:42.
func inShop(t *testing.T, program string, test func(t *testing.T, s *shop)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { test(t, openShop(t, program, dir)) })
}

func openShop(t testing.TB, program, dir string) *shop {
	zone, err := time.LoadLocation("Europe/Budapest")
	require.NoError(t, err)
	euro, _ := pos.CurrencyOf("EUR")
	id := pos.TerminalID{1}
	db, err := bolt.OpenTill(filepath.Join(dir, "till.db"), id, [32]byte{1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s := &shop{t: t, db: db, opened: time.Now()}
	chance := &dice{source: rand.NewChaCha8([32]byte{7})}
	hash := pin()
	cashiers := []pos.Cashier{
		{ID: "robin", Name: "Robin", Role: pos.RoleManager, PIN: hash},
		{ID: "edit", Name: "Kőszegi Edit", Role: pos.RoleCashier, PIN: hash},
		{ID: "ali", Name: "علی رضایی", Role: pos.RoleCashier, PIN: hash},
	}
	require.NoError(t, db.SetRoster(pos.Roster{
		Version:  1,
		Shop:     pos.Shop{Name: "Café Tizedik", Currency: "EUR", Language: "en", Timezone: "Europe/Budapest", Country: "HU", Area: "main", Store: "cafe"},
		Cashiers: cashiers,
		Programs: []pos.Published{{Document: []byte(program)}},
	}))
	s.station = &station.Station{
		Journal: db, Joint: db, Members: db, Office: db, Guard: db, Shelf: db, Terminal: id, Now: s.now, Random: chance, Zone: zone, Currency: euro,
	}
	s.config = tui.Config{
		Till: s.station, Theme: theme.Dark(), SignedIn: &cashiers[0], Shop: "Café Tizedik", Now: s.now, Version: "0.2.0",
	}
	s.speaks("en")
	return s
}

// now is the shop's clock: it runs with the bubble's.
func (s *shop) now() time.Time {
	return time.Date(2026, time.November, 22, 9, 42, 0, 0, time.UTC).Add(time.Since(s.opened))
}

// start opens the station's screen, with the scanner in front of it.
func (s *shop) start(width, height int) *tuitest.Driver {
	s.t.Helper()
	scanner := tui.NewScanner()
	scanner.Configure(s.config.Settings.Scanner)
	d := tuitest.Start(s.t, tui.New(s.config), width, height)
	d.Attach(func(send func(tea.Msg)) tuitest.Filter {
		scanner.Send = send
		return scanner.Filter
	})
	return d
}

// enrol makes a member and returns it.
func (s *shop) enrol(name, phone string, codes ...string) station.Member {
	s.t.Helper()
	done, err := s.station.Enrol("robin", pos.Profile{Name: name, Phone: phone, Codes: codes})
	require.NoError(s.t, err)
	return done.Member
}

// anna is a member with so many stamps on the first card.
func (s *shop) anna(stamps int64) station.Member {
	s.t.Helper()
	m := s.enrol("Kovács Anna", "+36301234567")
	if stamps > 0 {
		_, err := s.station.Stamp("edit", m.Profile.Holder, "", stamps)
		require.NoError(s.t, err)
	}
	return s.member(m)
}

func (s *shop) member(m station.Member) station.Member {
	s.t.Helper()
	now, err := s.station.Member(m.Profile.Holder)
	require.NoError(s.t, err)
	return now
}

// stamps returns how many stamps the member has in all on the first card.
func (s *shop) stamps(m station.Member) int64 {
	card := s.member(m).Cards[0]
	return card.Stamps + card.Full*card.Card.Size
}

// entries returns how many entries are in the journal.
func (s *shop) entries() int {
	n := 0
	require.NoError(s.t, s.db.Last(func(station.Record) bool { n++; return true }))
	return n
}

// dice is chance that is the same in each run.
type dice struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (d *dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.source.Read(p)
}

var _ io.Reader = (*dice)(nil)

// gate is a journal whose writes wait until they are let through, or fail.
type gate struct {
	station.Journal
	open chan error
}

func (g gate) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	if err := <-g.open; err != nil {
		return station.Record{}, err
	}
	return g.Journal.Append(holder, profile, decide)
}

// strict is a till that refuses what the test tells it to and stands as the test
// says; the rest it leaves to the station.
type strict struct {
	*station.Station
	redeem, override, signIn, stamp error

	standing *station.Standing
	open     chan struct{} // if there is one, how the till stands is said when it is closed
}

func (s *strict) Standing() (station.Standing, error) {
	if s.open != nil {
		<-s.open
	}
	if s.standing != nil {
		return *s.standing, nil
	}
	return s.Station.Standing()
}

// notReady is a refusal that a manager may pass over.
var notReady = pos.Refuse("redeem.stamps", "reward", "Free coffee", "n", 2)

func (s *strict) Claim(by pos.CashierID, holder pos.HolderID, claim rules.Claim) (station.Done, error) {
	if s.redeem != nil {
		return station.Done{}, s.redeem
	}
	return s.Station.Claim(by, holder, claim)
}

func (s *strict) ClaimOverride(by pos.CashierID, holder pos.HolderID, claim rules.Claim, o station.Override) (station.Done, error) {
	if s.override != nil {
		return station.Done{}, s.override
	}
	return s.Station.ClaimOverride(by, holder, claim, o)
}

func (s *strict) SignIn(id pos.CashierID, pin string) (pos.Cashier, error) {
	if s.signIn != nil {
		return pos.Cashier{}, s.signIn
	}
	return s.Station.SignIn(id, pin)
}

func (s *strict) Stamp(by pos.CashierID, holder pos.HolderID, card string, n int64) (station.Done, error) {
	if s.stamp != nil {
		return station.Done{}, s.stamp
	}
	return s.Station.Stamp(by, holder, card, n)
}

// changing is a journal whose entries are changed before they are written.
type changing struct {
	station.Journal
	change func(*pos.Entry)
}

func (c changing) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	return c.Journal.Append(holder, profile, func(m station.Moment) (pos.Entry, error) {
		e, err := decide(m)
		c.change(&e)
		return e, err
	})
}

// line is a line to a server that says what the test tells it to.
type line struct {
	steps   chan int // how much is sent, of 21; closed at the end
	members int      // if there are any, the steps are how many of them the till holds
	err     error
}

func (l line) Sync(ctx context.Context, progress func(sent, waiting, held, holders int)) error {
	for {
		select {
		case step, ok := <-l.steps:
			if !ok {
				return l.err
			}
			if l.members > 0 {
				progress(0, 0, step, l.members)
			} else {
				progress(step, 21-step, 0, 0)
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// down are the steps of a line that is down.
func down() chan int {
	steps := make(chan int)
	close(steps)
	return steps
}

var errRefused = errors.New("connection refused")

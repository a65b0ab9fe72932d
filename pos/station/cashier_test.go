package station_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

var pepper = []byte("in no data file")

func TestCheckNewPIN(t *testing.T) {
	for pin, ok := range map[string]bool{
		"1234": true, "00000000": true, "123": false, "123456789": false, "": false, "12a4": false, "12 4": false, "-123": false, "۱۲۳۴": false,
	} {
		err := station.CheckNewPIN(pin)
		if ok {
			require.NoError(t, err, pin)
			continue
		}
		require.ErrorIs(t, err, pos.Refuse("pin.digits"), pin)
		_, err = station.HashPIN(pin, nil, rand.Reader)
		require.ErrorIs(t, err, pos.Refuse("pin.digits"), pin)
	}
}

// The form is the one that other programs read: PHC, Argon2id, OWASP's figures.
func TestHashPIN(t *testing.T) {
	one, err := station.HashPIN("1234", pepper, strings.NewReader("0123456789abcdef"))
	require.NoError(t, err)
	require.Equal(t, "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gKh2Q17TrJUWALbCCsHaeEzKNy0vK5fJ0VUHQOZ/EIQ", one)
	other, err := station.HashPIN("1234", pepper, rand.Reader)
	require.NoError(t, err)
	require.NotEqual(t, one, other, "a salt of its own")
	other, err = station.HashPIN("1234", []byte("another"), strings.NewReader("0123456789abcdef"))
	require.NoError(t, err)
	require.NotEqual(t, one, other, "who has the file alone cannot try PINs")
	_, err = station.HashPIN("1234", pepper, strings.NewReader("short"))
	require.Error(t, err)
}

func TestSignIn(t *testing.T) {
	s := open(t)
	s.Pepper = pepper
	pin, err := station.HashPIN("1234", pepper, rand.Reader)
	require.NoError(t, err)
	parts := strings.Split(pin, "$")
	with := func(i int, text string) string {
		changed := append([]string(nil), parts...)
		changed[i] = text
		return strings.Join(changed, "$")
	}
	cashiers := []pos.Cashier{
		{ID: "robin", Name: "Robin", Role: pos.RoleManager, PIN: pin},
		{ID: "new", Name: "New"},
		{ID: "empty", PIN: with(5, "")},
		{ID: "version", PIN: with(2, "v=16")},
		{ID: "garbage", PIN: "1234"},
		{ID: "bcrypt", PIN: with(1, "bcrypt")},
		{ID: "params", PIN: with(3, "m=19456")},
		{ID: "no time", PIN: with(3, "m=19456,t=0,p=1")},
		{ID: "no lanes", PIN: with(3, "m=19456,t=2,p=0")},
		{ID: "memory", PIN: with(3, "m=4294967295,t=2,p=1")},
		{ID: "hours", PIN: with(3, "m=19456,t=4294967295,p=1")},
		{ID: "salt", PIN: with(4, "!")},
		{ID: "more", PIN: with(3, "m=19456,t=2,p=1x")},
	}
	require.NoError(t, s.db.SetRoster(pos.Roster{Cashiers: cashiers}))
	listed, err := s.Cashiers()
	require.NoError(t, err)
	require.Equal(t, cashiers, listed)

	robin, err := s.SignIn("robin", "1234")
	require.NoError(t, err)
	require.Equal(t, cashiers[0], robin)
	for name, tt := range map[string]struct {
		id      pos.CashierID
		pin     string
		problem string // "" is the machine's
	}{
		"a wrong PIN":                      {"robin", "1235", "pin.wrong"},
		"no PIN":                           {"robin", "", "pin.wrong"},
		"the hash for a PIN":               {"robin", pin, "pin.wrong"},
		"one who left":                     {"sam", "1234", "pin.cashier"},
		"one who has no PIN yet":           {"new", "", "pin.wrong"},
		"a hash of nothing":                {"empty", "1234", "pin.wrong"},
		"a hash of another version":        {"version", "1234", "pin.wrong"},
		"a hash with something more":       {"more", "1234", "pin.wrong"},
		"no hash":                          {"garbage", "1234", ""},
		"a hash of another kind":           {"bcrypt", "1234", ""},
		"a hash with parameters missing":   {"params", "1234", ""},
		"a hash of no passes":              {"no time", "1234", ""},
		"a hash of no lanes":               {"no lanes", "1234", ""},
		"a hash that takes all the memory": {"memory", "1234", ""},
		"a hash that takes hours":          {"hours", "1234", ""},
		"a salt that is none":              {"salt", "1234", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := s.SignIn(tt.id, tt.pin)
			require.Error(t, err)
			require.Zero(t, got)
			if tt.problem != "" {
				require.ErrorIs(t, err, pos.Refuse(tt.problem))
			} else {
				require.NotErrorIs(t, err, pos.Refuse("pin.wrong"))
			}
		})
	}
}

// A PIN that was wrong is tried again at once twice; then it takes longer and
// longer, a quarter of an hour at most.
func TestWrongPINsHaveToWait(t *testing.T) {
	s := open(t)
	s.staff(t)
	g := guarded(t, s)
	try := func(pin string) error { _, err := s.SignIn("boss", pin); return err }
	early := func(seconds int64) {
		t.Helper()
		before := g.tries["boss"].Failed
		for _, pin := range []string{"1234", "9999"} { // also the right one
			var problem *pos.Problem
			require.ErrorAs(t, try(pin), &problem)
			require.Equal(t, pos.Refuse("pin.wait", "seconds", seconds), problem)
		}
		require.Equal(t, before, g.tries["boss"].Failed, "who is early has not tried")
	}
	wrong := func() {
		t.Helper()
		require.ErrorIs(t, try("9999"), pos.Refuse("pin.wrong"))
	}
	wrong()
	wrong()
	require.NoError(t, try("1234"))
	for range 3 {
		wrong()
	}
	for i, seconds := range []int64{5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900} {
		require.Equal(t, 3+i, g.tries["boss"].Failed)
		early(seconds)
		s.clock.pass(time.Millisecond)
		early(seconds)
		s.clock.pass(999 * time.Millisecond)
		early(seconds - 1)
		s.clock.pass(time.Duration(seconds-1)*time.Second - time.Millisecond)
		early(1)
		s.clock.pass(time.Millisecond)
		wrong()
	}
	_, err := s.SignIn("kim", "4321")
	require.NoError(t, err, "another cashier does not wait")
	s.clock.pass(15 * time.Minute)
	require.NoError(t, try("1234"), "the right one")
	wrong()
	wrong()
	require.NoError(t, try("1234"), "all is forgotten")
	require.Zero(t, g.tries["boss"])
}

// The try is counted before the PIN is looked at: a till that is switched off in
// between has counted it, and so has one whose machine fails.
func TestTriesAreCountedFirst(t *testing.T) {
	s := open(t)
	g := guarded(t, s)
	require.NoError(t, s.db.SetRoster(pos.Roster{Cashiers: []pos.Cashier{{ID: "robin", PIN: "garbage"}}}))
	try := func() error { _, err := s.SignIn("robin", "1234"); return err }
	for n := 1; n <= 3; n++ {
		require.Error(t, try())
		require.Equal(t, station.Tries{Failed: n, Last: s.clock.now().UnixMilli()}, g.tries["robin"])
	}
	s.Station = &station.Station{ // another process
		Journal: s.Journal, Members: s.Members, Office: s.Office, Guard: g, Terminal: s.Terminal,
		Now: s.Now, Random: s.Random, Zone: s.Zone, Currency: s.Currency,
	}
	require.ErrorIs(t, try(), pos.Refuse("pin.wait"))

	g.broken = errors.New("disk gone")
	require.ErrorIs(t, try(), g.broken)
	_, err := s.SignIn("sam", "1234")
	require.ErrorIs(t, err, pos.Refuse("pin.cashier"), "nobody's tries are not counted")
}

// Twenty at once are three, whoever is first.
func TestParallelTries(t *testing.T) {
	s := open(t)
	s.staff(t)
	guarded(t, s)
	looked := 0
	for _, err := range parallel(20, func(int) error { _, err := s.SignIn("kim", "0000"); return err }) {
		if errors.Is(err, pos.Refuse("pin.wrong")) {
			looked++
			continue
		}
		require.ErrorIs(t, err, pos.Refuse("pin.wait"))
	}
	require.Equal(t, 3, looked)
}

// A clock that goes back must not make a wait shorter, nor longer than the
// longest.
func TestWaitWhenTheClockGoesBack(t *testing.T) {
	for name, tt := range map[string]struct {
		failed int
		passed time.Duration // before it is tried
		left   time.Duration // 0 is none
	}{
		"a second back":                   {3, -time.Second, 5 * time.Second},
		"a year back":                     {5, -365 * 24 * time.Hour, 20 * time.Second},
		"a year back, after many":         {100, -365 * 24 * time.Hour, 15 * time.Minute},
		"back to 1970, after very many":   {1 << 40, -56 * 365 * 24 * time.Hour, 15 * time.Minute},
		"a year back, after few failures": {2, -365 * 24 * time.Hour, 0},
		"a year on":                       {100, 365 * 24 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.staff(t)
			g := guarded(t, s)
			g.tries["kim"] = station.Tries{Failed: tt.failed, Last: s.clock.now().UnixMilli()}
			s.clock.pass(tt.passed)
			try := func() error { _, err := s.SignIn("kim", "4321"); return err }
			if tt.left > 0 {
				require.ErrorIs(t, try(), pos.Refuse("pin.wait"))
				s.clock.pass(tt.left - time.Millisecond)
				require.ErrorIs(t, try(), pos.Refuse("pin.wait"))
				require.Equal(t, tt.failed, g.tries["kim"].Failed)
				s.clock.pass(time.Millisecond)
			}
			require.NoError(t, try())
		})
	}
}

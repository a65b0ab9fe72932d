package station_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

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
		_, err = station.HashPIN(pin, rand.Reader)
		require.ErrorIs(t, err, pos.Refuse("pin.digits"), pin)
	}
}

// The form is the one that other programs read: PHC, Argon2id, OWASP's figures.
func TestHashPIN(t *testing.T) {
	one, err := station.HashPIN("1234", strings.NewReader("0123456789abcdef"))
	require.NoError(t, err)
	require.Equal(t, "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$BLQZKunvsXEv0rfovWeQl2OiNafEWjmCsvbNWbauLz0", one)
	other, err := station.HashPIN("1234", rand.Reader)
	require.NoError(t, err)
	require.NotEqual(t, one, other, "a salt of its own")
	_, err = station.HashPIN("1234", strings.NewReader("short"))
	require.Error(t, err)
}

func TestSignIn(t *testing.T) {
	s := open(t)
	pin, err := station.HashPIN("1234", rand.Reader)
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

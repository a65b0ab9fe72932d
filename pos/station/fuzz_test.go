package station_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// FuzzPIN: whatever a roster says of a PIN, nobody signs in with a PIN that it was not
// made of, and no roster makes a till work for minutes.
func FuzzPIN(f *testing.F) {
	const right = "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
	for _, hashed := range []string{
		right, "", "1234", "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$BLQZKunvsXEv0rfovWeQl2OiNafEWjmCsvbNWbauLz0",
		"$argon2id$v=19$m=0,t=0,p=0$$", "$argon2id$v=19$m=4294967295,t=4294967295,p=255$AA$AA", "$$$$$", "$argon2id$v=19$m=64,t=1,p=1$=$=",
		"$argon2i$v=19$m=64,t=1,p=1$AA$AA", "$argon2id$v=16$m=64,t=1,p=1$AA$AA", "$argon2id$v=19$m=64,t=1,p=1x$AA$AA",
	} {
		f.Add(hashed, "0000")
	}
	costs := regexp.MustCompile(`[mt]=(\d+)`)
	f.Fuzz(func(t *testing.T, hashed, pin string) {
		hashed = strings.ToValidUTF8(hashed, "?") // as every roster is
		for _, cost := range costs.FindAllStringSubmatch(hashed, -1) {
			if n, err := strconv.Atoi(cost[1]); err == nil && n > 64 && n < 1<<19 {
				return // allowed, but too slow for many tries
			}
		}
		s := open(t)
		require.NoError(t, s.db.SetRoster(pos.Roster{Version: 9, Cashiers: []pos.Cashier{{ID: "robin", Name: "Robin", PIN: hashed}}}))
		_, err := s.SignIn("robin", pin)
		require.Error(t, err, "nobody made %q of %q", hashed, pin)
		require.Equal(t, -1, strings.IndexByte(err.Error(), 0), "an error is text")
	})
}

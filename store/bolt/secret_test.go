package bolt_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/seal"
)

// Nothing that says who anybody is can be read in the file: not in its rows, and
// not in the pages that are no longer used.
func TestNobodyCanBeReadInTheFile(t *testing.T) {
	c := newCounter(t)
	var secrets [][]byte
	secret := func(text string) string {
		for _, form := range []string{text, pos.Fold(text), fmt.Sprintf("%x", text)} {
			secrets = append(secrets, []byte(form))
		}
		return text
	}
	who := func(i int, edition string) pos.Profile {
		return pos.Profile{
			Holder: pos.HolderID{byte(i), 9}, Codes: []string{secret(fmt.Sprintf("TC1CODE%03d%s", i, edition))},
			Name:  secret("Zsófia"+edition) + " " + secret(fmt.Sprintf("Kőszegi%03d", i)),
			Phone: secret(fmt.Sprintf("+3630%04d%d", i, len(edition))), Email: secret(fmt.Sprintf("mail%03d%s@example.com", i, edition)),
			Birthday: pos.Birthday{Month: 2, Day: 29}, Fields: map[string]string{secret("allergy"): secret("peanuts")},
			Changed: int64(len(edition) + 1), ChangedBy: terminalA,
		}
	}
	secrets = append(secrets, bolt.EncodeRow(pos.Birthday{Month: 2, Day: 29}))
	roster := func(pin string) pos.Roster {
		return pos.Roster{Cashiers: []pos.Cashier{{ID: "c1", Name: secret("Ilona Szép"), PIN: secret("$argon2id$v=19$" + pin)}}}
	}
	require.NoError(t, c.till.SetRoster(roster("first")))
	var rows []ledger.Changed
	for i := range 40 {
		p := who(i, "")
		rows = append(rows, ledger.Changed{Holder: p.Holder, Position: uint64(i + 1), Profile: &p})
	}
	require.NoError(t, c.till.Load(rows, 1))
	for i := range 40 {
		p := who(i, "Edited")
		require.NoError(t, c.till.SaveProfile(p))
		if i%2 == 0 {
			_, err := c.till.Append(p.Holder, &p, func(m station.Moment) (pos.Entry, error) { return c.next(m, p.Holder), nil })
			require.NoError(t, err)
		}
		if i%4 == 0 {
			p := who(i, "FromTheCentre")
			c.apply(uint64(i/2), ledger.Changed{Holder: p.Holder, Position: uint64(100 + i), Profile: &p})
			require.NoError(t, c.till.SaveProfile(pos.Profile{Holder: p.Holder, Changed: 99}))
		}
	}
	require.NoError(t, c.till.SetRoster(roster("second")))
	raw, err := os.ReadFile(c.path)
	require.NoError(t, err)
	require.Greater(t, len(secrets), 300)
	for _, text := range secrets {
		require.False(t, bytes.Contains(raw, text), "%q can be read", text)
	}
	require.True(t, bytes.Contains(raw, []byte(stamps)) || len(journal(t, c.till)) > 0)
}

// Who has the file but another secret gets nothing, and changes nothing.
func TestAnotherSecret(t *testing.T) {
	path := filled(t)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = bolt.OpenTill(path, terminalA, seal.Secret{2})
	require.ErrorIs(t, err, store.ErrSecret)
	_, err = bolt.VerifyBackup(path, seal.Secret{2})
	require.ErrorIs(t, err, store.ErrSecret)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(before), sha256.Sum256(after))
}

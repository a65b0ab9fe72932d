package pos_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/canon"
)

// FuzzProfile: what is typed about a member is refused with a reason, or becomes a
// profile that stays as it is however often it is cleaned, written and read, and that
// every screen can show on one line.
func FuzzProfile(f *testing.F) {
	f.Add("Kőszegi Ödön", "+36 30 123 4567", "o@example.org", "dog", "Rex", "HU")
	f.Add("", "0036301234567", "", "", "", "")
	f.Add("علی", "۰۹۱۲ ۳۴۵ ۶۷۸۹", " a@b ", "x\x00", "\x1b[2J", "IR")
	f.Add("\xff", "1-800-FLOWERS", "@", strings.Repeat("k", 41), strings.Repeat("v", 201), "US")
	f.Add("a\u202eb", "+0", "a@b@c", "k", "\u2028", "??")
	f.Fuzz(func(t *testing.T, name, phone, email, key, value, country string) {
		p := pos.Profile{Holder: pos.HolderID{1}, Name: name, Phone: phone, Email: email, Language: value, HomeStore: pos.StoreID(key)}
		p.Fields, p.Consents = map[string]string{key: value}, map[string]int64{key: 1}
		clean, err := p.Clean(country)
		if err != nil {
			require.ErrorAs(t, err, new(*pos.Problem))
			return
		}
		again, err := clean.Clean(country)
		require.NoError(t, err, "%+v", clean)
		require.Equal(t, clean, again)
		for _, text := range []string{clean.Name, clean.Phone, clean.Email, clean.Language, string(clean.HomeStore), key, value} {
			require.True(t, utf8.ValidString(text), "%q", text)
			require.False(t, strings.ContainsFunc(text, unicode.IsControl), "%q", text)
		}
		require.LessOrEqual(t, len(clean.Name)+len(clean.Phone), 80*utf8.UTFMax+20)
		require.Empty(t, strings.Trim(strings.TrimPrefix(clean.Phone, "+"), "0123456789"), clean.Phone)
		raw, err := canon.Marshal(clean)
		require.NoError(t, err)
		var read pos.Profile
		require.NoError(t, canon.NewReader(8, 1024).Unmarshal(raw, &read))
		require.Equal(t, clean, read)
	})
}

// FuzzIDs: a text is an id in its one printed form, or none.
func FuzzIDs(f *testing.F) {
	id := pos.EntryID{Terminal: pos.TerminalID{1, 2}, Incarnation: 3, Seq: 4}
	for _, text := range []string{id.String(), id.Terminal.String(), "0102030405060708", "", "--", "02-29", strings.ToUpper(id.String()), id.String() + "0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := pos.ParseEntryID(text); err == nil {
			require.Equal(t, text, id.String())
		} else {
			require.ErrorIs(t, err, pos.ErrBadID)
			require.True(t, id.IsZero())
		}
		var terminal pos.TerminalID
		var lease pos.LeaseID
		if terminal.UnmarshalText([]byte(text)) == nil {
			require.Equal(t, text, terminal.String())
		} else if lease.UnmarshalText([]byte(text)) == nil {
			require.Equal(t, text, lease.String())
		}
		if birthday, err := pos.ParseBirthday(text); err == nil {
			require.Equal(t, strings.TrimSpace(text), birthday.String())
		}
	})
}

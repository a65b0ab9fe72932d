package code_test

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
)

const ann = "TC123456789ABC"

func sample(t testing.TB) string {
	t.Helper()
	made, err := code.New(strings.NewReader("abcdefghijk"))
	require.NoError(t, err)
	return made
}

func TestNew(t *testing.T) {
	require.True(t, strings.HasPrefix(sample(t), code.Prefix))
	for range 1000 {
		made, err := code.New(rand.Reader)
		require.NoError(t, err)
		require.Len(t, made, code.Length)
		require.True(t, code.IsMember(made), made)
	}
	_, err := code.New(strings.NewReader("short"))
	require.Error(t, err)
}

func TestParse(t *testing.T) {
	good := sample(t)
	tests := map[string]struct{ text, want, problem string }{
		"as printed":                           {good, good, ""},
		"in groups":                            {code.Group(good), good, ""},
		"lower case and hyphens":               {strings.ToLower(good[:3] + "-" + good[3:7] + "-" + good[7:]), good, ""},
		"I for 1":                              {"TCI" + good[3:], good, ""},
		"with a symbology identifier":          {"]Q1" + good, good, ""},
		"Persian digits":                       {strings.Replace(good, "1", "۱", 1), good, ""},
		"one sign too few":                     {good[:14], "", "code.length"},
		"one sign too many":                    {good + "A", "", "code.length"},
		"a sign that is not used":              {good[:5] + "Z" + good[6:], "", "code.sign"},
		"wrong check sign":                     {good[:14] + string(other(good[14])), "", "code.check"},
		"an old plastic card":                  {"4006381333931", "4006381333931", ""},
		"another card, lower case":             {"shop-0017", "SHOP0017", ""},
		"nothing":                              {" - ", "", "code.empty"},
		"control characters":                   {"AB\x1d01", "", "code.foreign"},
		"LOOP-005 its prefix alone":            {good[:3], "", "code.length"},
		"LOOP-005 without its prefix":          {good[3:], good[3:], ""}, // a code of another kind, which is nobody's
		"an accent is a sign that is not used": {good[:5] + "é" + good[6:], "", "code.sign"},
		"letters from elsewhere":               {"کارت", "", "code.foreign"},
		"a web address of an endless size":     {"https://" + strings.Repeat("x", 100), "", "code.foreign"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := code.Parse(tt.text)
			if tt.problem != "" {
				require.ErrorIs(t, err, pos.Refuse(tt.problem))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func other(sign byte) byte { return code.Alphabet[(strings.IndexByte(code.Alphabet, sign)+1)%32] }

// with returns a good member code with the sign u at place i and v at place j,
// counted behind the prefix. A third sign is chosen so that the check sign fits.
func with(t testing.TB, i int, u byte, j int, v byte) []byte {
	t.Helper()
	third := 0
	for third == i || third == j {
		third++
	}
	body := [12]byte{}
	for range 32 {
		body[i], body[j] = u, v
		text, err := code.New(strings.NewReader(string(body[:11])))
		require.NoError(t, err)
		signs := []byte(text)
		if signs[len(code.Prefix)+i] == code.Alphabet[u] && signs[len(code.Prefix)+j] == code.Alphabet[v] {
			return signs
		}
		body[third]++
	}
	t.Fatalf("no code has %d at %d and %d at %d", u, i, v, j)
	return nil
}

// The check equation is linear, so what becomes of a slip depends on the signs it
// touches and on their places only. All of those are tried: every sign for every
// other at every place, every two signs swapped at every two places, and every
// wrong twin (AA for BB).
func TestEveryTypingSlipIsFound(t *testing.T) {
	undetected := map[string]int{}
	try := func(kind string, good, signs []byte) {
		if slices.Equal(good, signs) {
			return
		}
		if _, err := code.Parse(string(signs)); err == nil {
			undetected[kind]++
		}
	}
	for i := range 12 {
		for j := i + 1; j < 12; j++ {
			for u := range byte(32) {
				for v := range byte(32) {
					good := with(t, i, u, j, v)
					signs := slices.Clone(good)
					signs[3+i], signs[3+j] = good[3+j], good[3+i]
					try("swap", good, signs)
					signs = slices.Clone(good)
					signs[3+i] = code.Alphabet[v]
					try("wrong sign", good, signs)
					signs = slices.Clone(good)
					signs[3+j] = code.Alphabet[u]
					try("wrong sign", good, signs)
				}
				good := with(t, i, u, j, u)
				for v := range byte(32) {
					signs := slices.Clone(good)
					signs[3+i], signs[3+j] = code.Alphabet[v], code.Alphabet[v]
					try("wrong twin", good, signs)
				}
			}
		}
	}
	require.Empty(t, undetected)
}

func TestSigns(t *testing.T) {
	require.Equal(t, "GG6NOLD1", code.Signs(" gg6n-0ldi "))
}

func TestIsBarcode(t *testing.T) {
	for text, want := range map[string]bool{
		"4006381333931": true, "96385074": true, "036000291452": true,
		"4006381333932": false, "1250": false, "400638133393x": false, "": false,
	} {
		require.Equal(t, want, code.IsBarcode(text), text)
	}
}

// Whatever arrives, the answer is a problem or a code that parses to itself.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{ann, "]Q1tc1", "4006381333931", "\x00", "TC1", "ö", " tcI 0O"} {
		f.Add(seed)
	}
	f.Add(sample(f))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := code.Parse(text)
		if err != nil {
			require.ErrorAs(t, err, new(*pos.Problem))
			return
		}
		for _, printed := range []string{got, code.Group(got), strings.ToLower(got)} {
			again, err := code.Parse(printed)
			require.NoError(t, err)
			require.Equal(t, got, again)
		}
		require.Equal(t, strings.HasPrefix(got, code.Prefix), code.IsMember(got))
	})
}

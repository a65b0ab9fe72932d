package code_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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
	require.Equal(t, "TC12345678ABCDX"[:3], sample(t)[:3])
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
		"as printed":                      {good, good, ""},
		"in groups":                       {code.Group(good), good, ""},
		"lower case and hyphens":          {strings.ToLower(good[:3] + "-" + good[3:7] + "-" + good[7:]), good, ""},
		"I for 1":                         {"TCI" + good[3:], good, ""},
		"with a symbology identifier":     {"]Q1" + good, good, ""},
		"Persian digits":                  {strings.Replace(good, "1", "۱", 1), good, ""},
		"one sign too few":                {good[:14], "", "code.length"},
		"one sign too many":               {good + "A", "", "code.length"},
		"a sign that is not used":         {good[:5] + "Z" + good[6:], "", "code.sign"},
		"wrong check sign":                {good[:14] + string(other(good[14])), "", "code.check"},
		"an old plastic card":             {"4006381333931", "4006381333931", ""},
		"another card, lower case":        {"shop-0017", "SHOP0017", ""},
		"nothing":                         {" - ", "", "code.empty"},
		"control characters":              {"AB\x1d01", "", "code.foreign"},
		"letters from elsewhere":          {"کارت", "", "code.foreign"},
		"a web address of an endless size": {"https://" + strings.Repeat("x", 100), "", "code.foreign"},
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

// Damm finds every single wrong sign, and every swap of two neighbours or of two
// signs with one between.
func TestEveryTypingSlipIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := rapid.SliceOfN(rapid.Byte(), 11, 11).Draw(t, "random")
		good, err := code.New(strings.NewReader(string(drawn)))
		require.NoError(t, err)
		signs := []byte(good)
		i := rapid.IntRange(3, code.Length-1).Draw(t, "at")
		if j := i + rapid.IntRange(0, 2).Draw(t, "distance"); j > i && j < code.Length {
			signs[i], signs[j] = signs[j], signs[i]
		} else {
			signs[i] = code.Alphabet[rapid.IntRange(0, 31).Draw(t, "sign")]
		}
		_, err = code.Parse(string(signs))
		require.Equal(t, string(signs) == good, err == nil, "%s for %s", signs, good)
	})
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
		again, err := code.Parse(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

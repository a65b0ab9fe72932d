package pos_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

func TestNormalPhone(t *testing.T) {
	const ann = "+36301234567"
	tests := map[string]struct{ text, country, want string }{
		"as stored":                              {ann, "HU", ann},
		"the Hungarian way":                      {"06 30 123 4567", "HU", ann},
		"with brackets and a hyphen":             {"(06-30) 123-4567", "HU", ann},
		"with slashes and points":                {"06/30.123.4567", "HU", ann},
		"without the trunk prefix":               {"30 123 4567", "HU", ann},
		"00 for +":                               {"0036 30 123 4567", "HU", ann},
		"+ and spaces":                           {"+36 30 123 4567", "HU", ann},
		"no-break spaces and a dash":             {"06\u00a030\u00a0123\u20134567", "HU", ann},
		"Persian digits":                         {"۰۶۳۰۱۲۳۴۵۶۷", "HU", ann},
		"a number of another country":            {"+60 12-345 6789", "HU", "+60123456789"},
		"a Hungarian number abroad":              {"+36 30 123 4567", "MY", ann},
		"a Malaysian mobile":                     {"012-345 6789", "MY", "+60123456789"},
		"an Iranian mobile":                      {"۰۹۱۲ ۳۴۵ ۶۷۸۹", "IR", "+989123456789"},
		"Arabic digits":                          {"٠٩١٢٣٤٥٦٧٨٩", "IR", "+989123456789"},
		"a landline in Budapest":                 {"06 1 234 5678", "HU", "+3612345678"},
		"no country: digits are kept":            {"06 30 123-4567", "", "06301234567"},
		"no country, but + says which":           {ann, "", ann},
		"no country, but 00 says which":          {"0036301234567", "", ann},
		"letters are not the digits of keys":     {"06 30 KAVE 567", "HU", ""},
		"letters, no country":                    {"06 30 KAVE 567", "", ""},
		"an extension":                           {"06 30 123 4567 ext. 5", "HU", ""},
		"a number that needs its area code":      {"123 4567", "HU", ""},
		"a barcode":                              {"4006381333931", "HU", ""},
		"too short":                              {"1234", "", ""},
		"too long":                               {"1234567890123456", "", ""},
		"a country code of nowhere":              {"+999 123 456 789", "HU", ""},
		"two plus signs":                         {"++36301234567", "HU", ""},
		"a plus in the middle":                   {"0630+1234567", "HU", ""},
		"nothing":                                {"", "HU", ""},
		"no digits":                              {"-", "", ""},
		"control characters are not punctuation": {"06301234\x1b567", "HU", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := pos.NormalPhone(tt.text, tt.country)
			if tt.want == "" {
				require.ErrorIs(t, err, pos.Refuse("member.phone"))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// One person has one number, whichever way a cashier wrote it: separators
// anywhere, any script's digits, any prefix.
func TestOneNumberHoweverWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subscriber := rapid.StringMatching(`(20|30|31|50|70)[1-9][0-9]{6}`).Draw(t, "number")
		prefix := rapid.SampledFrom([]string{"06", "+36", "0036", ""}).Draw(t, "prefix")
		zero := rapid.SampledFrom([]rune{'0', '۰', '٠'}).Draw(t, "digits")
		var written strings.Builder
		for _, digit := range prefix + subscriber {
			if digit >= '0' {
				digit += zero - '0'
			}
			written.WriteString(rapid.SampledFrom([]string{"", "", " ", "-", "/", ".", "("}).Draw(t, "between") + string(digit))
		}
		got, err := pos.NormalPhone(written.String(), "HU")
		require.NoError(t, err, written.String())
		require.Equal(t, "+36"+subscriber, got)
		again, err := pos.NormalPhone(got, "")
		require.NoError(t, err)
		require.Equal(t, got, again, "the stored form does not change")
	})
}

func TestCleanName(t *testing.T) {
	tests := map[string]struct{ name, want string }{
		"as it is":                              {"Kőszegi Ödön", "Kőszegi Ödön"},
		"spaces of every kind become one":       {"  Ann\t\u00a0 \u2003Archer\n", "Ann Archer"},
		"a line break is a space":               {"Ann\u2028Archer", "Ann Archer"},
		"combining marks are composed":          {"Ko\u030bszegi", "Kőszegi"},
		"marks in another order are the same":   {"a\u0323\u0302", "ậ"},
		"marks without a composed form stay":    {"x\u0301", "x\u0301"},
		"composed once what stood between went": {"e\u0000\u0301", "é"},
		"escape sequences lose their escape":    {"\x1b[31mAnn\x07", "[31mAnn"},
		"bytes that are no UTF-8 go":            {"A\xff\xfenn", "Ann"},
		"the replacement character goes":        {"A\ufffdnn", "Ann"},
		"marks that turn the line around go":    {"\u202eAnn\u2066\u200f", "Ann"},
		"a byte order mark goes":                {"\ufeffAnn", "Ann"},
		"Persian with its joiner":               {"می\u200cخواهم", "می\u200cخواهم"},
		"emoji":                                 {"Ann 🌷", "Ann 🌷"},
		"an emoji family keeps its joiners":     {"👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
		"an emoji of a colour":                  {"👍🏽", "👍🏽"},
		"Arabic":                                {"علي", "علي"},
		"nothing":                               {" \t ", ""},
		"joiners with nothing to join":          {"\u200c \u200d", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, pos.CleanName(tt.name)) })
	}
}

func TestFold(t *testing.T) {
	for name, alike := range map[string][]string{
		"accents":                    {"Kőszegi", "koszegi", "KŐSZEGI", "Ko\u030bszegi", "kőszegi "},
		"Arabic and Persian yeh":     {"علي", "علی"},
		"Arabic and Persian kaf":     {"كريمي", "کریمی"},
		"joiners":                    {"می\u200cنا", "مینا"},
		"tatweel":                    {"عـــلی", "علی"},
		"vowel marks":                {"عَلی", "علی"},
		"hamza over heh":             {"خانهٔ", "خانه", "خانۀ", "خانة"},
		"letters with a stroke":      {"Ørsted Łukasz Đorđe", "orsted lukasz dorde"},
		"sharp s":                    {"Groß", "GROẞ", "gross"},
		"ligatures":                  {"Æsop Œuvre ﬁne", "aesop oeuvre fine"},
		"Turkish i":                  {"Işıl İnci", "isil inci"},
		"the last sigma of a word":   {"Κώστας", "ΚΩΣΤΑΣ"},
		"digits":                     {"Café 7", "cafe ۷", "CAFÉ ٧", "cafe ７"},
		"full-width letters":         {"Ａｎｎ", "ann"},
		"a lone accent is no sign":   {"O\u00b4Brien", "o brien"},
		"nothing, or nothing to see": {"", "  ", "\u200c", "\u0301"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range alike {
				require.Equal(t, pos.Fold(alike[0]), pos.Fold(text), "%+q", text)
			}
		})
	}
	require.Equal(t, "koszegi", pos.Fold("Kőszegi"))
	require.Equal(t, "🌷", pos.Fold("🌷"))
	require.NotEqual(t, pos.Fold("علی"), pos.Fold("علا"))
}

// Cleaning and folding are done once: what is stored is found again, whatever a
// keyboard, a scanner or the line put into a name.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"Kőszegi", "علي", "e\u0000\u0301", "\x1b[0m", "👨\u200d👩\u200d👧", "\xff", "\u00b4", "ẞ", "ﷺ", "\u0344", "İ", "가", "が"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean := pos.CleanName(name)
		require.Equal(t, clean, pos.CleanName(clean))
		require.True(t, utf8.ValidString(clean))
		for _, r := range clean {
			require.False(t, unicode.IsControl(r), "%+q", clean)
		}
		require.Equal(t, pos.Fold(name), pos.Fold(clean))
		require.Equal(t, pos.Fold(name), pos.Fold(pos.Fold(name)))
	})
}

func TestASCIIDigits(t *testing.T) {
	require.Equal(t, "TC1 0123456789 0123456789 x", pos.ASCIIDigits("TC1 ۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩ x"))
	require.Equal(t, "1,234.5", pos.ASCIIDigits("۱٬۲۳۴٫۵"))
}

func TestBirthday(t *testing.T) {
	for text, want := range map[string]pos.Birthday{
		"02-29": {Month: 2, Day: 29}, "12-31": {Month: 12, Day: 31}, " 01-01 ": {Month: 1, Day: 1},
	} {
		got, err := pos.ParseBirthday(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
		require.Equal(t, strings.TrimSpace(text), got.String())
	}
	for _, text := range []string{"", "02-30", "13-01", "00-10", "2-9", "1990-02-03", "02/03", "02-03-", "x"} {
		_, err := pos.ParseBirthday(text)
		require.ErrorIs(t, err, pos.Refuse("member.birthday"), text)
	}
	require.Empty(t, pos.Birthday{}.String())
}

func TestCleanProfile(t *testing.T) {
	long := strings.Repeat("é", 201)
	tests := map[string]struct {
		profile pos.Profile
		problem string
	}{
		"a name alone":                  {pos.Profile{Name: "Ann"}, ""},
		"a phone alone":                 {pos.Profile{Phone: "06 30 123 4567"}, ""},
		"neither":                       {pos.Profile{Email: "ann@example.com"}, "member.empty"},
		"spaces only":                   {pos.Profile{Name: " ", Phone: " "}, "member.empty"},
		"a name that nobody can see":    {pos.Profile{Name: "\u200d"}, "member.empty"},
		"the longest name":              {pos.Profile{Name: strings.Repeat("é", pos.MaxName)}, ""},
		"a longer one":                  {pos.Profile{Name: strings.Repeat("é", pos.MaxName+1)}, "member.name.long"},
		"a bad phone":                   {pos.Profile{Name: "Ann", Phone: "KAVE"}, "member.phone"},
		"an e-mail address":             {pos.Profile{Name: "Ann", Email: " ann@example.com "}, ""},
		"no at sign":                    {pos.Profile{Name: "Ann", Email: "ann.example.com"}, "member.email"},
		"nothing before it":             {pos.Profile{Name: "Ann", Email: "@example.com"}, "member.email"},
		"nothing behind it":             {pos.Profile{Name: "Ann", Email: "ann@"}, "member.email"},
		"a space in an address":         {pos.Profile{Name: "Ann", Email: "ann archer@example.com"}, "member.email"},
		"an escape in an address":       {pos.Profile{Name: "Ann", Email: "ann\x1b@example.com"}, "member.email"},
		"an address that is no UTF-8":   {pos.Profile{Name: "Ann", Email: "ann\xff@example.com"}, "member.email"},
		"a long address":                {pos.Profile{Name: "Ann", Email: long + "@example.com"}, "member.email"},
		"a birthday":                    {pos.Profile{Name: "Ann", Birthday: pos.Birthday{Month: 2, Day: 29}}, ""},
		"a birthday that is no day":     {pos.Profile{Name: "Ann", Birthday: pos.Birthday{Month: 2, Day: 30}}, "member.birthday"},
		"a birthday without a month":    {pos.Profile{Name: "Ann", Birthday: pos.Birthday{Day: 3}}, "member.birthday"},
		"a field":                       {pos.Profile{Name: "Ann", Fields: map[string]string{"milk": "oat"}}, ""},
		"a field without a name":        {pos.Profile{Name: "Ann", Fields: map[string]string{"": "oat"}}, "member.field"},
		"a field with a long name":      {pos.Profile{Name: "Ann", Fields: map[string]string{long: "oat"}}, "member.field"},
		"a long field":                  {pos.Profile{Name: "Ann", Fields: map[string]string{"milk": long}}, "member.field"},
		"a field with an escape":        {pos.Profile{Name: "Ann", Fields: map[string]string{"milk": "\x1b[2J"}}, "member.field"},
		"a field that is no UTF-8":      {pos.Profile{Name: "Ann", Fields: map[string]string{"milk": "\xff"}}, "member.field"},
		"a consent":                     {pos.Profile{Name: "Ann", Consents: map[string]int64{"mail": 1}}, ""},
		"a consent to nothing":          {pos.Profile{Name: "Ann", Consents: map[string]int64{"": 1}}, "member.field"},
		"a consent that is no UTF-8":    {pos.Profile{Name: "Ann", Consents: map[string]int64{"\xff": 1}}, "member.field"},
		"a language that is no UTF-8":   {pos.Profile{Name: "Ann", Language: "\xff"}, "member.field"},
		"a home store that is no UTF-8": {pos.Profile{Name: "Ann", HomeStore: "\xff"}, "member.field"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			clean, err := tt.profile.Clean("HU")
			if tt.problem != "" {
				require.ErrorIs(t, err, pos.Refuse(tt.problem))
				return
			}
			require.NoError(t, err)
			again, err := clean.Clean("HU")
			require.NoError(t, err)
			require.Equal(t, clean, again)
		})
	}
	clean, err := pos.Profile{Name: " Ann ", Phone: "06301234567", Email: " ann@example.com "}.Clean("HU")
	require.NoError(t, err)
	require.Equal(t, pos.Profile{Name: "Ann", Phone: "+36301234567", Email: "ann@example.com"}, clean)
}

func version() *rapid.Generator[pos.Profile] {
	return rapid.Custom(func(t *rapid.T) pos.Profile {
		return pos.Profile{
			Name:      rapid.SampledFrom([]string{"Ann", "Anna"}).Draw(t, "name"),
			Changed:   rapid.Int64Range(0, 3).Draw(t, "changed"),
			ChangedBy: pos.TerminalID{byte(rapid.IntRange(0, 2).Draw(t, "terminal")), byte(rapid.IntRange(127, 129).Draw(t, "and"))},
		}
	})
}

// Of two versions one is newer, unless they are the same one; and newer than
// newer is newer. So everybody who has seen the same versions, in whatever order,
// holds the same one.
func TestNewerIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := version().Draw(t, "a"), version().Draw(t, "b"), version().Draw(t, "c")
		same := a.Changed == b.Changed && a.ChangedBy == b.ChangedBy && a.Name == b.Name // copies of one till may write at one moment
		require.Equal(t, !same, a.Newer(b) != b.Newer(a))
		require.False(t, a.Newer(a))
		if a.Newer(b) && b.Newer(c) {
			require.True(t, a.Newer(c))
		}
		settled := func(versions []pos.Profile) (held pos.Profile) {
			for _, v := range versions {
				if v.Newer(held) {
					held = v
				}
			}
			return held
		}
		versions := []pos.Profile{a, b, c}
		require.Equal(t, settled(versions), settled(rapid.Permutation(slices.Clone(versions)).Draw(t, "order")))
	})
	require.True(t, pos.Profile{Changed: 2}.Newer(pos.Profile{Changed: 1, ChangedBy: pos.TerminalID{9}}), "time counts before the terminal")
}

func TestProfileCode(t *testing.T) {
	require.Equal(t, "TC1X", pos.Profile{Codes: []string{"TC1X", "4006381333931"}}.Code())
	require.Empty(t, pos.Profile{}.Code())
}

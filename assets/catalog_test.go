package assets_test

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
)

// pluralForms holds the forms that each language's sentences about numbers need.
var pluralForms = map[string][]string{
	"en": {"one", "other"},
	"fa": {"one", "other"},
	"hu": {"one", "other"},
	"ms": {"other"},
}

func TestLanguages(t *testing.T) {
	require.Equal(t, []string{"en", "fa", "hu", "ms"}, assets.Languages())
	for _, language := range assets.Languages() {
		require.Contains(t, pluralForms, language)
	}
}

// A sentence that one language lacks would be English there, and one that English
// lacks would be a key on the screen.
func TestLanguagesSayTheSame(t *testing.T) {
	english := readCatalog(t, "en")
	for _, language := range assets.Languages() {
		t.Run(language, func(t *testing.T) {
			catalog := readCatalog(t, language)
			require.Equal(t, slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(catalog)))
			printer, err := assets.NewPrinter(language, currency(t, "EUR"), time.UTC)
			require.NoError(t, err)
			require.ElementsMatch(t, slices.Collect(maps.Keys(catalog)), printer.Keys())
			for key, forms := range catalog {
				require.Equal(t, forms["other"], printer.T(key), key)
				requireForms(t, key, language, english[key], forms)
			}
		})
	}
}

func requireForms(t *testing.T, key, language string, english, forms map[string]string) {
	t.Helper()
	want := []string{"other"}
	if len(english) > 1 {
		want = pluralForms[language]
	}
	require.Equal(t, want, slices.Sorted(maps.Keys(forms)), "plural forms of %s", key)
	require.Equal(t, places(english["other"]), places(forms["other"]), "places of %s", key)
	for form, text := range forms {
		require.NotEmpty(t, text, key)
		require.Equal(t, strings.TrimSpace(text), text, key)
		require.NotContains(t, text, "\n", key)
		require.Subset(t, places(forms["other"]), places(text), "places of %s, form %s", key, form)
		if len(forms) > 1 && !slices.Contains(places(text), "n") {
			require.NotRegexp(t, `[0-9]`, text, "%s has to print {n}: the form %s is not for one number only", key, form)
		}
	}
	if len(forms) > 1 {
		require.Contains(t, places(forms["other"]), "n", "%s has plural forms, but no number to choose by", key)
	}
}

// The screens have 80 columns, which were laid out in English.
func TestTranslationsStayShort(t *testing.T) {
	english := readCatalog(t, "en")
	for _, language := range assets.Languages() {
		for key, forms := range readCatalog(t, language) {
			most := utf8.RuneCountInString(english[key]["other"])*14/10 + 8
			for _, text := range forms {
				require.LessOrEqual(t, utf8.RuneCountInString(text), most, "%s in %s: %s", key, language, text)
			}
		}
	}
}

// Arabic letters and digits that look like Persian ones are not found by who
// searches for the Persian ones.
func TestPersianIsWrittenAsPersian(t *testing.T) {
	for key, forms := range readCatalog(t, "fa") {
		for _, text := range forms {
			require.NotRegexp(t, `[\x{064A}\x{0643}\x{0649}\x{06C0}]`, text, "%s: Arabic ye or ke, or a heh with its yeh in one", key)
			require.NotRegexp(t, `[\x{0660}-\x{0669}]`, text, "%s: Arabic digits", key)
			require.NotRegexp(t, `(^|[\p{Arabic}.:،؛(»] ?)(--|/)[a-z]`, text, "%s: a left-to-right mark stands before an option or a path", key)
			require.NotRegexp(t, `\p{Arabic}[,;?]`, text, "%s: Latin punctuation", key)
			require.NotRegexp(t, `(^|\P{Arabic})\x{200C}|\x{200C}(\P{Arabic}|$)`, text, "%s: a zero width non-joiner joins two Persian letters", key)
		}
	}
}

var placePattern = regexp.MustCompile(`\{([a-z]*)\}`)

// places returns the names of the places in the text, each once, in order.
func places(text string) []string {
	var names []string
	for _, match := range placePattern.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestPlacesAreWellFormed(t *testing.T) {
	for _, language := range assets.Languages() {
		for key, forms := range readCatalog(t, language) {
			for _, text := range forms {
				require.NotContains(t, placePattern.ReplaceAllString(text, ""), "{", "%s in %s", key, language)
				require.NotContains(t, placePattern.ReplaceAllString(text, ""), "}", "%s in %s", key, language)
				require.NotContains(t, places(text), "", "%s in %s", key, language)
			}
		}
	}
}

// readCatalog reads a language's files anew: its sentences by key, each by
// plural form. A key may stand in one file only.
func readCatalog(t *testing.T, language string) map[string]map[string]string {
	t.Helper()
	catalog := map[string]map[string]string{}
	names, err := fs.Glob(os.DirFS("lang"), language+"/*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		document, err := os.ReadFile("lang/" + name)
		require.NoError(t, err)
		var tree map[string]any
		require.NoError(t, toml.Unmarshal(document, &tree), name)
		found := map[string]map[string]string{}
		collect(t, found, nil, tree)
		for key, forms := range found {
			require.NotContains(t, catalog, key, "%s has a key that another file has too", name)
			catalog[key] = forms
		}
	}
	return catalog
}

var formNames = []string{"zero", "one", "two", "few", "many", "other"}

func collect(t *testing.T, into map[string]map[string]string, path []string, tree map[string]any) {
	t.Helper()
	plural := true
	for name := range tree {
		plural = plural && slices.Contains(formNames, name)
	}
	for name, value := range tree {
		below := append(slices.Clone(path), name)
		key, form := strings.Join(below, "."), "other"
		if plural {
			key, form = strings.Join(path, "."), name
		}
		if table, ok := value.(map[string]any); ok {
			collect(t, into, below, table)
			continue
		}
		require.IsType(t, "", value, key)
		if into[key] == nil {
			into[key] = map[string]string{}
		}
		into[key][form] = value.(string)
	}
}

func currency(t *testing.T, code string) pos.Currency {
	t.Helper()
	found, ok := pos.CurrencyOf(code)
	require.True(t, ok, code)
	return found
}

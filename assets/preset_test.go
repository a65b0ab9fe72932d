package assets_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/draft"
	"tenthcup/pos/program"
)

var currencies = []string{
	"EUR", "USD", "GBP", "CHF", "HUF", "MYR", "SGD", "IRR", "PLN", "CZK", "RON", "SEK",
	"NOK", "DKK", "CAD", "AUD", "NZD", "JPY", "KRW", "INR", "TRY", "AED", "BRL", "ZAR",
}

// Every sample can be read in every language and currency, does what it says and
// has no trap.
func TestPresets(t *testing.T) {
	require.Equal(t, []string{
		"bakery", "bazaar", "beauty", "cafe", "carwash", "garage", "gym", "hotel", "online", "pharmacy", "restaurant", "retail", "shop",
	}, assets.Presets())
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	for _, name := range assets.Presets() {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, string(readme), "| `"+name+"` |")
			for i, code := range currencies {
				for _, language := range assets.Languages() {
					p := preset(t, name, language, code)
					require.NotEmpty(t, p.Title)
					require.NotEmpty(t, p.Rewards)
					require.NotEmpty(t, p.Examples)
					if language != assets.Languages()[i%len(assets.Languages())] {
						continue // names change nothing
					}
					report := program.Check(&p, 3)
					for _, outcome := range report.Examples {
						require.Empty(t, outcome.Wrong, "%s in %s: %s", name, code, outcome.Name)
					}
					require.Empty(t, report.Traps, "%s in %s", name, code)
				}
			}
		})
	}
}

// preset reads a sample as a shop of the language and currency does.
func preset(t *testing.T, name, language, code string) pos.Program {
	t.Helper()
	words, err := assets.NewPrinter(language, currency(t, code), time.UTC)
	require.NoError(t, err)
	document, err := assets.Preset(name, words)
	require.NoError(t, err)
	require.NotContains(t, string(document), "{{")
	require.NotContains(t, string(document), "preset.", "a name that no catalog has")
	require.NotContains(t, string(document), "kind.", "a kind that no catalog has")
	p, err := pos.ParseProgram(document, currency(t, code))
	require.NoError(t, err, "%s in %s and %s", name, language, code)
	return p
}

// There is an example of every kind of rule in one of the samples, which so say all
// that a program can.
func TestEveryKindOfRuleHasAnExample(t *testing.T) {
	var all []*pos.Program
	for _, name := range assets.Presets() {
		p := preset(t, name, "en", "EUR")
		all = append(all, &p)
	}
	words, err := assets.NewPrinter("en", currency(t, "EUR"), time.UTC)
	require.NoError(t, err)
	covered := program.Coverage(all)
	require.Greater(t, len(covered), 100)
	for _, kind := range covered {
		require.True(t, words.Has(kind.Says.Key), kind.ID)
		require.NotEmpty(t, kind.Example, "no example of %s", kind.ID)
	}
	for name, want := range map[string][]string{
		"cafe":    {"card.hand", "card.overflow", "cost.card", "reward.gift"},
		"shop":    {"cost.points", "earn.money", "expiry.months", "reward.gift"},
		"carwash": {"campaign.item", "campaign.multiply", "campaign.switch", "card.unit", "cost.card", "earn.visit", "expiry.month"},
	} {
		p := preset(t, name, "en", "EUR")
		var shown []string
		for _, kind := range program.Coverage([]*pos.Program{&p}) {
			if kind.Example != "" {
				shown = append(shown, kind.ID)
			}
		}
		slices.Sort(shown)
		require.Equal(t, want, shown, "no kind is shown by what has nothing to do with it")
	}
	none := program.Coverage(nil)
	require.Len(t, none, len(covered))
	require.Empty(t, none[0].Example)
}

// A multiple of the unit that the currency cannot write would be rounded in
// silence, and the examples of a sample would be wrong there.
func TestMultiplesAreExact(t *testing.T) {
	place := regexp.MustCompile(`\{\{unit\*([0-9.]+)\}\}`)
	for _, name := range assets.Presets() {
		document, err := os.ReadFile("program/" + name + ".toml")
		require.NoError(t, err)
		for _, match := range place.FindAllStringSubmatch(string(document), -1) {
			for _, code := range currencies {
				c := currency(t, code)
				unit, err := c.Parse(c.Unit, '.')
				require.NoError(t, err)
				var whole, part int64
				var digits string
				_, err = fmt.Sscanf(match[1], "%d.%s", &whole, &digits)
				if err == nil {
					_, err = fmt.Sscan(digits, &part)
					require.NoError(t, err)
				}
				scale := int64(1)
				for range digits {
					scale *= 10
				}
				require.Zero(t, int64(unit)*part%scale, "%s in %s", match[0], code)
			}
		}
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(currencies))), len(currencies))
}

// presetNames returns the names that samples leave to the catalogs.
func presetNames() []string {
	var names []string
	for _, preset := range assets.Presets() {
		document, err := os.ReadFile("program/" + preset + ".toml")
		if err != nil {
			panic(err)
		}
		for _, match := range regexp.MustCompile(`\{\{([a-z]+)\}\}`).FindAllStringSubmatch(string(document), -1) {
			if match[1] != "unit" {
				names = append(names, match[1])
			}
		}
	}
	return names
}

// fieldNames returns what documents call the fields of a program.
func fieldNames() []string {
	names := []string{"points", "card", "reward", "floor", "budget", "most"} // whose tags are at other tables
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for field := range of.Fields() {
			name := field.Tag.Get("toml")
			if name == "id" || name == "example" || name == "accept" || !field.IsExported() {
				continue
			}
			if name != "" && name != "-" {
				names = append(names, name)
			}
			walk(field.Type)
		}
	}
	walk(reflect.TypeFor[pos.Program]())
	return names
}

func TestUnknownPreset(t *testing.T) {
	for _, name := range []string{"casino", "", ".", "../lang/en/pos", "shop.toml"} {
		words, err := assets.NewPrinter("en", currency(t, "EUR"), time.UTC)
		require.NoError(t, err)
		_, err = assets.Preset(name, words)
		require.ErrorIs(t, err, pos.Refuse("preset.unknown"), name)
	}
}

// editorNames returns the keys of a program document that the editor has words of its
// own for, with the Go type that has them or without; of "value" their choices.
func editorNames(part string) (names []string) {
	euro, _ := pos.CurrencyOf("EUR")
	words, err := assets.NewPrinter("en", euro, time.UTC)
	if err != nil {
		panic(err)
	}
	var walk func([]draft.Field)
	walk = func(fields []draft.Field) {
		for _, f := range fields {
			keys := []string{f.Of + "-" + f.Name, f.Name}
			if part == "value" {
				keys = nil
				for _, word := range f.Choice {
					keys = append(keys, f.Name+"-"+word, word)
				}
			}
			for _, key := range keys {
				if words.Has("editor." + part + "." + key) {
					names = append(names, key)
				}
			}
			walk(f.Fields)
		}
	}
	walk(draft.Shape())
	return names
}

// Every key of a program document has a name, which the editor shows.
func TestKeysHaveNames(t *testing.T) {
	euro, _ := pos.CurrencyOf("EUR")
	words, err := assets.NewPrinter("en", euro, time.UTC)
	require.NoError(t, err)
	var walk func([]draft.Field)
	walk = func(fields []draft.Field) {
		for _, f := range fields {
			named := words.Has("editor.name."+f.Of+"-"+f.Name) || words.Has("editor.name."+f.Name) || words.Has("diff.field."+f.Name)
			require.True(t, named, "%s of %s", f.Name, f.Of)
			walk(f.Fields)
		}
	}
	walk(draft.Shape())
}

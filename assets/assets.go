// Package assets holds what is built into the program: the words of every
// language and the sample programs.
package assets

import (
	"embed"
	"fmt"
	"io/fs"
	"math"
	"math/big"
	"path"
	"regexp"
	"slices"
	"strings"

	"tenthcup/pos"
)

// ReportPage is the template of a report as a page that a browser prints.
//
//go:embed page/report.html
var ReportPage string

//go:embed lang program display
var files embed.FS

// Display returns the files of the page that customers see.
func Display() fs.FS {
	sub, err := fs.Sub(files, "display")
	if err != nil {
		panic(err) // the name is wrong; any test finds it
	}
	return sub
}

// Presets returns the names of the sample programs.
func Presets() []string {
	return names("program", ".toml")
}

// placeholder is what a sample program leaves open: {{unit}}, a sum that buys a
// small thing; {{unit*2.5}}, a multiple of it; {{minor*100}},
// a hundred cents; {{coffee}}, a name of the catalog's
// table preset; {{kind.card.hand}}, any sentence of the catalog.
var placeholder = regexp.MustCompile(`\{\{[a-z.]+(\*[0-9.]+)?\}\}`)

// Preset returns the document of the sample program, with names in the printer's
// language and amounts that suit its currency.
func Preset(name string, words *Printer) ([]byte, error) {
	document, err := files.ReadFile("program/" + name + ".toml")
	if err != nil {
		return nil, pos.Refuse("preset.unknown", "name", name, "names", Presets())
	}
	return placeholder.ReplaceAllFunc(document, func(place []byte) []byte {
		key, times, _ := strings.Cut(string(place[2:len(place)-2]), "*")
		switch {
		case key == "unit":
			return []byte(multiple(words.Currency(), times))
		case key == "minor":
			return []byte(minor(words.Currency(), times))
		case strings.Contains(key, "."):
			return []byte(words.T(key))
		}
		return []byte(words.T("preset." + key))
	}), nil
}

// multiple returns so many times the currency's unit, "" being once, as a document
// writes it: with the currency's own digits.
func multiple(currency pos.Currency, times string) string {
	unit, _ := new(big.Rat).SetString(currency.Unit)
	factor, ok := new(big.Rat).SetString(times)
	if !ok {
		return currency.Unit
	}
	return unit.Mul(unit, factor).FloatString(currency.Exponent)
}

// minor returns so many of the currency's smallest units, as a document writes it.
func minor(currency pos.Currency, times string) string {
	amount, _ := new(big.Rat).SetString(times)
	return amount.Quo(amount, new(big.Rat).SetInt64(int64(math.Pow10(currency.Exponent)))).FloatString(currency.Exponent)
}

// Languages returns the codes of the languages that have a catalog, English first.
func Languages() []string {
	languages := names("lang", "")
	slices.SortFunc(languages, func(a, b string) int {
		if a == "en" {
			return -1
		}
		if b == "en" {
			return 1
		}
		return strings.Compare(a, b)
	})
	return languages
}

func names(folder, suffix string) []string {
	entries, err := files.ReadDir(folder)
	if err != nil {
		panic(fmt.Sprintf("assets were not embedded: %v", err))
	}
	found := make([]string, 0, len(entries))
	for _, entry := range entries {
		found = append(found, strings.TrimSuffix(entry.Name(), suffix))
	}
	return found
}

// catalogFiles returns the documents of one language's catalog by their path.
func catalogFiles(language string) (map[string][]byte, error) {
	documents := map[string][]byte{}
	folder := path.Join("lang", language)
	err := fs.WalkDir(files, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		documents[name], err = files.ReadFile(name)
		return err
	})
	return documents, err
}

// Package assets holds what is built into the program: the words of every
// language and the sample programs.
package assets

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"tenthcup/pos"
)

//go:embed lang program
var files embed.FS

// Presets returns the names of the sample programs.
func Presets() []string {
	return names("program", ".toml")
}

// Preset returns the document of the sample program, with amounts that suit the
// currency.
func Preset(name string, currency pos.Currency) ([]byte, error) {
	document, err := files.ReadFile("program/" + name + ".toml")
	if err != nil {
		return nil, pos.Refuse("preset.unknown", "name", name, "names", strings.Join(Presets(), ", "))
	}
	return []byte(strings.ReplaceAll(string(document), "{{unit}}", currency.Unit)), nil
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

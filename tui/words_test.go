package tui_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
)

// Every word that a screen asks for is in the catalog, and no word in the
// catalog of the screens is there for nothing.
func TestWords(t *testing.T) {
	document, err := os.ReadFile("../assets/lang/en/screen.toml")
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, toml.Unmarshal(document, &tree))
	words, err := assets.NewPrinter("en", pos.Currency{}, nil)
	require.NoError(t, err)
	asked := literals(t)
	for table := range tree {
		for key := range asked {
			if strings.HasPrefix(key, table+".") && !strings.HasSuffix(key, ".") {
				require.True(t, words.Has(key), "%s is not in the catalog", key)
			}
		}
		for _, key := range words.Keys() {
			if !strings.HasPrefix(key, table+".") || table == "keys" {
				continue
			}
			used := asked[key] || asked[strings.Replace(key, ".help.", ".key.", 1)]
			require.True(t, used, "nothing asks for %s", key)
		}
	}
}

// literals returns the texts in the code of the screens that look like keys.
func literals(t *testing.T) map[string]bool {
	found := map[string]bool{}
	pattern := regexp.MustCompile(`"([a-z]+(\.[a-z]+)+)"`)
	require.NoError(t, filepath.WalkDir(".", func(name string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := os.ReadFile(name)
		for _, match := range pattern.FindAllStringSubmatch(string(source), -1) {
			found[match[1]] = true
		}
		return err
	}))
	return found
}

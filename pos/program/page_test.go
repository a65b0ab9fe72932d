package program_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/program"
)

// The page that describes the document is a program that does what it says, and it
// names every table and every key that there is.
func TestPageAboutTheDocument(t *testing.T) {
	page, err := os.ReadFile("../PROGRAM.md")
	require.NoError(t, err)
	var document strings.Builder
	for _, block := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		document.WriteString(block[1])
	}
	p := parsed(t, document.String())
	report := program.Check(p, 3)
	require.Len(t, report.Examples, 3)
	for _, outcome := range report.Examples {
		require.Empty(t, said(t, outcome.Wrong), outcome.Name)
	}
	require.Empty(t, report.Traps)

	seen := map[reflect.Type]bool{}
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for field := range of.Fields() {
			if !field.IsExported() {
				continue
			}
			if key := field.Tag.Get("toml"); key != "" && key != "-" {
				require.Regexp(t, "(`|\\[)"+key+"(`|\\]| = )|\n"+key+" = ", string(page), "%s of %s is not described", key, of)
			}
			walk(field.Type)
		}
	}
	walk(reflect.TypeFor[pos.Program]())
}

package program_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/program"
)

// Whatever document is read, all that can be said about it can be said: in sentences
// that the catalogs have, and without a difference from itself.
func FuzzCheck(f *testing.F) {
	printer, err := english()
	require.NoError(f, err)
	for _, name := range assets.Presets() {
		document, err := assets.Preset(name, printer)
		require.NoError(f, err)
		f.Add(document)
	}
	f.Add([]byte(shop))
	f.Fuzz(func(t *testing.T, document []byte) {
		if len(document) > 20_000 {
			return
		}
		p, err := pos.ParseProgram(document, euro)
		if err != nil {
			return
		}
		var all []pos.Sentence
		report := program.Check(&p, 3)
		all = append(all, report.Worst...)
		for _, outcome := range report.Examples {
			all = append(all, outcome.Wrong...)
		}
		for _, trap := range report.Traps {
			all = append(all, trap.Says)
		}
		for _, section := range program.Terms(&p) {
			for _, line := range section.Lines {
				all = append(all, line.Says...)
			}
		}
		for _, sentence := range all {
			require.True(t, printer.Has(sentence.Key), sentence.Key)
			require.False(t, strings.HasPrefix(printer.Say(sentence), "program."), sentence.Key)
		}
		_, err = json.Marshal(all)
		require.NoError(t, err)
		program.Coverage([]*pos.Program{&p})
		require.Empty(t, program.Diff(&p, &p))
	})
}

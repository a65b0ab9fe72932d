package program_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/program"
)

var setting = regexp.MustCompile(`([a-z_]+) = ("[^"]*"|[0-9][0-9./-]*|true|\[[^\]]*\])`)

// Whatever is written in the place of a value, a document is refused with the line
// of the mistake, or is a program about which all can be said.
func TestEveryWrongValueHasItsLine(t *testing.T) {
	samples := map[string]string{}
	for _, name := range assets.Presets() {
		document, err := assets.Preset(name, words(t))
		require.NoError(t, err)
		samples[name] = string(document)
	}
	values := []string{"-1", "0", "1", "7", "3.5", "999999999999", "true", "false", `""`, `"x"`, `"-1"`, `"0"`, `"1/0"`, `"99999999"`, `"2026-02-30"`, `"25:00-26:00"`, "[]", `["x"]`, "[1]", "{}", "2026-02-28"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(assets.Presets()).Draw(t, "sample")
		text := samples[name]
		all := setting.FindAllStringSubmatchIndex(text, -1)
		at := all[rapid.IntRange(0, len(all)-1).Draw(t, "setting")]
		value := rapid.SampledFrom(values).Draw(t, "value")
		changed := text[:at[4]] + value + text[at[5]:]
		key, line := text[at[2]:at[3]], 1+strings.Count(text[:at[2]], "\n")
		p, err := pos.ParseProgram([]byte(changed), euro)
		if err == nil {
			program.Check(&p, 2)
			require.Empty(t, program.Diff(&p, &p))
			return
		}
		var mistake *pos.DocumentError
		require.ErrorAs(t, err, &mistake)
		if mistake.Path == "" {
			return
		}
		require.Positive(t, mistake.Line, "%s: %s = %s: %v", name, key, value, mistake)
		if strings.HasSuffix(mistake.Path, "."+key) && (strings.Count(text, key+" = ") == 1) {
			require.Equal(t, line, mistake.Line, "%s: %s = %s: %v", name, key, value, mistake)
		}
	})
}

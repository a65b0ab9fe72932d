package theme_test

import (
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/tui/theme"
)

func TestOwnTheme(t *testing.T) {
	own, err := theme.Parse([]byte(`
base = "light"
stamp = "♥"
logo = """
  /\\_/\\
 ( o.o )
"""
[colours]
accent = "#C02050"
bad = "9"
`))
	require.NoError(t, err)
	require.Equal(t, "♥", own.Stamp)
	require.Equal(t, []string{`  /\_/\`, ` ( o.o )`}, own.Logo)
	require.Equal(t, "\x1b[38;2;192;32;80mx\x1b[m", own.Accent.Paint("x"))
	require.Equal(t, "\x1b[1;38;2;192;32;80mx\x1b[m", own.Title.Paint("x"))
	require.Equal(t, "\x1b[1;91mx\x1b[m", own.Bad.Paint("x"))
	require.Equal(t, theme.Light().Muted.Paint("x"), own.Muted.Paint("x"), "what is not said is the base's")
}

func TestMistakesInAThemeSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"colour = 1":                           "doc.setting",
		"[colours]\naccent = \"red wine\"":     "theme.colour",
		"[colours]\naccent = \"#123\"":         "theme.colour",
		"[colours]\naccent = \"256\"":          "theme.colour",
		"[colours]\naccent = \"#12345g\"":      "theme.colour",
		"base = \"pink\"":                      "theme.unknown",
		"stamp = \"abc\"":                      "theme.stamp",
		"logo = \"1\\n2\\n3\\n4\\n5\\n6\\n7\"": "theme.logo",
		"logo = \"\\u0001\"":                   "theme.logo",
	} {
		_, err := theme.Parse([]byte(text))
		var problem *pos.Problem
		require.ErrorAs(t, err, &problem, text)
		require.Equal(t, want, problem.Key, text)
	}
}

func TestNamed(t *testing.T) {
	for _, name := range theme.Names() {
		_, err := theme.Named(name)
		require.NoError(t, err)
	}
	_, err := theme.Named("pink")
	require.ErrorContains(t, err, "theme.unknown")
}

// On a bare console each sign is spelled with one of its font, as wide as it was.
func TestBareConsole(t *testing.T) {
	const frame = "╭─★─╮ ▟██▙ ✓ \x1b[1mŐ\x1b[m › …"
	require.Equal(t, frame, theme.Dark().Spell(frame))
	bare := theme.Console().Spell(frame)
	require.Equal(t, "┌─*─┐ ████ + \x1b[1mŐ\x1b[m > .", bare)
	require.Equal(t, ansi.StringWidth(frame), ansi.StringWidth(bare))
}

package pos_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

const newsProgram = `
title = "Café"
[points]
earn = 1
for = "1"
[[campaign]]
id = "double"
name = "Double points week"
multiply = 2
when = { from = "2026-11-16", until = "2026-11-22" }
[[campaign]]
id = "gold"
name = "For a few only"
multiply = 2
when = { from = "2026-11-16", until = "2026-11-22", first = true }
[[campaign]]
id = "always"
name = "For good"
multiply = 2
[[news]]
text = "Open on Sunday"
until = "2026-11-20"
[[news]]
text = "Try the plum cake"
`

func TestNews(t *testing.T) {
	euro, _ := pos.CurrencyOf("EUR")
	p, err := pos.ParseProgram([]byte(newsProgram), euro)
	require.NoError(t, err)
	texts := func(day string) (all []string) {
		var when pos.Day
		require.NoError(t, when.UnmarshalText([]byte(day)))
		for _, n := range p.NewsOn(when) {
			all = append(all, n.Text)
		}
		return all
	}
	require.Equal(t, []string{"Open on Sunday", "Try the plum cake"}, texts("2026-11-15"))
	require.Equal(t, []string{"Open on Sunday", "Try the plum cake", "Double points week"}, texts("2026-11-20"), "not what only some get")
	require.Equal(t, []string{"Try the plum cake", "Double points week"}, texts("2026-11-22"), "the last day counts")
	require.Equal(t, []string{"Try the plum cake"}, texts("2026-11-23"))
}

func TestMistakesInNews(t *testing.T) {
	euro, _ := pos.CurrencyOf("EUR")
	for text, want := range map[string]string{
		"text = \"\"": "doc.news",
		"text = \"" + strings.Repeat("x", 97) + "\"":                  "doc.news",
		"text = \"a\"\nfrom = \"2026-11-22\"\nuntil = \"2026-11-21\"": "doc.backwards",
	} {
		_, err := pos.ParseProgram([]byte("title = \"x\"\n[points]\nearn = 1\nfor = \"1\"\n[[news]]\n"+text), euro)
		var mistake *pos.DocumentError
		require.ErrorAs(t, err, &mistake)
		require.Equal(t, want, mistake.Problem.Key)
		require.NotZero(t, mistake.Line)
	}
}

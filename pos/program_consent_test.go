package pos_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

func TestConsentsOfAProgram(t *testing.T) {
	euro, _ := pos.CurrencyOf("EUR")
	const consent = "\n[[consent]]\nid = \"news\"\nname = \"News\"\ntext = \"I agree.\"\n"
	for name, tt := range map[string]struct{ text, problem string }{
		"one":                   {consent, ""},
		"no sentence":           {"[[consent]]\nid = \"news\"\n", "doc.missing"},
		"a sentence of blanks":  {"[[consent]]\nid = \"news\"\ntext = \" \"\n", "doc.missing"},
		"one purpose twice":     {consent + consent, "doc.twice"},
		"a purpose with blanks": {strings.Replace(consent, `"news"`, `"my news"`, 1), "doc.id"},
		"nobody reads so much":  {strings.Replace(consent, "I agree.", strings.Repeat("I agree. ", 40), 1), "doc.range"},
		"more than are asked":   {sevenConsents(consent), "doc.range"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := pos.ParseProgram([]byte("title = \"x\"\n[points]\nearn = 1\nfor = \"1\"\n"+tt.text), euro)
			if tt.problem != "" {
				require.ErrorContains(t, err, tt.problem)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []pos.Consent{{ID: "news", Name: "News", Text: "I agree."}}, p.Consents)
		})
	}
}

func sevenConsents(one string) string {
	var all strings.Builder
	for n := range 7 {
		all.WriteString(strings.Replace(one, `"news"`, `"news`+string(rune('a'+n))+`"`, 1))
	}
	return all.String()
}

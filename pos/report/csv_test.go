package report_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos/report"
)

func TestCSV(t *testing.T) {
	rows := [][]report.Field{
		{{Text: "Cashier"}, {Text: "Sales"}},
		{{Text: "Kőszegi, Edit"}, {Text: "-12.50", Number: true}},
		{{Text: `=HYPERLINK("http://x")`}, {Text: "1200", Number: true}},
		{{Text: "+36"}, {Text: "@SUM(A1)"}},
		{{Text: "-1+1"}, {Text: "\t=1"}},
		{{Text: ""}, {Text: "a=b"}},
	}
	require.Equal(t, "\ufeffCashier,Sales\r\n"+
		"\"Kőszegi, Edit\",-12.50\r\n"+
		"\"'=HYPERLINK(\"\"http://x\"\")\",1200\r\n"+
		"'+36,'@SUM(A1)\r\n"+
		"'-1+1,'\t=1\r\n"+
		",a=b\r\n", string(report.CSV(rows, '.')))
	comma := string(report.CSV(rows[:2], ','))
	require.Equal(t, "\ufeffCashier;Sales\r\nKőszegi, Edit;-12,50\r\n", comma)
}

// Whatever a name is, a spreadsheet reads it back as a text, and as one field.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"Ann", "=1+1", "a;b,c", "\"", "a\r\nb", "\ufeff", "-5", "\t"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := report.CSV([][]report.Field{{{Text: text}, {Text: "1.5", Number: true}}}, ',')
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
		r.Comma = ';'
		rows, err := r.ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Len(t, rows[0], 2)
		require.Equal(t, "1,5", rows[0][1])
		read := rows[0][0]
		require.False(t, read != "" && strings.ContainsRune("=+-@\t\r", rune(read[0])), "%q", read)
		if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
			text = "'" + text
		}
		returns := strings.NewReplacer("\r", "") // encoding/csv writes and reads none that ends no line
		require.Equal(t, returns.Replace(text), returns.Replace(read))
	})
}

package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"tenthcup/pos"
)

// CSV returns the table as RFC 4180 has it: the keys of the columns, then a row for
// each line. Numbers have a point and no groups, money is in the currency's own unit,
// and a share of nothing is empty. A table without lines has its figures instead.
func (t Table) CSV(currency pos.Currency) []byte {
	heads := []string{string(t.By)}
	for _, c := range t.Columns {
		heads = append(heads, c.Key)
	}
	rows := [][]string{heads}
	for _, line := range t.Lines {
		row := []string{line.Label}
		for i, n := range line.Cells {
			row = append(row, plain(n, t.Columns[i].Unit, currency))
		}
		rows = append(rows, row)
	}
	var file bytes.Buffer
	_ = csv.NewWriter(&file).WriteAll(rows) // memory takes all of it
	return file.Bytes()
}

func plain(n int64, unit Unit, currency pos.Currency) string {
	switch {
	case n == None:
		return ""
	case unit == Money:
		return decimal(n, currency.Exponent)
	case unit == Percent, unit == Tenths:
		return decimal(n, 1)
	}
	return strconv.FormatInt(n, 10)
}

func decimal(n int64, digits int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	text := strconv.FormatInt(n, 10)
	if digits == 0 {
		return sign + text
	}
	text = strings.Repeat("0", max(digits+1-len(text), 0)) + text
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

package report

import (
	"bytes"
	"encoding/csv"
	"strings"
)

// Field is one field of a file for spreadsheets.
type Field struct {
	Text   string
	Number bool // Text is digits, perhaps behind a minus sign or around a point
}

// CSV returns the rows as spreadsheets open them with a double click: with a byte
// order mark, without which Excel takes UTF-8 for the Windows code page and breaks
// every ő; with lines that end as RFC 4180 says; and, where the language writes
// decimals with a comma, with that comma in numbers and semicolons between fields,
// because Excel reads both by the country it is set to.
//
// A text that a spreadsheet would take for a formula gets an apostrophe in front.
func CSV(rows [][]Field, decimal rune) []byte {
	var file bytes.Buffer
	file.WriteString("\ufeff")
	w := csv.NewWriter(&file)
	w.UseCRLF = true
	if decimal == ',' {
		w.Comma = ';'
	}
	for _, row := range rows {
		fields := make([]string, len(row))
		for i, f := range row {
			fields[i] = f.safe(decimal)
		}
		_ = w.Write(fields) // into memory
	}
	w.Flush()
	return file.Bytes()
}

func (f Field) safe(decimal rune) string {
	switch {
	case f.Number:
		return strings.Replace(f.Text, ".", string(decimal), 1)
	case f.Text != "" && strings.ContainsRune("=+-@\t\r", rune(f.Text[0])):
		return "'" + f.Text
	}
	return f.Text
}

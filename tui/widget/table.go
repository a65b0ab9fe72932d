package widget

import (
	"strings"

	"tenthcup/tui/theme"
)

// Column is one column of a table.
type Column struct {
	Head  string
	Right bool // figures are set to the right
	Cells []string
}

// leastFirst is how narrow the first column may become before the gaps do.
const leastFirst = 10

// Table returns the table's lines: the heads, then a row for each cell. The
// first column takes the room that the others leave.
func Table(t theme.Theme, columns []Column, width int) []string {
	if len(columns) == 0 {
		return nil
	}
	widths := make([]int, len(columns))
	rows := 0
	rest := width
	for i, c := range columns {
		widths[i] = Width(c.Head)
		for _, cell := range c.Cells {
			widths[i] = max(widths[i], Width(cell))
		}
		rows = max(rows, len(c.Cells))
		if i > 0 {
			rest -= widths[i]
		}
	}
	gap := 2
	if rest-gap*(len(columns)-1) < leastFirst {
		gap = 1
	}
	widths[0] = max(rest-gap*(len(columns)-1), 0)
	lines := make([]string, 0, rows+1)
	lines = append(lines, t.Muted.Paint(tableRow(columns, widths, gap, func(c Column) string { return c.Head })))
	for row := range rows {
		lines = append(lines, tableRow(columns, widths, gap, func(c Column) string {
			if row < len(c.Cells) {
				return c.Cells[row]
			}
			return ""
		}))
	}
	for i := range lines {
		lines[i] = Cut(lines[i], width)
	}
	return lines
}

func tableRow(columns []Column, widths []int, gap int, cell func(Column) string) string {
	var row strings.Builder
	for i, c := range columns {
		if i > 0 {
			row.WriteString(Space(gap))
		}
		if c.Right {
			row.WriteString(Right(cell(c), widths[i]))
		} else {
			row.WriteString(Left(cell(c), widths[i]))
		}
	}
	return row.String()
}

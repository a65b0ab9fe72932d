package slip

import (
	"strconv"
	"strings"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/report"
)

// Page is a report laid out for reading, in one language: on a screen, on paper, in a
// browser or in a spreadsheet.
type Page struct {
	Language string
	Title    string
	Facts    []Fact   // above all tables
	Notes    []string // what a manager should look at
	Tables   []Table

	list func([]string) string // the parts of a sentence, as the language joins them
}

// Fact is one thing that there is to say, and what is said about it.
type Fact struct {
	Label string
	Value Cell
}

// Table is a table whose first column is names.
type Table struct {
	Title string
	Heads []string // the first one is that of the names
	Rows  []Row
	Total bool // the last row is of all the others
}

// Row is one row of a table.
type Row struct {
	Name  string // as people typed it: show it with care
	Cells []Cell // one less than heads
}

// Cell is a figure or a text. The zero Cell is empty.
type Cell struct {
	Text   string
	Digits string // the figure for a program: digits, perhaps a minus and a point; "" for a text
	None   bool   // the figure is 0
}

// cells makes cells in the words of a language.
type cells struct{ *assets.Printer }

func (w cells) text(text string) Cell { return Cell{Text: text} }

func (w cells) number(n int64) Cell {
	return Cell{w.Number(n), strconv.FormatInt(n, 10), n == 0}
}

func (w cells) count(n int) Cell { return w.number(int64(n)) }

func (w cells) money(amount pos.Money) Cell {
	exponent := w.Currency().Exponent
	sign, digits := "", strconv.FormatInt(int64(amount), 10)
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if exponent > 0 {
		digits = digits[:len(digits)-exponent] + "." + digits[len(digits)-exponent:]
	}
	return Cell{w.Money(amount), sign + digits, amount == 0}
}

// Shown returns the cell as a table has it, where nothing is a dash.
func (c Cell) Shown() string {
	if c.None {
		return "–"
	}
	return c.Text
}

// Slip returns the page as it is printed on narrow paper: each figure on a line of
// its own.
func (p Page) Slip() Slip {
	s := Slip{Language: p.Language, Lines: []Line{{Text: p.Title, Style: Large, Centre: true}, {}}}
	for _, f := range p.Facts {
		s.Lines = append(s.Lines, Line{Text: f.Label, Right: f.Value.Text})
	}
	for _, t := range p.Tables {
		s.Lines = append(s.Lines, Line{Rule: true}, Line{Text: t.Title, Style: Bold})
		for i, row := range t.Rows {
			style := Normal
			if t.Last(i) {
				style = Bold
			}
			s.Lines = append(s.Lines, row.lines(t.Heads, style)...)
		}
	}
	if len(p.Notes) > 0 {
		s.Lines = append(s.Lines, Line{Rule: true})
	}
	for _, note := range p.Notes {
		s.Lines = append(s.Lines, Line{Text: "! " + note})
	}
	return s
}

// lines is a row on paper: its name with its one figure, or above its figures.
// Figures of nothing are left out.
func (r Row) lines(heads []string, style Style) []Line {
	if len(r.Cells) == 1 {
		return []Line{{Text: r.Name, Right: r.Cells[0].Text, Style: style}}
	}
	lines := []Line{{Text: r.Name, Style: style}}
	for i, c := range r.Cells {
		if !c.None && c.Text != "" {
			lines = append(lines, Line{Text: "  " + heads[i+1], Right: c.Text, Style: style})
		}
	}
	return lines
}

// Sentences returns the page as it is read aloud, or in a terminal's scrollback: a
// line for each row, with the name of each figure.
func (p Page) Sentences() []string {
	lines := []string{p.Title}
	for _, f := range p.Facts {
		lines = append(lines, f.Label+": "+f.Value.Text)
	}
	for _, note := range p.Notes {
		lines = append(lines, "! "+note)
	}
	for _, t := range p.Tables {
		lines = append(lines, "", t.Title)
		for _, r := range t.Rows {
			lines = append(lines, r.sentence(t.Heads, p.list))
		}
	}
	return lines
}

// sentence returns the row with the name of each figure: "Ann: stamps 3, sales €12".
func (r Row) sentence(heads []string, list func([]string) string) string {
	said := make([]string, 0, len(r.Cells))
	for i, c := range r.Cells {
		if c.Text != "" {
			said = append(said, heads[i+1]+" "+c.Text)
		}
	}
	return r.Name + ": " + list(said)
}

// CSV returns the page as a file for spreadsheets: the tables one below the other,
// each under the names of its columns, figures in digits.
func (p Page) CSV(decimal rune) []byte {
	rows := [][]report.Field{{{Text: p.Title}}}
	for _, f := range p.Facts {
		rows = append(rows, []report.Field{{Text: f.Label}, f.Value.field()})
	}
	for _, note := range p.Notes {
		rows = append(rows, []report.Field{{Text: note}})
	}
	for _, t := range p.Tables {
		heads := make([]report.Field, len(t.Heads))
		for i, head := range t.Heads {
			heads[i].Text = head
		}
		heads[0].Text = t.Title
		rows = append(rows, []report.Field{{}}, heads)
		for _, r := range t.Rows {
			fields := []report.Field{{Text: r.Name}}
			for _, c := range r.Cells {
				fields = append(fields, c.field())
			}
			rows = append(rows, fields)
		}
	}
	return report.CSV(rows, decimal)
}

func (c Cell) field() report.Field {
	if c.Digits != "" {
		return report.Field{Text: c.Digits, Number: true}
	}
	return report.Field{Text: c.Text}
}

package slip

import (
	"bytes"
	"fmt"
	"html/template"

	"tenthcup/assets"
)

var pageTemplate = template.Must(template.New("report").Parse(assets.ReportPage))

// HTML returns the page as one file that a browser shows and prints, or saves as PDF:
// without scripts, and with nothing to fetch.
func (p Page) HTML() ([]byte, error) {
	var file bytes.Buffer
	if err := pageTemplate.Execute(&file, p); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return file.Bytes(), nil
}

// Direction returns the direction of the page's language, as HTML names it.
func (p Page) Direction() string {
	switch p.Language {
	case "fa", "ar", "he", "ur":
		return "rtl"
	}
	return "ltr"
}

// Last reports whether the row is the table's total.
func (t Table) Last(row int) bool { return t.Total && row == len(t.Rows)-1 }

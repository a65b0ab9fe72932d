package draft

import (
	"errors"
	"slices"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/program"
)

// Found is what is said of a document as it is now.
type Found struct {
	Program *pos.Program       // nil where there is a mistake
	Mistake *pos.DocumentError // the first one
	Path    []string           // of the table or key that the mistake is about
	Report  program.Report     // empty where there is a mistake
}

// Good reports whether the document can be published: all that it promises holds.
func (f Found) Good() bool { return f.Program != nil && f.Report.Failed() == 0 }

// tills is for how many tills the worst case is told.
const tills = 3

// Look checks the document for a shop that counts in the currency and sells the items.
func (d Doc) Look(currency pos.Currency, items []pos.Item) Found {
	p, err := pos.ParseProgram(d.Text(), currency)
	if mistake, ok := errors.AsType[*pos.DocumentError](err); ok {
		return Found{Mistake: mistake, Path: d.place(mistake)}
	}
	found := Found{Program: &p, Report: program.Check(&p, tills)}
	if len(items) > 0 {
		found.Report.Traps = append(found.Report.Traps, program.Items(&p, items)...)
	}
	return found
}

// place returns what the mistake is about: what it names itself, as far as the
// document has it, or what stands in its line.
func (d Doc) place(mistake *pos.DocumentError) []string {
	if path := strings.Split(mistake.Path, "."); mistake.Path != "" {
		if _, known := FieldAt(path...); known {
			return path
		}
	}
	if mistake.Line == 0 {
		return nil
	}
	path := d.At(mistake.Line)
	for len(path) > 0 { // not into lists
		if _, known := FieldAt(path...); known {
			break
		}
		path = path[:len(path)-1]
	}
	return slices.Clone(path)
}

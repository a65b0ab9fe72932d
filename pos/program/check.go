// Package program says what can be said about a program before it is published:
// whether its own examples hold, what it may lose while tills are disconnected,
// what in it is hardly meant, what a sale would give and why, what changes for
// members from one version to the next, and its terms in plain words.
//
// Everything is found by letting things happen to a member in memory, by package
// rules: no rule is written down twice. It says what it finds in pos.Sentence.
package program

import "tenthcup/pos"

// Report is what Check finds.
type Report struct {
	Title    string         `json:"title"`
	Examples []Outcome      `json:"examples"`
	Worst    []pos.Sentence `json:"worst"` // what may be lost while tills are disconnected
	Traps    []Trap         `json:"traps"`
}

// Outcome is what came of one example, as people read it.
type Outcome struct {
	Name  string         `json:"name"`
	Wrong []pos.Sentence `json:"wrong,omitempty"`
}

// Check tries the program's examples, looks for traps and works out the worst case
// where so many tills are disconnected.
func Check(p *pos.Program, tills int) Report {
	report := Report{Title: p.Title, Examples: []Outcome{}, Worst: Worst(p, tills), Traps: Traps(p)}
	for _, result := range Examples(p) {
		report.Examples = append(report.Examples, Outcome{result.Example.Name, result.Wrong})
	}
	return report
}

// Failed returns how many examples do not hold.
func (r Report) Failed() int {
	failed := 0
	for _, outcome := range r.Examples {
		if len(outcome.Wrong) > 0 {
			failed++
		}
	}
	return failed
}

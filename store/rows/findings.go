package rows

import (
	"errors"
	"fmt"

	"tenthcup/store"
)

// maxFindings is where a check gives up: a ledger with so much wrong is not
// mended by reading more.
const maxFindings = 200

// errEnough ends a check.
var errEnough = errors.New("enough")

// Findings collects what a check found.
type Findings []store.Finding

// Add notes a finding. Its error ends the walk when there are enough.
func (f *Findings) Add(what, place string, args ...any) error {
	*f = append(*f, store.Finding{Place: fmt.Sprintf(place, args...), What: what})
	if len(*f) >= maxFindings {
		return errEnough
	}
	return nil
}

// Counted compares the number of the table's rows with the one kept with it.
func (f *Findings) Counted(b Table, place string, args ...any) error {
	return f.Compare(Count(b), int(b.Number()), place, args...)
}

// Compare notes a table that has another number of rows than belong in it.
func (f *Findings) Compare(has, want int, place string, args ...any) error {
	if has == want {
		return nil
	}
	return f.Add(fmt.Sprintf("%d rows where %d belong", has, want), place, args...)
}

// Check has the database look at itself and, where it finds nothing, runs the walks in
// one transaction. Damage that ends a walk is a finding.
func Check(db DB, walks func(*Findings) []func(Tx) error) ([]store.Finding, error) {
	found := Findings{}
	err := db.Check(&found, func(tx Tx) error {
		for _, walk := range walks(&found) {
			if err := walk(tx); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, errEnough):
		err = nil
	case errors.Is(err, store.ErrCorrupt):
		found, err = append(found, store.Finding{Place: "file", What: err.Error()}), nil
	}
	return found, err
}

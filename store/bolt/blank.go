package bolt

import "tenthcup/store/rows"

// Blank opens a file that a ledger is copied into, whatever is in it, and makes it if
// there is none; its folder must be there. Errors are those of OpenTill.
func Blank(path string) (rows.DB, error) {
	f, err := openFile(path, func(rows.Tx) error { return nil })
	if err != nil {
		return nil, err // not a nil file in an interface
	}
	return f, nil
}

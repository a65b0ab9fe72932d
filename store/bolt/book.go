package bolt

import (
	"errors"

	"tenthcup/store/central"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

// OpenCentral opens a central server's file and makes it if there is none; its
// folder must be there. Errors are those of OpenTill, and store.ErrSecret where
// the file was sealed with another secret.
func OpenCentral(path string, secret seal.Secret) (*central.Book, error) {
	sealer := seal.New(secret)
	f, err := openFile(path, func(tx rows.Tx) error { return central.Ready(tx, sealer) })
	if err != nil {
		return nil, err
	}
	c, err := central.Open(f, secret)
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return c, nil
}

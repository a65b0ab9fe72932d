package rows

import "tenthcup/pos/station"

// Try changes the tries under the key as decide says; none left are not kept.
func Try(table Table, key []byte, decide func(station.Tries) (station.Tries, error)) error {
	var tries station.Tries
	if _, err := Get(table, key, &tries); err != nil {
		return err
	}
	type outcome struct {
		tries station.Tries
		err   error
	}
	next := Callers(func() (o outcome) {
		o.tries, o.err = decide(tries)
		return o
	})
	switch {
	case next.err != nil:
		return next.err
	case next.tries == tries:
		return nil // as nearly always: the PIN is right
	case next.tries == station.Tries{}:
		return table.Delete(key)
	}
	return Put(table, key, next.tries)
}

package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// A broken invariant in a command that runs inside a station is said, never taken
// for success, and leaves the station running.
func TestPanicInsideAStationIsNoSuccess(t *testing.T) {
	t.Setenv("LC_ALL", "en_GB.UTF-8")
	var errs bytes.Buffer
	c := call{ctx: t.Context(), streams: streams{err: &errs, out: &bytes.Buffer{}}, open: &till{words: systemWords()}}
	require.Equal(t, statusUnexpected, c.run([]string{"status"})) // this till has no station
	require.Contains(t, errs.String(), "unexpected")
}

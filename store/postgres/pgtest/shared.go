//go:build linux

package pgtest

import (
	"strings"
	"sync"
	"testing"
)

// shared are the servers that last until the test binary ends, by settings.
var shared struct {
	sync.Mutex

	clusters map[string]*Cluster
	failed   map[string]error
}

// Shared returns the server that all tests of this binary share, one for each
// list of settings. It runs from the first call until the binary ends. What it
// has besides databases is nobody's: a test that changes it wants its own.
func Shared(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	h, err := theHome()
	if err != nil {
		t.Fatal(err)
	}
	shared.Lock()
	defer shared.Unlock()
	of := strings.Join(settings, "\n")
	if c, ok := shared.clusters[of]; ok {
		c.must(t, shared.failed[of])
		return c
	}
	c, err := h.cluster(settings)
	if err != nil {
		t.Fatal(err)
	}
	c.shared = true
	if shared.clusters == nil {
		shared.clusters, shared.failed = map[string]*Cluster{}, map[string]error{}
	}
	shared.clusters[of], shared.failed[of] = c, c.open()
	c.must(t, shared.failed[of])
	return c
}

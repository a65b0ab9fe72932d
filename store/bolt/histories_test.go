package bolt_test

import (
	"cmp"
	"flag"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/store/bolt"
	"tenthcup/store/storetest"
)

var (
	rounds = flag.Int("rounds", 100, "rounds of 20 histories that a central server and the plain model must agree on")
	seed   = flag.Uint64("seed", 0, "of the first round; 0 draws one")
)

func TestCentralIsThePlainModel(t *testing.T) {
	central, err := bolt.OpenCentral(filepath.Join(t.TempDir(), "central.db"), [32]byte{1})
	require.NoError(t, err)
	storetest.Histories(t, central, *rounds, cmp.Or(*seed, uint64(time.Now().UnixNano())))
	require.NoError(t, central.Close())
}

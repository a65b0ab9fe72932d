package wire_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/sync/wire"
)

// Budget: 1,000,000 entries a second are checked, their chain and the one
// signature that covers all of them. The floor is what that must cost: hashing
// each entry, and verifying one signature.
func BenchmarkCheckBatch(b *testing.B) {
	entries := chain(b, wire.MaxEntries)
	cut, head := wire.Cut(entries)
	body, _ := wire.Pack(encode(b, wire.Request{V: 1, Now: 1, Entries: cut, Head: head}))
	header := signed(exchange, body, wire.Zstd)
	rate := func(b *testing.B) {
		b.ReportMetric(float64(wire.MaxEntries)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			proof, err := wire.ReadProof(header)
			require.NoError(b, err)
			require.True(b, proof.Verify(publicKey, exchange) && proof.Covers(body))
			_, err = wire.Join(cut, head)
			require.NoError(b, err)
		}
		rate(b)
	})
	b.Run("floor", func(b *testing.B) {
		message := entries[0]
		signature := ed25519.Sign(testKey, message)
		for b.Loop() {
			for _, raw := range entries {
				sha256.Sum256(raw)
			}
			require.True(b, ed25519.Verify(publicKey, message, signature))
		}
		rate(b)
	})
}

package seal_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/store/seal"
)

// FuzzOpen: bytes that this secret did not seal for this very place do not open, and
// those that it did give the value back.
func FuzzOpen(f *testing.F) {
	sealer := seal.New(seal.Secret{1})
	f.Add([]byte("profile"), []byte("ann"), sealer.Seal([]byte("profile"), []byte("ann"), []byte("Ann Archer")))
	f.Add([]byte("profile"), []byte("ben"), sealer.Seal([]byte("profile"), []byte("ann"), []byte("Ann Archer")))
	f.Add([]byte("prof"), []byte("ileann"), sealer.Seal([]byte("profile"), []byte("ann"), nil))
	f.Add([]byte{}, []byte{}, make([]byte, 40))
	f.Add([]byte{}, []byte{}, []byte{1})
	f.Fuzz(func(t *testing.T, bucket, key, raw []byte) {
		if value, err := sealer.Open(bucket, key, raw); err != nil {
			require.ErrorIs(t, err, seal.ErrSealed)
		} else {
			require.Equal(t, raw, sealer.Seal(bucket, key, value), "sealed in another way than ours")
		}
		sealed := sealer.Seal(bucket, key, raw)
		value, err := sealer.Open(bucket, key, sealed)
		require.NoError(t, err)
		require.True(t, bytes.Equal(raw, value))
		_, err = seal.New(seal.Secret{2}).Open(bucket, key, sealed)
		require.ErrorIs(t, err, seal.ErrSealed)
		_, err = sealer.Open(append(bytes.Clone(bucket), 'x'), key, sealed)
		require.ErrorIs(t, err, seal.ErrSealed)
		if len(bucket) > 0 { // the border between the two belongs to the place
			_, err = sealer.Open(bucket[:len(bucket)-1], append([]byte{bucket[len(bucket)-1]}, key...), sealed)
			require.ErrorIs(t, err, seal.ErrSealed)
		}
		require.Len(t, sealer.Word(bucket, string(key)), seal.WordBytes)
	})
}

package seal_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/store/seal"
)

// What was sealed opens at its place with its secret, and nowhere else, and no
// bit of it can be changed.
func TestOnlyTheSamePlaceAndSecretOpen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bytesOf := rapid.SliceOfN(rapid.Byte(), 0, 40)
		bucket, key, value := bytesOf.Draw(t, "bucket"), bytesOf.Draw(t, "key"), bytesOf.Draw(t, "value")
		s := seal.New(seal.Secret{1})
		sealed := s.Seal(bucket, key, value)
		require.Len(t, sealed, len(value)+40)
		require.Equal(t, sealed, s.Seal(bucket, key, value))
		opened, err := s.Open(bucket, key, sealed)
		require.NoError(t, err)
		require.True(t, bytes.Equal(value, opened))

		_, err = seal.New(seal.Secret{2}).Open(bucket, key, sealed)
		require.ErrorIs(t, err, seal.ErrSealed)
		_, err = s.Open(append(bucket, 0), key, sealed)
		require.ErrorIs(t, err, seal.ErrSealed)
		_, err = s.Open(append([]byte{0}, bucket...), key, sealed)
		require.ErrorIs(t, err, seal.ErrSealed)
		bit := rapid.IntRange(0, len(sealed)*8-1).Draw(t, "bit")
		sealed[bit/8] ^= 1 << (bit % 8)
		_, err = s.Open(bucket, key, sealed)
		require.ErrorIs(t, err, seal.ErrSealed)
	})
	_, err := seal.New(seal.Secret{1}).Open(nil, nil, []byte("short"))
	require.ErrorIs(t, err, seal.ErrSealed)
}

func TestWordsAreApart(t *testing.T) {
	s := seal.New(seal.Secret{1})
	word := s.Word([]byte("code"), "ann")
	require.Len(t, word, seal.WordBytes)
	require.Equal(t, word, s.Word([]byte("code"), "ann"))
	require.NotEqual(t, word, s.Word([]byte("name"), "ann"))
	require.NotEqual(t, word, s.Word([]byte("code"), "anna"))
	require.NotEqual(t, word, seal.New(seal.Secret{2}).Word([]byte("code"), "ann"))
}

// One value of a profile's size. Budget: 2 microseconds to open.
func BenchmarkOpen(b *testing.B) {
	s := seal.New(seal.Secret{1})
	sealed := s.Seal([]byte("profile"), make([]byte, 16), make([]byte, 150))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Open([]byte("profile"), make([]byte, 16), sealed); err != nil {
			b.Fatal(err)
		}
	}
}

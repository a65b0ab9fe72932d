// Package seal keeps what is in a data file from whoever has the file but not the
// secret: values are encrypted, and what they are found by is hashed with a key.
//
// Sealing is deterministic (the nonce is made of the value, as in RFC 5297): the
// same value at the same place has the same bytes, so who has two copies of a
// file sees which values changed, and no more. A value that was altered, or
// moved to another place, does not open.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// Secret is what all keys are made of. It is kept outside the file.
type Secret [32]byte

// ErrSealed is returned for bytes that the secret does not open.
var ErrSealed = errors.New("sealed with another secret, or altered")

// Sealer seals for one secret. It is safe for concurrent use.
type Sealer struct {
	values cipher.AEAD
	nonces *keyed
	words  *keyed
}

// New returns the sealer of the secret.
func New(secret Secret) *Sealer {
	values, err := chacha20poly1305.NewX(Derive(secret, "values"))
	if err != nil {
		panic(err) // the key has the right length
	}
	return &Sealer{values: values, nonces: newKeyed(Derive(secret, "nonces")), words: newKeyed(Derive(secret, "words"))}
}

// Derive returns a key of 32 bytes for the purpose. Nobody learns the secret, or
// another purpose's key, from it.
func Derive(secret Secret, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret[:], nil, "tenthcup "+purpose, 32)
	if err != nil {
		panic(err) // 32 bytes are never too many
	}
	return key
}

// Seal encrypts the value for its place: a bucket and the key in it. The result
// is 40 bytes longer than the value.
func (s *Sealer) Seal(bucket, key, value []byte) []byte {
	place := joined(bucket, key)
	digest := s.nonces.hash(place, value)
	nonce := digest[:chacha20poly1305.NonceSizeX]
	return s.values.Seal(nonce, nonce, value, place)
}

// Open returns the value that was sealed for the place, or ErrSealed.
func (s *Sealer) Open(bucket, key, sealed []byte) ([]byte, error) {
	return s.OpenInto(nil, bucket, key, sealed)
}

// OpenInto is Open that appends the value to into.
func (s *Sealer) OpenInto(into, bucket, key, sealed []byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, ErrSealed
	}
	nonce, body := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	value, err := s.values.Open(into, nonce, body, joined(bucket, key))
	if err != nil {
		return nil, ErrSealed
	}
	return value, nil
}

// WordBytes is the length of what Word returns.
const WordBytes = 12

// Word returns what stands for the word in an index. Two words of an index of a
// million have the same one once in some billion files.
func (s *Sealer) Word(bucket []byte, word string) []byte {
	digest := s.words.hash(bucket, []byte(word))
	return digest[:WordBytes:WordBytes]
}

func joined(a, b []byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(a))), a...), b...)
}

// keyed is a hash with a key. Making one costs more than using it for a word, and
// an import of a million members needs some million.
type keyed struct{ pool sync.Pool }

func newKeyed(key []byte) *keyed {
	return &keyed{sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// hash returns the hash of both, which differs for each pair.
func (k *keyed) hash(a, b []byte) [sha256.Size]byte {
	mac := k.pool.Get().(hash.Hash)
	defer k.pool.Put(mac)
	mac.Reset()
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(a)))
	mac.Write(length[:])
	mac.Write(a)
	mac.Write(b)
	var sum [sha256.Size]byte
	mac.Sum(sum[:0])
	return sum
}

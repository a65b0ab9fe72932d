// Package canon is the one form in which Tenthcup writes data for programs:
// deterministic CBOR (RFC 8949 section 4.2.1). The same value always has the same
// bytes, so bytes can be hashed, signed and compared.
//
// Readers are strict. They refuse a key twice, endless lengths, tags, text that
// is not UTF-8 and more than their limits, and they ignore keys that they don't
// know, so that what is written can grow.
package canon

import "github.com/fxamacker/cbor/v2"

var writing = must(cbor.CoreDetEncOptions().EncMode())

// Marshal returns the value's bytes.
func Marshal(value any) ([]byte, error) { return writing.Marshal(value) }

// Reader reads what Marshal writes, up to its limits. It is safe for concurrent
// use.
type Reader struct{ mode cbor.DecMode }

// NewReader returns a reader of values that are at most so many levels deep, with
// at most so many items in one array or map.
func NewReader(levels, items int) Reader {
	return Reader{must(cbor.DecOptions{
		DupMapKey:       cbor.DupMapKeyEnforcedAPF,
		IndefLength:     cbor.IndefLengthForbidden,
		TagsMd:          cbor.TagsForbidden,
		MaxNestedLevels: levels, MaxArrayElements: items, MaxMapPairs: items,
	}.DecMode())}
}

// Unmarshal reads the bytes into the value that it points to.
func (r Reader) Unmarshal(raw []byte, into any) error { return r.mode.Unmarshal(raw, into) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // the options above are wrong; any test finds it
	}
	return value
}

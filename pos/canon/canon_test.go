package canon_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos/canon"
)

type row struct {
	Name string           `cbor:"1,keyasint"`
	Sums map[string]int64 `cbor:"2,keyasint,omitempty"`
	List []int            `cbor:"3,keyasint,omitempty"`
}

func TestMarshalIsDeterministic(t *testing.T) {
	value := row{"Ann", map[string]int64{"points": 1, "age": 2, "stamp": 3}, nil}
	first, err := canon.Marshal(value)
	require.NoError(t, err)
	for range 50 {
		again, err := canon.Marshal(value)
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
	var read row
	require.NoError(t, canon.NewReader(4, 16).Unmarshal(first, &read))
	require.Equal(t, value, read)
}

func TestReaderIsStrict(t *testing.T) {
	long, err := canon.Marshal(row{"Ann", nil, make([]int, 17)})
	require.NoError(t, err)
	for name, raw := range map[string][]byte{
		"nothing":                  {},
		"a key twice":              {0xa2, 0x01, 0x61, 'a', 0x01, 0x61, 'b'},
		"a map of endless length":  {0xbf, 0x01, 0x61, 'a', 0xff},
		"a tag":                    {0xa1, 0x01, 0xc0, 0x61, 'a'},
		"a text that is not UTF-8": {0xa1, 0x01, 0x61, 0xff},
		"bytes behind it":          {0xa1, 0x01, 0x61, 'a', 0x00},
		"too many items":           long,
		"too many levels":          {0xa1, 0x09, 0x81, 0x81, 0x81, 0x81, 0x00},
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, canon.NewReader(4, 16).Unmarshal(raw, new(row)))
		})
	}
	var read row
	require.NoError(t, canon.NewReader(4, 16).Unmarshal([]byte{0xa2, 0x01, 0x61, 'a', 0x09, 0x81, 0x00}, &read), "an unknown key")
	require.Equal(t, row{Name: "a"}, read)
}

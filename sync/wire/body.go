package wire

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Zstd is the Content-Encoding of a compressed body; others have none.
const Zstd = "zstd"

// worthwhile is the size from which a body is compressed.
const worthwhile = 200

// Both halves of zstd are safe for concurrent use. The encoder builds its parts
// at its first use; that is done here, so that it never happens twice at once
// nor inside a test's bubble.
var (
	compressor = warm(must(zstd.NewWriter(nil, zstd.WithWindowSize(512<<10), zstd.WithLowerEncoderMem(true), zstd.WithEncoderConcurrency(2))))
	inflaters  = map[int]*zstd.Decoder{MaxRequest: inflater(MaxRequest), MaxAnswer: inflater(MaxAnswer)}
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // the options above are wrong; any test finds it
	}
	return value
}

func warm(encoder *zstd.Encoder) *zstd.Encoder {
	encoder.EncodeAll([]byte{0}, nil)
	return encoder
}

func inflater(limit uint64) *zstd.Decoder {
	return must(zstd.NewReader(nil, zstd.WithDecoderMaxMemory(limit), zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(2)))
}

// Pack returns the body for the encoded message and its Content-Encoding: Zstd
// where that makes it smaller, else "".
func Pack(raw []byte) (body []byte, contentEncoding string) {
	if len(raw) < worthwhile {
		return raw, ""
	}
	if packed := compressor.EncodeAll(raw, nil); len(packed) < len(raw) {
		return packed, Zstd
	}
	return raw, ""
}

// Unpack undoes Pack. limit is MaxRequest or MaxAnswer, and no more than that is
// ever held. Its errors are ErrMalformed and ErrTooLarge.
func Unpack(body []byte, contentEncoding string, limit int) ([]byte, error) {
	switch contentEncoding {
	case "":
		if len(body) > limit {
			return nil, ErrTooLarge
		}
		return body, nil
	case Zstd:
		raw, err := inflaters[limit].DecodeAll(body, nil)
		if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
			return nil, ErrTooLarge
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		return raw, nil
	}
	return nil, fmt.Errorf("%w: content encoding", ErrMalformed)
}

// ReadAll reads up to limit bytes. It returns ErrTooLarge if there are more, and
// the reader's own errors as they are.
func ReadAll(r io.Reader, limit int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(body) > limit {
		return nil, ErrTooLarge
	}
	return body, nil
}

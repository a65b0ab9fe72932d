//go:build !linux

package scan

import (
	"errors"
	"io"
)

// Input refuses: input devices are Linux's.
func Input(string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return nil, errors.ErrUnsupported }
}

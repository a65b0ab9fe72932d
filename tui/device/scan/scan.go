// Package scan reads scanners that do not type like a keyboard: one on a serial
// line, which a USB scanner in COM mode is too, or one that is a Linux input device
// and kept from everything else. Neither knows focus, keyboard layouts or Caps Lock,
// and no field can eat what they send.
//
// What they read is hostile: a customer can show any code. It is cut off where it is
// longer than any code, and no control character in it survives.
package scan

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"

	"tenthcup/pos"
)

// maxCode is how much of a code is kept, in characters. The longest that anything
// here reads is a signed coupon.
const maxCode = 512

// again is how long to wait before a scanner that is gone is looked for again.
const again = 2 * time.Second

// Scanner is a scanner that is, or was, or will be plugged in.
type Scanner struct {
	// Open opens the device. It is called again after the device has gone.
	Open func() (io.ReadCloser, error)
	// Decode reads codes from the device until that fails, and tells each.
	Decode func(device io.Reader, code func(string)) error
	// Code is told each code, whole, without what ends it.
	Code func(text string)
	// State is told once when the device has gone or cannot be opened, with the
	// reason, and with nil once it is back.
	State func(err error)
}

// Run reads codes until the context ends. A scanner that was pulled out is found
// again when it is plugged in.
func (s Scanner) Run(ctx context.Context) {
	wasGone := false
	for ctx.Err() == nil {
		device, err := s.Open()
		if err == nil {
			if wasGone {
				s.State(nil)
				wasGone = false
			}
			stop := context.AfterFunc(ctx, func() { _ = device.Close() })
			err = s.Decode(device, s.Code)
			stop()
			err = errors.Join(err, device.Close())
		}
		if ctx.Err() != nil {
			return
		}
		if !wasGone {
			s.State(pos.Refuse("scanner.gone", "details", pos.CleanName(err.Error())))
			wasGone = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

// collector puts the characters of a code together.
type collector struct {
	text strings.Builder
	code func(string)
}

// add takes one character; a line end or a tab ends the code. Of the other control
// characters only GS is part of codes, the separator of GS1.
func (c *collector) add(r rune) {
	const gs = 0x1d
	switch {
	case r == '\r' || r == '\n' || r == '\t':
		c.end()
	case unicode.IsControl(r) && r != gs:
	case c.text.Len() < maxCode:
		c.text.WriteRune(r)
	}
}

// end tells the code, if there is one.
func (c *collector) end() {
	text := strings.TrimSpace(c.text.String())
	c.text.Reset()
	if text != "" {
		c.code(text)
	}
}

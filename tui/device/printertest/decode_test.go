package printertest_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/tui/device/printertest"
)

// The bytes are as manuals show them, not as our encoder writes them.
func TestDecode(t *testing.T) {
	tests := []struct {
		name string
		job  string
		want string
	}{
		{"text", "\x1b@Hello\n", "Hello\n"},
		{"code page 18 is CP852", "\x1bt\x12\x8b\xfb\x8a\xeb\n", "őűŐŰ\n"},
		{"code page 0 is CP437", "\x1bt\x00\x82\x81\n", "éü\n"},
		{"sizes", "\x1b!\x30A\n\x1b!\x01b\n\x1b!\x00\x1bE\x01c\n\x1bE\x00\x1ba\x01d\n", "{A}\n<b>\n[c]\n    d\n"},
		{"a reset forgets them", "\x1b!\x30\x1ba\x01\x1b@x\n", "x\n"},
		{"a picture of 8 by 2", "\x1dv0\x00\x01\x00\x02\x00\xf0\x0f", "(picture, 2 rows)\n"},
		{"a cut and the drawer", "\x1dV\x00\x1bp\x00\x19\xfa", "(cut)\n(drawer 0)\n"},
		{"a code of its own", "\x1d(k\x04\x001P0A\x1d(k\x03\x001Q0", "(qr A)\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			paper, err := printertest.Decode(bytes.NewReader([]byte(tt.job)))
			require.NoError(t, err)
			require.Equal(t, tt.want, paper.Text())
		})
	}
	for _, bad := range []string{"\x1bZ", "\x07", "\x1dk", "\x1dv0\x00\x01\x00\x02\x00\xf0", "\x1bt\x33", "\x10\x14\x01"} {
		_, err := printertest.Decode(bytes.NewReader([]byte(bad)))
		require.Error(t, err, "%q", bad)
	}
}

// Whatever a printer is sent, it prints what it understands and stops at what it
// does not.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x1b@\x1bt\x12K\x8bszegi\n\x1dv0\x00\x01\x00\x02\x00\xf0\x0f\x1dVB\x00"))
	f.Add([]byte("\x1d(k\x03\x001P0\x1d(k\x03\x001Q0\x10\x04\x01"))
	f.Add([]byte("\x1dv0\x00\xff\xff\xff\xff"))
	f.Add([]byte("\x1dv0\x00\x00\x00\x02\x00x\n"))
	f.Fuzz(func(t *testing.T, job []byte) {
		paper, _ := printertest.Decode(bytes.NewReader(job))
		_ = paper.Text()
		if paper.Widest() <= 576 && len(paper.Rows) < 50 {
			require.NoError(t, paper.PNG(io.Discard, 576))
		}
	})
}

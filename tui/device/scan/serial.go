package scan

import (
	"errors"
	"io"
	"time"

	"go.bug.st/serial"
)

// quiet ends a code of a scanner that sends nothing behind it: so long nothing came.
const quiet = 100 * time.Millisecond

// Serial returns what opens the serial line, "/dev/ttyACM0", "COM3", at the speed in
// baud, with eight bits, no parity and one stop bit, as scanners come.
func Serial(device string, baud int) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		port, err := serial.Open(device, &serial.Mode{BaudRate: baud, DataBits: 8})
		if err != nil {
			return nil, err
		}
		if err := port.SetReadTimeout(quiet); err != nil {
			return nil, errors.Join(err, port.Close())
		}
		return port, nil
	}
}

// Lines reads codes that end with a line end, a tab, or a pause, in which a serial
// line's Read returns nothing and no error. It is a Scanner's Decode.
func Lines(device io.Reader, code func(string)) error {
	c := collector{code: code}
	buffer := make([]byte, 256)
	for {
		n, err := device.Read(buffer)
		for _, b := range buffer[:n] {
			c.add(rune(b)) // scanners send Latin-1; codes are ASCII
		}
		if n == 0 || err != nil {
			c.end()
		}
		if err != nil {
			return err
		}
	}
}

package scan

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// grab is EVIOCGRAB (linux/input.h): from then on nobody else hears the device.
const grab = 0x40044590

// Input returns what opens the Linux input device, "/dev/input/by-id/...", for
// itself alone.
func Input(device string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		file, err := os.Open(device)
		if err != nil {
			return nil, err
		}
		if err := unix.IoctlSetInt(int(file.Fd()), grab, 1); err != nil {
			return nil, errors.Join(fmt.Errorf("grab %s: %w", device, err), file.Close())
		}
		return file, nil
	}
}

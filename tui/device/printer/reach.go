package printer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"go.bug.st/serial"

	"tenthcup/pos"
	"tenthcup/tui/screen"
)

// port is where printers listen on a network.
const port = "9100"

// reach returns the way to the printer of the settings.
func reach(s screen.PrinterSettings) Open {
	address := strings.TrimSpace(s.Address)
	absent := func(err error) error {
		if named, ok := errors.AsType[*fs.PathError](err); ok {
			err = named.Err
		}
		return pos.Refuse("print.absent", "address", address, "details", pos.CleanName(err.Error()))
	}
	switch s.Kind {
	case "tcp":
		return func(ctx context.Context) (io.ReadWriteCloser, error) {
			if address == "" { // would be this machine
				return nil, absent(errors.ErrUnsupported)
			}
			conn, err := dial(ctx, address)
			if err != nil {
				return nil, absent(err)
			}
			return conn, nil
		}
	case "file":
		return func(context.Context) (io.ReadWriteCloser, error) { return device(address, absent) }
	case "serial":
		return func(context.Context) (io.ReadWriteCloser, error) {
			line, err := serial.Open(address, &serial.Mode{BaudRate: baud(s), DataBits: 8})
			if err != nil {
				return nil, absent(err)
			}
			return line, nil
		}
	case "lp":
		return func(ctx context.Context) (io.ReadWriteCloser, error) { return oneWay{queue{ctx, address}}, nil }
	}
	return func(context.Context) (io.ReadWriteCloser, error) {
		return nil, pos.Refuse("print.kind", "kind", s.Kind, "kinds", "tcp, file, serial, lp")
	}
}

// dialTime is how long a printer on the network may take to take the call.
const dialTime = 4 * time.Second

func dial(ctx context.Context, address string) (net.Conn, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), port)
	}
	return (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", address)
}

func baud(s screen.PrinterSettings) int {
	if s.Baud > 0 {
		return s.Baud
	}
	return 9600
}

// oneWay is a line on which nothing is answered, so that nothing is asked.
type oneWay struct{ io.WriteCloser }

// Read implements io.Reader.
func (oneWay) Read([]byte) (int, error) { return 0, io.EOF }

// device opens a printer's device file.
func device(name string, absent func(error) error) (io.ReadWriteCloser, error) {
	about, err := os.Stat(name)
	if err != nil {
		return nil, absent(err)
	}
	mode := os.O_RDWR
	if about.Mode().IsRegular() {
		mode = os.O_WRONLY | os.O_APPEND // jobs are collected in it
	}
	file, err := os.OpenFile(name, mode, 0)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, pos.Refuse("print.permission", "address", name)
	case err != nil:
		return nil, absent(err)
	case mode != os.O_RDWR:
		return oneWay{file}, nil
	}
	return file, nil
}

// queue is a queue of the machine's own print server, which answers nothing. The
// job goes to it when it is written.
type queue struct {
	ctx  context.Context
	name string
}

// Write hands the whole job in.
func (q queue) Write(job []byte) (int, error) {
	lp := exec.CommandContext(q.ctx, "lp", "-o", "raw")
	if q.name != "" {
		lp.Args = append(lp.Args, "-d", q.name)
	}
	var said bytes.Buffer
	lp.Stdin, lp.Stderr = bytes.NewReader(job), &said
	if err := lp.Run(); err != nil {
		return 0, pos.Refuse("print.queue", "details", pos.CleanName(fmt.Sprintf("%s (%v)", strings.TrimSpace(said.String()), err)))
	}
	return len(job), nil
}

// Close implements io.Closer.
func (queue) Close() error { return nil }

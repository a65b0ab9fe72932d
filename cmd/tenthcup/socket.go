package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tenthcup/pos"
)

// bbolt lets one process into a file. A running station or server therefore
// listens on a Unix socket, mode 0600, and carries out the command lines of
// others: they send their arguments and get back what to print.

// order is a command line on its way to the process that has the file open.
type order struct {
	Args []string
	Cwd  string
}

// outcome is what the command did there.
type outcome struct {
	Out, Err []byte
	Status   int
}

const (
	socketName    = "tenthcup.sock"
	maxSocketPath = 100 // a little under the shortest limit, macOS's 104
	dialPatience  = time.Second
	orderPatience = 20 * time.Second
	linePatience  = 5 * time.Minute // sync and day-end may send a long backlog
)

// forwardable is a command that works on a file another process may hold.
type forwardable interface{ socket() string }

// onTill is embedded by the commands that work on a till's data folder.
type onTill struct {
	Dir  string `help:"The till's data folder." default:"${data}" type:"path" placeholder:"DIR" env:"TENTHCUP_DIR"`
	JSON bool   `help:"Print JSON." name:"json"`
}

func (o onTill) socket() string { return filepath.Join(o.Dir, socketName) }

// AfterApply tells the call how to print; kong calls it.
func (o onTill) AfterApply(c *call) error {
	c.json = o.JSON
	return nil
}

// onServer is embedded by the commands that work on the central server's file.
type onServer struct {
	DB   string `help:"The server's data file, or its database: postgres://..." name:"db" default:"${serverdb}" type:"database" placeholder:"FILE" env:"TENTHCUP_DB"`
	JSON bool   `help:"Print JSON." name:"json"`
}

// socket is where the process listens that has the file; nobody has a database.
func (o onServer) socket() string {
	if onDatabase(o.DB) {
		return ""
	}
	return o.DB + ".sock"
}

// AfterApply tells the call how to print; kong calls it.
func (o onServer) AfterApply(c *call) error {
	c.json = o.JSON
	return nil
}

// forward hands the command line to the process behind the socket. It reports
// false where nobody listens.
func (c *call) forward(socket string, args []string) (int, bool) {
	conn, err := net.DialTimeout("unix", socket, dialPatience)
	if err != nil {
		return 0, false
	}
	defer conn.Close()
	stop := context.AfterFunc(c.ctx, func() { conn.Close() })
	defer stop()
	var got outcome
	wait := orderPatience
	if slices.Contains(args, "sync") || slices.Contains(args, "day-end") {
		wait = linePatience
	}
	_ = conn.SetDeadline(time.Now().Add(wait))
	if err := json.NewEncoder(conn).Encode(order{args, c.cwd}); err == nil {
		err = json.NewDecoder(conn).Decode(&got)
		if err == nil {
			_, _ = c.out.Write(got.Out)
			_, _ = c.err.Write(got.Err)
			return got.Status, true
		}
	}
	return c.finish(pos.Refuse("setup.noanswer")), true
}

// listen serves the socket until the context ends. A socket left behind by a
// killed process is replaced: the caller holds the data file's lock, so nobody
// else can be behind it.
func listen(ctx context.Context, socket string, answer func(order) outcome) error {
	if len(socket) > maxSocketPath {
		return pos.Refuse("setup.longpath", "path", socket, "max", maxSocketPath)
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		listener.Close()
		return err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveOrder(conn, answer)
		}
	}()
	return nil
}

func serveOrder(conn net.Conn, answer func(order) outcome) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(linePatience))
	var asked order
	if err := json.NewDecoder(conn).Decode(&asked); err != nil {
		return
	}
	_ = json.NewEncoder(conn).Encode(answer(asked))
}

// carryOut runs another process's command line in this one.
func carryOut(c call, asked order) outcome {
	var out, errs bytes.Buffer
	c.streams = streams{bytes.NewReader(nil), &out, &errs}
	c.cwd = asked.Cwd
	c.json = false
	status := c.run(asked.Args)
	return outcome{out.Bytes(), errs.Bytes(), status}
}

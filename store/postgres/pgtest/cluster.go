//go:build linux

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// serve runs the server that is its arguments, and ends with its status. When the
// input ends, which is when the test binary lets go of it or is no more, the
// server is told to stop at once.
const serve = `exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ read -r _; kill -QUIT $server; } <&3 >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait $server
status=$?
kill $watch 2>/dev/null
exit $status`

// Cluster is a PostgreSQL server with a folder, a port and databases of its own.
// Its only user is postgres.
type Cluster struct {
	home   *home
	folder string
	port   int
	held   io.Closer // the port
	shared bool

	life io.Closer  // held: its end stops the server
	done chan error // has what the server ended with, once
}

// Start runs a new server until the test ends. Settings are lines for its
// postgresql.conf.
func Start(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c := prepare(t, settings)
	c.must(t, c.open())
	return c
}

// prepare makes a cluster that goes with the test and does not run yet.
func prepare(t testing.TB, settings []string) *Cluster {
	t.Helper()
	h, err := theHome()
	if err != nil {
		t.Fatal(err)
	}
	c, err := h.cluster(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.close()
		if t.Failed() {
			t.Logf("the server on port %d said:\n%s", c.port, c.Log())
		}
		if err := errors.Join(c.held.Close(), os.RemoveAll(c.folder)); err != nil {
			t.Error(err)
		}
	})
	return c
}

// cluster copies the template to a folder and gives it a port.
func (h *home) cluster(settings []string) (*Cluster, error) {
	serial := h.next()
	c := &Cluster{home: h, folder: filepath.Join(h.folder, strconv.FormatInt(serial, 10))}
	var err error
	if err = os.Mkdir(c.folder, 0o700); err != nil {
		return nil, err
	}
	if err = errors.Join(h.own(c.folder), h.run("cp", "-a", h.template(), c.data())); err != nil {
		return nil, err
	}
	if c.port, c.held, err = reserve(serial); err != nil {
		return nil, err
	}
	own := []string{
		"listen_addresses = '127.0.0.1'",
		fmt.Sprintf("port = %d", c.port),
		"unix_socket_directories = ''",
	}
	return c, c.set(append(own, settings...)...)
}

func (c *Cluster) data() string { return filepath.Join(c.folder, "data") }
func (c *Cluster) log() string  { return filepath.Join(c.folder, "log") }
func (c *Cluster) lock() string { return filepath.Join(c.data(), "postmaster.pid") }

// set adds lines to the configuration. The last one of a name counts.
func (c *Cluster) set(lines ...string) error {
	return c.home.write(filepath.Join(c.data(), "postgresql.conf"), strings.Join(lines, "\n")+"\n")
}

// open starts the server and returns when it takes connections.
func (c *Cluster) open() error {
	log, err := os.OpenFile(c.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := c.home.command("sh", "-c", serve, "serve", filepath.Join(c.home.bin, "postgres"), "-D", c.data())
	cmd.Stdout, cmd.Stderr = log, log
	if c.life, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.done = make(chan error, 1)
	go func() { c.done <- cmd.Wait() }()
	return await("the server to be ready", func() (bool, error) { return c.ready(cmd) })
}

// ready reports whether the server that the command runs takes connections. It
// is an error when it has ended.
func (c *Cluster) ready(cmd *exec.Cmd) (bool, error) {
	select {
	case err := <-c.done:
		c.done <- err
		return false, fmt.Errorf("the server ended: %w", err)
	default:
	}
	lock, err := c.readLock()
	if err != nil {
		return false, nil // not written yet
	}
	_, parent, ok := status(lock.pid)
	return lock.ready && ok && parent == cmd.Process.Pid, nil
}

// lock is what a server says of itself in a file.
type lock struct {
	pid   int
	ready bool // takes connections
}

func (c *Cluster) readLock() (lock, error) {
	data, err := os.ReadFile(c.lock())
	if err != nil {
		return lock{}, err
	}
	lines := strings.Split(string(data), "\n")
	if len(lines) < 8 {
		return lock{}, errors.New("the lock file is not complete")
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	return lock{pid, strings.TrimSpace(lines[7]) == "ready"}, err
}

// close stops the server at once and waits until it has ended.
func (c *Cluster) close() {
	if c.life == nil {
		return
	}
	_ = c.life.Close()
	<-c.done
	c.life = nil
}

// must fails the test with the error and what the server said.
func (c *Cluster) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("the server on port %d: %v", c.port, err)
	}
}

// Kill ends the server and all its processes without a word, in the middle of
// whatever they do. What it had written is kept for Revive, even what it had not
// synced: only a power cut loses that. The server is not shared.
func (c *Cluster) Kill(t testing.TB) {
	t.Helper()
	if c.shared {
		t.Fatal("other tests use the shared server: kill one of your own")
	}
	lock, err := c.readLock()
	c.must(t, err)
	c.must(t, slay(lock.pid))
	<-c.done
	_ = c.life.Close()
	c.life = nil
	c.must(t, os.Remove(c.lock()))
}

// Revive starts the server again that was killed, at the same port and with the
// data it has.
func (c *Cluster) Revive(t testing.TB) {
	t.Helper()
	c.must(t, c.open())
}

// URL returns where the database is.
func (c *Cluster) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

// Database creates an empty database for the test and returns its URL.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	return c.URL(c.database(t))
}

// database creates an empty database and returns its name, which no other of
// the test binary has.
func (c *Cluster) database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", c.home.next())
	c.must(t, c.do("CREATE DATABASE "+name+" TEMPLATE template0"))
	return name
}

// do runs the statements, each in a transaction of its own.
func (c *Cluster) do(statements ...string) error {
	return c.with(func(ctx context.Context, conn *pgx.Conn) error {
		for _, statement := range statements {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
}

// with lends a connection as the superuser.
func (c *Cluster) with(use func(ctx context.Context, conn *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	return errors.Join(use(ctx, conn), conn.Close(ctx))
}

// Run runs a program that came with the server, such as pgbench, and returns what it said.
func (c *Cluster) Run(t testing.TB, program string, args ...string) string {
	t.Helper()
	said, err := c.home.command(filepath.Join(c.home.bin, program), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", program, err, said)
	}
	return string(said)
}

// Log returns what the server said so far.
func (c *Cluster) Log() string {
	said, _ := os.ReadFile(c.log())
	return string(said)
}

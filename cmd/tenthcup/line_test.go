package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/store/bolt"
)

// centre is a server process that can be killed and started again at one address.
type centre struct {
	t   *testing.T
	db  string
	mu  sync.Mutex // the proxy kills it from another goroutine
	url string
	cmd *exec.Cmd
}

func (c *centre) start() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	listen := "127.0.0.1:0"
	if c.url != "" {
		listen = strings.TrimPrefix(c.url, "http://")
	}
	c.cmd = command("serve", "--db", c.db, "--listen", listen)
	out, err := c.cmd.StdoutPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, c.cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(c.t, err)
	words := strings.Fields(line)
	c.url = words[len(words)-1]
}

func (c *centre) address() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.url
}

func (c *centre) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// proxy passes bytes between a till and the server. After cut bytes have come
// from the server, or gone to it if cut is negative, it calls broken and drops
// the connection.
type proxy struct {
	listener net.Listener
	server   func() string
	cut      atomic.Int64 // 0: never
	broken   func()
}

func newProxy(t *testing.T, server func() string, broken func()) *proxy {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	p := &proxy{listener: listener, server: server, broken: broken}
	go func() {
		for {
			till, err := listener.Accept()
			if err != nil {
				return
			}
			go p.pass(till)
		}
	}()
	return p
}

func (p *proxy) pass(till net.Conn) {
	defer till.Close()
	server, err := net.Dial("tcp", strings.TrimPrefix(p.server(), "http://"))
	if err != nil {
		return
	}
	defer server.Close()
	cut := p.cut.Swap(0)
	ended := make(chan struct{}, 2)
	pump := func(to io.Writer, from io.Reader, limit int64) {
		if limit <= 0 {
			_, _ = io.Copy(to, from)
		} else {
			_, _ = io.CopyN(to, from, limit)
			p.broken()
		}
		ended <- struct{}{}
	}
	go pump(server, till, -cut)
	go pump(till, server, cut)
	<-ended
}

// With the server stopped, 500 entries are written. The server is started and
// killed in the middle of an exchange, once with half of the request there and
// once when it has committed and begun to answer. Started once more, it has all
// 500, once.
func TestServerKilledInTheMiddleOfAnExchange(t *testing.T) {
	dir := t.TempDir()
	server := &centre{t: t, db: filepath.Join(dir, "server.db")}
	t.Cleanup(server.kill)
	server.start()
	line := newProxy(t, server.address, server.kill)
	till := filepath.Join(dir, "till")
	for _, args := range [][]string{
		{"store", "add", "High Street", "--timezone", "UTC", "--db", server.db},
		{"program", "publish", "cafe", "--db", server.db},
	} {
		asked(t, args...)
	}
	once := strings.TrimSpace(asked(t, "terminal", "add", "Till", "--store", "high-street", "--db", server.db))
	asked(t, "enrol", "http://"+line.listener.Addr().String(), once, "--dir", till)
	server.kill()

	member := write(t, till, 499)
	require.Error(t, command("sync", "--dir", till).Run(), "the server is down")
	for _, cut := range []int64{-2000, 20} {
		server.start()
		line.cut.Store(cut)
		require.Error(t, command("sync", "--dir", till).Run(), "the server was killed")
	}
	server.start()
	asked(t, "sync", "--dir", till)
	asked(t, "sync", "--dir", till) // and nothing twice
	server.kill()

	secret, err := serverSecret(server.db)
	require.NoError(t, err)
	db, err := bolt.OpenCentral(server.db, secret)
	require.NoError(t, err)
	defer db.Close()
	entries := 0
	require.NoError(t, db.Entries("main", func(raw []byte) bool {
		e, err := pos.DecodeEntry(raw)
		require.NoError(t, err)
		if e.Kind != pos.Administered { // the server's own, of how it was set up
			entries++
		}
		return true
	}))
	require.Equal(t, 500, entries)
	quarantined, err := db.Quarantined()
	require.NoError(t, err)
	require.Empty(t, quarantined)
	sums, err := db.Balance("main", member, 0)
	require.NoError(t, err)
	require.EqualValues(t, 499, sums.Balance("stamp:coffee/10", 1))
	findings, err := db.Check()
	require.NoError(t, err)
	require.Empty(t, findings)
}

// write enrols a member and gives so many stamps, one by one.
func write(t *testing.T, dir string, stamps int) pos.HolderID {
	till, err := openTill(dir)
	require.NoError(t, err)
	printed, err := code.New(rand.Reader)
	require.NoError(t, err)
	done, err := till.station.Enrol("", pos.Profile{Codes: []string{printed}, Name: "Ann"})
	require.NoError(t, err)
	for range stamps {
		_, err := till.station.Stamp("", done.Member.Profile.Holder, "", 1)
		require.NoError(t, err)
	}
	require.NoError(t, till.close())
	return done.Member.Profile.Holder
}

// A running station sends by itself: what a command wrote into it is at the
// server within seconds, though nobody asked for it.
func TestStationSendsByItself(t *testing.T) {
	dir := t.TempDir()
	s := open(t, asProgram, "demo", "--dir", dir)
	member := sampleCode(s)
	asked(t, "stamp", member, "-n", "2", "--dir", dir+"/till")
	s.until("everything sent", func(picture string) bool { return strings.Contains(picture, "all sent") })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if strings.Contains(asked(t, "status", "--json", "--dir", dir+"/till"), `"entries_waiting":0`) {
			return
		}
	}
	t.Fatal("two stamps were never sent")
}

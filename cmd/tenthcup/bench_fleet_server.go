package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tenthcup/pos"
)

// fleetServer is a server process that the fleet started, and what it costs.
type fleetServer struct {
	cmd   *exec.Cmd
	host  string // where it listens
	said  *tailWriter
	ended chan struct{} // closed when the process has ended
	stops atomic.Bool   // it was told to end
	most  atomic.Int64  // bytes of its own, at most, while it was watched
}

// servePatience is how long a server may take to begin, and to end.
const servePatience = 30 * time.Second

var servedURL = regexp.MustCompile(`https?://[0-9A-Za-z.:\[\]]+`)

// startServer runs 'tenthcup serve' on the database. When it returns, the server
// answers. gone is called if the process ends before it is told to.
func startServer(ctx context.Context, db string, secure bool, gone func(error)) (*fleetServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--log", "error", "--db", db, "--listen", "127.0.0.1:0"}
	if secure {
		args = append(args, "--tls")
	}
	s := &fleetServer{cmd: exec.Command(self, args...), said: &tailWriter{}, ended: make(chan struct{})}
	s.cmd.Stderr = s.said
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	first := make(chan string, 1)
	go func() {
		reader := bufio.NewReader(out)
		line, _ := reader.ReadString('\n')
		first <- line
		_, _ = io.Copy(io.Discard, reader)
		_ = s.cmd.Wait()
		close(s.ended)
		if !s.stops.Load() {
			gone(pos.Refuse("fleet.server", "details", s.said.last()))
		}
	}()
	select {
	case line := <-first:
		if at, err := url.Parse(servedURL.FindString(line)); err == nil && at.Host != "" {
			s.host = at.Host
			return s, nil
		}
		<-s.ended
	case <-time.After(servePatience):
	case <-ctx.Done():
	}
	return nil, errors.Join(pos.Refuse("fleet.server", "details", s.said.last()), s.stop())
}

// stop ends the server and waits for it.
func (s *fleetServer) stop() error {
	s.stops.Store(true)
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
		return nil
	case <-time.After(servePatience):
		_ = s.cmd.Process.Kill()
		<-s.ended
		return pos.Refuse("fleet.server", "details", s.said.last())
	}
}

// tailWriter keeps the last lines that a process says.
type tailWriter struct {
	mu    sync.Mutex
	text  []byte
	lines int
}

// Write keeps the end of what was written.
func (w *tailWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines += bytes.Count(p, []byte("\n"))
	w.text = append(w.text, p...)
	w.text = w.text[max(len(w.text)-4096, 0):]
	return len(p), nil
}

// last returns the last line.
func (w *tailWriter) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(w.text)), "\n")
	return lines[len(lines)-1]
}

func (w *tailWriter) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lines
}

// cost is what a process has used so far, as /proc says; zero where there is none.
type cost struct {
	cpu  time.Duration
	own  int64 // bytes in memory now that are the process's alone
	rss  int64 // with the pages of files, which the system takes back where it needs them
	peak int64 // and at most, since the process began
}

// ticks of a second in /proc/PID/stat: the same on every Linux.
const ticks = 100

func (s *fleetServer) cost() cost { return costOf(strconv.Itoa(s.cmd.Process.Pid)) }

func costOf(pid string) (c cost) {
	stat, _ := os.ReadFile("/proc/" + pid + "/stat")
	_, after, _ := strings.Cut(string(stat), ") ") // the name before it may have spaces
	if fields := strings.Fields(after); len(fields) > 12 {
		user, _ := strconv.ParseInt(fields[11], 10, 64)
		system, _ := strconv.ParseInt(fields[12], 10, 64)
		c.cpu = time.Duration(user+system) * time.Second / ticks
	}
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	for line := range strings.Lines(string(status)) {
		for name, into := range map[string]*int64{"RssAnon": &c.own, "VmRSS": &c.rss, "VmHWM": &c.peak} {
			var kilobytes int64
			if n, _ := fmt.Sscanf(line, name+": %d kB", &kilobytes); n == 1 {
				*into = kilobytes << 10
			}
		}
	}
	return c
}

// watch notes how much memory of its own the server has at most, until the context
// ends.
func (s *fleetServer) watch(ctx context.Context) {
	for sleep(ctx, 200*time.Millisecond) {
		s.most.Store(max(s.most.Load(), s.cost().own))
	}
}

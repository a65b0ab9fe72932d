package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/store/bolt"
)

// served is a server process that is watched.
type served struct {
	*exec.Cmd
	url, ops string
	log      *bytes.Buffer // complete once the process has ended
	logged   sync.WaitGroup
}

// startServed starts a server with its operations page and returns once it serves.
func startServed(t *testing.T, db string, args ...string) *served {
	t.Helper()
	s := &served{log: &bytes.Buffer{}}
	s.Cmd = command(append([]string{"serve", "--db", db, "--listen", "127.0.0.1:0", "--ops", "127.0.0.1:0"}, args...)...)
	log, err := s.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, s.Start())
	kill := time.AfterFunc(2*time.Minute, func() { _ = s.Process.Kill() }) // nobody waits for one that does not end
	t.Cleanup(func() {
		kill.Stop()
		_ = s.Process.Kill()
	})
	lines := bufio.NewReader(log)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	var started struct{ Msg, URL, Ops string }
	require.NoError(t, json.Unmarshal([]byte(line), &started), line)
	require.Equal(t, "started", started.Msg)
	s.url, s.ops = started.URL, started.Ops
	s.logged.Go(func() { _, _ = s.log.ReadFrom(lines) })
	return s
}

// end waits for the process to end and returns what Wait does.
func (s *served) end() error {
	s.logged.Wait()
	return s.Wait()
}

// page returns what is at the path of the operations page, or "" where nobody answers.
func (s *served) page(path string) string {
	response, err := http.Get(s.ops + path)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	raw, _ := io.ReadAll(response.Body)
	return string(raw)
}

// until asks for the page until it has the text.
func (s *served) until(t *testing.T, path, text string) {
	t.Helper()
	page := ""
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if page = s.page(path); strings.Contains(page, text) {
			return
		}
	}
	require.Contains(t, page, text)
}

// halfway is a line on which the first request stops in the middle of its body until
// it may go on.
type halfway struct {
	once sync.Once
	half chan struct{} // closed when half of it was sent
	on   chan struct{} // closed when the rest may go
}

func (h *halfway) RoundTrip(r *http.Request) (*http.Response, error) {
	h.once.Do(func() {
		body := r.Body
		half := &io.LimitedReader{R: body, N: r.ContentLength / 2}
		r = r.Clone(r.Context())
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(half, pause{h}, body), body}
	})
	return http.DefaultTransport.RoundTrip(r)
}

type pause struct{ *halfway }

func (s pause) Read([]byte) (int, error) {
	close(s.half)
	<-s.on
	return 0, io.EOF
}

// A server is told to stop while a batch of 1,000 is half there. It says that it is
// not ready, takes the other half, answers, and only then ends; what it acknowledged
// is in its file.
func TestStoppedInTheMiddleOfABatch(t *testing.T) {
	dir := t.TempDir()
	db, folder := filepath.Join(dir, "server.db"), filepath.Join(dir, "till")
	asked(t, "store", "add", "High Street", "--timezone", "UTC", "--db", db)
	asked(t, "program", "publish", "cafe", "--db", db)
	once := strings.TrimSpace(asked(t, "terminal", "add", "Till", "--store", "high-street", "--db", db))
	server := startServed(t, db, "--drain", "200ms")
	asked(t, "enrol", server.url, once, "--dir", folder)
	holder := write(t, folder, 999)

	till, err := openTill(folder)
	require.NoError(t, err)
	defer till.close()
	line := &halfway{half: make(chan struct{}), on: make(chan struct{})}
	till.client.HTTP = &http.Client{Transport: line}
	sent := make(chan int, 1)
	go func() {
		result, err := till.client.Exchange(t.Context())
		if err != nil {
			result.Sent = -1
		}
		sent <- result.Sent
	}()
	<-line.half
	server.until(t, "/metrics", "tenthcup_requests_in_flight 1\n")
	require.Equal(t, "ready\n", server.page("/readyz"))
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	server.until(t, "/readyz", "stopping")
	require.Equal(t, "tenthcup 1\n", server.page("/healthz"))
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if response, err := http.Get(server.url + "/healthz"); err != nil {
			break // it listens no more
		} else {
			response.Body.Close()
		}
		require.True(t, time.Now().Before(deadline), "it stops to listen")
	}
	close(line.on)
	require.Equal(t, 1001, <-sent, "the request under way, with 1,000 entries and a profile, got its answer")
	require.NoError(t, server.end(), "it ended by itself")
	require.Contains(t, server.log.String(), `"msg":"stopped"`)
	require.NotContains(t, server.log.String(), "Ann")

	secret, err := serverSecret(db)
	require.NoError(t, err)
	book, err := bolt.OpenCentral(db, secret)
	require.NoError(t, err)
	defer book.Close()
	entries := 0
	require.NoError(t, book.Entries("main", func(raw []byte) bool {
		if e, err := pos.DecodeEntry(raw); err == nil && e.Kind != pos.Administered {
			entries++
		}
		return true
	}))
	require.Equal(t, 1000, entries)
	sums, err := book.Balance("main", holder, 0)
	require.NoError(t, err)
	require.EqualValues(t, 999, sums.Balance("stamp:coffee/10", 1))
	findings, err := book.Check()
	require.NoError(t, err)
	require.Empty(t, findings)
}

// Who cannot wait for the drain to be over says so again.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	server := startServed(t, filepath.Join(t.TempDir(), "server.db"), "--drain", "1h")
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	server.until(t, "/readyz", "stopping")
	response, err := http.Get(server.url + "/healthz")
	require.NoError(t, err, "it is drained, and serves all the while")
	require.NoError(t, response.Body.Close())
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.EqualError(t, server.end(), "signal: terminated")
}

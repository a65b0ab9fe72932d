package postgres_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// line is a way to a server of PostgreSQL that understands what is said on it: it knows
// how often a client waited for an answer, and which statements it sent. Source:
// PostgreSQL's manual, "Message Formats".
type line struct {
	server string

	mu         sync.Mutex
	trips      int
	statements map[string]bool
}

// newLine returns a line to the database and the URL at its near end.
func newLine(t testing.TB, database string) (*line, string) {
	t.Helper()
	to, err := url.Parse(database)
	require.NoError(t, err)
	l := &line{server: to.Host, statements: map[string]bool{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var busy sync.WaitGroup
	ctx, hangUp := context.WithCancel(context.Background())
	t.Cleanup(func() {
		hangUp()
		require.NoError(t, listener.Close())
		busy.Wait()
	})
	busy.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { _ = near.Close() })
			busy.Go(func() { l.carry(near) })
		}
	})
	to.Host = listener.Addr().String()
	return l, to.String()
}

// carry carries one connection until either side ends it.
func (l *line) carry(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(near, far)
		_ = near.Close()
	})
	_ = l.listen(near, far)
	_ = far.Close()
	back.Wait()
}

// listen reads the client's messages and passes them on.
func (l *line) listen(near io.Reader, far io.Writer) error {
	head := make([]byte, 4) // the first message has no type
	for {
		if _, err := io.ReadFull(near, head); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(near, body); err != nil {
			return err
		}
		if len(head) == 5 {
			l.note(head[0], body)
		}
		if _, err := far.Write(append(head[:len(head):len(head)], body...)); err != nil {
			return err
		}
		head = make([]byte, 5)
	}
}

// note counts a round trip for what the client waits for: each Sync and each simple query,
// but for the end of a transaction that only read, for a ping of an idle connection, and
// for what nobody waits for.
func (l *line) note(kind byte, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch kind {
	case 'S':
		l.trips++
	case 'Q':
		text := string(body[:len(body)-1])
		if text != "rollback" && !strings.HasPrefix(text, "--") && !strings.HasPrefix(text, "analyze ") {
			l.trips++
			l.statements[text] = true
		}
	case 'P':
		_, rest, _ := strings.Cut(string(body), "\x00")
		text, _, _ := strings.Cut(rest, "\x00")
		l.statements[text] = true
	}
}

// during returns how many round trips the call takes.
func (l *line) during(call func()) int {
	l.mu.Lock()
	before := l.trips
	l.mu.Unlock()
	call()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trips - before
}

// sent returns all statements that were sent.
func (l *line) sent() (statements []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for text := range l.statements {
		statements = append(statements, text)
	}
	return statements
}

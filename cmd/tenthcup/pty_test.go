package main

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

// monitor is a real process on a pseudo terminal, and what the terminal shows.
type monitor struct {
	t     testing.TB
	cmd   *exec.Cmd
	keys  *os.File
	mu    sync.Mutex
	drawn *sync.Cond // signalled after each piece of output, and at its end
	vt    *vt.Emulator
	ended bool
}

// testProgram is this test binary, which is also the program, see TestMain.
var testProgram = os.Args[0]

// programEnv is the environment in which it is what as says.
func programEnv(as string) []string {
	return append(os.Environ(), as+"=1", quickExit, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=en_GB.UTF-8", "LC_ALL=", "TZ=Europe/Budapest", "TMUX=", "NO_COLOR=")
}

// open starts this test binary as another program on a terminal of 80x24.
func open(t testing.TB, as string, args ...string) *monitor {
	t.Helper()
	s := &monitor{t: t, cmd: exec.Command(testProgram, args...), vt: vt.NewEmulator(80, 24)}
	s.drawn = sync.NewCond(&s.mu)
	s.cmd.Env = programEnv(as)
	var err error
	s.keys, err = pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 24, Cols: 80})
	require.NoError(t, err)
	go s.drain()
	go func() { _, _ = s.keys.ReadFrom(s.vt) }() // the terminal's answers to questions
	t.Cleanup(s.kill)
	return s
}

func (s *monitor) drain() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := s.keys.Read(buffer)
		s.mu.Lock()
		_, _ = s.vt.Write(buffer[:n])
		s.ended = err != nil
		s.drawn.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// kill ends the process as a power cut would.
func (s *monitor) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.keys.Close() // the emulator stays open: closing it races its reader, and it ends with the test
}

func (s *monitor) typed(text string) {
	s.t.Helper()
	_, err := s.keys.WriteString(text)
	require.NoError(s.t, err)
}

// patienceOnScreen is how long a picture may take on a machine that does much
// else. It is no measure of speed.
const patienceOnScreen = 30 * time.Second

// until waits for a picture that passes and returns it.
func (s *monitor) until(what string, pass func(picture string) bool) string {
	s.t.Helper()
	late := false
	timer := time.AfterFunc(patienceOnScreen, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		late = true
		s.drawn.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		picture := s.vt.String()
		if pass(picture) {
			return picture
		}
		if late || s.ended {
			s.t.Fatalf("never saw %s (ended: %v) on\n%s", what, s.ended, picture)
		}
		s.drawn.Wait()
	}
}

// shows waits for all the texts to be on the screen.
func (s *monitor) shows(texts ...string) string {
	s.t.Helper()
	return s.until(strings.Join(texts, " and "), func(picture string) bool {
		for _, text := range texts {
			if !strings.Contains(picture, text) {
				return false
			}
		}
		return true
	})
}

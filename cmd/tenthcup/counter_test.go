package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sampleCode returns the member code of the demo's hint line.
func sampleCode(s *monitor) string {
	s.t.Helper()
	grouped := regexp.MustCompile(`TC1( [1-9A-X]{4}){3}`).FindString(s.shows("Demo"))
	require.NotEmpty(s.t, grouped)
	return strings.ReplaceAll(grouped, " ", "")
}

// asked runs a command of the program, in a process of its own, and returns what
// it printed.
func asked(t *testing.T, args ...string) string {
	t.Helper()
	out, err := command(args...).Output()
	require.NoError(t, err, "%v", args)
	return string(out)
}

func command(args ...string) *exec.Cmd {
	cmd := exec.Command(testProgram, args...)
	cmd.Env = programEnv(asProgram)
	return cmd
}

// Typed as a scanner types: the code and Enter, then Enter for a stamp. The
// process is killed the moment the screen confirms, and the stamp is there on the
// next start. A stamp that the screen confirmed twenty times is there twenty times.
func TestKilledAfterTheConfirmation(t *testing.T) {
	dir := t.TempDir()
	for stamps := 8; stamps <= 9; stamps++ {
		s := open(t, asProgram, "demo", "--dir", dir)
		member := sampleCode(s)
		s.typed(member + "\r")
		s.shows("Ann Archer")
		s.typed("\r")
		s.shows(stampsText(stamps))
		s.kill()
	}
	s := open(t, asProgram, "demo", "--dir", dir)
	member := sampleCode(s)
	s.typed(member + "\r")
	s.shows("Ann Archer", stampsText(9))

	// While the station is open, a command runs inside it, and the screen follows.
	require.Contains(t, asked(t, "stamp", member, "-n", "3", "--dir", dir+"/till"), "2 of 10 stamps")
	s.shows(stampsText(2))
	s.kill()
	require.Contains(t, asked(t, "doctor", "--dir", dir+"/till"), "adds up")
	require.Contains(t, asked(t, "doctor", "--db", dir+"/server.db"), "adds up")
}

func stampsText(n int) string { return fmt.Sprintf("%d of 10", n) }

// A command that runs inside an open station speaks the shop's language, as it
// does when it opens the folder itself.
func TestCommandsInsideAStationSpeakItsLanguage(t *testing.T) {
	dir := t.TempDir()
	asked(t, "init", "--dir", dir, "--shop", "Kedai Kopi", "--currency", "MYR", "--language", "ms", "--timezone", "Asia/Kuala_Lumpur", "--preset", "cafe", "--pin", "1234")
	alone := asked(t, "status", "--dir", dir)
	require.Contains(t, alone, "Tiada pelayan")
	open(t, asProgram, "--dir", dir).shows("Kedai Kopi")
	require.Equal(t, alone, asked(t, "status", "--dir", dir))
}

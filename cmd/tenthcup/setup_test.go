package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// killedAt runs a command until it makes the call on the file for the nth time, and
// kills it there. It reports whether it came so far.
func killedAt(t *testing.T, file, call string, nth int, args ...string) bool {
	strace, err := exec.LookPath("strace")
	require.NoError(t, err, "no strace to kill at a system call: 'make test' installs it, or says how")
	traced := []string{
		"-f", "-o", os.DevNull, "-P", file, "-e", "trace=" + call,
		"-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", call, nth), testProgram,
	}
	cmd := exec.Command(strace, append(traced, args...)...)
	cmd.Env = programEnv(asProgram)
	_, err = cmd.CombinedOutput()
	return err != nil
}

// steps are the calls that write a file, and how often a set-up makes each at least.
func steps(dir string) (all []struct {
	file, call string
	nth        int
},
) {
	add := func(name, calls string, nth int) {
		for call := range strings.FieldsSeq(calls) {
			all = append(all, struct {
				file, call string
				nth        int
			}{filepath.Join(dir, name), call, nth})
		}
	}
	for _, name := range []string{settingsName, programName, identityName} {
		add(name+".new", "openat write fsync renameat", 1)
	}
	add(ledgerName, "openat pwrite64 fdatasync", 1)
	add(ledgerName, "pwrite64 fdatasync", 2)
	return all
}

// An init that is killed at any step leaves a folder in which init can be run again,
// or a till that is whole, with its manager.
func TestInitKilledAtEachStep(t *testing.T) {
	folder := t.TempDir()
	killed := 0
	for i := range steps("") {
		dir := filepath.Join(folder, fmt.Sprint(i))
		init := []string{"init", "--dir", dir, "--shop", "S", "--currency", "EUR", "--language", "en", "--timezone", "UTC", "--preset", "cafe", "--pin", "1234"}
		at := steps(dir)[i]
		if !killedAt(t, at.file, at.call, at.nth, init...) {
			continue
		}
		killed++
		if out, err := command(init...).CombinedOutput(); err != nil {
			require.Contains(t, string(out), "is a till already", "%v", at)
		}
		require.Contains(t, asked(t, "doctor", "--dir", dir), "adds up", "%v", at)
		till, err := openTill(dir)
		require.NoError(t, err)
		_, err = till.station.SignIn("manager", "1234")
		require.NoError(t, err, "%v", at)
		require.NoError(t, till.close())
	}
	require.Greater(t, killed, 12)
}

// An enrolment that is killed at any step can be run again with the same one-time
// code, and then the till works.
func TestEnrolKilledAtEachStep(t *testing.T) {
	folder := t.TempDir()
	server := &centre{t: t, db: filepath.Join(folder, "server.db")}
	t.Cleanup(server.kill)
	server.start()
	asked(t, "store", "add", "High Street", "--timezone", "UTC", "--db", server.db)
	asked(t, "program", "publish", "cafe", "--db", server.db)
	killed := 0
	for i := range steps("") {
		dir := filepath.Join(folder, fmt.Sprint(i))
		once := strings.TrimSpace(asked(t, "terminal", "add", "Till", "--store", "high-street", "--db", server.db))
		at := steps(dir)[i]
		if !killedAt(t, at.file, at.call, at.nth, "enrol", server.address(), once, "--dir", dir) {
			continue
		}
		killed++
		if out, err := command("enrol", server.address(), once, "--dir", dir).CombinedOutput(); err != nil {
			require.Contains(t, string(out), "belongs to", "%v", at)
		}
		asked(t, "member", "add", "--name", "Ann", "--dir", dir)
		asked(t, "sync", "--dir", dir)
		require.Contains(t, asked(t, "doctor", "--dir", dir), "adds up", "%v", at)
	}
	require.Greater(t, killed, 8)
}

// A mistake in the shop's own colours keeps no counter shut.
func TestCounterOpensWithoutItsTheme(t *testing.T) {
	dir := t.TempDir()
	asked(t, "init", "--dir", dir, "--shop", "Kiosk", "--currency", "EUR", "--language", "en", "--timezone", "Europe/Budapest", "--preset", "cafe", "--pin", "1234")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "theme.toml"), []byte("[colours]\naccent = \"#zz0000\"\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, settingsName), []byte("[shop]\nname = \"Kiosk\"\nlanguage = \"en\"\ncurrency = \"EUR\"\ntimezone = \"Europe/Budapest\"\n[screen]\ntheme = \"theme.toml\"\n"), 0o600))
	open(t, asProgram, "--dir", dir).shows("Kiosk", "is no colour")
}

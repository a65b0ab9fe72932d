package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/tui/screen"
)

const (
	tenCups  = "title = \"Ten\"\n\n[[card]]\nid = \"coffee\"\nsize = 10 # cups\n\n[[reward]]\nid = \"free\"\ncard = \"coffee\"\n"
	fiveCups = "title = \"Five\"\n\n[[card]]\nid = \"coffee\"\nsize = 5\n\n[[reward]]\nid = \"free\"\ncard = \"coffee\"\n"
)

// alone makes a till without a server that has the program, with the manager Mia.
func alone(t *testing.T, program string) string {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "p.toml")
	require.NoError(t, os.WriteFile(file, []byte(program), 0o600))
	for _, args := range [][]string{
		{"init", "--dir", dir, "--pin", "1234", "--preset", "cafe", "--shop", "Corner", "--currency", "EUR", "--language", "en", "--country", "HU", "--timezone", "Europe/Budapest"},
		{"cashier", "add", "Mia", "--pin", "1111", "--role", "manager", "--dir", dir},
	} {
		require.Zero(t, run(t.Context(), args, streams{strings.NewReader(""), os.Stdout, os.Stderr}), args)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, programName), []byte(program), 0o600))
	return dir
}

// opened opens the till for as long as do runs.
func opened(t *testing.T, dir string, do func(t *till, o screen.Office)) {
	till, err := openTill(dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, till.close()) }()
	do(till, till.office())
}

func sizeAt(t *testing.T, till *till) int64 {
	p, err := till.station.Program()
	require.NoError(t, err)
	return p.Cards[0].Size
}

// What a manager publishes at a till without a server decides at once, is its program
// file, and still decides after a restart.
func TestPublishAlone(t *testing.T) {
	dir := alone(t, tenCups)
	opened(t, dir, func(till *till, o screen.Office) {
		require.ErrorIs(t, o.PublishProgram(screen.Manager{Cashier: mia.Cashier, PIN: "9999"}, pos.Published{Document: []byte(fiveCups)}), pos.Refuse("pin.wrong"))
		require.EqualValues(t, 10, sizeAt(t, till))
		require.Error(t, o.PublishProgram(mia, pos.Published{Document: []byte("title = 1")}))
		require.NoError(t, o.PublishProgram(mia, pos.Published{Document: []byte(fiveCups)}))
		require.EqualValues(t, 5, sizeAt(t, till))
	})
	file, err := os.ReadFile(filepath.Join(dir, programName))
	require.NoError(t, err)
	require.Equal(t, fiveCups, string(file))
	opened(t, dir, func(till *till, _ screen.Office) { require.EqualValues(t, 5, sizeAt(t, till)) })
}

// One for later survives restarts, becomes the program file when its moment has come,
// and a file that was edited by hand meanwhile does not drop it.
func TestPublishAloneForLater(t *testing.T) {
	dir := alone(t, tenCups)
	soon := time.Now().Add(time.Hour).UnixMilli()
	opened(t, dir, func(till *till, o screen.Office) {
		require.NoError(t, o.PublishProgram(mia, pos.Published{Document: []byte(fiveCups), From: soon}))
		require.EqualValues(t, 10, sizeAt(t, till))
	})
	edited := strings.Replace(tenCups, "size = 10", "size = 9", 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, programName), []byte(edited), 0o600))
	opened(t, dir, func(till *till, o screen.Office) {
		require.EqualValues(t, 9, sizeAt(t, till))
		programs, err := o.Programs(mia)
		require.NoError(t, err)
		require.Len(t, programs, 2)
		require.Equal(t, soon, programs[1].From)
		require.NoError(t, till.changeRoster(func(roster *pos.Roster) error {
			roster.Programs[len(roster.Programs)-1].From = time.Now().Add(-time.Minute).UnixMilli() // an hour later
			return nil
		}))
		require.EqualValues(t, 5, sizeAt(t, till))
	})
	opened(t, dir, func(till *till, o screen.Office) {
		require.EqualValues(t, 5, sizeAt(t, till))
		programs, err := o.Programs(mia)
		require.NoError(t, err)
		require.Len(t, programs, 1)
	})
	file, err := os.ReadFile(filepath.Join(dir, programName))
	require.NoError(t, err)
	require.Equal(t, fiveCups, string(file))
}

// With a server the program is published there, in the manager's name, and this till
// has it at once.
func TestPublishOverTheLine(t *testing.T) {
	b := newBranch(t)
	o := b.till.office()
	require.ErrorIs(t, o.PublishProgram(ben, pos.Published{Document: []byte(fiveCups)}), pos.Refuse("pin.manager"))
	broken := fiveCups + "\n[[example]]\nname = \"x\"\nwhen = { stamp = \"coffee\" }\nthen = { cards = { coffee = 2 } }\n"
	require.ErrorIs(t, o.PublishProgram(mia, pos.Published{Document: []byte(broken)}), pos.Refuse("program.broken"))
	require.NoError(t, o.PublishProgram(mia, pos.Published{Document: []byte(fiveCups)}))
	require.Eventually(t, func() bool { return sizeAt(t, b.till) == 5 }, 5*time.Second, time.Millisecond, "its moment is the server's now")
	later := time.Now().Add(time.Hour).UnixMilli()
	require.NoError(t, o.PublishProgram(mia, pos.Published{Document: []byte(tenCups), From: later}))
	require.EqualValues(t, 5, sizeAt(t, b.till))
	programs, err := o.Programs(mia)
	require.NoError(t, err)
	require.Equal(t, later, programs[len(programs)-1].From)
	acts := b.written()
	require.Len(t, acts, 2)
	require.Contains(t, acts[0], "program-publish ")
	require.Contains(t, acts[0], " by mia from=")
	require.Contains(t, acts[0], "title=Five")
}

// A draft that is kept late does not replace a newer one.
func TestDrafts(t *testing.T) {
	d := &drafts{dir: t.TempDir()}
	text, err := d.Draft()
	require.NoError(t, err)
	require.Nil(t, text)
	require.NoError(t, d.KeepDraft(2, []byte("new")))
	require.NoError(t, d.KeepDraft(1, []byte("old")))
	text, err = (&drafts{dir: d.dir}).Draft()
	require.NoError(t, err)
	require.Equal(t, "new", string(text))
	require.NoError(t, d.KeepDraft(3, nil))
	require.NoError(t, d.KeepDraft(4, nil))
	text, err = d.Draft()
	require.NoError(t, err)
	require.Nil(t, text)
}

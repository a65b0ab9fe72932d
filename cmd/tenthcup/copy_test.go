package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/postgres/pgtest"
)

// moved is a branch whose server moves its ledger about.
type moved struct {
	*branch
	member pos.Profile
	booked int64
}

// books has the till book something and tell the server, which must know all of it.
func (m *moved) books() {
	_, err := m.till.station.Stamp("mia", m.member.Holder, "", 1)
	require.NoError(m.t, err)
	m.booked++
	require.NoError(m.t, m.till.sync(m.t.Context(), nil))
	waiting, err := m.till.station.Waiting()
	require.NoError(m.t, err)
	require.Zero(m.t, waiting.Entries)
	sums, err := m.desk.db.Balance("main", m.member.Holder, pos.DayOf(time.Now(), time.Local))
	require.NoError(m.t, err)
	require.Equal(m.t, m.booked, sums.Balance(sums[0].Account, pos.DayOf(time.Now(), time.Local)))
	held, err := m.desk.db.Quarantined()
	require.NoError(m.t, err)
	require.Empty(m.t, held)
	findings, err := m.desk.db.Check()
	require.NoError(m.t, err)
	require.Empty(m.t, findings)
}

// to stops the server, copies its ledger in a process that is killed and in one that is
// not, and serves the copy.
func (m *moved) to(from, into string) {
	m.web.Close()
	require.NoError(m.t, m.desk.db.Close())
	killed := m.command(from, into)
	said, err := killed.StderrPipe()
	require.NoError(m.t, err)
	require.NoError(m.t, killed.Start())
	_, err = bufio.NewReader(said).ReadString('\r')
	require.NoError(m.t, err)
	require.NoError(m.t, killed.Process.Kill())
	require.ErrorContains(m.t, killed.Wait(), "killed")

	_, err = openDesk(m.t.Context(), into)
	require.ErrorContains(m.t, err, "disk.copying")
	out, err := m.command(from, into).CombinedOutput()
	require.NoError(m.t, err, string(out))
	require.Contains(m.t, string(out), "Copied and compared: ")
	m.desk, err = openDesk(m.t.Context(), into)
	require.NoError(m.t, err)
	m.serve()
}

func (m *moved) command(from, into string) *exec.Cmd {
	cmd := exec.CommandContext(m.t.Context(), os.Args[0], "copy", "--from", from, "--to", into, "--check")
	cmd.Env = append(os.Environ(), asProgram+"=1", quickExit, "LANG=en_GB.UTF-8", "LC_ALL=")
	return cmd
}

// crowd gives the ledger enough rows for several transactions of a copy, from a till that
// is in another area.
func (m *moved) crowd() {
	far := pos.Terminal{ID: pos.TerminalID{7}, Area: "main"}
	var sent ledger.Sent
	head := pos.Hash{}
	for n := range uint64(6000) {
		var who pos.HolderID
		binary.BigEndian.PutUint64(who[:], n+1)
		raw, err := pos.Entry{
			V: pos.Version, ID: pos.EntryID{Terminal: far.ID, Incarnation: 1, Seq: n + 1}, Nonce: n + 1, At: int64(n + 1), Day: 20777,
			Kind: pos.Stamped, Holder: who, Postings: []pos.Posting{{Account: "stamp:far/9", Amount: 1}}, Cashier: "mia", Prev: head,
		}.Encode()
		require.NoError(m.t, err)
		head = pos.HashEntry(raw)
		sent.Entries = append(sent.Entries, raw)
	}
	require.NoError(m.t, m.desk.db.Take(far, sent, time.Now()))
}

// A chain's ledger moves from a file to a database, and back when that does not please,
// by commands that are killed in the middle; its tills notice nothing.
func TestLedgerMoves(t *testing.T) {
	data := t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	url := pgtest.Shared(t, "fsync = off").Database(t)
	m := &moved{branch: newBranch(t)}
	m.crowd()
	done, err := m.till.station.Enrol("mia", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	m.member = done.Member.Profile
	m.books()
	first, last := m.file, filepath.Join(data, "back", "chain.db")
	m.to(first, url)
	m.books()
	m.to(url, last)
	m.books()

	status, out := ends(t, "copy", "--from", first, "--to", first)
	require.Equal(t, statusRefused, status, out)
	status, out = ends(t, "copy", "--from", first+".not", "--to", url)
	require.Equal(t, statusRefused, status, out)
	status, out = ends(t, "copy", "--from", first, "--to", url)
	require.Equal(t, statusRefused, status, out)
	require.Contains(t, out, "copy.notempty")
	require.NoError(t, os.Remove(filepath.Join(data, "tenthcup", "server.key")))
	_, err = newSecret(filepath.Join(data, "tenthcup", "server.key"))
	require.NoError(t, err)
	status, out = ends(t, "copy", "--from", first, "--to", url)
	require.Equal(t, statusRefused, status, out)
	require.Contains(t, out, "copy.secret")
}

// ends runs a command with --json and returns its status and all that it said.
func ends(t *testing.T, args ...string) (int, string) {
	var out strings.Builder
	status := run(context.WithoutCancel(t.Context()), append(args, "--json"), streams{strings.NewReader(""), &out, &out})
	return status, out.String()
}

//go:build linux

package pgtest

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// standbyName is what the standby calls itself to the primary, and its slot.
const standbyName = "standby1"

// Pair is a primary and its standby. They keep these names here when the standby
// has taken over.
type Pair struct {
	Primary *Cluster
	Standby *Cluster

	sender int // the process that is frozen, 0 for none
}

// StartPair runs a primary and a standby that is up to date until the test ends.
// In sync a commit is acknowledged when both have it on disk; else when the
// primary has. The settings are those of both.
//
// The standby looks for its primary every 100 ms. At PostgreSQL's five seconds
// it can be that long behind when it is promoted, and writes stand still.
func StartPair(t testing.TB, sync bool, settings ...string) *Pair {
	t.Helper()
	both := append([]string{"wal_log_hints = on", "wal_keep_size = 256MB", "wal_retrieve_retry_interval = 100ms"}, settings...)
	p := &Pair{Primary: prepare(t, both), Standby: prepare(t, both)}
	t.Cleanup(func() { p.thaw() }) // a frozen process does not hear that it is to stop
	state := "async"
	if sync {
		state = "sync"
		p.Primary.must(t, p.Primary.set("synchronous_standby_names = 'FIRST 1 ("+standbyName+")'"))
	}
	p.Primary.must(t, p.Primary.open())
	p.Primary.must(t, p.Primary.do("SELECT pg_create_physical_replication_slot('"+standbyName+"')"))
	p.Standby.must(t, p.follow())
	p.Standby.must(t, p.Standby.open())
	p.Primary.must(t, await("the standby to be "+state, func() (bool, error) {
		var found bool
		err := p.Primary.with(func(ctx context.Context, conn *pgx.Conn) error {
			return conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = $1
				AND state = 'streaming' AND sync_state = $2)`, standbyName, state).Scan(&found)
		})
		return found, err
	}))
	return p
}

// follow makes a standby of what is a copy of the same template as the primary:
// a base backup from before the primary's first start.
func (p *Pair) follow() error {
	to := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres sslmode=disable application_name=%s", p.Primary.port, standbyName)
	if err := p.Standby.set("primary_conninfo = '"+to+"'", "primary_slot_name = '"+standbyName+"'"); err != nil {
		return err
	}
	return p.Standby.home.write(filepath.Join(p.Standby.data(), "standby.signal"), "")
}

// URL returns where the database is for whoever writes: on the one of both that
// takes writes. An old primary that came back says so too.
func (p *Pair) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d,127.0.0.1:%d/%s?sslmode=disable&target_session_attrs=read-write&connect_timeout=2",
		p.Primary.port, p.Standby.port, database)
}

// Database creates an empty database for the test and returns its URL.
func (p *Pair) Database(t testing.TB) string {
	t.Helper()
	return p.URL(p.Primary.database(t))
}

// Kill kills the primary, see [Cluster.Kill].
func (p *Pair) Kill(t testing.TB) {
	t.Helper()
	p.Primary.Kill(t)
	p.sender = 0
}

// Promote makes a primary of the standby, and returns when it takes writes. It
// has no standby and waits for none.
func (p *Pair) Promote(t testing.TB) {
	t.Helper()
	p.Standby.must(t, p.Standby.with(func(ctx context.Context, conn *pgx.Conn) error {
		var promoted bool
		err := conn.QueryRow(ctx, "SELECT pg_promote(true, $1)", int(patience.Seconds())).Scan(&promoted)
		if err == nil && !promoted {
			err = fmt.Errorf("not promoted within %v", patience)
		}
		return err
	}))
}

// Revive starts the killed primary again as it is: it takes itself for the
// primary still, whoever is by now.
func (p *Pair) Revive(t testing.TB) {
	t.Helper()
	p.Primary.Revive(t)
}

// Freeze stops what the standby hears from the primary, as a network does that
// loses everything, until Thaw or Kill. In sync no commit returns meanwhile.
func (p *Pair) Freeze(t testing.TB) {
	t.Helper()
	var pid int
	p.Primary.must(t, p.Primary.with(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT pid FROM pg_stat_replication WHERE application_name = $1", standbyName).Scan(&pid)
	}))
	p.Primary.must(t, stop(pid))
	p.sender = pid
}

// Thaw lets the standby hear the primary again, and catch up.
func (p *Pair) Thaw(t testing.TB) {
	t.Helper()
	p.Primary.must(t, p.thaw())
}

func (p *Pair) thaw() error {
	if p.sender == 0 {
		return nil
	}
	err := syscall.Kill(p.sender, syscall.SIGCONT)
	p.sender = 0
	return err
}

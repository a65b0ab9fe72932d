// Package postgres keeps the central ledger in a PostgreSQL database, for a chain that
// outgrows one machine: any number of servers may have it open. It is the ledger of
// package central on tables of the same shape, with the same promises; what it adds is
// how rows are brought and written many at once, who waits for whom, and what becomes of
// a transaction when the database goes away.
//
// store/DESIGN.md has how the tables are keyed and why that distributes.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"tenthcup/pos"
	"tenthcup/store/central"
	"tenthcup/store/seal"
)

// What can be wrong with a database, besides the problems of package store.
var (
	// ErrNoTables says that nobody has made the tables: tenthcup migrate does.
	ErrNoTables = pos.Refuse("db.empty")
	// ErrOldTables says that the tables are those of an older version of the program:
	// tenthcup migrate brings them up to date.
	ErrOldTables = pos.Refuse("db.old")
	// ErrURL says that the address of the database cannot be read.
	ErrURL = pos.Refuse("db.url")
	// ErrRefused says that the server does not let us in, or has no such database.
	ErrRefused = pos.Refuse("db.refused")
)

// errOldPrimary says that a server was a primary before another one took its place.
var errOldPrimary = errors.New("this server was a primary before another one was promoted; it must not be written to")

// Options of Open.
type Options struct {
	Connections int            // at most, of this process; 0 is 16
	Random      func() float64 // from [0, 1), for pauses between tries; nil is no jitter
	Patience    time.Duration  // of one transaction, waiting for others and for a standby in it; 0 is ten seconds
}

const (
	defaultConnections = 16
	forConnecting      = 3 * time.Second
	// A server that hangs in a transaction must not keep others from an area for long.
	idleInTransaction = 15 * time.Second
	forLock           = 10 * time.Second
)

// Open opens the ledger in the database at the URL, which may name several hosts: the one
// that takes writes is used, and one that took them before another was promoted is
// refused. The tables must be there and those of this version: ErrNoTables, ErrOldTables,
// store.ErrNewer. An empty ledger is sealed with the secret; one that was sealed with
// another is store.ErrSecret.
func Open(ctx context.Context, url string, secret seal.Secret, options Options) (*central.Book, error) {
	db, err := Connect(ctx, url, options)
	if err != nil {
		return nil, err
	}
	book, err := central.Open(db, secret)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return book, nil
}

// Connect returns the database at the URL. Its tables must be those of this version.
func Connect(ctx context.Context, url string, options Options) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, pos.Refuse(ErrURL.Key, "details", err.Error())
	}
	config.MaxConns = int32(options.Connections)
	if config.MaxConns == 0 {
		config.MaxConns = defaultConnections
	}
	newest := &timeline{}
	prepare(config.ConnConfig, newest)
	newest.ask(ctx, config.ConnConfig)
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	pool, err := pgxpool.NewWithConfig(life, config)
	if err != nil {
		cancel()
		return nil, explain(err)
	}
	if options.Random == nil {
		options.Random = func() float64 { return 0 }
	}
	db := &DB{pool: pool, ctx: life, cancel: cancel, random: options.Random, patience: cmp.Or(options.Patience, defaultPatience)}
	if err := db.ready(ctx); err != nil {
		return nil, errors.Join(explain(err), db.Close())
	}
	return db, nil
}

// warning is where a connection keeps the last warning of its server.
const warning = "warning"

// prepare sets what every connection has: limits on what it makes others wait for, an ear
// for warnings, and that it leads to a primary, and to no old one.
func prepare(config *pgx.ConnConfig, newest *timeline) {
	if config.ConnectTimeout == 0 || config.ConnectTimeout > forConnecting {
		config.ConnectTimeout = forConnecting
	}
	config.RuntimeParams["application_name"] = "tenthcup"
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = strconv.FormatInt(idleInTransaction.Milliseconds(), 10)
	config.RuntimeParams["lock_timeout"] = strconv.FormatInt(forLock.Milliseconds(), 10)
	config.OnNotice = func(conn *pgconn.PgConn, said *pgconn.Notice) {
		if cmp.Or(said.SeverityUnlocalized, said.Severity) == "WARNING" {
			conn.CustomData()[warning] = said.Message
		}
	}
	before := config.ValidateConnect
	config.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		if before != nil {
			if err := before(ctx, conn); err != nil {
				return err
			}
		}
		return newest.check(ctx, conn)
	}
}

// timeline is the newest timeline that was seen. PostgreSQL begins a new one whenever a
// standby is promoted; so a server that takes writes on an older one has been replaced.
type timeline struct {
	mu     sync.Mutex
	newest uint64
	heard  string // the timeline and the start of the server of which all is replicated
}

// current is the timeline on which the server writes, nothing on a standby; when it was
// started; and what a commit waits for.
const current = `select case when pg_is_in_recovery() then '' else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end,
pg_postmaster_start_time(), current_setting('synchronous_commit'), (select count(*) from pg_extension where extname = 'citus')`

// planOnce has each statement planned once for a connection, and not each time anew for the
// rows at hand: all of them look rows up by their keys, so there is one good plan, and a
// stamp would take longer to plan than to do. Citus has to see the area to plan.
const planOnce = "set plan_cache_mode = force_generic_plan"

// check refuses a server that should not be written to, or of which more can be read than
// its standbys have.
func (t *timeline) check(ctx context.Context, conn *pgconn.PgConn) error {
	row, err := t.look(ctx, conn)
	if err != nil || row == nil {
		return err
	}
	if commits := string(row[2]); commits == "off" || commits == "local" || commits == "remote_write" {
		if err := conn.Exec(ctx, "set synchronous_commit = on").Close(); err != nil {
			return err
		}
	}
	if string(row[3]) == "0" {
		if err := conn.Exec(ctx, planOnce).Close(); err != nil {
			return err
		}
	}
	t.mu.Lock()
	heard, started := t.heard, fmt.Sprintf("%s %s", row[0], row[1])
	t.mu.Unlock()
	if heard == started {
		return nil
	}
	if err := barrier(ctx, conn); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heard = started
	return nil
}

// look asks the server for its timeline, and notes it; that is errOldPrimary if it is not
// the newest. A distributed engine has none and answers nothing.
func (t *timeline) look(ctx context.Context, conn *pgconn.PgConn) ([][]byte, error) {
	result := conn.ExecParams(ctx, current, nil, nil, nil, nil).Read()
	if codeOf(result.Err) == undefinedFunction {
		return nil, nil
	}
	if result.Err != nil {
		return nil, result.Err
	}
	if len(result.Rows) != 1 || len(result.Rows[0]) != 4 {
		return nil, errors.New("read timeline: no answer")
	}
	text := string(result.Rows[0][0])
	if text == "" {
		return nil, errors.New("this server is a standby")
	}
	is, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		return nil, fmt.Errorf("read timeline: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if is < t.newest {
		return nil, errOldPrimary
	}
	t.newest = is
	return result.Rows[0], nil
}

// barrier returns when all that can be read on the server now is on its standbys too, if it
// has to have some. A server that was killed and started again shows what it had committed
// and no standby had heard of. Who read that, and acted on it, would lose it with the server.
func barrier(ctx context.Context, conn *pgconn.PgConn) error {
	said := conn.CustomData()
	delete(said, warning)
	err := conn.Exec(ctx, "select pg_logical_emit_message(true, 'tenthcup', '')").Close()
	if code := codeOf(err); code == undefinedFunction || code == unsupported {
		return nil
	}
	if text, warned := said[warning]; err == nil && warned {
		return fmt.Errorf("%w: %v", errUnreplicated, text)
	}
	return err
}

// ask asks each host of the URL for its timeline, so that a process that has just begun
// knows an old primary for one. Those that do not answer say nothing.
func (t *timeline) ask(ctx context.Context, config *pgx.ConnConfig) {
	if len(config.Fallbacks) == 0 {
		return
	}
	hosts := []pgconn.FallbackConfig{{Host: config.Host, Port: config.Port, TLSConfig: config.TLSConfig}}
	for _, f := range config.Fallbacks {
		hosts = append(hosts, *f)
	}
	var asked sync.WaitGroup
	for _, host := range hosts {
		one := config.Copy()
		one.Host, one.Port, one.TLSConfig, one.Fallbacks = host.Host, host.Port, host.TLSConfig, nil
		one.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
			_, err := t.look(ctx, conn)
			return err
		}
		asked.Go(func() {
			if conn, err := pgx.ConnectConfig(ctx, one); err == nil {
				_ = conn.Close(ctx) // it has said what it is
			}
		})
	}
	asked.Wait()
}

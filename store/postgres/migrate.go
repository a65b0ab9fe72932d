package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"tenthcup/pos"
	"tenthcup/store"
)

//go:embed schema/*.sql
var schema embed.FS

// migration is one numbered file. Its statements are run one by one, because some engines
// change a schema in one statement at a time only; each can be run again, because a crash
// may come between two of them.
type migration struct {
	number     int
	name       string
	statements []string
}

// migrations are all files, by number from 1 on without a gap.
var migrations = func() []migration {
	files, err := schema.ReadDir("schema")
	if err != nil {
		panic(err) // they are in the program
	}
	var all []migration
	for _, file := range files {
		text, err := schema.ReadFile("schema/" + file.Name())
		if err != nil {
			panic(err)
		}
		head, _, _ := strings.Cut(file.Name(), "_")
		number, err := strconv.Atoi(head)
		if err != nil || number != len(all)+1 {
			panic("schema: " + file.Name() + " is not the next number")
		}
		all = append(all, migration{number, file.Name(), statementsOf(string(text))})
	}
	return all
}()

// statementsOf returns the statements of a file: each ends with a semicolon at the end of
// a line.
func statementsOf(text string) (statements []string) {
	for statement := range strings.SplitSeq(text, ";\n") {
		lines := slices.DeleteFunc(strings.Split(statement, "\n"), func(line string) bool {
			return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "--")
		})
		if len(lines) > 0 {
			statements = append(statements, strings.Join(lines, "\n"))
		}
	}
	return statements
}

// versions is where it is written which files were run.
const versions = "create table if not exists tenthcup.migration (number integer not null primary key, name text not null, applied timestamptz not null default now())"

// Migrate makes the tables, or brings them up to date, and returns the names of the files
// that it ran; none if nothing was to be done. Two that run at once do each other no harm.
// Servers of the version before go on working beside it. A database of a newer program is
// store.ErrNewer and is not touched.
func Migrate(ctx context.Context, url string) (ran []string, err error) {
	conn, err := dial(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(explain(err), conn.Close(ctx)) }()
	for _, statement := range []string{"create schema if not exists tenthcup", versions} {
		if err := execute(ctx, conn, statement); err != nil {
			return nil, err
		}
	}
	done, err := versionOf(ctx, conn)
	if err != nil {
		return nil, err
	}
	if done > len(migrations) {
		return nil, store.ErrNewer
	}
	for _, m := range migrations[done:] {
		if err := m.run(ctx, conn); err != nil {
			return ran, fmt.Errorf("%s: %w", m.name, err)
		}
		ran = append(ran, m.name)
	}
	return ran, nil
}

// dial returns a connection of its own to the database at the URL.
func dial(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, pos.Refuse(ErrURL.Key, "details", err.Error())
	}
	prepare(config, &timeline{})
	conn, err := pgx.ConnectConfig(ctx, config)
	return conn, explain(err)
}

func (m migration) run(ctx context.Context, conn *pgx.Conn) error {
	for _, statement := range m.statements {
		if err := execute(ctx, conn, statement); err != nil {
			return err
		}
	}
	_, err := conn.Exec(ctx, "insert into tenthcup.migration (number, name) values ($1, $2) on conflict (number) do nothing", m.number, m.name)
	return err
}

// execute runs a statement that makes something. That somebody else has just made it is no
// error, though "if not exists" may say so when both look at once.
func execute(ctx context.Context, conn *pgx.Conn, statement string) error {
	_, err := conn.Exec(ctx, statement)
	switch codeOf(err) {
	case "23505", "42P07", "42P06", "42710":
		return nil
	}
	return err
}

// querier is a connection or a pool.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// versionOf returns the number of the last file that was run.
func versionOf(ctx context.Context, q querier) (number int, err error) {
	err = q.QueryRow(ctx, "select coalesce(max(number), 0) from tenthcup.migration").Scan(&number)
	return number, err
}

// ready refuses tables of another version, and makes partitions for the months to come.
func (d *DB) ready(ctx context.Context) error {
	number, err := versionOf(ctx, d.pool)
	switch {
	case err != nil:
		return err
	case number == 0:
		return ErrNoTables
	case number > len(migrations):
		return store.ErrNewer
	case number < len(migrations):
		return ErrOldTables
	}
	var now time.Time
	if err := d.pool.QueryRow(ctx, "select now()").Scan(&now); err != nil {
		return err
	}
	return d.Partition(ctx, now)
}

// monthsAhead is how many months have their partitions before they begin.
const monthsAhead = 3

// Partition makes the partitions of the month of the moment and of the next three, where
// they are missing. A server calls it when it starts and once a day. Rows of a month
// without one are kept all the same, in a partition of all other months.
func (d *DB) Partition(ctx context.Context, now time.Time) error {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	first := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	for ahead := range monthsAhead + 1 {
		err := execute(ctx, conn.Conn(), partition("entry", first.AddDate(0, ahead, 0)))
		if err != nil && codeOf(err) != checkViolation { // the partition of all others has rows of the month
			return err
		}
	}
	return nil
}

func partition(table string, month time.Time) string {
	number := func(m time.Time) int { return m.Year()*100 + int(m.Month()) }
	return fmt.Sprintf("create table if not exists tenthcup.%s_%d partition of tenthcup.%s for values from (%d) to (%d)",
		table, number(month), table, number(month), number(month.AddDate(0, 1, 0)))
}

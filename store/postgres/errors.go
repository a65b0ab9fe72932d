package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"tenthcup/pos"
	"tenthcup/store"
)

// uncertain is an error with the end of a transaction under way. Whether that was
// committed is certain only where the server says that it was not.
type uncertain struct{ err error }

func (u *uncertain) Error() string { return "commit: " + u.err.Error() }
func (u *uncertain) Unwrap() error { return u.err }

// codeOf returns the SQLSTATE of what the server said, "" if it said nothing.
func codeOf(err error) string {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return said.Code
	}
	return ""
}

// The classes and codes of SQLSTATE that matter here. Source: PostgreSQL's manual,
// appendix A.
const (
	serialization     = "40001"
	deadlock          = "40P01"
	lockTimeout       = "55P03"
	canceled          = "57014" // by an administrator, or a limit of the server's
	readOnly          = "25006" // a primary that has become a standby
	idleTooLong       = "25P03"
	checkViolation    = "23514"
	undefinedTable    = "42P01"
	undefinedFunction = "42883"
	unsupported       = "0A000"
	noSchema          = "3F000"
	diskFull          = "53100"
	connection        = "08"    // class: connections
	resources         = "53"    // class: too many connections, out of memory
	intervention      = "57P"   // codes: shut down, crashed, starting
	internal          = "XX000" // of Citus also: the node was lost in the middle of a commit
	damagedData       = "XX001"
	damagedIndex      = "XX002"
)

// passes reports whether what is wrong may be over soon: another transaction was in the
// way, or the server was away. All transactions may be tried again, except one of which
// nobody knows whether it was committed.
func passes(err error) bool {
	if _, ending := errors.AsType[*uncertain](err); ending && !undone(err) {
		return false
	}
	switch code := codeOf(err); {
	case code == serialization, code == deadlock, code == lockTimeout, code == canceled, code == readOnly, code == idleTooLong:
		return true
	case strings.HasPrefix(code, connection), strings.HasPrefix(code, intervention):
		return true
	case code == "53300": // too many connections
		return true
	case code != "":
		return false
	}
	return away(err)
}

// undone reports whether it is certain that a transaction was not committed. An internal
// error with the end under way says nothing: Citus reports one when it does not know.
func undone(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && cmp.Or(said.SeverityUnlocalized, said.Severity) == "ERROR" && said.Code != internal ||
		pgconn.SafeToRetry(err) && !errors.Is(err, errUnreplicated)
}

// away reports whether the error is that of a line and not of a server that answers.
func away(err error) bool {
	_, connect := errors.AsType[*pgconn.ConnectError](err)
	_, line := errors.AsType[net.Error](err)
	return connect || line || pgconn.Timeout(err) || pgconn.SafeToRetry(err) || errors.Is(err, errOldPrimary) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "conn closed")
}

// explain gives an error the name that people know it by, and leaves any other as it is.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*pos.Problem](err); ok {
		return err
	}
	if _, ending := errors.AsType[*uncertain](err); ending && !undone(err) {
		return fmt.Errorf("%w: %w: %w", store.ErrUnsure, store.ErrAway, err) // who asks again later is told
	}
	named := map[string]*pos.Problem{diskFull: store.ErrFull, undefinedTable: ErrNoTables, noSchema: ErrNoTables, readOnly: store.ErrAway}
	switch code := codeOf(err); {
	case named[code] != nil:
		return fmt.Errorf("%w: %w", named[code], err)
	case code == damagedData, code == damagedIndex:
		return fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	case strings.HasPrefix(code, "28"), code == "3D000": // who we are, or where
		return pos.Refuse(ErrRefused.Key, "details", err.Error())
	case passes(err), strings.HasPrefix(code, resources):
		return fmt.Errorf("%w: %w", store.ErrAway, err)
	}
	return err
}

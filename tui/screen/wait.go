package screen

import (
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
)

// wait is how long no PIN is taken, because wrong ones were tried out. The zero
// wait is over.
type wait struct{ until time.Time }

// waited is a message: another second of the wait is over.
type waited struct{ of wait }

// waitAfter returns the wait that a refused PIN asks for: the zero wait for any
// other error.
func waitAfter(err error, now time.Time) wait {
	problem, ok := pinProblem(err)
	if !ok {
		return wait{}
	}
	switch seconds := problem.Args["seconds"].(type) {
	case int:
		return wait{now.Add(time.Duration(seconds) * time.Second)}
	case int64:
		return wait{now.Add(time.Duration(seconds) * time.Second)}
	}
	return wait{}
}

// pinProblem returns what is wrong with a PIN, if that is what the error says.
func pinProblem(err error) (*pos.Problem, bool) {
	problem, ok := errors.AsType[*pos.Problem](err)
	return problem, ok && strings.HasPrefix(problem.Key, "pin.")
}

// left returns how many seconds are left, 0 when the wait is over.
func (w wait) left(now time.Time) int64 {
	return int64(max(w.until.Sub(now)+time.Second-1, 0) / time.Second)
}

// tick tells when the next second of the wait is over; nil if none is left.
func (w wait) tick(now time.Time) tea.Cmd {
	left := w.left(now)
	if left == 0 {
		return nil
	}
	next := w.until.Add(-time.Duration(left-1) * time.Second).Sub(now)
	return tea.Tick(next, func(time.Time) tea.Msg { return waited{w} })
}

// notice counts the wait down; it says nothing when it is over.
func (w wait) notice(d *Desk) Notice {
	left := w.left(d.Now)
	if left == 0 {
		return Notice{}
	}
	return Notice{d.Words.T("lock.wait", "n", left), Bad}
}

// text is the wait as a clock shows it, "0:42".
func (w wait) text(now time.Time) string {
	left := w.left(now)
	return fmt.Sprintf("%d:%02d", left/60, left%60)
}

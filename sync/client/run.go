package client

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"tenthcup/pos"
)

// Waits after failures. The first is firstWait, each following one twice as
// long, up to longestWait; jitter takes up to half of it off, so that the tills
// of a chain don't come back all at once. An error that lasts waits longestWait
// from the start.
const (
	firstWait   = time.Second
	longestWait = 5 * time.Minute
	// A kick cuts a wait short, but not below kickedWait after the last try: a
	// busy shop would otherwise try a dead line with every stamp.
	kickedWait = 5 * time.Second
	// Sync gives up after so many failures in a row.
	patience = 3
)

// lasting holds the problems that no repetition mends: somebody must do
// something at the server or here.
var lasting = map[string]bool{
	"line.unknown":   true,
	"line.revoked":   true,
	"line.refused":   true,
	"line.newer":     true,
	"line.plain":     true,
	"line.url":       true,
	"line.path":      true,
	"line.method":    true,
	"line.type":      true,
	"line.malformed": true,
	"line.chain":     true,
}

// Progress is how far a Sync has come.
type Progress struct {
	Sent    int // entries and profiles that the centre has taken so far
	Waiting int // that wait here
	Held    int // holders that the centre has told this till of
	Holders int // that the centre has in all: what a new till has before it; 0 if it does not say
}

// Sync exchanges until nothing waits, here or there. After each exchange it calls
// progress, which may be nil. Where the line broke under a large batch it tries
// smaller ones before it gives up. Its errors are those of Exchange.
func (c *Client) Sync(ctx context.Context, progress func(Progress)) error {
	c.init()
	_, err := c.sync(ctx, progress)
	if err == nil {
		select {
		case c.mended <- struct{}{}:
		default: // Run has not looked since the last time
		}
	}
	return err
}

// sync is Sync; it returns the last result, with Sent counting all.
func (c *Client) sync(ctx context.Context, progress func(Progress)) (Result, error) {
	sent, failures := 0, 0
	for {
		result, err := c.Exchange(ctx)
		sent += result.Sent
		if err != nil {
			failures++
			if f, ok := errors.AsType[*fault](err); ok && f.shrunk && failures < patience {
				continue
			}
			result.Sent = sent
			return result, err
		}
		failures = 0
		if progress != nil {
			progress(Progress{sent, result.Waiting, result.Held, result.Holders})
		}
		if !result.More {
			result.Sent = sent
			return result, nil
		}
	}
}

// Report is what Run found.
type Report struct {
	Online bool          // the last try succeeded: what could be sent was, and no news is left there
	Err    error         // why it did not, or line.profile; a *pos.Problem where people can act on it
	Sent   int           // entries and profiles that the centre took
	Offset time.Duration // how far the centre's clock is ahead of the terminal's; only if Online
	Wait   time.Duration // until the next try, if nothing kicks
}

// Run keeps the till in step until ctx ends: it syncs at once, whenever
// something comes out of kick, and every Idle. It reports each try from its own
// goroutine; report may be nil, and while it runs nothing is sent.
//
// The sender of kicks should give the channel room for one and drop what does
// not fit. After a failure Run waits longer and longer, up to five minutes; a
// kick then brings the next try forward, but not below five seconds after the
// last one and never before the server's own wish, to which jitter adds up to half:
// of thousands that were told the same no two come back at once. Where that is not below five
// seconds the till does not wait longer and longer. A successful Sync of somebody
// else ends the wait at once. Where repeating cannot help (the terminal is
// unknown, a program is too old), the wait is five minutes and a kick changes
// nothing.
func (c *Client) Run(ctx context.Context, kick <-chan struct{}, report func(Report)) {
	c.init()
	failures := 0
	for {
		result, err := c.sync(ctx, c.Watch)
		if ctx.Err() != nil {
			return
		}
		online := err == nil || errors.Is(err, pos.Refuse(profileTooLarge))
		f, _ := errors.AsType[*fault](err)
		switch failures++; {
		case online:
			failures = 0
		case f != nil && f.after >= kickedWait: // it is there, and knows best when to come
			failures = 1
		}
		wait, kicked := c.waits(err, failures)
		if report != nil {
			report(Report{Online: online, Err: err, Sent: result.Sent, Offset: result.Offset, Wait: wait})
		}
		if !c.rest(ctx, kick, wait, kicked) {
			return
		}
	}
}

// waits returns how long to wait for the next try after so many failures, and how
// long at least where something kicks.
func (c *Client) waits(err error, failures int) (wait, kicked time.Duration) {
	random := c.Random
	if random == nil {
		random = c.chance
	}
	if failures == 0 {
		idle := cmp.Or(c.Idle, defaultIdle)
		return idle*9/10 + time.Duration(random()*float64(idle/5)), 0
	}
	f, _ := errors.AsType[*fault](err)
	stays := f != nil && lasting[f.problem.Key]
	wait = longestWait
	if doublings := failures - 1; doublings < 16 && !stays {
		wait = min(firstWait<<doublings, longestWait)
	}
	wait = wait/2 + time.Duration(random()*float64(wait/2))
	switch {
	case stays:
		return wait, wait
	case f != nil:
		asked := f.after + time.Duration(random()*float64(f.after/2))
		return max(wait, asked), max(kickedWait, asked)
	}
	return wait, kickedWait
}

// chance returns a number in [0, 1) that differs between tills and from one moment
// to the next. Nobody gains by guessing it.
func (c *Client) chance() float64 {
	id := pos.TerminalOf(c.Key.Public().(ed25519.PublicKey))
	drawn := sha256.Sum256(binary.BigEndian.AppendUint64(id[:], uint64(c.Now().UnixNano())))
	return float64(binary.BigEndian.Uint64(drawn[:])>>11) / (1 << 53)
}

// rest waits and reports whether ctx is still going.
func (c *Client) rest(ctx context.Context, kick <-chan struct{}, wait, kicked time.Duration) bool {
	timer, floor := time.NewTimer(wait), time.NewTimer(kicked)
	defer timer.Stop()
	defer floor.Stop()
	due, early := false, false
	for !due || !early {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return true
		case <-c.mended:
			return true
		case <-floor.C:
			early = true
		case _, open := <-kick:
			due = true
			if !open {
				due, kick = false, nil
			}
		}
	}
	return true
}

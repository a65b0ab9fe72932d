// Package printer carries jobs to a receipt printer, over whatever it hangs on.
//
// A job ends within a time that is known before it begins, whatever the printer
// does, and jobs never pile up behind one that is stuck. What went wrong is said
// in words that a cashier can act on.
package printer

import (
	"context"
	"errors"
	"io"
	"time"

	"tenthcup/pos"
	"tenthcup/tui/device/escpos"
	"tenthcup/tui/screen"
	"tenthcup/tui/slip"
)

// The problems of a printer that only its owner can help with.
var (
	ErrSilent  = pos.Refuse("print.silent")
	ErrStuck   = pos.Refuse("print.stuck")
	ErrNoPaper = pos.Refuse("print.paper")
	ErrOpen    = pos.Refuse("print.cover")
	ErrFault   = pos.Refuse("print.fault")
	ErrOffline = pos.Refuse("print.offline")
	ErrBusy    = pos.Refuse("print.busy")
)

// Open connects to a printer. What it returns is closed after one job; closing it
// ends a Read and a Write that have not returned.
type Open func(ctx context.Context) (io.ReadWriteCloser, error)

// Printer is a receipt printer. Its methods are safe for concurrent use: jobs are
// printed one after the other.
type Printer struct {
	paper escpos.Paper
	speed int // bytes that it takes a second, at least
	open  Open
	turn  chan struct{} // holds one token while a job is on its way

	answers bool // it has answered a question before, so silence means something; the turn's
}

var _ screen.Printer = (*Printer)(nil)

// New returns the printer that the settings describe. It is looked for with each
// job, so that one that is plugged in later is found.
func New(s screen.PrinterSettings) *Printer {
	p := Through(s, reach(s))
	if s.Kind == "serial" {
		p.speed = baud(s) / 10
	}
	return p
}

// Through is New for a printer that is reached in another way than the settings say.
func Through(s screen.PrinterSettings, open Open) *Printer {
	const slowest = 8 << 10 // of those on a network or a cable, printing a picture
	return &Printer{
		paper: escpos.Paper{Width: s.Width, Page: escpos.Page(s.Page), QR: s.QR == "own"},
		speed: slowest, open: open, turn: make(chan struct{}, 1),
	}
}

// Print implements screen.Printer. It returns when the printer has taken the slip
// and still says that all is well. A part of a slip may be on paper when it fails.
func (p *Printer) Print(ctx context.Context, s slip.Slip) error {
	return p.do(ctx, escpos.Encode(s, p.paper), true)
}

// OpenDrawer implements screen.Printer. It does not need paper.
func (p *Printer) OpenDrawer(ctx context.Context) error {
	return p.do(ctx, escpos.Pulse(), false)
}

// patience is how long a job may take besides its bytes: the way there, two rounds
// of questions, and the printer's warming up.
const patience = 10 * time.Second

// do waits for the turn and sends the job.
func (p *Printer) do(ctx context.Context, job []byte, paper bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience+2*p.time(job))
	defer cancel()
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return ErrBusy
	}
	done := make(chan error, 1)
	go func() {
		done <- p.job(ctx, job, paper)
		<-p.turn // not before: a device that cannot be interrupted keeps its turn
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ErrStuck
	}
}

// job connects, talks, and hangs up, at the latest when the context ends.
func (p *Printer) job(ctx context.Context, job []byte, paper bool) error {
	line, err := p.open(ctx)
	if err != nil {
		return err
	}
	hungUp := context.AfterFunc(ctx, func() { _ = line.Close() })
	err = p.talk(line, job, paper)
	if hungUp() {
		err = errors.Join(err, said(line.Close()))
	}
	return err
}

// talk asks, sends the job, and asks again.
func (p *Printer) talk(line io.ReadWriter, job []byte, paper bool) error {
	if _, deaf := line.(oneWay); deaf {
		_, err := line.Write(job)
		return said(err)
	}
	i := listen(line)
	status, err := i.ask(p.answers, answerTime)
	p.answers = p.answers || status.known
	if err != nil {
		return err
	}
	if err := status.problem(); paper && err != nil {
		return err
	}
	if _, err := line.Write(job); err != nil {
		return said(err)
	}
	if !status.known {
		return nil
	}
	if status, err = i.ask(true, answerTime+p.time(job)); err != nil || !paper {
		return err
	}
	return status.problem()
}

// time is how long the printer may take for the job.
func (p *Printer) time(job []byte) time.Duration {
	return time.Duration(len(job)) * time.Second / time.Duration(p.speed)
}

// said turns what the machine says about a line into words.
func said(err error) error {
	if _, ok := errors.AsType[*pos.Problem](err); ok || err == nil {
		return err
	}
	return pos.Refuse("print.broken", "details", pos.CleanName(err.Error()))
}

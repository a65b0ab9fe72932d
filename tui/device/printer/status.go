package printer

import (
	"io"
	"time"

	"tenthcup/tui/device/escpos"
)

// answerTime is how long a printer may take to answer a question: they do at once,
// but some lines are slow. What was sent before them takes its time besides.
const answerTime = 700 * time.Millisecond

// inquiry asks the printer how it is.
type inquiry struct {
	line    io.Writer
	answers chan byte // what the printer said; closed when it says no more
}

// listen collects what the printer says until its line is closed.
func listen(line io.ReadWriter) inquiry {
	i := inquiry{line, make(chan byte, 64)}
	go func() {
		defer close(i.answers)
		var one [1]byte
		for {
			n, err := line.Read(one[:])
			if err != nil {
				return
			}
			if n == 0 {
				continue
			}
			select {
			case i.answers <- one[0]:
			default: // nobody asked for so much
			}
		}
	}()
	return i
}

// state is what a printer says about itself, or that it says nothing.
type state struct {
	escpos.Status
	known bool
}

// ask asks all there is to know, and waits so long for each answer. A printer that must answer and does not is
// silent; any other may be one that never does.
func (i inquiry) ask(must bool, wait time.Duration) (state, error) {
	var s state
	for len(i.answers) > 0 {
		<-i.answers // to what was not asked
	}
	for _, q := range []escpos.Question{escpos.Ready, escpos.Trouble, escpos.Roll} {
		if _, err := i.line.Write(escpos.Ask(q)); err != nil {
			return s, said(err)
		}
		if !i.learn(&s, q, wait) {
			if must || s.known {
				return s, ErrSilent
			}
			return s, nil
		}
		s.known = true
	}
	return s, nil
}

// learn waits so long for the answer.
func (i inquiry) learn(s *state, q escpos.Question, wait time.Duration) bool {
	late := time.After(wait)
	for {
		select {
		case b, open := <-i.answers:
			if !open {
				return false
			}
			if s.Learn(q, b) {
				return true
			}
		case <-late:
			return false
		}
	}
}

// problem says what keeps the printer from printing.
func (s state) problem() error {
	switch {
	case s.Cover:
		return ErrOpen
	case s.NoPaper:
		return ErrNoPaper
	case s.Fault:
		return ErrFault
	case s.Offline:
		return ErrOffline
	}
	return nil
}

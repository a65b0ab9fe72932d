package printertest

import (
	"bufio"
	"errors"
	"net"
	"sync"
)

// Printer is a printer at the other end of connections. Its zero value is ready to
// print. Its fields are changed by Set.
type Printer struct {
	Mute    bool // it answers no questions
	Stuck   bool // it takes a connection and reads nothing
	Resets  bool // it breaks connections off
	NoPaper bool
	Cover   bool // it is open

	EndsAfter int // rows after which the roll has ended; 0 is never

	guard sync.Mutex
	paper []*Paper
	errs  []error
	jobs  sync.WaitGroup
}

// Set changes the printer.
func (p *Printer) Set(change func(*Printer)) {
	p.guard.Lock()
	defer p.guard.Unlock()
	change(p)
}

// Printed returns the papers of all the connections so far that sent more than
// questions, after each has ended.
func (p *Printer) Printed() ([]*Paper, error) {
	p.jobs.Wait()
	p.guard.Lock()
	defer p.guard.Unlock()
	var printed []*Paper
	for _, paper := range p.paper {
		if len(paper.Rows) > 0 || paper.Cuts > 0 || len(paper.Pulses) > 0 {
			printed = append(printed, paper)
		}
	}
	return printed, errors.Join(p.errs...)
}

// Listen prints what comes in at a port of this machine, until the listener is
// closed.
func (p *Printer) Listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.Serve(conn)
		}
	}()
	return listener, nil
}

// Serve prints what comes in on the connection, beside the caller.
func (p *Printer) Serve(conn net.Conn) {
	p.guard.Lock()
	defer p.guard.Unlock()
	switch {
	case p.Resets:
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
		return
	case p.Stuck:
		return
	}
	paper := &Paper{}
	p.paper = append(p.paper, paper)
	h := &head{in: bufio.NewReader(conn), paper: paper}
	h.answer = func(question byte) {
		if answer, ok := p.says(paper, question); ok {
			_, _ = conn.Write([]byte{answer})
		}
	}
	p.jobs.Go(func() {
		err := h.run()
		_ = conn.Close()
		p.guard.Lock()
		defer p.guard.Unlock()
		if errors.Is(err, errCommand) {
			p.errs = append(p.errs, err)
		}
	})
}

// says answers a question as the manuals have it.
func (p *Printer) says(paper *Paper, question byte) (byte, bool) {
	p.guard.Lock()
	defer p.guard.Unlock()
	empty := p.NoPaper || p.EndsAfter > 0 && len(paper.Rows) >= p.EndsAfter
	answer := byte(0x12)
	set := func(bit byte, on bool) {
		if on {
			answer |= bit
		}
	}
	switch question {
	case 1:
		set(0x08, empty || p.Cover)
	case 2:
		set(0x04, p.Cover)
		set(0x20, empty)
	case 4:
		set(0x60, empty)
	}
	return answer, !p.Mute
}

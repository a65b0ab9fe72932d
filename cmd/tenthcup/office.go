package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store/central"
	"tenthcup/sync/wire"
	"tenthcup/tui/screen"
)

// A manager works at the server through any till of it: the till sends an order,
// which the server checks by itself, for a till's word that a manager stands there
// is worth nothing.

// acting is a manager at work through a till.
type acting struct {
	through pos.Terminal
	manager pos.CashierID
}

// handler carries out one kind of order: it reads JSON, and returns what JSON is made of.
type handler func(desk *serverDesk, by acting, body []byte) (any, error)

// handles makes a handler of a function with types.
func handles[A, R any](do func(desk *serverDesk, by acting, ask A) (R, error)) handler {
	return func(desk *serverDesk, by acting, body []byte) (any, error) {
		var ask A
		if err := json.Unmarshal(body, &ask); err != nil {
			return nil, pos.Refuse("office.old") // an order of another version has another shape
		}
		return do(desk, by, ask)
	}
}

// nothing is what an order asks or answers that has nothing to say.
type nothing struct{}

// officeHandlers are what managers may order, by the order's name.
func officeHandlers() map[string]handler {
	return map[string]handler{
		"issue-list":      handles((*serverDesk).issues),
		"issue-settle":    handles((*serverDesk).settleIssue),
		"cashier-list":    handles((*serverDesk).staff),
		"cashier-add":     handles((*serverDesk).addStaff),
		"cashier-change":  handles((*serverDesk).changeStaff),
		"cashier-remove":  handles((*serverDesk).removeStaff),
		"terminal-list":   handles((*serverDesk).tills),
		"terminal-add":    handles((*serverDesk).addTill),
		"terminal-revoke": handles((*serverDesk).revokeTill),
		"program-publish": handles((*serverDesk).publishProgram),
		"member-merge":    handles((*serverDesk).mergeMembers),
		"member-export":   handles((*serverDesk).exportMember),
		"member-erase":    handles((*serverDesk).eraseMember),
		"report":          handles((*serverDesk).report),
	}
}

// orderDesk is the server.Office of a server's file.
type orderDesk struct {
	desk     *serverDesk
	log      *slog.Logger
	handlers map[string]handler
}

// Carry implements server.Office. An order that changes something is written down before
// it is carried out, and what came of it after: one that comes again, to whichever server
// of the chain, gets that answer, or hears that nobody knows it where a server ended in
// between. One that only reads may be carried out again, but for a wrong PIN, which counts
// once.
func (o orderDesk) Carry(through pos.Terminal, order wire.Order) ([]byte, error) {
	raw, err := wire.Encode(order)
	if err != nil {
		return nil, err
	}
	as := central.Order{Through: through.ID, ID: order.ID, Raw: raw}
	var before []byte
	if onlyReads(order.Do) {
		before, err = o.desk.db.Outcome(as)
	} else {
		before, err = o.desk.db.Begin(as, time.Now())
	}
	if errors.Is(err, central.ErrOtherOrder) {
		err = fmt.Errorf("%w: %w", wire.ErrMalformed, err)
	}
	if err != nil {
		return nil, err
	}
	if before != nil {
		return earlier(before)
	}
	body, err := o.carryOut(through, order)
	if outcome := outcomeOf(order.Do, body, err); outcome != nil {
		if err := o.desk.db.Done(as, time.Now(), outcome); err != nil {
			o.log.Error("outcome of an order not kept", "do", order.Do, "terminal", through.ID.String(), "error", err)
		}
	}
	return body, err
}

// onlyReads reports whether the order changes nothing.
func onlyReads(do string) bool { return do == "report" || strings.HasSuffix(do, "-list") }

// maxOutcome is how large an outcome may be that is kept.
const maxOutcome = 4 << 10

// keptOutcome is what came of an order, as it is kept.
type keptOutcome struct {
	Body    json.RawMessage `json:"body,omitempty"`
	Problem []byte          `json:"problem,omitempty"` // as it goes over the line
}

// outcomeOf returns what is to be kept of the outcome of an order, nil where that is
// nothing: of one that may have failed in the middle, and of all that is known about a
// member, which must not outlive the member's wish to be forgotten.
func outcomeOf(do string, body []byte, err error) []byte {
	var kept keptOutcome
	problem, refused := errors.AsType[*pos.Problem](err)
	switch {
	case refused && strings.HasPrefix(problem.Key, "disk."), err != nil && !refused:
		return nil
	case refused && onlyReads(do) && problem.Key != "pin.wrong", err == nil && onlyReads(do):
		return nil
	case refused:
		kept.Problem = wire.EncodeProblem(problem)
	case do == "member-export" || len(body) > maxOutcome:
		return nil
	default:
		kept.Body = body
	}
	raw, err := json.Marshal(kept)
	if err != nil {
		return nil
	}
	return raw
}

// earlier answers as the order was answered before.
func earlier(outcome []byte) ([]byte, error) {
	var kept keptOutcome
	if err := json.Unmarshal(outcome, &kept); err != nil {
		return nil, fmt.Errorf("read outcome: %w", err)
	}
	if kept.Problem == nil {
		return kept.Body, nil
	}
	problem, err := wire.DecodeProblem(kept.Problem)
	if err != nil {
		return nil, fmt.Errorf("read outcome: %w", err)
	}
	return nil, problem
}

// carryOut does what the order says.
func (o orderDesk) carryOut(through pos.Terminal, order wire.Order) ([]byte, error) {
	gate := station.Station{
		Office: o.desk.db.Desk(through.Area, o.desk.office.Terminal), Guard: guard{o.desk.db, through.ID},
		Pepper: o.desk.pepper(), Now: time.Now,
	}
	if err := gate.Approve(order.Manager, order.PIN); err != nil {
		return nil, err
	}
	do := o.handlers[order.Do]
	if do == nil {
		return nil, pos.Refuse("office.old")
	}
	result, err := do(o.desk, acting{through, order.Manager}, order.Body)
	if err != nil {
		if _, told := errors.AsType[*pos.Problem](err); !told {
			o.log.Error("order failed", "do", order.Do, "terminal", through.ID.String(), "error", err)
		}
		return nil, err
	}
	return json.Marshal(result)
}

// guard counts the wrong PINs that come through one till.
type guard struct {
	db      *central.Book
	through pos.TerminalID
}

// Try implements station.Guard.
func (g guard) Try(cashier pos.CashierID, decide func(station.Tries) (station.Tries, error)) error {
	return g.db.Try(g.through, cashier, decide)
}

// lineOffice is the office of a till that has a server: it is at the server.
type lineOffice struct{ till *till }

// ask has the server do something in the name of the manager, and returns what came
// of it. Without a line the problem says so, and that the counter goes on.
func ask[R any](l lineOffice, by screen.Manager, do string, body any) (result R, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return result, err
	}
	order := wire.Order{ID: make([]byte, wire.OrderID), Manager: by.ID, PIN: by.PIN, Do: do, Body: raw}
	if _, err := rand.Read(order.ID); err != nil {
		return result, err
	}
	answer, err := l.till.client.Order(context.Background(), order)
	if err != nil {
		return result, officeProblem(do, err)
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return result, fmt.Errorf("read what the server answered: %w", err)
	}
	return result, nil
}

// lineProblems says what a failure of the line means to a manager.
var lineProblems = map[string]string{
	"line.path":        "office.old",
	"line.unreachable": "office.line",
	"line.busy":        "office.line",
	"line.often":       "office.line",
	"line.cut":         "office.unsure",
	"line.slow":        "office.unsure",
	"line.garbled":     "office.unsure",
}

func officeProblem(do string, err error) error {
	if problem, ok := errors.AsType[*pos.Problem](err); ok && lineProblems[problem.Key] != "" {
		key := lineProblems[problem.Key]
		if onlyReads(do) && key == "office.unsure" {
			key = "office.line"
		}
		return fmt.Errorf("%w: %w", pos.Refuse(key), err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", pos.Refuse("office.line"), err)
	}
	return err
}

// ownOffice is the office of a till without a server: it is in its own file.
type ownOffice struct{ till *till }

// office returns the office behind the till's screens.
func (t *till) office() screen.Office {
	if t.client == nil {
		return ownOffice{t}
	}
	return lineOffice{t}
}

package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
)

type terminalCmd struct {
	Add    terminalAddCmd    `cmd:"" help:"Print a one-time code with which a till enrols."`
	List   terminalListCmd   `cmd:"" help:"Show the tills, with the fingerprints that their own screens show."`
	Revoke terminalRevokeCmd `cmd:"" help:"Shut out a till that was lost, stolen or retired."`
}

type terminalAddCmd struct {
	onServer
	Name  string        `arg:"" help:"The till's name."`
	Store string        `help:"The store's id or name." required:"" placeholder:"STORE"`
	Valid time.Duration `help:"How long the code can be used." default:"1h"`
	onBehalf
}

// Run prints a one-time code: eight signs of the member code's alphabet, of which
// the first three say which code it is and the others, 25 bits, are secret. Five
// wrong ones make it useless.
func (t terminalAddCmd) Run(c *call) error {
	expires := time.Now().Add(t.Valid)
	return c.withServer(t.DB, func(desk *serverDesk) error {
		ticket := office.Ticket{Name: t.Name, Store: pos.StoreID(slug(t.Store)), Expires: expires}
		once, err := newCode(func(once string) error {
			ticket.Code = once
			act := station.Act{Do: office.TerminalAdded, About: t.Name, Manager: t.Manager, Reason: "store=" + string(ticket.Store)}
			return desk.administer(act, office.Change{Ticket: &ticket})
		})
		if err != nil {
			return err
		}
		_, pin, err := desk.certificate()
		if err != nil {
			return err
		}
		if c.json {
			return c.print(map[string]any{"code": once, "pin": pin.String(), "expires": expires.UTC().Format(time.RFC3339)}, "")
		}
		fmt.Fprintln(c.err, c.words.T("terminal.type", "code", once, "pin", pin.String()))
		_, err = fmt.Fprintln(c.out, once)
		return err
	})
}

// newCode draws one-time codes until add takes one.
func newCode(add func(once string) error) (string, error) {
	for {
		var drawn [8]byte
		if _, err := rand.Read(drawn[:]); err != nil {
			return "", err
		}
		once := make([]byte, len(drawn))
		for i, b := range drawn {
			once[i] = code.Alphabet[b%32]
		}
		if err := add(string(once)); !errors.Is(err, store.ErrCodeTwice) {
			return string(once), err
		}
	}
}

type terminalListCmd struct{ onServer }

type terminalJSON struct {
	pos.Terminal
	Fingerprint string `json:"fingerprint"`
}

// Run lists the tills.
func (t terminalListCmd) Run(c *call) error {
	return c.withServer(t.DB, func(desk *serverDesk) error {
		terminals, err := desk.db.Terminals()
		if err != nil {
			return err
		}
		documents := make([]terminalJSON, len(terminals))
		lines := make([]string, len(terminals))
		for i, known := range terminals {
			documents[i] = terminalJSON{known, known.ID.Fingerprint()}
			lines[i] = c.words.T("terminal."+stateOf(known), "name", known.Name, "store", string(known.Store),
				"fingerprint", known.ID.Fingerprint(), "id", known.ID.String())
		}
		if len(lines) == 0 {
			lines = []string{c.words.T("terminal.none")}
		}
		return c.print(documents, strings.Join(lines, "\n"))
	})
}

func stateOf(t pos.Terminal) string {
	switch {
	case t.Revoked:
		return "revoked"
	case t.Frozen:
		return "frozen"
	}
	return "good"
}

// byManager is embedded by the commands that only a manager gives.
type byManager struct {
	Manager pos.CashierID `help:"Which manager decides it: an id from 'cashier add'." required:"" placeholder:"ID"`
	Reason  string        `help:"Why; it is kept for good." required:"" placeholder:"TEXT"`
}

// check refuses whoever is no manager.
func (m byManager) check(desk *serverDesk) error {
	cashiers, err := desk.db.Cashiers()
	if err != nil {
		return err
	}
	return mustManage(cashiers, m.Manager)
}

func mustManage(cashiers []pos.Cashier, id pos.CashierID) error {
	for _, cashier := range cashiers {
		if cashier.ID == id && cashier.Role == pos.RoleManager {
			return nil
		}
	}
	return pos.Refuse("manager.unknown", "id", string(id))
}

// onBehalf is embedded by the commands that change something besides the ledger.
// Whoever has the files may give them; the entry about it says for whom.
type onBehalf struct {
	Manager pos.CashierID `help:"For which manager; if left out, the entry about it says only that it was done by command line." placeholder:"ID"`
}

type terminalRevokeCmd struct {
	onServer
	byManager
	Till string `arg:"" help:"The till's name or id."`
}

// Run shuts a till out. What it still hands in is kept for review.
func (t terminalRevokeCmd) Run(c *call) error {
	return c.withServer(t.DB, func(desk *serverDesk) error {
		if err := t.check(desk); err != nil {
			return err
		}
		terminals, err := desk.db.Terminals()
		if err != nil {
			return err
		}
		found, err := oneTerminal(terminals, t.Till)
		if err != nil {
			return err
		}
		by := acting{pos.Terminal{Area: found.Area}, t.Manager}
		if _, err := desk.revokeTill(by, revokeAsk{found.ID, t.Reason}); err != nil {
			return err
		}
		return c.print(map[string]string{"id": found.ID.String()}, c.words.T("terminal.done", "name", found.Name))
	})
}

// oneTerminal finds a terminal by its id, or by its name if only one has it.
func oneTerminal(terminals []pos.Terminal, text string) (found pos.Terminal, err error) {
	matches := 0
	for _, t := range terminals {
		if t.ID.String() == text {
			return t, nil
		}
		if pos.Fold(t.Name) == pos.Fold(text) {
			found = t
			matches++
		}
	}
	switch matches {
	case 0:
		return found, pos.Refuse("terminal.unknown", "till", text)
	case 1:
		return found, nil
	}
	return found, pos.Refuse("terminal.several", "till", text, "n", matches)
}

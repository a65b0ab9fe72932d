package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/sync/client"
	"tenthcup/sync/wire"
)

type enrolCmd struct {
	Dir    string `help:"The till's data folder." default:"${data}" type:"path" placeholder:"DIR" env:"TENTHCUP_DIR"`
	URL    string `arg:"" name:"url" help:"The server's address, https://host:7210."`
	Code   string `arg:"" help:"The one-time code that 'terminal add' printed."`
	Pin    string `help:"What 'serve' and 'terminal add' call the pin; without one the server's certificate must be one that this machine trusts." placeholder:"PIN"`
	Plain  bool   `help:"Speak plain HTTP though the server is on another machine."`
	Accept bool   `help:"Join though the server's program does not know all that members have here."`
}

// Run makes a till of the folder, or lets one that was alone join, hands in what
// it has and takes over the members.
func (e enrolCmd) Run(c *call) error {
	me, shop, err := e.join(c.ctx)
	if err != nil {
		return err
	}
	sentence := c.words.T("setup.enroldone", "terminal", me.Name, "shop", shop.Name) + "\n" +
		c.words.T("setup.fingerprint", "fingerprint", me.terminal().Fingerprint())
	if err := c.print(nil, sentence); err != nil {
		return err
	}
	return c.withTill(e.Dir, func(t *till) error { return t.sync(c.ctx, c.progress()) })
}

// join makes the folder a till of the server. The identity is on disk before the
// server hears of it and again, with the server, after: an answer that was lost
// is asked for again under the same key.
func (e enrolCmd) join(ctx context.Context) (me identity, shop pos.Shop, err error) {
	if me, err = e.begin(); err != nil {
		return me, shop, err
	}
	name := filepath.Join(e.Dir, ledgerName)
	var db *bolt.Till
	open := func() (err error) {
		if db == nil {
			db, err = bolt.OpenTill(name, me.terminal(), me.secret())
		}
		return err
	}
	if _, missing := os.Stat(name); missing == nil {
		err = open() // locked meanwhile, so that no station writes into it
	}
	if err == nil {
		shop, err = e.admitted(ctx, &me, func() (*bolt.Till, error) {
			err := open()
			return db, err
		})
	}
	if db != nil {
		err = errors.Join(err, db.Close())
	}
	return me, shop, err
}

// admitted asks the server and stores its answer.
func (e enrolCmd) admitted(ctx context.Context, me *identity, open func() (*bolt.Till, error)) (pos.Shop, error) {
	line, err := e.line()
	if err != nil {
		return pos.Shop{}, err
	}
	answer, err := client.Enrol(ctx, line, code.Signs(e.Code), me.private().Public().(ed25519.PublicKey))
	if err != nil {
		return pos.Shop{}, err
	}
	db, err := open()
	if err != nil {
		return pos.Shop{}, err
	}
	if err := e.reconcile(db, answer.Roster); err != nil {
		return pos.Shop{}, err
	}
	if err := errors.Join(db.SetRoster(answer.Roster), db.SetItems(answer.Roster.Items), db.SetEnrolled()); err != nil {
		return pos.Shop{}, err
	}
	me.Server, me.Pins, me.Plain = line.URL, line.Pins, line.Plain
	me.Name, me.Pepper = answer.Terminal.Name, answer.Pepper
	return answer.Roster.Shop, errors.Join(me.save(e.Dir), e.settle())
}

// begin returns the identity of the folder, which must not belong to a server
// yet, or a new one.
func (e enrolCmd) begin() (me identity, err error) {
	err = readDocument(filepath.Join(e.Dir, identityName), &me)
	switch {
	case err == nil && me.Server != "":
		return me, pos.Refuse("setup.enrolled", "dir", e.Dir, "server", me.Server)
	case err == nil:
		return me, me.check(e.Dir)
	case !errors.Is(err, os.ErrNotExist):
		return me, err
	}
	if err := os.MkdirAll(e.Dir, 0o700); err != nil {
		return me, store.Explain(err)
	}
	if me, err = newIdentity(); err != nil {
		return me, err
	}
	return me, me.save(e.Dir)
}

// line returns how the server is reached.
func (e enrolCmd) line() (client.Enrolment, error) {
	line := client.Enrolment{URL: strings.TrimRight(e.URL, "/"), Plain: e.Plain}
	if e.Pin == "" {
		return line, nil
	}
	pin, err := wire.ParsePin(e.Pin)
	line.Pins = []wire.Pin{pin}
	return line, err
}

// reconcile refuses to join where members would lose sight of what they have: the
// server counts in another currency, decides nothing yet, or by a program that
// does not know a card, or points, that this till gave until now. What members
// have stays in the ledger in any case, and a program that knows it shows it.
func (e enrolCmd) reconcile(db *bolt.Till, next pos.Roster) error {
	before, err := db.Roster()
	if errors.Is(err, station.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if before.Shop.Currency != next.Shop.Currency {
		return pos.Refuse("enrol.currency", "here", before.Shop.Currency, "there", next.Shop.Currency)
	}
	now := time.Now().UnixMilli()
	theirs := next.ProgramAt(now)
	if theirs == nil {
		return pos.Refuse("enrol.program", "file", filepath.Join(e.Dir, programName))
	}
	lost, err := missing(before.ProgramAt(now), theirs, next.Shop.Currency)
	if err != nil || len(lost) == 0 || e.Accept {
		return err
	}
	return pos.Refuse("enrol.lost", "things", lost)
}

// missing names the cards and points of our program that theirs does not have.
func missing(ours, theirs []byte, code string) (lost []string, err error) {
	currency, _ := pos.CurrencyOf(code)
	before, err := pos.ParseProgram(ours, currency)
	if err != nil {
		return nil, err
	}
	after, err := pos.ParseProgram(theirs, currency)
	if err != nil {
		return nil, err
	}
	for _, card := range before.Cards {
		if same, ok := after.Card(card.ID); !ok || same.Account() != card.Account() {
			lost = append(lost, fmt.Sprintf("%s (%d)", card.Name, card.Size))
		}
	}
	if before.Points != nil && after.Points == nil {
		lost = append(lost, string(pos.PointsAccount))
	}
	return lost, nil
}

// settle writes the settings of a new till; one that was alone keeps its own.
func (e enrolCmd) settle() error {
	name := filepath.Join(e.Dir, settingsName)
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	return writeFile(name, []byte(screenHelp[1:]), 0o644)
}

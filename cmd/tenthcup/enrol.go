package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/sync/client"
)

type enrolCmd struct {
	Dir  string `help:"The till's data folder." default:"${data}" type:"path" placeholder:"DIR" env:"TENTHCUP_DIR"`
	URL  string `arg:"" name:"url" help:"The server's address, http://host:7210."`
	Code string `arg:"" help:"The one-time code that 'terminal add' printed."`
}

// Run makes a till of the folder and says so.
func (e enrolCmd) Run(c *call) error {
	me, shop, err := e.join(c.ctx)
	if err != nil {
		return err
	}
	return c.print(nil, c.words.T("setup.enroldone", "terminal", me.Name, "shop", shop.Name))
}

// join makes a till of the folder, which must not be one yet. The identity is on
// disk before the server hears of it and again, with the server, after: an answer
// that was lost is asked for again under the same key.
func (e enrolCmd) join(ctx context.Context) (identity, pos.Shop, error) {
	nothing := func(err error) (identity, pos.Shop, error) { return identity{}, pos.Shop{}, err }
	var me identity
	file := filepath.Join(e.Dir, identityName)
	err := readDocument(file, &me)
	switch {
	case err == nil && me.Server != "":
		return nothing(pos.Refuse("setup.enrolled", "dir", e.Dir, "server", me.Server))
	case err == nil:
		if _, err := os.Stat(filepath.Join(e.Dir, settingsName)); err == nil {
			return nothing(pos.Refuse("setup.exists", "dir", e.Dir))
		}
	case errors.Is(err, os.ErrNotExist):
		if me, err = e.begin(); err != nil {
			return nothing(err)
		}
	default:
		return nothing(err)
	}
	public := me.private().Public().(ed25519.PublicKey)
	answer, err := client.Enrol(ctx, http.DefaultClient, strings.TrimRight(e.URL, "/"), code.Signs(e.Code), public)
	if err != nil {
		return nothing(err)
	}
	if err := e.store(me, answer.Roster); err != nil {
		return nothing(err)
	}
	me.Server, me.Name = strings.TrimRight(e.URL, "/"), answer.Terminal.Name
	if err := me.save(e.Dir); err != nil {
		return nothing(err)
	}
	if err := writeFile(filepath.Join(e.Dir, settingsName), []byte(screenHelp[1:]), 0o644); err != nil {
		return nothing(err)
	}
	return me, answer.Roster.Shop, nil
}

func (e enrolCmd) begin() (identity, error) {
	if err := os.MkdirAll(e.Dir, 0o700); err != nil {
		return identity{}, store.Explain(err)
	}
	me, err := newIdentity()
	if err != nil {
		return identity{}, err
	}
	return me, me.save(e.Dir)
}

func (e enrolCmd) store(me identity, roster pos.Roster) error {
	db, err := bolt.OpenTill(filepath.Join(e.Dir, ledgerName), me.terminal())
	if err != nil {
		return err
	}
	return errors.Join(db.SetRoster(roster), db.SetEnrolled(), db.Close())
}

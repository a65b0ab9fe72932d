package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"time"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/store"
)

type demoCmd struct {
	Dir    string `help:"Keep the café in this folder instead of throwing it away." type:"path" placeholder:"DIR"`
	Preset string `help:"The sample program." default:"cafe"`
}

// demoCashier works in every demo; the PIN is on the screen.
var demoCashier = pos.Cashier{ID: "robin", Name: "Robin", Role: pos.RoleManager}

const demoPIN = "1234"

// Run makes a café with a central server in this process and opens its till.
func (d demoCmd) Run(c *call) error {
	dir := d.Dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "tenthcup-demo-"); err != nil {
			return store.Explain(err)
		}
		defer os.RemoveAll(dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return store.Explain(err)
	}
	return c.withServer(filepath.Join(dir, "server.db"), func(desk *serverDesk) error {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		ctx, stop := context.WithCancel(c.ctx)
		served := make(chan error, 1)
		go func() { served <- serve(ctx, desk.web(slog.New(slog.DiscardHandler)), listener) }()
		err = d.open(c, desk, filepath.Join(dir, "till"), "http://"+listener.Addr().String())
		stop()
		return errors.Join(err, <-served)
	})
}

func (d demoCmd) open(c *call, desk *serverDesk, dir, url string) error {
	_, err := os.Stat(filepath.Join(dir, identityName))
	fresh := errors.Is(err, os.ErrNotExist)
	if fresh {
		if err := d.enrol(c, desk, dir, url); err != nil {
			return err
		}
	}
	return c.withTill(dir, func(t *till) error {
		t.client.URL = url // the port is another one each time
		if fresh {
			if err := seed(t); err != nil {
				return err
			}
		}
		return c.show(t, demoHint(t), &demoCashier)
	})
}

// enrol sets up the shop at the server and makes the folder a till of it, the
// way a real one is.
func (d demoCmd) enrol(c *call, desk *serverDesk, dir, url string) error {
	const once = "DEMQDEMQ"
	shop := pos.Shop{Name: "Café Tenthcup", Currency: "EUR", Language: c.words.Language, Timezone: systemZone(), Area: "main", Store: "cafe"}
	document, err := assets.Preset(d.Preset, c.words)
	if err != nil {
		return err
	}
	pin, err := station.HashPIN(demoPIN, desk.pepper(), rand.Reader)
	if err != nil {
		return err
	}
	cashier := demoCashier
	cashier.PIN = pin
	now := time.Now()
	for _, step := range []func() error{
		func() error { return desk.db.AddStore(shop) },
		func() error { return desk.db.AddCashier(cashier) },
		func() error { return desk.db.Publish(pos.Published{Document: document, From: now.UnixMilli()}) },
		func() error { return desk.db.AddTerminal("Counter 1", shop.Store, once, now.Add(time.Minute)) },
		func() error {
			_, _, err := enrolCmd{Dir: dir, URL: url, Code: once}.join(c.ctx)
			return err
		},
	} {
		if err := step(); err != nil {
			return fmt.Errorf("set up demo: %w", err)
		}
	}
	return nil
}

// seed makes the sample members. Their codes are the same in every demo, so that
// a code once printed works again; nothing else in it is predictable.
func seed(t *till) error {
	people := []struct {
		name, phone string
		stamps      int64
	}{{"Ann Archer", "+44 20 7946 0011", 7}, {"Béla Kőszegi", "+36 1 555 0123", 9}, {"Siti Aminah", "+60 3 5555 0199", 3}}
	codes := mathrand.NewChaCha8([32]byte{10})
	program, err := t.station.Program()
	if err != nil {
		return err
	}
	for _, person := range people {
		printed, err := code.New(codes)
		if err != nil {
			return err
		}
		done, err := t.station.Enrol(demoCashier.ID, pos.Profile{Codes: []string{printed}, Name: person.name, Phone: person.phone})
		if err != nil {
			return fmt.Errorf("enrol sample member: %w", err)
		}
		if len(program.Cards) > 0 {
			_, err = t.station.Stamp(demoCashier.ID, done.Member.Profile.Holder, "", person.stamps)
		} else {
			_, err = t.station.Earn(demoCashier.ID, done.Member.Profile.Holder, pos.Money(person.stamps*1250))
		}
		if err != nil {
			return fmt.Errorf("stamp sample member: %w", err)
		}
	}
	return nil
}

// demoHint is the line that tells a newcomer what to type.
func demoHint(t *till) string {
	found, err := t.station.Find("Ann", 1)
	if err != nil || len(found) == 0 {
		return ""
	}
	if program, err := t.station.Program(); err != nil || len(program.Cards) > 0 {
		return t.words.T("demo.stamp", "code", code.Group(found[0].Code()), "pin", demoPIN)
	}
	return t.words.T("demo.points", "code", code.Group(found[0].Code()), "pin", demoPIN)
}

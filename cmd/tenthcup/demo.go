package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
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
	asLines
}

// demoCashier works in every demo; the PIN is on the screen.
var demoCashier = pos.Cashier{ID: "robin", Name: "Robin", Role: pos.RoleManager}

const demoPIN = "1234"

// Run makes a café with a central server in this process and opens its till.
func (d demoCmd) Run(c *call) error {
	document, err := assets.Preset(d.Preset, c.words)
	if err != nil {
		return err
	}
	s := sandbox{dir: d.Dir, document: document, shop: pos.Shop{
		Name: "Café Tenthcup", Currency: "EUR", Language: c.words.Language, Timezone: systemZone(), Area: "main", Store: "cafe",
	}}
	return s.open(c, func(t *till) error {
		return c.show(t, opening{plain: d.Plain, hint: demoHint(t), signedIn: &demoCashier})
	})
}

// sandbox is a shop with a central server of its own, both in this process, where
// nothing counts.
type sandbox struct {
	dir      string // "" is thrown away afterwards
	shop     pos.Shop
	document []byte // of its program
	cut      atomic.Bool
}

// open makes the shop, if the folder does not hold it yet, and calls do with its till.
func (s *sandbox) open(c *call, do func(*till) error) error {
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "tenthcup-demo-")
		if err != nil {
			return store.Explain(err)
		}
		s.dir = dir
		defer os.RemoveAll(dir)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return store.Explain(err)
	}
	return c.withServer(filepath.Join(s.dir, "server.db"), func(desk *serverDesk) error {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		ctx, stop := context.WithCancel(c.ctx)
		served := make(chan error, 1)
		web := desk.web(slog.New(slog.DiscardHandler))
		web.Handler = s.line(web.Handler)
		go func() { served <- serve(ctx, web, listener) }()
		err = s.till(c, desk, "http://"+listener.Addr().String(), do)
		stop()
		return errors.Join(err, <-served)
	})
}

// line is the line to the handler, which can be cut.
func (s *sandbox) line(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, ask *http.Request) {
		if s.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		handler.ServeHTTP(answer, ask)
	})
}

func (s *sandbox) till(c *call, desk *serverDesk, url string, do func(*till) error) error {
	dir := filepath.Join(s.dir, "till")
	_, err := os.Stat(filepath.Join(dir, identityName))
	fresh := errors.Is(err, os.ErrNotExist)
	if fresh {
		if err := s.enrol(c, desk, dir, url); err != nil {
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
		return do(t)
	})
}

// enrol sets up the shop at the server and makes the folder a till of it, the
// way a real one is.
func (s *sandbox) enrol(c *call, desk *serverDesk, dir, url string) error {
	const once = "DEMQDEMQ"
	pin, err := station.HashPIN(demoPIN, desk.pepper(), rand.Reader)
	if err != nil {
		return err
	}
	cashier := demoCashier
	cashier.PIN = pin
	now := time.Now()
	for _, step := range []func() error{
		func() error { return desk.db.AddStore(s.shop) },
		func() error { return desk.db.AddCashier(cashier) },
		func() error { return desk.db.Publish(pos.Published{Document: s.document, From: now.UnixMilli()}) },
		func() error { return desk.db.AddTerminal("Counter 1", s.shop.Store, once, now.Add(time.Minute)) },
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
			stamps := min(person.stamps, program.Cards[0].Size-1)
			if person.stamps == 9 {
				stamps = program.Cards[0].Size - 1 // one is missing
			}
			_, err = t.station.Stamp(demoCashier.ID, done.Member.Profile.Holder, "", max(stamps, 1))
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

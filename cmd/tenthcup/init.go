package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
)

type initCmd struct {
	Dir      string `help:"The till's data folder." default:"${data}" type:"path" placeholder:"DIR" env:"TENTHCUP_DIR"`
	Shop     string `help:"The shop's name." placeholder:"NAME"`
	Currency string `help:"ISO 4217 code." placeholder:"EUR"`
	Language string `help:"Language of the screens." placeholder:"en"`
	Timezone string `help:"IANA name." placeholder:"Europe/Budapest"`
	Country  string `help:"Where a phone number without a country code belongs; by default the currency's country." placeholder:"HU"`
	Preset   string `help:"The sample program to begin with." placeholder:"cafe"`
	PIN      string `help:"The manager's PIN, four to eight digits." name:"pin" placeholder:"PIN"`
}

// Run makes a data folder, asking for what the flags leave open.
func (i initCmd) Run(c *call) error {
	if taken(i.Dir) {
		return pos.Refuse("setup.exists", "dir", i.Dir)
	}
	if err := i.ask(c); err != nil {
		return err
	}
	own := shopSettings{Name: i.Shop, Currency: strings.ToUpper(i.Currency), Language: i.Language, Timezone: i.Timezone, Country: strings.ToUpper(i.Country)}
	place, err := readPlace(pos.Shop{Timezone: own.Timezone, Currency: own.Currency})
	if err != nil {
		return err
	}
	if own.Country == "" {
		own.Country = place.currency.Country
	}
	words, err := assets.NewPrinter(own.Language, place.currency, place.zone)
	if err != nil {
		return err
	}
	program, err := assets.Preset(i.Preset, words)
	if err != nil {
		return err
	}
	if err := station.CheckNewPIN(i.PIN); err != nil {
		return err
	}
	manager := pos.Cashier{ID: "manager", Name: words.T("setup.manager"), Role: pos.RoleManager, PIN: i.PIN}
	if err := writeFolder(i.Dir, own, program, manager); err != nil {
		return err
	}
	return c.print(nil, c.words.T("setup.done", "shop", own.Name, "dir", i.Dir))
}

// taken reports whether the folder is a till already, or becomes one of a server.
// What an init left that was cut short is not: then there are no settings yet, but
// there is a program if there is a ledger.
func taken(dir string) bool {
	is := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	return is(settingsName) || is(ledgerName) && !is(programName)
}

// writeFolder writes the files of a till without a server. The settings come last:
// a folder without them is not a till yet, and init can be run again. Then the
// identity stays, for the ledger may be made by it. The manager's PIN is given as it
// is and kept hashed.
func writeFolder(dir string, own shopSettings, program []byte, manager pos.Cashier) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return store.Explain(err)
	}
	document, err := toml.Marshal(struct {
		Shop shopSettings `toml:"shop"`
	}{own})
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, programName), program, 0o644); err != nil {
		return err
	}
	var me identity
	if readDocument(filepath.Join(dir, identityName), &me) != nil || me.Server != "" || len(me.Key) != ed25519.SeedSize {
		if me, err = newIdentity(); err == nil {
			err = me.save(dir)
		}
	}
	if err != nil {
		return err
	}
	if manager.PIN, err = station.HashPIN(manager.PIN, me.pepper(), rand.Reader); err != nil {
		return err
	}
	db, err := bolt.OpenTill(filepath.Join(dir, ledgerName), me.terminal(), me.secret())
	if err != nil {
		return err
	}
	if err := errors.Join(db.SetRoster(pos.Roster{Version: 1, Cashiers: []pos.Cashier{manager}}), db.Close()); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, settingsName), append(document, screenHelp...), 0o644)
}

// ask asks for each setting that no flag gave, one line each. An empty answer
// takes what is shown in brackets. Input that ends early is a usage error.
func (i *initCmd) ask(c *call) error {
	lines := bufio.NewScanner(c.in)
	questions := []struct {
		key, usual string
		into       *string
	}{
		{"ask.shop", "", &i.Shop},
		{"ask.currency", "EUR", &i.Currency},
		{"ask.language", c.words.Language, &i.Language},
		{"ask.timezone", systemZone(), &i.Timezone},
		{"ask.preset", "cafe", &i.Preset},
		{"ask.pin", "", &i.PIN},
	}
	for _, q := range questions {
		for *q.into == "" {
			prompt := c.words.T(q.key, "languages", assets.Languages(), "presets", assets.Presets())
			if q.usual != "" {
				prompt += " [" + q.usual + "]"
			}
			fmt.Fprint(c.err, prompt+": ")
			if !lines.Scan() {
				fmt.Fprintln(c.err)
				return pos.Refuse("setup.flags")
			}
			*q.into = firstOf(strings.TrimSpace(lines.Text()), q.usual)
		}
	}
	return nil
}

// systemZone returns the IANA name of the machine's time zone.
func systemZone() string {
	if name := os.Getenv("TZ"); name != "" {
		if _, err := time.LoadLocation(name); err == nil {
			return name
		}
	}
	if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(target, "/zoneinfo/"); ok {
			return name
		}
	}
	return "UTC"
}

package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/seal"
	"tenthcup/sync/client"
	"tenthcup/sync/wire"
)

// The files of a till's data folder.
const (
	settingsName = "tenthcup.toml" // written by init or enrol, edited by people
	programName  = "program.toml"  // the program of a till without a server, likewise
	identityName = "terminal.toml" // who this till is; secret, and never copied to another till
	ledgerName   = "ledger.db"     // everything else
)

// identity is who a till is.
type identity struct {
	Key    hexKey `toml:"key"` // seed of the Ed25519 key
	Server string `toml:"server,omitempty"`
	Name   string `toml:"name,omitempty"` // as the server knows the till

	Pins   []wire.Pin `toml:"pins,omitempty"`   // of the server's certificate, one or two; without any the machine's roots decide
	Plain  bool       `toml:"plain,omitempty"`  // plain HTTP though the server is on another machine
	Pepper hexKey     `toml:"pepper,omitempty"` // what the PINs of the server's cashiers are hashed with
}

// hexKey is a key that is written in hexadecimal.
type hexKey []byte

// MarshalText returns hexadecimal digits.
func (k hexKey) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(k)), nil }

// UnmarshalText reads what MarshalText returns.
func (k *hexKey) UnmarshalText(text []byte) (err error) {
	*k, err = hex.DecodeString(string(text))
	return err
}

func (i identity) private() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(i.Key) }

func (i identity) terminal() pos.TerminalID {
	return pos.TerminalOf(i.private().Public().(ed25519.PublicKey))
}

// check refuses an identity without a whole key.
func (i identity) check(dir string) error {
	if len(i.Key) != ed25519.SeedSize {
		return pos.Refuse("setup.identity", "file", filepath.Join(dir, identityName))
	}
	return nil
}

// pepper returns what PINs are hashed with: the server's, or the till's own.
func (i identity) pepper() []byte {
	if i.Server != "" {
		return i.Pepper
	}
	return seal.Derive(i.secret(), pepperPurpose)
}

// secret is what the till's file is sealed with. Who has the identity has it too.
func (i identity) secret() seal.Secret { return seal.Secret(i.Key) }

func newIdentity() (identity, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return identity{}, fmt.Errorf("make terminal key: %w", err)
	}
	return identity{Key: private.Seed()}, nil
}

func (i identity) save(dir string) error {
	document, err := toml.Marshal(i)
	if err != nil {
		return err
	}
	document = append([]byte("# Who this till is. Secret; a copy of it on another machine is a forgery.\n"), document...)
	return writeFile(filepath.Join(dir, identityName), document, 0o600)
}

// writeFile replaces the file whole, so that a crash leaves the old or the new. It
// is on disk, under its name, when writeFile returns nil. Where the name is a link,
// to a medium that is kept apart, what it leads to is replaced.
func writeFile(name string, document []byte, mode fs.FileMode) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	next, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return store.Explain(err)
	}
	_, err = next.Write(document)
	err = errors.Join(err, next.Sync(), next.Close())
	if err != nil {
		return store.Explain(errors.Join(err, os.Remove(next.Name())))
	}
	if err := os.Rename(next.Name(), name); err != nil {
		return store.Explain(err)
	}
	return store.SyncFolder(filepath.Dir(name))
}

// readDocument reads a TOML file that a person may have edited.
func readDocument(name string, into any) error {
	document, err := os.ReadFile(name)
	if err != nil {
		return store.Explain(err)
	}
	if err := pos.DecodeTOML(document, into); err != nil {
		return pos.Refuse("setup.document", "file", name, "mistake", err)
	}
	return nil
}

// till is an open data folder.
type till struct {
	dir      string
	settings settings
	identity identity
	roster   pos.Roster // as it was when the till was opened
	changing sync.Mutex // held while the stored roster is changed
	db       *bolt.Till
	station  *station.Station
	client   *client.Client // nil without a server
	words    *assets.Printer
	kick     chan struct{} // holds one token when there is something new to send
}

// openTill opens the folder that init or enrol made.
func openTill(dir string) (*till, error) {
	t := &till{dir: dir, kick: make(chan struct{}, 1)}
	err := readDocument(filepath.Join(dir, identityName), &t.identity)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, pos.Refuse("setup.missing", "dir", dir)
	}
	if err != nil {
		return nil, err
	}
	if err := t.identity.check(dir); err != nil {
		return nil, err
	}
	err = readDocument(filepath.Join(dir, settingsName), &t.settings)
	switch missing := errors.Is(err, fs.ErrNotExist); {
	case missing && t.identity.Server == "":
		return nil, pos.Refuse("setup.missing", "dir", dir) // an enrolment that was not finished
	case err != nil && !missing:
		return nil, err
	}
	if t.db, err = bolt.OpenTill(filepath.Join(dir, ledgerName), t.identity.terminal(), t.identity.secret()); err != nil {
		return nil, err
	}
	if err := t.assemble(); err != nil {
		return nil, errors.Join(err, t.db.Close())
	}
	return t, nil
}

func (t *till) close() error { return t.db.Close() }

// assemble makes the station of the open file.
func (t *till) assemble() error {
	var err error
	if t.roster, err = t.db.Roster(); err != nil && !errors.Is(err, station.ErrNotFound) {
		return err
	}
	if t.identity.Server == "" {
		if err := t.ownRoster(); err != nil {
			return err
		}
	}
	place, err := readPlace(t.roster.Shop)
	if err != nil {
		return err
	}
	if t.words, err = assets.NewPrinter(firstOf(t.settings.Screen.Language, t.roster.Shop.Language, "en"), place.currency, place.zone); err != nil {
		return err
	}
	t.station = &station.Station{
		Journal: kicking{t.db, t.kick}, Joint: kicking{t.db, t.kick}, Members: kicking{t.db, t.kick}, Office: t.db, Guard: t.db, Shelf: t.db,
		Pepper:   t.identity.pepper(),
		Terminal: t.identity.terminal(), Now: time.Now, Random: rand.Reader,
		Store: t.roster.Shop.Store, Zone: place.zone, Currency: place.currency,
	}
	if err := t.station.Start(); err != nil {
		return err
	}
	if t.identity.Server != "" {
		t.client = &client.Client{
			Book: t.db, Key: t.identity.private(), URL: t.identity.Server, Now: time.Now,
			Pins: t.identity.Pins, Plain: t.identity.Plain,
		}
	}
	if _, err := t.station.Program(); err != nil && !errors.Is(err, station.ErrNoProgram) {
		return err
	}
	return nil // without a program a till still syncs, and so gets one
}

// place is where the shop is, resolved.
type place struct {
	zone     *time.Location
	currency pos.Currency
}

func readPlace(shop pos.Shop) (place, error) {
	zone, err := time.LoadLocation(shop.Timezone)
	if err != nil || shop.Timezone == "" || shop.Timezone == "Local" {
		return place{}, pos.Refuse("setup.timezone", "timezone", shop.Timezone)
	}
	currency, ok := pos.CurrencyOf(shop.Currency)
	if !ok {
		return place{}, pos.Refuse("setup.currency", "currency", shop.Currency)
	}
	return place{zone, currency}, nil
}

// ownRoster brings the roster of a till without a server up to date with its
// settings and its program file.
func (t *till) ownRoster() error {
	name := filepath.Join(t.dir, programName)
	document, err := os.ReadFile(name)
	if err != nil {
		return store.Explain(err)
	}
	own := t.settings.Shop
	next := t.roster
	next.Shop = pos.Shop{
		Name: own.Name, Currency: own.Currency, Language: own.Language,
		Timezone: own.Timezone, Country: own.Country, Area: "main", Store: "main",
	}
	place, err := readPlace(next.Shop)
	if err != nil {
		return err
	}
	if _, err := pos.ParseProgram(document, place.currency); err != nil {
		return pos.Refuse("setup.document", "file", name, "mistake", err)
	}
	if next.Programs, err = t.ownPrograms(t.roster.Programs, document); err != nil {
		return err
	}
	if next.Shop == t.roster.Shop && endsWith(t.roster.Programs, next.Programs) {
		return nil
	}
	return t.changeRoster(func(roster *pos.Roster) error {
		roster.Shop, roster.Programs = next.Shop, next.Programs
		t.roster = *roster
		return nil
	})
}

// changeRoster changes the roster of a till that has no server to give it one.
func (t *till) changeRoster(change func(*pos.Roster) error) error {
	t.changing.Lock()
	defer t.changing.Unlock()
	roster, err := t.db.Roster()
	if err != nil && !errors.Is(err, station.ErrNotFound) {
		return err
	}
	roster.Version++
	if err := change(&roster); err != nil {
		return err
	}
	return t.db.SetRoster(roster)
}

// kicking is a journal that wakes the line after each entry.
type kicking struct {
	*bolt.Till
	kick chan<- struct{}
}

// Append appends and wakes the line.
func (k kicking) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	record, err := k.Till.Append(holder, profile, decide)
	if err == nil {
		wake(k.kick)
	}
	return record, err
}

// Together appends and wakes the line.
func (k kicking) Together(holders []pos.HolderID, decide func([]station.Moment) ([]pos.Entry, error)) ([]station.Record, error) {
	records, err := k.Till.Together(holders, decide)
	if err == nil {
		wake(k.kick)
	}
	return records, err
}

// SaveProfile saves and wakes the line.
func (k kicking) SaveProfile(p pos.Profile) error {
	err := k.Till.SaveProfile(p)
	if err == nil {
		wake(k.kick)
	}
	return err
}

func wake(kick chan<- struct{}) {
	select {
	case kick <- struct{}{}:
	default: // it is awake already
	}
}

// withTill calls do with the command's till: the running station's, or the folder's,
// opened for this command and closed after it.
func (c *call) withTill(dir string, do func(*till) error) error {
	if c.open != nil {
		c.words = c.open.words
		return do(c.open)
	}
	t, err := openTill(dir)
	if err != nil {
		return err
	}
	c.words = t.words
	return errors.Join(do(t), t.close())
}

// sync sends what waits, leases that are due among it, and receives what changed.
func (t *till) sync(ctx context.Context, progress func(client.Progress)) error {
	if t.client == nil {
		return pos.Refuse("line.none")
	}
	if err := t.client.Sync(ctx, progress); err != nil {
		return err
	}
	returned, err := t.station.ReturnLeases()
	if err != nil || returned == 0 {
		return err
	}
	return t.client.Sync(ctx, progress)
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/store"
)

// The statuses that the manual page lists.
const (
	statusDone = iota
	statusRefused
	statusUsage
	statusWaiting
	statusDisk
	statusUnexpected
	statusUnsure
)

// cli holds every command and its flags, as kong reads them.
type cli struct {
	Station  stationCmd  `cmd:"" default:"withargs" help:"Open the cashier screen (the default)."`
	Demo     demoCmd     `cmd:"" help:"Open the cashier screen on a throwaway café with a server of its own."`
	Training trainingCmd `cmd:"" help:"Practise a first shift with a guide, at a till where nothing counts."`
	Display  displayCmd  `cmd:"" help:"Show the customer the card and what was just earned, on a second terminal."`
	Init     initCmd     `cmd:"" help:"Make a till that needs no server."`
	Enrol    enrolCmd    `cmd:"" help:"Make this till part of a central server."`

	Member memberCmd `cmd:"" help:"Add, change, show or find members, or draw a member's QR code."`
	Stamp  stampCmd  `cmd:"" help:"Put stamps on a member's punch card."`
	Earn   earnCmd   `cmd:"" help:"Give points for a sale."`
	Sell   sellCmd   `cmd:"" help:"Book a sale with what was bought."`
	Event  eventCmd  `cmd:"" help:"Book that something happened that is no sale, an event of the program."`
	Redeem redeemCmd `cmd:"" help:"Hand out a reward."`
	Void   voidCmd   `cmd:"" help:"Take back an entry of this till."`
	Switch switchCmd `cmd:"" help:"Turn a switch of the program on or off."`
	Item   itemCmd   `cmd:"" help:"What the shop sells, on the server or on a till without one."`
	Plan   planCmd   `cmd:"" help:"Paid memberships: sell, renew, pause, end."`
	Pay    payCmd    `cmd:"" help:"Pay with a member's store credit."`
	Coupon couponCmd `cmd:"" help:"Signed coupon codes: make the key, make codes, check one."`
	Card   cardCmd   `cmd:"" help:"Punch cards that are sold in advance."`
	Gift   giftCmd   `cmd:"" name:"giftcard" help:"Sell gift cards, top them up, pay with them."`
	Return returnCmd `cmd:"" help:"Take a sale of this till back, whole or in part."`

	Transfer transferCmd `cmd:"" help:"Give points or credit of one member to another."`
	Pool     poolCmd     `cmd:"" help:"Give a member points or credit of others of the household."`

	Sync   syncCmd   `cmd:"" help:"Send what waits and receive what changed."`
	Status statusCmd `cmd:"" help:"Show what waits and when the line was last up."`
	DayEnd dayEndCmd `cmd:"" help:"Close the shift, send what waits and show the Z-report."`
	Shift  shiftCmd  `cmd:"" help:"Show the report of the shift so far, or of an earlier day end; close nothing."`
	Report reportCmd `cmd:"" help:"Print a report, of the server or of a till."`
	Doctor doctorCmd `cmd:"" help:"Check the whole data file, entry by entry."`

	Printer printerCmd `cmd:"" help:"The receipt printer: a test page, the cash drawer."`

	Backup  backupCmd  `cmd:"" help:"Copy the data file of a till or a server that runs."`
	Restore restoreCmd `cmd:"" help:"Put a backup in the place of a till's or a server's data file."`

	Serve    serveCmd    `cmd:"" help:"Run the central server."`
	Migrate  migrateCmd  `cmd:"" help:"Make the tables of a server's database, or bring them up to date."`
	Copy     copyCmd     `cmd:"" help:"Copy a server's ledger from a file to a database, or back."`
	Store    storeCmd    `cmd:"" help:"Stores, on the server."`
	Terminal terminalCmd `cmd:"" help:"Terminals, on the server."`
	Cashier  cashierCmd  `cmd:"" help:"Cashiers and their PINs, on the server or on a till without one."`
	Program  programCmd  `cmd:"" help:"The program, on the server."`

	Exceptions exceptionsCmd `cmd:"" help:"What happened that a manager must see, on the server."`
	Quarantine quarantineCmd `cmd:"" help:"What tills sent that does not count, on the server."`
	Duplicates duplicatesCmd `cmd:"" help:"Members who are there twice, on the server."`

	Bench benchCmd `cmd:"" help:"Measure a server under the load of a chain."`

	Version versionCmd `cmd:"" help:"Print the version."`
}

const description = `A loyalty station for shop counters: stamp, award and redeem with or without a network.

Exit statuses: 0 done, and on disk. 1 refused, nothing changed. 2 wrong command line, setting or document. 3 booked here, but entries still wait for the server. 4 disk or data file: full, read-only, in use, damaged, too new. 5 unexpected, nothing changed. 6 nobody knows whether it was done: look before you repeat it.`

// call is one run of one command.
type call struct {
	streams
	ctx   context.Context
	cwd   string      // what relative paths of the command are relative to
	json  bool        // print JSON
	open  *till       // the running station's till, when the command came by its socket
	desk  *serverDesk // the running server's, likewise
	words *assets.Printer
}

// exited carries a status out of kong, whose help wants to leave the process.
type exited int

// run carries out one command line and returns the exit status.
func run(ctx context.Context, args []string, io streams) (status int) {
	cwd, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(io.err, err)
		return statusUnexpected
	}
	c := &call{streams: io, ctx: ctx, cwd: cwd}
	return c.run(args)
}

func (c *call) run(args []string) (status int) {
	defer func() {
		switch left := recover().(type) {
		case nil:
		case exited:
			status = int(left)
		default:
			if c.local() {
				panic(left)
			}
			status = c.finish(fmt.Errorf("panic: %v", left)) // the process it runs in goes on
		}
	}()
	c.words = systemWords()
	var commands cli
	parser, err := kong.New(
		&commands,
		kong.Name("tenthcup"), kong.Description(description), kong.Writers(c.out, c.err),
		kong.Exit(func(status int) { panic(exited(status)) }), kong.Bind(c),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.NamedMapper("database", kong.MapperFunc(databaseMapper)),
		kong.Vars{"data": dataFolder(), "serverdb": filepath.Join(dataFolder(), "server.db")},
	)
	if err != nil {
		panic(err) // the struct above is wrong; any test finds it
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(c.err, "tenthcup: %v\n", err)
		return statusUsage
	}
	return c.carryOut(parsed, args)
}

// patience is how long a command waits for a file that another process is about
// to let go of, or to answer for.
const patience = 2 * time.Second

// carryOut runs the command, in the process that has its file open if there is
// one, else here, and returns the exit status.
func (c *call) carryOut(parsed *kong.Context, args []string) int {
	where, ok := parsed.Selected().Target.Addr().Interface().(forwardable)
	if !ok || !c.local() {
		return c.finish(parsed.Run())
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(patience / 40) {
		if status, ok := c.forward(where.socket(), args); ok {
			return status
		}
		err := parsed.Run()
		if !errors.Is(err, store.ErrInUse) || time.Now().After(deadline) {
			return c.finish(err)
		}
	}
}

// local reports whether the command runs in the process it was typed into.
func (c *call) local() bool { return c.open == nil && c.desk == nil }

// errWaiting makes a command that did its work end with status 3.
var errWaiting = errors.New("entries still wait for the server")

// finish prints what went wrong, if anything did, and returns the status.
func (c *call) finish(err error) int {
	if err == nil {
		return statusDone
	}
	if errors.Is(err, errWaiting) {
		return statusWaiting
	}
	if c.json {
		c.printErrorJSON(err)
	} else {
		fmt.Fprintln(c.err, c.words.Error(err))
	}
	return statusOf(err)
}

func (c *call) printErrorJSON(err error) {
	document := map[string]any{"text": c.words.Error(err), "key": "error.internal"}
	if problem, ok := errors.AsType[*pos.Problem](err); ok {
		document["key"] = problem.Key
	}
	_ = json.NewEncoder(c.err).Encode(map[string]any{"error": document})
}

func statusOf(err error) int {
	for _, disk := range []error{store.ErrFull, store.ErrReadOnly, store.ErrInUse, store.ErrNewer, store.ErrOlder, store.ErrOther, store.ErrSecret, store.ErrCopying, store.ErrCorrupt} {
		if errors.Is(err, disk) {
			return statusDisk
		}
	}
	problem, ok := errors.AsType[*pos.Problem](err)
	switch {
	case errors.Is(err, store.ErrUnsure), ok && problem.Key == "setup.noanswer":
		return statusUnsure
	case ok && (strings.HasPrefix(problem.Key, "setup.") || problem.Key == "preset.unknown" || problem.Key == "language.unknown"):
		return statusUsage
	case ok && strings.HasPrefix(problem.Key, "line.") && !errors.Is(err, pos.ErrRevoked):
		return statusWaiting
	case ok:
		return statusRefused
	}
	return statusUnexpected
}

// print writes the value as JSON with --json, else the sentence.
func (c *call) print(value any, sentence string) error {
	if c.json {
		encoder := json.NewEncoder(c.out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(value)
	}
	_, err := fmt.Fprintln(c.out, sentence)
	return err
}

// path returns the file that the command means, wherever it runs.
func (c *call) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.cwd, name)
}

// systemWords returns the words of the language that the environment asks for,
// for commands that run before a shop's own language is known.
func systemWords() *assets.Printer {
	language, _, _ := strings.Cut(strings.ToLower(firstOf(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))), "_")
	euro, _ := pos.CurrencyOf("EUR")
	words, err := assets.NewPrinter(language, euro, time.Local)
	if err != nil {
		words, err = assets.NewPrinter("en", euro, time.Local)
	}
	if err != nil {
		panic(err) // English is built in
	}
	return words
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// dataFolder returns the default for --dir, by the XDG base directory rules.
func dataFolder() string {
	if base := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "tenthcup")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "tenthcup-data"
	}
	return filepath.Join(home, ".local", "share", "tenthcup")
}

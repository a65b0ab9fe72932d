package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/sync/server"
)

// serverDesk is an open central data file and the office work done on it.
type serverDesk struct{ db *bolt.Central }

// withServer calls do with the running server's file, or with the file, opened
// for this command and closed after it.
func (c *call) withServer(name string, do func(*serverDesk) error) error {
	if c.desk != nil {
		return do(c.desk)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return store.Explain(err)
	}
	db, err := bolt.OpenCentral(name)
	if err != nil {
		return err
	}
	return errors.Join(do(&serverDesk{db}), db.Close())
}

type serveCmd struct {
	DB     string `help:"The data file; made if missing." name:"db" default:"${serverdb}" type:"path" placeholder:"FILE" env:"TENTHCUP_DB"`
	Listen string `help:"Address and port." default:"127.0.0.1:7210" placeholder:"ADDR"`
}

// Run serves until it is told to stop, and finishes the requests it has.
func (s serveCmd) Run(c *call) error {
	return c.withServer(s.DB, func(desk *serverDesk) error {
		listener, err := net.Listen("tcp", s.Listen)
		if err != nil {
			return pos.Refuse("setup.listen", "address", s.Listen, "details", err.Error())
		}
		inner := call{ctx: c.ctx, desk: desk}
		err = listen(c.ctx, onServer{DB: s.DB}.socket(), func(asked order) outcome { return carryOut(inner, asked) })
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		fmt.Fprintln(c.out, c.words.T("serve.listening", "url", "http://"+listener.Addr().String(), "file", s.DB))
		return desk.serve(c.ctx, listener, slog.New(slog.NewJSONHandler(c.err, nil)))
	})
}

// shutdownPatience is how long a stopping server waits for requests to finish.
const shutdownPatience = 10 * time.Second

// serve answers tills until the context ends.
func (d *serverDesk) serve(ctx context.Context, listener net.Listener, log *slog.Logger) error {
	web := server.HTTP(server.New(d.db, server.Options{Now: time.Now, Log: log}))
	web.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		patience, cancel := context.WithTimeout(context.Background(), shutdownPatience)
		defer cancel()
		stopped <- web.Shutdown(patience)
	})
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

type storeCmd struct {
	Add storeAddCmd `cmd:"" help:"Add a store."`
}

type storeAddCmd struct {
	onServer
	Name     string `arg:"" help:"The store's name."`
	Area     string `help:"Stores of one area share members." default:"main"`
	Timezone string `help:"IANA name." required:"" placeholder:"Europe/Budapest"`
	Currency string `help:"ISO 4217 code." default:"EUR"`
	Language string `help:"Language of the screens." default:"en"`
	Country  string `help:"Where a phone number without a country code belongs; by default the currency's country."`
}

// Run adds a store.
func (s storeAddCmd) Run(c *call) error {
	shop := pos.Shop{
		Name: s.Name, Area: pos.AreaID(slug(s.Area)), Store: pos.StoreID(slug(s.Name)), Timezone: s.Timezone,
		Currency: strings.ToUpper(s.Currency), Language: s.Language, Country: strings.ToUpper(s.Country),
	}
	place, err := readPlace(shop)
	if err != nil {
		return err
	}
	shop.Country = firstOf(shop.Country, place.currency.Country)
	if err := checkLanguage(shop.Language, place); err != nil {
		return err
	}
	return c.withServer(s.DB, func(desk *serverDesk) error {
		if err := desk.db.AddStore(shop); err != nil {
			return err
		}
		return c.print(shop, c.words.T("store.added", "name", shop.Name, "id", string(shop.Store)))
	})
}

var notSlug = regexp.MustCompile(`[^\p{L}\p{N}]+`)

// slug makes an id of a name: "High Street 2" is "high-street-2".
func slug(name string) string {
	return strings.Trim(notSlug.ReplaceAllString(pos.Fold(name), "-"), "-")
}

type terminalCmd struct {
	Add terminalAddCmd `cmd:"" help:"Print a one-time code with which a till enrols."`
}

type terminalAddCmd struct {
	onServer
	Name  string        `arg:"" help:"The till's name."`
	Store string        `help:"The store's id or name." required:"" placeholder:"STORE"`
	Valid time.Duration `help:"How long the code can be used." default:"1h"`
}

// Run prints a one-time code: eight signs of the member code's alphabet, 40 bits.
func (t terminalAddCmd) Run(c *call) error {
	var drawn [8]byte
	if _, err := rand.Read(drawn[:]); err != nil {
		return err
	}
	once := make([]byte, len(drawn))
	for i, b := range drawn {
		once[i] = code.Alphabet[b%32]
	}
	expires := time.Now().Add(t.Valid)
	return c.withServer(t.DB, func(desk *serverDesk) error {
		if err := desk.db.AddTerminal(t.Name, pos.StoreID(slug(t.Store)), string(once), expires); err != nil {
			return err
		}
		if c.json {
			return c.print(map[string]any{"code": string(once), "expires": expires.UTC().Format(time.RFC3339)}, "")
		}
		_, err := fmt.Fprintln(c.out, string(once))
		return err
	})
}

type programCmd struct {
	Publish programPublishCmd `cmd:"" help:"Make a program the one that decides, at every till."`
}

type programPublishCmd struct {
	onServer
	File string `arg:"" help:"The program's document, or the name of a sample: cafe, shop."`
	From string `help:"From when it decides; now if left out." placeholder:"2026-01-31T06:00:00Z"`
}

// Run publishes a program.
func (p programPublishCmd) Run(c *call) error {
	from := time.Now()
	if p.From != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, p.From); err != nil {
			return pos.Refuse("setup.moment", "text", p.From)
		}
	}
	return c.withServer(p.DB, func(desk *serverDesk) error {
		document, program, err := desk.readProgram(c.path(p.File), p.File)
		if err != nil {
			return err
		}
		if err := desk.db.Publish(pos.Published{Document: document, From: from.UnixMilli()}); err != nil {
			return err
		}
		return c.print(map[string]string{"title": program.Title, "from": from.UTC().Format(time.RFC3339)},
			c.words.T("program.published", "title", program.Title, "from", from.Local().Format("2006-01-02 15:04")))
	})
}

// examine prints what Check finds.
func (c *call) examine(db interface {
	Check() ([]store.Finding, error)
},
) error {
	findings, err := db.Check()
	if err != nil {
		return err
	}
	if len(findings) == 0 {
		return c.print(findings, c.words.T("doctor.well"))
	}
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.Place + ": " + f.What
	}
	if err := c.print(findings, strings.Join(lines, "\n")); err != nil {
		return err
	}
	return pos.Refuse("doctor.findings", "n", len(findings))
}

// hashPIN is station.HashPIN with the system's random bits.
func hashPIN(pin string) (string, error) { return station.HashPIN(pin, rand.Reader) }

package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/store"
	"tenthcup/store/central"
	"tenthcup/store/postgres"
	"tenthcup/store/seal"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

// serverDesk is an open central data file and the office work done on it.
type serverDesk struct {
	db       *central.Book
	database *postgres.DB // nil for a file
	secret   seal.Secret
	office   *office.Office
}

// The keys that are made of a server's secret.
const (
	terminalPurpose = "terminal key" // the server is a terminal of its own
	linePurpose     = "line key"     // of its certificate
	pepperPurpose   = "pin pepper"   // of all its cashiers' PINs
)

func openDesk(ctx context.Context, name string) (*serverDesk, error) {
	if !onDatabase(name) {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return nil, store.Explain(err)
		}
	}
	secret, err := serverSecret(name)
	if err != nil {
		return nil, err
	}
	db, database, err := openBook(ctx, name, secret)
	if err != nil {
		return nil, err
	}
	key := ed25519.NewKeyFromSeed(seal.Derive(secret, terminalPurpose))
	return &serverDesk{db: db, database: database, secret: secret, office: &office.Office{
		Book: db, Terminal: pos.TerminalOf(key.Public().(ed25519.PublicKey)), Now: time.Now, Random: rand.Reader, Zone: time.Local,
	}}, nil
}

// pepper returns what the PINs of the server's cashiers are hashed with.
func (d *serverDesk) pepper() []byte { return seal.Derive(d.secret, pepperPurpose) }

// certificate returns what the server proves itself with where its line is open,
// and the pin by which tills know it.
func (d *serverDesk) certificate() (tls.Certificate, wire.Pin, error) {
	return server.Certificate(ed25519.NewKeyFromSeed(seal.Derive(d.secret, linePurpose)), time.Now())
}

// withServer calls do with the running server's file, or with the file, opened
// for this command and closed after it.
func (c *call) withServer(name string, do func(*serverDesk) error) error {
	if c.desk != nil {
		return do(c.desk)
	}
	desk, err := openDesk(c.ctx, name)
	if err != nil {
		return err
	}
	return errors.Join(do(desk), desk.db.Close())
}

// serverSecret returns the secret of the server's data; a new data file gets a new one.
// The secret is on disk before the data file is made, and data without one is not opened.
func serverSecret(name string) (seal.Secret, error) {
	file := secretFile(name)
	secret, err := readSecret(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if _, err := os.Stat(name); err == nil || onDatabase(name) {
		return secret, pos.Refuse("setup.secret", "file", file)
	}
	return newSecret(file)
}

// readSecret reads a secret; where there is none it is fs.ErrNotExist.
func readSecret(file string) (secret seal.Secret, err error) {
	var kept struct {
		Secret hexKey `toml:"secret"`
	}
	if err := readDocument(file, &kept); err != nil {
		return secret, err
	}
	if len(kept.Secret) != len(secret) {
		return secret, pos.Refuse("setup.secret", "file", file)
	}
	return seal.Secret(kept.Secret), nil
}

// newSecret draws a secret and writes it down.
func newSecret(file string) (secret seal.Secret, err error) {
	if _, err := rand.Read(secret[:]); err != nil {
		return secret, err
	}
	return secret, writeSecret(file, secret)
}

type serveCmd struct {
	DB      string `help:"The data file, made if missing, or a database: postgres://..." name:"db" default:"${serverdb}" type:"database" placeholder:"FILE" env:"TENTHCUP_DB"`
	Listen  string `help:"Address and port." default:"127.0.0.1:7210" placeholder:"ADDR"`
	Migrate bool   `help:"Make the tables of a database first, or bring them up to date."`
	Plain   bool   `help:"Speak plain HTTP though others than this machine can reach it: a proxy in front speaks TLS." xor:"line"`
	TLS     bool   `help:"Speak TLS though only this machine can reach it." name:"tls" xor:"line" env:"TENTHCUP_TLS"`
	opsFlags
}

// Run serves until it is told to stop, and finishes the requests it has.
func (s serveCmd) Run(c *call) error {
	collectSeldom()
	if s.Migrate {
		if _, err := c.migrate(s.DB); err != nil {
			return err
		}
	}
	return c.withServer(s.DB, func(desk *serverDesk) error {
		listener, err := net.Listen("tcp", s.Listen)
		if err != nil {
			return pos.Refuse("setup.listen", "address", s.Listen, "details", err.Error())
		}
		scheme, secure := "http://", (*tls.Config)(nil)
		if s.TLS || !s.Plain && !onLoopback(listener.Addr()) {
			certificate, pin, err := desk.certificate()
			if err != nil {
				return errors.Join(err, listener.Close())
			}
			fmt.Fprintln(c.err, c.words.T("serve.pin", "pin", pin.String()))
			scheme, secure = "https://", server.TLS(certificate)
		}
		inner := call{ctx: c.ctx, desk: desk}
		if !onDatabase(s.DB) {
			err = listen(c.ctx, onServer{DB: s.DB}.socket(), func(asked order) outcome { return carryOut(inner, asked) })
			if err != nil {
				return errors.Join(err, listener.Close())
			}
		}
		running := desk.site(s.logger(c.err), server.Bounds{AtOnce: s.AtOnce})
		running.web.TLSConfig = secure
		watched, unwatch, err := running.watch(s.opsFlags)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		defer unwatch()
		if desk.database != nil {
			go partition(c.ctx, desk.database, running.log)
		}
		url := scheme + listener.Addr().String()
		fmt.Fprintln(c.out, c.words.T("serve.listening", "url", url, "file", withoutPassword(s.DB)))
		running.log.Info("started", "version", version(), "url", url, "ops", watched)
		err = serve(running.leaving(c.ctx, s.Drain), running.web, running.limit(listener, s.opsFlags))
		running.log.Info("stopped")
		return err
	})
}

// A server takes in much that it forgets at once, so garbage is collected when there is
// four times as much of it as of what lives, rather than once as much, which takes a fifth
// of the CPU time; but it is kept well below what a server with 5,000 tills may have.
const (
	garbage     = 400       // per cent of what lives
	memoryLimit = 240 << 20 // bytes, from which on it is collected as often as it takes
)

// collectSeldom sets how garbage is collected, unless the environment says it.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// onLoopback reports whether only this machine can reach the address.
func onLoopback(at net.Addr) bool {
	tcp, ok := at.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// shutdownPatience is how long a stopping server waits for requests to finish.
const shutdownPatience = 10 * time.Second

// web returns the server that answers tills, for one that nobody watches.
func (d *serverDesk) web(log *slog.Logger) *http.Server { return d.site(log, server.Bounds{}).web }

// serve answers until the context ends, over TLS if the server has a configuration
// for it.
func serve(ctx context.Context, web *http.Server, listener net.Listener) error {
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		patience, cancel := context.WithTimeout(context.Background(), shutdownPatience)
		defer cancel()
		err := web.Shutdown(patience)
		if errors.Is(err, context.DeadlineExceeded) { // a slow line: what it sends is not acknowledged
			err = web.Close()
		}
		stopped <- err
	})
	var err error
	if web.TLSConfig == nil {
		err = web.Serve(listener)
	} else {
		err = web.ServeTLS(listener, "", "") // not a listener of TLS: that would lose HTTP/2
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

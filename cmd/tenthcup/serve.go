package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/seal"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

// serverDesk is an open central data file and the office work done on it.
type serverDesk struct {
	db     *bolt.Central
	secret seal.Secret
	office *office.Office
}

// The keys that are made of a server's secret.
const (
	terminalPurpose = "terminal key" // the server is a terminal of its own
	linePurpose     = "line key"     // of its certificate
	pepperPurpose   = "pin pepper"   // of all its cashiers' PINs
)

func openDesk(name string) (*serverDesk, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, store.Explain(err)
	}
	secret, err := serverSecret(name)
	if err != nil {
		return nil, err
	}
	db, err := bolt.OpenCentral(name, secret)
	if err != nil {
		return nil, err
	}
	key := ed25519.NewKeyFromSeed(seal.Derive(secret, terminalPurpose))
	return &serverDesk{db: db, secret: secret, office: &office.Office{
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
	desk, err := openDesk(name)
	if err != nil {
		return err
	}
	return errors.Join(do(desk), desk.db.Close())
}

// serverSecret returns the secret of the server's data file, which is in a file
// beside it; a new data file gets a new one. The secret is on disk before the
// data file is made, and a data file without one is not opened.
func serverSecret(name string) (secret seal.Secret, err error) {
	file := name + ".key"
	var kept struct {
		Secret hexKey `toml:"secret"`
	}
	err = readDocument(file, &kept)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(name); err == nil {
			return secret, pos.Refuse("setup.secret", "file", file)
		}
		if _, err := rand.Read(secret[:]); err != nil {
			return secret, err
		}
		document := "# What the server's data file is sealed with. Secret; keep a copy apart from backups of the data.\nsecret = \"" + hex.EncodeToString(secret[:]) + "\"\n"
		return secret, writeFile(file, []byte(document), 0o600)
	}
	if err != nil {
		return secret, err
	}
	if len(kept.Secret) != len(secret) {
		return secret, pos.Refuse("setup.secret", "file", file)
	}
	return seal.Secret(kept.Secret), nil
}

type serveCmd struct {
	DB     string `help:"The data file; made if missing." name:"db" default:"${serverdb}" type:"path" placeholder:"FILE" env:"TENTHCUP_DB"`
	Listen string `help:"Address and port." default:"127.0.0.1:7210" placeholder:"ADDR"`
	Plain  bool   `help:"Speak plain HTTP though others than this machine can reach it: a proxy in front speaks TLS." xor:"line"`
	TLS    bool   `help:"Speak TLS though only this machine can reach it." name:"tls" xor:"line"`
}

// Run serves until it is told to stop, and finishes the requests it has.
func (s serveCmd) Run(c *call) error {
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
		err = listen(c.ctx, onServer{DB: s.DB}.socket(), func(asked order) outcome { return carryOut(inner, asked) })
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		fmt.Fprintln(c.out, c.words.T("serve.listening", "url", scheme+listener.Addr().String(), "file", s.DB))
		web := desk.web(slog.New(slog.NewJSONHandler(c.err, nil)))
		web.TLSConfig = secure
		return serve(c.ctx, web, listener)
	})
}

// onLoopback reports whether only this machine can reach the address.
func onLoopback(at net.Addr) bool {
	tcp, ok := at.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// shutdownPatience is how long a stopping server waits for requests to finish.
const shutdownPatience = 10 * time.Second

// web returns the server that answers tills.
func (d *serverDesk) web(log *slog.Logger) *http.Server {
	web := server.HTTP(server.New(d.db, server.Options{
		Now: time.Now, Log: log, Pepper: d.pepper(), Office: orderDesk{d, log, officeHandlers()},
		Seen: func(id pos.TerminalID, s server.Sighting) {
			if err := d.db.Saw(id, s.At, s.Waiting); err != nil {
				log.Error("not noted that a terminal was here", "terminal", id.String(), "error", err)
			}
		},
	}))
	web.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	return web
}

// serve answers until the context ends, over TLS if the server has a configuration
// for it.
func serve(ctx context.Context, web *http.Server, listener net.Listener) error {
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		patience, cancel := context.WithTimeout(context.Background(), shutdownPatience)
		defer cancel()
		stopped <- web.Shutdown(patience)
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

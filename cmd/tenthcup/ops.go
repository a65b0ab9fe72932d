package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tenthcup/pos"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

// opsFlags say how a server is watched, bounded and stopped.
type opsFlags struct {
	Ops     string `help:"Address and port of /metrics, /healthz, /readyz and /debug/pprof, such as 127.0.0.1:7211; none if left out." placeholder:"ADDR" env:"TENTHCUP_OPS"`
	OpsOpen bool   `help:"Let other machines reach --ops, which asks nobody who they are."`
	Log     string `help:"Least level of what is logged as JSON: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`

	Drain       time.Duration `help:"How long a stopping server goes on listening while /readyz says no, so that a proxy can look elsewhere." default:"0s"`
	AtOnce      int           `help:"Requests worked on at once; four times as many may wait." default:"64"`
	Connections int           `help:"Connections open at once." default:"10000"`
	PerAddress  int           `help:"Connections open at once from one address that is not this machine's; 0 is any number. Where tills come through one proxy or network it is theirs together." default:"512"`
}

// logger returns the log, one line of JSON for each thing that happened.
func (o opsFlags) logger(to io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.Log)); err != nil {
		level = slog.LevelInfo // no flags were parsed
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level}))
}

// site is a running server: what answers tills, and what is known about that.
type site struct {
	web     *http.Server
	centre  *server.Server
	metrics *metrics
	log     *slog.Logger
}

// site returns the server that answers tills.
func (d *serverDesk) site(log *slog.Logger, bounds server.Bounds) site {
	figures := newMetrics()
	centre := server.New(d.db, server.Options{
		Now: time.Now, Log: log, Bounds: bounds, Pepper: d.pepper(), Office: orderDesk{d, log, officeHandlers()},
		Answered: figures.answered,
		Seen: func(id pos.TerminalID, s server.Sighting) {
			figures.seen(id, s)
			if err := d.db.Saw(id, s.At, s.Waiting); err != nil {
				log.Error("not noted that a terminal was here", "terminal", id.String(), "error", err)
			}
		},
	})
	figures.registry.MustRegister(&bookFigures{book: d.db})
	if d.database != nil {
		figures.registry.MustRegister(poolFigures{d.database})
	}
	web := server.HTTP(centre)
	web.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	return site{web, centre, figures, log}
}

// limit returns the listener within the bounds of the flags.
func (s site) limit(listener net.Listener, o opsFlags) *server.Limited {
	limited := server.Limit(listener, o.Connections, o.PerAddress)
	s.metrics.registry.MustRegister(load{s.centre, limited})
	return limited
}

// leaving returns a context that ends the drain time after ctx. From the end of ctx on
// the server says that it is not ready, and a second signal ends the process at once.
func (s site) leaving(ctx context.Context, drain time.Duration) context.Context {
	later, end := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() {
		s.log.Info("stopping", "drain", drain.String())
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		s.centre.Leave()
		s.web.SetKeepAlivesEnabled(false)
		time.AfterFunc(drain, end)
	})
	return later
}

// watch answers those who look after the server until stop is called. It returns where
// it does, which is nowhere without an address.
func (s site) watch(o opsFlags) (at string, stop func(), err error) {
	if o.Ops == "" {
		return "", func() {}, nil
	}
	listener, err := net.Listen("tcp", o.Ops)
	if err != nil {
		return "", nil, pos.Refuse("setup.listen", "address", o.Ops, "details", err.Error())
	}
	if !o.OpsOpen && !onLoopback(listener.Addr()) {
		_ = listener.Close()
		return "", nil, pos.Refuse("setup.ops", "address", o.Ops)
	}
	web := &http.Server{Handler: s.ops(), ReadHeaderTimeout: shutdownPatience, ErrorLog: s.web.ErrorLog}
	go func() { _ = web.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() { _ = web.Close() }, nil
}

// ops returns the pages for those who look after the server.
func (s site) ops() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{
		ErrorLog: s.web.ErrorLog, Registry: s.metrics.registry, ErrorHandling: promhttp.ContinueOnError,
	}))
	for _, route := range []string{wire.HealthRoute, wire.ReadyRoute} {
		mux.Handle(route, s.centre)
	}
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// withoutPassword returns the name of a data file or database as it may be shown.
func withoutPassword(db string) string {
	scheme, _, ok := strings.Cut(db, "://")
	if !ok {
		return db
	}
	at, err := url.Parse(db)
	if err != nil {
		return scheme + "://..."
	}
	at.RawQuery = ""
	return at.Redacted()
}

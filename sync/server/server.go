// Package server is the centre's half of the line: an HTTP handler that enrols
// tills, takes their entries and tells them what has changed.
//
// All that lasts is in the Book, so any number of handlers, also in other
// processes, may serve one Book. What a handler remembers between two requests,
// which of them it has seen and how often enrolling failed, is bounded and may be
// lost. Every message may be repeated. Nothing about a member leaves the handler,
// and nothing is even decompressed, for a caller who does not sign with the key of
// a terminal.
package server

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/wire"
)

// Book is the central ledger. It is safe for concurrent use. What a method
// wrote is durable, and replicated where there are replicas, when it returns nil.
type Book interface {
	// Terminal returns the enrolled terminal, or pos.ErrUnknownTerminal. One
	// that was revoked has Revoked set: it may still hand in what it has. A
	// book that takes nothing more from it returns pos.ErrRevoked.
	Terminal(id pos.TerminalID) (pos.Terminal, error)
	// Enrol makes a terminal of the key and uses the code up, or returns
	// pos.ErrBadEnrolCode, or another problem enrol.*. The same key with the
	// same code gets the same answer again.
	Enrol(code string, key ed25519.PublicKey, at time.Time) (pos.Terminal, error)
	// Take adds what is new of the entries, in their order, and the profiles
	// that are newer, and remembers the wants. It is called only where there
	// is one of these. What cannot be applied, an entry of another terminal
	// for one, is set aside in the book; it is no error and is acknowledged.
	Take(terminal pos.Terminal, sent ledger.Sent, at time.Time) error
	// Page returns what the terminal asks for, read in one transaction; for a
	// revoked one the acks and Revoked only.
	Page(terminal pos.Terminal, ask ledger.PageAsk) (ledger.Page, error)
	// Roster returns what the tills of the store are told at the moment.
	Roster(store pos.StoreID, at time.Time) (pos.Roster, error)
}

// Options of New.
type Options struct {
	Now    func() time.Time // the centre's clock; required
	Log    *slog.Logger     // what went wrong inside; nil is nowhere
	AtOnce int              // requests worked on at once, others are told line.busy; 0 is 64
	Pepper []byte           // wire.PepperSize bytes for PIN hashes, told to tills that enrol; nil is none

	Office Office                         // what managers may do through tills; nil: nothing, and there is no such path
	Seen   func(pos.TerminalID, Sighting) // told of each exchange, and safe for concurrent use; nil is nobody
}

// Sighting is what an exchange says about a terminal.
type Sighting struct {
	At      time.Time // the centre's clock
	Waiting uint64    // entries that waited at the terminal behind those it sent; a terminal that does not say has 0
}

// Times that a line may take, for HTTP: slow enough for a full batch at 2 kB/s,
// and an idle connection outlives a till's pause between exchanges.
const (
	forHeaders = 10 * time.Second
	forRequest = time.Minute
	forAnswer  = 2 * time.Minute // from the end of the headers
	forNothing = 2 * time.Minute
)

type server struct {
	book   Book
	now    func() time.Time
	log    *slog.Logger
	pepper []byte
	free   chan struct{} // one place for each request that may be worked on at once
	nonces nonces
	wrong  guesses
	office Office
	orders orders
	seen   func(pos.TerminalID, Sighting)
}

// New returns the handler for wire.EnrolRoute, wire.ExchangeRoute, wire.HealthRoute
// and, with an office, wire.OfficeRoute. Other paths are answered with the problem line.path, or
// line.newer below a later version's. It sets no timeouts; HTTP does.
func New(book Book, options Options) http.Handler {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.AtOnce == 0 {
		options.AtOnce = 64
	}
	s := &server{
		book: book, now: options.Now, log: options.Log, pepper: options.Pepper,
		free: make(chan struct{}, options.AtOnce), office: options.Office, seen: options.Seen,
	}
	s.orders.since = options.Now()
	mux := http.NewServeMux()
	mux.HandleFunc(wire.EnrolRoute, s.message(s.enrol))
	mux.HandleFunc(wire.ExchangeRoute, s.message(s.exchange))
	if s.office != nil {
		mux.HandleFunc(wire.OfficeRoute, s.message(s.order))
	}
	mux.HandleFunc(wire.HealthRoute, s.health)
	mux.HandleFunc("/", s.elsewhere)
	return mux
}

// HTTP returns a server for the handler with timeouts and limits that bear slow
// lines and hostile callers. Give it TLSConfig from TLS and call ServeTLS, or put a
// proxy in front that does; plain HTTP is for this machine only.
func HTTP(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: forHeaders,
		ReadTimeout:       forRequest,
		WriteTimeout:      forAnswer,
		IdleTimeout:       forNothing,
		MaxHeaderBytes:    16 << 10,
	}
}

// message returns the handler for a route that takes a message and answers with
// one, or with a problem.
func (s *server) message(answer func(http.ResponseWriter, *http.Request) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := acceptable(w, r); err != nil {
			s.fail(w, r, err)
			return
		}
		raw, err := answer(w, r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.send(w, r, raw)
	}
}

// acceptable refuses what cannot be a message, before its body is read.
func acceptable(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return pos.Refuse("line.method", "method", r.Method)
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != wire.MessageType {
		return pos.Refuse("line.type", "type", r.Header.Get("Content-Type"))
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != wire.Zstd {
		return pos.Refuse("line.type", "type", coding)
	}
	return nil
}

// read returns the body as it crossed the line.
func read(w http.ResponseWriter, r *http.Request, limit int) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, wire.ErrTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCut, err)
	}
	return body, nil
}

// enter takes a place among the requests that are worked on, or refuses.
func (s *server) enter() (leave func(), err error) {
	select {
	case s.free <- struct{}{}:
		return func() { <-s.free }, nil
	default:
		return nil, pos.Refuse("line.busy", "seconds", retryAfter)
	}
}

func (s *server) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintf(w, "tenthcup %d\n", wire.Version) // nobody to tell if the caller is gone
}

var otherVersion = regexp.MustCompile(`^/v([0-9]{1,9})/`)

// elsewhere answers for every path that is not there. A till that speaks a later
// version tries that first and learns here what to fall back to.
func (s *server) elsewhere(w http.ResponseWriter, r *http.Request) {
	if match := otherVersion.FindStringSubmatch(r.URL.Path); match != nil {
		if version, err := strconv.ParseInt(match[1], 10, 64); err == nil && version > wire.Version {
			s.fail(w, r, pos.Refuse("line.newer", "till", version, "server", int64(wire.Version)))
			return
		}
	}
	s.fail(w, r, pos.Refuse("line.path", "path", r.URL.Path))
}

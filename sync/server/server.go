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
	"cmp"
	"crypto/ed25519"
	"log/slog"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

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
	Slow   time.Duration    // what took longer is told to the log; 0 is 5 s
	Bounds Bounds           // how much is taken on at once
	Pepper []byte           // wire.PepperSize bytes for PIN hashes, told to tills that enrol; nil is none

	Office   Office                         // what managers may do through tills; nil: nothing, and there is no such path
	Seen     func(pos.TerminalID, Sighting) // told of each exchange, and safe for concurrent use; nil is nobody
	Answered func(Answered)                 // told of each request, and safe for concurrent use; nil is nobody
}

// Sighting is what an exchange says about a terminal.
type Sighting struct {
	At      time.Time // the centre's clock
	Waiting uint64    // entries that waited at the terminal behind those it sent; a terminal that does not say has 0
	Area    pos.AreaID
	Entries int       // that it sent, whether they were new or not
	Oldest  time.Time // when the first of these was written, by the terminal's clock; zero without one
}

// Times that a line may take, for HTTP: slow enough for a full batch at 2 kB/s,
// and an idle connection outlives a till's pause between exchanges.
const (
	forHeaders = 10 * time.Second
	forRequest = time.Minute
	forAnswer  = 2 * time.Minute // from the end of the headers
	forNothing = 2 * time.Minute
)

// What one HTTP/2 connection may have under way, and have sent without being read:
// a whole batch, as it is compressed, and no more, for anybody may connect.
const (
	streams  = 100
	unread   = 128 << 10
	inHeader = 16 << 10
	// Bytes of headers that the server remembers for each connection. Every request has a
	// signature that never comes again, so more room keeps little more of the others.
	remembered = 1 << 10
)

// Server is the handler. It is safe for concurrent use.
type Server struct {
	book     Book
	now      func() time.Time
	log      *slog.Logger
	slow     time.Duration
	pepper   []byte
	mux      *http.ServeMux
	bounds   Bounds
	places   *queue // of all requests that are worked on
	enrols   *queue // of enrolments
	lookUps  *queue // of terminals that nothing is known of yet
	held     *semaphore.Weighted
	turns    turns
	crowd    crowd
	here     atomic.Int64 // visits under way
	nonces   nonces
	wrong    guesses
	office   Office
	orders   orders
	seen     func(pos.TerminalID, Sighting)
	answered func(Answered)
	probes   probes
	leaving  atomic.Bool
	zones    sync.Map // of stores: their *time.Location
}

// New returns the handler for wire.EnrolRoute, wire.ExchangeRoute, wire.HealthRoute,
// wire.ReadyRoute and, with an office, wire.OfficeRoute. Other paths are answered with the problem line.path, or
// line.newer below a later version's. It sets no timeouts; HTTP does.
func New(book Book, options Options) *Server {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	b := options.Bounds.orDefaults()
	s := &Server{
		book: book, now: options.Now, log: options.Log, slow: cmp.Or(options.Slow, 5*time.Second), pepper: options.Pepper,
		bounds:  b,
		places:  newQueue(b.AtOnce, b.Waiting, b.Patience),
		enrols:  newQueue(1, enrolling, b.Patience),
		lookUps: newQueue(lookingUp, b.Waiting, b.Patience),
		held:    semaphore.NewWeighted(b.Held),
		turns:   turns{bounds: b},
		office:  options.Office, seen: options.Seen, answered: options.Answered,
	}
	s.orders.since = options.Now()
	s.mux = http.NewServeMux()
	s.mux.HandleFunc(wire.EnrolRoute, s.message(wire.EnrolRoute, s.enrol))
	s.mux.HandleFunc(wire.ExchangeRoute, s.message(wire.ExchangeRoute, s.exchange))
	if s.office != nil {
		s.mux.HandleFunc(wire.OfficeRoute, s.message(wire.OfficeRoute, s.order))
	}
	s.mux.HandleFunc(wire.HealthRoute, s.health)
	s.mux.HandleFunc(wire.ReadyRoute, s.ready)
	s.mux.HandleFunc("/", s.visited("other", s.elsewhere))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Load is how much a server has to do at the moment.
type Load struct {
	Here    int // requests, from their headers to the end of their answers
	Working int // of these those that are worked on
	Waiting int // and those that wait for a place among them
}

// Load returns how much there is to do at the moment.
func (s *Server) Load() Load {
	return Load{int(s.here.Load()), int(s.places.working.Load()), int(s.places.waiting.Load())}
}

// HTTP returns a server for the handler with timeouts and limits that bear slow
// lines and hostile callers. Give it TLSConfig from TLS and call ServeTLS, or put a
// proxy in front that does; plain HTTP is for this machine only.
func HTTP(handler http.Handler) *http.Server {
	k := &keeping{}
	return &http.Server{
		Handler:           k.within(handler),
		ConnState:         k.changed,
		ReadHeaderTimeout: forHeaders,
		ReadTimeout:       forRequest,
		WriteTimeout:      forAnswer,
		IdleTimeout:       forNothing,
		MaxHeaderBytes:    inHeader,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: streams, MaxReceiveBufferPerConnection: unread, MaxReceiveBufferPerStream: unread,
			MaxDecoderHeaderTableSize: remembered,
		},
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

var otherVersion = regexp.MustCompile(`^/v([0-9]{1,9})/`)

// elsewhere answers for every path that is not there. A till that speaks a later
// version tries that first and learns here what to fall back to.
func (s *Server) elsewhere(v *visit) {
	path := v.r.URL.Path
	if match := otherVersion.FindStringSubmatch(path); match != nil {
		if version, err := strconv.ParseInt(match[1], 10, 64); err == nil && version > wire.Version {
			s.fail(v, pos.Refuse("line.newer", "till", version, "server", int64(wire.Version)))
			return
		}
	}
	s.fail(v, pos.Refuse("line.path", "path", path))
}

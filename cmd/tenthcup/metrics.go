package main

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/sync/server"
)

// lately is how long a terminal counts after its last exchange. One that is up to date
// asks every 30 seconds; one that moved to another process of the same centre is
// counted at both for so long at most.
const lately = 2 * time.Minute

// slowest are the bounds of the request times that are told apart, in seconds.
var slowest = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// metrics are a server's figures for Prometheus. Those of requests and terminals are
// of this process; those of the book are the same at each process of a centre.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	received *prometheus.CounterVec

	mu        sync.Mutex
	terminals map[pos.TerminalID]server.Sighting // the last of each
	lags      map[pos.AreaID]lag
}

// lag is how old the oldest entry of an area's newest batch was when it came.
type lag struct {
	at   time.Time // when it came
	late time.Duration
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "tenthcup_request_seconds",
			Help:    "Time from the last byte of a request to its answer, without the line.",
			Buckets: slowest,
		}, []string{"route", "status"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tenthcup_requests_refused_total",
			Help: "Requests answered with a problem, by its key in sync/PROTOCOL.md; told is what a manager was to know.",
		}, []string{"problem"}),
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tenthcup_entries_received_total",
			Help: "Entries in batches that were taken, those among them that had been taken before.",
		}, []string{"area"}),
		terminals: map[pos.TerminalID]server.Sighting{},
		lags:      map[pos.AreaID]lag{},
	}
	built := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tenthcup_build_info", Help: "Always 1; the version is in the label.",
		ConstLabels: prometheus.Labels{"version": version()},
	})
	built.Set(1)
	m.registry.MustRegister(
		m.requests, m.refused, m.received, built, sightings{m},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// answered notes a request.
func (m *metrics) answered(a server.Answered) {
	m.requests.WithLabelValues(a.Route, strconv.Itoa(a.Status)).Observe(a.Took.Seconds())
	if a.Problem != "" {
		m.refused.WithLabelValues(a.Problem).Inc()
	}
}

// seen notes an exchange.
func (m *metrics) seen(id pos.TerminalID, s server.Sighting) {
	if s.Entries > 0 {
		m.received.WithLabelValues(string(s.Area)).Add(float64(s.Entries))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.terminals[id] = s
	if !s.Oldest.IsZero() {
		m.lags[s.Area] = lag{s.At, max(s.At.Sub(s.Oldest), 0)} // a clock may be ahead
	}
}

// The figures that are put together when they are asked for.
var (
	terminalsSeen = described("tenthcup_terminals_seen", "Terminals that made an exchange with this process within two minutes.", "area")
	entriesWait   = described("tenthcup_waiting_entries", "Entries that wait at these terminals, as they told with their last exchange.", "area")
	lagOfArea     = described("tenthcup_lag_seconds", "Age of the oldest entry in the newest batch when it came; for two minutes after it.", "area")

	requestsHere    = described("tenthcup_requests_in_flight", "Requests from their headers to the end of their answers.")
	requestsWorked  = described("tenthcup_requests_working", "Requests that are worked on.")
	requestsWait    = described("tenthcup_requests_queued", "Requests that wait for a place among those worked on.")
	connections     = described("tenthcup_connections", "Connections that are open.")
	connectionsOver = described("tenthcup_connections_refused_total", "Connections closed at once, for there were too many.")

	bookEntries     = described("tenthcup_entries", "Entries in the book, those in quarantine among them.", "area")
	bookHolders     = described("tenthcup_holders", "Members and gift cards in the book.", "area")
	bookQuarantined = described("tenthcup_quarantined", "What terminals sent that does not count, settled or not.", "area")
	bookExceptions  = described("tenthcup_exceptions_open", "Exceptions that wait for a manager.", "area")
	bookRead        = described("tenthcup_book_read_timestamp_seconds", "When the figures of the book were read.")

	poolInUse  = described("tenthcup_pool_in_use", "Connections to the database that are in use.")
	poolIdle   = described("tenthcup_pool_idle", "Connections to the database that are idle.")
	poolMax    = described("tenthcup_pool_max", "Connections to the database that there may be.")
	poolWaited = described("tenthcup_pool_wait_seconds_total", "Time that was spent waiting for a connection to the database.")
)

func described(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

func gauge(to chan<- prometheus.Metric, what *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(what, prometheus.GaugeValue, value, labels...)
}

func counter(to chan<- prometheus.Metric, what *prometheus.Desc, value float64) {
	to <- prometheus.MustNewConstMetric(what, prometheus.CounterValue, value)
}

// sightings collects what terminals told lately.
type sightings struct{ *metrics }

// Describe is prometheus.Collector's.
func (sightings) Describe(to chan<- *prometheus.Desc) {
	for _, what := range []*prometheus.Desc{terminalsSeen, entriesWait, lagOfArea} {
		to <- what
	}
}

// Collect is prometheus.Collector's. Terminals that were not here lately are
// forgotten.
func (s sightings) Collect(to chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := time.Now().Add(-lately)
	terminals, waiting := map[pos.AreaID]int{}, map[pos.AreaID]uint64{}
	for id, last := range s.terminals {
		if last.At.Before(since) {
			delete(s.terminals, id)
			continue
		}
		terminals[last.Area]++
		waiting[last.Area] += last.Waiting
	}
	for area, n := range terminals {
		gauge(to, terminalsSeen, float64(n), string(area))
		gauge(to, entriesWait, float64(waiting[area]), string(area))
	}
	for area, last := range s.lags {
		if last.at.Before(since) {
			delete(s.lags, area)
			continue
		}
		gauge(to, lagOfArea, last.late.Seconds(), string(area))
	}
}

// load collects how much a server has to do.
type load struct {
	centre   *server.Server
	listener *server.Limited
}

// Describe is prometheus.Collector's.
func (load) Describe(to chan<- *prometheus.Desc) {
	for _, what := range []*prometheus.Desc{requestsHere, requestsWorked, requestsWait, connections, connectionsOver} {
		to <- what
	}
}

// Collect is prometheus.Collector's.
func (l load) Collect(to chan<- prometheus.Metric) {
	now := l.centre.Load()
	gauge(to, requestsHere, float64(now.Here))
	gauge(to, requestsWorked, float64(now.Working))
	gauge(to, requestsWait, float64(now.Waiting))
	open, refused := l.listener.Connections()
	gauge(to, connections, float64(open))
	counter(to, connectionsOver, float64(refused))
}

// pool is a book that has connections to a database.
type pool interface {
	// Pool returns how many connections are in use, how many idle and how many there
	// may be, and how long in all somebody waited for one.
	Pool() (inUse, idle, most int, waited time.Duration)
}

// poolFigures collects those of a pool.
type poolFigures struct{ pool }

// Describe is prometheus.Collector's.
func (poolFigures) Describe(to chan<- *prometheus.Desc) {
	for _, what := range []*prometheus.Desc{poolInUse, poolIdle, poolMax, poolWaited} {
		to <- what
	}
}

// Collect is prometheus.Collector's.
func (p poolFigures) Collect(to chan<- prometheus.Metric) {
	inUse, idle, most, waited := p.Pool()
	gauge(to, poolInUse, float64(inUse))
	gauge(to, poolIdle, float64(idle))
	gauge(to, poolMax, float64(most))
	counter(to, poolWaited, waited.Seconds())
}

// counted is a book whose areas can be counted.
type counted interface {
	Areas() ([]pos.AreaID, error)
	Count(pos.AreaID) (store.Counts, error)
	Exceptions(area pos.AreaID, all bool) ([]pos.Exception, error)
}

// bookFigures collects those of the book. It is read by itself, beside the asking:
// once a minute, and where that takes long more rarely, so that watching never costs
// more than a twentieth of the time. While it cannot be read the last figures stand.
type bookFigures struct {
	book counted

	mu      sync.Mutex
	areas   []areaFigures
	read    time.Time // when that was; zero before the first time
	next    time.Time // when it is read again
	reading chan struct{}
}

type areaFigures struct {
	area       string
	counts     store.Counts
	exceptions int
}

const (
	bookEvery    = time.Minute
	bookPatience = 2 * time.Second // of one who asks, for figures to come
	bookShare    = 20
)

// Describe is prometheus.Collector's.
func (*bookFigures) Describe(to chan<- *prometheus.Desc) {
	for _, what := range []*prometheus.Desc{bookEntries, bookHolders, bookQuarantined, bookExceptions, bookRead} {
		to <- what
	}
}

// Collect is prometheus.Collector's.
func (b *bookFigures) Collect(to chan<- prometheus.Metric) {
	select {
	case <-b.begin():
	case <-time.After(bookPatience):
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.read.IsZero() {
		return
	}
	gauge(to, bookRead, float64(b.read.UnixMilli())/1000)
	for _, f := range b.areas {
		gauge(to, bookEntries, float64(f.counts.Entries), f.area)
		gauge(to, bookHolders, float64(f.counts.Holders), f.area)
		gauge(to, bookQuarantined, float64(f.counts.Quarantined), f.area)
		gauge(to, bookExceptions, float64(f.exceptions), f.area)
	}
}

// begin reads the book if it is time, and returns what is closed once that is done.
func (b *bookFigures) begin() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reading == nil {
		b.reading = make(chan struct{})
		close(b.reading)
	}
	select {
	case <-b.reading:
	default:
		return b.reading
	}
	began := time.Now()
	if began.Before(b.next) {
		return b.reading
	}
	done := make(chan struct{})
	b.reading = done
	go func() {
		defer close(done)
		areas, err := readFigures(b.book)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.next = began.Add(max(bookEvery, bookShare*time.Since(began)))
		if err == nil { // else the age of the figures says so
			b.areas, b.read = areas, began
		}
	}()
	return done
}

func readFigures(book counted) ([]areaFigures, error) {
	areas, err := book.Areas()
	if err != nil {
		return nil, err
	}
	figures := make([]areaFigures, len(areas))
	for i, area := range areas {
		counts, err := book.Count(area)
		if err != nil {
			return nil, err
		}
		open, err := book.Exceptions(area, false)
		if err != nil {
			return nil, err
		}
		figures[i] = areaFigures{string(area), counts, len(open)}
	}
	return figures, nil
}

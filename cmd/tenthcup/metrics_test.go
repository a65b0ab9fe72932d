package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/sync/server"
)

// fullPool is a pool with figures.
type fullPool struct{}

func (fullPool) Pool() (inUse, idle, most int, waited time.Duration) {
	return 3, 2, 8, 1500 * time.Millisecond
}

// watched makes a branch with a till whose server is watched, and returns the pages.
func watched(t *testing.T) (*branch, site) {
	b := newBranch(t)
	s := b.desk.site(slog.New(slog.DiscardHandler), server.Bounds{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	limited := s.limit(listener, opsFlags{Connections: 100, PerAddress: 10})
	s.metrics.registry.MustRegister(poolFigures{fullPool{}})
	b.web.Close()
	b.web = &httptest.Server{Listener: limited, Config: s.web}
	b.web.Start()
	t.Cleanup(b.web.Close)
	b.till.client.URL = b.web.URL
	return b, s
}

func metricsPage(s site) string {
	w := httptest.NewRecorder()
	s.ops().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// What a till does can be read off the page, number by number.
func TestMetrics(t *testing.T) {
	b, s := watched(t)
	holder := enrolled(t, b.till)
	for range 3 {
		_, err := b.till.station.Stamp("", holder, "", 1)
		require.NoError(t, err)
	}
	require.NoError(t, b.till.sync(t.Context(), nil))
	response, err := http.Get(b.web.URL + "/elsewhere")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	page := metricsPage(s)
	for _, line := range []string{
		`tenthcup_entries_received_total{area="main"} 4`,
		`tenthcup_terminals_seen{area="main"} 1`,
		`tenthcup_waiting_entries{area="main"} 0`,
		`tenthcup_lag_seconds{area="main"} 0`,
		`tenthcup_request_seconds_count{route="/v1/exchange",status="200"} 1`,
		`tenthcup_request_seconds_count{route="other",status="404"} 1`,
		`tenthcup_requests_refused_total{problem="line.path"} 1`,
		`tenthcup_requests_in_flight 0`,
		`tenthcup_requests_working 0`,
		`tenthcup_requests_queued 0`,
		`tenthcup_connections `,
		`tenthcup_connections_refused_total 0`,
		`tenthcup_entries{area="main"} `,
		`tenthcup_holders{area="main"} 1`,
		`tenthcup_exceptions_open{area="main"} 0`,
		`tenthcup_quarantined{area="main"} 0`,
		`tenthcup_pool_in_use 3`,
		`tenthcup_pool_idle 2`,
		`tenthcup_pool_max 8`,
		`tenthcup_pool_wait_seconds_total 1.5`,
		`tenthcup_build_info{version="`,
		`go_goroutines `,
		`process_resident_memory_bytes `,
	} {
		require.Contains(t, page, "\n"+line)
	}
	require.NotContains(t, page, "Ann")
	for path, want := range map[string]string{"/healthz": "tenthcup 1\n", "/readyz": "ready\n", "/debug/pprof/cmdline": "test"} {
		w := httptest.NewRecorder()
		s.ops().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, w.Code, path)
		require.Contains(t, w.Body.String(), want, path)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} { // tills and strangers see none of it
		response, err := http.Get(b.web.URL + path)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusNotFound, response.StatusCode)
	}
}

// enrolled makes a member at the till.
func enrolled(t *testing.T, till *till) pos.HolderID {
	done, err := till.station.Enrol("", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	return done.Member.Profile.Holder
}

func gathered(t *testing.T, m *metrics) map[string]float64 {
	families, err := m.registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() == "area" {
					values[family.GetName()+" "+label.GetValue()] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
				}
			}
		}
	}
	return values
}

// What terminals told is added up by area, for two minutes; a clock that is ahead
// makes no negative lag.
func TestTerminalsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMetrics()
		tell := func(id byte, area pos.AreaID, waiting uint64, entries int, old time.Duration) {
			m.seen(pos.TerminalID{id}, server.Sighting{At: time.Now(), Area: area, Waiting: waiting, Entries: entries, Oldest: time.Now().Add(-old)})
		}
		tell(1, "north", 10, 5, time.Hour)
		time.Sleep(time.Minute)
		tell(2, "north", 7, 2, time.Minute)
		tell(3, "south", 1, 1, -time.Minute)
		require.Equal(t, map[string]float64{
			"tenthcup_entries_received_total north": 7, "tenthcup_entries_received_total south": 1,
			"tenthcup_terminals_seen north": 2, "tenthcup_terminals_seen south": 1,
			"tenthcup_waiting_entries north": 17, "tenthcup_waiting_entries south": 1,
			"tenthcup_lag_seconds north": 60, "tenthcup_lag_seconds south": 0,
		}, gathered(t, m))
		tell(1, "north", 0, 0, 0)
		time.Sleep(90 * time.Second)
		tell(1, "north", 3, 0, 0)
		time.Sleep(time.Minute)
		require.Equal(t, map[string]float64{
			"tenthcup_entries_received_total north": 7, "tenthcup_entries_received_total south": 1,
			"tenthcup_terminals_seen north": 1, "tenthcup_waiting_entries north": 3,
			"tenthcup_lag_seconds north": 0,
		}, gathered(t, m))
	})
}

// slowBook takes its time to be counted.
type slowBook struct {
	takes time.Duration
	fails error
	read  int
}

func (b *slowBook) Areas() ([]pos.AreaID, error) {
	b.read++
	time.Sleep(b.takes)
	return []pos.AreaID{"main"}, b.fails
}

func (b *slowBook) Count(pos.AreaID) (store.Counts, error) {
	return store.Counts{Entries: b.read, Holders: 2, Quarantined: 3}, nil
}

func (b *slowBook) Exceptions(pos.AreaID, bool) ([]pos.Exception, error) {
	return make([]pos.Exception, 4), nil
}

// The book is counted once a minute, whoever asks, more rarely where that takes long,
// and nobody waits for it.
func TestBookIsCountedRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := &slowBook{}
		m := newMetrics()
		m.registry.MustRegister(&bookFigures{book: book})
		entries := func() float64 { return gathered(t, m)["tenthcup_entries main"] }
		for range 100 {
			require.EqualValues(t, 1, entries())
		}
		require.EqualValues(t, 4, gathered(t, m)["tenthcup_exceptions_open main"])
		book.takes = 10 * time.Second
		time.Sleep(time.Minute)
		began := time.Now()
		require.EqualValues(t, 1, entries(), "the last figures, while the next are read")
		require.Equal(t, 2*time.Second, time.Since(began))
		time.Sleep(10 * time.Second)
		require.EqualValues(t, 2, entries())
		time.Sleep(150 * time.Second)
		require.EqualValues(t, 2, entries(), "what takes 10 s is done every 200 s")
		book.takes, book.fails = 0, errors.New("away")
		time.Sleep(time.Minute)
		require.EqualValues(t, 2, entries(), "the last figures stand")
		require.Equal(t, 3, book.read)
	})
}

// The page is for this machine, unless somebody said otherwise.
func TestOpsPageStaysHere(t *testing.T) {
	b := newBranch(t)
	s := b.desk.site(slog.New(slog.DiscardHandler), server.Bounds{})
	_, _, err := s.watch(opsFlags{Ops: "0.0.0.0:0"})
	require.Equal(t, pos.Refuse("setup.ops", "address", "0.0.0.0:0"), err)
	at, stop, err := s.watch(opsFlags{Ops: "0.0.0.0:0", OpsOpen: true})
	require.NoError(t, err)
	require.Contains(t, at, "http://")
	stop()
	at, stop, err = s.watch(opsFlags{})
	require.NoError(t, err)
	require.Empty(t, at)
	stop()
	at, stop, err = s.watch(opsFlags{Ops: "127.0.0.1:0"})
	require.NoError(t, err)
	response, err := http.Get(at + "/readyz")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	_, _, err = s.watch(opsFlags{Ops: strings.TrimPrefix(at, "http://")})
	problem, ok := errors.AsType[*pos.Problem](err)
	require.True(t, ok)
	require.Equal(t, "setup.listen", problem.Key)
	stop()
	_, err = http.Get(at + "/readyz")
	require.Error(t, err)
}

func TestLogLevels(t *testing.T) {
	for level, want := range map[string][]string{
		"debug": {"a", "b", "c", "d"}, "info": {"b", "c", "d"}, "warn": {"c", "d"}, "error": {"d"}, "": {"b", "c", "d"},
	} {
		var out bytes.Buffer
		log := opsFlags{Log: level}.logger(&out)
		log.Debug("a")
		log.Info("b")
		log.Warn("c")
		log.Error("d")
		var got []string
		decoder := json.NewDecoder(&out)
		for {
			var line struct{ Msg string }
			if err := decoder.Decode(&line); errors.Is(err, io.EOF) {
				break
			} else {
				require.NoError(t, err)
			}
			got = append(got, line.Msg)
		}
		require.Equal(t, want, got, level)
	}
}

func TestPasswordsAreNotShown(t *testing.T) {
	for db, want := range map[string]string{
		"chain.db":          "chain.db",
		"/var/lib/chain.db": "/var/lib/chain.db",
		"postgres://ann:secret@db1,db2:5433/shop?target_session_attrs=read-write": "postgres://ann:xxxxx@db1,db2:5433/shop",
		"postgres://db/shop?password=secret":                                      "postgres://db/shop",
		"postgres://ann:sec ret@db\x7f/shop":                                      "postgres://...",
	} {
		shown := withoutPassword(db)
		require.Equal(t, want, shown)
		require.NotContains(t, shown, "secret")
	}
}

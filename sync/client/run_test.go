package client_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/client"
	"tenthcup/sync/wire"
)

// runner is a client that runs in the background of a test, with its reports and
// when each was made.
type runner struct {
	client.Client
	line    *line
	kick    chan struct{}
	reports []client.Report
	at      []time.Duration // since the beginning
	stop    context.CancelFunc
}

// run starts a runner over a line to the handler. No wait is shortened by jitter.
func run(t testing.TB, handler http.Handler) *runner {
	r := &runner{line: newLine(t, handler), kick: make(chan struct{}, 1)}
	r.Client = client.Client{
		Book: anyBook{}, Key: testKey, URL: address, Plain: true, Now: time.Now, HTTP: r.line.client(t),
		Random: func() float64 { return 1 },
	}
	return r
}

func (r *runner) start(t testing.TB) {
	ctx, cancel := context.WithCancel(t.Context())
	r.stop = cancel
	began := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx, r.kick, func(report client.Report) {
			r.reports = append(r.reports, report)
			r.at = append(r.at, time.Since(began))
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// until lets the time pass and returns when tries were reported since then.
func (r *runner) after(pass time.Duration) []time.Duration {
	time.Sleep(pass)
	synctest.Wait()
	at := r.at
	r.at = nil
	return at
}

func seconds(n ...float64) []time.Duration {
	spans := make([]time.Duration, len(n))
	for i := range n {
		spans[i] = time.Duration(n[i] * float64(time.Second))
	}
	return spans
}

func pageHandler(t testing.TB) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", wire.MessageType)
		_, _ = w.Write([]byte(message(t, wire.Answer{V: 1, Page: ledger.Page{At: time.Now().Add(time.Hour).UnixMilli()}})))
	})
}

func problemHandler(problem *pos.Problem, retryAfter string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", wire.ProblemType)
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(wire.Status(problem))
		_, _ = w.Write(wire.EncodeProblem(problem))
	})
}

func TestRunBacksOffAndHeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, pageHandler(t))
		r.line.set(true)
		r.start(t)
		require.Equal(t, seconds(0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111), r.after(1200*time.Second))
		for _, report := range r.reports {
			require.False(t, report.Online)
			require.ErrorIs(t, report.Err, pos.Refuse("line.unreachable"))
		}
		require.Equal(t, 5*time.Minute, r.reports[11].Wait)
		r.line.set(false)
		require.Equal(t, seconds(1411, 1444, 1477), r.after(300*time.Second), "idle polls, with a tenth of jitter")
		require.Equal(t, client.Report{Online: true, Offset: time.Hour, Wait: 33 * time.Second}, r.reports[12])
		r.line.set(true)
		require.Equal(t, seconds(1510, 1511, 1513), r.after(15*time.Second), "the back-off begins anew")
	})
}

// Jitter takes up to half of a wait off, and a tenth of an idle one either way.
func TestRunJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, pageHandler(t))
		r.Random = func() float64 { return 0 }
		r.line.set(true)
		r.start(t)
		require.Equal(t, seconds(0, 0.5, 1.5, 3.5, 7.5), r.after(10*time.Second))
		r.line.set(false)
		require.Equal(t, seconds(15.5, 42.5, 69.5), r.after(80*time.Second))
	})
	synctest.Test(t, func(t *testing.T) {
		r := run(t, pageHandler(t))
		r.Random = nil
		r.start(t)
		r.after(time.Hour)
		different := map[time.Duration]bool{}
		for _, report := range r.reports {
			different[report.Wait] = true
			require.InDelta(t, 30, report.Wait.Seconds(), 3)
		}
		require.Greater(t, len(different), 50)
	})
}

func TestRunIsKicked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, pageHandler(t))
		r.start(t)
		require.Equal(t, seconds(0), r.after(10*time.Second))
		r.kick <- struct{}{}
		require.Equal(t, seconds(10), r.after(time.Second), "at once while the line is good")
		r.line.set(true)
		r.after(100 * time.Second)
		kicks := time.NewTicker(time.Second)
		go func() {
			for range 60 {
				<-kicks.C
				select {
				case r.kick <- struct{}{}:
				default:
				}
			}
		}()
		tries := r.after(62 * time.Second)
		require.Greater(t, len(tries), 10)
		for i := range tries[1:] {
			require.Equal(t, 5*time.Second, tries[i+1]-tries[i], "a busy shop does not hammer a dead line")
		}
	})
}

// What no repetition mends is tried every five minutes; a kick changes nothing.
func TestRunWaitsWhereRepeatingCannotHelp(t *testing.T) {
	for _, key := range []string{"line.unknown", "line.revoked", "line.refused", "line.newer", "line.path", "line.malformed"} {
		t.Run(key, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, problemHandler(pos.Refuse(key), ""))
				r.start(t)
				synctest.Wait()
				r.kick <- struct{}{}
				require.Equal(t, seconds(0, 300, 600), r.after(700*time.Second))
				require.ErrorIs(t, r.reports[2].Err, pos.Refuse(key))
			})
		})
	}
}

func TestRunHonoursRetryAfter(t *testing.T) {
	for header, want := range map[string][]time.Duration{
		"":                     seconds(0, 1, 3, 7, 12),
		"25":                   seconds(0, 37.5), // and half of it for jitter
		"7000":                 seconds(0),
		"Wed, 21 Oct 2026 ...": seconds(0, 1, 3, 7, 12),
	} {
		synctest.Test(t, func(t *testing.T) {
			r := run(t, problemHandler(pos.Refuse("line.busy"), header))
			r.start(t)
			for range 14 {
				time.Sleep(time.Second)
				select {
				case r.kick <- struct{}{}:
				default:
				}
			}
			synctest.Wait()
			tries := r.after(30 * time.Second)
			require.Equal(t, want, tries[:min(len(tries), len(want))], header)
			if len(want) < 3 {
				require.Len(t, tries, len(want), header)
			}
		})
	}
}

// A server that is back after an hour, and busy with all the others who come back, is asked
// again when it says, however often it says so, and not when a dead line would be.
func TestRunBelievesABusyServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, problemHandler(pos.Refuse("line.busy"), "5"))
		r.line.set(true)
		r.start(t)
		r.after(time.Hour)
		r.line.set(false)
		at := r.after(7 * time.Minute)
		require.Greater(t, len(at), 6)
		var waits []time.Duration
		for i, tried := range at[1:] {
			waits = append(waits, tried-at[i])
		}
		require.Equal(t, seconds(7.5, 7.5, 7.5, 7.5, 7.5, 7.5), waits[:6])
	})
	synctest.Test(t, func(t *testing.T) { // somebody else's idea of a wait, such as a proxy's
		r := run(t, problemHandler(pos.Refuse("line.busy"), "1"))
		r.start(t)
		require.Equal(t, seconds(0, 1.5, 3.5, 7.5, 15.5, 31.5), r.after(time.Minute))
	})
}

// Tills that were told the same come back apart, and none before it was asked to.
func TestRunComesBackApart(t *testing.T) {
	for random, want := range map[float64]time.Duration{0: 20 * time.Second, 0.5: 25 * time.Second, 0.99: 29900 * time.Millisecond} {
		for _, key := range []string{"line.busy", "line.often"} {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, problemHandler(pos.Refuse(key), "20"))
				r.Random = func() float64 { return random }
				r.start(t)
				synctest.Wait()
				r.kick <- struct{}{}
				require.Equal(t, []time.Duration{0, want}, r.after(35 * time.Second)[:2], "%s, %v", key, random)
				require.ErrorIs(t, r.reports[0].Err, pos.Refuse(key))
				require.False(t, r.reports[0].Online)
			})
		}
	}
}

// Many that hear the same at the same moment, each with the jitter that is
// its own, spread evenly over half of the time again.
func TestRunSpreadsMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tills = 200
		var back [5]int // by half a second, from the tenth on
		for i := range tills {
			r := run(t, problemHandler(pos.Refuse("line.busy"), "5"))
			r.Key, r.Random = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(i)}, ed25519.SeedSize)), nil
			r.start(t)
			synctest.Wait()
			wait := r.reports[0].Wait
			require.GreaterOrEqual(t, wait, 5*time.Second)
			require.Less(t, wait, 7500*time.Millisecond)
			back[(wait-5*time.Second)/(500*time.Millisecond)]++
			r.stop()
		}
		for _, n := range back {
			require.Greater(t, n, tills/10)
		}
	})
}

// Somebody who presses "send now" while Run waits for its turn brings it back.
func TestSyncEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, pageHandler(t))
		r.line.set(true)
		r.start(t)
		r.after(600 * time.Second)
		r.line.set(false)
		require.NoError(t, r.Sync(t.Context(), nil))
		require.Equal(t, seconds(600), r.after(time.Second))
		require.True(t, r.reports[len(r.reports)-1].Online)
	})
}

// A channel that nobody will kick any more is no kick.
func TestRunWithoutKicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, pageHandler(t))
		close(r.kick)
		r.start(t)
		require.Len(t, r.after(100*time.Second), 4)
		r.stop()
		require.Empty(t, r.after(100*time.Second))
	})
}

package client_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/sync/client"
	"tenthcup/sync/wire"
)

// A proxy that repeats each request: the centre takes it once and refuses the
// other, whichever of the two answers reaches the till.
func TestDuplicates(t *testing.T) {
	for name, second := range map[string]bool{"the till hears the first answer": false, "the till hears the second answer": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, 1)
				u := s.tills[0]
				good := s.line.handler
				ann := u.member("Ann")
				for range 9 {
					u.stamp(ann, 1)
					spare, left := 0, 1
					duplicates := twice(good, func(w *httptest.ResponseRecorder) { spare = w.Code }, second)
					s.line.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if left--; left >= 0 {
							duplicates.ServeHTTP(w, r)
							return
						}
						good.ServeHTTP(w, r)
					})
					u.sync()
					if second {
						require.Equal(t, http.StatusOK, spare)
						require.Equal(t, -1, left, "signed anew, once")
					} else {
						require.Equal(t, http.StatusConflict, spare)
						require.Zero(t, left)
					}
				}
				require.Equal(t, 10, s.centre.entries())
				require.EqualValues(t, 9, u.balance(ann, stamps))
				s.checked()
			})
		})
	}
}

// A proxy that never lets through a first request: the till gives up after one
// more, and what it has is taken all the same.
func TestDuplicatesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		u.member("Ann")
		requests := 0
		s.line.handler = twice(s.line.handler, func(*httptest.ResponseRecorder) { requests++ }, true)
		_, err := u.client.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.replay"))
		require.Equal(t, 2, requests)
		require.Equal(t, 1, s.centre.entries())
	})
}

// Requests that somebody kept, or that a line held back, arrive after others, or
// much later, or again: no entry counts twice, and after the window none is even
// looked at.
func TestLateRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 2)
		u := s.tills[0]
		good := s.line.handler
		ann := u.member("Ann")
		var kept []letter
		lost := true
		s.line.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kept = append(kept, readLetter(r))
			if lost {
				panic(http.ErrAbortHandler)
			}
			good.ServeHTTP(w, r)
		})
		for range 5 { // each held back on the way, with more in it than the one before
			u.stamp(ann, 1)
			_, err := u.client.Exchange(t.Context())
			require.ErrorIs(t, err, pos.Refuse("line.cut"))
		}
		require.GreaterOrEqual(t, len(kept), 5)
		lost = false
		u.sync()
		require.Equal(t, 6, s.centre.entries())
		for i := range kept {
			held := kept[len(kept)-1-i] // the last one first
			code := held.deliver(good).Code
			require.Contains(t, []int{http.StatusOK, http.StatusConflict}, code)
			require.Equal(t, http.StatusConflict, held.deliver(good).Code, "and again")
		}
		time.Sleep(wire.Window + 2*time.Second)
		for _, held := range kept {
			w := held.deliver(good)
			problem, err := wire.DecodeProblem(w.Body.Bytes())
			require.NoError(t, err)
			require.Equal(t, pos.Refuse("line.clock", "now", time.Now().UnixMilli()), problem)
		}
		require.Equal(t, 6, s.centre.entries())
		require.Zero(t, s.centre.quarantined())
		s.tills[1].sync()
		require.EqualValues(t, 5, s.tills[1].balance(ann, stamps))
		s.checked()
	})
}

// A till whose clock is days off asks twice at the first exchange and once at
// every other; the centre learns how far off it is.
func TestWrongClock(t *testing.T) {
	for _, ahead := range []time.Duration{-400 * 24 * time.Hour, -6 * time.Minute, 6 * time.Minute, 90 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t, 1)
			u := s.tills[0]
			u.ahead = ahead
			requests := 0
			good := s.line.handler
			s.line.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				good.ServeHTTP(w, r)
			})
			u.member("Ann")
			for range 3 {
				result, err := u.client.Exchange(t.Context())
				require.NoError(t, err)
				require.Equal(t, -ahead, result.Offset)
				time.Sleep(time.Hour)
			}
			require.Equal(t, 4, requests)
			require.Equal(t, []time.Duration{ahead}, s.centre.skews)

			u.ahead = 0 // somebody set the clock right
			_, err := u.client.Exchange(t.Context())
			require.NoError(t, err)
			require.Equal(t, 6, requests)
		})
	}
}

// A centre that never likes the time is asked twice, not for ever, and one that
// says nonsense about its own changes nothing.
func TestClockThatCannotBeSet(t *testing.T) {
	for _, problem := range []*pos.Problem{
		pos.Refuse("line.clock", "now", int64(5)), pos.Refuse("line.clock", "now", int64(1<<62)), pos.Refuse("line.clock", "now", int64(-1<<62)),
		pos.Refuse("line.clock", "now", "noon"), pos.Refuse("line.clock"),
	} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			refuse := problemHandler(problem, "")
			l := newLine(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				refuse.ServeHTTP(w, r)
			}))
			c := client.Client{Book: anyBook{}, Key: testKey, URL: address, Plain: true, Now: time.Now, HTTP: l.client(t)}
			_, err := c.Exchange(t.Context())
			require.ErrorIs(t, err, pos.Refuse("line.clock"))
			require.LessOrEqual(t, requests, 2)
			l.handler = pageHandler(t)
			result, err := c.Exchange(t.Context())
			require.NoError(t, err)
			require.Equal(t, time.Hour, result.Offset)
		})
	}
}

// The path that is signed is the route, so a proxy may put the server below
// another address, as long as it takes off what it added.
func TestProxyWithAPrefix(t *testing.T) {
	for below, stripped := range map[string]string{
		"/shop/tenthcup": "/shop/tenthcup", "/shop/": "/shop", "/k%C3%A1v%C3%A9/a%20b": "/kávé/a b",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t, 1)
			u := s.tills[0]
			good := s.line.handler
			s.line.handler = http.StripPrefix(stripped, good)
			u.client.URL = address + below
			u.member("Ann")
			u.sync()
			require.Equal(t, 1, s.centre.entries())
			s.address = address + below
			s.enrol()

			s.line.handler = good
			require.ErrorIs(t, u.client.Sync(t.Context(), nil), pos.Refuse("line.path"))
		})
	}
}

// A terminal that was revoked hands in the sales it has, all of them, and then
// asks every five minutes whether it is forgiven.
func TestRevokedTillHandsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 2)
		s.tills[1].member("Bea")
		s.tills[1].sync()
		u := s.tills[0]
		wait := newBacklog(t, u.Terminal, writing{entries: 5000, members: 100, process: 1700})
		s.centre.revoked = u.Terminal
		r := &runner{Client: client.Client{
			Book: wait, Key: u.client.Key, URL: address, Plain: true, Now: time.Now, HTTP: s.line.client(t),
			Random: func() float64 { return 1 },
		}, kick: make(chan struct{}, 1)}
		s.line.next(lostAnswer, fault{}, halfAnswer)
		r.start(t)
		synctest.Wait()
		r.kick <- struct{}{}
		tries := r.after(time.Hour)
		require.Equal(t, 5000, wait.acked)
		require.Equal(t, 5001, s.centre.entries()+s.centre.quarantined(), "and the other till's")
		require.Zero(t, wait.cursor, "it learns of nobody")
		for i := range tries[1:] {
			require.Equal(t, 5*time.Minute, tries[i+1]-tries[i])
		}
		for _, report := range r.reports {
			require.ErrorIs(t, report.Err, pos.ErrRevoked)
			require.False(t, report.Online)
			require.Equal(t, 5*time.Minute, report.Wait)
		}
		require.GreaterOrEqual(t, r.reports[0].Sent, 4000, "what arrived without an answer is not counted")

		wait.more(t, 3)
		_, err := r.Exchange(t.Context())
		require.ErrorIs(t, err, pos.ErrRevoked)
		require.Equal(t, 5003, wait.acked)
	})
}

package main

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// fleetRecord is what the tills saw of their line while they were measured.
type fleetRecord struct {
	mu        sync.Mutex
	measuring bool
	burst     bool            // the line is back and the backlog is not yet gone
	took      []time.Duration // of answered exchanges
	inBurst   []time.Duration // those of them in the burst
	refused   int             // told to come again later: 429 and 503
	wrong     map[int]int     // other statuses than 200, by status
	broken    int             // the connection failed though the line was not cut
	cut       int             // tries that the cut ended
	entries   int             // that were acknowledged
	burstTook int             // those of them in the burst
	tries     map[string]int  // syncs that failed, by problem
}

// set begins or ends measuring, and the burst.
func (r *fleetRecord) set(measuring, burst bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.measuring, r.burst = measuring, burst
}

// answered notes an answer and how long it took from the first byte asked to the
// last byte read, a new connection included.
func (r *fleetRecord) answered(status int, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.measuring:
	case status == http.StatusOK:
		r.took = append(r.took, took)
		if r.burst {
			r.inBurst = append(r.inBurst, took)
		}
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		r.refused++
	default:
		if r.wrong == nil {
			r.wrong = map[int]int{}
		}
		r.wrong[status]++
	}
}

// failed notes a try that got no answer.
func (r *fleetRecord) failed(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.measuring:
	case cut:
		r.cut++
	default:
		r.broken++
	}
}

// acknowledged notes entries that the centre has.
func (r *fleetRecord) acknowledged(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.measuring {
		r.entries += n
		if r.burst {
			r.burstTook += n
		}
	}
}

// retried notes a sync that failed and will be tried again.
func (r *fleetRecord) retried(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tries == nil {
		r.tries = map[string]int{}
	}
	if r.measuring {
		r.tries[key]++
	}
}

// spread is how long things took, in milliseconds.
type spread struct {
	N    int     `json:"n"`
	P50  float64 `json:"p50_ms"`
	P99  float64 `json:"p99_ms"`
	Most float64 `json:"max_ms"`
}

func spreadOf(took []time.Duration) spread {
	if len(took) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(took))
	at := func(hundredths int) float64 {
		return milliseconds(sorted[min(len(sorted)*hundredths/100, len(sorted)-1)])
	}
	return spread{len(sorted), at(50), at(99), at(100)}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

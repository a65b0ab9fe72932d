package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"tenthcup/pos"
	"tenthcup/store"
)

// fleetResult is what was measured. Rates are per second, shares are of one core,
// memory is in MB of a million bytes.
type fleetResult struct {
	Terminals int     `json:"terminals"`
	Minutes   float64 `json:"minutes"`
	Factor    float64 `json:"times_as_fast"`       // as the shops' clock runs
	Real      float64 `json:"real_exchanges_rate"` // that the same day would make if it were not compressed
	SetUp     float64 `json:"set_up_s"`
	Founding  float64 `json:"founding_s"`

	Seconds   float64        `json:"measured_s"` // the day, and until the servers had all
	Drained   float64        `json:"drained_s"`  // of which after closing time
	Lag       float64        `json:"counter_lag_s"`
	Entries   int            `json:"entries"`
	Rate      float64        `json:"entries_rate"`
	Exchanges float64        `json:"exchanges_rate"`
	Took      spread         `json:"exchange"`
	Refused   int            `json:"refused"` // told to come later
	Retried   map[string]int `json:"retried"` // syncs that failed, by problem
	Broken    int            `json:"broken"`  // connections that failed while the line was up
	CutOff    int            `json:"cut_off"` // tries while it was cut
	Wrong     map[int]int    `json:"other_statuses,omitempty"`
	Forbidden int            `json:"forbidden_at_the_counter"`
	Burst     burst          `json:"burst"`
	Servers   []usage        `json:"servers"`
	Client    usage          `json:"client"`
	Check     fleetCheck     `json:"check"`
}

// burst is what happened from when the line came back until all was taken that had
// waited for it.
type burst struct {
	Waited  int     `json:"waited"`
	Seconds float64 `json:"seconds"`
	Entries int     `json:"entries"` // taken meanwhile, new ones among them
	Rate    float64 `json:"entries_rate"`
	Took    spread  `json:"exchange"`
}

// usage is what a process took.
type usage struct {
	CPU   float64 `json:"cpu_s"`
	Share float64 `json:"share"`
	Own   float64 `json:"own_mb"`      // when the day was over, without the pages of files
	Most  float64 `json:"own_most_mb"` // in the day
	RSS   float64 `json:"rss_mb"`      // with the pages of files
	Peak  float64 `json:"peak_mb"`     // since the process began
	Log   int     `json:"log_lines"`
}

// usageOf is what a process took between the two, in so many seconds.
func usageOf(before, after cost, seconds float64) usage {
	spent := (after.cpu - before.cpu).Seconds()
	return usage{CPU: spent, Share: spent / seconds, Own: float64(after.own) / megabyte, RSS: float64(after.rss) / megabyte, Peak: float64(after.peak) / megabyte}
}

// meter is what the processes had used when the day began.
type meter struct {
	at      time.Time
	servers []cost
	client  cost
}

func (f *fleet) meter() meter {
	m := meter{at: time.Now(), client: costOf("self")}
	for _, s := range f.servers {
		m.servers = append(m.servers, s.cost())
	}
	return m
}

const megabyte = 1e6

// idleSeconds is how long a till that has nothing to say waits, here as in shops.
const idleSeconds = 30

// read takes the figures, the processes' since the meter was set.
func (f *fleet) read(m meter) {
	r := &f.result
	r.Terminals, r.Minutes, r.Factor = f.Terminals, f.Minutes, float64(openFor)/float64(f.day())
	r.Real = float64(f.Terminals)/idleSeconds + float64(f.Terminals*f.Sales)/openFor.Seconds()
	r.Seconds = time.Since(m.at).Seconds()
	for i, s := range f.servers {
		used := usageOf(m.servers[i], s.cost(), r.Seconds)
		used.Most, used.Log = float64(s.most.Load())/megabyte, s.said.count()
		r.Servers = append(r.Servers, used)
	}
	r.Client = usageOf(m.client, costOf("self"), r.Seconds)
	seen := f.record
	seen.mu.Lock()
	defer seen.mu.Unlock()
	r.Entries, r.Rate, r.Exchanges = seen.entries, float64(seen.entries)/r.Seconds, float64(len(seen.took))/r.Seconds
	r.Took, r.Refused, r.Retried, r.Broken, r.CutOff, r.Wrong = spreadOf(seen.took), seen.refused, seen.tries, seen.broken, seen.cut, seen.wrong
	r.Burst.Entries, r.Burst.Took = seen.burstTook, spreadOf(seen.inBurst)
	if r.Burst.Seconds > 0 {
		r.Burst.Rate = float64(r.Burst.Entries) / r.Burst.Seconds
	}
	for _, t := range f.tills {
		r.Forbidden += t.refused
	}
}

// judge compares the book with the model, prints what was measured, and returns the
// problem that they differ, if they do.
func (f *fleet) judge() error {
	f.say("fleet.checking", "n", int(f.people.Load()))
	err := f.call.withServer(f.db, func(desk *serverDesk) (err error) {
		if f.result.Check, err = f.model.compare(desk, f.areas, f.before, pos.DayOf(f.opening, time.UTC)); err != nil || !f.Check {
			return err
		}
		f.result.Check.Findings, err = desk.db.Check()
		return err
	})
	if err != nil {
		return err
	}
	if err := f.print(); err != nil {
		return err
	}
	return f.verdict()
}

// verdict is the problem that the book is not what it should be, or nothing.
func (f *fleet) verdict() error {
	c := f.result.Check
	switch {
	case len(c.Differences) > 0:
		return pos.Refuse("fleet.differs", "n", len(c.Differences), "first", c.Differences[0])
	case len(c.Findings) > 0:
		return pos.Refuse("doctor.findings", "n", len(c.Findings))
	}
	return nil
}

// print writes the figures.
func (f *fleet) print() error {
	if f.call.json {
		return f.call.print(f.result, "")
	}
	for _, line := range f.lines() {
		if _, err := fmt.Fprintln(f.call.out, line); err != nil {
			return store.Explain(err)
		}
	}
	return nil
}

// slow is from how many seconds on it is said that the tills were late: then it was
// not the server alone that set the pace.
const slow = 5

// lines says what was measured.
func (f *fleet) lines() []string {
	r, t := &f.result, f.call.words.T
	failed := 0
	for _, n := range r.Retried {
		failed += n
	}
	lines := []string{
		t("fleet.compressed", "minutes", digits(f.Minutes), "hours", int(openFor.Hours()), "factor", int(r.Factor), "real", digits(r.Real)),
		t("fleet.load", "entries", r.Entries, "seconds", digits(r.Seconds), "rate", int(r.Rate), "exchanges", int(r.Exchanges)),
		t("fleet.exchange", "n", r.Took.N, "half", digits(r.Took.P50), "most", digits(r.Took.P99), "max", digits(r.Took.Most)),
		t("fleet.burst", "n", r.Burst.Waited, "seconds", digits(r.Burst.Seconds), "entries", r.Burst.Entries, "rate", int(r.Burst.Rate)),
		t("fleet.exchange", "n", r.Burst.Took.N, "half", digits(r.Burst.Took.P50), "most", digits(r.Burst.Took.P99), "max", digits(r.Burst.Took.Most)),
		t("fleet.refused", "refused", r.Refused, "failed", failed, "cut", r.CutOff),
	}
	for i, s := range r.Servers {
		lines = append(lines, t("fleet.cost", "who", "serve "+strconv.Itoa(i+1), "cpu", digits(s.CPU), "share", int(100*s.Share), "own", int(s.Own), "most", int(s.Most), "rss", int(s.RSS)))
	}
	if r.Lag > slow {
		lines = append(lines, t("fleet.slow", "seconds", digits(r.Lag)))
	}
	lines = append(lines, t("fleet.client", "cpu", digits(r.Client.CPU), "share", int(100*r.Client.Share), "rss", int(r.Client.RSS)))
	if len(r.Check.Differences) == 0 {
		lines = append(lines, t("fleet.agrees", "entries", r.Check.Entries, "members", r.Check.Members, "accounts", r.Check.Accounts, "exceptions", r.Check.Exceptions))
	}
	for _, finding := range r.Check.Findings {
		lines = append(lines, finding.Place+": "+finding.What)
	}
	return slices.Clip(lines)
}

// digits writes a figure as people compare them: three digits, no more.
func digits(figure float64) string {
	if figure >= 100 {
		return strconv.FormatFloat(figure, 'f', 0, 64)
	}
	return strconv.FormatFloat(figure, 'g', 3, 64)
}

package simulation_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

// program draws the shop's rules. The limits of what is handed out without a
// lease are the plan's: some worlds have none of it.
func (w *world) program() []byte {
	p := w.plan
	return fmt.Appendf(nil, `
title = "Café"
[offline]
leases = %d
hours = %d
[tiers]
by = "spend"
window = "rolling"
months = 12
[[tier]]
id = "silver"
from = "40"
multiply = 1.5
[[tier]]
id = "gold"
from = "90"
multiply = 2
[[goal]]
id = "third"
count = "visits"
target = 3
every = true
gift = { points = 4 }
[[campaign]]
id = "morning"
add = 2
limits = { per_day = 4 }
when = { hours = ["06:00-14:00"] }
[[surprise]]
id = "luck"
one_in = 4
gift = { card = "tea", stamps = 1 }
[[card]]
id = "coffee"
name = "Coffee"
size = 10
per = "sale"
floor = %d
budget = %d
[[card]]
id = "tea"
name = "Tea"
size = %d
floor = %d
budget = %d
[points]
earn = %d
for = "1"
expire_months = %d
floor = %d
budget = %d
[[reward]]
id = "coffee"
name = "Free coffee"
card = "coffee"
most = %d
[[reward]]
id = "tea"
name = "Free tea"
card = "tea"
[[reward]]
id = "cake"
name = "Cake"
points = 10
[[reward]]
id = "dinner"
name = "Dinner"
points = 30
`, p.leases, p.hours, p.floor, p.budget, 3+w.random.IntN(2), p.floor, p.budget, 1+w.random.IntN(3), w.random.IntN(4), 30*p.floor, 30*p.budget, 3*p.floor)
}

// price returns the account and what the reward takes of it.
func price(p pos.Program, id string) (pos.Account, int64) {
	for _, rule := range p.Rewards {
		if rule.ID != id {
			continue
		}
		if card, ok := p.Card(rule.Card); ok {
			return card.Account(), card.Size
		}
		return pos.PointsAccount, int64(rule.Points)
	}
	panic("no reward " + id)
}

// corrects tells the till how far the centre's clock is ahead.
func (u *till) corrects(offset time.Duration) error {
	return u.SetOffset(offset)
}

// copies notes that a till's disk was copied or set back: k of the bound.
func (w *world) copies(u *till) { w.disks[u.Terminal]++ }

// want asks the centre for a lease.
func (w *world) want(u *till) {
	if holder, ok := w.anybody(u); ok {
		u.disk.Want(holder)
	}
}

// pinHash is what the roster holds for the PIN 1234. It takes its time, so it is
// made once.
var pinHash = sync.OnceValues(func() (string, error) { return station.HashPIN("1234", nil, rand.NewChaCha8([32]byte{})) })

// signIn tries a PIN, rarely: each try takes tens of milliseconds.
func (w *world) signIn(u *till) {
	if w.random.IntN(10) > 0 {
		return
	}
	_, err := u.SignIn(boss, "1234")
	if _, refused := errors.AsType[*pos.Problem](err); err != nil && !refused {
		w.wronged("%s: sign in: %v", u.name, err)
	}
}

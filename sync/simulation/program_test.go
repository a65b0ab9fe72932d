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

// program draws the shop's rules.
func (w *world) program() []byte {
	limits := ""
	if !w.plan.floors {
		limits = "floor = 0\nbudget = 0"
	}
	text := fmt.Sprintf(`
title = "Café"
[offline]
leases = %[1]d
[[card]]
id = "coffee"
name = "Coffee"
size = 10
%[5]s
[[card]]
id = "tea"
name = "Tea"
size = %[2]d
%[5]s
[points]
earn = %[3]d
for = "1"
expire_months = %[4]d
%[5]s
[[reward]]
id = "coffee"
name = "Free coffee"
card = "coffee"
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
`, 1+w.random.IntN(2), 3+w.random.IntN(2), 1+w.random.IntN(3), w.random.IntN(4), limits)
	return []byte(text)
}

// covered reports whether the till knows of a balance that covers the reward.
func (w *world) covered(u *till, holder pos.HolderID, reward string) bool {
	program, err := u.Program()
	if !w.must(err, "%s: read the program", u.name) {
		return false
	}
	rule, _ := program.Reward(reward)
	account, cost := pos.PointsAccount, int64(rule.Points)
	if card, ok := program.Card(rule.Card); ok {
		account, cost = card.Account(), card.Size
	}
	view, err := u.Journal.View(holder)
	return w.must(err, "%s: read a view", u.name) && worthOn(view.Sums, account, u.Today()) >= cost
}

// want asks the centre for a lease.
func (w *world) want(u *till) {
	if holder, ok := w.anybody(u); ok {
		u.disk.Want(holder)
	}
}

const pin = "1234"

// pinHash is what the roster holds for the PIN. It takes its time, so it is made
// once.
var pinHash = sync.OnceValues(func() (string, error) { return station.HashPIN(pin, nil, rand.NewChaCha8([32]byte{})) })

// signIn tries a PIN, rarely: each try takes tens of milliseconds.
func (w *world) signIn(u *till) {
	if w.random.IntN(10) > 0 {
		return
	}
	tried := []string{pin, "4321"}[w.random.IntN(2)]
	_, err := u.SignIn(boss, tried)
	_, refused := errors.AsType[*pos.Problem](err)
	if err != nil && !refused || err == nil && tried != pin {
		w.wronged("%s: sign in with %s: %v", u.name, tried, err)
	}
}

// override lets a manager hand out what the till may refuse.
func (w *world) override(u *till) {
	holder, ok := w.anybody(u)
	if !ok || w.random.IntN(10) > 0 {
		return
	}
	w.act(u, holder, func() (station.Done, error) {
		time.Sleep(time.Hour) // whoever tried a wrong PIN has waited
		return u.RedeemOverride(clerk, holder, w.reward(), station.Override{Manager: boss, PIN: pin, Reason: "a regular"})
	})
}

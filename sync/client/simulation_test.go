package client_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

var (
	seed  = flag.Uint64("seed", 0, "of the simulation; 0 draws one")
	steps = flag.Int("steps", 400, "of the simulation")
)

// world is a shop of three tills and what its cashiers did, added up plainly.
type world struct {
	*shop
	random *rand.Rand
	known  []pos.HolderID
	model  map[pos.HolderID]map[pos.Account]int64
	undo   map[*till]map[pos.HolderID][]change // what each till's Undo would take back, newest last
	wrote  int                                 // entries
}

type change struct {
	account pos.Account
	amount  int64
}

// Three tills, a line that loses requests and answers and cuts both in the
// middle, clocks that are wrong, processes that die: when the line heals,
// every till and the centre agree with what the cashiers did.
func TestSimulation(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("rerun with -seed=%d -steps=%d", *seed, *steps)
	synctest.Test(t, func(t *testing.T) {
		w := &world{
			shop:   newShop(t, 3),
			random: rand.New(rand.NewPCG(*seed, 1)),
			model:  map[pos.HolderID]map[pos.Account]int64{},
			undo:   map[*till]map[pos.HolderID][]change{},
		}
		for _, u := range w.tills {
			w.undo[u] = map[pos.HolderID][]change{}
			u.ahead = time.Duration(w.random.IntN(7200)-3600) * time.Second
		}
		w.line.fate = w.fate
		for range *steps {
			w.step(w.tills[w.random.IntN(len(w.tills))])
			time.Sleep(time.Duration(w.random.IntN(60_000)) * time.Millisecond)
		}
		w.heal()
	})
}

// fate loses half of all exchanges, each in its own way.
func (w *world) fate() (fault, bool) {
	switch w.random.IntN(8) {
	case 0:
		return lostRequest, true
	case 1:
		return fault{request: 1 + w.random.IntN(2000)}, true
	case 2:
		return lostAnswer, true
	case 3:
		return fault{answer: 1 + w.random.IntN(1000)}, true
	}
	return fault{}, false
}

func (w *world) step(u *till) {
	switch n := w.random.IntN(100); {
	case n < 5 || len(w.known) == 0:
		w.known = append(w.known, u.member("Member"))
		w.model[w.known[len(w.known)-1]] = map[pos.Account]int64{}
		w.wrote++
	case n < 70:
		for range 1 + w.random.IntN(8) { // a queue at the counter
			w.serve(u, w.known[w.random.IntN(len(w.known))])
		}
	case n < 90:
		if u.client.Sync(w.t.Context(), nil) == nil { // it may fail in every way
			w.agrees(u)
		}
	case n < 94:
		u.restart()
	case n < 97:
		w.centre.killAfter = w.random.IntN(2)
		w.centre.killBefore = w.random.IntN(2)
	default:
		w.line.set(w.random.IntN(2) == 0)
	}
}

// serve does what a cashier does for a member, where the till knows the member.
func (w *world) serve(u *till, holder pos.HolderID) {
	if _, err := u.book.Profile(holder); err != nil {
		return
	}
	switch n := int64(w.random.IntN(20)); {
	case n < 8:
		u.stamp(holder, n+1)
		w.did(u, holder, change{stamps, n + 1})
	case n < 14:
		_, err := u.Earn("ann", holder, pos.Money(n*100+50))
		require.NoError(w.t, err)
		w.did(u, holder, change{pos.PointsAccount, n})
	case n < 17:
		_, err := u.Redeem("ann", holder, "free")
		if _, refused := errors.AsType[*pos.Problem](err); refused {
			return
		}
		require.NoError(w.t, err)
		w.did(u, holder, change{stamps, -10})
	default:
		last := w.undo[u][holder]
		_, err := u.Undo("ann", holder, "wrong key")
		if len(last) == 0 {
			require.ErrorIs(w.t, err, pos.Refuse("undo.nothing"))
			return
		}
		require.NoError(w.t, err)
		back := last[len(last)-1]
		w.undo[u][holder] = last[:len(last)-1]
		w.model[holder][back.account] -= back.amount
		w.wrote++
	}
}

// agrees checks that a till that just synced believes what the centre does.
func (w *world) agrees(u *till) {
	terminal, err := w.centre.Terminal(u.Terminal)
	require.NoError(w.t, err)
	page, err := w.centre.Page(terminal, ledger.PageAsk{Limit: len(w.known), At: time.Now(), Day: u.Today()})
	require.NoError(w.t, err)
	for _, row := range page.Changed {
		for _, account := range []pos.Account{stamps, pos.PointsAccount} {
			require.Equal(w.t, row.Sums.Balance(account, u.Today()), u.balance(row.Holder, account), "%s of %s", account, row.Holder)
		}
	}
}

func (w *world) did(u *till, holder pos.HolderID, c change) {
	w.model[holder][c.account] += c.amount
	w.undo[u][holder] = append(w.undo[u][holder], c)
	w.wrote++
}

// heal makes the line good and compares.
func (w *world) heal() {
	w.line.set(false)
	w.line.fate = nil
	w.centre.killAfter, w.centre.killBefore = 0, 0
	for range 2 { // once to send all, once to hear all
		for _, u := range w.tills {
			u.sync()
		}
	}
	require.Equal(w.t, w.wrote, w.centre.entries(), "each entry once")
	require.Zero(w.t, w.centre.quarantined())
	for _, u := range w.tills {
		for _, holder := range w.known {
			for _, account := range []pos.Account{stamps, pos.PointsAccount} {
				require.Equal(w.t, w.model[holder][account], u.balance(holder, account), "%s of %s", account, holder)
			}
		}
	}
	w.checked()
}

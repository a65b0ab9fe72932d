package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/client"
)

const pointsText = `
title = "Shop"
[points]
earn = 1
for = "1"
expire_months = 12
[[reward]]
id = "small"
points = 50
[[reward]]
id = "large"
points = 60
`

// newPointsShop is a shop whose program counts points.
func newPointsShop(t *testing.T, tills int) *shop {
	s := newShop(t, tills)
	require.NoError(t, s.centre.book.Publish(pos.Published{Document: []byte(pointsText)}))
	for _, u := range s.tills {
		u.sync()
	}
	return s
}

func (u *till) earn(holder pos.HolderID, amount pos.Money) {
	_, err := u.Earn("ann", holder, amount)
	require.NoError(u.shop.t, err)
}

// ERP-009: what is redeemed without a line is gone at once from what the till
// believes, and stays gone.
func TestOfflineRedemptionLowersTheBalanceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPointsShop(t, 1)
		u := s.tills[0]
		ann := u.member("Ann")
		u.earn(ann, 10000)
		u.sync()
		s.line.set(true)
		_, err := u.Redeem("ann", ann, "large")
		require.NoError(t, err)
		require.EqualValues(t, 40, u.balance(ann, "points"))
		_, err = u.Redeem("ann", ann, "large")
		require.ErrorIs(t, err, pos.Refuse("redeem.points"))
		u.restart()
		require.EqualValues(t, 40, u.balance(ann, "points"))
		s.line.set(false)
		u.sync()
		require.EqualValues(t, 40, u.balance(ann, "points"))
		s.checked()
	})
}

// ERP-010, OFF-008: a page that says nothing about a member, or nothing new about
// the points, or nothing about the program, changes none of them.
func TestPagesThatDoNotSayWipeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPointsShop(t, 2)
		one, two := s.tills[0], s.tills[1]
		ann := one.member("Ann")
		one.earn(ann, 1200)
		one.sync()
		two.sync()
		before, err := two.Program()
		require.NoError(t, err)
		keeps := func(name string) {
			t.Helper()
			two.sync()
			require.EqualValues(t, 12, two.balance(ann, "points"))
			member, err := two.Member(ann)
			require.NoError(t, err)
			require.Equal(t, name, member.Profile.Name)
			program, err := two.Program()
			require.NoError(t, err)
			require.Equal(t, before, program)
		}
		keeps("Ann") // an empty page
		for _, name := range []string{"Bea", "Cleo"} {
			one.earn(one.member(name), 500)
		}
		one.sync()
		keeps("Ann") // a page of others
		_, err = one.Edit(ann, func(p *pos.Profile) error { p.Name = "Anna"; return nil })
		require.NoError(t, err)
		one.sync()
		keeps("Anna") // a page with her name only
		require.NoError(t, two.book.Apply(ledger.Page{At: time.Now().UnixMilli()}, nil))
		require.EqualValues(t, 12, two.balance(ann, "points"))
		s.checked()
	})
}

// running has the till's client work in the background. It returns its reports, the
// channel of kicks, and the end.
func (u *till) running() (reports chan client.Report, kick chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(u.shop.t.Context())
	reports, kick = make(chan client.Report, 100), make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		u.client.Run(ctx, kick, func(r client.Report) { reports <- r })
	}()
	return reports, kick, func() { cancel(); <-done }
}

// OFF-002: the first try fails, the one after the back-off gets all across, and the
// third has nothing to send.
func TestRetryAfterBackOffSendsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		u.member("Ann")
		s.line.set(true)
		reports, kick, stop := u.running()
		first := <-reports
		require.ErrorIs(t, first.Err, pos.Refuse("line.unreachable"))
		require.Equal(t, 2, u.waiting(), "an entry and a profile")
		require.GreaterOrEqual(t, first.Wait, 500*time.Millisecond)
		failed := time.Now()
		s.line.set(false)
		second := <-reports
		require.Equal(t, first.Wait, time.Since(failed))
		require.Zero(t, u.waiting())
		kick <- struct{}{}
		third := <-reports
		stop()
		require.Equal(t, []int{0, 2, 0}, []int{first.Sent, second.Sent, third.Sent})
		require.Equal(t, []bool{false, true, true}, []bool{first.Online, second.Online, third.Online})
		require.Equal(t, 1, s.centre.entries())
		require.Zero(t, u.waiting())
		s.checked()
	})
}

// OFF-004: however often the line fails, what waits is never given up: it is shown,
// counted and sent in the end. There is no list of dead letters at a till.
func TestNoNumberOfFailuresGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		ann := u.member("Ann")
		u.stamp(ann, 1)
		s.line.set(true)
		reports, _, stop := u.running()
		for range 50 {
			require.ErrorIs(t, (<-reports).Err, pos.Refuse("line.unreachable"))
			require.Equal(t, 3, u.waiting(), "two entries and a profile")
			require.EqualValues(t, 1, u.balance(ann, stamps))
		}
		s.line.set(false)
		last := <-reports
		stop()
		require.NoError(t, last.Err)
		require.Equal(t, 3, last.Sent)
		require.Zero(t, u.waiting())
		require.Equal(t, 2, s.centre.entries())
		s.checked()
	})
}

// OFF-005: an answer that comes after the till gave up waiting for it marks nothing,
// neither as taken nor as failed. The next exchange does.
func TestALateAnswerMarksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		ann := u.member("Ann")
		u.sync()
		u.stamp(ann, 1)
		good := s.line.handler
		late := 0
		s.line.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			good.ServeHTTP(answer, r)
			time.Sleep(time.Minute)
			late++
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
		})
		u.client.Timeout = 10 * time.Second
		_, err := u.client.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.slow"))
		require.Equal(t, 2, s.centre.entries(), "the centre has it")
		u.stamp(ann, 1)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, 1, late)
		require.Equal(t, 2, u.waiting())
		require.EqualValues(t, 2, u.balance(ann, stamps))
		s.line.handler = good
		u.sync()
		require.Equal(t, 3, s.centre.entries())
		require.EqualValues(t, 2, u.balance(ann, stamps))
		s.checked()
	})
}

// OFF-007: an entry that spends without a line says whose, from which lots, by
// which leave and what was known; so the centre takes it as it is.
func TestOfflineSpendNamesItsSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPointsShop(t, 1)
		u := s.tills[0]
		ann := u.member("Ann")
		u.earn(ann, 3000)
		time.Sleep(31 * 24 * time.Hour)
		u.earn(ann, 4000)
		u.sync()
		view, err := u.book.View(ann)
		require.NoError(t, err)
		require.Len(t, view.Sums, 2)
		s.line.set(true)
		_, err = u.Redeem("ann", ann, "small")
		require.NoError(t, err)

		box, err := u.book.Outbox(10, 1e6)
		require.NoError(t, err)
		require.Len(t, box.Entries, 1)
		e, err := pos.DecodeEntry(box.Entries[0])
		require.NoError(t, err)
		require.Equal(t, []any{pos.Redeemed, ann, "small"}, []any{e.Kind, e.Holder, e.Reward})
		require.Equal(t, []pos.Posting{
			{Account: "points", Amount: -30, Lot: view.Sums[0].Lot},
			{Account: "points", Amount: -20, Lot: view.Sums[1].Lot},
		}, e.Postings)
		require.Equal(t, pos.ByLease, e.By.Kind)
		require.Equal(t, view.Leases[0].ID[:], e.By.ID)
		require.EqualValues(t, 70, e.Saw["points"])
		s.line.set(false)
		u.sync()
		require.EqualValues(t, 20, u.balance(ann, "points"))
		open, err := s.centre.book.Exceptions("area", false)
		require.NoError(t, err)
		require.Empty(t, open)
		s.checked()
	})
}

package client_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/client"
	"tenthcup/sync/wire"
)

// A morning without a line: 500 entries wait, and all of them arrive once.
func TestBacklogArrivesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		s.line.set(true)
		ann := u.member("Ann")
		for range 499 {
			u.stamp(ann, 1)
		}
		require.ErrorIs(t, u.client.Sync(t.Context(), nil), pos.Refuse("line.unreachable"))
		require.Equal(t, 501, u.waiting(), "500 entries and a profile")
		s.line.set(false)
		var progress [][2]int
		require.NoError(t, u.client.Sync(t.Context(), func(p client.Progress) {
			progress = append(progress, [2]int{p.Sent, p.Waiting})
		}))
		require.Equal(t, [][2]int{{9, 492}, {501, 0}}, progress, "after a dead line it knocks before it sends all")
		require.Zero(t, u.waiting())
		require.Equal(t, 500, s.centre.entries())
		require.EqualValues(t, 499, u.balance(ann, stamps))
		u.sync()
		require.Equal(t, 500, s.centre.entries())
		s.checked()
	})
}

// Whatever the line does to an exchange, the next one that passes makes it good.
func TestBrokenExchanges(t *testing.T) {
	tests := []struct {
		name   string
		faults []fault
	}{
		{"request lost", []fault{lostRequest}},
		{"answer lost", []fault{lostAnswer}},
		{"answer lost twice", []fault{lostAnswer, lostAnswer}},
		{"cut in the middle of the request", []fault{halfRequest}},
		{"cut in the middle of the answer", []fault{halfAnswer}},
		{"everything in turn", []fault{lostRequest, halfRequest, lostAnswer, halfAnswer}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, 2)
				u := s.tills[0]
				ann := u.member("Ann")
				for range 30 {
					u.stamp(ann, 1)
				}
				s.line.next(tt.faults...)
				for range tt.faults {
					_, err := u.client.Exchange(t.Context())
					require.ErrorIs(t, err, pos.Refuse("line.cut"))
					require.Equal(t, 32, u.waiting())
				}
				u.stamp(ann, 1)
				u.sync()
				s.tills[1].sync()
				require.Equal(t, 32, s.centre.entries())
				for _, u := range s.tills {
					require.EqualValues(t, 31, u.balance(ann, stamps))
				}
				s.checked()
			})
		})
	}
}

// A server may close a kept connection just as the next request is on its way.
// That is no failure of the line: the transport tries another connection.
func TestKeptConnectionClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		u.sync()
		u.member("Ann")
		s.line.next(fault{answer: 1, closed: true})
		_, err := u.client.Exchange(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, s.centre.entries())
	})
}

// The server dies in the middle of an exchange, twice after it took the batch
// and once before: still once.
func TestServerKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		ann := u.member("Ann")
		for range 99 {
			u.stamp(ann, 1)
		}
		for _, die := range []*int{&s.centre.killAfter, &s.centre.killAfter, &s.centre.killBefore} {
			*die = 1
			_, err := u.client.Exchange(t.Context())
			require.ErrorIs(t, err, pos.Refuse("line.cut"))
		}
		require.Equal(t, 100, s.centre.entries())
		require.Equal(t, 101, u.waiting())
		u.sync()
		require.Equal(t, 100, s.centre.entries())
		require.EqualValues(t, 99, u.balance(ann, stamps))
		s.checked()
	})
}

// The till dies before it has the answer, and goes on with smaller batches. What
// the centre already has of later processes is not counted on top of its balance.
func TestTillKilledInABacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		ann := u.member("Ann")
		for i := range 60 {
			u.stamp(ann, 1)
			if i%20 == 19 {
				u.restart() // another incarnation
			}
		}
		s.line.next(lostAnswer)
		_, err := u.client.Exchange(t.Context())
		require.Error(t, err)
		u.restart()
		_, err = u.client.Exchange(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 60, u.balance(ann, stamps))
		u.sync()
		require.Equal(t, 61, s.centre.entries())
		require.EqualValues(t, 60, u.balance(ann, stamps))
		s.checked()
	})
}

// A shop that works by commands writes each entry in a process of its own: there
// are more incarnations than a request may ask about.
func TestManyProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		c := s.tills[0].client
		wait := newBacklog(t, s.tills[0].Terminal, writing{entries: 2500, members: 100, process: 1})
		c.Book = wait
		s.line.next(lostAnswer, lostAnswer)
		require.NoError(t, c.Sync(t.Context(), nil))
		require.Equal(t, 2500, wait.acked)
		require.Equal(t, 2500, s.centre.entries())
		require.Zero(t, s.centre.quarantined())
		s.checked()
	})
}

// Two tills on one server see each other's members and stamps after a sync.
func TestTillsSeeEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 2)
		one, two := s.tills[0], s.tills[1]
		ann := one.member("Ann")
		one.stamp(ann, 3)
		one.sync()
		two.sync()
		two.stamp(ann, 4)
		bea := two.member("Bea")
		require.EqualValues(t, 7, two.balance(ann, stamps))
		two.sync()
		one.sync()
		found, err := one.Find("bea", 10)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, bea, found[0].Holder)
		require.EqualValues(t, 7, one.balance(ann, stamps))
		_, err = one.Edit(bea, func(p *pos.Profile) error { p.Name = "Beata"; return nil })
		require.NoError(t, err)
		one.sync()
		two.sync()
		member, err := two.Member(bea)
		require.NoError(t, err)
		require.Equal(t, "Beata", member.Profile.Name)
		s.checked()
	})
}

// wishing is a till whose cashiers ask for leases.
type wishing struct {
	client.Book
	wants []pos.HolderID
	held  int
}

func (w wishing) Outbox(maxEntries, maxBytes int) (ledger.Outbox, error) {
	box, err := w.Book.Outbox(maxEntries, maxBytes)
	box.Wants, box.Held, box.Broken = w.wants, w.held, true
	return box, err
}

// What a till would like reaches the centre, no more than a request may hold, also
// where nothing else waits; and who waits sees how far the till has come.
func TestWantsAndProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		wants := make([]pos.HolderID, wire.MaxWants+1)
		for i := range wants {
			wants[i] = pos.HolderID{byte(i + 1)}
		}
		s.centre.holders = 1_000_000
		u.client.Book = wishing{u.book, wants[:2], 41}
		var progress []client.Progress
		require.NoError(t, u.client.Sync(t.Context(), func(p client.Progress) { progress = append(progress, p) }))
		require.Equal(t, wants[:2], s.centre.wants)
		require.Equal(t, []client.Progress{{Held: 41, Holders: 1_000_000}}, progress)

		s.centre.wants = nil
		u.client.Book = wishing{u.book, wants, 41}
		require.NoError(t, u.client.Sync(t.Context(), nil))
		require.Equal(t, wants[:wire.MaxWants], s.centre.wants)
		require.NotContains(t, s.centre.broken, true, "nothing was sent that could be broken")

		u.member("Ann")
		require.NoError(t, u.client.Sync(t.Context(), nil))
		require.Contains(t, s.centre.broken, true)
	})
}

// Cashiers and programs reach the tills with the next page.
func TestRosterReachesTheTills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		require.NoError(t, s.centre.book.AddCashier(pos.Cashier{ID: "bob", Name: "Bob", Role: pos.RoleCashier}))
		s.tills[0].sync()
		cashiers, err := s.tills[0].Cashiers()
		require.NoError(t, err)
		require.Len(t, cashiers, 2)
	})
}

// More changed profiles than one request carries, more members than one page.
func TestManyProfiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 2)
		for i := range 1300 {
			require.NoError(t, s.tills[0].book.SaveProfile(pos.Profile{
				Holder: pos.HolderID{1, byte(i >> 8), byte(i)}, Codes: []string{"x"}, Name: "Ann", Changed: int64(i + 1),
			}))
		}
		s.tills[0].sync()
		s.tills[1].sync()
		for i := range 1300 {
			_, err := s.tills[1].book.Profile(pos.HolderID{1, byte(i >> 8), byte(i)})
			require.NoError(t, err, "profile %d", i)
		}
		s.checked()
	})
}

// A profile that no request can carry keeps nothing else from going: the line is
// good, and the problem names the member.
func TestProfileTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		fields := map[string]string{}
		for i := range 500 {
			fields[strconv.Itoa(i)] = strings.Repeat("x", 200)
		}
		ann, err := u.Enrol("ann", pos.Profile{Name: "Ann", Fields: fields})
		require.NoError(t, err)
		u.stamp(ann.Member.Profile.Holder, 1)
		for range 5 {
			u.member("Bea")
		}
		require.Equal(t, pos.Refuse("line.profile", "name", "Ann"), problem(u.client.Sync(t.Context(), nil)))
		require.Equal(t, 1, u.waiting())
		require.Equal(t, 7, s.centre.entries())

		var reports []client.Report
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		u.client.Run(ctx, nil, func(r client.Report) { reports = append(reports, r) })
		require.Greater(t, len(reports), 1)
		require.True(t, reports[1].Online)
		require.ErrorIs(t, reports[1].Err, pos.Refuse("line.profile"))
	})
}

// problem returns the problem in the error.
func problem(err error) *pos.Problem {
	found, _ := errors.AsType[*pos.Problem](err)
	return found
}

// On a line that drops everything above a few kilobytes the batches shrink until
// they pass.
func TestBadLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		ann := u.member("Ann")
		for range 399 {
			u.stamp(ann, 1)
		}
		s.line.fate = func() (fault, bool) { return fault{request: 4000}, true }
		for tries := 0; u.client.Sync(t.Context(), nil) != nil; tries++ {
			require.Less(t, tries, 5)
		}
		require.Zero(t, u.waiting())
		require.Equal(t, 400, s.centre.entries())
		s.checked()
	})
}

// After a bad hour the batches grow again, a quarter each time. Sync itself tries
// three times.
func TestBatchesGrowAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		ann := u.member("Ann")
		u.sync()
		for range 400 {
			u.stamp(ann, 1)
		}
		s.line.next(lostRequest, lostAnswer, lostRequest)
		require.ErrorIs(t, u.client.Sync(t.Context(), nil), pos.Refuse("line.cut"))
		var sent [][2]int
		require.NoError(t, u.client.Sync(t.Context(), func(p client.Progress) { sent = append(sent, [2]int{p.Sent, p.Sent + p.Waiting}) }))
		require.Equal(t, [][2]int{{200, 400}, {262, 400}, {339, 400}, {400, 400}}, sent, "200 had arrived without an answer")
		require.EqualValues(t, 400, u.balance(ann, stamps))
		s.checked()
	})
}

// The same code and key enrol again: the first answer may have been lost.
func TestEnrolAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 0)
		public, _, err := ed25519.GenerateKey(s.random)
		require.NoError(t, err)
		require.NoError(t, s.centre.book.AddTerminal("Till", "corner", "CODE", time.Now().Add(time.Hour)))
		s.line.next(lostAnswer)
		_, err = client.Enrol(t.Context(), client.Enrolment{HTTP: s.line.client(t), URL: address, Plain: true}, "CODE", public)
		require.ErrorIs(t, err, pos.Refuse("line.cut"))
		got, err := client.Enrol(t.Context(), client.Enrolment{HTTP: s.line.client(t), URL: address, Plain: true}, "CODE", public)
		require.NoError(t, err)
		require.Equal(t, pos.TerminalOf(public), got.Terminal.ID)
		require.Equal(t, "Corner", got.Roster.Shop.Name)
		require.Equal(t, pepper, got.Pepper)

		other, _, err := ed25519.GenerateKey(s.random)
		require.NoError(t, err)
		_, err = client.Enrol(t.Context(), client.Enrolment{HTTP: s.line.client(t), URL: address, Plain: true}, "CODE", other)
		require.ErrorIs(t, err, pos.ErrBadEnrolCode)
		_, err = client.Enrol(t.Context(), client.Enrolment{HTTP: s.line.client(t), URL: address, Plain: true}, "WRONG", other)
		require.ErrorIs(t, err, pos.ErrBadEnrolCode)
	})
}

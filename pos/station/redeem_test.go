package station_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

const coffee = pos.Account("stamp:coffee/10")

// lease returns a lease of stamps with that number for an id.
func lease(id byte, n int64) ledger.Lease {
	return ledger.Lease{ID: pos.LeaseID{id}, Terminal: terminal, Sums: ledger.Sums{{Account: coffee, Amount: n}}}
}

func TestRedeemByLease(t *testing.T) {
	s := open(t)
	o := s.tell()
	ann := s.enrol(t, "Ann")
	s.stamp(t, ann, 25)
	o.leases[ann] = []ledger.Lease{lease(4, 10), lease(3, 10)}
	o.standing.LastSync = s.clock.now()
	s.clock.pass(72 * time.Hour) // the line is down for just as long as a lease holds
	for _, id := range []byte{3, 4} {
		done, err := s.Redeem("robin", ann, "cup")
		require.NoError(t, err)
		e := done.Record.Entry
		require.Equal(t, &pos.By{Kind: pos.ByLease, ID: []byte{id, 0, 0, 0, 0, 0, 0, 0}}, e.By)
		require.Equal(t, []pos.Posting{{Account: coffee, Amount: -10}}, e.Postings)
		require.Equal(t, int64(72*60*60), e.Saw["age"])
	}
	s.refused(t, "redeem.stamps", func() error { _, err := s.Redeem("robin", ann, "cup"); return err })
	require.Empty(t, o.wants, "nothing that a lease would help against")
}

func TestRedeemByFloor(t *testing.T) {
	s := open(t)
	o := s.tell()
	ann, bela := s.enrol(t, "Ann"), s.enrol(t, "Béla")
	s.stamp(t, ann, 30)
	s.stamp(t, bela, 10)
	_, err := s.Redeem("robin", bela, "cup")
	require.NoError(t, err)
	done, err := s.Redeem("robin", ann, "cup")
	require.NoError(t, err)
	require.Equal(t, &pos.By{Kind: pos.ByFloor}, done.Record.Entry.By)
	require.Equal(t, map[string]int64{"stamp:coffee/10": 30, "age": 0, "floor": 0, "budget": 10}, done.Record.Entry.Saw)
	s.refused(t, "redeem.floor", func() error { _, err := s.Redeem("robin", ann, "cup"); return err })
	require.Equal(t, []pos.HolderID{ann}, o.wants, "the centre is asked for a lease")
	s = reopen(t, s)
	o.on(s)
	s.refused(t, "redeem.floor", func() error { _, err := s.Redeem("robin", ann, "cup"); return err })
	o.page(s.clock.now())
	_, err = s.Redeem("robin", ann, "cup")
	require.NoError(t, err, "until the next full exchange")
}

// What stops a redemption, and whether the centre is asked for a lease then.
func TestWhatStopsARedemption(t *testing.T) {
	for name, tt := range map[string]struct {
		set     func(o *told, holder pos.HolderID)
		passed  time.Duration
		problem string
		wants   bool
	}{
		"nothing":                             {func(*told, pos.HolderID) {}, 0, "", false},
		"lent to another":                     {func(o *told, h pos.HolderID) { o.lent[h] = ledger.Sums{{Account: coffee, Amount: 10}} }, 0, "redeem.lent", true},
		"a frozen till":                       {func(o *told, h pos.HolderID) { o.standing.Frozen, o.leases[h] = true, []ledger.Lease{lease(1, 10)} }, 0, "redeem.frozen", false},
		"a restored till":                     {func(o *told, h pos.HolderID) { o.standing.Restored, o.leases[h] = true, []ledger.Lease{lease(1, 10)} }, 0, "redeem.restored", false},
		"a revoked till":                      {func(o *told, _ pos.HolderID) { o.standing.Revoked = true }, 0, "till.revoked", false},
		"three days offline":                  {func(o *told, h pos.HolderID) { o.leases[h] = []ledger.Lease{lease(1, 10)} }, 72*time.Hour + time.Millisecond, "redeem.stale", false},
		"never reached":                       {func(o *told, _ pos.HolderID) { o.asOf, o.standing.LastSync = time.Time{}, time.Time{} }, 1000 * time.Hour, "", false},
		"a new member and three days offline": {func(o *told, _ pos.HolderID) { o.asOf = time.Time{} }, 73 * time.Hour, "redeem.stale", false},
		"no centre":                           {func(o *told, _ pos.HolderID) { o.standing = station.Standing{} }, 1000 * time.Hour, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			ann := s.enrol(t, "Ann")
			s.stamp(t, ann, 12)
			o := s.tell()
			tt.set(o, ann)
			s.clock.pass(tt.passed)
			redeem := func() error { _, err := s.Redeem("robin", ann, "cup"); return err }
			if tt.problem == "" {
				require.NoError(t, redeem())
				return
			}
			s.refused(t, tt.problem, redeem)
			require.Equal(t, tt.wants, len(o.wants) == 1)
			require.Equal(t, tt.problem != "till.revoked", station.Overridable(redeem()))
		})
	}
}

// Whatever happens at the same time: of 35 stamps, 20 of them lent, one member
// gets two cups by the leases and one by the floor.
func TestParallelRedemptionsByLeasesAndFloor(t *testing.T) {
	s := open(t)
	o := s.tell()
	ann := s.enrol(t, "Ann")
	s.stamp(t, ann, 45)
	o.leases[ann] = []ledger.Lease{lease(1, 10), lease(2, 10)}
	kinds := map[string]int{}
	for _, err := range parallel(20, func(int) error { _, err := s.Redeem("robin", ann, "cup"); return err }) {
		if err != nil {
			require.ErrorIs(t, err, pos.Refuse("redeem.floor"))
		}
	}
	for _, r := range s.journal(t) {
		if r.Entry.Kind == pos.Redeemed {
			kinds[r.Entry.By.Kind]++
		}
	}
	require.Equal(t, map[string]int{pos.ByLease: 2, pos.ByFloor: 1}, kinds)
}

// staff gives the till a manager and a cashier, with the PINs 1234 and 4321.
func (s *till) staff(t *testing.T) {
	t.Helper()
	roster, err := s.db.Roster()
	require.NoError(t, err)
	for _, c := range []pos.Cashier{{ID: "boss", Role: pos.RoleManager, PIN: "1234"}, {ID: "kim", Role: pos.RoleCashier, PIN: "4321"}, {ID: "owner", Role: pos.RoleManager}} {
		if c.PIN != "" {
			c.PIN, err = station.HashPIN(c.PIN, pepper, rand.Reader)
			require.NoError(t, err)
		}
		roster.Cashiers = append(roster.Cashiers, c)
	}
	require.NoError(t, s.db.SetRoster(roster))
	s.Pepper = pepper
}

func TestRedeemOverride(t *testing.T) {
	s := open(t)
	o := s.tell()
	s.staff(t)
	g := guarded(t, s)
	ann := s.enrol(t, "Ann")
	s.stamp(t, ann, 12)
	o.leases[ann] = []ledger.Lease{lease(1, 10)}
	override := func(reward string, w station.Override) error {
		_, err := s.RedeemOverride("kim", ann, reward, w)
		return err
	}
	for name, tt := range map[string]struct {
		reward  string
		word    station.Override
		problem string
		tried   bool
	}{
		"no reason":           {"cup", station.Override{Manager: "boss", PIN: "1234", Reason: " \t"}, "override.reason", false},
		"not in the program":  {"tea", station.Override{Manager: "boss", PIN: "1234", Reason: "ok"}, "redeem.unknown", false},
		"nobody":              {"cup", station.Override{Manager: "sam", PIN: "1234", Reason: "ok"}, "pin.cashier", false},
		"a cashier":           {"cup", station.Override{Manager: "kim", PIN: "4321", Reason: "ok"}, "pin.manager", false},
		"a wrong PIN":         {"cup", station.Override{Manager: "boss", PIN: "4321", Reason: "ok"}, "pin.wrong", true},
		"a manager of no PIN": {"cup", station.Override{Manager: "owner", Reason: "ok"}, "pin.wrong", true},
	} {
		t.Run(name, func(t *testing.T) {
			clear(g.tries)
			s.refused(t, tt.problem, func() error { return override(tt.reward, tt.word) })
			require.Equal(t, tt.tried, len(g.tries) > 0)
		})
	}
	word := station.Override{Manager: "boss", PIN: "1234", Reason: " a  good\ncustomer " + strings.Repeat("x", 500)}
	for _, want := range [][]pos.Posting{
		{{Account: coffee, Amount: -10}},
		{{Account: coffee, Amount: -10}},
	} {
		done, err := s.RedeemOverride("kim", ann, "cup", word)
		require.NoError(t, err)
		e := done.Record.Entry
		require.Equal(t, []any{pos.Redeemed, ann, "cup", pos.CashierID("kim"), want}, []any{e.Kind, e.Holder, e.Reward, e.Cashier, e.Postings})
		require.Equal(t, &pos.By{Kind: pos.ByOverride, Manager: "boss"}, e.By)
		require.True(t, strings.HasPrefix(e.Reason, "a good customer xxx"), e.Reason)
		require.Len(t, e.Reason, pos.MaxText)
		require.Zero(t, g.tries["boss"])
	}
	m, err := s.Member(ann)
	require.NoError(t, err)
	require.Equal(t, int64(-8), m.Cards[0].Stamps, "beyond the balance")
	s.refused(t, "redeem.stamps", func() error { _, err := s.Redeem("kim", ann, "cup"); return err })
	require.Empty(t, o.window, "overrides are counted apart")

	o.standing.Restored, o.standing.Frozen = true, true
	s.clock.pass(1000 * time.Hour)
	require.NoError(t, override("cake", word), "whatever stops others")
	o.standing.Revoked = true
	clear(g.tries)
	s.refused(t, "till.revoked", func() error { return override("cake", word) })
	require.Empty(t, g.tries, "it costs no try")
}

// Limits and conditions of a reward are decided with what the till knows of the
// moment and the member, and the entry says what that was.
func TestRedeemWithinLimits(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(cafe + "\n[[reward]]\nid = 'bun'\nname = 'Bun'\nfree = true\nlimits = {per_day = 1}\n[reward.when]\nhours = ['08:00-13:00']\n")})
	ann := s.enrol(t, "Ann")
	names := func() (names []string) {
		m, err := s.Member(ann)
		require.NoError(t, err)
		for _, r := range m.Rewards {
			names = append(names, r.Rule.Name)
		}
		return names
	}
	require.Contains(t, names(), "Bun")
	done, err := s.Redeem("robin", ann, "bun")
	require.NoError(t, err)
	require.Nil(t, done.Record.Entry.By)
	require.Equal(t, "bun", done.Record.Entry.Reward)
	require.Equal(t, pos.Account("use:bun/day"), done.Record.Entry.Postings[0].Account)
	require.Equal(t, int64(12*60), done.Record.Entry.Saw["minute"])
	require.Equal(t, "why.reward.free", done.Because[0].Key)
	s.refused(t, "redeem.limit", func() error { _, err := s.Redeem("robin", ann, "bun"); return err })
	require.NotContains(t, names(), "Bun", "what a member may not have is not offered")
	s.clock.pass(24*time.Hour + 59*time.Minute)
	_, err = s.Redeem("robin", ann, "bun")
	require.NoError(t, err, "the next day, just in time")
	s.clock.pass(24*time.Hour + time.Minute)
	s.refused(t, "redeem.hours", func() error { _, err := s.Redeem("robin", ann, "bun"); return err })
}

// A claim on a sale says what comes off it; its entry has all that it follows from.
func TestClaim(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(cafe + "\n[[reward]]\nid = 'cash'\nkind = 'exchange'\nstep = 5\noff = '0.50'\n[[reward]]\nid = 'tenth'\nfree = true\nkind = 'percent'\npercent = 10\n[[coupon]]\nid = 'hello'\ncode = 'hello-10'\nuses = 1\nreward = 'tenth'\nlimits = {in_all = 1}\n")})
	ann := s.enrol(t, "Ann")
	_, err := s.Earn("robin", ann, 4000)
	require.NoError(t, err)
	m, err := s.Member(ann)
	require.NoError(t, err)
	had := int64(*m.Points)
	program, err := s.Program()
	require.NoError(t, err)

	sale := &pos.Sale{Lines: []pos.Line{{Item: "tea", Quantity: 2, Price: 325}}}
	done, err := s.Claim("robin", ann, rules.Claim{Reward: "tenth", Coupon: "Hello 10", Sale: sale})
	require.NoError(t, err)
	require.Equal(t, pos.Money(65), done.Off)
	e := done.Record.Entry
	require.Equal(t, []any{"tenth", "HELLO10", pos.Money(650), "EUR"}, []any{e.Reward, e.Code, e.Sale.Amount, e.Sale.Currency})
	require.Equal(t, rules.Claim{Reward: "tenth", Coupon: "HELLO10", Sale: e.Sale}, rules.ClaimOf(&program, e))

	done, err = s.Claim("robin", ann, rules.Claim{Reward: "cash", Sale: done.Sale, Taken: []string{"tenth"}})
	require.NoError(t, err)
	steps := min(had/5, 585/50)
	require.Positive(t, steps)
	require.Equal(t, pos.Money(steps*50), done.Off)
	require.Equal(t, steps*5, done.Record.Entry.Count)
	require.Equal(t, had-steps*5, int64(*done.Member.Points))
	require.Equal(t, []pos.Payment{{With: pos.WithPoints, Amount: done.Off}}, done.Sale.Paid)

	s.refused(t, "coupon.used", func() error {
		_, err := s.Claim("robin", ann, rules.Claim{Reward: "tenth", Coupon: "HELLO10", Sale: sale})
		return err
	})
	s.refused(t, "sale.quantity", func() error {
		_, err := s.Claim("robin", ann, rules.Claim{Reward: "cash", Sale: &pos.Sale{Lines: []pos.Line{{}}}})
		return err
	})
}

func TestOverridable(t *testing.T) {
	for _, key := range []string{
		"stamps", "points", "vouchers", "lent", "floor", "budget", "most", "stale", "frozen", "restored", "day", "hours", "standing", "switch",
		"coupon", "alone", "limit", "stock", "minimum", "quantity", "least",
	} {
		require.True(t, station.Overridable(fmt.Errorf("redeem: %w", pos.Refuse("redeem."+key))), key)
	}
	for _, err := range []error{nil, errors.New("disk gone"), pos.Refuse("redeem.unknown"), pos.Refuse("pin.wrong"), station.ErrTillRevoked} {
		require.False(t, station.Overridable(err))
	}
}

func TestManagers(t *testing.T) {
	s := open(t)
	s.staff(t)
	managers, err := s.Managers()
	require.NoError(t, err)
	require.Len(t, managers, 2)
	require.Equal(t, []pos.CashierID{"boss", "owner"}, []pos.CashierID{managers[0].ID, managers[1].ID})
	cashiers, err := s.Cashiers()
	require.NoError(t, err)
	require.Len(t, cashiers, 3)
}

func TestReturnLeases(t *testing.T) {
	s := open(t)
	o := s.tell()
	n, err := s.ReturnLeases()
	require.NoError(t, err)
	require.Zero(t, n)
	ann, bela, siti := s.enrol(t, "Ann"), s.enrol(t, "Béla"), s.enrol(t, "Siti")
	s.stamp(t, ann, 30)
	s.stamp(t, bela, 10)
	o.leases[ann] = []ledger.Lease{lease(1, 10), lease(2, 10), lease(3, 10)}
	o.leases[bela] = []ledger.Lease{lease(4, 10)}
	o.due = []station.Due{{Holder: bela, Lease: pos.LeaseID{4}}, {Holder: ann, Lease: pos.LeaseID{2}}, {Holder: siti, Lease: pos.LeaseID{9}}, {Holder: ann, Lease: pos.LeaseID{3}}}
	for _, wait := range []func(*station.Standing){
		func(standing *station.Standing) { standing.Frozen = true },
		func(standing *station.Standing) { standing.Restored = true },
	} {
		before, was := len(s.journal(t)), o.standing
		wait(&o.standing)
		n, err := s.ReturnLeases()
		require.NoError(t, err)
		require.Zero(t, n)
		require.Len(t, s.journal(t), before, "leases of a copied or restored till wait")
		o.standing = was
	}
	n, err = s.ReturnLeases()
	require.NoError(t, err)
	require.Equal(t, 3, n, "but not what this till has not")
	records := s.journal(t)[5:]
	require.Len(t, records, 2, "one entry for each holder")
	for i, want := range []struct {
		holder pos.HolderID
		ids    []byte
	}{{bela, []byte{4, 0, 0, 0, 0, 0, 0, 0}}, {ann, []byte{2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}}} {
		e := records[i].Entry
		require.Equal(t, []any{pos.Returned, want.holder, &pos.By{Kind: pos.ByLease, ID: want.ids}}, []any{e.Kind, e.Holder, e.By})
		require.Empty(t, e.Postings)
	}
	n, err = s.ReturnLeases()
	require.NoError(t, err)
	require.Zero(t, n, "once")
	require.Len(t, s.journal(t), 7)
	o.broken = errors.New("disk gone")
	_, err = s.ReturnLeases()
	require.ErrorIs(t, err, o.broken)
	o.broken, o.standing.Revoked = nil, true
	o.leases[bela] = []ledger.Lease{lease(4, 10)}
	s.refused(t, "till.revoked", func() error { _, err := s.ReturnLeases(); return err })
}

// A till that was shut out books nothing, whatever a cashier does.
func TestRevokedTill(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	entry := s.stamp(t, ann, 20).Record.Entry
	s.tell().standing.Revoked = true
	for name, do := range map[string]func() error{
		"stamp":   func() error { _, err := s.Stamp("robin", ann, "", 1); return err },
		"earn":    func() error { _, err := s.Earn("robin", ann, 500); return err },
		"redeem":  func() error { _, err := s.Redeem("robin", ann, "cup"); return err },
		"void":    func() error { _, err := s.Void("robin", entry.ID, "mistake"); return err },
		"undo":    func() error { _, err := s.Undo("robin", ann, "mistake"); return err },
		"enrol":   func() error { _, err := s.Enrol("robin", pos.Profile{Name: "Béla"}); return err },
		"edit":    func() error { _, err := s.Edit(ann, func(*pos.Profile) error { return nil }); return err },
		"day end": func() error { _, err := s.DayEnd("robin"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			waiting, err := s.Waiting()
			require.NoError(t, err)
			s.refused(t, "till.revoked", do)
			after, err := s.Waiting()
			require.NoError(t, err)
			require.Equal(t, waiting, after)
		})
	}
	m, err := s.Member(ann)
	require.NoError(t, err)
	require.Equal(t, int64(2), m.Cards[0].Full, "what is known can still be seen")
}

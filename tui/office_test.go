package tui_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

// centre is an office that remembers what managers did, and in whose name.
type centre struct {
	issues []office.Issue
	staff  []pos.Cashier
	tills  office.Tills
	did    []string
	by     screen.Manager
	fails  error
}

func (c *centre) act(by screen.Manager, what string) error {
	c.by = by
	if c.fails != nil {
		return c.fails
	}
	c.did = append(c.did, what)
	return nil
}

func (c *centre) Issues(by screen.Manager, all bool) ([]office.Issue, error) {
	c.by = by
	return slices.DeleteFunc(slices.Clone(c.issues), func(i office.Issue) bool { return !all && i.Settled != nil }), c.fails
}

func (c *centre) SettleIssue(by screen.Manager, id, how, reason string) error {
	at := slices.IndexFunc(c.issues, func(i office.Issue) bool { return i.ID == id })
	c.issues[at].Settled = &pos.Settlement{Manager: by.ID, Reason: reason}
	return c.act(by, how+" "+id+" "+reason)
}

func (c *centre) Staff(by screen.Manager) ([]pos.Cashier, error) { c.by = by; return c.staff, c.fails }

func (c *centre) AddStaff(by screen.Manager, told office.Staff) error {
	c.staff = append(c.staff, pos.Cashier{ID: pos.CashierID(told.Name), Name: told.Name, Role: told.Role})
	return c.act(by, "add "+told.Name+" "+string(told.Role)+" "+told.PIN)
}

func (c *centre) ChangeStaff(by screen.Manager, told office.Staff) error {
	return c.act(by, "change "+string(told.ID)+" "+told.Name+" "+string(told.Role)+" "+told.PIN)
}

func (c *centre) RemoveStaff(by screen.Manager, id pos.CashierID) error {
	return c.act(by, "remove "+string(id))
}

func (c *centre) Tills(by screen.Manager) (office.Tills, error) { c.by = by; return c.tills, c.fails }

func (c *centre) AddTill(by screen.Manager, name string, store pos.StoreID) (office.Ticketed, error) {
	at := time.Date(2026, time.November, 22, 10, 42, 0, 0, time.UTC).UnixMilli()
	return office.Ticketed{Code: "K7Q2-9FXD", Pin: "111H-51Q5-1M41-F31A-296H-Q49F-2U", URL: "https://shop.example:7210", Expires: at},
		c.act(by, "till "+name+" "+string(store))
}

func (c *centre) RevokeTill(by screen.Manager, id pos.TerminalID, reason string) error {
	return c.act(by, "revoke "+id.String()[:4]+" "+reason)
}

func (c *centre) MergeMembers(by screen.Manager, from, into pos.HolderID, reason string) error {
	return c.act(by, "merge "+reason)
}

func (c *centre) ExportMember(by screen.Manager, _ pos.HolderID, form string) (string, error) {
	return "export/member." + form, c.act(by, "export "+form)
}

func (c *centre) EraseMember(by screen.Manager, _ pos.HolderID, reason string) error {
	return c.act(by, "erase "+reason)
}

func newCentre(now time.Time) *centre {
	at := func(ago time.Duration) int64 { return now.Add(-ago).UnixMilli() }
	zsofi := pos.Exception{Trouble: pos.Overdrawn, Account: "stamp:coffee/10", Amount: 10}
	return &centre{
		issues: []office.Issue{
			{ID: "01", At: at(40 * time.Minute), Terminal: "Till 2", Name: "Tóth Zsófia", Exception: &zsofi, Missing: 10},
			{ID: "02", At: at(3 * time.Hour), Terminal: "Till 1", Held: "unreadable"},
			{ID: "03", At: at(30 * time.Hour), Terminal: "Till 2", Exception: &pos.Exception{Trouble: pos.ClockAhead, Amount: 900_000}},
			{
				ID: "04", At: at(80 * time.Hour), Terminal: "Till 3", Exception: &pos.Exception{Trouble: pos.Fork},
				Settled: &pos.Settlement{Manager: "robin", Reason: "old disk found"},
			},
		},
		staff: []pos.Cashier{
			{ID: "edit", Name: "Kőszegi Edit", Role: pos.RoleCashier}, {ID: "robin", Name: "Robin", Role: pos.RoleManager},
		},
		tills: office.Tills{
			Tills: []office.Till{
				{Terminal: pos.Terminal{ID: pos.TerminalID{1}, Name: "Till 1", Store: "cafe"}, Here: true, Seen: at(0)},
				{Terminal: pos.Terminal{ID: pos.TerminalID{2}, Name: "Till 2", Store: "cafe"}, Seen: at(5 * time.Hour), Waiting: 12},
				{Terminal: pos.Terminal{ID: pos.TerminalID{3}, Name: "Old till", Store: "cafe", Revoked: true}, Seen: at(90 * time.Hour), Reason: "left in the bus"},
			},
			Stores: []pos.Shop{{Name: "Café Tizedik", Store: "cafe"}},
		},
	}
}

// inOffice opens the menu's row with the letter, as the manager Robin.
func inOffice(t *testing.T, letter string, test func(t *testing.T, d *tuitest.Driver, c *centre, s *shop)) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		c := newCentre(s.now())
		s.config.Office, s.config.Line = c, line{}
		s.anna(3)
		d := s.start(80, 24)
		d.Press("m", letter)
		d.Type("1234")
		d.Press("enter")
		test(t, d, c, s)
	})
}

func TestIssues(t *testing.T) {
	inOffice(t, "e", func(t *testing.T, d *tuitest.Driver, c *centre, _ *shop) {
		require.Equal(t, "1234", c.by.PIN, "the server asks who it is each time")
		d.Press("a")
		d.Press("a", "enter")
		d.Wait(time.Second)
		d.Press("right", "enter")
		everySize(d, "settle")
		d.Press("enter")
		require.Contains(t, d.View(), "Say why")
		require.Empty(t, c.did)
		d.Type("was a gift")
		d.Press("enter")
		require.Equal(t, []string{"writeoff 01 was a gift"}, c.did)
		require.Contains(t, d.View(), "Settled")
		d.Press("enter")
		d.Wait(time.Second)
		d.Press("enter")
		d.Type("garbage")
		d.Press("enter")
		require.Equal(t, "dismiss 02 garbage", c.did[1], "what is no entry can only be dismissed")
	})
}

// Without a line the page says so, and that the counter goes on.
func TestOfficeWithoutLine(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		c := newCentre(s.now())
		c.fails = pos.Refuse("office.line")
		s.config.Office, s.config.Line = c, line{}
		d := s.start(80, 24)
		d.Press("m", "k")
		d.Type("1234")
		d.Press("enter")
		require.Contains(t, d.View(), "cannot be reached")
		d.Press("esc", "esc")
		require.Contains(t, d.View(), "Robin")
	})
}

func TestStaff(t *testing.T) {
	inOffice(t, "k", func(t *testing.T, d *tuitest.Driver, c *centre, _ *shop) {
		d.Press("n")
		d.Wait(time.Second)
		d.Type("Mia")
		d.Press("enter", "right", "enter")
		d.Type("4321")
		d.Press("enter")
		d.Type("4320")
		d.Press("enter")
		require.Contains(t, d.View(), "differ")
		require.NotContains(t, d.View(), "4321", "a PIN is never shown")
		everySize(d, "new")
		d.Press("backspace")
		d.Type("1")
		d.Press("enter")
		require.Equal(t, []string{"add Mia manager 4321"}, c.did)
		d.Press("down", "p")
		d.Wait(time.Second)
		d.Type("9876")
		d.Press("enter")
		d.Type("9876")
		d.Press("enter")
		require.Equal(t, "change robin   9876", c.did[1])
		require.Equal(t, "9876", c.by.PIN, "who changes the own PIN goes on with the new one")
		d.Press("up", "x")
		everySize(d, "remove")
		d.Press("enter")
		require.Len(t, c.did, 2, "Enter is not heard at once")
		d.Wait(time.Second)
		d.Press("enter")
		require.Equal(t, "remove edit", c.did[2])
	})
}

func TestTills(t *testing.T) {
	inOffice(t, "n", func(t *testing.T, d *tuitest.Driver, c *centre, _ *shop) {
		everySize(d, "list")
		require.NotContains(t, d.View(), "Lock out", "a till does not lock itself out")
		d.Press("down", "x")
		d.Wait(time.Second)
		d.Type("stolen")
		d.Press("enter")
		require.Equal(t, []string{"revoke 0200 stolen"}, c.did)
		d.Press("n")
		d.Wait(time.Second)
		d.Type("Till 4")
		d.Press("enter", "enter")
		require.Equal(t, "till Till 4 cafe", c.did[1])
	})
}

func TestPerson(t *testing.T) {
	inOffice(t, "b", func(t *testing.T, d *tuitest.Driver, c *centre, s *shop) {
		d.Type("kov")
		d.Press("enter")
		d.Press("a")
		d.Wait(time.Second)
		d.Press("enter")
		d.Type("-2")
		d.Press("enter")
		d.Type("wrong member")
		d.Press("enter")
		require.Contains(t, d.View(), "Adjusted")
		found, err := s.station.Find("kov", 1)
		require.NoError(t, err)
		now, err := s.station.Member(found[0].Holder)
		require.NoError(t, err)
		require.Equal(t, int64(1), now.Cards[0].Stamps)
		d.Press("j")
		require.Contains(t, d.View(), "export/member.json")
		d.Press("e")
		d.Wait(time.Second)
		d.Type("asked for it")
		d.Press("enter")
		require.Equal(t, []string{"export json", "erase asked for it"}, c.did)
	})
}

// A cashier gets no further than the gate.
func TestOfficeGate(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		c := newCentre(s.now())
		s.config.Office, s.config.Line = c, line{}
		d := s.start(80, 24)
		for _, letter := range []string{"e", "k", "n", "b"} {
			d.Press("m", letter)
			require.Contains(t, d.View(), "Manager", letter)
			require.Contains(t, d.View(), "PIN", letter)
			d.Type("9999")
			d.Press("enter")
			require.Empty(t, c.by.ID)
			d.Press("esc", "esc")
			d.Wait(time.Hour)
		}
	})
}

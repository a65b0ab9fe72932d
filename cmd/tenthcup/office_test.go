package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/tui/screen"
)

// branch is a server with its file open, and a till of it.
type branch struct {
	t    *testing.T
	file string // the server's
	desk *serverDesk
	web  *httptest.Server
	till *till
}

var (
	mia = screen.Manager{Cashier: pos.Cashier{ID: "mia"}, PIN: "1111"}
	ben = screen.Manager{Cashier: pos.Cashier{ID: "ben"}, PIN: "2222"}
)

// newBranch makes a server with the manager Mia and the cashier Ben, and a till.
func newBranch(t *testing.T) *branch {
	dir := t.TempDir()
	db := filepath.Join(dir, "chain.db")
	for _, args := range [][]string{
		{"store", "add", "Corner", "--timezone", "Europe/Budapest", "--db", db},
		{"program", "publish", "cafe", "--db", db},
		{"cashier", "add", "Mia", "--pin", "1111", "--role", "manager", "--db", db},
		{"cashier", "add", "Ben", "--pin", "2222", "--db", db},
	} {
		require.Zero(t, run(t.Context(), args, streams{strings.NewReader(""), os.Stdout, os.Stderr}), args)
	}
	desk, err := openDesk(t.Context(), db)
	require.NoError(t, err)
	b := &branch{t: t, file: db, desk: desk}
	t.Cleanup(func() {
		findings, err := b.desk.db.Check()
		require.NoError(t, err)
		require.Empty(t, findings)
		require.NoError(t, b.desk.db.Close())
	})
	b.serve()
	b.till = b.enrol("Till 1")
	return b
}

// serve begins a server process's memory anew, on the same file.
func (b *branch) serve() {
	handler := b.desk.web(slog.New(slog.DiscardHandler)).Handler
	b.web = httptest.NewServer(handler)
	b.t.Cleanup(b.web.Close)
	if b.till != nil {
		b.till.client.URL = b.web.URL
	}
}

func (b *branch) enrol(name string) *till {
	once, err := newCode(func(once string) error { return b.desk.db.AddTerminal(name, "corner", once, time.Now().Add(time.Hour)) })
	require.NoError(b.t, err)
	dir := b.t.TempDir()
	enrol := enrolCmd{Dir: dir, URL: b.web.URL, Code: once}
	_, _, err = enrol.join(b.t.Context())
	require.NoError(b.t, err)
	opened, err := openTill(dir)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { require.NoError(b.t, opened.close()) })
	require.NoError(b.t, opened.sync(b.t.Context(), nil))
	return opened
}

// written returns the entries of managers at the server, as "what whom".
func (b *branch) written() (acts []string) {
	require.NoError(b.t, b.desk.db.Entries("main", func(raw []byte) bool {
		if e, err := pos.DecodeEntry(raw); err == nil && e.Kind == pos.Administered && e.By.Manager != "" {
			acts = append(acts, e.Code+" "+string(e.By.ID)+" by "+string(e.By.Manager)+" "+e.Reason)
		}
		return true
	}))
	return acts
}

// Who a manager is, the server finds out by itself.
func TestOfficeAsksWhoItIs(t *testing.T) {
	b := newBranch(t)
	o := b.till.office()
	_, err := o.Staff(ben)
	require.ErrorIs(t, err, pos.Refuse("pin.manager"), "a cashier is no manager")
	_, err = o.Staff(screen.Manager{Cashier: pos.Cashier{ID: "eve"}, PIN: "1111"})
	require.ErrorIs(t, err, pos.Refuse("pin.cashier"))
	staff, err := o.Staff(mia)
	require.NoError(t, err)
	require.Len(t, staff, 2)
	wrong := mia
	wrong.PIN = "9999"
	for range 3 {
		require.ErrorIs(t, o.RemoveStaff(wrong, "ben"), pos.Refuse("pin.wrong"))
	}
	require.ErrorIs(t, o.RemoveStaff(wrong, "ben"), pos.Refuse("pin.wait"))
	require.ErrorIs(t, o.RemoveStaff(mia, "ben"), pos.Refuse("pin.wait"), "the right one waits too")
	b.serve()
	require.ErrorIs(t, o.RemoveStaff(mia, "ben"), pos.Refuse("pin.wait"), "and after a restart")
	require.NoError(t, b.enrol("Till 2").office().RemoveStaff(mia, "ben"), "another till is not shut out by it")
	require.Equal(t, []string{"cashier-remove ben by mia "}, b.written())
}

// What a manager does at a till is done at the server, and stands in the ledger.
func TestOfficeOverTheLine(t *testing.T) {
	b := newBranch(t)
	o := b.till.office()
	require.NoError(t, o.AddStaff(mia, office.Staff{Name: "Zoe", Role: pos.RoleCashier, PIN: "3333"}))
	require.ErrorIs(t, o.AddStaff(mia, office.Staff{Name: "Zoe", Role: pos.RoleCashier, PIN: "3333"}), pos.Refuse("cashier.twice"))
	require.ErrorIs(t, o.ChangeStaff(mia, office.Staff{ID: "mia", Role: pos.RoleCashier}), office.ErrLastManager)
	require.NoError(t, o.ChangeStaff(mia, office.Staff{ID: "zoe", PIN: "4444"}))
	require.NoError(t, b.till.sync(t.Context(), nil))
	_, err := b.till.station.SignIn("zoe", "4444")
	require.NoError(t, err, "the till has heard of it")

	made, err := o.AddTill(mia, "Till 9", "corner")
	require.NoError(t, err)
	require.Len(t, strings.ReplaceAll(strings.ReplaceAll(made.Code, "-", ""), " ", ""), 8)
	other := b.enrol("Till 2")
	known, err := o.Tills(mia)
	require.NoError(t, err)
	require.Len(t, known.Tills, 2)
	require.NotZero(t, known.Tills[0].Seen)
	require.True(t, known.Tills[0].Here)
	require.ErrorIs(t, o.RevokeTill(mia, b.till.identity.terminal(), "x"), pos.Refuse("office.itself"))
	require.ErrorIs(t, o.RevokeTill(mia, other.identity.terminal(), " "), office.ErrReason)
	require.NoError(t, o.RevokeTill(mia, other.identity.terminal(), "stolen"))
	_, err = other.office().Staff(mia)
	require.ErrorIs(t, err, pos.ErrRevoked, "a till that is locked out has no office")
	require.Equal(t, []string{
		"cashier-add zoe by mia name=Zoe role=cashier pin", "cashier-pin zoe by mia pin",
		"terminal-add Till 9 by mia store=corner", "terminal-revoke " + other.identity.terminal().String() + " by mia stolen",
	}, b.written())
}

// The server knows what waits at a till behind the entries that it sent.
func TestOfficeSeesWhatWaits(t *testing.T) {
	b := newBranch(t)
	done, err := b.till.station.Enrol("mia", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	for range 1010 {
		_, err := b.till.station.Stamp("mia", done.Member.Profile.Holder, "", 1)
		require.NoError(t, err)
	}
	_, err = b.till.client.Exchange(t.Context())
	require.NoError(t, err)
	known, err := b.till.office().Tills(mia)
	require.NoError(t, err)
	require.EqualValues(t, 11, known.Tills[0].Waiting)
	require.NoError(t, b.till.sync(t.Context(), nil))
	known, err = b.till.office().Tills(mia)
	require.NoError(t, err)
	require.Zero(t, known.Tills[0].Waiting)
}

// An old server does not know the order's path, and one that is away says nothing;
// the manager is told which.
func TestOfficeWithoutServer(t *testing.T) {
	b := newBranch(t)
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"key":"line.path","args":{"path":"/v1/office"}}`))
	}))
	defer old.Close()
	b.till.client.URL = old.URL
	_, err := b.till.office().Staff(mia)
	require.ErrorIs(t, err, pos.Refuse("office.old"))
	require.Equal(t, "The server's program is too old for this; it has to be updated first.", b.till.words.Error(err))
	old.Close()
	away := b.enrol("Till 2")
	away.client.URL = old.URL
	b.web.CloseClientConnections()
	away.client.HTTP = &http.Client{Transport: &http.Transport{}}
	_, err = away.office().Staff(mia)
	require.ErrorIs(t, err, pos.Refuse("office.line"))
}

// Members are merged, exported and erased; an erased one stays erased.
func TestOfficeMembers(t *testing.T) {
	b := newBranch(t)
	o := b.till.office()
	ann, err := b.till.station.Enrol("mia", pos.Profile{Name: "Ann", Phone: "+36301234567"})
	require.NoError(t, err)
	twin, err := b.till.station.Enrol("mia", pos.Profile{Name: "Anna"})
	require.NoError(t, err)
	_, err = b.till.station.Stamp("mia", twin.Member.Profile.Holder, "", 3)
	require.NoError(t, err)
	require.NoError(t, b.till.sync(t.Context(), nil))
	require.NoError(t, o.MergeMembers(mia, twin.Member.Profile.Holder, ann.Member.Profile.Holder, "one person"))
	file, err := o.ExportMember(mia, ann.Member.Profile.Holder, "json")
	require.NoError(t, err)
	document, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(document), `"+36301234567"`)
	require.Contains(t, string(document), `"amount": 3`)
	require.ErrorIs(t, o.EraseMember(mia, ann.Member.Profile.Holder, ""), office.ErrReason)
	require.NoError(t, o.EraseMember(mia, ann.Member.Profile.Holder, "asked"))
	_, err = b.till.station.Edit(ann.Member.Profile.Holder, func(p *pos.Profile) error { p.Name = "Ann again"; return nil })
	require.NoError(t, err, "this till has not heard of it")
	require.NoError(t, b.till.sync(t.Context(), nil))
	found, err := b.till.station.Find("ann", 10)
	require.NoError(t, err)
	require.Empty(t, found)
	_, err = b.till.station.Lookup("+36301234567")
	require.Error(t, err)
	require.Len(t, b.written(), 2)
}

// A till without a server has the same office, over its own file.
func TestOfficeOfATillAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "till")
	for _, args := range [][]string{
		{"init", "--dir", dir, "--shop", "Kiosk", "--timezone", "Europe/Budapest", "--currency", "EUR", "--language", "en", "--preset", "cafe", "--pin", "9999"},
		{"cashier", "add", "Mia", "--pin", "1111", "--role", "manager", "--dir", dir},
	} {
		require.Zero(t, run(context.Background(), args, streams{strings.NewReader(""), os.Stdout, os.Stderr}), args)
	}
	alone, err := openTill(dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, alone.close()) }()
	o := alone.office()
	wrong := mia
	wrong.PIN = "1112"
	require.ErrorIs(t, o.AddStaff(wrong, office.Staff{Name: "Zoe", Role: pos.RoleCashier, PIN: "3333"}), pos.Refuse("pin.wrong"))
	require.NoError(t, o.AddStaff(mia, office.Staff{Name: "Zoe", Role: pos.RoleCashier, PIN: "3333"}))
	_, err = alone.station.SignIn("zoe", "3333")
	require.NoError(t, err)
	require.NoError(t, o.RemoveStaff(mia, "manager"))
	require.ErrorIs(t, o.RemoveStaff(mia, "mia"), office.ErrLastManager)
	done, err := alone.station.Enrol("mia", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	file, err := o.ExportMember(mia, done.Member.Profile.Holder, "csv")
	require.NoError(t, err)
	require.FileExists(t, file)
	require.NoError(t, o.EraseMember(mia, done.Member.Profile.Holder, "asked"))
	require.ErrorIs(t, o.EraseMember(mia, done.Member.Profile.Holder, "asked"), office.ErrErased)
	found, err := alone.station.Find("ann", 10)
	require.NoError(t, err)
	require.Empty(t, found)
	findings, err := alone.db.Check()
	require.NoError(t, err)
	require.Empty(t, findings)
}

// What happened is settled at a till, and only what is of its area.
func TestOfficeIssues(t *testing.T) {
	b := newBranch(t)
	o := b.till.office()
	lost := b.enrol("Till 2")
	ann, err := lost.station.Enrol("mia", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	require.NoError(t, lost.sync(t.Context(), nil))
	_, err = lost.station.Stamp("mia", ann.Member.Profile.Holder, "", 3)
	require.NoError(t, err)
	require.NoError(t, o.RevokeTill(mia, lost.identity.terminal(), "lost"))
	require.ErrorIs(t, lost.sync(t.Context(), nil), pos.ErrRevoked)

	waits, err := o.Issues(mia, false)
	require.NoError(t, err)
	require.Len(t, waits, 2)
	for _, issue := range waits {
		require.Equal(t, "Till 2", issue.Terminal)
		require.ErrorIs(t, o.SettleIssue(mia, issue.ID, "release", " "), office.ErrReason)
		_, err := b.desk.settleIssue(acting{pos.Terminal{Area: "other"}, "mia"}, settleAsk{issue.ID, "settle", "x"})
		require.Error(t, err, "another area's manager settles nothing here")
		require.NoError(t, o.SettleIssue(mia, issue.ID, "release", "Ann had the receipt"))
		require.Error(t, o.SettleIssue(mia, issue.ID, "release", "again"))
	}
	elsewhere, err := b.desk.issues(acting{pos.Terminal{Area: "other"}, "mia"}, issuesAsk{true})
	require.NoError(t, err)
	require.Empty(t, elsewhere)
	waits, err = o.Issues(mia, false)
	require.NoError(t, err)
	require.Empty(t, waits)
	all, err := o.Issues(mia, true)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "Ann had the receipt", all[0].Settled.Reason)
	require.NoError(t, b.till.sync(t.Context(), nil))
	member, err := b.till.station.Member(ann.Member.Profile.Holder)
	require.NoError(t, err)
	require.Equal(t, int64(3), member.Cards[0].Stamps)
	require.ErrorIs(t, o.SettleIssue(mia, "zz", "settle", "x"), office.ErrUnknown)
}

// A manager who works by command line stands in the ledger too.
func TestCommandsOnBehalfOfAManager(t *testing.T) {
	b := newBranch(t)
	c := &call{streams: streams{strings.NewReader(""), io.Discard, io.Discard}, ctx: t.Context(), desk: b.desk}
	for _, args := range [][]string{
		{"cashier", "add", "Zoe", "--pin", "3333", "--manager", "mia"},
		{"cashier", "pin", "zoe", "--pin", "4444", "--manager", "mia"},
		{"terminal", "add", "Till 2", "--store", "corner", "--manager", "mia"},
		{"program", "publish", "shop", "--from", "2030-01-31T06:00:00Z", "--manager", "mia"},
		{"cashier", "role", "zoe", "manager", "--manager", "mia"},
		{"cashier", "remove", "mia", "--manager", "zoe"},
	} {
		require.Zero(t, c.run(args), args)
	}
	require.ElementsMatch(t, []string{
		"cashier-add zoe by mia name=Zoe role=cashier", "cashier-pin zoe by mia ", "terminal-add Till 2 by mia store=corner",
		"program-publish Shop with points by mia from=2030-01-31T06:00:00Z", "cashier-change zoe by mia role=manager", "cashier-remove mia by zoe ",
	}, b.written())
	require.Equal(t, statusRefused, c.run([]string{"cashier", "add", "Eve", "--pin", "3333", "--manager", "ben"}), "a cashier is no manager")
	require.Len(t, b.written(), 6)
}

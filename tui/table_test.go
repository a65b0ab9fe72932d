package tui_test

import (
	"os/exec"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/tui"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

// spot is a row of the table of all pages: a page in one of the states in which it
// looks different, and the way there at a real station.
type spot struct {
	name    string
	program string
	has     func(*shop) station.Member // what the shop has, and whose code "scan" is
	way     string                     // keys; "scan"; "wait" a second; 'text as it is typed; "@code" as it is scanned
	then    func(*shop, *tuitest.Driver)
	rtl     bool // there is such a page only where text is read from the right
	held    bool // nothing but what it waits for ends this state
}

// table holds every page of the station.
func table() (all []spot) {
	for _, part := range [][]spot{
		atTheDoor, atTheCounter, onMembers, inNeed, onForms, onLists, onDays, onDeeds, onGiftCards, onSales, onReturns,
		inTheOffice, inReports, inSetup, inTheEditor, inTrouble,
	} {
		all = append(all, part...)
	}
	return all
}

// goes takes the way to the page.
func (p spot) goes(s *shop, m station.Member) *tuitest.Driver {
	s.t.Helper()
	d := s.start(80, 24)
	for step := range strings.FieldsSeq(p.way) {
		switch {
		case step == "scan":
			d.Scan(m.Profile.Code())
		case step == "wait":
			d.Wait(time.Second)
		case len(step) > 1 && step[0] == '\'':
			d.Type(strings.ReplaceAll(step[1:], "_", " "))
		case len(step) > 1 && step[0] == '@':
			d.Scan(step[1:])
		default:
			d.Press(step)
		}
	}
	if p.then != nil {
		p.then(s, d)
	}
	return d
}

var atTheDoor = []spot{
	{name: "lock, names", program: cafe, has: locked},
	{name: "lock, PIN", program: cafe, has: locked, way: "2 '12"},
	{name: "lock, wrong PIN", program: cafe, has: locked, way: "2 '99 enter"},
	{name: "lock, waits", program: cafe, has: refusing(strict{signIn: pos.Refuse("pin.wait", "seconds", 42)}, locked), way: "2 1 enter"},
	{name: "lock, a scan waits", program: cafe, has: func(s *shop) station.Member { locked(s); return s.anna(3) }, way: "scan"},
	{name: "lock, nobody", program: cafe, has: without(pos.RoleManager, pos.RoleCashier)},
	{name: "lock, news", program: announcing, has: locked},
	{name: "gate", program: cafe, has: withAnna(3), way: "d '12"},
	{name: "gate, no manager", program: cafe, has: func(s *shop) station.Member {
		full(s)
		m := without(pos.RoleManager)(s)
		s.config.SignedIn = &pos.Cashier{ID: "edit", Name: "Kőszegi Edit", Role: pos.RoleCashier}
		return m
	}, way: "m k"},
}

var atTheCounter = []spot{
	{name: "counter, empty", program: cafe},
	{name: "counter", program: cafe, has: today, then: online},
	{name: "counter, offline", program: cafe, has: today, then: offline},
	{name: "counter, typing", program: cafe, has: today, way: "'tc12"},
	{name: "counter, refused", program: cafe, has: today, way: "'tc12 enter"},
	{name: "counter, a scan stamps", program: cafe, has: func(s *shop) station.Member { full(s); busy(s); return s.anna(3) }},
	{name: "counter, news", program: announcing, has: withAnna(3)},
	{name: "counter, help", program: cafe, has: today, way: "?"},
	{name: "queue, alone", program: cafe, way: "q"},
	{name: "queue", program: cafe, has: today, way: "q", then: offline},
	{name: "queue, sending", program: cafe, has: sending, way: "q s"},
	{name: "queue, failed", program: cafe, has: today, way: "q s"},
	{name: "menu", program: cafe, way: "m"},
	{name: "menu, all", program: bazaar, has: func(s *shop) station.Member { full(s); return s.anna0() }, way: "m"},
}

var onMembers = []spot{
	{name: "member, card", program: cafe, has: withAnna(3), way: "scan"},
	{name: "member, points", program: points, has: earned, way: "scan"},
	{name: "member, cards", program: bakery, has: earned, way: "scan"},
	{name: "member, next card", program: bakery, has: earned, way: "scan tab"},
	{name: "member, help", program: bakery, has: earned, way: "scan ?"},
	{name: "member, amount", program: bakery, has: earned, way: "scan '12.5"},
	{name: "member, stamped", program: bakery, has: earned, way: "scan enter wait"},
	{name: "member, card full", program: cafe, has: withAnna(9), way: "scan enter wait wait wait"},
	{name: "member, booked", program: bakery, has: earned, way: "scan '12.5 enter"},
	{name: "member, undone", program: bakery, has: earned, way: "scan enter u"},
	{name: "member, undoing", program: cafe, has: withAnna(5), way: "scan enter wait wait wait u"},
	{name: "member, undoing, typed", program: cafe, has: withAnna(5), way: "scan enter wait wait wait u 4 'cup"},
	{name: "member, choosing, deaf", program: bakery, has: earned, way: "scan r"},
	{name: "member, choosing", program: bakery, has: earned, way: "scan r wait"},
	{name: "member, handed out", program: cafe, has: withAnna(12), way: "scan r wait"},
	{name: "member, not ready", program: cafe, has: withAnna(7), way: "scan r"},
	{name: "member, why", program: bakery, has: earned, way: "scan w"},
	{name: "member, why not", program: cafe, has: withAnna(7), way: "scan r w"},
	{name: "member, facts", program: club, has: (*shop).regular, way: "scan"},
	{name: "member, all facts", program: club, has: (*shop).regular, way: "scan v"},
	{name: "member, receipt", program: bakery, has: earned, way: "scan '12.5 # 'A7"},
	{name: "member, stamped by a scan", program: cafe, has: func(s *shop) station.Member { busy(s); return s.anna(3) }, way: "scan"},
	{name: "member, scanned again", program: cafe, has: func(s *shop) station.Member { busy(s); return s.anna(3) }, way: "scan wait scan"},
	{name: "member, not counted yet", program: cafe, has: notCounted, way: "scan", then: offline},
	{name: "member, saving", program: cafe, has: slowDisk, way: "scan enter wait", held: true},
}

var inNeed = []spot{
	{name: "asking, deaf", program: cafe, has: refusing(strict{redeem: notReady}, withAnna(10)), way: "scan r"},
	{name: "asking", program: cafe, has: refusing(strict{redeem: notReady}, withAnna(10)), way: "scan r wait"},
	{name: "asking, reason", program: cafe, has: refusing(strict{redeem: notReady}, withAnna(10)), way: "scan r wait '12 enter 'full_yesterday"},
	{name: "asking, several", program: cafe, has: refusing(strict{redeem: notReady}, twoManagers), way: "scan r wait"},
	{
		name: "asking, waits", program: cafe, way: "scan r wait 1 enter x enter",
		has: refusing(strict{redeem: notReady, override: pos.Refuse("pin.wait", "seconds", 125)}, withAnna(10)),
	},
	{name: "asking, stamp", program: club, has: (*shop).regular, way: "scan enter wait"},
	{name: "asking, return", program: strictly, has: spent, way: "r 'A1 enter wait enter wait"},
	{name: "asking, gift card", program: bazaar, has: func(s *shop) station.Member { m := gift(s); require.NoError(s.t, s.db.SetEnrolled()); return m }, way: "scan '5 enter wait"},
}

var onForms = []spot{
	{name: "enrol", program: bazaar, way: "n"},
	{name: "enrol, phone", program: bazaar, way: "n '06"},
	{name: "enrol, no phone", program: bazaar, way: "n '12 enter 'Ödön ctrl+s"},
	{name: "enrol, name", program: bazaar, way: "n enter 'Kőszegi_Ödön"},
	{name: "enrol, language", program: cafe, way: "n 'Ödön enter enter"},
	{name: "enrol, e-mail", program: cafe, way: "n 'Ödön enter enter enter a"},
	{name: "enrol, birthday", program: cafe, way: "n 'Ödön enter enter enter enter 0"},
	{name: "enrol, consent", program: bazaar, way: "n 'Ödön enter enter right"},
	{name: "enrol, is it the friend", program: bazaar, has: richBela, way: "n enter 'Ödön scan"},
	{name: "enrol, friend", program: bazaar, has: richBela, way: "n enter 'Ödön scan enter"},
	{name: "enrolled", program: cafe, way: "n '06301234568 enter 'Ödön ctrl+s"},
	{name: "edit", program: bazaar, has: richBela, way: "scan e 'X"},
	{name: "code", program: cafe, has: withAnna(3), way: "scan c"},
}

var onLists = []spot{
	{name: "find", program: cafe, way: "f"},
	{name: "find, list", program: cafe, has: crowd, way: "f 'anna down"},
	{name: "find, none", program: cafe, has: crowd, way: "f 'annax enter"},
	{name: "several", program: cafe, has: sameCode, way: "@4006381333931"},
}

var onDays = []spot{
	{name: "day end, deaf", program: everything, has: busyDay, way: "d '1234 enter"},
	{name: "day end", program: everything, has: busyDay, way: "d '1234 enter wait"},
	{name: "day end, the end of it", program: everything, has: busyDay, way: "d '1234 enter wait end"},
	{name: "day end, nothing", program: cafe, way: "d '1234 enter wait"},
	{name: "day end, sending", program: cafe, has: sending, way: "d '1234 enter wait enter"},
	{name: "day closed", program: everything, has: busyDay, way: "d '1234 enter wait enter wait"},
	{name: "day end, older", program: everything, has: busyDay, way: "d '1234 enter wait enter wait enter d '1234 enter wait left"},
	{name: "shift so far", program: everything, has: busyDay, way: "m x wait"},
}

var onDeeds = []spot{
	{name: "deeds", program: bazaar, has: richBela, way: "scan m"},
	{name: "deeds, few", program: cafe, has: withAnna(3), way: "scan m"},
	{name: "pay", program: bazaar, has: richBela, way: "scan m p"},
	{name: "pay, typed", program: bazaar, has: richBela, way: "scan m p '30"},
	{name: "pay, wrong", program: bazaar, has: richBela, way: "scan m p enter"},
	{name: "paid, deaf", program: bazaar, has: richBela, way: "scan m p '30 enter"},
	{name: "paid", program: bazaar, has: richBela, way: "scan m p '30 enter wait"},
	{name: "exchange", program: bazaar, has: richBela, way: "scan m x '20 enter '170"},
	{name: "exchanged", program: bazaar, has: richBela, way: "scan m x '20 enter '170 enter wait"},
	{name: "coupon", program: bazaar, has: richBela, way: "scan m c"},
	{name: "coupon, unknown", program: bazaar, has: richBela, way: "scan m c 'nonesuch enter"},
	{name: "coupon, shown", program: bazaar, has: richBela, way: "scan m c 'spring26 enter"},
	{name: "events", program: bazaar, has: richBela, way: "scan m v"},
	{name: "plans", program: bazaar, has: richBela, way: "scan m s"},
	{name: "plan, sold", program: bazaar, has: richBela, way: "scan m s enter wait"},
	{name: "plan, held", program: bazaar, has: richBela, way: "scan m s enter wait enter m s"},
	{name: "pause", program: bazaar, has: richBela, way: "scan m s enter wait enter m s down enter '10"},
	{name: "plan, ended", program: bazaar, has: richBela, way: "scan m s enter wait enter m s end enter wait"},
	{name: "passes", program: bazaar, has: richBela, way: "scan m b"},
	{name: "pass, sold", program: bazaar, has: richBela, way: "scan m b enter wait"},
	{name: "give", program: bazaar, has: richBela, way: "scan m g"},
	{name: "give, to whom", program: bazaar, has: func(s *shop) station.Member {
		s.enrol("Kovács Anna", "+36301234567")
		return richBela(s)
	}, way: "scan m g '5 enter right enter '06301234567 enter"},
	{name: "household", program: bazaar, has: household, way: "scan m h '80"},
	{name: "lost card", program: bazaar, has: richBela, way: "scan m l"},
	{name: "lost card, new code", program: bazaar, has: richBela, way: "scan m l enter"},
	{name: "adjust", program: bazaar, has: richBela, way: "scan m a '1234 enter"},
	{name: "adjust, seen", program: bazaar, has: richBela, way: "scan m a '1234 enter enter '-13 enter 'booked_twice enter"},
}

var onGiftCards = []spot{
	{name: "gift card, sale", program: bazaar, has: richBela, way: "m g '20"},
	{name: "gift card, sold", program: bazaar, has: richBela, way: "m g '20 enter enter wait"},
	{name: "gift card", program: bazaar, has: gift, way: "scan"},
	{name: "gift card, pay", program: bazaar, has: gift, way: "scan '35"},
	{name: "gift card, paid", program: bazaar, has: gift, way: "scan '12.50 enter wait"},
	{name: "gift card, top up", program: bazaar, has: gift, way: "scan up right enter '10"},
}

var onSales = []spot{
	{name: "items", program: corner, has: selling, way: "scan i"},
	{name: "items, picked", program: corner, has: selling, way: "scan i 'ff"},
	{name: "items, found", program: corner, has: selling, way: "scan i 'ff 'cin"},
	{name: "items, none", program: corner, has: selling, way: "scan i 'x"},
	{name: "items, keypad", program: corner, has: keypad, way: "scan i '2"},
	{name: "sale under way", program: corner, has: selling, way: "scan i 'ff enter"},
}

var onReturns = []spot{
	{name: "return", program: corner, has: sold, way: "r"},
	{name: "return, none", program: corner, has: sold, way: "r 'B2 enter"},
	{name: "return, deaf", program: corner, has: sold, way: "r 'A1 enter"},
	{name: "return, sale", program: corner, has: sold, way: "r 'A1 enter wait"},
	{name: "return, line", program: corner, has: sold, way: "r 'A1 enter wait down right"},
	{name: "return, reason", program: corner, has: sold, way: "r 'A1 enter wait up 'cold"},
	{name: "returned", program: corner, has: sold, way: "r 'A1 enter wait enter wait"},
	{name: "returned before", program: corner, has: sold, way: "r 'A1 enter wait enter wait esc esc r 'A1 enter wait"},
	{name: "return, amount", program: points, has: func(s *shop) station.Member {
		m := s.anna0()
		_, err := s.station.Sell("edit", m.Profile.Holder, pos.Sale{Receipt: "A1", Amount: 10000})
		require.NoError(s.t, err)
		return m
	}, way: "r 'A1 enter wait '4.50"},
}

var inTheOffice = []spot{
	{name: "issues", program: cafe, has: officed, way: "m e '1234 enter"},
	{name: "issues, all", program: cafe, has: officed, way: "m e '1234 enter a"},
	{name: "issues, none", program: cafe, has: emptied, way: "m e '1234 enter"},
	{name: "issue, settle", program: cafe, has: officed, way: "m e '1234 enter enter wait right"},
	{name: "staff", program: cafe, has: officed, way: "m k '1234 enter"},
	{name: "staff, no line", program: cafe, has: cutOff, way: "m k '1234 enter"},
	{name: "staff, new", program: cafe, has: officed, way: "m k '1234 enter n wait 'Mia enter right enter '4321"},
	{name: "staff, rename", program: cafe, has: officed, way: "m k '1234 enter enter wait"},
	{name: "staff, PIN", program: cafe, has: officed, way: "m k '1234 enter p wait '4321 enter '4320 enter"},
	{name: "staff, role", program: cafe, has: officed, way: "m k '1234 enter o wait"},
	{name: "staff, remove", program: cafe, has: officed, way: "m k '1234 enter x wait"},
	{name: "tills", program: cafe, has: officed, way: "m n '1234 enter down"},
	{name: "till, new", program: cafe, has: officed, way: "m n '1234 enter n wait 'Till_4"},
	{name: "till, lock out", program: cafe, has: officed, way: "m n '1234 enter down x wait 'stolen"},
	{name: "till, code", program: cafe, has: officed, way: "m n '1234 enter n wait 'Till_4 enter enter"},
	{name: "person, find", program: cafe, has: officed, way: "m b '1234 enter 'kov"},
	{name: "person", program: cafe, has: officed, way: "m b '1234 enter 'kov enter"},
	{name: "person, adjust", program: cafe, has: officed, way: "m b '1234 enter 'kov enter a wait enter '-2 enter 'wrong_member"},
	{name: "person, erase", program: cafe, has: officed, way: "m b '1234 enter 'kov enter e wait"},
	{name: "drawer, open", program: cafe, has: officed, way: "m o '1234 enter"},
}

var inReports = []spot{
	{name: "report, nothing", program: lively, has: officed, way: "m r '1234 enter"},
	{name: "report, hours", program: lively, has: weeks, way: "m r '1234 enter -"},
	{name: "report, 2", program: lively, has: weeks, way: "m r '1234 enter - right"},
	{name: "report, 3", program: lively, has: weeks, way: "m r '1234 enter - right right"},
	{name: "report, 4", program: lively, has: weeks, way: "m r '1234 enter - right right right"},
	{name: "report, 5", program: lively, has: weeks, way: "m r '1234 enter - right right right right"},
	{name: "report, 6", program: lively, has: weeks, way: "m r '1234 enter - left left left left left"},
	{name: "report, 7", program: lively, has: weeks, way: "m r '1234 enter - left left left left"},
	{name: "report, 8", program: lively, has: weeks, way: "m r '1234 enter - left left left"},
	{name: "report, 9", program: lively, has: weeks, way: "m r '1234 enter - left left"},
	{name: "report, week", program: lively, has: weeks, way: "m r '1234 enter - left"},
}

var inSetup = []spot{
	{name: "settings", program: cafe, has: officed, way: "m s '1234 enter"},
	{name: "settings, changed", program: cafe, has: officed, way: "m s '1234 enter down down right enter"},
	{name: "devices", program: cafe, has: officed, way: "m v '1234 enter"},
	{name: "devices, text", program: cafe, has: officed, way: "m v '1234 enter right down '/dev/ttyACM0"},
	{name: "scanner", program: cafe, has: officed, way: "m v '1234 enter f4"},
	{name: "scanner, learned", program: cafe, has: officed, way: "m v '1234 enter f4", then: func(_ *shop, d *tuitest.Driver) {
		d.Burst(screen.Calibration, "enter")
		d.Wait(time.Second)
	}},
	{name: "direction", program: cafe, has: officed, way: "m w", rtl: true},
}

var inTrouble = []spot{
	{name: "locked out", program: cafe, has: standing(station.Standing{Enrolled: true, Revoked: true}), way: "scan"},
	{name: "restored", program: cafe, has: standing(station.Standing{Enrolled: true, Restored: true}), way: "scan"},
	{name: "clock", program: cafe, has: standing(station.Standing{Enrolled: true, Offset: 125 * time.Minute})},
	{name: "exceptions", program: cafe, has: standing(station.Standing{Enrolled: true, Exceptions: 3}), way: "d '1234 enter wait"},
	{name: "printer", program: cafe, has: func(s *shop) station.Member {
		full(s)
		s.config.Printer = &paper{err: pos.Refuse("print.none")}
		return s.anna(3)
	}, way: "scan c p wait"},
	{name: "leaving", program: cafe, has: withAnna(3), way: "scan ctrl+c"},
}

// full is a till that has all a till can have.
func full(s *shop) {
	k := &keeper{shop: s}
	s.config.Keep = k.keep
	s.config.Dress = func(settings screen.Settings) (screen.Dress, error) {
		made, err := k.dress(settings)
		if settings.Screen.Language == "" {
			made.Words = s.config.Words
		}
		made.Printer = s.config.Printer
		return made, err
	}
	s.config.Printer = &paper{}
	s.config.Settings.Printer = screen.PrinterSettings{Kind: "tcp", Drawer: true}
	s.config.Save = func(name string, _ []byte) (string, error) { return "/reports/" + name, nil }
	s.config.Office, s.config.Line = newCentre(s.now()), line{steps: down(), err: pos.Refuse("line.none")}
	s.config.Reports = tillFigures{db: s.db}
	s.config.Train = func() (*exec.Cmd, error) { return nil, errRefused }
}

func locked(s *shop) (m station.Member) {
	s.config.SignedIn = nil
	return m
}

// without is a till at which nobody with these roles works, and nobody is signed in.
func without(roles ...pos.Role) func(*shop) station.Member {
	return func(s *shop) (m station.Member) {
		roster, err := s.db.Roster()
		require.NoError(s.t, err)
		roster.Version++
		left := roster.Cashiers[:0]
		for _, c := range roster.Cashiers {
			if !strings.Contains(strings.Join(names(roles), " "), string(c.Role)) {
				left = append(left, c)
			}
		}
		roster.Cashiers = left
		require.NoError(s.t, s.db.SetRoster(roster))
		return locked(s)
	}
}

func names(roles []pos.Role) (texts []string) {
	for _, r := range roles {
		texts = append(texts, string(r))
	}
	return texts
}

// refusing is a till that refuses what it is told to.
func refusing(till strict, has func(*shop) station.Member) func(*shop) station.Member {
	return func(s *shop) station.Member {
		m, told := has(s), till
		told.Station = s.station
		s.config.Till = &told
		return m
	}
}

func standing(how station.Standing) func(*shop) station.Member {
	return refusing(strict{standing: &how}, func(s *shop) station.Member {
		full(s)
		require.NoError(s.t, s.db.SetEnrolled())
		return s.anna(17)
	})
}

func withAnna(stamps int64) func(*shop) station.Member {
	return func(s *shop) station.Member { return s.anna(stamps) }
}

// today is a counter at which something happened.
func today(s *shop) station.Member {
	full(s)
	s.config.Hint = "Demo: type a code and Enter."
	anna := s.anna(3)
	_, err := s.station.Undo("edit", anna.Profile.Holder, "undo")
	require.NoError(s.t, err)
	s.enrol("José 👩‍👩‍👧 Nu\u0301n\u0303ez", "")
	s.enrol("علی رضایی", "")
	s.enrol(strings.Repeat("Long ", 12)+"Name", "")
	return anna
}

func online(s *shop, d *tuitest.Driver) {
	d.Send(tui.Status{Online: true, Waiting: station.Waiting{LastSync: s.now()}})
}

func offline(s *shop, d *tuitest.Driver) {
	d.Send(tui.Status{
		Waiting: station.Waiting{Entries: 13, Profiles: 1, Enrolled: true, Oldest: s.now(), LastSync: s.now().Add(-7 * time.Minute)},
		Err:     pos.Refuse("line.none"),
	})
}

// sending is a till whose line sends, and goes on doing so.
func sending(s *shop) station.Member {
	anna := today(s)
	require.NoError(s.t, s.db.SetEnrolled())
	steps := make(chan int, 1)
	steps <- 7
	s.t.Cleanup(func() { close(steps) })
	s.config.Line = line{steps: steps}
	return anna
}

// slowDisk is a till whose disk is not done yet.
func slowDisk(s *shop) station.Member {
	anna := s.anna(3)
	open := make(chan error)
	s.t.Cleanup(func() { close(open) })
	s.station.Journal = gate{s.db, open}
	return anna
}

// earned is a member with stamps on every card and points.
func earned(s *shop) station.Member {
	full(s)
	m := s.enrol("Kovács Anna", "+36301234567")
	for _, card := range m.Cards {
		_, err := s.station.Stamp("edit", m.Profile.Holder, card.Card.ID, 17)
		require.NoError(s.t, err)
	}
	_, err := s.station.Earn("edit", m.Profile.Holder, 8600)
	require.NoError(s.t, err)
	return s.member(m)
}

// notCounted is a member whose last stamps the server has not counted.
func notCounted(s *shop) station.Member {
	full(s)
	require.NoError(s.t, s.db.SetEnrolled())
	anna := s.anna(7)
	require.NoError(s.t, s.db.Apply(ledger.Page{
		At: s.now().Add(-7 * time.Minute).UnixMilli(), Changed: []ledger.Changed{{Holder: anna.Profile.Holder, Position: 1}}, Cursor: 1,
	}, nil))
	return anna
}

func twoManagers(s *shop) station.Member {
	roster, err := s.db.Roster()
	require.NoError(s.t, err)
	roster.Version++
	roster.Cashiers[1].Role = pos.RoleManager
	require.NoError(s.t, s.db.SetRoster(roster))
	return s.anna(10)
}

// spent is a member who has spent what sale A1 gave.
func spent(s *shop) station.Member {
	anna := s.anna0()
	_, err := s.station.Sell("edit", anna.Profile.Holder, pos.Sale{Receipt: "A1", Amount: 6000})
	require.NoError(s.t, err)
	_, err = s.station.Redeem("edit", anna.Profile.Holder, "small-gift")
	require.NoError(s.t, err)
	return anna
}

func crowd(s *shop) station.Member {
	for _, name := range []string{"Anna Kiss", "Annika Nagy", "Béla Annus", "علی رضایی", "Ödön 👨‍👩‍👧‍👦", strings.Repeat("Anna ", 14)} {
		s.enrol(name, "")
	}
	return s.anna(0)
}

// sameCode are two members with one code, as it comes from another till.
func sameCode(s *shop) station.Member {
	a, b := s.enrol("Kovács Anna", "", "4006381333931"), s.enrol("Nagy Béla", "")
	b.Profile.Codes = append(b.Profile.Codes, "4006381333931")
	require.NoError(s.t, s.db.SaveProfile(b.Profile))
	return a
}

func busyDay(s *shop) (m station.Member) {
	full(s)
	s.day()
	return m
}

func richBela(s *shop) station.Member {
	full(s)
	return s.rich("Nagy Béla", "", 500, 2000)
}

func household(s *shop) station.Member {
	anna, bela := s.rich("Kovács Anna", "", 0, 0), s.rich("Nagy Béla", "", 80, 0)
	for _, m := range []station.Member{anna, bela} {
		_, err := s.station.Edit(m.Profile.Holder, func(p *pos.Profile) error {
			p.Fields = map[string]string{"household": "Rose street 4"}
			return nil
		})
		require.NoError(s.t, err)
	}
	return s.member(anna)
}

// gift is a gift card, in the place of a member.
func gift(s *shop) station.Member {
	full(s)
	done, err := s.station.SellGiftCard("robin", 2000, "")
	require.NoError(s.t, err)
	return done.Member
}

func selling(s *shop) station.Member {
	full(s)
	s.sells(s.t)
	return s.anna0()
}

func keypad(s *shop) station.Member {
	items := []pos.Item{{ID: "rare", Name: "Something rare", Price: 99900}}
	for i, key := range strings.Split("1234567890abcdef", "") {
		items = append(items, pos.Item{ID: "i" + key, Name: "Item number " + key, Category: "things", Price: pos.Money(100 * (i + 1)), Key: key})
	}
	require.NoError(s.t, s.db.SetItems(items))
	return s.anna0()
}

var inTheEditor = []spot{
	{name: "program", program: cafe, has: editing, way: "m l '1234 enter wait"},
	{name: "program, a card", program: cafe, has: editing, way: "m l '1234 enter wait down enter"},
	{name: "program, add", program: cafe, has: editing, way: "m l '1234 enter wait a"},
	{name: "program, check", program: cafe, has: editing, way: "m l '1234 enter wait f"},
	{name: "program, try", program: cafe, has: editing, way: "m l '1234 enter wait t"},
	{name: "program, begin", program: cafe, has: editing, way: "m l '1234 enter wait b"},
	{name: "program, publish", program: cafe, has: editing, way: "m l '1234 enter wait down enter down '! esc p wait"},
	{name: "program, publish later", program: cafe, has: editing, way: "m l '1234 enter wait down enter down '! esc p wait right"},
	{name: "program, sure", program: cafe, has: editing, way: "m l '1234 enter wait down enter down '! esc p wait enter wait"},
}

// editing is a shop whose program can be changed.
func editing(s *shop) station.Member {
	m := officed(s)
	p := &publisher{centre: newCentre(s.now()), shop: s}
	s.config.Office, s.config.Drafts = p, p
	return m
}

func sold(s *shop) station.Member { return s.sold(s.t) }

func officed(s *shop) station.Member {
	full(s)
	return s.anna(3)
}

func emptied(s *shop) station.Member {
	m := officed(s)
	s.config.Office = &centre{}
	return m
}

func cutOff(s *shop) station.Member {
	m := officed(s)
	c := newCentre(s.now())
	c.fails = pos.Refuse("office.line")
	s.config.Office = c
	return m
}

func weeks(s *shop) (m station.Member) {
	s.weeks(12)
	full(s)
	return m
}

package tui_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/tui"
	"tenthcup/tui/tuitest"
)

var changed = tui.Changed{}

// pages are the ways to every page, from the counter.
var pages = map[string]string{
	"counter":          "",
	"code half typed":  "4 0 0",
	"member":           "member",
	"amount":           "member 1 2 . 5",
	"choosing":         "member r wait",
	"choosing, deaf":   "member r",
	"enrol":            "n A n n",
	"enrol, name":      "n A n n enter X",
	"enrol, phone":     "n 0 6",
	"enrol, language":  "n A n n enter enter",
	"enrol, e-mail":    "n A n n enter enter enter a",
	"enrol, birthday":  "n A n n enter enter enter enter 0",
	"edit":             "member e X",
	"find":             "f B é",
	"find, empty":      "f",
	"queue":            "q",
	"day end":          "d 1 2 3 4 enter wait",
	"day end, deaf":    "d 1 2 3 4 enter",
	"day end, gate":    "d 1 2",
	"day closed":       "d 1 2 3 4 enter wait enter",
	"shift so far":     "m x",
	"code":             "member c",
	"amount, receipt":  "member 1 2 # A 1",
	"receipt":          "r",
	"receipt, number":  "r A 1",
	"return":           "member t wait 1 2",
	"return, deaf":     "member t",
	"return, reason":   "member t wait down h i",
	"returned":         "member t wait enter wait",
	"help":             "?",
	"help on a member": "member ?",
}

// asking are the ways to the dialog that asks a manager, at a till that refuses
// every reward.
var asking = map[string]string{
	"asking":         "member r wait 1 wait",
	"asking, deaf":   "member r wait 1",
	"asking, PIN":    "member r wait 1 wait 1 2",
	"asking, reason": "member r wait 1 wait 1 2 enter h i",
}

// onEveryPage opens a shop and goes to each page, Béla's where it is a member's.
// test gets to the page, anew each time, with what it is given.
func onEveryPage(t *testing.T, test func(t *testing.T, s *shop, open func() driver, anna station.Member)) {
	ways := maps.Clone(pages)
	maps.Copy(ways, asking)
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			inShop(t, bakery, func(t *testing.T, s *shop) {
				s.config.Till = &strict{Station: s.station, redeem: notReady}
				anna := s.enrol("Kovács Anna", "+36301234567", "4006381333931")
				bela := s.enrol("Nagy Béla", "")
				_, err := s.station.Stamp("robin", bela.Profile.Holder, "", 10)
				require.NoError(t, err)
				_, err = s.station.Earn("robin", bela.Profile.Holder, 9900)
				require.NoError(t, err)
				test(t, s, func() driver {
					return driver{s.visit(bela, way)}
				}, anna)
			})
		})
	}
}

// visit goes to a page, the member's where it is a member's.
func (s *shop) visit(m station.Member, way string) *tuitest.Driver {
	s.t.Helper()
	d := s.start(80, 24)
	rest, member := strings.CutPrefix(way, "member")
	if member {
		d.Scan(m.Profile.Code())
	}
	pressAll(d, rest)
	return d
}

func TestScanOnEveryPage(t *testing.T) {
	onEveryPage(t, func(t *testing.T, s *shop, open func() driver, anna station.Member) {
		for _, scan := range []string{anna.Profile.Code(), "4006381333931"} {
			d := open()
			before := s.entries()
			d.Scan(scan)
			require.Contains(t, d.View(), "Kovács Anna")
			require.Contains(t, d.View(), code.Group(anna.Profile.Code()))
			require.Equal(t, before, s.entries())
			d.Press("enter")
			require.Contains(t, d.View(), "✓ 1 stamp on Coffee: 1 of 10.")
			d.Press("u")
		}
	})
}

// A scan that is nobody's changes nothing: no key of it is a command, and no
// field keeps a sign of it.
func TestBadScanOnEveryPage(t *testing.T) {
	onEveryPage(t, func(t *testing.T, s *shop, open func() driver, anna station.Member) {
		id := anna.Profile.Code()
		wrong := id[:14] + string(code.Alphabet[(strings.IndexByte(code.Alphabet, id[14])+1)%32])
		for said, scan := range map[string]func(d driver){
			"its last sign does not fit":         func(d driver) { d.Scan(wrong) },
			"The code has 16 signs":              func(d driver) { d.Scan(id + "A") },
			"a sign that member codes never use": func(d driver) { d.Scan(id[:9] + "Z" + id[10:]) },
			"No member has the code TC1":         func(d driver) { d.Scan(unknown(t)) },
			"No member has the code 96385074":    func(d driver) { d.Scan("96385074") },
			"misread or mistyped: its last sign": func(d driver) {
				d.Burst(wrong[:5], "ctrl+c", "ctrl+b", "esc")
				d.Burst(wrong[5:], "ctrl+c", "ctrl+c", "enter")
				d.Wait(time.Second)
			},
		} {
			if strings.Contains(t.Name(), "/enrol") && said == "No member has the code TC1" {
				continue // it is a printed card, for the new member
			}
			if strings.Contains(t.Name(), "/receipt") && said == "No member has the code 96385074" {
				continue // it is taken for the receipt's
			}
			d := open()
			before, page := s.entries(), d.content()
			scan(d)
			require.False(t, d.Quit())
			require.Contains(t, d.View(), said)
			require.Equal(t, before, s.entries(), said)
			if stays(t.Name()) {
				require.Equal(t, page, d.content(), "nothing leaks")
			}
			require.NotContains(t, d.content(), wrong[4:8])
			require.NotContains(t, d.content(), "9638")
		}
	})
}

// stays reports whether a page is the same after a scan that is nobody's. On the
// others it ends what was half done there.
func stays(name string) bool {
	for _, ended := range []string{"help", "choosing", "code_half_typed", "amount"} {
		if strings.Contains(name, ended) {
			return false
		}
	}
	return true
}

// unknown is a right code that was never given to anybody.
func unknown(t *testing.T) string {
	made, err := code.New(strings.NewReader("abcdefghijk"))
	require.NoError(t, err)
	return made
}

// A customer's own QR code is not a member code, and no key of it is a command.
func TestForeignCodeOnPagesWithCommands(t *testing.T) {
	onEveryPage(t, func(t *testing.T, s *shop, open func() driver, _ station.Member) {
		if takesText(t.Name()) {
			return // it takes this text too, for anybody to see and to correct
		}
		for _, foreign := range []string{"https://example.com/nfqdl?u=1", "WIFI:T:WPA;S:cafe;;", "nfqdl", "12345678901234", "urecs123", "4006381A"} {
			d := open()
			before, page := s.entries(), d.content()
			d.Scan(foreign)
			require.Contains(t, d.View(), "✗", foreign)
			require.Equal(t, before, s.entries(), foreign)
			typed := foreign[0] >= '0' && foreign[0] <= '9' && strings.HasSuffix(t.Name(), "counter")
			if stays(t.Name()) && !typed { // on the counter digits are a code that somebody types
				require.Equal(t, page, d.content(), foreign)
			}
		}
	})
}

func takesText(name string) bool {
	for _, page := range []string{"enrol", "edit", "find", "code_half_typed", "receipt", "reason"} {
		if strings.Contains(name, page) {
			return true
		}
	}
	return false
}

func TestScanOverAmount(t *testing.T) {
	inShop(t, points, func(t *testing.T, s *shop) {
		anna, bela := s.enrol("Kovács Anna", "", "4006381333931"), s.enrol("Nagy Béla", "")
		d := s.start(80, 24)
		d.Scan(bela.Profile.Code())
		d.Type("12.5")
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "Kovács Anna")
		require.Contains(t, d.View(), "· The amount 12.5 was half typed: it was dropped.")
		d.Golden("dropped")
		d.Type("7")
		d.Scan("96385074")
		require.Contains(t, d.View(), "✗ No member has the code 96385074")
		require.Contains(t, d.View(), "The amount 7 was")
		d.Type("8")
		d.Scan("4006381333931")
		require.Contains(t, d.View(), "The amount 8 was half typed")
		require.Equal(t, 2, s.entries(), "nothing was booked")
	})
}

func TestScanOverForm(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Press("n")
		d.Type("0620")
		d.Press("tab")
		d.Type("Nagy Béla")
		d.Press("up")
		d.Scan("96385074")
		require.Contains(t, d.View(), "Nagy Béla", "the form stays where the code is nobody's")
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "· The half-filled form is kept: New member brings it back.")
		d.Press("e", "esc")
		d.Press("esc", "n")
		require.Contains(t, d.View(), "Nagy Béla")
		d.Golden("again")
		d.Type("1234567")
		d.Press("ctrl+s", "enter", "esc", "n")
		require.NotContains(t, d.View(), "Nagy Béla", "a form comes back once")
		found, err := s.station.Find("06201234567", 2)
		require.NoError(t, err)
		require.Len(t, found, 1)
		d.Press("esc")
		d.Scan(anna.Profile.Code())
		d.Press("e")
		d.Press("down")
		d.Type(" Mária")
		d.Scan(found[0].Codes[0])
		require.Contains(t, d.View(), "· What was changed for Kovács Anna is kept")
		d.Press("e")
		require.NotContains(t, d.View(), "Mária", "it belongs to another member")
		d.Scan(anna.Profile.Code())
		d.Press("e")
		require.Contains(t, d.View(), "Kovács Anna Mária")
	})
}

func TestScanOnLock(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.enrol("Kovács Anna", "", "4006381333931")
		s.config.SignedIn = nil
		for _, scan := range []string{anna.Profile.Code(), "4006381333931"} {
			for _, way := range []string{"", "2", "2 1 2"} {
				d := s.start(80, 24)
				pressAll(d, way)
				d.Scan(scan)
				require.Contains(t, d.View(), "· The card was scanned. Sign in to open it.")
				require.NotContains(t, d.View(), "Kovács Anna")
				if way == "" {
					require.Contains(t, d.View(), "Who is at the till?")
					d.Press("1")
				}
				d.Press("ctrl+u")
				d.Type("1234")
				d.Press("enter")
				require.Contains(t, d.View(), code.Group(anna.Profile.Code()), "%q %q", way, scan)
			}
		}
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code()[:14] + "X")
		require.Contains(t, d.View(), "✗ The code")
	})
}

// The forms in which scanners send one and the same code.
func TestScannerHabits(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		id := anna.Profile.Code()
		tests := map[string]func(d driver){
			"Enter":                    func(d driver) { d.Burst(id, "enter") },
			"line feed":                func(d driver) { d.Burst(id, "ctrl+j") },
			"keypad Enter":             func(d driver) { d.Burst(id, "kpenter") },
			"Tab":                      func(d driver) { d.Burst(id, "tab") },
			"carriage return and feed": func(d driver) { d.Burst(id, "enter", "ctrl+j") },
			"Caps Lock":                func(d driver) { d.Burst(strings.ToLower(id), "enter") },
			"symbology identifier":     func(d driver) { d.Burst("]Q1"+id, "enter") },
			"Persian digits":           func(d driver) { d.Burst(strings.NewReplacer("1", "۱", "2", "۲").Replace(id), "enter") },
			"in groups":                func(d driver) { d.Burst(code.Group(id), "enter") },
			"framed by STX and ETX":    func(d driver) { d.Burst("", "ctrl+b"); d.Burst(id, "enter", "ctrl+c", "ctrl+c", "ctrl+c") },
			"behind an Esc":            func(d driver) { d.Burst("", "alt+t"); d.Burst(id[1:], "enter") },
			"paste":                    func(d driver) { d.Paste(id) },
			"paste with an Enter":      func(d driver) { d.Paste(id + "\r") },
			"paste and then Enter":     func(d driver) { d.Paste(id); d.Burst("", "enter") },
			"slowly": func(d driver) {
				for _, r := range id {
					d.Burst(string(r))
					d.Wait(50 * time.Millisecond)
				}
				d.Burst("", "enter")
			},
		}
		for name, scan := range tests {
			for _, way := range []string{"", "n A", "f A"} {
				d := driver{s.start(80, 24)}
				pressAll(d.Driver, way)
				scan(d)
				d.Wait(time.Second)
				require.Contains(t, d.View(), code.Group(id), name)
				require.Zero(t, s.stamps(anna), name)
				require.False(t, d.Quit(), name)
			}
		}
	})
}

// Enter right behind a scan is the cashier's, even before the member is shown.
func TestEnterBehindAScan(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Burst(anna.Profile.Code(), "enter", "enter")
		require.Equal(t, int64(1), s.stamps(anna))
	})
}

// What only begins like a code is typing, in the order in which it was typed.
func TestNoScan(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		for typed, want := range map[string]string{
			"Tamás": "Tamás", "tc": "tc", "TC1": "TC1", "Tc1 ABC": "Tc1 ABC", "t": "t", "]x": "]x", "tct": "tct", "Té": "Té",
		} {
			for _, fast := range []bool{true, false} {
				d := s.start(80, 24)
				d.Press("n")
				if fast {
					d.Burst(typed)
				} else {
					d.Type(typed)
				}
				d.Wait(time.Second)
				require.Contains(t, d.View(), "▸ Phone       "+want, typed)
				d.Type("!")
				require.Contains(t, d.View(), want+"!", typed)
			}
		}
		d := s.start(80, 24)
		d.Press("n")
		d.Burst("T", "backspace")
		d.Burst("Tc1", "enter")
		require.Contains(t, d.View(), "Phone       Tc1\n")
	})
}

// A key held back shows up after a moment, not with the next one.
func TestHeldKeyIsGivenBack(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Press("n")
		d.Burst("T")
		require.NotContains(t, d.View(), "Phone       T")
		d.Wait(220 * time.Millisecond)
		require.Contains(t, d.View(), "Phone       T")
	})
}

package tui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/tuitest"
)

// A reward among several is chosen and handed out with the mouse alone, on a wide page
// and on a narrow one. A click that comes too early chooses nothing.
func TestRewardsAreClicked(t *testing.T) {
	for name, size := range map[string][2]int{"80x24": {80, 24}, "60x18": {60, 18}, "120x40": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			inShop(t, points, func(t *testing.T, s *shop) {
				anna := s.anna0()
				_, err := s.station.Sell("edit", anna.Profile.Holder, pos.Sale{Amount: 15000})
				require.NoError(t, err)
				d := s.start(size[0], size[1])
				d.Scan(anna.Profile.Code())
				d.Burst("r")
				d.Wait(60 * time.Millisecond)
				d.Click("Shop voucher")
				require.Contains(t, d.View(), "▸ 1 Small gift", "the list is deaf at first")
				d.Wait(time.Second)
				d.Click("2 Shop voucher")
				require.Contains(t, d.View(), "▸ 2 Shop voucher")
				require.EqualValues(t, 150, s.points(anna))
				d.Click("2 Shop voucher")
				require.Contains(t, d.View(), "✓ Shop voucher handed out.")
				require.EqualValues(t, 50, s.points(anna))
			})
		})
	}
}

// The lines of a sale that comes back and the fields below them are clicked.
func TestReturnByMouse(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		s.sold(t)
		d := s.start(80, 24)
		looksUp(d, "A1")
		d.Click("€13.50")
		d.Click("€13.50")
		require.Contains(t, d.View(), "1 of 3", "a click on the marked line lets one come back")
		d.Click("Reason")
		d.Type("cold")
		require.Contains(t, d.View(), "▸ Reason")
		require.Contains(t, d.View(), "cold")
	})
}

// The fields of the dialog that asks a manager are clicked.
func TestOverrideByMouse(t *testing.T) {
	refused(t, func(t *testing.T, s *shop, _ *strict, anna station.Member, d *tuitest.Driver) {
		d.Click("Reason")
		require.NotContains(t, d.View(), "▸ Reason", "the dialog is deaf at first")
		d.Wait(time.Second)
		d.Click("Reason")
		d.Type("Full yesterday")
		d.Click("PIN")
		d.Type("1234")
		d.Click("Hand out")
		require.Contains(t, d.View(), "✓ Free coffee handed out. Robin allowed it.")
	})
}

// Enter that is pressed before the search came back opens the one who is found, and
// gives no stamp when it is pressed twice.
func TestFindWaitsForTheSearch(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(3)
		d := s.start(80, 24)
		d.Press("f")
		d.Burst("kov", "enter", "enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Kovács Anna")
		require.Contains(t, d.View(), "› Member")
		require.EqualValues(t, 3, s.stamps(anna))
		d.Press("esc", "f")
		d.Burst("nobody", "enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Nobody is found")
		d.Burst("", "backspace")
		d.Press("esc")
		require.Contains(t, d.View(), "Scan a code", "nothing waits for ever")
	})
}

// A member is marked and opened with the mouse.
func TestFoundAreClicked(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.enrol("Kovács Anna", "")
		s.enrol("Kovács Béla", "")
		d := s.start(80, 24)
		d.Press("f")
		d.Type("kov")
		d.Click("Kovács Béla")
		require.Contains(t, d.View(), "▸ Kovács Béla")
		d.Click("Kovács Béla")
		require.Contains(t, d.View(), "› Member")
	})
}

// Digits that came in one go are a scan, with and without a line end, and never an
// amount: no sale is booked.
func TestDigitsInOneGoAreNoAmount(t *testing.T) {
	for _, scan := range []string{"12345", "1234567", "012345", "4006381333931"} {
		for name, end := range map[string][]string{"Enter": {"enter"}, "no end": nil} {
			t.Run(scan+" "+name, func(t *testing.T) {
				inShop(t, points, func(t *testing.T, s *shop) {
					anna := s.anna0()
					d := s.start(80, 24)
					d.Scan(anna.Profile.Code())
					before := s.entries()
					d.Burst(scan, end...)
					d.Wait(time.Second)
					d.Press("enter")
					require.Equal(t, before, s.entries())
					require.NotContains(t, d.View(), "Book amount")
				})
			})
		}
	}
}

// What the shop notes about a member is typed in the form, shown on the page, and taken
// away again.
func TestNoteInTheForm(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("e", "up")
		d.Type("Oat milk only")
		d.Press("enter")
		require.Contains(t, d.View(), "Oat milk only")
		require.Equal(t, map[string]string{"note": "Oat milk only"}, s.member(anna).Profile.Fields)
		d.Press("e", "up", "ctrl+u", "enter")
		require.Contains(t, d.View(), "✓ Changed.")
		require.Empty(t, s.member(anna).Profile.Fields)
	})
}

// A limit that leaves stamps out is said: the screen never confirms more than was given.
func TestLimitedStamps(t *testing.T) {
	program := strings.Replace(cafe, "size = 10\n", "size = 10\nlimits = { per_day = 6 }\n", 1)
	inShop(t, program, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Type("9")
		d.Press("s")
		require.EqualValues(t, 6, s.stamps(anna))
		require.Contains(t, d.View(), "✓ 6 stamps on Coffee: 6 of 10. 9 were asked for, but there is a limit: w")
	})
}

// An item can be typed by its name although its first letter is another item's key.
func TestItemByNameDespiteItsKey(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		s.sells(t)
		anna := s.anna0()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("i", "/")
		d.Type("f")
		require.Contains(t, d.View(), "0 pieces ")
		d.Press("esc")
		require.Contains(t, d.View(), "› Items")
		d.Type("f")
		require.Contains(t, d.View(), "1 piece ")
	})
}

// The code printed on a receipt is scanned on the page that asks for its number.
func TestReceiptIsScanned(t *testing.T) {
	inShop(t, points, func(t *testing.T, s *shop) {
		anna := s.anna0()
		_, err := s.station.Sell("edit", anna.Profile.Holder, pos.Sale{Amount: 1500, Receipt: "4006381333931"})
		require.NoError(t, err)
		d := s.start(80, 24)
		d.Press("r")
		d.Scan("4006381333931")
		require.Contains(t, d.View(), "Receipt 4006381333931 · €15.00")
	})
}

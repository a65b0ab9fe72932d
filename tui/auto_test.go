package tui_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui"
	"tenthcup/tui/screen"
)

// busy is a shop where a scan is a stamp.
func busy(s *shop) {
	s.config.Settings.Counter.Scan = "stamp"
}

// Where a scan is a stamp, it is on disk before the screen says so, it can be taken
// back with one key for two seconds, and then the counter is back by itself.
func TestScanIsAStamp(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		busy(s)
		anna := s.anna(3)
		d := s.start(80, 24)
		everySize(d, "counter")
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "✓ 1 stamp on Coffee: 4 of 10.")
		require.Contains(t, d.View(), "u Undo")
		require.Equal(t, int64(4), s.stamps(anna))
		d.Wait(1500 * time.Millisecond)
		require.Contains(t, d.View(), "› Member", "the window is two seconds long")
		require.Contains(t, d.View(), "✓ 1 stamp")
		d.Wait(500 * time.Millisecond)
		require.Contains(t, d.View(), "A scan is one stamp: Coffee")
		require.Equal(t, int64(4), s.stamps(anna))
	})
}

func TestScanIsAStampUndone(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		busy(s)
		anna := s.anna(3)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Wait(time.Second)
		d.Press("u")
		require.Contains(t, d.View(), "✓ Undone: +1 stamp Coffee.")
		require.Equal(t, int64(3), s.stamps(anna))
		d.Wait(2 * time.Second)
		require.Contains(t, d.View(), "A scan is one stamp", "and the counter comes back all the same")
	})
}

// The same card read twice is one stamp, unless the cashier says otherwise.
func TestScanTwiceIsOneStamp(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		busy(s)
		anna, bela := s.anna(0), s.enrol("Nagy Béla", "")
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Wait(time.Second)
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "· The same card again")
		require.Equal(t, int64(1), s.stamps(anna))
		d.Golden("again")
		d.Wait(1900 * time.Millisecond)
		require.Contains(t, d.View(), "A scan is one stamp", "nobody wanted another stamp")
		require.Equal(t, int64(1), s.stamps(anna))
		d.Scan(anna.Profile.Code())
		require.Equal(t, int64(2), s.stamps(anna), "after the window it is another visit")
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 1 stamp on Coffee: 3 of 10.")
		require.Equal(t, int64(3), s.stamps(anna))
		d.Scan(bela.Profile.Code())
		require.Equal(t, int64(1), s.stamps(bela), "another member's card is no repetition")
	})
}

// Without a line it is the same; what is refused stays on the screen, and so does
// the page of whoever the cashier wants more of.
func TestScanIsAStampUnlessRefused(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		busy(s)
		require.NoError(t, s.db.SetEnrolled())
		s.config.Line = line{}
		till := &strict{Station: s.station}
		s.config.Till = till
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Send(tui.Status{Waiting: station.Waiting{Entries: 2}, Err: errRefused})
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "◦ 1 of 10")
		d.Press("tab")
		d.Wait(5 * time.Second)
		require.Contains(t, d.View(), "› Member", "a key says that the page is wanted")
		d.Press("esc")
		till.stamp = pos.Refuse("stamp.now", "card", "Coffee")
		d.Scan(anna.Profile.Code())
		d.Wait(5 * time.Second)
		require.Contains(t, d.View(), "✗ Coffee")
		require.Contains(t, d.View(), "› Member")
		require.Equal(t, int64(1), s.stamps(anna))
		till.stamp = nil
		d.Scan(anna.Profile.Code())
		till.stamp = pos.Refuse("stamp.now", "card", "Coffee")
		d.Press("enter")
		d.Wait(5 * time.Second)
		require.Contains(t, d.View(), "✗ Coffee", "also where it was one stamp more that was refused")
	})
}

// A scan comes over what was half typed; that is said with the stamp. A code typed
// by hand is no scan.
func TestScanIsAStampOverAnAmount(t *testing.T) {
	inShop(t, bakery, func(t *testing.T, s *shop) {
		busy(s)
		s.config.Settings.Counter.Card = "bread"
		anna, bela := s.anna(0), s.enrol("Nagy Béla", "")
		d := s.start(80, 24)
		d.Type(bela.Profile.Code())
		d.Press("enter")
		require.Contains(t, d.View(), "Nagy Béla")
		require.Zero(t, s.member(bela).Cards[1].Stamps)
		d.Type("12")
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "✓ 1 stamp on Bread: 1 of 8. The amount 12 was half typed: it was dropped.")
	})
}

// What a scan does is switched at the counter, card by card, and kept on disk.
func TestSwitchScan(t *testing.T) {
	inShop(t, bakery, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		require.NotContains(t, d.View(), "Auto-stamp", "where settings cannot be kept, they cannot be changed")
	})
	inShop(t, bakery, func(t *testing.T, s *shop) {
		k, full := &keeper{shop: s}, false
		s.config.Dress, s.config.Keep = k.dress, func(settings screen.Settings) error {
			if full {
				return pos.Refuse("disk.full")
			}
			return k.keep(settings)
		}
		d := s.start(80, 24)
		for i, card := range []string{"coffee", "bread", "cake"} {
			d.Press("a")
			require.Contains(t, d.View(), "✓ A scan is one stamp on ")
			require.Equal(t, screen.CounterSettings{Scan: "stamp", Card: card}, k.kept[i].Counter)
		}
		d.Golden("cake")
		d.Press("a")
		require.Contains(t, d.View(), "✓ A scan shows the member from now on.")
		require.Zero(t, k.kept[3].Counter)
		full = true
		d.Press("a")
		require.Contains(t, d.View(), "✗ The disk is full")
		require.Contains(t, d.View(), "Scan a code", "and all is as it was")
	})
}

// A card fills up in a quarter of a second. What was given is confirmed before,
// keys are heard meanwhile, and afterwards nothing moves any more.
func TestCardFills(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(4)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Type("5")
		d.Burst("s")
		d.Wait(60 * time.Millisecond)
		require.Contains(t, d.View(), "✓ 5 stamps on Coffee: 9 of 10.")
		require.Contains(t, d.View(), "9 of 10 ─╮", "the figure is what holds")
		began := driver{d}.content()
		d.Golden("begins")
		d.Wait(80 * time.Millisecond)
		require.NotEqual(t, began, driver{d}.content())
		d.Golden("fills")
		d.Press("enter")
		require.Equal(t, int64(10), s.stamps(anna))
		d.Wait(time.Second)
		still := d.Styled()
		d.Wait(20 * time.Second)
		require.Equal(t, still, d.Styled())
	})
}

var errDisk = errors.New("input/output error")

// What broke is said, and stays.
func TestScanIsAStampOnABrokenDisk(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		busy(s)
		anna := s.anna(0)
		disk := gate{s.db, make(chan error, 1)}
		disk.open <- errDisk
		s.station.Journal = disk
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "✗ Something unexpected")
		d.Wait(5 * time.Second)
		require.Contains(t, d.View(), "› Member")
		require.Contains(t, d.View(), "0 of 10")
	})
}

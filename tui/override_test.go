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

// refused opens a shop where Anna's full card is refused, and asks for her coffee.
func refused(t *testing.T, test func(t *testing.T, s *shop, till *strict, anna station.Member, d *tuitest.Driver)) {
	t.Helper()
	inShop(t, cafe, func(t *testing.T, s *shop) {
		till := &strict{Station: s.station, redeem: notReady}
		s.config.Till = till
		anna := s.anna(10)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Burst("r")
		d.Wait(60 * time.Millisecond) // a letter is held a moment: it could be a scan
		test(t, s, till, anna, d)
	})
}

// last returns the newest entry of the journal.
func (s *shop) last() pos.Entry {
	latest, err := s.station.Latest(1)
	require.NoError(s.t, err)
	return latest[0].Entry
}

func TestOverride(t *testing.T) {
	refused(t, func(t *testing.T, s *shop, _ *strict, anna station.Member, d *tuitest.Driver) {
		before := s.entries()
		require.Contains(t, d.View(), "Free coffee is not ready: 2 stamps are missing.")
		require.NotContains(t, d.View(), "Cancel", "the footer promises nothing yet")
		d.Burst("12", "enter", "esc")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Ask a manager", "a dialog that has just opened takes no key meant for the page below")
		require.NotContains(t, d.View(), "•")
		d.Type("9999")
		require.NotContains(t, d.View(), "9999", "a PIN is never shown")
		d.Press("enter")
		d.Type("Her card was full yesterday")
		everySize(d, "typed")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ Wrong PIN. Try again.")
		require.Contains(t, d.View(), "Free coffee is not ready: 2 stamps are missing.")
		require.Contains(t, d.View(), "Her card was full yesterday", "nothing else has to be typed again")
		require.NotContains(t, d.View(), "•")
		d.Golden("wrong")
		require.Equal(t, before, s.entries())
		d.Type("1234")
		require.NotContains(t, d.View(), "Wrong PIN")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Free coffee handed out. Robin allowed it.")
		require.Contains(t, d.View(), "0 of 10")
		d.Golden("done")
		entry := s.last()
		require.Equal(t, pos.Redeemed, entry.Kind)
		require.Equal(t, &pos.By{Kind: pos.ByOverride, Manager: "robin"}, entry.By)
		require.Equal(t, "Her card was full yesterday", entry.Reason)
		require.Equal(t, int64(0), s.stamps(anna))
		d.Press("esc")
		require.Contains(t, d.View(), "Free coffee, by a manager")
	})
}

// What is missing is said, and Enter goes there.
func TestOverrideNeedsPINAndReason(t *testing.T) {
	refused(t, func(t *testing.T, s *shop, _ *strict, anna station.Member, d *tuitest.Driver) {
		before := s.entries()
		d.Wait(time.Second)
		d.Press("enter", "enter")
		require.Contains(t, d.View(), "✗ The manager's PIN is missing. Type it.")
		d.Type("1234")
		d.Press("enter", "enter")
		require.Contains(t, d.View(), "✗ Say why it is handed out.")
		d.Type(" ")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ Say why it is handed out.")
		require.Equal(t, before, s.entries())
		d.Press("esc")
		require.Contains(t, d.View(), "· Nothing was handed out.")
		require.Contains(t, d.View(), "Enter Stamp")
		require.Equal(t, before, s.entries())
		require.Equal(t, int64(10), s.stamps(anna))
	})
}

func TestOverrideByOneOfSeveralManagers(t *testing.T) {
	refused(t, func(t *testing.T, s *shop, _ *strict, anna station.Member, d *tuitest.Driver) {
		d.Wait(time.Second)
		d.Press("esc")
		roster, err := s.db.Roster()
		require.NoError(t, err)
		roster.Cashiers[1].Role = pos.RoleManager
		require.NoError(t, s.db.SetRoster(roster))
		d.Press("r")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "1 of 2")
		d.Press("down")
		require.Contains(t, d.View(), "Kőszegi Edit  2 of 2")
		d.Press("down", "up", "1", "up")
		require.Contains(t, d.View(), "Robin  1 of 2")
		d.Press("2")
		d.Type("1234")
		d.Press("tab")
		d.Type("Known to all")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Free coffee handed out. Kőszegi Edit allowed it.")
		require.Equal(t, pos.CashierID("edit"), s.last().By.Manager)
	})
}

// A PIN belongs to the one it was typed for.
func TestOverrideForgetsThePINOfAnother(t *testing.T) {
	refused(t, func(t *testing.T, s *shop, _ *strict, anna station.Member, d *tuitest.Driver) {
		roster, err := s.db.Roster()
		require.NoError(t, err)
		roster.Cashiers[1].Role = pos.RoleManager
		require.NoError(t, s.db.SetRoster(roster))
		d.Wait(time.Second)
		d.Press("esc", "r")
		d.Wait(time.Second)
		d.Press("enter")
		d.Type("1234")
		require.Contains(t, d.View(), "••••")
		d.Press("up", "down")
		require.NotContains(t, d.View(), "•")
	})
}

func TestOverrideWaits(t *testing.T) {
	refused(t, func(t *testing.T, s *shop, till *strict, anna station.Member, d *tuitest.Driver) {
		till.override = pos.Refuse("pin.wait", "seconds", 12)
		d.Wait(time.Second)
		d.Type("1111")
		d.Press("enter")
		d.Type("regular")
		d.Burst("", "enter")
		require.Contains(t, d.View(), "✗ Too many wrong PINs: wait 12 seconds.")
		d.Wait(2 * time.Second)
		require.Contains(t, d.View(), "wait 10 seconds")
		d.Golden("waits")
		d.Type("1234")
		d.Press("enter")
		require.NotContains(t, d.View(), "•", "the PIN waits")
		d.Press("down")
		d.Type("!")
		require.Contains(t, d.View(), "regular!", "the reason does not")
		require.Contains(t, d.View(), "Too many wrong PINs")
		d.Press("up")
		d.Wait(7 * time.Second)
		require.Contains(t, d.View(), "wait 1 second.")
		d.Wait(time.Second)
		require.NotContains(t, d.View(), "Too many wrong PINs")
		till.override = nil
		d.Type("1234")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Free coffee handed out. Robin allowed it.")
	})
}

// What fails for another reason than the PIN leaves everything as it was typed.
func TestOverrideOnAFullDisk(t *testing.T) {
	refused(t, func(t *testing.T, s *shop, till *strict, anna station.Member, d *tuitest.Driver) {
		till.override = pos.Refuse("disk.full")
		d.Wait(time.Second)
		d.Type("1234")
		d.Press("enter")
		d.Type("regular")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ The disk is full")
		till.override = nil
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Free coffee handed out. Robin allowed it.")
	})
}

// What was pressed in the belief that the reward would be handed out is forgotten,
// a scan too: the customer it was refused to stays.
func TestOverrideStopsWhatWasTypedAhead(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		disk := gate{s.db, make(chan error)}
		anna, bela := s.anna(10), s.enrol("Nagy Béla", "")
		s.station.Journal = disk
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("r")
		d.Scan(bela.Profile.Code())
		d.Press("enter")
		d.Post(func() { disk.open <- notReady })
		require.Contains(t, d.View(), "Kovács Anna")
		require.Contains(t, d.View(), "Ask a manager")
		require.Zero(t, s.stamps(bela))
	})
}

// However long the sentence, and whatever else the page has to say, the dialog is
// whole.
func TestOverrideWithALongSentence(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.config.Till = &strict{
			Station: s.station, redeem: pos.Refuse("redeem.stamps", "reward", strings.Repeat("A very long name ", 20), "n", 2),
			standing: &station.Standing{Enrolled: true, Frozen: true, Offset: time.Hour},
		}
		d := s.start(80, 24)
		d.Scan(s.anna(10).Profile.Code())
		d.Press("r")
		d.Wait(time.Second)
		for _, size := range sizes[:3] {
			d.Resize(size.width, size.height)
			fits(d, size.width, size.height)
			require.Contains(t, d.View(), "▸ PIN")
			require.Contains(t, d.View(), "Reason")
			require.Contains(t, d.View(), "╰──")
		}
	})
}

// What is missing is said first. Who asks again lets a manager decide.
func TestOverrideOfWhatIsNotReady(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(8)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("r")
		require.Contains(t, d.View(), "· Free coffee is not ready: 2 stamps are missing.")
		d.Press("tab", "r")
		require.Contains(t, d.View(), "· Free coffee is not ready: 2 stamps are missing.", "another key begins anew")
		d.Press("r")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Free coffee: a manager may allow it")
		require.Contains(t, d.View(), "Free coffee is not ready: 2 stamps are missing.")
		d.Press("esc", "r")
		require.Contains(t, d.View(), "· Free coffee is not ready")
	})
	inShop(t, bakery, func(t *testing.T, s *shop) {
		anna := s.anna(8)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("r", "r")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Which reward?")
		require.Contains(t, d.View(), "▸ 1 Free coffee")
		d.Press("3")
		require.Contains(t, d.View(), "Mug: a manager may allow it")
	})
}

// Where nobody may allow it, a refusal is just said.
func TestNoManager(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.config.Till = &strict{Station: s.station, redeem: notReady}
		roster, err := s.db.Roster()
		require.NoError(t, err)
		roster.Cashiers = roster.Cashiers[1:]
		require.NoError(t, s.db.SetRoster(roster))
		anna := s.anna(10)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("r")
		require.Contains(t, d.View(), "✗ Free coffee is not ready: 2 stamps are missing.")
		require.Contains(t, d.View(), "Enter Stamp")
	})
}

// A scan over the dialog opens the member, and says what was not done.
func TestScanOverOverride(t *testing.T) {
	refused(t, func(t *testing.T, s *shop, _ *strict, anna station.Member, d *tuitest.Driver) {
		bela := s.enrol("Nagy Béla", "", "4006381333931")
		before := s.entries()
		d.Wait(time.Second)
		d.Type("1234")
		d.Scan("96385074")
		require.Contains(t, d.View(), "✗ No member has the code 96385074")
		require.NotContains(t, d.View(), "was not handed out")
		require.Contains(t, d.View(), "••••", "the PIN is as long as it was typed")
		d.Press("enter")
		d.Type("regular")
		for _, scan := range []string{bela.Profile.Code(), "4006381333931"} {
			d.Scan(scan)
			require.Contains(t, d.View(), "Nagy Béla")
			require.Contains(t, d.View(), "· Free coffee was not handed out: no manager allowed it.")
			d.Scan(anna.Profile.Code())
			require.NotContains(t, d.View(), "regular")
			d.Press("r")
			d.Wait(time.Second)
			d.Press("enter")
		}
		require.Equal(t, before, s.entries())
	})
}

package tui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

func TestStamps(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(7)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 1 stamp on Coffee: 8 of 10.")
		d.Type("2s")
		require.Contains(t, d.View(), "✓ 2 stamps on Coffee: a card is full. Free coffee is ready, and 0 of")
		d.Type("s")
		require.Contains(t, d.View(), "✓ 1 stamp on Coffee: 1 of 10.")
		require.Equal(t, int64(11), s.stamps(anna))
		d.Press("u")
		require.Contains(t, d.View(), "✓ Undone: +1 stamp Coffee.")
		d.Press("u")
		require.Contains(t, d.View(), "✓ Undone: +2 stamps Coffee.")
		d.Press("r")
		require.Contains(t, d.View(), "· Free coffee is not ready: 2 stamps are missing.")
		d.Press("u", "u", "enter")
		require.Equal(t, int64(0), s.stamps(anna))
		d.Press("u")
		require.Contains(t, d.View(), "✗ There is nothing of this shift to undo")
		d.Type("1.5s")
		require.Contains(t, d.View(), "✗ 1.5 is not a number of stamps.")
		d.Press("esc")
		d.Type("51s")
		require.Contains(t, d.View(), "✗ 51 stamps at once is not possible. Give 1 to 50.")
		d.Press("esc")
		d.Type("99999999999999999999s")
		require.Contains(t, d.View(), "stamps at once is not possible.")
		d.Press("esc")
		d.Type("5")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ This program gives no points. Press s to give that many stamps.")
		require.Equal(t, int64(0), s.stamps(anna))
		d.Press("esc", "esc")
		require.Contains(t, d.View(), "Scan a code")
		require.Contains(t, d.View(), "undone: −7 stamps Coffee")
	})
}

func TestPoints(t *testing.T) {
	inShop(t, points, func(t *testing.T, s *shop) {
		anna := s.anna0()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		require.Contains(t, d.View(), "· Type the amount of the sale, then press Enter.")
		d.Type("12.50")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 12 points for €12.50: 12 in all.")
		d.Type("0.40")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Sale of €0.40 booked: too small for a point.")
		d.Paste("100")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 100 points for €100.00: 112 in all.")
		d.Press("u")
		require.Contains(t, d.View(), "✓ Undone: +100 points · €100.00.")
	})
}

// What is no amount books nothing, and says what is wrong with it.
func TestAmounts(t *testing.T) {
	tests := map[string]struct{ typed, said string }{
		"letters":         {"12a", "✗ 12a is not an amount. Type digits, with . before the cents."},
		"zero":            {"0", "✗ The amount must be more than nothing."},
		"negative":        {"-5", "✗ - is not an amount."},
		"absurdly large":  {"99999999999", "✗ The amount is larger than €10,000,000,000.00."},
		"larger still":    {strings.Repeat("9", 40), "✗ The amount is larger than"},
		"a comma":         {"12,50", "✗ 12,50 is not an amount."},
		"three decimals":  {"1.255", "✗ 1.255 has more decimals than EUR has."},
		"two points":      {"1.2.3", "✗ 1.2.3 is not an amount."},
		"only a point":    {".", "✗ . is not an amount."},
		"a letter alone":  {"x", "✗ x is not an amount."},
		"a foreign digit": {"۱۲", "✓ 12 points for €12.00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inShop(t, points, func(t *testing.T, s *shop) {
				anna := s.anna0()
				before := s.entries()
				d := s.start(80, 24)
				d.Scan(anna.Profile.Code())
				for _, r := range tt.typed {
					d.Type(string(r))
					if strings.Contains(d.View(), "✗") {
						break
					}
				}
				if !strings.Contains(d.View(), "✗") {
					d.Press("enter")
				}
				require.Contains(t, d.View(), tt.said)
				if strings.HasPrefix(tt.said, "✗") {
					require.Equal(t, before, s.entries())
				}
			})
		})
	}
	t.Run("pasted text", func(t *testing.T) {
		inShop(t, points, func(t *testing.T, s *shop) {
			anna := s.anna0()
			d := s.start(80, 24)
			d.Scan(anna.Profile.Code())
			d.Paste("a lot\x1b[31m\nof money")
			d.Press("enter")
			require.Contains(t, d.View(), "✗ a lot[31m of money is not an amount.")
		})
	})
}

func (s *shop) anna0() station.Member { return s.enrol("Kovács Anna", "+36301234567") }

func TestRedeem(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(12)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("r")
		require.Contains(t, d.View(), "✓ Free coffee handed out.", "the only one that is ready needs no choosing")
		require.Equal(t, int64(2), s.stamps(anna))
	})
	inShop(t, bakery, func(t *testing.T, s *shop) {
		anna := s.anna(10)
		_, err := s.station.Earn("robin", anna.Profile.Holder, 16000)
		require.NoError(t, err)
		before := s.entries()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Burst("r")
		d.Wait(60 * time.Millisecond)
		d.Burst("", "enter")
		require.Equal(t, before, s.entries(), "a list that has just opened takes no key meant for the page below")
		require.NotContains(t, d.View(), "Hand out", "and the footer does not promise it")
		d.Wait(time.Second)
		d.Golden("choose")
		d.Press("down", "up", "down", "enter")
		require.Contains(t, d.View(), "✓ Mug handed out.")
		d.Press("r")
		d.Wait(time.Second)
		d.Press("1")
		require.Contains(t, d.View(), "✓ Free coffee handed out.")
		d.Press("u", "r")
		d.Wait(time.Second)
		d.Press("esc")
		require.Contains(t, d.View(), "Enter Stamp")
	})
}

func TestSecondCard(t *testing.T) {
	inShop(t, bakery, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("tab", "enter")
		require.Contains(t, d.View(), "✓ 1 stamp on Bread: 1 of 8.")
		d.Press("tab", "tab", "enter")
		require.Contains(t, d.View(), "✓ 1 stamp on Coffee: 1 of 10.")
	})
}

// A key that is leant on must not fill a card.
func TestEnterHeldDown(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		d.Wait(300 * time.Millisecond)
		for range 30 {
			d.Burst("", "enter")
			d.Wait(32 * time.Millisecond)
		}
		require.Equal(t, int64(2), s.stamps(anna))
		for range 30 {
			d.Burst("u")
			d.Wait(32 * time.Millisecond)
		}
		d.Wait(time.Second)
		require.Equal(t, int64(2), s.stamps(anna), "a burst of one letter is nobody's wish")
	})
}

// Nothing is confirmed before the till says that it is done, and what was typed
// meanwhile is not lost.
func TestConfirmedOnlyWhenDone(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		disk := gate{s.db, make(chan error)}
		s.station.Journal = disk
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		d.Wait(10 * time.Second)
		require.NotContains(t, d.View(), "✓")
		require.Contains(t, d.View(), "0 of 10")
		d.Golden("saving")
		d.Type("3s")
		d.Send(screen.Say{Text: "by the way"})
		require.NotContains(t, d.View(), "✓")
		require.Contains(t, d.View(), "Saving …", "it waits, whatever else is said")
		d.Post(func() { disk.open <- nil })
		require.Contains(t, d.View(), "1 of 10", "one is on disk, the other on its way")
		d.Post(func() { disk.open <- nil })
		require.Contains(t, d.View(), "✓ 3 stamps on Coffee: 4 of 10.")
	})
}

// What fails is not confirmed, and what was typed in the belief that it would
// not fail is not done either.
func TestFullDisk(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna, bela := s.anna(0), s.enrol("Nagy Béla", "")
		disk := gate{s.db, make(chan error)}
		s.station.Journal = disk
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		d.Scan(bela.Profile.Code())
		d.Press("enter")
		d.Post(func() { disk.open <- pos.Refuse("disk.full") })
		require.Contains(t, d.View(), "✗ The disk is full: nothing was booked. Make room and try again.")
		require.Contains(t, d.View(), "Kovács Anna", "the customer it happened with stays")
		d.Golden("full")
		require.NotContains(t, d.View(), "✓")
		require.Zero(t, s.stamps(anna)+s.stamps(bela))
		d.Press("enter")
		d.Post(func() { disk.open <- errRefused })
		require.Contains(t, d.View(), "✗ Something unexpected went wrong")
		d.Press("esc", "n")
		d.Type("Ann")
		d.Press("ctrl+s")
		d.Post(func() { disk.open <- pos.Refuse("disk.full") })
		require.Contains(t, d.View(), "✗ The disk is full")
		require.Contains(t, d.View(), "Ann", "what was typed is still there")
		d.Press("esc", "d", "1", "2", "3", "4", "enter")
		d.Wait(time.Second)
		d.Press("enter")
		d.Post(func() { disk.open <- pos.Refuse("disk.full") })
		require.Contains(t, d.View(), "✗ The disk is full")
		require.NotContains(t, d.View(), "closed")
	})
}

func TestLeave(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Press("ctrl+c")
		require.False(t, d.Quit())
		require.Contains(t, d.View(), "Press Ctrl+C once more to leave Tenthcup.")
		d.Press("esc")
		require.NotContains(t, d.View(), "once more")
		d.Press("ctrl+c", "ctrl+c")
		require.True(t, d.Quit())
	})
}

// A change made from outside, by a command of the same till, shows at once.
func TestChangedFromOutside(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(3)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "3 of 10")
		_, err := s.station.Stamp("", anna.Profile.Holder, "", 2)
		require.NoError(t, err)
		d.Send(changed)
		require.Contains(t, d.View(), "5 of 10")
		d.Press("esc")
		require.Contains(t, d.View(), "nobody")
	})
}

// What the till does by itself is in words too; a lease given back is no news for
// the counter.
func TestHousekeeping(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(1)
		for _, kind := range []pos.Kind{pos.Returned, pos.Corrected} {
			s.station.Journal = changing{s.db, func(e *pos.Entry) { e.Kind, e.Postings, e.Saw = kind, nil, nil }}
			_, err := s.station.Stamp("", anna.Profile.Holder, "", 1)
			require.NoError(t, err)
		}
		d := s.start(120, 40)
		require.Contains(t, d.View(), "clock corrected")
		require.NotContains(t, d.View(), "reward given back")
		require.NotContains(t, d.View(), "lease")
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "reward given back")
	})
}

// The clock goes on by itself.
func TestClock(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		require.Contains(t, d.View(), "10:42\n")
		d.Wait(61 * time.Second)
		require.Contains(t, d.View(), "10:43\n")
	})
}

// A code typed by hand works in every way people write it.
func TestTypedCode(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		id := anna.Profile.Code()
		for _, typed := range []string{id, strings.ToLower(id), code.Group(id), strings.Replace(id, "1", "i", 1), "/" + id, "06301234567"} {
			d := s.start(80, 24)
			d.Type(typed)
			d.Press("enter")
			require.Contains(t, d.View(), "Kovács Anna", typed)
			require.Contains(t, d.View(), code.Group(id), typed)
		}
	})
}

// Keys pressed while a typed code is looked up are not lost.
func TestTypeAhead(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Type(anna.Profile.Code())
		d.Burst("", "enter")
		d.Press("enter")
		require.Equal(t, int64(1), s.stamps(anna))
	})
}

func pressAll(d *tuitest.Driver, names string) {
	for name := range strings.FieldsSeq(names) {
		if name == "wait" {
			d.Wait(time.Second)
			continue
		}
		d.Press(name)
	}
}

// driver adds what these tests look at.
type driver struct{ *tuitest.Driver }

// content returns the page without the lines that say something.
func (d driver) content() string {
	lines := strings.Split(d.View(), "\n")
	return strings.Join(lines[:19], "\n")
}

// slowReader is a till that is slow to say how a member stands.
type slowReader struct {
	*station.Station
	open chan struct{}
}

func (s slowReader) Member(holder pos.HolderID) (station.Member, error) {
	m, err := s.Station.Member(holder)
	<-s.open
	return m, err
}

// What was read before a stamp was given does not take it off the screen again.
func TestLateReading(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(3)
		slow := slowReader{s.station, make(chan struct{})}
		s.config.Till = slow
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Send(changed)
		d.Press("enter")
		require.Contains(t, d.View(), "4 of 10")
		close(slow.open)
		d.Wait(time.Second)
		require.NotContains(t, d.View(), "3 of 10")
	})
}

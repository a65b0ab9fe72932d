package tui_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/tuitest"
)

// sold books Anna's sale of two buns and three flat whites, receipt A1.
func (s *shop) sold(t testing.TB) station.Member {
	t.Helper()
	s.sells(t)
	anna := s.anna0()
	_, err := s.station.Sell("edit", anna.Profile.Holder, pos.Sale{Receipt: "A1", Lines: []pos.Line{
		{Item: "bun", Category: "bakery", Quantity: 2, Price: 300},
		{Item: "flat", Category: "coffee", Quantity: 3, Price: 450},
	}})
	require.NoError(t, err)
	return s.member(anna)
}

// looksUp types the receipt number on the page, and waits until the sale hears.
func looksUp(d *tuitest.Driver, receipt string) {
	d.Press("r")
	d.Type(receipt)
	d.Press("enter")
	d.Wait(time.Second)
}

// points returns how many points the member has.
func (s *shop) points(m station.Member) pos.Points { return *s.member(m).Points }

func TestReturn(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		anna := s.sold(t)
		require.Equal(t, pos.Points(19), s.points(anna))
		before := s.entries()
		d := s.start(80, 24)
		d.Press("r")
		d.Type("a1")
		d.Burst("", "enter", "enter", "enter")
		require.Contains(t, d.View(), "Receipt A1 · €19.50")
		require.Contains(t, d.View(), "Kovács Anna")
		require.Contains(t, d.View(), "Gave +19 points, +3 stamps Coffee")
		require.Contains(t, d.View(), "Enter takes back all that is left: €19.50.")
		require.Equal(t, before, s.entries(), "an Enter that is leant on takes nothing back")
		d.Wait(time.Second)
		d.Press("?")
		d.Golden("help")
		d.Press("esc", "enter")
		require.Contains(t, d.View(), "✓ Taken back: €19.50.")
		require.Contains(t, d.View(), "Give the customer €19.50.")
		require.Contains(t, d.View(), "−19 points  taken back: the sale had given it")
		require.Contains(t, d.View(), "−3 stamps Coffee")
		everySize(d, "done")
		require.Equal(t, before+1, s.entries())
		d.Wait(time.Second)
		d.Burst("", "enter", "enter", "enter")
		require.Contains(t, d.View(), "Enter Stamp", "it goes on with the member")
		require.Equal(t, before+1, s.entries(), "an Enter that is leant on gives no stamp")
		require.Equal(t, pos.Points(0), s.points(anna))
		d.Press("esc")
		require.Contains(t, d.View(), "return: −19 points")

		looksUp(d, "A1")
		require.Contains(t, d.View(), "All of this sale was returned already.")
		require.Contains(t, d.View(), "€19.50 came back already, €0.00 left")
		d.Press("enter")
		require.Contains(t, d.View(), "All of this sale was returned already.")
		require.Equal(t, before+1, s.entries())
		d.Press("esc", "esc")
		require.Contains(t, d.View(), "Scan a code")
	})
}

func TestReturnByLine(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		anna := s.sold(t)
		d := s.start(80, 24)
		looksUp(d, "A1")
		d.Press("down", "right", "right", "right", "right")
		require.Contains(t, d.View(), "Flat white", "by its name")
		require.Contains(t, d.View(), "3 of 3", "no more than there are")
		d.Press("left")
		require.Contains(t, d.View(), "Enter takes back: €9.00.")
		everySize(d, "chosen")
		d.Press("down", "down")
		d.Type("They were cold")
		d.Press("enter")
		require.Contains(t, d.View(), "Give the customer €9.00.")
		require.Contains(t, d.View(), "Left of the sale: €10.50.")
		require.Equal(t, "They were cold", s.last().Reason)
		require.Equal(t, int64(2), s.last().Saw[rules.SawLine+"2"])
		require.Equal(t, pos.Points(11), s.points(anna))
		d.Wait(time.Second)
		d.Press("enter", "t")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "€9.00 came back already, €10.50 left", "the member's newest sale")
		d.Press("down", "right", "right")
		require.Contains(t, d.View(), "1 of 1")
		d.Press("left", "enter")
		require.Contains(t, d.View(), "Give the customer €10.50.")
		require.Equal(t, pos.Points(0), s.points(anna))
	})
}

func TestReturnByAmount(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		anna := s.sold(t)
		d := s.start(80, 24)
		d.Press("f7")
		d.Type("A1")
		d.Press("enter")
		d.Wait(time.Second)
		d.Press("right", "up", "up")
		d.Type("20x")
		require.Contains(t, d.View(), "0 of 2", "an amount and units exclude each other")
		require.Contains(t, d.View(), "Only €19.50 of this sale is left to return.")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ Only €19.50 of this sale is left to return.")
		d.Press("backspace", "backspace")
		d.Type("0")
		d.Press("enter")
		require.NotContains(t, d.View(), "✓")
		d.Press("backspace")
		d.Type("4.50")
		d.Golden("amount")
		d.Press("up", "right", "left")
		require.Contains(t, d.View(), "Enter takes back all that is left: €19.50.", "units drop the amount")
		d.Press("down")
		d.Type("4.50")
		d.Press("enter")
		require.Contains(t, d.View(), "Give the customer €4.50.")
		require.Contains(t, d.View(), "Left of the sale: €15.00.")
		require.Equal(t, pos.Points(15), s.points(anna))
	})
}

// Nobody's receipt, another member's, and a member who bought nothing.
func TestReturnOfNoSale(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		s.sold(t)
		bela := s.enrol("Nagy Béla", "")
		d := s.start(80, 24)
		d.Press("r", "enter")
		require.Contains(t, d.View(), "✗ Type the receipt number first.")
		d.Type("B2")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ This till has not booked receipt B2.")
		d.Scan(bela.Profile.Code())
		d.Press("t")
		require.Contains(t, d.View(), "✗ This member has no sale at this till.")
		d.Type("A1")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ This sale is another member's.")
		d.Press("esc")
		require.Contains(t, d.View(), "Nagy Béla")
	})
}

// A sale without a receipt number comes back from the member's page, one that was
// undone does not.
func TestReturnOfTheNewestSale(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		anna := s.anna0()
		for _, amount := range []pos.Money{1200, 700} {
			_, err := s.station.Earn("edit", anna.Profile.Holder, amount)
			require.NoError(t, err)
		}
		_, err := s.station.Undo("edit", anna.Profile.Holder, "undo")
		require.NoError(t, err)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("t")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Sale of €12.00")
		d.Press("enter")
		require.Contains(t, d.View(), "Give the customer €12.00.")
		require.Equal(t, pos.Points(0), s.points(anna))
	})
}

// What the sale gave is spent: money is kept for it.
func TestReturnKeepsMoney(t *testing.T) {
	inShop(t, points+"[returns]\ngone = \"money\"\n[[reward]]\nid = \"two-off\"\nname = \"Two off\"\npoints = 10\nkind = \"money\"\noff = \"2\"\n", func(t *testing.T, s *shop) {
		anna := s.anna0()
		_, err := s.station.Sell("edit", anna.Profile.Holder, pos.Sale{Receipt: "A1", Amount: 10000})
		require.NoError(t, err)
		_, err = s.station.Redeem("edit", anna.Profile.Holder, "small-gift")
		require.NoError(t, err)
		d := s.start(80, 24)
		looksUp(d, "A1")
		d.Press("enter")
		require.Contains(t, d.View(), "Give the customer €90.00.")
		require.Contains(t, d.View(), "Keep €10.00 of the money")
		require.Contains(t, d.View(), "−50 points  taken back")
		everySize(d, "kept")
	})
}

const strictly = points + "[returns]\ndays = 14\ngone = \"manager\"\n"

// A manager allows what the till refuses, by the dialog that rewards have.
func TestReturnByAManager(t *testing.T) {
	inShop(t, strictly, func(t *testing.T, s *shop) {
		anna := s.anna0()
		_, err := s.station.Sell("edit", anna.Profile.Holder, pos.Sale{Receipt: "A1", Amount: 6000})
		require.NoError(t, err)
		_, err = s.station.Redeem("edit", anna.Profile.Holder, "small-gift")
		require.NoError(t, err)
		before := s.entries()
		d := s.start(80, 24)
		looksUp(d, "A1")
		d.Press("enter")
		require.Contains(t, d.View(), "The member has spent what the sale gave: 50 are missing.")
		require.Contains(t, d.View(), "Return: a manager may allow it")
		d.Wait(time.Second)
		d.Press("enter")
		everySize(d, "asks")
		d.Press("esc")
		require.Contains(t, d.View(), "· Nothing was taken back.")
		require.Contains(t, d.View(), "Enter takes back all that is left: €60.00.", "what was chosen stays")
		d.Press("enter")
		d.Wait(time.Second)
		d.Type("9999")
		d.Press("enter", "enter")
		require.Contains(t, d.View(), "✗ Say why the manager allows it.")
		d.Type("Known to all")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ Wrong PIN. Try again.")
		d.Paste("1234")
		require.Equal(t, before, s.entries())
		d.Scan("6221033101111")
		require.Contains(t, d.View(), "Known to all", "a scan that is nobody's leaves the dialog")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Taken back: €60.00.")
		require.Contains(t, d.View(), "50 of it were spent already")
		require.Equal(t, &pos.By{Kind: pos.ByOverride, Manager: "robin"}, s.last().By)
		require.Equal(t, "Known to all", s.last().Reason)
		require.Equal(t, pos.Points(-50), s.points(anna))
	})
	t.Run("after the days", func(t *testing.T) {
		inShop(t, strictly, func(t *testing.T, s *shop) {
			anna := s.anna0()
			_, err := s.station.Sell("edit", anna.Profile.Holder, pos.Sale{Receipt: "A1", Amount: 6000})
			require.NoError(t, err)
			s.opened = s.opened.Add(-15 * 24 * time.Hour)
			d := s.start(80, 24)
			d.Press("r")
			d.Type("A1")
			d.Press("enter")
			require.Contains(t, d.View(), "22 Nov 2026 10:42")
			d.Wait(time.Second)
			d.Press("enter")
			require.Contains(t, d.View(), "Sales come back within 14 days")
		})
	})
}

// A scan in the middle opens the member, and says that nothing came back.
func TestScanOverReturn(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		anna := s.sold(t)
		before := s.entries()
		d := s.start(80, 24)
		looksUp(d, "A1")
		d.Press("right", "up")
		d.Type("cold")
		d.Scan("6221033101111")
		require.Contains(t, d.View(), "cold", "a scan that is nobody's leaves the page as it was")
		require.Contains(t, d.View(), "Enter takes back: €3.00.")
		require.NotContains(t, d.View(), "Nothing was taken back.")
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "· Nothing was taken back.")
		require.Contains(t, d.View(), "Enter Stamp")
		require.Equal(t, before, s.entries())
	})
}

// The marked line of a long sale is always in sight.
func TestReturnOfManyLines(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		anna := s.anna0()
		sale := pos.Sale{Receipt: "A1"}
		for i := range 30 {
			sale.Lines = append(sale.Lines, pos.Line{Item: fmt.Sprintf("item-%d", i+1), Quantity: 1, Price: 100})
		}
		_, err := s.station.Sell("edit", anna.Profile.Holder, sale)
		require.NoError(t, err)
		d := s.start(60, 18)
		looksUp(d, "A1")
		for i := range 30 {
			require.Contains(t, d.View(), fmt.Sprintf("▸ item-%d ", i+1))
			require.Contains(t, d.View(), "Enter takes back")
			d.Press("right", "down")
		}
		require.Contains(t, d.View(), "Enter takes back: €30.00.")
		d.Golden("lines")
		fits(d, 60, 18)
		d.Press("enter")
		require.Contains(t, d.View(), "Give the customer €30.00.")
	})
}

// Every language has room for every state of the page.
func TestReturnInLanguages(t *testing.T) {
	for _, language := range assets.Languages() {
		t.Run(language, func(t *testing.T) {
			inShop(t, corner, func(t *testing.T, s *shop) {
				words, err := assets.NewPrinter(language, s.config.Words.Currency(), s.station.Zone)
				require.NoError(t, err)
				s.config.Words = words
				s.sold(t)
				d := s.start(80, 24)
				shows := func(name string) {
					d.Golden(name)
					for _, size := range sizes {
						d.Resize(size.width, size.height)
						fits(d, size.width, size.height)
					}
					uncut(d, language)
				}
				d.Press("r")
				shows("receipt")
				d.Type("A1")
				d.Press("enter")
				d.Wait(time.Second)
				d.Press("right")
				shows("sale")
				d.Press("enter")
				shows("done")
			})
		})
	}
}

// A sale is booked with its receipt number, once.
func TestReceiptNumber(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		s.sells(t)
		anna := s.anna0()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("#")
		require.NotContains(t, d.View(), "Keep", "there is no sale to number")
		d.Press("esc")
		d.Scan(anna.Profile.Code())
		d.Type("12.50")
		d.Press("#")
		d.Type("a-7")
		d.Golden("typing")
		d.Press("enter")
		require.Contains(t, d.View(), "Receipt a-7")
		d.Golden("numbered")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 12 points for €12.50: 12 in all.")
		require.Equal(t, "A-7", s.last().Sale.Receipt)
		d.Type("3")
		require.NotContains(t, d.View(), "a-7", "the next sale has another number")
		d.Press("#")
		d.Paste("A-7")
		d.Press("enter", "enter")
		require.Contains(t, d.View(), "✗ Receipt A-7 was booked already")
		d.Press("#", "esc", "enter")
		require.Contains(t, d.View(), "✓ 3 points for €3.00")
		require.Empty(t, s.last().Sale.Receipt)

		d.Press("i", "right", "enter", "#")
		d.Type("A-8")
		d.Press("enter")
		require.Contains(t, d.View(), "Sale: 1 piece, €3.00. Enter books it.")
		d.Press("r")
		d.Wait(500 * time.Millisecond)
		d.Press("enter")
		require.Contains(t, d.View(), "take €1.50 off the sale")
		require.Equal(t, "A-8", s.last().Sale.Receipt, "a reward on the sale comes back with it")
		d.Press("enter")
		require.Equal(t, "A-8", s.last().Sale.Receipt)
		d.Press("t")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Receipt A-8 · €1.50")
		require.Contains(t, d.View(), "Spent −5 points")
		d.Press("enter")
		require.Contains(t, d.View(), "+5 points  given back: it was spent on the sale")
		require.Equal(t, pos.Points(15), s.points(anna))
		d.Wait(time.Second)
		d.Press("enter")
		d.Type("9")
		d.Press("#")
		d.Type("A-9")
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "The amount 9 was half typed: it was dropped.")
		d.Type("2")
		d.Press("enter")
		require.Empty(t, s.last().Sale.Receipt)
	})
}

// Money, vouchers and what the program only counts for itself, in the words of the
// counter.
func TestWhatASaleMoved(t *testing.T) {
	inShop(t, points, func(t *testing.T, s *shop) {
		anna := s.anna0()
		s.station.Journal = changing{s.db, func(e *pos.Entry) {
			e.Postings = []pos.Posting{{Account: pos.CreditAccount, Amount: 500}, {Account: "reward:voucher", Amount: 2}, {Account: "spend", Amount: 1250}}
		}}
		_, err := s.station.Sell("edit", anna.Profile.Holder, pos.Sale{Receipt: "A1", Amount: 1250})
		require.NoError(t, err)
		s.station.Journal = s.db
		d := s.start(80, 24)
		looksUp(d, "A1")
		require.Contains(t, d.View(), "Gave +€5.00 credit, +2 vouchers Shop voucher")
		require.NotContains(t, d.View(), "spend")
		d.Press("esc", "esc")
		d.Resize(120, 40)
		require.Contains(t, d.View(), "+€5.00 credit, +2 vouchers Shop voucher · €")
		require.NotContains(t, d.View(), "spend")
	})
}

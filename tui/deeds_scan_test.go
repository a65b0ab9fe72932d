package tui_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos/code"
	"tenthcup/pos/station"
)

// deedPages are the ways to the pages of what is done now and then.
var deedPages = map[string]string{
	"menu":          "member m",
	"pay":           "member m p 1 2",
	"paid":          "member m p 1 2 enter wait",
	"exchange":      "member m x 2 0 enter 1",
	"exchanged":     "member m x 2 0 enter enter wait",
	"coupon":        "member m c S P",
	"coupon, shown": "member m c S P R I N G 2 6 enter",
	"coupon, sale":  "member m c up 1",
	"events":        "member m v",
	"plans":         "member m s",
	"plan, sold":    "member m s enter wait",
	"pause":         "member m s enter wait enter m s down enter 1",
	"passes":        "member m b",
	"pass, sold":    "member m b enter wait",
	"give, what":    "member m g 5 enter",
	"lost":          "member m l",
	"adjust":        "member m a 1 2 3 4 enter",
	"adjust, why":   "member m a 1 2 3 4 enter enter - 3 enter a",
	"gift sale":     "m g 2 0",
	"gift sold":     "m g 2 0 enter enter wait",
	"form":          "member e X",
	"enrol, phone":  "n 0 6",
	"enrol, news":   "n A n n enter enter",
}

// onDeedPages goes to each of the pages, Béla's where it is a member's.
func onDeedPages(t *testing.T, test func(t *testing.T, s *shop, open func() driver, anna station.Member)) {
	for name, way := range deedPages {
		t.Run(name, func(t *testing.T) {
			inShop(t, bazaar, func(t *testing.T, s *shop) {
				anna, bela := s.enrol("Kovács Anna", "", "4006381333931"), s.rich("Nagy Béla", "", 500, 2000)
				test(t, s, func() driver { return driver{s.visit(bela, way)} }, anna)
			})
		})
	}
}

// A member who is scanned is the next customer, whatever was half done; only a form
// asks first whether it is the friend.
func TestScanOnDeeds(t *testing.T) {
	onDeedPages(t, func(t *testing.T, s *shop, open func() driver, anna station.Member) {
		d := open()
		before := s.entries()
		d.Scan(anna.Profile.Code())
		if strings.Contains(t.Name(), "give") {
			require.Contains(t, d.View(), "Kovács Anna gets 5 points.", "here it is who gets it")
			return
		}
		if strings.Contains(t.Name(), "enrol") {
			require.Contains(t, d.View(), "Brought the new one?")
			d.Press("esc")
		}
		require.Contains(t, d.View(), "Kovács Anna")
		require.Contains(t, d.View(), code.Group(anna.Profile.Code()))
		require.Contains(t, d.View(), "› Member ")
		require.Equal(t, before, s.entries())
	})
}

// Of a scan that is nobody's nothing stays in a field, and no key of it does anything.
func TestBadScanOnDeeds(t *testing.T) {
	onDeedPages(t, func(t *testing.T, s *shop, open func() driver, anna station.Member) {
		id := anna.Profile.Code()
		wrong := id[:14] + string(code.Alphabet[(strings.IndexByte(code.Alphabet, id[14])+1)%32])
		d := open()
		before, page := s.entries(), d.content()
		d.Scan(wrong)
		require.Contains(t, d.View(), "its last sign does not fit")
		require.Equal(t, before, s.entries())
		require.Equal(t, page, d.content())
		if !strings.Contains(t.Name(), "coupon") && !strings.Contains(t.Name(), "gift_sale") {
			d := open()
			before, page := s.entries(), d.content()
			d.Scan("96385074")
			require.Contains(t, d.View(), "No member has the code 96385074")
			require.Equal(t, before, s.entries())
			require.Equal(t, page, d.content())
		}
		if name := t.Name(); strings.Contains(name, "coupon") || strings.Contains(name, "form") || strings.Contains(name, "enrol") {
			return // any code may be a coupon's, and text is text
		}
		for _, foreign := range []string{"https://example.com/vspbgx?u=1", "vsp", "pbg12", "12345678901234"} {
			d := open()
			before := s.entries()
			d.Scan(foreign)
			require.LessOrEqual(t, s.entries(), before, foreign)
		}
	})
}

package tui_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

// inLanguage is the language in which the page is there.
func (p spot) inLanguage() string {
	if p.rtl {
		return "fa"
	}
	return "en"
}

// pressing are the keys that a hint stands for, of which one at least does something.
func pressing(h screen.Hint) []string {
	if slices.Contains([]string{"up", "right", "left"}, h.Press) || strings.ContainsAny(h.Key, "↑→←") {
		return []string{"down", "up", "right", "left"}
	}
	switch h.Key {
	case "0–9", "1–9":
		return []string{"2", "1"}
	case "A–Z":
		return strings.Split("abcdefghijklmnopqrstuvwxyz", "")
	}
	if h.Press == "" {
		return []string{strings.ToLower(h.Key)}
	}
	return []string{h.Press}
}

// seen is all of a page but what it says: that is asked of for itself.
func seen(d *tuitest.Driver) string {
	p := page(d)
	s := p.State()
	v := p.View(80, 17)
	return fmt.Sprint(typeOf(d), s.Title, s.Takes, v.X, v.Y, p.Hints(), strings.Split(d.View(), "\n")[1:18])
}

// elsewhere are words of keys whose work is seen elsewhere: they ask the server, or
// choose what is chosen already.
var elsewhere = []string{"Read again", "Send now", "Day", "Week", "Month", "Year"}

// Every key that a footer promises does something: the page changes, or it says
// why not. Esc has a test of its own.
func TestFooterKeepsItsWord(t *testing.T) {
	const marker = "nothing yet"
	for _, p := range table() {
		if p.held || strings.HasSuffix(p.name, "help") {
			continue // keys wait, or close the help
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			var hints []screen.Hint
			inSpot(t, p, p.inLanguage(), func(_ *shop, d *tuitest.Driver) { hints = page(d).Hints() })
			for _, h := range hints {
				if h.Quiet || h.Press == "esc" || slices.Contains(elsewhere, h.Word) {
					continue
				}
				inSpot(t, p, p.inLanguage(), func(_ *shop, d *tuitest.Driver) {
					d.Send(screen.Say{Text: marker})
					before := seen(d)
					for _, key := range pressing(h) {
						d.Press(key)
						if said := page(d).State().Notice.Text; seen(d) != before || said != marker && said != "" {
							return
						}
					}
					assert.Fail(t, "the key does nothing", "%s %s on %s", h.Key, h.Word, typeOf(d))
				})
			}
		})
	}
}

// Esc leads back to the customers, and the help explains every key and goes away.
func TestEveryPageCanBeLeft(t *testing.T) {
	for _, p := range table() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			inSpot(t, p, p.inLanguage(), func(_ *shop, d *tuitest.Driver) {
				if strings.HasSuffix(p.name, "help") {
					d.Press("esc")
				}
				if p.held {
					return
				}
				if !p.rtl {
					explained(d)
				}
				for range 4 {
					if at := typeOf(d); at == "Counter" || at == "Lock" && strings.HasPrefix(p.name, "lock") {
						break
					}
					d.Press("esc")
				}
				if !strings.HasPrefix(p.name, "lock") {
					require.Equal(t, "Counter", typeOf(d), "%s", d.View())
				}
			})
		})
	}
}

// explained opens the help and looks for every key of the page in it.
func explained(d *tuitest.Driver) {
	d.T.Helper()
	before := typeOf(d) + page(d).State().Title
	for _, size := range sizes[:3] {
		d.Resize(size.width, size.height)
		hints := page(d).Hints()
		d.Press("f1")
		help := d.View()
		for _, h := range hints {
			if !slices.Contains([]string{"down", "left"}, h.Press) { // the arrows are told of together
				assert.Contains(d.T, help, " "+h.Key+" ", "%s", size.name)
			}
		}
		require.Contains(d.T, help, " Ctrl+C ", "%s", size.name)
		d.Press("esc")
		require.NotContains(d.T, d.View(), " Ctrl+C ")
	}
	d.Resize(80, 24)
	require.Equal(d.T, before, typeOf(d)+page(d).State().Title)
}

// A page is resized and clicked as often as this, unless the flag says otherwise: there
// are many pages.
func init() {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
}

// No size of the terminal and no click upsets a page.
func TestAnySizeAndAnyClick(t *testing.T) {
	for _, p := range table() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			inSpot(t, p, p.inLanguage(), func(_ *shop, d *tuitest.Driver) {
				rapid.Check(t, func(r *rapid.T) {
					width, height := rapid.IntRange(0, 200).Draw(r, "width"), rapid.IntRange(0, 60).Draw(r, "height")
					d.Resize(width, height)
					if width > 0 && height > 0 {
						fits(d, width, height)
					}
					button := rapid.SampledFrom([]tea.MouseButton{tea.MouseLeft, tea.MouseLeft, tea.MouseRight}).Draw(r, "button")
					d.Send(tea.MouseClickMsg{X: rapid.IntRange(-1, 200).Draw(r, "x"), Y: rapid.IntRange(-1, 60).Draw(r, "y"), Button: button})
				})
			})
		})
	}
}

// keyboard are the keys that a child presses.
var keyboard = append(strings.Fields(
	"esc tab shift+tab up down left right home end pgup pgdown backspace delete space f1 f2 f3 f4 f5 f6 f7 f8 f9 ctrl+s ctrl+u enter enter",
), strings.Split("abcdefghijklmnopqrstuvwxyz0123456789.,-+#/?é۱", "")...)

// Whatever is pressed, nothing breaks; and without Enter no money is booked.
func TestMonkey(t *testing.T) {
	const steps = 400
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for i, p := range []spot{
		{name: "counter", program: bakery, has: earned, way: "scan"},
		{name: "deeds", program: bazaar, has: richBela, way: "scan m"},
		{name: "sale", program: corner, has: selling, way: "scan i"},
		{name: "return", program: corner, has: sold, way: "r 'A1 enter wait"},
		{name: "office", program: lively, has: officed, way: "m k '1234 enter"},
		{name: "settings", program: cafe, has: officed, way: "m v '1234 enter"},
		{name: "gift card", program: bazaar, has: gift, way: "scan"},
	} {
		for _, enters := range []bool{true, false} {
			keys := slices.Clone(keyboard)
			name := p.name
			if !enters {
				name += ", without Enter"
				keys = slices.DeleteFunc(keys, func(key string) bool { return key == "enter" })
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				chance := rand.New(rand.NewPCG(seed, uint64(i)))
				inSpot(t, p, "en", func(s *shop, d *tuitest.Driver) {
					before := s.entries()
					for range steps {
						d.Press(keys[chance.IntN(len(keys))])
						fits(d, 80, 24)
					}
					if !enters {
						s.bookedNoMoney(before)
					}
				})
			})
		}
	}
}

// bookedNoMoney fails where an entry after the first ones is about money.
func (s *shop) bookedNoMoney(first int) {
	s.t.Helper()
	n := s.entries()
	require.NoError(s.t, s.db.Last(func(r station.Record) bool {
		if n <= first {
			return false
		}
		n--
		require.NotContains(s.t, []pos.Kind{pos.Earned, pos.Paid, pos.Loaded, pos.Refunded, pos.Joined, pos.Moved, pos.Granted}, r.Entry.Kind)
		return true
	}))
}

package tui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/tui"
	"tenthcup/tui/tuitest"
)

// spoken is what the plain station said, and how it is spoken to.
type spoken struct {
	*tuitest.Driver
	said strings.Builder
	read int
}

func (s *shop) speak() *spoken {
	p := &spoken{}
	p.Driver = tuitest.Start(s.t, tui.NewPlain(s.config, &p.said), 80, 24)
	p.Wait(time.Second)
	return p
}

// line types a line and returns what was said to it.
func (p *spoken) line(text string) string {
	p.said.Len()
	p.read = p.said.Len()
	p.Send(tui.Typed(text))
	p.Wait(2 * time.Second)
	return p.said.String()[p.read:]
}

// A visit in words: found, stamped, refused, undone, and nothing is drawn or said
// twice.
func TestPlain(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.config.SignedIn = nil
		anna := s.anna(7)
		p := s.speak()
		require.Contains(t, p.said.String(), "Locked.\n")
		require.Contains(t, p.said.String(), "Chosen: 1 Robin\n")
		require.Contains(t, p.line("2"), "PIN of Kőszegi Edit\n")
		require.Contains(t, p.line("9999"), "Not done: Wrong PIN.")
		said := p.line("1234")
		require.Contains(t, said, "Counter.\n")
		require.NotContains(t, p.said.String(), "1234")
		require.Contains(t, said, "Keys: n New member, f Find,")

		said = p.line(anna.Profile.Code())
		require.Contains(t, said, "Member.\nKovács Anna, "+"TC1 53UH LR78 WMDP\n")
		require.Contains(t, said, "Coffee, 7 of 10")
		require.Equal(t, "Chosen: Coffee, 8 of 10\nFree coffee, 2 stamps to go\nDone: 1 stamp on Coffee: 8 of 10.\n", p.line(""), "only what changed is said")
		require.Contains(t, p.line("3 s"), "Done: 3 stamps on Coffee: a card is full. Free coffee is ready, and 1 of 10 on the next.")
		require.EqualValues(t, 11, s.stamps(anna))
		require.Contains(t, p.line("?"), "u: takes back the member's last entry\n")
		require.Contains(t, p.line("/esc"), "Counter.\n")

		require.Contains(t, p.line("f"), "Find.\n")
		require.Contains(t, p.line("kov"), "Member.\nKovács Anna", "text and Enter opens the one who is found")
		require.Contains(t, p.line("esc"), "Counter.\n")
		require.NotRegexp(t, `[\x{2500}-\x{259f}]`, p.said.String(), "nothing is drawn")
		require.False(t, p.Quit())
		p.Send(tui.HungUp{})
		p.Wait(time.Second)
		require.True(t, p.Quit())
	})
}

// What is read aloud in Persian is joined as Persian is.
func TestPlainPersian(t *testing.T) {
	inShop(t, bakery, func(t *testing.T, s *shop) {
		s.tongue("fa")
		anna := s.anna(7)
		p := s.speak()
		said := p.line(anna.Profile.Code())
		require.Contains(t, said, "Coffee، ۷ از ۱۰")
		require.NotRegexp(t, `\p{Arabic},`, said)
	})
}

package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/tui/bidi"
	"tenthcup/tui/widget"
)

// Card is the page that shows a member's code, to be photographed.
type Card struct {
	page
	member   station.Member
	pictures [][]string // with ever smaller quiet zones, that of the standard first
}

// NewCard returns the page. said is what was just done, or "".
func NewCard(d *Desk, m station.Member, said string) Card {
	c := Card{page: page{desk: d}, member: m}
	for _, quiet := range []int{4, 2, 1} {
		c.pictures = append(c.pictures, c.draw(quiet))
	}
	if said != "" {
		c.notice = Notice{said, Done}
	}
	return c
}

func cardKeys() []binding[Card] {
	return []binding[Card]{
		{keys: "p", word: "card.key.print", do: Card.print},
		{keys: "enter esc", word: "card.key.on", do: func(c Card) (Screen, tea.Cmd) { return NewMember(c.desk, c.member, "") }},
	}
}

// Update implements Screen.
func (c Card) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		c.notice = Notice(msg)
	case Printed:
		c.notice = c.desk.printedNotice(msg)
	case tea.KeyPressMsg:
		if next, cmd, ok := press(cardKeys(), c, Key(msg)); ok {
			return next, cmd
		}
	}
	return c, nil
}

// print prints the slip with the code.
func (c Card) print() (Screen, tea.Cmd) {
	c.say(Said, "print.printing")
	return c, c.desk.Print(*c.desk.memberSlip(c.member))
}

// Hints implements Screen.
func (c Card) Hints() []Hint { return hints(c.desk, cardKeys(), c) }

// State implements Screen.
func (c Card) State() State { return c.state("card.title", TakesKeys) }

// Interrupt implements Screen.
func (c Card) Interrupt(int) (Screen, string, tea.Cmd) { return c, "", nil }

// View implements Screen.
func (c Card) View(width, height int) View {
	t, words := c.desk.Theme, c.desk.Words
	id := c.member.Profile.Code()
	picture := c.pictures[0]
	for _, smaller := range c.pictures[1:] {
		if len(picture) > height {
			picture = smaller
		}
	}
	room := min(width-widget.Width(picture[0])-8, 40)
	text := []string{
		t.Strong.Paint(widget.Cut(widget.Name(called(c.member.Profile)), room)),
		"",
		t.Title.Paint(widget.Cut(code.Group(id), room)),
		"",
	}
	for _, line := range widget.Wrap(words.T("card.tell"), room) {
		text = append(text, t.Muted.Paint(line))
	}
	if c.desk.Plain { // a picture cannot be read aloud; it can be printed
		return View{Lines: text, Centred: true}
	}
	left := widget.Space((width - widget.Width(picture[0]) - 4 - room) / 2)
	v := View{Centred: true}
	above := max((len(picture)-len(text))/2, 0)
	for i, line := range picture {
		beside := ""
		if i >= above && i-above < len(text) {
			beside = text[i-above]
		}
		v.Lines = append(v.Lines, left+bidi.Unit(line)+widget.Space(4)+beside)
	}
	return v
}

func (c Card) draw(quiet int) []string {
	id := c.member.Profile.Code()
	if c.desk.Mono {
		return strings.Split(widget.PlainQR(id, quiet, !c.desk.OnLight), "\n")
	}
	return strings.Split(widget.QR(id, quiet), "\n")
}

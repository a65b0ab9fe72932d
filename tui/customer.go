package tui

import (
	"reflect"

	"tenthcup/tui/display"
	"tenthcup/tui/screen"
)

// Display shows the customer what there is to see. Its methods return at once.
type Display interface {
	Watched() bool // somebody looks at it
	Show(display.Frame)
}

// face shows the customer what changed.
func (a *App) face() {
	if a.config.Display == nil || !a.config.Display.Watched() {
		a.faced = display.Frame{}
		return
	}
	if frame := a.facing(); !reflect.DeepEqual(frame, a.faced) {
		a.faced = frame
		a.config.Display.Show(frame)
	}
}

// facing is what the customer may see of the screen.
func (a *App) facing() display.Frame {
	d := a.desk
	f := display.Frame{
		Language: d.Words.Language, Right: d.Words.RightToLeft(), Shop: d.Shop, Logo: d.Theme.Logo,
		Title: d.Words.T("display.welcome"), News: d.News, Idle: true,
	}
	shown, ok := a.screen.(screen.Facing)
	if !ok {
		return f
	}
	c := shown.Customer()
	f.Idle, f.News, f.Said, f.QR = false, nil, c.Said, c.QR
	f.Title = d.Words.T("display.card")
	switch {
	case c.QR != "":
		f.Title = d.Words.T("display.code")
		return f
	case c.Said != "":
		f.Title = d.Words.T("display.thanks")
	}
	for _, card := range c.Member.Cards {
		f.Cards = append(f.Cards, display.Card{
			Name: card.Card.Name, Stamp: card.Card.Stamp, Have: card.Stamps, Size: card.Card.Size,
			Count: d.Words.T("person.stamps", "have", card.Stamps, "size", card.Card.Size),
		})
	}
	if c.Member.Points != nil {
		f.Points = d.Words.T("person.points", "n", *c.Member.Points)
	}
	for _, r := range c.Member.Rewards {
		if r.Ready > 0 {
			f.Rewards = append(f.Rewards, r.Rule.Name)
		}
	}
	return f
}

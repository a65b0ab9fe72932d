package screen

import (
	"cmp"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/station"
	"tenthcup/tui/theme"
	"tenthcup/tui/widget"
)

// LoadStanding reads what the till knows of itself.
func (d *Desk) LoadStanding() tea.Cmd {
	till := queueTill(d.Till)
	return func() tea.Msg {
		standing, err := till.Standing()
		return Stands{standing, err}
	}
}

// Stands is a message: what the till knows of itself.
type Stands struct {
	Standing station.Standing
	Err      error
}

// Alarm is what every page has to say, whatever it is about. The zero Alarm says
// nothing.
type Alarm struct {
	Text string
	Kind Kind // Bad: nothing can be booked; Said: all goes on
}

// Alarm returns the gravest of what every page has to say.
func (d *Desk) Alarm() Alarm {
	if d.Standing.Revoked {
		return Alarm{d.Words.T("alarm.banner"), Bad}
	}
	return Alarm{Text: cmp.Or(d.outdated(), d.skew())}
}

// outdated says that the rules are not the newest, or "".
func (d *Desk) outdated() string {
	if d.Standing.Outdated {
		return d.Words.T("alarm.outdated")
	}
	return ""
}

// Line draws the alarm in one line of exactly width cells, with a rule on both
// sides of one that is no banner.
func (a Alarm) Line(t theme.Theme, width int) string {
	if a.Kind == Bad {
		return t.Alarm.Paint(widget.Center("✗ "+a.Text, width))
	}
	text := widget.Cut("! "+a.Text, width-4)
	return t.Faint.Paint("─") + " " + t.Warn.Paint(text) + " " + t.Faint.Paint(rule(width-3-widget.Width(text)))
}

// skew says how wrong the till's clock is, or "" while it is right enough. It is
// slow where the server's is ahead.
func (d *Desk) skew() string {
	offset := d.Standing.Offset
	switch {
	case offset > station.SkewLimit:
		return d.Words.T("alarm.slow", "span", d.span(offset))
	case offset < -station.SkewLimit:
		return d.Words.T("alarm.fast", "span", d.span(-offset))
	}
	return ""
}

// span puts a time of at least a minute into words, with the two largest units.
func (d *Desk) span(of time.Duration) string {
	const day = 24 * time.Hour
	days, hours, minutes := int(of/day), int(of%day/time.Hour), int(of%time.Hour/time.Minute)
	switch {
	case days > 0:
		return d.Words.T("alarm.days", "days", days, "hours", hours)
	case hours > 0:
		return d.Words.T("alarm.hours", "hours", hours, "minutes", minutes)
	}
	return d.Words.T("alarm.minutes", "minutes", minutes)
}

// rewardsNote says what about the till itself makes rewards harder to get, or "".
func (d *Desk) rewardsNote() string {
	switch {
	case d.Standing.Revoked:
		return "" // the banner says that nothing can be had
	case d.Standing.Restored:
		return d.Words.T("alarm.restored")
	case d.Standing.Frozen:
		return d.Words.T("alarm.frozen")
	}
	return ""
}

// warnings says all that is wrong with the till itself, below a blank line.
func (d *Desk) warnings(width int) []string {
	var lines []string
	add := func(text string) {
		if text != "" {
			lines = append(lines, d.warning(text, width)...)
		}
	}
	if d.Standing.Revoked {
		add(d.Words.T("alarm.revoked"))
	}
	add(d.rewardsNote())
	add(d.outdated())
	add(d.skew())
	if len(lines) == 0 {
		return nil
	}
	return append([]string{""}, lines...)
}

// warning is a sentence with a sign before it, in as many lines as it takes.
func (d *Desk) warning(text string, width int) []string {
	sign := "! "
	lines := widget.Wrap(text, width-2)
	for i := range lines {
		lines[i] = d.Theme.Warn.Paint(sign + lines[i])
		sign = "  "
	}
	return lines
}

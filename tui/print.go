package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/screen"
)

// printed learns how a job of the printer ended. What the screen is confirming or
// refusing stays: then the header alone shows that there is trouble, and the menu
// says which.
func (a *App) printed(msg screen.Printed) tea.Cmd {
	a.desk.Ended(msg)
	before := a.screen.State().Notice
	if a.busy() || before.Text != "" && before.Kind != screen.Said {
		return nil
	}
	if !msg.Behind {
		cmd := a.pass(msg)
		if after := a.screen.State().Notice; after != before {
			return cmd
		}
	}
	if msg.Err != nil && before.Text == "" {
		return a.say(screen.Bad, a.desk.Words.Error(msg.Err))
	}
	return nil
}

// Beeps.
const (
	bell      = "\a"
	bellPause = 180 * time.Millisecond // between the two of a refusal
	bellRest  = 600 * time.Millisecond // at least, from one outcome to the next
)

// beep lets the terminal's bell say how an action ended: once for done, twice for
// refused.
func (a *App) beep() tea.Cmd {
	kind := a.screen.State().Notice.Kind
	since := a.desk.Now.Sub(a.beeped)
	if a.desk.Plain || a.desk.Settings.Counter.Quiet || kind == screen.Said || since >= 0 && since < bellRest {
		return nil
	}
	a.beeped = a.desk.Now
	once := tea.Raw(bell)
	if kind == screen.Done {
		return once
	}
	return tea.Batch(once, tea.Tick(bellPause, func(time.Time) tea.Msg { return tea.RawMsg{Msg: bell} }))
}

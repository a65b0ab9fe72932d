package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/screen"
	"tenthcup/tui/widget"
)

// Training is a guided first shift on a till where nothing counts.
type Training struct {
	First Pupil // has a card to be stamped
	Full  Pupil // needs one stamp more for a reward

	// Cut cuts the line to the server, or mends it. It is called in commands.
	Cut func(cut bool)
}

// Pupil is a member whom the guide speaks of.
type Pupil struct{ Name, Code string }

// lesson is one step of the shift: what to do, and how it shows that it was done.
type lesson struct {
	word string            // catalog key of what to do
	kind pos.Kind          // of the entry that does it
	done func(a *App) bool // instead of kind
	cut  bool              // the line is cut during this step
}

// lessons are the steps of a first shift.
func lessons() []lesson {
	opened := func(a *App) bool { _, ok := a.screen.(screen.Member); return ok }
	sent := func(a *App) bool { return a.desk.Known && a.desk.Online && a.desk.Waiting.Total() == 0 }
	return []lesson{
		{word: "training.scan", done: opened},
		{word: "training.stamp", kind: pos.Stamped},
		{word: "training.full", kind: pos.Stamped},
		{word: "training.redeem", kind: pos.Redeemed},
		{word: "training.undo", kind: pos.Voided},
		{word: "training.offline", kind: pos.Stamped, cut: true},
		{word: "training.send", done: sent},
	}
}

// shift is how far a training has come.
type shift struct {
	at    int
	kinds []pos.Kind // of the entries since it began
	begun int        // how many of them there were when this step began
	first uint64     // number of the last entry before it began
	known bool       // whether first was read
}

// learned is a message: what was booked last, newest first.
type learned struct {
	records []station.Record
	err     error
}

// learn looks what the cashier has done.
func (a *App) learn() tea.Cmd {
	if a.config.Training == nil {
		return nil
	}
	till := a.config.Till
	return func() tea.Msg {
		records, err := till.Latest(40)
		return learned{records, err}
	}
}

// taught takes what was booked last.
func (a *App) taught(msg learned) tea.Cmd {
	if msg.err != nil {
		return a.unread(msg.err)
	}
	s := &a.shift
	if !s.known && len(msg.records) > 0 {
		s.first = msg.records[0].Entry.ID.Seq
	}
	s.known, s.kinds = true, s.kinds[:0]
	for _, r := range slices.Backward(msg.records) {
		if r.Entry.ID.Seq > s.first {
			s.kinds = append(s.kinds, r.Entry.Kind)
		}
	}
	return nil
}

// teach goes on to the next step where this one is done, and cuts or mends the line
// for it.
func (a *App) teach() tea.Cmd {
	if a.config.Training == nil || !a.shift.known {
		return nil
	}
	all, s := lessons(), &a.shift
	if s.at >= len(all) {
		return nil
	}
	step := all[s.at]
	done := step.done != nil && step.done(a)
	if step.done == nil {
		done = slices.Contains(s.kinds[min(s.begun, len(s.kinds)):], step.kind)
	}
	if !done {
		return nil
	}
	s.at, s.begun = s.at+1, len(s.kinds)
	cut, next := a.config.Training.Cut, s.at < len(all) && all[s.at].cut
	if next == step.cut {
		return nil
	}
	return func() tea.Msg { cut(next); return nil }
}

// train leaves the terminal to the program in which cashiers practise, until they
// leave it.
func (a *App) train() tea.Cmd {
	if a.config.Train == nil {
		return nil
	}
	program, err := a.config.Train()
	if err != nil {
		return a.say(screen.Bad, a.desk.Words.Error(err))
	}
	return tea.ExecProcess(program, func(err error) tea.Msg {
		if err != nil {
			return screen.Say{Text: a.desk.Words.Error(err), Kind: screen.Bad}
		}
		return Changed{}
	})
}

// lessonLines is how many lines the guide takes: a banner, and what to do.
const lessonLines = 3

// lesson draws the guide.
func (a *App) lesson() []string {
	d, all, t := a.desk, lessons(), a.config.Training
	text := d.Words.T("training.done")
	if a.shift.at < len(all) {
		text = d.Words.T(all[a.shift.at].word, "first", t.First.Name, "code", t.First.Code, "full", t.Full.Name, "other", t.Full.Code)
	}
	lines := make([]string, 0, lessonLines)
	banner := d.Words.T("training.banner", "step", min(a.shift.at+1, len(all)), "all", len(all))
	lines = append(lines, d.Theme.Chosen.Paint(widget.Center(banner, a.width)))
	for _, line := range widget.Wrap(text, a.width-4) {
		lines = append(lines, "  "+d.Theme.Strong.Paint(line))
	}
	for len(lines) < lessonLines {
		lines = append(lines, "")
	}
	return lines[:lessonLines]
}

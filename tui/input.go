package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/code"
	"tenthcup/tui/screen"
)

// input handles what the cashier or the scanner does.
func (a *App) input(msg tea.Msg) tea.Cmd {
	if key, ok := msg.(tea.KeyPressMsg); ok && key.String() == "ctrl+c" {
		return a.leave()
	}
	a.leaving = false
	if held, ok := msg.(HeldKeys); ok {
		return a.replay(held)
	}
	if a.busy() {
		if len(a.queue) < maxQueue {
			a.queue = append(a.queue, msg)
		}
		return nil
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return a.key(a.turned(msg))
	case Scanned:
		return a.scanned(msg)
	case screen.Picked:
		return a.pass(msg)
	case tea.PasteMsg:
		if !a.help {
			return a.pass(msg)
		}
	}
	return nil
}

// leave ends the program, if it is asked twice: some scanners send Ctrl+C.
func (a *App) leave() tea.Cmd {
	if !a.leaving {
		a.leaving = true
		return nil
	}
	a.cancel()
	return tea.Quit
}

func (a *App) key(msg tea.KeyPressMsg) tea.Cmd {
	switch key := screen.Key(msg); {
	case a.help:
		a.help = false
		return nil
	case key == "f1", key == "?" && a.Takes() != screen.TakesText:
		a.help = true
		return nil
	}
	a.desk.Room = a.places(len(a.footer())).height
	return a.pass(msg)
}

// replay types the keys that were held back.
func (a *App) replay(held HeldKeys) tea.Cmd {
	cmds := make([]tea.Cmd, 0, len(held.Keys)+1)
	for _, key := range held.Keys {
		cmds = append(cmds, a.input(key))
	}
	if held.Then != nil {
		cmds = append(cmds, a.input(held.Then))
	}
	return tea.Batch(cmds...)
}

// scanned opens the member whose code was scanned, whatever the screen is.
func (a *App) scanned(scan Scanned) tea.Cmd {
	a.help = false
	var cmd tea.Cmd
	a.screen, a.note, cmd = a.screen.Interrupt(scan.Typed)
	if a.desk.Cashier != nil {
		return tea.Batch(cmd, a.look(scan.Text))
	}
	if _, err := code.Parse(scan.Text); err != nil {
		return a.say(screen.Bad, a.desk.Words.Error(err))
	}
	a.pending = scan.Text
	return a.say(screen.Said, a.desk.Words.T("lock.scanned"))
}

func (a *App) look(text string) tea.Cmd {
	a.looking = true
	return a.desk.Lookup(text)
}

// found shows the members that a code belongs to, or says why there is none.
func (a *App) found(msg screen.Found) tea.Cmd {
	note, scanned := a.note, a.looking
	a.looking, a.note = false, ""
	if counter, ok := a.screen.(screen.Counter); ok {
		a.screen = counter.Looked()
	}
	if next, cmd, ok := screen.Take(a.desk, a.screen, msg); ok {
		a.turn(next)
		return cmd
	}
	if msg.Err != nil {
		if _, form := a.screen.(screen.Form); form {
			a.desk.Draft = nil // the form stays where it is
		}
		if a.screen.State().Keeps {
			note = ""
		}
		return a.say(screen.Bad, strings.TrimSpace(a.desk.Words.Error(msg.Err)+" "+note))
	}
	if len(msg.Members) > 1 {
		a.turn(screen.NewChoice(a.desk, msg.Members, note))
		return nil
	}
	if scanned {
		next, cmd := screen.NewScanned(a.desk, a.screen, msg.Members[0], note)
		a.turn(next)
		return cmd
	}
	next, cmd := screen.NewMember(a.desk, msg.Members[0], note)
	a.turn(next)
	return cmd
}

// Package tuitest drives a Bubble Tea model in a test, without a terminal and
// without waiting.
//
// A Driver lives in a testing/synctest bubble, so that timers run on the
// bubble's clock: nothing is slept through, and a test says itself when time
// passes. After each of the driver's methods every command has run to its end
// and only timers are left.
package tuitest

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"tenthcup/tui/screen"
)

// Pauses between the keys of a person and of a scanner.
const (
	personPause  = 250 * time.Millisecond
	scannerPause = time.Millisecond
)

// longest is more than any timer of a model runs.
const longest = time.Hour

// Filter is what stands in front of the model; a tui.Scanner is one.
type Filter func(tea.Model, tea.Msg) tea.Msg

// Driver is a model being driven. Its methods belong to the test's goroutine.
type Driver struct {
	T testing.TB // the test that it was started for

	model  tea.Model
	filter Filter
	inbox  chan tea.Msg
	done   chan struct{}
	quit   bool
}

// Start runs the model on a screen of the size until the test ends. It has to be
// called inside a testing/synctest bubble.
func Start(t testing.TB, model tea.Model, width, height int) *Driver {
	t.Helper()
	d := &Driver{T: t, model: model, inbox: make(chan tea.Msg, 4096), done: make(chan struct{})}
	t.Cleanup(func() {
		close(d.done)
		time.Sleep(longest) // lets the timers run out: a bubble waits for all its goroutines
	})
	d.run(model.Init())
	d.Send(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

// Attach puts a filter in front of the model. It is made by a function that gets
// the way to send a message to the model, for the filter's timers.
func (d *Driver) Attach(made func(send func(tea.Msg)) Filter) { d.filter = made(d.post) }

// post puts a message in the inbox, from any goroutine.
func (d *Driver) post(msg tea.Msg) {
	select {
	case d.inbox <- msg:
	case <-d.done:
	}
}

// run starts a command.
func (d *Driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		if msg := cmd(); msg != nil {
			d.post(msg)
		}
	}()
}

// settle handles messages until only timers are left.
func (d *Driver) settle() {
	for {
		synctest.Wait()
		select {
		case msg := <-d.inbox:
			d.handle(msg)
		default:
			return
		}
	}
}

func (d *Driver) handle(msg tea.Msg) {
	if d.filter != nil {
		if msg = d.filter(d.model, msg); msg == nil {
			return
		}
	}
	switch msg := msg.(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.run(cmd)
		}
		return
	case tea.QuitMsg:
		d.quit = true
		return
	}
	var cmd tea.Cmd
	d.model, cmd = d.model.Update(msg)
	d.model.View() // Bubble Tea draws after each message
	d.run(cmd)
}

// Send gives the model a message, as it would come from outside.
func (d *Driver) Send(msg tea.Msg) {
	d.settle()
	d.handle(msg)
	d.settle()
}

// Post runs f beside the model, as something outside would, and waits for what
// comes of it.
func (d *Driver) Post(f func()) {
	d.settle()
	go f()
	d.settle()
}

// Wait lets time pass, and timers run out in it.
func (d *Driver) Wait(span time.Duration) {
	d.settle()
	over := time.After(span)
	for {
		select {
		case msg := <-d.inbox:
			d.handle(msg)
		case <-over:
			d.settle()
			return
		}
	}
}

// Type types the text as a person does, key by key.
func (d *Driver) Type(text string) {
	for _, r := range text {
		d.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
		d.Wait(personPause)
	}
}

// Press presses keys as a person does, by the names that Bubble Tea gives them:
// "enter", "ctrl+c", "u".
func (d *Driver) Press(names ...string) {
	for _, name := range names {
		d.Send(screen.Press(name))
		d.Wait(personPause)
	}
}

// Scan types the text as a scanner does, and Enter.
func (d *Driver) Scan(text string) {
	d.Burst(text, "enter")
	d.Wait(personPause)
}

// Burst presses the keys of the text and then those with names, all within
// milliseconds, and stops right there.
func (d *Driver) Burst(text string, names ...string) {
	keys := make([]tea.KeyPressMsg, 0, len(text)+len(names))
	for _, r := range text {
		keys = append(keys, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	for _, name := range names {
		keys = append(keys, screen.Press(name))
	}
	for _, k := range keys {
		d.Send(k)
		d.Wait(scannerPause)
	}
}

// Paste pastes the text.
func (d *Driver) Paste(text string) { d.Send(tea.PasteMsg{Content: text}) }

// Resize changes the size of the screen.
func (d *Driver) Resize(width, height int) {
	d.Send(tea.WindowSizeMsg{Width: width, Height: height})
}

// Click clicks the first cell in which the text stands on the screen.
func (d *Driver) Click(text string) {
	d.T.Helper()
	for y, line := range strings.Split(ansi.Strip(d.Styled()), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			d.Send(tea.MouseClickMsg{X: ansi.StringWidth(before), Y: y, Button: tea.MouseLeft})
			d.Wait(personPause)
			return
		}
	}
	d.T.Fatalf("nothing says %q on\n%s", text, d.View())
}

// Model returns what is being driven.
func (d *Driver) Model() tea.Model { return d.model }

// Quit reports whether the model asked to end the program.
func (d *Driver) Quit() bool { return d.quit }

// Styled returns the screen with its escape sequences.
func (d *Driver) Styled() string { return d.model.View().Content }

// View returns the screen as plain text, without blanks at the ends of lines.
func (d *Driver) View() string {
	lines := strings.Split(ansi.Strip(d.Styled()), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Golden compares the screen with testdata/<name of the test>/<name>.golden;
// the test flag -update writes the file instead.
func (d *Driver) Golden(name string) {
	d.T.Helper()
	golden.RequireEqual(named{d.T, name}, d.View())
}

// GoldenStyled is Golden with the escape sequences.
func (d *Driver) GoldenStyled(name string) {
	d.T.Helper()
	golden.RequireEqual(named{d.T, name}, d.Styled())
}

// named is a test under which a golden file is found.
type named struct {
	testing.TB
	name string
}

// Name implements testing.TB.
func (n named) Name() string { return filepath.Join(n.TB.Name(), n.name) }

// Package screen holds the pages of the station, one type each.
//
// A screen is plain state: Update returns the screen that follows, which may be
// another one, and a command for whatever is slow; View draws it and changes
// nothing. Only commands call the till. Nothing is confirmed before the command
// that did it has come back, and then it is on disk.
package screen

import (
	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/widget"
)

// Screen is one page. All its methods are called from one goroutine.
type Screen interface {
	// Update returns the screen after the message and what is to be done.
	Update(msg tea.Msg) (Screen, tea.Cmd)
	// View draws the page in at most height lines of at most width cells.
	View(width, height int) View
	// Hints says what each key does now, in the order of importance.
	Hints() []Hint
	// State says what the page is and what it does with keys.
	State() State
	// Interrupt tells the screen that a code was scanned on it. The last typed
	// characters came from the scanner and are taken back. It returns the
	// screen as it stays if the code is no member's, what to tell the cashier
	// about anything half typed, or "", and what is to be done.
	Interrupt(typed int) (Screen, string, tea.Cmd)
}

// View is a drawn page.
type View struct {
	Lines   []string
	Cursor  bool // whether the terminal's cursor is shown, at X and Y of the page
	X, Y    int
	Centred bool // the lines are to stand in the middle of a high page
	Clicks  []Click
}

// Click is a piece of the page that does something when it is clicked.
type Click struct {
	X, Y, Width int     // cells of the page
	Do          tea.Msg // given to the screen: a Picked, or the key that does the same
}

// Picked is a message: a row of the page's list was clicked, counted from the
// list's first row, shown or not.
type Picked struct{ Row int }

// Hint is a key as help shows it.
type Hint struct {
	widget.Hint
	Press string // the key, as Bubble Tea names it; "" where the hint stands for several
	Long  string // what the key does, for the help
	Quiet bool   // shown in the help only
}

// Takes says what becomes of a key that is a letter or a digit.
type Takes int

// What a screen takes.
const (
	TakesKeys   Takes = iota // each of them is a command
	TakesDigits              // digits are typed, letters are commands
	TakesCodes               // a code may be typed, the other letters are commands
	TakesText                // all of it is text
	TakesAll                 // every key as it comes, a scanner's too
)

// State is what a screen tells about itself.
type State struct {
	Title  string
	Takes  Takes
	Busy   bool // an action is being saved: keys wait until it is
	Keeps  bool // a scan that is nobody's leaves what was typed as it was
	Notice Notice
}

// Kind is how a notice is meant.
type Kind int

// The kinds of notices.
const (
	Said Kind = iota // neither good nor bad
	Done             // something is on disk
	Bad              // something was refused or broke
)

// Notice is the one sentence that a screen says at a time. The zero Notice says
// nothing.
type Notice struct {
	Text string
	Kind Kind
}

// page is what all screens have.
type page struct {
	desk   *Desk
	notice Notice
	busy   bool
	slow   bool // what is done takes so long that the cashier wonders
}

func (p page) state(title string, takes Takes) State {
	return State{Title: p.desk.Words.T(title), Takes: takes, Busy: p.busy, Notice: p.notice}
}

// refused says what went wrong.
func (p *page) refused(err error) {
	p.notice = Notice{p.desk.Words.Error(err), Bad}
}

func (p *page) say(kind Kind, key string, pairs ...any) {
	p.notice = Notice{p.desk.Words.T(key, pairs...), kind}
}

// Say is a message that makes any screen say something.
type Say Notice

// Refresh is a message: something else than this screen changed the till.
type Refresh struct{}

package screen

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/theme"
)

// Till is everything that the screens ask of a station. *station.Station is one.
type Till interface {
	lockTill
	counterTill
	whyTill
	itemTill
	memberTill
	previewTill
	overrideTill
	returnTill
	formTill
	findTill
	queueTill
	dayTill
	drawerTill
	adjustTill
	deedTill
	moneyTill
	moveTill
	giftTill
}

// Line sends what waits to the central server and fetches what is new. Sync
// returns when nothing waits, or with the error that stopped it. progress is
// called from one goroutine at a time with how much was sent so far, how much
// still waits, and how many of the server's members the till holds; a server
// that does not say how many there are has 0 of them.
type Line interface {
	Sync(ctx context.Context, progress func(sent, waiting, held, holders int)) error
}

// Desk is what all screens of one program share. It belongs to the App, which
// changes it; screens read it.
type Desk struct {
	Till    Till
	Line    Line // nil for a till without a server
	Words   *assets.Printer
	Theme   theme.Theme
	Shop    string
	Name    string // of the till at the server, or ""
	Hint    string
	Cashier *pos.Cashier // nil while nobody is signed in
	Now     time.Time    // when the last message came
	Wide    bool         // the terminal has room for what is merely nice to see
	Height  int          // of the terminal, in lines
	Room    int          // of the page when the last key was pressed, in lines

	Program pos.Program // that decides, as it was last read; zero: none
	Items   []pos.Item  // what the shop sells, in the order in which it is listed
	Latest  []Event     // what happened last at this till, newest first
	Names   map[pos.CashierID]string
	Mono    bool // the terminal shows no colours
	OnLight bool // the terminal said that its background is light

	Known   bool // whether the state of the line was ever told
	Online  bool
	Waiting station.Waiting
	LineErr error // what last stopped the line; nil while it works
	Taking  Taking
	Sending Sending

	Standing station.Standing // as it was last read

	Settings Settings             // as they are now
	Keep     func(Settings) error // puts settings on disk; called in commands only; nil: they cannot be kept
	Printer  Printer              // of slips; nil for none
	Save     SaveFile             // keeps reports; nil: nowhere
	Printing Printing             // how the printer is doing
	Office   Office               // where managers work: at the server, or in the till's own file; nil: nowhere
	Drafts   Drafts               // where a program that is being changed is kept; nil: nowhere
	Reports  Reports              // where figures come from; nil: nowhere
	Manager  *Manager             // whose PIN opened the office; nil: it is closed
	News     []string             // what runs in the shop now, a sentence each
	Learner  Learner              // of scanners that type
	Trains   bool                 // there is a till to practise at
	Managed  bool                 // somebody here is a manager
	Plain    bool                 // every page is read aloud: words instead of drawings

	Draft *Draft // a form that a scan came over
	Typed int64  // how often the program that is being changed was changed
	Ctx   context.Context
}

// By returns the id of the cashier who is signed in.
func (d *Desk) By() pos.CashierID {
	if d.Cashier == nil {
		return ""
	}
	return d.Cashier.ID
}

// CashierName returns how a cashier is called here.
func (d *Desk) CashierName(id pos.CashierID) string {
	if name := d.Names[id]; name != "" {
		return name
	}
	if id == "" {
		return d.Words.T("frame.nobody")
	}
	return string(id)
}

// LoadWaiting reads the state of the outbox.
func (d *Desk) LoadWaiting() tea.Cmd {
	till := queueTill(d.Till)
	return func() tea.Msg {
		waiting, err := till.Waiting()
		return Waits{waiting, err}
	}
}

// Waits is a message: the state of the outbox.
type Waits struct {
	Waiting station.Waiting
	Err     error
}

// Taking is how far the till is with taking over the server's members.
type Taking struct{ Held, Holders int }

// Active reports whether there are members that the till does not have yet.
func (t Taking) Active() bool { return t.Held < t.Holders }

// Sending is a transfer that the cashier asked for.
type Sending struct {
	Active      bool
	Sent, Total int
	Since       time.Time // when it began
}

// Progress is a message: so much of the transfer is done. Next waits for more.
type Progress struct {
	Sent, Waiting int
	Taking        Taking
	Next          tea.Cmd
}

// Sent is a message: the transfer ended, with the error that stopped it and what
// waits now.
type Sent struct {
	Err     error
	Waiting station.Waiting
}

// Send starts a transfer, unless one is on its way or there is no line.
func (d *Desk) Send() tea.Cmd {
	if d.Line == nil || d.Sending.Active {
		return nil
	}
	d.Sending = Sending{Active: true, Total: d.Waiting.Total(), Since: d.Now}
	line, till, ctx, steps := d.Line, queueTill(d.Till), d.Ctx, make(chan Progress, 1)
	var next tea.Cmd
	next = func() tea.Msg {
		step, ok := <-steps
		if !ok {
			return nil
		}
		step.Next = next
		return step
	}
	work := func() tea.Msg {
		err := line.Sync(ctx, func(sent, waiting, held, holders int) {
			select { // a step that nobody has looked at yet is out of date
			case <-steps:
			default:
			}
			steps <- Progress{Sent: sent, Waiting: waiting, Taking: Taking{held, holders}}
		})
		close(steps)
		waiting, readErr := till.Waiting()
		return Sent{errors.Join(err, readErr), waiting}
	}
	return tea.Batch(work, next)
}

// LineSign returns the sign and the words for the state of the line.
func (d *Desk) LineSign() (sign, words string) {
	waiting := d.Waiting.Total()
	n := int64(waiting)
	switch {
	case d.Line == nil:
		return "·", d.Words.T("sign.alone")
	case d.Sending.Active:
		return "◐", d.Words.T("sign.sending")
	case d.Known && d.Online && waiting == 0:
		return "●", d.Words.T("sign.sent")
	case d.Known && d.Online:
		return "●", d.Words.T("sign.online", "n", n)
	case !d.Known:
		return "○", d.Words.T("sign.connecting")
	case d.Waiting.LastSync.IsZero():
		return "○", d.Words.T("sign.never", "n", n)
	case waiting == 0:
		return "○", d.Words.T("sign.idle", "age", d.Age(d.Waiting.LastSync))
	}
	return "○", d.Words.T("sign.offline", "n", n, "age", d.Age(d.Waiting.LastSync))
}

// Age says when something was: the time of day, or the day if that is long ago,
// with its year only if it may not be this one.
func (d *Desk) Age(at time.Time) string {
	const year = 365 * 24 * time.Hour
	switch ago := d.Now.Sub(at); {
	case ago >= year:
		return d.Words.DateAt(at)
	case ago >= 18*time.Hour:
		return d.Words.ShortDateAt(at)
	}
	return d.Words.Clock(at)
}

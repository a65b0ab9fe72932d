// Package tui is the station's face: the App, which is the only Bubble Tea model,
// and the Scanner in front of it.
//
// The App shows one screen at a time between a header and a footer, takes scans
// on every one of them, and keeps keys waiting while an action is being saved.
// It never calls the till itself: that is done in commands.
package tui

import (
	"context"
	"os/exec"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/bidi"
	"tenthcup/tui/display"
	"tenthcup/tui/screen"
	"tenthcup/tui/theme"
)

// Till is what the screens ask of a station; *station.Station is one.
type Till = screen.Till

// Line sends what waits to the central server; see screen.Line.
type Line = screen.Line

// Config is what an App is made of.
type Config struct {
	Till     Till             // required
	Line     Line             // nil for a till without a server
	Words    *assets.Printer  // required
	Theme    theme.Theme      //
	Hint     string           // a line for those who try the program out, or ""
	SignedIn *pos.Cashier     // who works already, or nil to ask
	Shop     string           // its name
	Name     string           // of the till at the server, or ""
	Now      func() time.Time // required
	Version  string           // of the program, for the help

	Settings screen.Settings             // as they are on disk
	Keep     func(screen.Settings) error // puts them there; nil: they cannot be kept
	Printer  screen.Printer              // nil for none

	// Dress returns what settings come to; called in commands only. Required where
	// Keep is not nil. With an error and words the rest of it holds all the same.
	Dress func(screen.Settings) (screen.Dress, error)

	Display  Display   // what the customer sees; nil for none
	Training *Training // the till is one to practise at; nil for a real one

	// Train returns the program in which a cashier practises; nil for none.
	Train   func() (*exec.Cmd, error)
	Save    screen.SaveFile // nil: reports cannot be saved
	Office  screen.Office   // where managers work; nil: nowhere
	Drafts  screen.Drafts   // where a program that is being changed is kept; nil: nowhere
	Reports screen.Reports  // where figures come from; nil: nowhere
}

// Status is a message: the state of the line. Whoever keeps the line sends it
// whenever the state changes.
type Status struct {
	Online  bool
	Waiting station.Waiting
	Err     error // what last stopped the line; nil while it works

	// While the till takes over the server's members: how many it holds, and how
	// many there are. 0 and 0 otherwise.
	Held, Holders int
}

// Changed is a message: something other than this App wrote to the till.
type Changed struct{}

// minute is a message: the clock shows another minute.
type minute struct{}

// maxQueue is how many keys wait at most while an action is being saved.
const maxQueue = 64

// App is the station's screen. Its methods are called by Bubble Tea only.
type App struct {
	config Config
	desk   *screen.Desk
	screen screen.Screen
	width  int
	height int

	help    bool      // the help lies over the screen
	leaving bool      // Ctrl+C was pressed once
	looking bool      // a scanned code is being looked up
	note    string    // what the scan came over, to be said with its outcome
	pending string    // a code that was scanned while nobody was signed in
	queue   []tea.Msg // what came in while an action was being saved
	beeped  time.Time // when the terminal's bell rang last
	cancel  context.CancelFunc
	faced   display.Frame // what the customer was shown last
	shift   shift         // of a training
	ordered bidi.Known    // what was drawn last
}

// New returns the App. It does nothing before Bubble Tea runs it.
func New(config Config) *App {
	ctx, cancel := context.WithCancel(context.Background())
	a := &App{config: config, cancel: cancel, desk: &screen.Desk{
		Till: config.Till, Line: config.Line, Words: config.Words, Theme: config.Theme, Shop: config.Shop, Name: config.Name,
		Hint: config.Hint, Cashier: config.SignedIn, Now: config.Now(), Ctx: ctx,
		Settings: config.Settings, Keep: config.Keep, Printer: config.Printer, Trains: config.Train != nil, Learner: Learn, Save: config.Save, Managed: true, Office: config.Office, Drafts: config.Drafts, Reports: config.Reports,
	}}
	a.screen = screen.NewLock(a.desk, "")
	if config.SignedIn != nil {
		a.screen = screen.NewCounter(a.desk)
	}
	return a
}

// Init implements tea.Model.
func (a *App) Init() tea.Cmd {
	cmds := []tea.Cmd{a.whoOrders(), a.desk.LoadCashiers(), a.desk.LoadItems(), a.desk.LoadProgram(), a.learn(), a.refresh(), nextMinute(a.desk.Now)}
	if a.config.Theme.Auto {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}

func nextMinute(now time.Time) tea.Cmd {
	return tea.Tick(time.Minute-now.Sub(now.Truncate(time.Minute)), func(time.Time) tea.Msg { return minute{} })
}

func (a *App) refresh() tea.Cmd {
	return tea.Batch(a.desk.LoadLatest(), a.desk.LoadWaiting(), a.desk.LoadStanding())
}

// Takes says what the screen does with letters and digits, for the Scanner.
func (a *App) Takes() screen.Takes {
	if a.help {
		return screen.TakesKeys
	}
	return a.screen.State().Takes
}

func (a *App) busy() bool { return a.looking || a.screen.State().Busy }

// Update implements tea.Model.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.desk.Now = a.config.Now()
	cmds := []tea.Cmd{a.step(msg), a.teach()}
	for len(a.queue) > 0 && !a.busy() {
		next := a.queue[0]
		a.queue = a.queue[1:]
		cmds = append(cmds, a.step(next))
	}
	a.face()
	return a, tea.Batch(cmds...)
}

// step handles one message. When an action has ended, what it changed is read
// again; if it failed, what was pressed in the belief that it would not fail is
// forgotten.
func (a *App) step(msg tea.Msg) tea.Cmd {
	was := a.busy()
	cmd := a.handle(msg)
	if !was || a.busy() {
		return cmd
	}
	if a.screen.State().Notice.Kind == screen.Bad {
		a.queue = nil
	}
	cmd = tea.Batch(cmd, a.beep())
	if a.pending != "" && a.desk.Cashier != nil {
		text := a.pending
		a.pending = ""
		return tea.Batch(cmd, a.refresh(), a.look(text))
	}
	return tea.Batch(cmd, a.refresh(), a.learn())
}

func (a *App) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg, HeldKeys, Scanned:
		return a.input(msg)
	case tea.MouseMsg:
		return a.mouse(msg)
	case screen.Picked:
		return a.input(msg)
	case screen.Applied:
		dress := a.config.Dress
		return func() tea.Msg {
			made, err := dress(msg.Settings)
			return screen.Dressed{Settings: msg.Settings, Dress: made, Err: err}
		}
	case screen.Dressed:
		return a.dressed(msg)
	case tea.WindowSizeMsg, tea.ColorProfileMsg, tea.BackgroundColorMsg:
		return a.terminal(msg)
	case Status, screen.Waits, screen.Stands, screen.Progress, screen.Sent:
		return a.line(msg)
	case screen.Cashiers, screen.Latest, screen.Items, screen.Rules:
		return a.told(msg)
	case screen.Found:
		return a.found(msg)
	case learned:
		return a.taught(msg)
	case screen.Train:
		return a.train()
	case screen.Printed:
		return a.printed(msg)
	case minute:
		return tea.Batch(nextMinute(a.desk.Now), a.desk.LoadLatest(), a.desk.LoadStanding(), a.desk.LoadProgram()) // today may be another day
	case Changed:
		return tea.Batch(a.refresh(), a.desk.LoadCashiers(), a.desk.LoadItems(), a.desk.LoadProgram(), a.pass(screen.Refresh{}))
	}
	return a.pass(msg)
}

// pass gives the message to the screen.
func (a *App) pass(msg tea.Msg) tea.Cmd {
	next, cmd := a.screen.Update(msg)
	a.turn(next)
	return cmd
}

// turn shows the screen. Who goes back to the customers has left the office.
func (a *App) turn(next screen.Screen) {
	a.screen = next
	switch next.(type) {
	case screen.Counter, screen.Member, screen.Lock:
		a.desk.Manager = nil
	}
}

// terminal learns what the terminal is like.
func (a *App) terminal(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if msg.Width <= 0 || msg.Height <= 0 {
			return nil // some terminals say so before they know
		}
		was := a.desk.Wide
		a.width, a.height = msg.Width, msg.Height
		a.desk.Wide, a.desk.Height = a.width >= wideWidth, a.height
		if a.desk.Wide && !was {
			return a.pass(screen.Refresh{})
		}
	case tea.ColorProfileMsg:
		a.desk.Mono = msg.Profile <= colorprofile.ASCII
	case tea.BackgroundColorMsg:
		a.desk.OnLight = !msg.IsDark()
		a.desk.Theme = a.fitting(a.config.Theme)
	}
	return nil
}

// line learns how the line is doing.
func (a *App) line(msg tea.Msg) tea.Cmd {
	d := a.desk
	switch msg := msg.(type) {
	case Status:
		d.Known, d.Online, d.Waiting, d.LineErr = true, msg.Online, msg.Waiting, msg.Err
		d.Taking = screen.Taking{Held: msg.Held, Holders: msg.Holders}
		return tea.Batch(d.LoadStanding(), a.pass(screen.Refresh{})) // what came may be about what is shown
	case screen.Waits:
		if msg.Err != nil {
			return a.unread(msg.Err)
		}
		d.Waiting = msg.Waiting
		return nil
	case screen.Stands:
		if msg.Err != nil {
			return a.unread(msg.Err)
		}
		d.Standing = msg.Standing
		return nil
	case screen.Progress:
		d.Sending.Sent, d.Sending.Total, d.Taking = msg.Sent, msg.Sent+msg.Waiting, msg.Taking
		return msg.Next
	case screen.Sent:
		d.Sending, d.Taking = screen.Sending{}, screen.Taking{}
		d.Known, d.Online, d.LineErr, d.Waiting = true, msg.Err == nil, msg.Err, msg.Waiting
		return tea.Batch(d.LoadStanding(), a.pass(msg), a.pass(screen.Refresh{}))
	}
	return nil
}

// dressed makes the screen look and speak as its settings say.
func (a *App) dressed(msg screen.Dressed) tea.Cmd {
	d := a.desk
	if msg.Dress.Words == nil {
		return a.say(screen.Bad, d.Words.Error(msg.Err))
	}
	d.Settings, d.Words, d.Printer = msg.Settings, msg.Dress.Words, msg.Dress.Printer
	a.config.Theme = msg.Dress.Theme
	d.Theme = a.fitting(msg.Dress.Theme)
	cmd := tea.Batch(a.whoOrders(), a.pass(msg), a.refresh())
	if msg.Err != nil {
		cmd = tea.Batch(cmd, a.say(screen.Bad, d.Words.Error(msg.Err)))
	}
	return cmd
}

// fitting returns the theme, or where nobody chose one the one that suits the
// terminal's background.
func (a *App) fitting(t theme.Theme) theme.Theme {
	if t.Auto && a.desk.OnLight {
		return theme.Light()
	}
	return t
}

// told learns what the screens share.
func (a *App) told(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Cashiers:
		if msg.Err == nil {
			names := make(map[pos.CashierID]string, len(msg.List))
			for _, c := range msg.List {
				names[c.ID] = c.Name
			}
			a.desk.Names, a.desk.Managed = names, msg.Managed()
		}
		return a.pass(msg)
	case screen.Items:
		if msg.Err == nil {
			a.desk.Items = msg.Items
		}
	case screen.Rules:
		if msg.Err == nil {
			a.desk.Program = msg.Program
			a.desk.News = a.desk.NewsOf(msg.Program, msg.Today)
		}
	case screen.Latest:
		if msg.Err != nil {
			return a.unread(msg.Err)
		}
		a.desk.Latest = msg.Events
	}
	return nil
}

// unread says what could not be read, unless an action has just said why it failed:
// on a disk that failed, only that tells whether something was booked.
func (a *App) unread(err error) tea.Cmd {
	if a.screen.State().Notice.Kind == screen.Bad {
		return nil
	}
	return a.say(screen.Bad, a.desk.Words.Error(err))
}

func (a *App) say(kind screen.Kind, text string) tea.Cmd {
	return a.pass(screen.Say{Text: text, Kind: kind})
}

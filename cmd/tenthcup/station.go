package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/sync/client"
	"tenthcup/tui"
	"tenthcup/tui/bidi"
	"tenthcup/tui/screen"
)

type stationCmd struct {
	Dir string `help:"The till's data folder." default:"${data}" type:"path" placeholder:"DIR" env:"TENTHCUP_DIR"`
	asLines
}

// Run opens the cashier screen.
func (s stationCmd) Run(c *call) error {
	if _, err := os.Stat(filepath.Join(s.Dir, identityName)); errors.Is(err, fs.ErrNotExist) {
		return pos.Refuse("setup.missing", "dir", s.Dir)
	}
	return c.withTill(s.Dir, func(t *till) error { return c.show(t, opening{plain: s.Plain}) })
}

// asLines is embedded by the commands that open the cashier screen.
type asLines struct {
	Plain bool `help:"Lines of words instead of a screen, for a screen reader." env:"TENTHCUP_PLAIN"`
}

// opening says how the cashier screen opens.
type opening struct {
	plain    bool
	hint     string
	signedIn *pos.Cashier // who works already, or nil to ask
	training *tui.Training
}

// show runs the cashier screen on an open till until the cashier leaves it. The
// line and the socket work beside it and never make it wait.
func (c *call) show(t *till, how opening) error {
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	dress, unfit := t.dress(t.settings.Settings)
	if dress.Words == nil {
		return unfit
	}
	config := t.config(how, dress)
	customers := newWindow()
	config.Display = customers
	var scanner *scannerPort
	config.Dress = func(s screen.Settings) (screen.Dress, error) {
		dress, err := t.dress(s)
		if dress.Words != nil {
			scanner.use(s.Scanner)
		}
		return dress, err
	}
	program := c.program(ctx, config, how.plain)
	customers.wake = func() { program.Send(tui.Changed{}) }
	scanner = &scannerPort{ctx: ctx, send: program.Send, words: config.Words}
	scanner.use(config.Settings.Scanner)
	if err := customers.serve(ctx, t.dir); err != nil {
		return err
	}
	if page := t.settings.Display.Page; page != "" {
		if err := customers.page(ctx, page); err != nil { // a counter opens without it
			go program.Send(screen.Say{Text: config.Words.Error(err), Kind: screen.Bad})
		}
	}
	if unfit != nil { // nor does a mistake in it keep a counter shut
		go program.Send(screen.Say{Text: config.Words.Error(unfit), Kind: screen.Bad})
	}
	inner := call{ctx: ctx, open: t}
	err := listen(ctx, filepath.Join(t.dir, socketName), func(asked order) outcome {
		done := carryOut(inner, asked)
		program.Send(tui.Changed{})
		return done
	})
	if err != nil {
		return err
	}
	lineDone := t.runLine(ctx, program.Send)
	_, err = program.Run()
	stop()
	<-lineDone
	if !how.plain {
		_, ordersErr := io.WriteString(c.out, bidi.TerminalOrders)
		err = cmp.Or(err, ordersErr)
	}
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && c.ctx.Err() != nil {
		return nil
	}
	return err
}

// config is what the screens are made of.
func (t *till) config(how opening, dress screen.Dress) tui.Config {
	config := tui.Config{
		Till: t.station, Words: dress.Words, Theme: dress.Theme, Printer: dress.Printer,
		Hint: how.hint, SignedIn: how.signedIn, Shop: t.roster.Shop.Name, Name: t.identity.Name, Now: time.Now, Version: version(),
		Settings: t.settings.Settings, Keep: t.keep, Save: t.saveReport, Reports: tillReports{t}, Training: how.training, Office: t.office(), Drafts: &drafts{dir: t.dir},
	}
	if how.training == nil && how.hint == "" && !how.plain {
		config.Train = t.train
	}
	if t.client != nil {
		config.Line = screenLine{t}
	}
	return config
}

// program is the cashier screen: drawn on the terminal, or as lines of words.
func (c *call) program(ctx context.Context, config tui.Config, plain bool) *tea.Program {
	if plain {
		program := tea.NewProgram(tui.NewPlain(config, c.out), tea.WithContext(ctx), tea.WithInput(nil), tea.WithoutRenderer())
		go func() {
			lines := bufio.NewScanner(c.in)
			for lines.Scan() {
				program.Send(tui.Typed(lines.Text()))
			}
			program.Send(tui.HungUp{})
		}()
		return program
	}
	scanner := tui.NewScanner()
	scanner.Configure(config.Settings.Scanner)
	program := tea.NewProgram(tui.New(config),
		tea.WithContext(ctx), tea.WithInput(c.in), tea.WithOutput(c.out),
		tea.WithFilter(scanner.Filter), tea.WithFPS(frames(config.Settings.Screen.FPS)))
	scanner.Send = program.Send
	return program
}

// screenLine is the line as the screens see it.
type screenLine struct{ till *till }

// Sync implements tui.Line.
func (l screenLine) Sync(ctx context.Context, progress func(sent, waiting, held, holders int)) error {
	return l.till.sync(ctx, func(p client.Progress) { progress(p.Sent, p.Waiting, p.Held, p.Holders) })
}

// frames returns the frame rate: what the settings ask for, at most what Bubble
// Tea draws.
func frames(asked int) int {
	if asked <= 0 {
		return 60
	}
	return min(asked, 120)
}

// runLine keeps the line going until the context ends, then closes the channel.
func (t *till) runLine(ctx context.Context, send func(tea.Msg)) <-chan struct{} {
	done := make(chan struct{})
	if t.client == nil {
		close(done)
		return done
	}
	go func() {
		defer close(done)
		version := t.roster.Version
		t.client.Watch = func(p client.Progress) {
			waiting, err := t.station.Waiting()
			if p.Held < p.Holders && err == nil {
				send(tui.Status{Online: true, Waiting: waiting, Held: p.Held, Holders: p.Holders})
			}
		}
		t.client.Run(ctx, t.kick, func(report client.Report) {
			var clockErr error
			if report.Online {
				clockErr = t.station.SetOffset(report.Offset)
			}
			returned, dueErr := t.station.ReturnLeases() // what the centre recalled goes back with the next exchange
			if returned > 0 {
				send(tui.Changed{})
			}
			roster, err := t.db.Roster()
			if err == nil && roster.Version != version {
				version = roster.Version
				send(tui.Changed{}) // other cashiers, another program
			}
			waiting, waitingErr := t.station.Waiting()
			err = errors.Join(err, waitingErr, clockErr, dueErr)
			send(tui.Status{Online: report.Online, Waiting: waiting, Err: errors.Join(report.Err, err)})
		})
	}()
	return done
}

package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/sync/client"
	"tenthcup/tui"
	"tenthcup/tui/theme"
)

type stationCmd struct {
	Dir string `help:"The till's data folder." default:"${data}" type:"path" placeholder:"DIR" env:"TENTHCUP_DIR"`
}

// Run opens the cashier screen.
func (s stationCmd) Run(c *call) error {
	if _, err := os.Stat(filepath.Join(s.Dir, identityName)); errors.Is(err, fs.ErrNotExist) {
		return pos.Refuse("setup.missing", "dir", s.Dir)
	}
	return c.withTill(s.Dir, func(t *till) error { return c.show(t, "", nil) })
}

// show runs the cashier screen on an open till until the cashier leaves it. The
// line and the socket work beside it and never make it wait.
func (c *call) show(t *till, hint string, signedIn *pos.Cashier) error {
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	look, err := theme.Named(t.settings.Screen.Theme)
	if err != nil {
		return pos.Refuse("setup.theme", "theme", t.settings.Screen.Theme)
	}
	config := tui.Config{
		Till: t.station, Words: t.words, Theme: look, Hint: hint, SignedIn: signedIn,
		Shop: t.roster.Shop.Name, Now: time.Now, Version: version(),
	}
	if t.client != nil {
		config.Line = screenLine{t}
	}
	scanner := tui.NewScanner()
	program := tea.NewProgram(tui.New(config),
		tea.WithContext(ctx), tea.WithInput(c.in), tea.WithOutput(c.out),
		tea.WithFilter(scanner.Filter), tea.WithFPS(frames(t.settings.Screen.FPS)))
	scanner.Send = program.Send
	inner := call{ctx: ctx, open: t}
	err = listen(ctx, filepath.Join(t.dir, socketName), func(asked order) outcome {
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
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && c.ctx.Err() != nil {
		return nil
	}
	return err
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

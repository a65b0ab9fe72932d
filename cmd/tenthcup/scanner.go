package main

import (
	"context"
	"sync"

	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/tui"
	"tenthcup/tui/device/scan"
	"tenthcup/tui/screen"
)

// scannerPort is the scanner of a till, if it is one that does not type: it is read
// from the time it is set until another one is, or the context ends.
type scannerPort struct {
	ctx   context.Context
	send  func(tea.Msg)
	words *assets.Printer

	mu   sync.Mutex
	set  screen.ScannerSettings
	stop context.CancelFunc // nil while none is read
}

// use reads the scanner of the settings from now on.
func (p *scannerPort) use(settings screen.ScannerSettings) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil && p.set == settings {
		return
	}
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
	p.set = settings
	scanner := scan.Scanner{Code: p.code, State: p.state}
	switch settings.Kind {
	case "serial":
		scanner.Open, scanner.Decode = scan.Serial(settings.Device, speed(settings.Baud)), scan.Lines
	case "evdev":
		scanner.Open, scanner.Decode = scan.Input(settings.Device), scan.Keys
	default:
		return
	}
	ctx, stop := context.WithCancel(p.ctx)
	p.stop = stop
	go scanner.Run(ctx)
}

func (p *scannerPort) code(text string) { p.send(tui.Scanned{Text: text}) }

// state says that the scanner has gone, or is back.
func (p *scannerPort) state(err error) {
	if err != nil {
		p.send(screen.Say{Text: p.words.Error(err), Kind: screen.Bad})
		return
	}
	p.send(screen.Say{Text: p.words.T("scanner.back"), Kind: screen.Said})
}

// speed is a serial line's in baud.
func speed(set int) int {
	if set == 0 {
		return 9600
	}
	return set
}

package tui_test

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/tui"
)

// BenchmarkView draws each page, as Bubble Tea does after every message, in English and
// in Persian, whose words are put in order.
//
// Budget: 1 ms a frame.
func BenchmarkView(b *testing.B) {
	euro, _ := pos.CurrencyOf("EUR")
	for _, language := range []string{"en", "fa"} {
		for _, page := range []struct{ name, keys string }{
			{"counter", ""},
			{"help", "?"},
			{"find", "fko"},
			{"form", "n"},
			{"menu", "m"},
			{"day end", "d"},
			{"queue", "q"},
			{"return", "r"},
			{"member", "fko\r"},
			{"deeds", "fko\rm"},
		} {
			b.Run(language+"/"+page.name, func(b *testing.B) {
				s := openShop(b, cafe, b.TempDir())
				words, err := assets.NewPrinter(language, euro, time.UTC)
				require.NoError(b, err)
				s.config.Words = words
				s.anna(3)
				m := driven{tui.New(s.config)}
				m.run(m.model.Init())
				m.send(tea.WindowSizeMsg{Width: 120, Height: 40})
				for _, key := range page.keys {
					if key == '\r' {
						m.send(tea.KeyPressMsg{Code: tea.KeyEnter})
						continue
					}
					m.send(tea.KeyPressMsg{Code: key, Text: string(key)})
				}
				b.ReportAllocs()
				for b.Loop() {
					m.model.View()
				}
			})
		}
	}
}

// driven is a model that is driven without a bubble, on whose clock no benchmark runs.
type driven struct{ model tea.Model }

func (d *driven) send(msg tea.Msg) {
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, cmd := range batch {
			d.run(cmd)
		}
		return
	}
	next, cmd := d.model.Update(msg)
	d.model = next
	d.run(cmd)
}

// run hands the model what comes of the command, unless that is a timer's.
func (d *driven) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	came := make(chan tea.Msg, 1)
	go func() { came <- cmd() }()
	select {
	case msg := <-came:
		if msg != nil {
			d.send(msg)
		}
	case <-time.After(100 * time.Millisecond):
	}
}

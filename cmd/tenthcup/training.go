package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/store"
	"tenthcup/tui"
	"tenthcup/tui/screen"
)

type trainingCmd struct {
	Shop     string `help:"Name of the shop." default:"Café Tenthcup"`
	Program  string `help:"The program to practise with; by default a café's." type:"path" placeholder:"FILE"`
	Language string `help:"Language of the screens; by default the system's."`
	Currency string `help:"ISO 4217 code." default:"EUR"`
	Theme    string `help:"Colours of the screens." placeholder:"NAME"`
	asLines
}

// Run opens a till to practise at: a shop with a server, in this process, that is
// thrown away afterwards, and a guide through a first shift.
func (t trainingCmd) Run(c *call) error {
	shop := pos.Shop{Name: t.Shop, Currency: t.Currency, Language: firstOf(t.Language, c.words.Language), Timezone: systemZone(), Area: "main", Store: "training"}
	place, err := readPlace(shop)
	if err != nil {
		return err
	}
	if c.words, err = assets.NewPrinter(shop.Language, place.currency, place.zone); err != nil {
		return err
	}
	document, err := t.document(c, place.currency)
	if err != nil {
		return err
	}
	s := sandbox{shop: shop, document: document}
	return s.open(c, func(till *till) error {
		guide := &tui.Training{Cut: func(cut bool) {
			s.cut.Store(cut)
			wake(till.kick) // so that the till notices
		}}
		for name, pupil := range map[string]*tui.Pupil{"Ann": &guide.First, "Béla": &guide.Full} {
			found, err := till.station.Find(name, 1)
			if err != nil || len(found) == 0 {
				return err
			}
			*pupil = tui.Pupil{Name: found[0].Name, Code: code.Group(found[0].Code())}
		}
		till.settings.Settings.Screen = screen.ScreenSettings{Theme: t.Theme}
		return c.show(till, opening{plain: t.Plain, signedIn: &demoCashier, training: guide})
	})
}

// document returns the program to practise with: the one that was named, if it has a
// punch card with a reward, which is what the guide is about, else a café's.
func (t trainingCmd) document(c *call, currency pos.Currency) ([]byte, error) {
	if t.Program != "" {
		document, err := os.ReadFile(t.Program)
		if err != nil {
			return nil, store.Explain(err)
		}
		program, err := pos.ParseProgram(document, currency)
		if err == nil && len(program.Cards) > 0 && program.Cards[0].Size > 1 && slices.ContainsFunc(program.Rewards, func(r pos.RewardRule) bool { return r.Card == program.Cards[0].ID }) {
			return document, nil
		}
	}
	return assets.Preset("cafe", c.words)
}

// train returns the program in which a cashier of this till practises, with its
// program, language and colours, and without its data.
func (t *till) train() (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"training", "--shop", t.roster.Shop.Name, "--language", t.words.Language, "--currency", t.roster.Shop.Currency, "--theme", t.settings.Screen.Theme}
	now := t.station.Now().UnixMilli()
	if documents := t.roster.DecidingAt(now); len(documents) > 0 {
		name := filepath.Join(t.dir, "training.toml")
		if err := writeFile(name, documents[0], 0o600); err != nil {
			return nil, err
		}
		args = append(args, "--program", name)
	}
	return exec.Command(self, args...), nil
}

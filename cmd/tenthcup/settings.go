package main

import (
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/tui/screen"
	"tenthcup/tui/theme"
)

// settings are what a person may set about one till.
type settings struct {
	Shop shopSettings `toml:"shop"`
	screen.Settings
}

// shopSettings describe the shop of a till without a server; an enrolled till
// gets them from the server.
type shopSettings struct {
	Name     string `toml:"name,omitempty"`
	Currency string `toml:"currency,omitempty"`
	Language string `toml:"language,omitempty"`
	Timezone string `toml:"timezone,omitempty"`
	Country  string `toml:"country,omitempty"`
}

// screenHelp is what a new settings file says about the screen.
const screenHelp = `
# How this till looks; the station reads it when it starts, and its settings page
# writes it.
[screen]
# theme = "dark"     # "dark", "light", "contrast", "console", or a file: "theme.toml"; left out: what suits the terminal
# language = "en"    # instead of the shop's
# fps = 60           # frames a second, up to 120
`

// keep puts the settings that a person changed on the screen into the settings
// file, and leaves what the file says about the shop as it is.
func (t *till) keep(next screen.Settings) error {
	own := t.settings
	own.Settings = next
	document, err := toml.Marshal(own)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(t.dir, settingsName), document, 0o644); err != nil {
		return err
	}
	t.settings = own
	return nil
}

// dress returns what the settings come to on this till. With a mistake in the theme
// it returns that, and the rest with the usual theme.
func (t *till) dress(s screen.Settings) (screen.Dress, error) {
	look, unfit := t.look(s.Screen.Theme)
	if unfit != nil {
		look, _ = t.look("")
	}
	place, err := readPlace(t.roster.Shop)
	if err != nil {
		return screen.Dress{}, err
	}
	words, err := assets.NewPrinter(firstOf(s.Screen.Language, t.roster.Shop.Language, "en"), place.currency, place.zone)
	if err != nil {
		return screen.Dress{}, err
	}
	return screen.Dress{Theme: look, Words: words, Printer: newPrinter(s.Printer)}, unfit
}

// look returns the theme with the name, or of the file in the till's folder. On the
// Linux console, which has sixteen colours and few signs, the usual one is made for it.
func (t *till) look(name string) (theme.Theme, error) {
	if filepath.Ext(name) != ".toml" {
		if name == "" && os.Getenv("TERM") == "linux" {
			return theme.Console(), nil
		}
		return theme.Named(name)
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.dir, name)
	}
	document, err := os.ReadFile(name)
	if err != nil {
		return theme.Theme{}, pos.Refuse("theme.file", "file", name, "reason", store.Explain(err))
	}
	look, err := theme.Parse(document)
	if err != nil {
		return theme.Theme{}, pos.Refuse("setup.document", "file", name, "mistake", err)
	}
	return look, nil
}

package theme

import (
	"image/color"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"tenthcup/pos"
)

// The most that a shop's logo may take, in lines and cells.
const (
	maxLogoLines = 6
	maxLogoWidth = 56
)

// document is a theme file: a theme to begin with, and what is different.
type document struct {
	Base    string  `toml:"base"` // "dark", "light", "contrast" or "console"; "" is dark
	Logo    string  `toml:"logo"` // lines of text
	Stamp   string  `toml:"stamp"`
	Colours colours `toml:"colours"`
}

// colours are a theme's, by meaning. One that is left out is the base's.
type colours struct {
	Muted  colour `toml:"muted"`
	Faint  colour `toml:"faint"`
	Accent colour `toml:"accent"`
	Good   colour `toml:"good"`
	Bad    colour `toml:"bad"`
	Warn   colour `toml:"warn"`
}

// colour is written "#e9a23b", or as one of the terminal's own: "0" to "255".
type colour struct{ color.Color }

// UnmarshalTOML refuses what is no colour.
func (c *colour) UnmarshalTOML(value []byte) error {
	written := strings.Trim(string(value), `"'`)
	hex, ok := strings.CutPrefix(written, "#")
	if _, err := strconv.ParseUint(hex, 16, 24); ok && err == nil && len(hex) == 6 {
		c.Color = lipgloss.Color(written)
		return nil
	}
	if n, err := strconv.ParseUint(written, 10, 8); err == nil && strconv.FormatUint(n, 10) == written {
		c.Color = lipgloss.Color(written)
		return nil
	}
	return pos.Refuse("theme.colour", "text", written)
}

// Parse reads a shop's own theme, a TOML file. Its errors are *pos.DocumentError,
// with the line, and the problem theme.unknown for the base.
func Parse(text []byte) (Theme, error) {
	var d document
	if err := pos.DecodeTOML(text, &d); err != nil {
		return Theme{}, err
	}
	base := d.Base
	if base == "" {
		base = "dark"
	}
	t, err := Named(base)
	if err != nil {
		return Theme{}, err
	}
	if d.Stamp != "" && ansi.StringWidth(d.Stamp) > 2 {
		return Theme{}, pos.Refuse("theme.stamp", "text", d.Stamp)
	}
	if t.Logo, err = logo(d.Logo); err != nil {
		return Theme{}, err
	}
	t.Stamp = d.Stamp
	d.Colours.paint(&t)
	return t, nil
}

// logo returns the lines of the text, without the blank ones around them.
func logo(text string) ([]string, error) {
	text = strings.Trim(text, "\n")
	if text == "" {
		return nil, nil
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(ansi.Strip(line), " \r\t")
		if strings.ContainsFunc(lines[i], func(r rune) bool { return r < ' ' }) || ansi.StringWidth(lines[i]) > maxLogoWidth || len(lines) > maxLogoLines {
			return nil, pos.Refuse("theme.logo", "lines", maxLogoLines, "width", maxLogoWidth)
		}
	}
	return lines, nil
}

// paint puts the colours into the theme.
func (c colours) paint(t *Theme) {
	for _, one := range []struct {
		colour colour
		inks   []*Ink
	}{
		{c.Muted, []*Ink{&t.Muted}},
		{c.Faint, []*Ink{&t.Faint}},
		{c.Accent, []*Ink{&t.Accent, &t.Title, &t.Chosen}},
		{c.Good, []*Ink{&t.Good}},
		{c.Bad, []*Ink{&t.Bad, &t.Alarm}},
		{c.Warn, []*Ink{&t.Warn}},
	} {
		for _, ink := range one.inks {
			if one.colour.Color != nil {
				ink.style = ink.style.Foreground(one.colour.Color)
			}
		}
	}
}

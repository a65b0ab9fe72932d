// Package theme holds the colours of the screens, by meaning.
//
// Colour never carries a meaning alone: what is chosen is also marked and
// reversed, what is wrong also has a sign, a stamp is also filled. So every
// theme stays readable where colours are taken away (NO_COLOR).
package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"

	"tenthcup/pos"
)

// Ink paints text. The zero Ink leaves it as it is.
type Ink struct{ style lipgloss.Style }

// Paint returns the text in the ink. The text must hold no escape sequences and
// no line ends. Of nothing it makes nothing.
func (i Ink) Paint(text string) string {
	if text == "" {
		return ""
	}
	return i.style.Render(text)
}

// Color returns the ink's colour, for what paints by itself.
func (i Ink) Color() color.Color { return i.style.GetForeground() }

// Theme is a set of inks by meaning. It is a value and may be copied.
type Theme struct {
	Auto bool // chosen by nobody: the terminal's background may still decide

	Strong Ink // what is read first: names, numbers
	Muted  Ink // labels and what is only looked at now and then
	Faint  Ink // rules, frames, stamps still to come
	Accent Ink // the one colour: stamps, keys, what is chosen
	Title  Ink // the accent, for what is called out
	Good   Ink // done
	Bad    Ink // refused or broken
	Warn   Ink // goes on, but not as it should
	Alarm  Ink // the banner over a till that books nothing
	Chosen Ink // the chosen row of a list

	Logo  []string // the shop's, in lines; nil for none
	Stamp string   // on punch cards whose program names none; "" is a disc
	Bare  bool     // the terminal has few signs: see Spell
}

// Dark is for light text on a dark background.
func Dark() Theme {
	return build(palette{muted: lipgloss.Color("#98a0aa"), faint: lipgloss.Color("#4d545e"), accent: lipgloss.Color("#e9a23b"), good: lipgloss.Color("#8cc07a"), bad: lipgloss.Color("#f2776c"), warn: lipgloss.Color("#f0d264")})
}

// Light is for dark text on a light background.
func Light() Theme {
	return build(palette{muted: lipgloss.Color("#5c646e"), faint: lipgloss.Color("#b4bac2"), accent: lipgloss.Color("#a25400"), good: lipgloss.Color("#2c7a34"), bad: lipgloss.Color("#b4231a"), warn: lipgloss.Color("#7a5c00")})
}

// Console is for the Linux console: its sixteen colours, and few signs.
func Console() Theme {
	t := build(palette{muted: lipgloss.White, faint: lipgloss.BrightBlack, accent: lipgloss.Yellow, good: lipgloss.Green, bad: lipgloss.BrightRed, warn: lipgloss.BrightYellow})
	t.Bare = true
	return t
}

// Contrast uses the sixteen named colours, which follow the terminal's own
// palette, and nothing dimmer than its text.
func Contrast() Theme {
	return build(palette{accent: lipgloss.BrightYellow, good: lipgloss.BrightGreen, bad: lipgloss.BrightRed, warn: lipgloss.BrightYellow})
}

// Named returns the theme that a settings file names: "dark", "light",
// "contrast", "console" for the sixteen colours of a bare Linux console, or "auto"
// and "" for the one that the terminal's background suggests. Any other name is the
// problem theme.unknown; a shop's own theme is read by Parse.
func Named(name string) (Theme, error) {
	switch name {
	case "", "auto":
		t := Dark()
		t.Auto = true
		return t, nil
	case "dark":
		return Dark(), nil
	case "light":
		return Light(), nil
	case "contrast":
		return Contrast(), nil
	case "console":
		return Console(), nil
	}
	return Theme{}, pos.Refuse("theme.unknown", "theme", name, "themes", Names())
}

// Names returns the names that Named knows, the usual one first.
func Names() []string { return []string{"auto", "dark", "light", "contrast", "console"} }

// palette is what a theme is made of; a nil colour is the terminal's own.
type palette struct{ muted, faint, accent, good, bad, warn color.Color }

func build(p palette) Theme {
	plain, strong := lipgloss.NewStyle(), lipgloss.NewStyle().Bold(true)
	return Theme{
		Strong: Ink{strong},
		Muted:  Ink{plain.Foreground(p.muted)},
		Faint:  Ink{plain.Foreground(p.faint)},
		Accent: Ink{plain.Foreground(p.accent)},
		Title:  Ink{strong.Foreground(p.accent)},
		Good:   Ink{strong.Foreground(p.good)},
		Bad:    Ink{strong.Foreground(p.bad)},
		Warn:   Ink{strong.Foreground(p.warn)},
		Alarm:  Ink{strong.Reverse(true).Foreground(p.bad)},
		Chosen: Ink{strong.Reverse(true).Foreground(p.accent)},
	}
}

// Package theme holds the colours of the screens, by meaning.
//
// Colour never carries a meaning alone: what is chosen is also marked and
// reversed, what is wrong also has a sign, a stamp is also filled. So every
// theme stays readable where colours are taken away (NO_COLOR).
package theme

import (
	"fmt"
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// Ink paints text. The zero Ink leaves it as it is.
type Ink struct{ open string }

// Paint returns the text in the ink. The text must hold no escape sequences and
// no line ends.
func (i Ink) Paint(text string) string {
	if i.open == "" || text == "" {
		return text
	}
	return i.open + text + ansi.ResetStyle
}

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
	Chosen Ink // the chosen row of a list
}

// Dark is for light text on a dark background.
func Dark() Theme {
	return build(palette{muted: rgb(0x98a0aa), faint: rgb(0x4d545e), accent: rgb(0xe9a23b), good: rgb(0x8cc07a), bad: rgb(0xf2776c)})
}

// Light is for dark text on a light background.
func Light() Theme {
	return build(palette{muted: rgb(0x5c646e), faint: rgb(0xb4bac2), accent: rgb(0xa25400), good: rgb(0x2c7a34), bad: rgb(0xb4231a)})
}

// Contrast uses the sixteen named colours, which follow the terminal's own
// palette, and nothing dimmer than its text.
func Contrast() Theme {
	return build(palette{accent: ansi.BrightYellow, good: ansi.BrightGreen, bad: ansi.BrightRed})
}

// Named returns the theme that a settings file names: "dark", "light",
// "contrast", or "auto" and "" for the one that the terminal's background
// suggests.
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
	}
	return Theme{}, fmt.Errorf("there is no theme %q", name)
}

// palette is what a theme is made of; a nil colour is the terminal's own.
type palette struct{ muted, faint, accent, good, bad color.Color }

func build(p palette) Theme {
	return Theme{
		Strong: ink(nil, true),
		Muted:  ink(p.muted, false),
		Faint:  ink(p.faint, false),
		Accent: ink(p.accent, false),
		Title:  ink(p.accent, true),
		Good:   ink(p.good, true),
		Bad:    ink(p.bad, true),
		Chosen: Ink{ansi.NewStyle().Bold().Reverse(true).ForegroundColor(p.accent).String()},
	}
}

func ink(c color.Color, bold bool) Ink {
	if c == nil && !bold {
		return Ink{}
	}
	style := ansi.NewStyle()
	if bold {
		style = style.Bold()
	}
	if c != nil {
		style = style.ForegroundColor(c)
	}
	return Ink{style.String()}
}

func rgb(hex uint32) color.Color {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

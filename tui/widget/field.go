package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// maxTyped is how much a field takes, in bytes: more than anything it is for, so
// that what a scanner typed into it can always be taken back whole.
const maxTyped = 1024

// Field is one line of text that is being typed. The zero Field is empty. It is
// a value: its methods return the changed field.
//
// It is our own because the textinput of bubbles counts code points: its cursor
// stands beside a name with wide letters or combining marks, half a letter can be
// deleted, and copies of it share what was typed.
type Field struct {
	before, after string // of the cursor, each NFC
	Secret        bool   // shown as dots
}

// NewField returns a field with the text in it and the cursor behind it.
func NewField(text string) Field { return Field{before: norm.NFC.String(text)} }

// Value returns what was typed.
func (f Field) Value() string { return norm.NFC.String(f.before + f.after) }

// Empty reports whether there is nothing in the field.
func (f Field) Empty() bool { return f.before == "" && f.after == "" }

// Type returns the field with the text put in at the cursor. Line ends become
// blanks, other control characters are left out.
func (f Field) Type(text string) Field {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
	if len(f.before)+len(f.after)+len(text) <= maxTyped {
		f.before = norm.NFC.String(f.before + text)
	}
	return f
}

// Press returns the field after the key, and whether the key meant anything to it.
func (f Field) Press(key tea.KeyPressMsg) (Field, bool) {
	if key.Text != "" {
		return f.Type(key.Text), true
	}
	switch key.String() {
	case "backspace", "ctrl+h":
		f.before = f.before[:len(f.before)-len(lastCluster(f.before))]
	case "delete":
		f.after = f.after[len(firstCluster(f.after)):]
	case "left":
		last := lastCluster(f.before)
		f.before, f.after = f.before[:len(f.before)-len(last)], last+f.after
	case "right":
		first := firstCluster(f.after)
		f.before, f.after = f.before+first, f.after[len(first):]
	case "home", "ctrl+a":
		f.before, f.after = "", f.before+f.after
	case "end", "ctrl+e":
		f.before, f.after = f.before+f.after, ""
	case "ctrl+u":
		f.before = ""
	case "ctrl+w":
		kept := strings.TrimRight(f.before, " ")
		f.before = kept[:strings.LastIndex(kept, " ")+1]
	default:
		return f, false
	}
	return f, true
}

// TakeBack returns the field without the last n characters before the cursor.
func (f Field) TakeBack(n int) Field {
	for ; n > 0 && f.before != ""; n-- {
		_, size := utf8.DecodeLastRuneInString(f.before)
		f.before = f.before[:len(f.before)-size]
	}
	return f
}

// View returns exactly width cells of the field and the cell of the cursor. A
// text that is too wide scrolls so that the cursor stays in sight.
func (f Field) View(width int) (text string, cursor int) {
	if width <= 1 {
		return Space(width), 0
	}
	before, after := f.before, f.after
	if f.Secret {
		before, after = dots(before), dots(after)
	}
	if Width(before) > width-1 {
		for Width(before) > width-2 {
			before = before[len(firstCluster(before)):]
		}
		before = ellipsis + before
	}
	cursor = Width(before)
	if before+after == "" {
		return Space(width), 0
	}
	return Left(before+after, width), cursor
}

func dots(text string) string { return strings.Repeat("•", utf8.RuneCountInString(text)) }

func firstCluster(text string) string {
	if text == "" {
		return ""
	}
	cluster, _ := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
	return cluster
}

func lastCluster(text string) string {
	last := ""
	for text != "" {
		last = firstCluster(text)
		text = text[len(last):]
	}
	return last
}

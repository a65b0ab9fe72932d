package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/widget"
)

// sheet is a column of fields to be filled in, as forms have it. The zero sheet
// has none. It is a value: its methods return the changed sheet.
type sheet struct {
	blanks []blank
	at     int
}

// blank is one field of a sheet: typed, or chosen among options.
type blank struct {
	name    string // in words, as it stands before the field
	field   widget.Field
	options []string // in words; none: the field is typed
	chosen  int      // of the options
	digits  bool     // only a number is typed, so that a scan never is
	note    string   // in words, shown while the cursor is in the field, or ""
}

// value returns what was typed, without blanks around it.
func (b blank) value() string { return strings.TrimSpace(b.field.Value()) }

// takes says what becomes of letters and digits now.
func (s sheet) takes() Takes {
	if len(s.blanks) > 0 && len(s.blanks[s.at].options) == 0 {
		if s.blanks[s.at].digits {
			return TakesDigits
		}
		return TakesText
	}
	return TakesKeys
}

// last reports whether the cursor is in the last field.
func (s sheet) last() bool { return s.at == len(s.blanks)-1 }

func (s sheet) move(by int) sheet {
	n := len(s.blanks)
	s.at = (s.at + by + n) % n
	return s
}

// press handles a key of the form, and reports whether it meant anything to it.
// Enter and Esc are the page's.
func (s sheet) press(msg tea.KeyPressMsg) (sheet, bool) {
	if len(s.blanks) == 0 {
		return s, false
	}
	switch Key(msg) {
	case "up", "shift+tab":
		return s.move(-1), true
	case "down", "tab":
		return s.move(1), true
	}
	b := s.blanks[s.at]
	if n := len(b.options); n > 0 {
		switch Key(msg) {
		case "left":
			b.chosen = (b.chosen + n - 1) % n
		case "right", "space":
			b.chosen = (b.chosen + 1) % n
		default:
			return s, false
		}
		return s.with(b), true
	}
	field, ok := b.field.Press(msg)
	b.field = field
	return s.with(b), ok
}

// paste types the text into the field of the cursor.
func (s sheet) paste(text string) sheet {
	if len(s.blanks) == 0 {
		return s
	}
	b := s.blanks[s.at]
	b.field = b.field.Type(text)
	return s.with(b)
}

// takeBack takes back the last characters typed, which came from a scanner.
func (s sheet) takeBack(typed int) sheet {
	if len(s.blanks) == 0 {
		return s
	}
	b := s.blanks[s.at]
	b.field = b.field.TakeBack(typed)
	return s.with(b)
}

// picked goes to the field that was clicked; a click on options chooses the next.
func (s sheet) picked(msg Picked) sheet {
	if msg.Row < 0 || msg.Row >= len(s.blanks) {
		return s
	}
	if b := s.blanks[msg.Row]; s.at == msg.Row && len(b.options) > 0 {
		b.chosen = (b.chosen + 1) % len(b.options)
		return s.with(b)
	}
	s.at = msg.Row
	return s
}

// with returns the sheet with another field at the cursor.
func (s sheet) with(b blank) sheet {
	blanks := append([]blank(nil), s.blanks...)
	blanks[s.at] = b
	s.blanks = blanks
	return s
}

// add draws the fields that there is room for into the view, the one of the
// cursor among them. shown says whether the cursor is to be seen.
func (s sheet) add(d *Desk, v *View, box box, shown bool) {
	label := 0
	for _, b := range s.blanks {
		label = max(label, widget.Width(b.name))
	}
	label = min(label, box.width/2)
	room := max(box.width-label-4, 1)
	first, last := rows{s.at, len(s.blanks)}.window(box.height - 2)
	left := widget.Space(box.left)
	for i := first; i < last; i++ {
		b, mark, ink := s.blanks[i], "  ", d.Theme.Muted
		v.Clicks = append(v.Clicks, Click{X: box.left, Y: len(v.Lines), Width: box.width, Do: Picked{i}})
		text, cursor := b.view(d, room, i == s.at)
		if i == s.at {
			mark, ink = d.Theme.Accent.Paint("▸ "), d.Theme.Strong
			v.Cursor, v.X, v.Y = shown && len(b.options) == 0, box.left+2+label+2+cursor, len(v.Lines)
		}
		v.Lines = append(v.Lines, left+mark+ink.Paint(widget.Left(b.name, label))+"  "+text)
	}
	note := ""
	if len(s.blanks) > 0 {
		note = s.blanks[s.at].note
	}
	v.Lines = append(v.Lines, "", left+d.Theme.Muted.Paint(widget.Cut("  "+note, box.width)))
}

func (b blank) view(d *Desk, room int, here bool) (text string, cursor int) {
	if len(b.options) == 0 {
		text, cursor = b.field.View(room - 2)
		if strings.TrimSpace(text) == "" {
			text = d.Theme.Faint.Paint(strings.Repeat("_", max(room-2, 0)))
		}
		return "  " + text, cursor + 2
	}
	chosen := widget.Cut(b.options[b.chosen], room-4)
	if here {
		return d.Theme.Title.Paint("‹ " + chosen + " ›"), 0
	}
	return "  " + chosen, 0
}

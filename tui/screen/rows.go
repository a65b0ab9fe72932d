package screen

import (
	"github.com/charmbracelet/x/ansi"

	"tenthcup/tui/widget"
)

// rows is a list of which one row is chosen. The zero rows has none; n is set by
// whoever knows how many there are.
type rows struct{ at, n int }

// sized returns the list with n rows, the chosen one kept if it is still there.
func (r rows) sized(n int) rows { return rows{min(r.at, max(n-1, 0)), n} }

// press moves the choice, and reports whether the key is one that does.
func (r rows) press(key string) (rows, bool) {
	if r.n == 0 {
		return r, false
	}
	switch key {
	case "up", "shift+tab":
		r.at = (r.at + r.n - 1) % r.n
	case "down", "tab":
		r.at = (r.at + 1) % r.n
	case "pgup":
		r.at = max(r.at-10, 0)
	case "pgdown":
		r.at = min(r.at+10, r.n-1)
	case "home":
		r.at = 0
	case "end":
		r.at = r.n - 1
	default:
		return r, false
	}
	return r, true
}

// picked chooses the row that was clicked, and reports whether it was chosen
// already: a click on the chosen row opens it, as Enter does.
func (r rows) picked(msg Picked) (rows, bool) {
	if msg.Row < 0 || msg.Row >= r.n {
		return r, false
	}
	open := r.at == msg.Row
	r.at = msg.Row
	return r, open
}

// window returns the rows that are shown where there is room for so many: from
// first to before last, the chosen one among them.
func (r rows) window(room int) (first, last int) {
	room = max(room, 1)
	first = max(0, min(r.at-room/2, r.n-room))
	return first, min(first+room, r.n)
}

// add puts the rows that there is room for into the view, at column left in width
// cells each: those of text, marked where they are chosen, and clickable.
func (r rows) add(d *Desk, v *View, box box, text func(row int) string) {
	first, last := r.window(box.height)
	for i := first; i < last; i++ {
		v.Clicks = append(v.Clicks, Click{X: box.left, Y: len(v.Lines), Width: box.width, Do: Picked{i}})
		line := widget.Left(text(i), box.width-2)
		if i == r.at {
			line = d.Theme.Chosen.Paint("▸ " + ansi.Strip(line))
		} else {
			line = "  " + line
		}
		v.Lines = append(v.Lines, widget.Space(box.left)+line)
	}
}

// box is where on the page something goes.
type box struct{ left, width, height int }

package widget

import (
	"strings"

	"charm.land/lipgloss/v2"

	"tenthcup/tui/theme"
)

// Hint says what a key does.
type Hint struct {
	Key  string // as it is printed on the keyboard
	Word string // what it does
}

// Place is where a hint stands in a footer, in cells.
type Place struct{ Line, X, Width int }

// Footer returns the hints in as few lines as hold them all, in one if setting
// them closer together is enough.
func Footer(t theme.Theme, hints []Hint, width int) []string {
	lines := make([]string, 0, 2)
	line, used := "", 0
	for i, place := range Places(hints, width) {
		if place.Line > len(lines) {
			lines = append(lines, line)
			line, used = "", 0
		}
		h := hints[i]
		line += Space(place.X-used) + t.Title.Paint(h.Key) + " " + t.Muted.Paint(Cut(h.Word, width-Width(h.Key)-1))
		used = place.X + place.Width
	}
	if used > 0 {
		lines = append(lines, line)
	}
	return lines
}

// Places returns where Footer puts each hint.
func Places(hints []Hint, width int) []Place {
	places := placed(hints, width, 3)
	if len(places) > 0 && places[len(places)-1].Line > 0 {
		places = placed(hints, width, 2)
	}
	return places
}

func placed(hints []Hint, width, gap int) []Place {
	places := make([]Place, len(hints))
	line, used := 0, 0
	for i, h := range hints {
		wide := Width(h.Key) + 1 + Width(h.Word)
		if used > 0 && used+gap+wide > width {
			line, used = line+1, 0
		}
		if used > 0 {
			used += gap
		}
		places[i] = Place{line, used, min(wide, width)}
		used += wide
	}
	return places
}

// Frame is a frame with round corners, with a title at the left of its upper
// edge and a note at the right.
type Frame struct{ Title, Note string }

// Around returns the lines in the frame, which is exactly width cells wide, or
// nil where there is no room for one.
func (f Frame) Around(t theme.Theme, lines []string, width int) []string {
	inner := width - 2
	if inner < 4 {
		return nil
	}
	framed := make([]string, 0, len(lines)+2)
	framed = append(framed, f.top(t, inner))
	border := lipgloss.RoundedBorder()
	edge := t.Faint.Paint(border.Left)
	for _, line := range lines {
		framed = append(framed, edge+Left(line, inner)+edge)
	}
	return append(framed, t.Faint.Paint(border.BottomLeft+strings.Repeat(border.Bottom, inner)+border.BottomRight))
}

func (f Frame) top(t theme.Theme, inner int) string {
	title, note := f.Title, f.Note
	if note != "" {
		note = " " + Cut(note, inner-4) + " "
	}
	if room := inner - 3 - Width(note); title != "" && room > 2 {
		title = " " + Cut(title, room-2) + " "
	} else {
		title = ""
	}
	dashes := inner - 1 - Width(title) - Width(note)
	end := 0
	if note != "" && dashes > 0 {
		dashes, end = dashes-1, 1
	}
	border := lipgloss.RoundedBorder()
	return t.Faint.Paint(border.TopLeft+border.Top) + t.Strong.Paint(title) + t.Faint.Paint(strings.Repeat(border.Top, max(dashes, 0))) +
		t.Accent.Paint(note) + t.Faint.Paint(strings.Repeat(border.Top, end)+border.TopRight)
}

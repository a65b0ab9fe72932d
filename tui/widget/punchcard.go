package widget

import (
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/tui/theme"
)

// plainStamp is the stamp of a program that names none. It is drawn as a disc;
// any other stamp is drawn as the character it is.
const plainStamp = "●"

// stamps is one way to draw the places of a card.
type stamps struct {
	filled, empty []string // lines of one place, of equal width
	gapX, gapY    int
}

// PunchCard returns the places of a card, filled as far as the member has come,
// in lines of exactly width cells and at most height of them. The last place is
// marked: that one is the reward. It returns nil where there is no room at all.
func PunchCard(t theme.Theme, card rules.PunchCard, width, height int) []string {
	if t.Stamp != "" && (card.Card.Stamp == "" || card.Card.Stamp == plainStamp) {
		card.Card.Stamp = t.Stamp
	}
	for _, form := range formsOf(card.Card) {
		if perRow, ok := form.fit(card.Card.Size, width, height); ok {
			return form.draw(t, card, perRow, width)
		}
	}
	return nil
}

// formsOf returns the ways to draw the card, the most generous first.
func formsOf(card pos.Card) []stamps {
	glyph, hollow := card.Stamp, "○"
	wide := Width(glyph)
	if wide < 1 || wide > 2 {
		glyph, wide = plainStamp, 1
	}
	hollow += Space(wide - 1)
	large := stamps{[]string{glyph}, []string{hollow}, 3, 1}
	small, tight, dense := large, large, large
	small.gapX = 2
	tight.gapX, tight.gapY = 1, 0
	dense.gapX, dense.gapY = 0, 0
	if glyph != plainStamp {
		return []stamps{large, small, tight, dense}
	}
	disc := stamps{[]string{"▟██▙", "▜██▛"}, []string{"▞▀▀▚", "▚▄▄▞"}, 2, 1}
	narrow := disc
	narrow.gapX = 1
	return []stamps{disc, narrow, small, tight, dense}
}

// fit returns how many places go in a row: as people know it from paper where
// the room allows, else as many as needed.
func (s stamps) fit(size int64, width, height int) (perRow int, ok bool) {
	most := (width + s.gapX) / (Width(s.filled[0]) + s.gapX)
	rows := (height + s.gapY) / (len(s.filled) + s.gapY)
	if most < 1 || rows < 1 || int64(most)*int64(rows) < size {
		return 0, false
	}
	perRow = 10
	switch {
	case size <= 5:
		perRow = int(size)
	case size <= 12:
		perRow = int(size+1) / 2
	}
	least := (int(size) + rows - 1) / rows
	return min(max(perRow, least), most), true
}

func (s stamps) draw(t theme.Theme, card rules.PunchCard, perRow, width int) []string {
	var lines []string
	size := int(card.Card.Size)
	indent := (width - perRow*(Width(s.filled[0])+s.gapX) + s.gapX) / 2
	for first := 0; first < size; first += perRow {
		if first > 0 {
			for range s.gapY {
				lines = append(lines, Space(width))
			}
		}
		for line := range s.filled {
			lines = append(lines, Left(Space(indent)+s.row(t, card, line, span{first, min(first+perRow, size)}), width))
		}
	}
	return lines
}

// span is the places of one row: from the first to before the last.
type span struct{ first, last int }

// row draws one line of a row of places.
func (s stamps) row(t theme.Theme, card rules.PunchCard, line int, places span) string {
	gap := Space(s.gapX)
	part := func(text string, from, to int) string {
		if from >= to {
			return ""
		}
		return strings.TrimSuffix(strings.Repeat(text+gap, to-from), gap)
	}
	have := min(max(int(card.Stamps), places.first), places.last)
	end := places.last
	reward := ""
	if end == int(card.Card.Size) && have < end {
		end, reward = end-1, t.Accent.Paint(s.empty[line])
	}
	parts := make([]string, 0, 3)
	for _, p := range []string{
		t.Accent.Paint(part(s.filled[line], places.first, have)),
		t.Faint.Paint(part(s.empty[line], have, end)),
		reward,
	} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, gap)
}

package bidi

import (
	"strings"
	"unicode/utf8"
)

// Signs that say something about joining and are not seen.
const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
	tatweel   = '\u0640' // joins on both sides and has one shape
	lam       = '\u0644'
)

// ligature returns lam and the alef in one sign, as it stands alone; the sign
// after it is the one for the end of a word.
func ligature(alef rune) (sign rune, ok bool) {
	switch alef {
	case '\u0622':
		return '\ufef5', true
	case '\u0623':
		return '\ufef7', true
	case '\u0625':
		return '\ufef9', true
	case '\u0627':
		return '\ufefb', true
	}
	return 0, false
}

// shape joins the letters of cells in the order in which they are read: each gets
// the shape that its neighbours ask for. Lam and alef become one cell.
func shape(cells []cell) []cell {
	shaped := make([]cell, 0, len(cells))
	joined := false // the letter before reaches out to the next
	for i := 0; i < len(cells); i++ {
		c := cells[i]
		r, size := utf8.DecodeRuneInString(c.text)
		shapes, arabic := forms[r]
		if !arabic {
			joined = r == tatweel || strings.HasSuffix(c.text, string(joiner))
			shaped = append(shaped, c.bare())
			continue
		}
		marks := c.text[size:]
		if r == lam && i+1 < len(cells) && !strings.ContainsRune(marks, nonJoiner) {
			alef, alefSize := utf8.DecodeRuneInString(cells[i+1].text)
			if sign, ok := ligature(alef); ok {
				if joined {
					sign++
				}
				c.text = string(sign) + marks + cells[i+1].text[alefSize:]
				shaped, joined = append(shaped, c.bare()), false
				i++
				continue
			}
		}
		on := utf8.RuneCountInString(shapes) == 4 && reaches(marks, cells[i+1:])
		c.text = shapeOf(shapes, joined, on) + marks
		joined = on
		shaped = append(shaped, c.bare())
	}
	return shaped
}

// reaches reports whether a letter with these marks joins what follows it.
func reaches(marks string, following []cell) bool {
	if strings.ContainsRune(marks, nonJoiner) {
		return false
	}
	if strings.ContainsRune(marks, joiner) {
		return true
	}
	if len(following) == 0 {
		return false
	}
	next, _ := utf8.DecodeRuneInString(following[0].text)
	return next == tatweel || utf8.RuneCountInString(forms[next]) > 1
}

// shapeOf returns the shape of a letter that is joined to the one before it, the
// one after it, both or neither.
func shapeOf(shapes string, before, after bool) string {
	place := 0
	switch {
	case before && after:
		place = 3
	case after:
		place = 2
	case before:
		place = 1
	}
	for i, r := range shapes {
		if place == 0 || i+utf8.RuneLen(r) == len(shapes) {
			return string(r) // hamza has but one shape
		}
		place--
	}
	return shapes
}

// bare returns the cell without the signs that only say how to join.
func (c cell) bare() cell {
	if strings.ContainsAny(c.text, "\u200c\u200d") && c.class == right {
		c.text = strings.NewReplacer("\u200c", "", "\u200d", "").Replace(c.text)
	}
	return c
}

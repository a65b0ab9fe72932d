package bidi

import "strings"

// phrase is a run of cells that are read in one direction.
type phrase struct {
	cells []cell
	turn  bool // from right to left
}

// phrases splits a field. Where the page is read from right to left, the phrases
// that keep their order are Latin words with what stands between them, codes,
// amounts and numbers. Where it is read from left to right, those that are turned
// are of Arabic or Hebrew letters, up to the last of them: a figure behind a name
// is not drawn into it.
func phrases(field []cell, rtl bool) []phrase {
	var list []phrase
	from := 0
	cut := func(start, end int) {
		if start > from {
			list = append(list, phrase{field[from:start], rtl})
		}
		list = append(list, phrase{field[start:end], !rtl})
		from = end
	}
	for i := 0; i < len(field); {
		end := i
		switch c := field[i].class; {
		case rtl && (c == left || c == digit):
			end = reach(field, i, func(c class) bool { return c == left || c == digit }, func(c class) bool { return c == right || c == number })
		case rtl && c == number:
			end = figures(field, i)
		case !rtl && c == right:
			end = reach(field, i, func(c class) bool { return c == right || c == number }, func(c class) bool { return c == left })
		}
		if end == i {
			i++
			continue
		}
		start, end := around(field, span{from, i, end}, rtl)
		cut(start, end)
		i = end
	}
	if from < len(field) {
		list = append(list, phrase{field[from:], rtl})
	}
	return list
}

// reach returns the place behind the last cell of the kind, before the first that
// ends the phrase. A word in another style is another phrase: what a key does is
// none with the key.
func reach(field []cell, i int, kind, ends func(class) bool) int {
	last, parted := i, false
	for ; i < len(field) && !ends(field[i].class); i++ {
		parted = parted || field[i].class == blank
		if !kind(field[i].class) {
			continue
		}
		if parted && field[i].style != field[last].style {
			break
		}
		last, parted = i, false
	}
	return last + 1
}

// figures returns the place behind a number in Persian digits: one separator at a
// time may stand between them.
func figures(field []cell, i int) int {
	for i < len(field) {
		switch {
		case field[i].class == number:
			i++
		case i+1 < len(field) && field[i+1].class == number && strings.Contains(".,/:", field[i].text):
			i += 2
		default:
			return i
		}
	}
	return i
}

// span is a phrase from first to before last; what stands before least belongs to
// others.
type span struct{ least, first, last int }

// around adds to a phrase what belongs to it and has no direction of its own: a
// sign before it, a per cent sign or an ellipsis behind it, and brackets that are
// opened or closed in it.
func around(field []cell, s span, rtl bool) (int, int) {
	if s.first > s.least && rtl && signs(field[s.first-1].text) && (s.first-1 == 0 || field[s.first-2].class == blank) {
		s.first--
	}
	if s.last < len(field) && (field[s.last].text == "…" || rtl && field[s.last].text == "%") {
		s.last++
	}
	open := 0 // brackets that are not closed; below 0, not opened
	for _, c := range field[s.first:s.last] {
		switch c.text {
		case "(", "[", "{":
			open++
		case ")", "]", "}":
			open--
		}
	}
	if open > 0 && s.last < len(field) && strings.Contains(")]}", field[s.last].text) {
		s.last++
	}
	if open < 0 && s.first > s.least && strings.Contains("([{", field[s.first-1].text) {
		s.first--
	}
	return s.first, s.last
}

func signs(text string) bool { return strings.Contains("+-−#@$€£¥", text) }

// order returns the cells of a field from left to right as they are seen.
func order(field []cell, rtl bool) []cell {
	seen := make([]cell, 0, len(field))
	list := phrases(field, rtl)
	for i := range list {
		p := list[i]
		if rtl {
			p = list[len(list)-1-i]
		}
		switch {
		case !p.turn:
			seen = append(seen, p.cells...)
		case rtl:
			seen = append(seen, reversed(p.cells)...)
		default:
			seen = append(seen, order(p.cells, true)...)
		}
	}
	return seen
}

func reversed(cells []cell) []cell {
	turned := make([]cell, len(cells))
	for i, c := range cells {
		c.turn = true
		turned[len(cells)-1-i] = c
	}
	return turned
}

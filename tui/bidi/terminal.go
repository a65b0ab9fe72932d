package bidi

// WeOrder tells a terminal to show text in the order in which it is sent, by
// ECMA-48's BDSM. Terminals that put no right-to-left text in order ignore it.
const WeOrder = "\x1b[8l"

// TerminalOrders tells a terminal to put right-to-left text in order by itself, as it
// did before. It is for whoever owns the terminal, at the end.
const TerminalOrders = "\x1b[8h"

// leftMark has the direction of a Latin letter and is not seen: what stands on its
// two sides is put in order separately.
const leftMark = "\u200e"

// stored returns the cells in an order that a terminal, which orders each line by
// itself as one that begins on the left, shows as they are in seen.
func stored(seen []cell) []cell {
	list := make([]cell, 0, len(seen))
	marked := false // a terminal that guesses the direction would guess right already
	for i := 0; i < len(seen); {
		end := i
		switch c := seen[i]; {
		case c.unit:
		case c.class == number:
			for end < len(seen) && seen[end].class == number && !seen[end].unit {
				end++
			}
		case c.turn && c.class == right:
			end = word(seen, i)
		}
		if end == i {
			marked = marked || seen[i].class == left
			list = append(list, seen[i])
			i++
			continue
		}
		from := len(list)
		if seen[i].class == number {
			list = append(list, seen[i:end]...)
		} else {
			list = append(list, handed(seen[i:end])...)
		}
		list[len(list)-1].text += leftMark
		if !marked {
			list[from].text = leftMark + list[from].text
			marked = true
		}
		i = end
	}
	return list
}

// word returns the place behind the last right-to-left letter of the words that
// begin at i.
func word(seen []cell, i int) int {
	last := i
	for ; i < len(seen) && seen[i].turn && !seen[i].unit && seen[i].class != border && seen[i].class != number && !gap(seen, i); i++ {
		if seen[i].class == right {
			last = i
		}
	}
	return last + 1
}

// gap reports whether the cell is one of several blanks.
func gap(seen []cell, i int) bool {
	return seen[i].class == blank && (i > 0 && seen[i-1].class == blank || i+1 < len(seen) && seen[i+1].class == blank)
}

// handed returns words as they are written. The terminal turns the brackets that
// Unicode pairs; the other signs are turned here.
func handed(seen []cell) []cell {
	list := reversed(seen)
	for i := range list {
		list[i].turn = false
		list[i].text = mirrored(list[i].text, ownPairs)
	}
	return list
}

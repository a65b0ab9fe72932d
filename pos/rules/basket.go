package rules

import (
	"math/bits"

	"tenthcup/pos"
)

// subset is some of the lines of a sale: bit i is line i.
type subset [(pos.MaxLines + 63) / 64]uint64

func (s subset) has(i int) bool { return s[i/64]>>(i%64)&1 == 1 }
func (s *subset) add(i int)     { s[i/64] |= 1 << (i % 64) }
func (s subset) empty() bool    { return s == subset{} }

// and returns the lines that are in both.
func (s subset) and(other subset) subset {
	for i := range s {
		s[i] &= other[i]
	}
	return s
}

// basket is a sale as the rules look at it. The empty basket is that of an ask
// without a sale.
type basket struct {
	lines  []pos.Line    // one without an item and a category where only the amount is known
	basis  []pos.Money   // what counts of each line, before what is paid with points
	counts subset        // the lines that the program does not exclude, but for what is free: that earns and counts for nothing
	total  pos.Money     // of the basis of counts
	paid   [2]uint64     // the fraction of the basis that counts, for it was paid with money
	kinds  []uint8       // of each line: the first one with the same item; nil until it is asked for
	bare   [1]pos.Line   // what lines is where only the amount is known
	few    [24]pos.Money // what basis is where that is enough
}

func (b *basket) fill(p *pos.Program, sale *pos.Sale) {
	if sale == nil {
		return
	}
	b.bare[0] = pos.Line{Quantity: 1, Price: sale.Amount, Tax: sale.Tax}
	if b.lines = sale.Lines; len(b.lines) == 0 {
		b.lines = b.bare[:]
	}
	b.basis = b.few[:0]
	for i := range b.lines {
		basis := p.Basis.Of(&b.lines[i])
		b.basis = append(b.basis, basis)
		if free := basis == 0 && b.lines[i].Due() == 0; !free && !p.Exclude.Has(&b.lines[i]) {
			b.counts.add(i)
			b.total += basis
		}
	}
	b.paid = [2]uint64{1, 1}
	if left := sale.Amount - sale.PaidOtherwise(); left != sale.Amount && !p.Basis.PaidWithPoints {
		b.paid = [2]uint64{uint64(left), uint64(sale.Amount)}
	}
}

// pick returns the lines that the rule is about.
func (b *basket) pick(w *pos.When) subset {
	if !w.PicksLines() {
		return b.counts
	}
	var lines subset
	for i := range b.lines {
		if b.counts.has(i) && w.Line(&b.lines[i]) {
			lines.add(i)
		}
	}
	return lines
}

// amount returns the basis of the lines, with what is paid with points.
func (b *basket) amount(lines subset) pos.Money {
	if lines == b.counts {
		return b.total
	}
	amount := pos.Money(0)
	for at, word := range lines {
		for ; word != 0; word &= word - 1 {
			amount += b.basis[at*64+bits.TrailingZeros64(word)]
		}
	}
	return amount
}

// units returns how many units the lines have.
func (b *basket) units(lines subset) int64 {
	units := int64(0)
	for i := range b.lines {
		if lines.has(i) {
			units += b.lines[i].Quantity
		}
	}
	return units
}

// different returns one line of each item that the lines have. A line without an
// item is none of them.
func (b *basket) different(lines subset) subset {
	if b.kinds == nil {
		b.kinds = make([]uint8, len(b.lines))
		for i := range b.lines {
			for b.kinds[i] = 0; b.lines[b.kinds[i]].Item != b.lines[i].Item; {
				b.kinds[i]++
			}
		}
	}
	var seen, firsts subset
	for i := range b.lines {
		if kind := int(b.kinds[i]); lines.has(i) && b.lines[i].Item != "" && !seen.has(kind) {
			seen.add(kind)
			firsts.add(i)
		}
	}
	return firsts
}

// size returns how many lines there are.
func (s subset) size() int64 {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return int64(n)
}

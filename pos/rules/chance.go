package rules

import (
	"crypto/sha256"
	"encoding/binary"

	"tenthcup/pos"
)

// chances decides surprises and tickets.
func (d *deciding) chances() error {
	for i := range d.p.Surprises {
		if err := d.surprise(&d.p.Surprises[i]); err != nil {
			return err
		}
	}
	for i := range d.p.Draws {
		if err := d.tickets(&d.p.Draws[i]); err != nil {
			return err
		}
	}
	return nil
}

// surprise draws once for the member and the day, so that undoing and scanning
// again changes nothing, on no till.
func (d *deciding) surprise(s *pos.Surprise) error {
	if !Lucky(*s, d.ask.Holder, d.ask.Day) {
		return nil
	}
	if _, ok := d.holds(&s.When, s.ID, s.Name); !ok {
		return nil
	}
	once, err := d.room("surprise:"+s.ID, pos.Limits{Day: 1}, 1)
	if err != nil || once == 0 {
		return err
	}
	d.tell(s.ID, "why.surprise", "surprise", s.Name)
	return d.give(s.ID, s.Gift, 1)
}

// Lucky reports whether the member draws the surprise on the day, with a sale for
// which it holds.
func Lucky(s pos.Surprise, holder pos.HolderID, day pos.Day) bool {
	return s.OneIn > 0 && drawn(s.ID, holder, day)%uint64(s.OneIn) == 0
}

// drawn returns the number that a member draws on a day: the first 8 bytes of the
// SHA-256 of the id, a zero byte, the holder and the day.
func drawn(id string, holder pos.HolderID, day pos.Day) uint64 {
	text := make([]byte, 0, 64)
	text = append(append(text, id...), 0)
	text = append(text, holder[:]...)
	hash := sha256.Sum256(binary.BigEndian.AppendUint32(text, uint32(day)))
	return binary.BigEndian.Uint64(hash[:])
}

// tickets gives tickets of a draw for the sale.
func (d *deciding) tickets(draw *pos.Draw) error {
	if draw.Earn == 0 {
		return nil // they are gifts only
	}
	lines, ok := d.holds(&draw.When, draw.ID, draw.Name)
	if !ok {
		return nil
	}
	n := draw.Earn
	if draw.For.Minor > 0 {
		n *= int64(d.basket.shown(lines) / draw.For.Minor) // at most 10^15
	}
	if n == 0 {
		return nil
	}
	why := Because{}
	if !d.ask.Brief {
		why = because("why.draw", "draw", draw.Name, "n", n)
	}
	why.Account, why.Amount, why.Rule = draw.Account(), n, draw.ID
	return d.post(why, pos.Lot{})
}

// Arm returns the arm of the experiment that the member is in. It follows from both
// ids alone, so that every till says the same: the first 8 bytes of the SHA-256 of
// the experiment's id, a zero byte and the holder, modulo the sum of the weights.
func Arm(e pos.Experiment, holder pos.HolderID) string {
	text := append(append([]byte(e.ID), 0), holder[:]...)
	hash := sha256.Sum256(text)
	total := uint64(0)
	for i := range e.Arms {
		total += weight(e, i)
	}
	number := binary.BigEndian.Uint64(hash[:]) % total
	for i, arm := range e.Arms {
		if number < weight(e, i) {
			return arm
		}
		number -= weight(e, i)
	}
	return e.Arms[0] // never: the weights add up to the total
}

func weight(e pos.Experiment, arm int) uint64 {
	if len(e.Weights) == 0 {
		return 1
	}
	return uint64(e.Weights[arm])
}

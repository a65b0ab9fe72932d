package rules

import "tenthcup/pos"

// happen decides what an event gives that somebody says has happened.
func (d *deciding) happen() error {
	event, ok := d.p.Event(d.ask.Event)
	if !ok {
		return pos.Refuse("event.unknown", "event", d.ask.Event)
	}
	if event.On != pos.OnDemand {
		return pos.Refuse("event.itself", "event", event.Name)
	}
	if _, ok := d.holds(&event.When, event.ID, event.Name); !ok {
		return pos.Refuse("event.now", "event", event.Name)
	}
	times, err := d.room(event.ID, event.Limits, 1)
	if err != nil {
		return err
	}
	if times == 0 {
		return pos.Refuse("event.limit", "event", event.Name)
	}
	return d.give(event.ID, event.Gift, 1)
}

// join gives what events on joining give.
func (d *deciding) join() error {
	for i := range d.p.Events {
		event := &d.p.Events[i]
		if event.On != pos.OnJoin {
			continue
		}
		if _, ok := d.holds(&event.When, event.ID, event.Name); !ok {
			continue
		}
		if err := d.give(event.ID, event.Gift, 1); err != nil {
			return err
		}
	}
	return nil
}

// occasions gives what birthdays and anniversaries give, with a sale.
func (d *deciding) occasions() error {
	for i := range d.p.Events {
		event := &d.p.Events[i]
		if event.On != pos.OnBirthday && (event.On != pos.OnAnniversary || !d.anniversary()) {
			continue
		}
		if _, ok := d.holds(&event.When, event.ID, event.Name); !ok {
			continue
		}
		if err := d.yearly(event); err != nil {
			return err
		}
	}
	return nil
}

// yearly gives what the event gives, unless it did for this occasion. What notes
// that holds for eleven months: longer than any occasion lasts, and gone before the
// next begins, so that a birthday at New Year comes once.
func (d *deciding) yearly(event *pos.EventRule) error {
	use := useOf(event.ID, "year")
	if d.balance(use) > 0 {
		return nil
	}
	if err := d.post(Because{Account: use, Amount: 1, Rule: event.ID}, pos.Lot{Until: d.ask.Day.AddMonths(11)}); err != nil {
		return err
	}
	return d.give(event.ID, event.Gift, 1)
}

// anniversary reports whether the day is in the month in which the member joined,
// in a later year, by the Gregorian calendar.
func (d *deciding) anniversary() bool {
	joined := d.ask.Facts(FactJoined)
	if joined == 0 {
		return false
	}
	then, today := pos.Day(joined).Midnight(), d.ask.Day.Midnight()
	return today.Month() == then.Month() && today.Year() > then.Year()
}

package station

import (
	"slices"

	"tenthcup/pos"
)

// Switches returns how the program's switches stand, in its order.
func (s *Station) Switches() ([]pos.Switch, error) {
	program, err := s.Program()
	if err != nil {
		return nil, err
	}
	switches := make([]pos.Switch, len(program.Switches))
	for i, name := range program.Switches {
		switches[i] = s.turned(name)
	}
	return switches, nil
}

// turned returns how the switch stood when the program was asked for last.
func (s *Station) turned(name string) pos.Switch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return pos.Roster{Switches: s.switches}.Switch(name)
}

// Switch turns a switch of the program on or off, because a manager says so. It
// holds at this till at once, and at the store's others as soon as they and this
// one have reached the centre. A reason is not needed.
func (s *Station) Switch(by pos.CashierID, o Override, name string, on bool) (pos.Switch, error) {
	program, err := s.Program()
	if err != nil {
		return pos.Switch{}, err
	}
	if !slices.Contains(program.Switches, name) {
		return pos.Switch{}, pos.Refuse("switch.unknown", "switch", name, "switches", program.Switches)
	}
	if err := s.allowed(o); err != nil {
		return pos.Switch{}, err
	}
	record, err := s.write(pos.HolderID{}, nil, func(Moment, instant) (action, error) {
		a := action{
			Kind: pos.Switched, Cashier: by, Program: program.ID, Reward: name, Count: one(on), Reason: oneLine(o.Reason),
			By: &pos.By{Kind: pos.ByOverride, Manager: o.Manager},
		}
		if before := s.turned(name).At; before > 0 {
			a.Facts = map[string]int64{pos.SawTurned: before}
		}
		return a, nil
	})
	return pos.SwitchOf(record.Entry), err
}

// allowed checks that a manager says so, at a till that may write.
func (s *Station) allowed(o Override) error {
	if err := s.writable(); err != nil {
		return err
	}
	return s.Approve(o.Manager, o.PIN)
}

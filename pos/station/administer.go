package station

import "tenthcup/pos"

// Act is something a manager does besides the ledger, as the entry about it says it.
type Act struct {
	Do      string        // "cashier-add"; package office has the list
	About   string        // what was changed: a cashier's id, a terminal; may be ""
	Holder  pos.HolderID  // whom it concerns; zero for nobody
	Manager pos.CashierID // "" for whoever has the files
	Reason  string        // may be ""
}

// Administer books that a manager did something. That it is one was checked before.
func (s *Station) Administer(a Act) error {
	if err := s.writable(); err != nil {
		return err
	}
	_, err := s.write(a.Holder, nil, func(Moment, instant) (action, error) {
		return action{
			Kind: pos.Administered, Cashier: a.Manager, Code: a.Do, Reason: oneLine(a.Reason),
			By: &pos.By{Kind: pos.ByManager, ID: []byte(a.About), Manager: a.Manager},
		}, nil
	})
	return err
}

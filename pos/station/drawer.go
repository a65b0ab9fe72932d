package station

import "tenthcup/pos"

// OpenDrawer writes down that a manager has the cash drawer opened without a sale.
// It is on disk when OpenDrawer returns; to open the drawer is the caller's work.
func (s *Station) OpenDrawer(by pos.CashierID, manager Override) (Record, error) {
	if err := s.allowed(manager); err != nil {
		return Record{}, err
	}
	return s.write(pos.HolderID{}, nil, func(Moment, instant) (action, error) {
		return action{
			Kind: pos.Opened, Cashier: by, Reason: oneLine(manager.Reason),
			By: &pos.By{Kind: pos.ByOverride, Manager: manager.Manager},
		}, nil
	})
}

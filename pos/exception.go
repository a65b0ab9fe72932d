package pos

// Trouble is a kind of exception.
type Trouble string

// What the centre takes and a manager must see. None of it is refused: it has
// happened.
const (
	Overdrawn   Trouble = "overdraft"   // more was handed out than the holder had
	TakenBack   Trouble = "taken-back"  // a void or return took back what had been spent
	LimitPassed Trouble = "limit"       // a lease used twice or never lent, or a floor passed
	VoidedTwice Trouble = "second-void" // more was reversed than there was
	Fork        Trouble = "fork"        // a copied or restored disk: two journals of one terminal
	ClockAhead  Trouble = "clock"       // entries from the future, by the centre's clock
	Unruly      Trouble = "rules"       // an entry's amounts do not follow from the program that it names
	SoldTwice   Trouble = "receipt"     // one receipt was booked at two tills
	CouponTwice Trouble = "coupon"      // a coupon that is good once was used twice
	LateEntries Trouble = "revoked"     // a revoked terminal handed in entries, or holds leases
)

// Exception is something the centre took but a manager must look at: what it is
// about, and once it is settled, how.
type Exception struct {
	ID       ExceptionID `json:"id"`
	Area     AreaID      `json:"area"`
	Trouble  Trouble     `json:"trouble"`
	At       int64       `json:"at"` // ms since 1970 by the centre's clock, when it was found
	Terminal TerminalID  `json:"terminal"`
	Holder   HolderID    `json:"holder,omitzero"`
	Entry    EntryID     `json:"entry,omitzero"` // that brought it about
	Account  Account     `json:"account,omitempty"`
	Amount   int64       `json:"amount,omitempty"` // in the account's unit; of a skew in ms
	Settled  *Settlement `json:"settled,omitempty"`
}

// Settlement is what a manager did about an exception.
type Settlement struct {
	Entry   EntryID   `json:"entry"` // that records it
	Manager CashierID `json:"manager"`
	Reason  string    `json:"reason"`
}

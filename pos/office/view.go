package office

import "tenthcup/pos"

// What the pages of the office show, as it crosses the line in JSON.

// Issue is something that a manager settles: an exception, or bytes in quarantine.
type Issue struct {
	ID       string          `json:"id"` // of the exception, or the hash of the bytes
	At       int64           `json:"at"` // ms since 1970 by the centre's clock, when it was found
	Terminal string          `json:"terminal"`
	Name     string          `json:"name,omitempty"`    // of the member
	Account  string          `json:"account,omitempty"` // in words of the program, where it has some
	Settled  *pos.Settlement `json:"settled,omitempty"`

	Exception *pos.Exception `json:"exception,omitempty"`
	Missing   int64          `json:"missing,omitempty"` // what writing it off would make good, in the account's unit

	Held string   `json:"held,omitempty"` // of bytes in quarantine: the reason
	Kind pos.Kind `json:"kind,omitempty"` // and of what can be read of them; "" is nothing
}

// Staff is what a manager says about a cashier. What is "" stays as it is.
type Staff struct {
	ID   pos.CashierID `json:"id,omitempty"` // "" for a new one
	Name string        `json:"name,omitempty"`
	Role pos.Role      `json:"role,omitempty"`
	PIN  string        `json:"pin,omitempty"` // in digits
}

// Till is a till as the centre knows it.
type Till struct {
	pos.Terminal
	Seen    int64  `json:"seen,omitempty"` // ms since 1970 by the centre's clock; 0 is never
	Waiting uint64 `json:"waiting,omitempty"`
	Here    bool   `json:"here,omitempty"`   // the one that asks
	Reason  string `json:"reason,omitempty"` // why it was shut out
}

// Tills are the tills and the stores where one can be added.
type Tills struct {
	Tills  []Till     `json:"tills"`
	Stores []pos.Shop `json:"stores"`
}

// Ticketed is what a new till has to be told.
type Ticketed struct {
	Code    string `json:"code"`
	Pin     string `json:"pin,omitempty"` // of the server
	URL     string `json:"url,omitempty"` // of the server, as this till knows it
	Expires int64  `json:"expires"`       // ms since 1970
}

// Dossier is everything that is kept about a member, as the member may have it.
type Dossier struct {
	Profile  pos.Profile     `json:"profile"`
	Balances []Balance       `json:"balances"`
	Entries  []Happening     `json:"entries"`
	Issues   []pos.Exception `json:"exceptions,omitempty"`
}

// Balance is what a member has of one kind.
type Balance struct {
	Account pos.Account `json:"account"`
	Amount  int64       `json:"amount"`
	From    pos.Day     `json:"from,omitzero"`
	Until   pos.Day     `json:"until,omitzero"`
}

// Happening is an entry about a member.
type Happening struct {
	ID       string        `json:"id"`
	At       string        `json:"at"` // RFC 3339
	Kind     pos.Kind      `json:"kind"`
	Store    pos.StoreID   `json:"store,omitempty"`
	Cashier  pos.CashierID `json:"cashier,omitempty"`
	Receipt  string        `json:"receipt,omitempty"`
	Amount   pos.Money     `json:"amount,omitempty"`
	Reward   string        `json:"reward,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Postings []Balance     `json:"postings,omitempty"`
}

// HappeningOf is the entry as a member may have it.
func HappeningOf(e pos.Entry) Happening {
	h := Happening{
		ID: e.ID.String(), At: e.Time().Format("2006-01-02T15:04:05Z"), Kind: e.Kind, Store: e.Store, Cashier: e.Cashier,
		Reward: e.Reward, Reason: e.Reason,
	}
	if e.Sale != nil {
		h.Receipt, h.Amount = e.Sale.Receipt, e.Sale.Amount
	}
	for _, p := range e.Postings {
		h.Postings = append(h.Postings, Balance{p.Account, p.Amount, p.Lot.From, p.Lot.Until})
	}
	return h
}

package pos

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// Sale is what was sold, as far as the till was told.
type Sale struct {
	Receipt  string    `cbor:"1,keyasint,omitempty" json:"receipt,omitempty"` // the shop's number of it: the same receipt twice earns once
	Amount   Money     `cbor:"2,keyasint,omitempty" json:"amount"`            // what it comes to, tax included, before anything is paid with points or credit
	Currency string    `cbor:"3,keyasint,omitempty" json:"currency,omitempty"`
	Lines    []Line    `cbor:"4,keyasint,omitempty" json:"lines,omitempty"` // none where only the amount is known
	Tax      Money     `cbor:"5,keyasint,omitempty" json:"tax,omitempty"`   // the part of Amount that is tax, of a sale without lines
	Paid     []Payment `cbor:"6,keyasint,omitempty" json:"paid,omitempty"`  // with something else than money
}

// Line is one line of a sale.
type Line struct {
	Item     string `cbor:"1,keyasint,omitempty" json:"item,omitempty"` // the shop's number or id of it
	Category string `cbor:"2,keyasint,omitempty" json:"category,omitempty"`
	Quantity int64  `cbor:"3,keyasint,omitempty" json:"quantity"`           // units, 1 or more
	Price    Money  `cbor:"4,keyasint,omitempty" json:"price"`              // of one unit, tax included
	Discount Money  `cbor:"5,keyasint,omitempty" json:"discount,omitempty"` // off the whole line, 0 to Quantity times Price
	Tax      Money  `cbor:"6,keyasint,omitempty" json:"tax,omitempty"`      // the part of Due that is tax
}

// Due returns what the line costs.
func (l Line) Due() Money { return Money(l.Quantity)*l.Price - l.Discount }

// What Payment.With says.
const (
	WithPoints = "points"
	WithCredit = "credit"
	WithCard   = "card" // a gift card
)

// Payment is a part of a sale that was not paid with money.
type Payment struct {
	With   string `cbor:"1,keyasint" json:"with"`
	Amount Money  `cbor:"2,keyasint" json:"amount"`
}

// PaidOtherwise returns how much of the sale was not paid with money.
func (s Sale) PaidOtherwise() Money {
	sum := Money(0)
	for _, paid := range s.Paid {
		sum += paid.Amount
	}
	return sum
}

// Limits of a sale.
const (
	MaxLines    = 200
	MaxQuantity = 1_000_000

	maxPayments  = 20
	maxSaleText  = 64       // bytes of an item, a category or a receipt's number
	maxSaleBytes = 10 << 10 // of a sale in an entry, which has room for what follows from it
	lineBytes    = 32       // of a line in an entry, at most, without its texts
)

// Checked returns the sale with Amount worked out from its lines, or a *Problem
// (sale.*, amount.*) where it is none: nothing is negative, no line's discount is
// more than the line, nothing overflows, and it fits an entry. The receipt number
// is as NormalReceipt gives it.
func (s Sale) Checked() (Sale, error) {
	receipt, err := NormalReceipt(s.Receipt)
	if err != nil {
		return s, err
	}
	s.Receipt = receipt
	if len(s.Lines) > MaxLines {
		return s, Refuse("sale.lines", "n", int64(len(s.Lines)), "most", int64(MaxLines))
	}
	if len(s.Lines) > 0 {
		s.Amount, s.Tax = 0, 0
	}
	for i, line := range s.Lines {
		high, whole := bits.Mul64(uint64(line.Quantity), uint64(line.Price))
		switch {
		case line.Quantity < 1 || line.Quantity > MaxQuantity:
			return s, Refuse("sale.quantity", "line", int64(i+1), "n", line.Quantity)
		case line.Price < 0:
			return s, Refuse("sale.price", "line", int64(i+1))
		case high != 0 || whole > uint64(MaxSale):
			return s, Refuse("amount.large", "max", MaxSale)
		case line.Discount < 0 || uint64(line.Discount) > whole:
			return s, Refuse("sale.discount", "line", int64(i+1))
		case line.Tax < 0 || line.Tax > line.Due():
			return s, Refuse("sale.tax", "line", int64(i+1))
		}
		s.Amount += line.Due()
		s.Tax += line.Tax
	}
	switch {
	case s.Amount > MaxSale:
		return s, Refuse("amount.large", "max", MaxSale)
	case s.Amount < 0:
		return s, Refuse("amount.positive")
	case s.Tax < 0 || s.Tax > s.Amount:
		return s, Refuse("sale.tax", "line", int64(0))
	}
	return s, first(s.checkPaid(), s.checkSize())
}

func (s Sale) checkPaid() error {
	left := s.Amount
	for _, paid := range s.Paid {
		if paid.Amount < 0 || paid.Amount > left || !slices.Contains([]string{WithPoints, WithCredit, WithCard}, paid.With) {
			return Refuse("sale.paid")
		}
		left -= paid.Amount
	}
	if len(s.Paid) > maxPayments {
		return Refuse("sale.payments", "n", int64(len(s.Paid)), "most", int64(maxPayments))
	}
	return nil
}

func (s Sale) checkSize() error {
	size := len(s.Lines) * lineBytes
	for _, text := range s.texts() {
		if len(text) > maxSaleText || !utf8.ValidString(text) {
			return Refuse("sale.text", "text", CleanName(text), "most", int64(maxSaleText))
		}
		size += len(text)
	}
	if size > maxSaleBytes {
		return Refuse("sale.size")
	}
	return nil
}

func (s Sale) texts() []string {
	texts := []string{s.Receipt, s.Currency}
	for _, line := range s.Lines {
		texts = append(texts, line.Item, line.Category)
	}
	for _, paid := range s.Paid {
		texts = append(texts, paid.With)
	}
	return texts
}

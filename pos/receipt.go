package pos

import "strings"

// MaxReceipt is the longest receipt number, in bytes.
const MaxReceipt = 64

// NormalReceipt returns the shop's number of a sale as it is stored and looked
// for: one line without outer spaces, upper case. One that is longer than
// MaxReceipt is the problem sale.receipt; "" stays "".
func NormalReceipt(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	receipt := strings.ToUpper(CleanName(ASCIIDigits(text)))
	if len(receipt) > MaxReceipt {
		return "", Refuse("sale.receipt", "max", int64(MaxReceipt))
	}
	return receipt, nil
}

// SaleKey returns what names the sale that the entry is about, "" if it is about
// none that can be looked for: the receipt number, or, in a return of a sale that
// has none, the id of the entry that booked it.
func (e Entry) SaleKey() string {
	if e.Sale == nil {
		return ""
	}
	if receipt, err := NormalReceipt(e.Sale.Receipt); err != nil || receipt != "" {
		return receipt
	}
	if e.Kind == Refunded {
		return e.Code
	}
	return ""
}

// HouseholdCode and the name of a household is what its members are found by, as by
// a code. No code that is read looks like it.
const HouseholdCode = "household:"

// Household returns the name of the household that the member says to be of, as
// it is compared with others', or "". It is the field "household" of the profile.
func (p Profile) Household() string { return Fold(p.Fields["household"]) }

package pos

import "strconv"

// Card is a kind of punch card. Stamps come by hand or, with Per, by a sale; a card
// with a Price is sold full, and a reward takes its stamps one by one.
type Card struct {
	Expiry
	ID    string `toml:"id"`
	Name  string `toml:"name"`
	Size  int64  `toml:"size"`  // stamps on a full card, 1 to 100
	Stamp string `toml:"stamp"` // one character; "●" if left out

	Per      string `toml:"per"`              // "sale" or "unit" of the lines of When, which a sale stamps by itself; left out: by hand only
	Start    int64  `toml:"start"`            // stamps given on joining, 0 to Size
	Cooldown int    `toml:"cooldown_minutes"` // between two stamps by hand or sales, 0 to a week; a manager may override
	Price    Amount `toml:"price"`            // of a card sold in advance, full: a 10-trip pass
	Limits   Limits `toml:"limits"`           // of stamps; what is above is cut
	When     When   `toml:"when"`

	Floor  int64 `toml:"-"` // full cards that one till takes of one member without a lease; 0 is none, 1 if left out
	Budget int64 `toml:"-"` // and of all members together; 10 if left out
}

const maxCooldown = 7 * 24 * 60 // minutes

// Account returns the account that counts the card's stamps. The size is part of
// it: a card of another size is another card.
func (c Card) Account() Account {
	return Account("stamp:" + c.ID + "/" + strconv.FormatInt(c.Size, 10))
}

func (c *Card) check(path string, p *Program, currency Currency) error {
	err := first(
		c.Expiry.check(path, p),
		within(path+".start", c.Start, 0, c.Size),
		within(path+".cooldown_minutes", int64(c.Cooldown), 0, maxCooldown),
		c.Price.resolve(path+".price", currency),
		c.Limits.check(path+".limits"),
		c.When.check(path+".when", p, currency),
	)
	if err == nil && c.Per != "" {
		err = oneOf(path+".per", &c.Per, PerSale, PerUnit)
	}
	if err == nil && c.Price.Given() {
		err = c.checkSold(path, currency)
	}
	return err
}

// checkSold checks that a card which is sold is stamped in no other way.
func (c *Card) checkSold(path string, currency Currency) error {
	if c.Price.Minor <= 0 {
		return wrong(path+".price", "doc.amount", "text", c.Price.Text, "currency", currency.Code, "unit", currency.Unit)
	}
	for _, other := range []struct {
		key   string
		given bool
	}{{"per", c.Per != ""}, {"start", c.Start > 0}, {"cooldown_minutes", c.Cooldown > 0}, {"limits", c.Limits.Any()}} {
		if other.given {
			return wrong(path+"."+other.key, "doc.needless", "key", other.key)
		}
	}
	return nil
}

package main

import (
	"regexp"
	"strings"

	"tenthcup/pos"
	"tenthcup/store"
)

type storeCmd struct {
	Add storeAddCmd `cmd:"" help:"Add a store."`
}

type storeAddCmd struct {
	onServer
	Name     string `arg:"" help:"The store's name."`
	Area     string `help:"Stores of one area share members." default:"main"`
	Timezone string `help:"IANA name." required:"" placeholder:"Europe/Budapest"`
	Currency string `help:"ISO 4217 code." default:"EUR"`
	Language string `help:"Language of the screens." default:"en"`
	Country  string `help:"Where a phone number without a country code belongs; by default the currency's country."`
}

// Run adds a store.
func (s storeAddCmd) Run(c *call) error {
	shop := pos.Shop{
		Name: s.Name, Area: pos.AreaID(slug(s.Area)), Store: pos.StoreID(slug(s.Name)), Timezone: s.Timezone,
		Currency: strings.ToUpper(s.Currency), Language: s.Language, Country: strings.ToUpper(s.Country),
	}
	place, err := readPlace(shop)
	if err != nil {
		return err
	}
	shop.Country = firstOf(shop.Country, place.currency.Country)
	if err := checkLanguage(shop.Language, place); err != nil {
		return err
	}
	return c.withServer(s.DB, func(desk *serverDesk) error {
		if err := desk.db.AddStore(shop); err != nil {
			return err
		}
		return c.print(shop, c.words.T("store.added", "name", shop.Name, "id", string(shop.Store)))
	})
}

var notSlug = regexp.MustCompile(`[^\p{L}\p{N}]+`)

// slug makes an id of a name: "High Street 2" is "high-street-2".
func slug(name string) string {
	return strings.Trim(notSlug.ReplaceAllString(pos.Fold(name), "-"), "-")
}

// examine prints what Check finds.
func (c *call) examine(db interface {
	Check() ([]store.Finding, error)
},
) error {
	findings, err := db.Check()
	if err != nil {
		return err
	}
	if len(findings) == 0 {
		return c.print(findings, c.words.T("doctor.well"))
	}
	return c.printFindings(findings)
}

// printFindings prints what is wrong and returns the problem that something is, or
// nothing.
func (c *call) printFindings(findings []store.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	if err := c.listFindings(findings); err != nil {
		return err
	}
	return pos.Refuse("doctor.findings", "n", len(findings))
}

// listFindings prints what is wrong.
func (c *call) listFindings(findings []store.Finding) error {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.Place + ": " + f.What
	}
	return c.print(findings, strings.Join(lines, "\n"))
}

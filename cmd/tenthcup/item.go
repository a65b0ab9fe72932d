package main

import (
	"os"
	"strings"
	"time"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/store"
)

type itemCmd struct {
	Import itemImportCmd `cmd:"" help:"Replace the item list by a CSV file's."`
	List   itemListCmd   `cmd:"" help:"Show the item list."`
}

type itemImportCmd struct {
	onRoster
	File string `arg:"" help:"The columns are id, name, category, price and, if you like, tax_percent and key; UTF-8."`
}

// Run replaces the item list.
func (i itemImportCmd) Run(c *call) error {
	name := c.path(i.File)
	text, err := os.ReadFile(name)
	if err != nil {
		return pos.Refuse("item.file", "file", name)
	}
	items, err := i.replace(c, func(currency pos.Currency) ([]pos.Item, error) {
		items, err := pos.ParseItems(text, currency)
		if err != nil {
			return nil, pos.Refuse("setup.document", "file", i.File, "mistake", err)
		}
		return items, nil
	})
	if err != nil {
		return err
	}
	return c.print(items, c.words.T("item.imported", "n", len(items)))
}

// replace stores the items that read returns, at the server or at a till without
// one.
func (i itemImportCmd) replace(c *call, read func(pos.Currency) ([]pos.Item, error)) (items []pos.Item, err error) {
	if i.Dir == "" {
		err = c.withServer(i.DB, func(desk *serverDesk) error {
			currency, err := desk.currency()
			if err != nil {
				return err
			}
			if items, err = read(currency); err != nil {
				return err
			}
			return desk.db.SetItems(items)
		})
		return items, err
	}
	err = c.withTill(i.Dir, func(t *till) (err error) {
		if t.client != nil {
			return pos.Refuse("item.elsewhere")
		}
		if items, err = read(t.station.Currency); err != nil {
			return err
		}
		return t.db.SetItems(items)
	})
	return items, err
}

// currency returns the one in which all stores count.
func (d *serverDesk) currency() (pos.Currency, error) {
	shops, err := d.db.Stores()
	if err != nil {
		return pos.Currency{}, err
	}
	if len(shops) == 0 {
		return pos.Currency{}, store.ErrNoStore
	}
	for _, shop := range shops {
		if shop.Currency != shops[0].Currency {
			return pos.Currency{}, pos.Refuse("item.currency", "one", shops[0].Currency, "other", shop.Currency)
		}
	}
	currency, _ := pos.CurrencyOf(shops[0].Currency)
	return currency, nil
}

type itemListCmd struct{ onRoster }

// Run lists the items.
func (i itemListCmd) Run(c *call) error {
	if i.Dir != "" {
		return c.withTill(i.Dir, func(t *till) error {
			items, err := t.station.Items()
			if err != nil {
				return err
			}
			return c.printItems(items)
		})
	}
	return c.withServer(i.DB, func(desk *serverDesk) error {
		items, err := desk.db.Items()
		if err != nil {
			return err
		}
		currency, err := desk.currency()
		if err != nil {
			return err
		}
		if c.words, err = assets.NewPrinter(c.words.Language, currency, time.Local); err != nil {
			return err
		}
		return c.printItems(items)
	})
}

func (c *call) printItems(items []pos.Item) error {
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = c.words.T("item.line", "id", item.ID, "name", item.Name, "category", item.Category, "price", item.Price)
	}
	if len(lines) == 0 {
		lines = []string{c.words.T("item.none")}
	}
	return c.print(items, strings.Join(lines, "\n"))
}

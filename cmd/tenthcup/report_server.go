package main

import (
	"errors"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
)

// reportShop is whose words and rules a report of the server is written by.
type reportShop struct {
	pos.Shop
	place   place
	program pos.Program
}

// reportShop returns the store with the id, or the first by its name.
func (d *serverDesk) reportShop(id pos.StoreID) (shop reportShop, err error) {
	shops, err := d.db.Stores()
	if err != nil {
		return shop, err
	}
	for i := range shops {
		if shop.Store == "" && (id == "" || shops[i].Store == id) {
			shop.Shop = shops[i]
		}
	}
	if shop.Store == "" {
		return shop, store.ErrNoStore
	}
	if shop.place, err = readPlace(shop.Shop); err != nil {
		return shop, err
	}
	at := station.Station{
		Office: d.db.Desk(shop.Area, d.office.Terminal), Now: d.office.Now, Zone: shop.place.zone, Currency: shop.place.currency,
	}
	shop.program, err = at.Program()
	if errors.Is(err, station.ErrNoProgram) {
		err = nil // nothing is named by it
	}
	return shop, err
}

// words returns the words of the language, with the store's money and time.
func (s reportShop) words(language string) (*assets.Printer, error) {
	return assets.NewPrinter(language, s.place.currency, s.place.zone)
}

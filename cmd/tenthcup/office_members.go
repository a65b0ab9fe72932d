package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/tui/screen"
)

type mergeAsk struct {
	From   pos.HolderID `json:"from"`
	Into   pos.HolderID `json:"into"`
	Reason string       `json:"reason"`
}

type memberAsk struct {
	Holder pos.HolderID `json:"holder"`
	Reason string       `json:"reason,omitempty"`
}

func (d *serverDesk) mergeMembers(by acting, told mergeAsk) (nothing, error) {
	_, err := d.office.Merge(office.Who{Area: by.through.Area, From: told.From, Into: told.Into}, by.manager, told.Reason)
	return nothing{}, err
}

// exportMember returns everything that is kept about the member in the area. It
// reads the whole ledger of it: entries that move nothing are in no index.
func (d *serverDesk) exportMember(by acting, told memberAsk) (all office.Dossier, err error) {
	area := by.through.Area
	if all.Profile, err = d.db.Desk(area, d.office.Terminal).Profile(told.Holder); err != nil {
		return all, office.ErrNoMember
	}
	sums, err := d.db.Balance(area, told.Holder, pos.DayOf(time.Now(), time.Local))
	if err != nil {
		return all, err
	}
	all.Balances = balances(sums)
	err = d.db.Entries(area, func(raw []byte) bool {
		if e, err := pos.DecodeEntry(raw); err == nil && e.Holder == told.Holder {
			all.Entries = append(all.Entries, office.HappeningOf(e))
		}
		return true
	})
	if err != nil {
		return all, err
	}
	exceptions, err := d.db.Exceptions(area, true)
	if err != nil {
		return all, err
	}
	for _, x := range exceptions {
		if x.Holder == told.Holder {
			all.Issues = append(all.Issues, x)
		}
	}
	_, err = d.office.Do(office.Act{
		Area: area, Act: station.Act{Do: office.MemberExported, Holder: told.Holder, Manager: by.manager},
	}, office.Change{})
	return all, err
}

func balances(sums ledger.Sums) (of []office.Balance) {
	for _, s := range sums {
		of = append(of, office.Balance{Account: s.Account, Amount: s.Amount, From: s.Lot.From, Until: s.Lot.Until})
	}
	return of
}

func (d *serverDesk) eraseMember(by acting, told memberAsk) (nothing, error) {
	if pos.CleanName(told.Reason) == "" {
		return nothing{}, office.ErrReason
	}
	return nothing{}, d.did(by, office.MemberErased, "", told.Reason, office.Change{Erase: told.Holder})
}

// MergeMembers implements screen.Office.
func (l lineOffice) MergeMembers(by screen.Manager, from, into pos.HolderID, reason string) error {
	_, err := ask[nothing](l, by, "member-merge", mergeAsk{from, into, reason})
	return l.heard(err)
}

// ExportMember implements screen.Office.
func (l lineOffice) ExportMember(by screen.Manager, holder pos.HolderID, form string) (string, error) {
	all, err := ask[office.Dossier](l, by, "member-export", memberAsk{Holder: holder})
	if err != nil {
		return "", err
	}
	return l.till.writeDossier(all, form)
}

// EraseMember implements screen.Office.
func (l lineOffice) EraseMember(by screen.Manager, holder pos.HolderID, reason string) error {
	_, err := ask[nothing](l, by, "member-erase", memberAsk{holder, reason})
	return l.heard(err)
}

// MergeMembers implements screen.Office: only a server merges, because only there
// both members have all that they have.
func (o ownOffice) MergeMembers(screen.Manager, pos.HolderID, pos.HolderID, string) error {
	return pos.Refuse("office.mergealone")
}

// ExportMember implements screen.Office.
func (o ownOffice) ExportMember(by screen.Manager, holder pos.HolderID, form string) (string, error) {
	if err := o.till.station.Approve(by.ID, by.PIN); err != nil {
		return "", err
	}
	var all office.Dossier
	var err error
	if all.Profile, err = o.till.db.Profile(holder); err != nil {
		return "", office.ErrNoMember
	}
	view, err := o.till.db.View(holder)
	if err != nil {
		return "", err
	}
	all.Balances = balances(view.Sums)
	err = o.till.db.Last(func(r station.Record) bool {
		if r.Entry.Holder == holder {
			all.Entries = append(all.Entries, office.HappeningOf(r.Entry))
		}
		return true
	})
	if err != nil {
		return "", err
	}
	if err := o.till.station.Administer(station.Act{Do: office.MemberExported, Holder: holder, Manager: by.ID}); err != nil {
		return "", err
	}
	return o.till.writeDossier(all, form)
}

// EraseMember implements screen.Office.
func (o ownOffice) EraseMember(by screen.Manager, holder pos.HolderID, reason string) error {
	if err := o.till.station.Approve(by.ID, by.PIN); err != nil {
		return err
	}
	if pos.CleanName(reason) == "" {
		return office.ErrReason
	}
	if err := o.till.db.EraseProfile(holder, time.Now()); err != nil {
		return err
	}
	return o.till.station.Administer(station.Act{Do: office.MemberErased, Holder: holder, Manager: by.ID, Reason: reason})
}

// writeDossier writes what is kept about a member to a file of the till's folder,
// which only its owner may read, and returns its name.
func (t *till) writeDossier(all office.Dossier, form string) (string, error) {
	folder := filepath.Join(t.dir, "export")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", store.Explain(err)
	}
	document, err := dossierText(all, form)
	if err != nil {
		return "", err
	}
	name := filepath.Join(folder, "member-"+firstOf(all.Profile.Code(), all.Profile.Holder.String())+"-"+time.Now().Format("20060102-150405")+"."+form)
	return name, writeFile(name, document, 0o600)
}

// dossierText is the dossier as JSON, or its entries as CSV: one row for each
// posting.
func dossierText(all office.Dossier, form string) ([]byte, error) {
	if form != "csv" {
		document, err := json.MarshalIndent(all, "", "  ")
		return append(document, '\n'), err
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	rows := [][]string{{"at", "kind", "store", "cashier", "receipt", "amount", "reward", "reason", "account", "change", "id"}}
	for _, h := range all.Entries {
		row := []string{h.At, string(h.Kind), string(h.Store), string(h.Cashier), h.Receipt, strconv.FormatInt(int64(h.Amount), 10), h.Reward, h.Reason, "", "", h.ID}
		if len(h.Postings) == 0 {
			rows = append(rows, row)
		}
		for _, p := range h.Postings {
			own := append([]string(nil), row...)
			own[8], own[9] = string(p.Account), strconv.FormatInt(p.Amount, 10)
			rows = append(rows, own)
		}
	}
	err := w.WriteAll(rows)
	return text.Bytes(), err
}

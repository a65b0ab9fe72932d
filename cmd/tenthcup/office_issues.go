package main

import (
	"cmp"
	"encoding/hex"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/store"
	"tenthcup/tui/screen"
)

type issuesAsk struct {
	All bool `json:"all,omitempty"`
}

// settleAsk says what is to become of an issue.
type settleAsk struct {
	ID     string `json:"id"`
	How    string `json:"how"` // settle, writeoff, release, dismiss
	Reason string `json:"reason"`
}

// issues returns what waits for a manager, or all there was, what waits first and
// then the newest first. A manager sees the area of the till.
func (d *serverDesk) issues(by acting, ask issuesAsk) ([]office.Issue, error) {
	area := by.through.Area
	exceptions, err := d.db.Exceptions(area, ask.All)
	if err != nil {
		return nil, err
	}
	held, err := d.db.Quarantined()
	if err != nil {
		return nil, err
	}
	names, err := d.names()
	if err != nil {
		return nil, err
	}
	var found []issue
	for _, x := range exceptions {
		found = append(found, issueOf(names, x))
	}
	for _, q := range held {
		if q.Area == area && (ask.All || q.Settled == nil) {
			found = append(found, heldIssue(names, q))
		}
	}
	slices.SortStableFunc(found, func(a, b issue) int {
		return cmp.Or(cmp.Compare(settledLast(a.Issue), settledLast(b.Issue)), cmp.Compare(b.At, a.At))
	})
	return withMembers(names, area, found[:min(len(found), maxIssues)])
}

// issue is one with whom it is about, if that is known.
type issue struct {
	office.Issue
	holder pos.HolderID
}

// withMembers adds who is meant, and what is missing where a member owes something.
func withMembers(names names, area pos.AreaID, found []issue) ([]office.Issue, error) {
	var holders []pos.HolderID
	for _, one := range found {
		if one.holder != (pos.HolderID{}) {
			holders = append(holders, one.holder)
		}
	}
	if err := names.know(area, holders); err != nil {
		return nil, err
	}
	all := make([]office.Issue, len(found))
	for i, one := range found {
		if one.holder != (pos.HolderID{}) {
			one.Name = names.member(one.holder)
		}
		if x := one.Exception; x != nil && x.Settled == nil && x.Account.Value() {
			for _, s := range names.members[one.holder].Sums {
				if s.Account == x.Account && s.Amount < 0 {
					one.Missing -= s.Amount
				}
			}
			one.Missing = min(one.Missing, max(x.Amount, 0))
		}
		all[i] = one.Issue
	}
	return all, nil
}

// maxIssues is how many issues a page shows.
const maxIssues = 500

func settledLast(i office.Issue) int {
	if i.Settled != nil {
		return 1
	}
	return 0
}

func issueOf(names names, x pos.Exception) issue {
	return issue{office.Issue{
		ID: x.ID.String(), At: x.At, Terminal: names.terminal(x.Terminal), Settled: x.Settled, Exception: &x,
	}, x.Holder}
}

func heldIssue(names names, q store.Quarantined) issue {
	held := issue{Issue: office.Issue{
		ID: quarantineID(q), At: q.At.UnixMilli(), Terminal: names.terminal(q.Terminal), Settled: q.Settled, Held: string(q.Reason),
	}}
	if e, err := pos.DecodeEntry(q.Raw); err == nil {
		held.Kind, held.holder = e.Kind, e.Holder
	}
	return held
}

// settleIssue settles an exception, or what is in quarantine, of the till's area.
func (d *serverDesk) settleIssue(by acting, ask settleAsk) (nothing, error) {
	raw, err := hex.DecodeString(ask.ID)
	if err != nil {
		return nothing{}, office.ErrUnknown
	}
	switch {
	case len(raw) == len(pos.ExceptionID{}):
		id := pos.ExceptionID(raw)
		x, err := d.db.Exception(id)
		if err == nil && x.Area != by.through.Area {
			err = office.ErrUnknown
		}
		if err == nil {
			_, err = d.office.Settle(id, by.manager, ask.Reason, ask.How == "writeoff")
		}
		return nothing{}, err
	case len(raw) != len(pos.Hash{}):
		return nothing{}, office.ErrUnknown
	}
	held, err := d.db.Quarantined()
	if err != nil {
		return nothing{}, err
	}
	if !slices.ContainsFunc(held, func(q store.Quarantined) bool { return q.Area == by.through.Area && quarantineID(q) == ask.ID }) {
		return nothing{}, office.ErrNothingHeld
	}
	if ask.How == "release" {
		_, err = d.office.Release(pos.Hash(raw), by.manager, ask.Reason)
	} else {
		_, err = d.office.Dismiss(pos.Hash(raw), by.manager, ask.Reason)
	}
	return nothing{}, err
}

// Issues implements screen.Office.
func (l lineOffice) Issues(by screen.Manager, all bool) ([]office.Issue, error) {
	return ask[[]office.Issue](l, by, "issue-list", issuesAsk{all})
}

// SettleIssue implements screen.Office.
func (l lineOffice) SettleIssue(by screen.Manager, id, how, reason string) error {
	_, err := ask[nothing](l, by, "issue-settle", settleAsk{id, how, reason})
	return l.heard(err)
}

// Issues implements screen.Office: a till without a server takes nothing on trust.
func (o ownOffice) Issues(screen.Manager, bool) ([]office.Issue, error) { return nil, nil }

// SettleIssue implements screen.Office.
func (o ownOffice) SettleIssue(screen.Manager, string, string, string) error {
	return office.ErrUnknown
}

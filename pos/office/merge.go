package office

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
)

// Merge moves all that one holder has to another, who gets the codes of the
// first too: both are the same person. What of the first is left is a holder
// without name, phone number and codes. A till that has not heard of it books on
// the first holder for a while; merging the same two again moves that too.
func (o *Office) Merge(who Who, manager pos.CashierID, reason string) (pos.Entry, error) {
	if who.From == who.Into {
		return pos.Entry{}, ErrSame
	}
	return o.book(reason, func(d draft) error {
		return o.Book.Merge(d.pen, who, func(p Pair) (Merger, error) {
			out, err := d.entry(who.Area, p.Tail)
			if err != nil {
				return Merger{}, err
			}
			out.Kind, out.Holder, out.Postings = pos.Merged, who.From, moved(p.From.Sums, -1)
			out.By = &pos.By{Kind: pos.ByMerge, ID: who.Into[:], Manager: manager}
			raw, err := out.Encode()
			if err != nil {
				return Merger{}, err
			}
			in := d.behind(out.ID.Incarnation, station.Tail{At: out.At, Head: pos.HashEntry(raw), Seq: out.ID.Seq})
			in.Nonce = d.nonce[1]
			in.Kind, in.Holder, in.Postings = pos.Merged, who.Into, moved(p.From.Sums, 1)
			in.By = &pos.By{Kind: pos.ByMerge, ID: who.From[:], Manager: manager}
			*d.written = in
			from, into := d.profiles(p)
			return Merger{[2]pos.Entry{out, in}, from, into}, nil
		})
	})
}

// moved returns the postings that book all sums, or take them away.
func moved(sums ledger.Sums, sign int64) (postings []pos.Posting) {
	for _, s := range sums {
		postings = append(postings, pos.Posting{Account: s.Account, Lot: s.Lot, Amount: sign * s.Amount})
	}
	return postings
}

// profiles returns the two profiles as they are from now on: newer than any that
// is known of them.
func (d draft) profiles(p Pair) (from, into pos.Profile) {
	from = pos.Profile{Holder: p.From.Profile.Holder, Joined: p.From.Profile.Joined}
	into = p.Into.Profile
	into.Codes = slices.Clone(into.Codes)
	for _, code := range p.From.Profile.Codes {
		if !slices.Contains(into.Codes, code) {
			into.Codes = append(into.Codes, code)
		}
	}
	for _, side := range []struct{ of, before *pos.Profile }{{&from, &p.From.Profile}, {&into, &p.Into.Profile}} {
		side.of.Changed = max(d.pen.At.UnixMilli(), side.before.Changed+1)
		side.of.ChangedBy = d.pen.Terminal
	}
	return from, into
}

package station

import (
	"errors"
	"fmt"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// undoReach is how far back Undo looks in the journal, in entries.
const undoReach = 500

// Void takes back every posting of an entry of this till and, of a sale that made a
// referral good, what the other member got for it. It can be done once,
// and neither a void nor a return, nor anything of a sale that was returned in part,
// nor a transfer can be voided. The reason is kept as one line, cut to what an
// entry holds.
func (s *Station) Void(by pos.CashierID, id pos.EntryID, reason string) (Done, error) {
	if reason = oneLine(reason); reason == "" {
		return Done{}, pos.Refuse("void.reason")
	}
	original, err := s.Journal.Entry(id)
	if errors.Is(err, ErrNotFound) {
		return Done{}, pos.Refuse("void.unknown")
	}
	if err != nil {
		return Done{}, fmt.Errorf("read entry: %w", err)
	}
	postings, err := ledger.Reverse(original.Entry)
	if err != nil || original.Entry.Kind == pos.Moved { // what another member got would stay with the other
		return Done{}, pos.Refuse("void.never")
	}
	referral, err := s.referralOf(original.Entry)
	if err != nil {
		return Done{}, err
	}
	profile, err := s.Members.Profile(original.Entry.Holder)
	if err != nil {
		return Done{}, fmt.Errorf("read member: %w", err)
	}
	void := func(m Moment) (action, error) {
		if m.Voided(id) {
			return action{}, reversedBefore(m, original.Entry)
		}
		return action{Kind: pos.Voided, Cashier: by, Program: original.Entry.Program, Postings: postings, Reason: reason}, nil
	}
	var record Record
	if referral == nil {
		record, err = s.write(profile.Holder, nil, func(m Moment, _ instant) (action, error) { return void(m) })
	} else {
		record, err = s.voidBoth(profile.Holder, *referral, void)
	}
	if err != nil {
		return Done{}, err
	}
	return s.done(record, profile), nil
}

// voidBoth takes back a sale of the holder and, in the same transaction, what the
// other member got for it, if that was anything and is still there.
func (s *Station) voidBoth(holder pos.HolderID, referral pos.Entry, void func(Moment) (action, error)) (Record, error) {
	records, err := s.together([]pos.HolderID{holder, referral.Holder}, func(moments []Moment, _ instant) ([]booking, error) {
		sale, err := void(moments[0])
		all := []booking{{holder, sale}}
		if err != nil || moments[0].Voided(referral.ID) {
			return all, err
		}
		other := sale
		if other.Postings, err = ledger.Reverse(referral); err != nil {
			return all, nil // the other member got nothing
		}
		return append(all, booking{referral.Holder, other}), nil
	})
	if err != nil {
		return Record{}, err
	}
	return records[0], nil
}

// reversedBefore says how some of the entry was reversed: by a return or a void.
func reversedBefore(m Moment, e pos.Entry) error {
	sale, err := soldAs(m, e)
	if err != nil {
		return err
	}
	if sale.returned(e.ID) {
		return pos.Refuse("void.returned")
	}
	return pos.Refuse("void.twice")
}

// oneLine returns a reason as an entry holds it.
func oneLine(reason string) string {
	reason = pos.CleanName(reason)
	return strings.ToValidUTF8(reason[:min(len(reason), pos.MaxText)], "")
}

// Undo voids the member's newest entry of this shift that can be voided; the next
// Undo the one before.
func (s *Station) Undo(by pos.CashierID, holder pos.HolderID, reason string) (Done, error) {
	last, err := s.lastUndoable(holder)
	if err != nil {
		return Done{}, err
	}
	if last == nil {
		return Done{}, pos.Refuse("undo.nothing")
	}
	return s.Void(by, last.Entry.ID, reason)
}

func (s *Station) lastUndoable(holder pos.HolderID) (*Record, error) {
	var found *Record
	seen := 0
	voided := map[pos.EntryID]bool{}
	err := s.Journal.Last(func(r Record) bool {
		seen++
		if r.Entry.Holder == holder && r.Entry.Kind != pos.Moved && len(r.Entry.Postings) > 0 {
			if r.Entry.Postings[0].Of == nil && !voided[r.Entry.ID] {
				found = &r
			}
			for _, p := range r.Entry.Postings {
				if p.Of != nil {
					voided[*p.Of] = true
				}
			}
		}
		joined := r.Entry.Holder == holder && r.Entry.Kind == pos.Enrolled // and before that there was nothing
		return found == nil && seen < undoReach && r.Entry.Kind != pos.DayEnded && !joined
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return found, nil
}

package station

import (
	"errors"
	"fmt"
	"time"

	"tenthcup/pos"
)

// SkewLimit is how far the terminal's clock may be from the centre's before the
// cashier is warned. Standing.Offset says how far it is.
const SkewLimit = 5 * time.Minute

const (
	// maxHold is how far behind the last entry the clock may be and the next entry
	// still carry that one's time. A clock that is further behind was set, and says
	// what somebody believes.
	maxHold = time.Hour
	// minStep is how much two measurements of the centre's clock differ at least:
	// lines are not more even than that.
	minStep = time.Second
)

// Start reads what the till knew when it was last used: how far the centre's
// clock is ahead, and how late it was. It is called once, before other methods.
// A station that was not started takes the terminal's clock as it is.
func (s *Station) Start() error {
	standing, err := s.Office.Standing()
	if err != nil {
		return fmt.Errorf("read standing: %w", err)
	}
	latest, err := s.unheard()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset, s.stored, s.written = standing.Offset, standing.Offset, standing.Offset
	s.heard, s.synced, s.latest = standing.LastSync, standing.LastSync, latest
	return nil
}

// unheard returns the latest time of the entries that the centre has not
// acknowledged: it was that late once, whatever the clock says now.
func (s *Station) unheard() (latest time.Time, err error) {
	waiting, err := s.Office.Waiting()
	if err != nil {
		return time.Time{}, fmt.Errorf("read outbox: %w", err)
	}
	if !waiting.Enrolled || waiting.Entries == 0 {
		return time.Time{}, nil
	}
	seen := 0
	err = s.Journal.Last(func(r Record) bool {
		seen++
		latest = later(latest, r.Entry.Time())
		return seen < waiting.Entries
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read journal: %w", err)
	}
	return latest, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// SetOffset tells the station how far the centre's clock is ahead of the
// terminal's, as just measured. Entries written from now on carry the corrected
// time, also when the offset could not be stored. It is kept across restarts if
// it moved by a second or more.
func (s *Station) SetOffset(offset time.Duration) error {
	offset = offset.Truncate(time.Millisecond)
	s.mu.Lock()
	s.offset, s.heard = offset, s.Now().Add(offset)
	moved := (offset - s.stored).Abs() >= minStep
	s.mu.Unlock()
	if !moved {
		return nil
	}
	if err := s.Office.SetOffset(offset); err != nil {
		return fmt.Errorf("store clock: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored = offset
	return nil
}

// clock returns the corrected time, in UTC and milliseconds, and the correction.
//
// A correction that would put now before the last word of the centre is none any
// more: the terminal's clock has been set right since it was measured.
func (s *Station) clock() (time.Time, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, offset := s.Now(), s.offset
	if s.heard.Sub(now.Add(offset)) > maxHold && s.heard.Sub(now) <= maxHold {
		offset = 0
	}
	return now.Add(offset).UTC().Truncate(time.Millisecond), offset
}

// instant is when an entry is written.
type instant struct {
	at     time.Time
	day    pos.Day       // of the shop
	added  time.Duration // to the terminal's clock, to get at
	offset time.Duration // what of it is the centre's correction
	back   bool          // at is before the last entry: that is to be recorded first
	latest time.Time     // it is at least that late, though the clock may have been set back
}

// instant returns when the entry after the tail is written. Time does not go
// backwards because the terminal's clock was slewed; it may where the centre
// corrected it, or somebody set it.
func (s *Station) instant(m Moment) instant {
	at, offset := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	added, back := offset, false
	if behind := time.UnixMilli(m.Tail.At).Sub(at); behind > 0 {
		back = behind > maxHold || behind >= minStep && s.written-offset >= minStep
		if !back {
			at, added = at.Add(behind), added+behind
		}
	}
	if !m.Standing.LastSync.Equal(s.synced) { // the centre has told the time since
		s.synced, s.latest = m.Standing.LastSync, time.Time{}
	}
	s.latest = later(s.latest, at)
	return instant{at, pos.DayOf(at, s.Zone), added, offset, back, later(s.latest, s.synced)}
}

// age returns how old the centre's last word about the member is. Turning the
// clock back makes it no younger. What the centre never said is not old: a till
// that it never answered has its limits, but no time limit.
func (when instant) age(m Moment) time.Duration {
	word := m.View.AsOf
	if word.IsZero() {
		word = m.Standing.LastSync
	}
	if word.IsZero() {
		return 0
	}
	return max(when.latest.Sub(word), 0)
}

// errBack says that an entry cannot be written before it is recorded that time
// goes back.
var errBack = errors.New("time goes back")

// correct records that time goes back from here, and by how much, unless another
// entry has.
func (s *Station) correct() error {
	_, err := s.append(pos.HolderID{}, nil, func(m Moment, when instant) (action, error) {
		if !when.back {
			return action{}, errMoved
		}
		return action{Kind: pos.Corrected, Facts: map[string]int64{
			"from": m.Tail.At, "to": when.at.UnixMilli(), "offset": when.offset.Milliseconds(),
		}}, nil
	})
	if errors.Is(err, errMoved) {
		return nil
	}
	return err
}

// Today returns the shop's day.
func (s *Station) Today() pos.Day {
	now, _ := s.clock()
	return pos.DayOf(now, s.Zone)
}

// Standing returns what the till knows of itself.
func (s *Station) Standing() (Standing, error) {
	standing, err := s.Office.Standing()
	if err != nil {
		return Standing{}, fmt.Errorf("read standing: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	standing.Offset = s.offset
	standing.Outdated = s.program.ID != s.wanted
	return standing, nil
}

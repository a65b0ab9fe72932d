package station

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
)

// Member is a member as the cashier sees one.
type Member struct {
	Profile   pos.Profile
	Cards     []rules.PunchCard // one per card of the program, in its order
	Points    *pos.Points       // nil if the program has none
	Credit    *pos.Money        // nil if the program has none
	Standing  rules.Standing    // zero if the program has no tiers
	TierBy    string            // what tiers ask for, pos.BySpend and the like; "" if the program has none
	Goals     []rules.GoalProgress
	Ends      []rules.Ends       // what soon ends, soonest first
	Plans     []rules.Membership // paid, that the member has
	Sells     bool               // a sale gives something, or counts for something
	Rewards   []rules.Reward
	AsOf      time.Time            // of the centre's balance; zero if there is none
	Unmerged  int                  // own entries that the centre has not counted yet
	Uncounted map[pos.Account]bool // accounts that those of them changed
	Today     pos.Day              // of the shop
	Undo      *Record              // the newest entry of this till that Undo would take back, or nil
}

// Names returns as much of the program as names what the member has.
func Names(m Member) (program pos.Program) {
	for _, c := range m.Cards {
		program.Cards = append(program.Cards, c.Card)
	}
	for _, r := range m.Rewards {
		program.Rewards = append(program.Rewards, r.Rule)
	}
	for _, p := range m.Plans {
		program.Plans = append(program.Plans, p.Plan)
	}
	program.Tiers = []pos.Tier{m.Standing.Tier, m.Standing.Next}
	return program
}

// Member returns the member, or ErrNotFound.
func (s *Station) Member(holder pos.HolderID) (Member, error) {
	profile, err := s.Members.Profile(holder)
	if err != nil {
		return Member{}, fmt.Errorf("read member: %w", err)
	}
	view, err := s.Journal.View(holder)
	if err != nil {
		return Member{}, fmt.Errorf("read balance: %w", err)
	}
	program, err := s.Program()
	if err != nil {
		return Member{}, err
	}
	undo, err := s.lastUndoable(holder)
	if err != nil {
		return Member{}, err
	}
	today := s.Today()
	m := Member{Profile: profile, AsOf: view.AsOf, Unmerged: view.Unmerged, Undo: undo, Today: today}
	if m.Uncounted, err = s.uncounted(holder, view.Unmerged); err != nil {
		return Member{}, err
	}
	for _, card := range program.Cards {
		m.Cards = append(m.Cards, rules.Count(card, view.Sums.Balance(card.Account(), today)))
	}
	if program.Points != nil {
		points := pos.Points(view.Sums.Balance(pos.PointsAccount, today))
		m.Points = &points
	}
	if program.Credit != nil {
		credit := pos.Money(view.Sums.Balance(pos.CreditAccount, today))
		m.Credit = &credit
	}
	m.Goals, m.Ends = rules.Goals(&program, view.Sums, today), rules.Ending(&program, view.Sums, today)
	m.Plans = rules.Memberships(&program, view.Sums, today)
	m.Standing, m.Sells = rules.Progress(&program, view.Sums, today), rules.GivesOnSales(&program)
	if len(program.Tiers) > 0 {
		m.TierBy = program.Standing.By
	}
	m.Rewards, err = s.rewards(&program, view, profile)
	return m, err
}

// Profile returns who the member is, or ErrNotFound.
func (s *Station) Profile(holder pos.HolderID) (pos.Profile, error) {
	return s.Members.Profile(holder)
}

// Lookup returns the members whose code, alias or phone number the text is. None
// is a problem, and so is the code of a gift card; more than one means that tills
// gave the same alias twice, and the cashier chooses.
func (s *Station) Lookup(text string) ([]Member, error) {
	parsed, err := code.Parse(text)
	if err != nil {
		return nil, err
	}
	holders, err := s.Members.ByCode(parsed)
	if err == nil && len(holders) == 0 && !code.IsMember(parsed) {
		holders, err = s.byPhone(text)
	}
	if err != nil {
		return nil, fmt.Errorf("look up code: %w", err)
	}
	if len(holders) == 0 {
		return nil, pos.Refuse("code.unknown", "code", code.Group(parsed))
	}
	var members []Member
	for _, holder := range holders {
		member, err := s.Member(holder)
		if err != nil {
			return nil, err
		}
		if member.Profile.Kind != pos.GiftCard {
			members = append(members, member)
		}
	}
	if len(members) == 0 {
		return nil, pos.Refuse("giftcard.member")
	}
	return members, nil
}

func (s *Station) byPhone(text string) ([]pos.HolderID, error) {
	country, err := s.country()
	if err != nil {
		return nil, err
	}
	phone, err := pos.NormalPhone(text, country)
	if err != nil {
		return nil, nil // not a phone number: nobody has it
	}
	return s.Members.ByCode(phone)
}

func (s *Station) country() (string, error) {
	roster, err := s.Office.Roster()
	if err != nil {
		return "", fmt.Errorf("read roster: %w", err)
	}
	return roster.Shop.Country, nil
}

// Find returns up to limit members by the beginning of a word of their name, or
// by a whole phone number or code.
func (s *Station) Find(text string, limit int) ([]pos.Profile, error) {
	found, err := s.Members.ByName(pos.Fold(text), limit)
	if err != nil || len(found) > 0 {
		return found, err
	}
	members, err := s.Lookup(text)
	if _, ok := errors.AsType[*pos.Problem](err); ok {
		return nil, nil
	}
	for _, m := range members {
		found = append(found, m.Profile)
	}
	return found, err
}

// Enrol makes a member of the person: a new holder with a new member code, which
// is returned in Done.Member, unless the first of the codes is a member code, that
// of a card printed beforehand. A phone number or code that a member has already
// is a problem. Friend is the member who brought the person, if one did.
func (s *Station) Enrol(by pos.CashierID, p pos.Profile) (Done, error) {
	s.profiles.Lock()
	defer s.profiles.Unlock()
	now, _ := s.clock()
	var err error
	if p.Holder, err = pos.NewHolderID(s.Random); err != nil {
		return Done{}, fmt.Errorf("draw holder id: %w", err)
	}
	if printed, err := code.Parse(p.Code()); err != nil || !code.IsMember(printed) {
		made, err := code.New(s.Random)
		if err != nil {
			return Done{}, fmt.Errorf("draw member code: %w", err)
		}
		p.Codes = append([]string{made}, p.Codes...)
	}
	p.Joined = pos.DayOf(now, s.Zone)
	if p, err = s.checked(p, now); err != nil {
		return Done{}, err
	}
	return s.decide(p.Holder, happening{newcomer: &p, decide: rules.Enrol, what: func(*pos.Program) (rules.Ask, action) {
		return rules.Ask{}, action{Kind: pos.Enrolled, Cashier: by}
	}})
}

// Edit changes who the member is; what the member has is in the ledger and stays.
// change is called once and must not call the station; its error is returned as
// it is, and nothing has changed.
func (s *Station) Edit(holder pos.HolderID, change func(*pos.Profile) error) (Member, error) {
	s.profiles.Lock()
	defer s.profiles.Unlock()
	if err := s.writable(); err != nil {
		return Member{}, err
	}
	p, err := s.Members.Profile(holder)
	if err != nil {
		return Member{}, fmt.Errorf("read member: %w", err)
	}
	before := p
	p.Codes = slices.Clone(p.Codes)
	if err := change(&p); err != nil {
		return Member{}, err
	}
	p.Holder, p.Joined, p.Friend, p.Kind = before.Holder, before.Joined, before.Friend, before.Kind
	now, _ := s.clock()
	if now.UnixMilli() <= before.Changed {
		now = time.UnixMilli(before.Changed + 1) // a change always replaces what it changed
	}
	if p, err = s.checked(p, now); err != nil {
		return Member{}, err
	}
	if err := s.Members.SaveProfile(p); err != nil {
		return Member{}, fmt.Errorf("save member: %w", err)
	}
	return s.Member(holder)
}

// checked returns the profile as it is stored, signed with the time and till.
func (s *Station) checked(p pos.Profile, now time.Time) (pos.Profile, error) {
	roster, err := s.Office.Roster()
	if err != nil {
		return p, fmt.Errorf("read roster: %w", err)
	}
	if p, err = p.Clean(roster.Shop.Country); err != nil {
		return p, err
	}
	var codes []string
	for _, alias := range p.Codes {
		parsed, err := code.Parse(alias)
		if err != nil {
			return p, err
		}
		if !slices.Contains(codes, parsed) {
			codes = append(codes, parsed)
		}
	}
	p.Codes = codes
	if p.HomeStore == "" {
		p.HomeStore = roster.Shop.Store
	}
	p.Changed, p.ChangedBy = now.UnixMilli(), s.Terminal
	return p, s.unique(p)
}

// unique refuses a phone number or alias that another member has.
func (s *Station) unique(p pos.Profile) error {
	for _, key := range append(slices.Clone(p.Codes), p.Phone) {
		if key == "" {
			continue
		}
		holders, err := s.Members.ByCode(key)
		if err != nil {
			return fmt.Errorf("look up code: %w", err)
		}
		for _, holder := range holders {
			if holder == p.Holder {
				continue
			}
			other, err := s.Members.Profile(holder)
			if err != nil {
				return fmt.Errorf("read member: %w", err)
			}
			if other.Kind == pos.GiftCard {
				return pos.Refuse("giftcard.taken", "code", code.Group(key))
			}
			return pos.Refuse("member.twice", "code", key, "name", other.Name, "member", code.Group(other.Code()))
		}
	}
	return nil
}

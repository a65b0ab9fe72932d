package program

import (
	"encoding/binary"
	"slices"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// The accounts of what counts for tiers.
const (
	spendAccount pos.Account = "spend"
	visitAccount pos.Account = "visit"
)

func voucherAccount(reward string) pos.Account { return pos.Account("reward:" + reward) }

// member is somebody to whom an example happens, with a gift card.
type member struct {
	p       *pos.Program
	given   pos.ExampleGiven
	holder  pos.HolderID
	day     pos.Day
	minute  int
	joined  pos.Day
	sums    ledger.Sums
	card    ledger.Sums      // of the gift card
	last    rules.Sold       // the last sale
	stamped map[string]int64 // when a card got its last stamp, in minutes since 1970
	stock   map[string]int64 // how many of a reward were handed out
	coupon  string           // shown with the step under way
}

// giftCard is the holder of every member's gift card.
var giftCard = pos.HolderID{1}

// begin returns the member that an example begins with. What is given was earned on
// that day, and ends as if it was.
func begin(p *pos.Program, given pos.ExampleGiven, later pos.Day) (*member, error) {
	m := &member{p: p, given: given, day: given.At.Day, minute: given.At.Minute, joined: given.Joined, stamped: map[string]int64{}, stock: map[string]int64{}}
	var err error
	if m.holder, err = chosen(p, given, later); err != nil {
		return nil, err
	}
	var postings []pos.Posting
	add := func(account pos.Account, amount int64, lot pos.Lot) {
		if amount != 0 {
			postings = append(postings, pos.Posting{Account: account, Amount: amount, Lot: lot})
		}
	}
	earn := func(account pos.Account, amount int64, expiry pos.Expiry) {
		expiry.Pending = 0
		lot := expiry.Lot(p.Calendar, m.day)
		if expiry.Inactive > 0 && amount != 0 {
			lot = pos.Lot{From: m.day}
			add(ledger.ActivityOf(account), 1, pos.Lot{From: m.day, Until: pos.FirstOf(p.Calendar, m.day, expiry.Inactive+1)})
		}
		add(account, amount, lot)
	}
	if given.Points != nil && p.Points != nil {
		earn(pos.PointsAccount, *given.Points, p.Points.Expiry)
	}
	if p.Credit != nil {
		earn(pos.CreditAccount, int64(given.Credit.Minor), p.Credit.Expiry)
	}
	if given.Visits != nil {
		add(visitAccount, *given.Visits, pos.Lot{})
	}
	add(spendAccount, int64(given.Spend.Minor), pos.Lot{})
	for id, stamps := range given.Cards {
		card, _ := p.Card(id)
		earn(card.Account(), stamps, card.Expiry)
	}
	for id, n := range given.Vouchers {
		reward, _ := p.Reward(id)
		earn(voucherAccount(id), n, pos.Expiry{Days: reward.Days})
	}
	for id, n := range given.Tickets {
		add(pos.Account("ticket:"+id), n, pos.Lot{})
	}
	for class, list := range map[string][]string{"tier:": given.Tiers, "plan:": given.Plans, "tag:": given.Tags, "badge:": given.Badges} {
		for _, id := range list {
			add(pos.Account(class+id), 1, pos.Lot{})
		}
	}
	if m.sums, err = m.sums.AddAll(postings); err != nil {
		return nil, err
	}
	if given.GiftCard.Minor > 0 {
		err = m.load(int64(given.GiftCard.Minor))
	}
	return m, err
}

// tries is how many members are looked through for one whom chance treats as an
// example says.
const tries = 2_000_000

// chosen returns a member in the arm that is given, and in the control group of
// every other experiment, who draws the surprise that is given on the day so many
// days later, and no other.
func chosen(p *pos.Program, given pos.ExampleGiven, later pos.Day) (holder pos.HolderID, err error) {
	experiment, arm, _ := strings.Cut(given.Arm, "/")
	for n := range uint64(tries) {
		binary.BigEndian.PutUint64(holder[8:], n+2)
		fits := !slices.ContainsFunc(p.Experiments, func(e pos.Experiment) bool {
			want := e.Arms[0]
			if e.ID == experiment {
				want = arm
			}
			return rules.Arm(e, holder) != want
		}) && !slices.ContainsFunc(p.Surprises, func(s pos.Surprise) bool {
			return s.OneIn > 1 && rules.Lucky(s, holder, given.At.Day+later) != (s.ID == given.Lucky)
		})
		if fits {
			return holder, nil
		}
	}
	return holder, pos.Refuse("program.nobody")
}

// later returns how many days go by before the last step of the example.
func later(e *pos.Example) (days pos.Day) {
	for _, step := range e.First {
		days += pos.Day(step.Days) + pos.Day(int64(step.Every)*step.Times)
	}
	return days
}

// has returns the balance of the account.
func (m *member) has(account pos.Account) int64 { return m.sums.Balance(account, m.day) }

// pending returns what the member has of the account that counts later.
func (m *member) pending(account pos.Account) int64 {
	total := int64(0)
	for _, sum := range m.sums {
		if sum.Account == account && sum.Lot.Pending(m.day) {
			total += sum.Amount
		}
	}
	return total
}

// facts answers the rules from the member's balances and what the example says.
func (m *member) facts(name string) int64 {
	what, id, _ := strings.Cut(name, ":")
	switch what + ":" {
	case rules.FactSwitch:
		return one(slices.Contains(m.given.Switches, id))
	case rules.FactCoupon:
		return one(m.coupon != "" && m.coupon == id)
	case rules.FactStock:
		return m.stock[id]
	case rules.FactSince:
		if last, ok := m.stamped[id]; ok {
			return (m.now()-last)*60 + 1
		}
		return 0
	}
	switch name {
	case rules.FactMinute:
		return int64(m.minute)
	case rules.FactJoined:
		return int64(m.joined)
	case rules.FactFriend:
		return one(m.given.Friend)
	case rules.FactBirthday:
		birthday, _ := pos.ParseBirthday(m.given.Birthday) // none where there is none
		return int64(birthday.Month)*100 + int64(birthday.Day)
	}
	return rules.Held(m.sums, m.day, name)
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

func (m *member) now() int64 { return int64(m.day)*24*60 + int64(m.minute) }

func (m *member) knows() rules.Knowledge { return rules.Knowledge{Holder: m.holder, Sums: m.sums} }

// book adds what was decided to what the member has, and to the last sale where it
// is a part of one.
func (m *member) book(kind pos.Kind, sale *pos.Sale, postings []pos.Posting) error {
	sums, err := m.sums.AddAll(postings)
	if err != nil {
		return err
	}
	m.sums = sums
	m.note(kind, m.holder, sale, postings)
	for _, card := range m.p.Cards {
		if (deed{postings: postings}).given(card.Account()) > 0 {
			m.stamped[card.ID] = m.now()
		}
	}
	return nil
}

// note remembers an entry of the last sale.
func (m *member) note(kind pos.Kind, holder pos.HolderID, sale *pos.Sale, postings []pos.Posting) {
	if sale == nil {
		return
	}
	m.last.Entries = append(m.last.Entries, pos.Entry{
		ID: pos.EntryID{Seq: uint64(len(m.last.Entries) + 1)}, At: m.now() * 60_000, Day: m.day,
		Kind: kind, Holder: holder, Sale: sale, Postings: postings,
	})
}

// load puts money on the gift card.
func (m *member) load(amount int64) error {
	ask := rules.Ask{Holder: giftCard, Day: m.day, Event: rules.LoadTopUp, Count: amount, Facts: func(name string) int64 { return rules.Held(m.card, m.day, name) }}
	if len(m.card) == 0 {
		ask.Event = rules.LoadSold
	}
	decision, err := rules.Load(m.p, ask)
	if err == nil {
		m.card, err = m.card.AddAll(decision.Postings)
	}
	return err
}

package station_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
)

func TestEnrol(t *testing.T) {
	s := open(t)
	done, err := s.Enrol("robin", pos.Profile{Name: "  Ann  Archer ", Phone: "06 30 123 4567", Codes: []string{"4006381-333931", "4006381333931"}})
	require.NoError(t, err)
	p := done.Member.Profile
	require.True(t, code.IsMember(p.Code()))
	require.Equal(t, pos.Profile{
		Holder: p.Holder, Codes: []string{p.Code(), "4006381333931"}, Name: "Ann Archer", Phone: "+36301234567",
		HomeStore: "center", Joined: s.Today(), Changed: s.clock.now().UnixMilli(), ChangedBy: terminal,
	}, p)
	e := done.Record.Entry
	require.Equal(t, []any{pos.Enrolled, p.Holder, pos.CashierID("robin")}, []any{e.Kind, e.Holder, e.Cashier})
	require.Empty(t, e.Postings)
	require.NotContains(t, string(done.Record.Raw), "Archer", "who it is stays out of the ledger")
	require.NotContains(t, string(done.Record.Raw), "4567")
	waiting, err := s.Waiting()
	require.NoError(t, err)
	require.Equal(t, 2, waiting.Total(), "an entry and a profile")

	stored, err := reopen(t, s).Profile(p.Holder)
	require.NoError(t, err)
	require.Equal(t, p, stored)
}

func TestEnrolWithAPrintedCard(t *testing.T) {
	s := open(t)
	printed, err := code.New(strings.NewReader("0123456789a"))
	require.NoError(t, err)
	done, err := s.Enrol("robin", pos.Profile{Name: "Ann", Codes: []string{strings.ToLower(code.Group(printed)), "4006381333931"}})
	require.NoError(t, err)
	require.Equal(t, []string{printed, "4006381333931"}, done.Member.Profile.Codes)
	s.refused(t, "member.twice", func() error {
		_, err := s.Enrol("robin", pos.Profile{Name: "Béla", Codes: []string{printed}})
		return err
	})
}

func TestEnrolRefuses(t *testing.T) {
	s := open(t)
	first, err := s.Enrol("robin", pos.Profile{Name: "Ann", Phone: "06 30 123 4567", Codes: []string{"4006381333931"}})
	require.NoError(t, err)
	wrong := first.Member.Profile.Code()[:14] + "1"
	if code.IsMember(wrong) {
		wrong = wrong[:14] + "2"
	}
	for name, tt := range map[string]struct {
		profile pos.Profile
		problem string
	}{
		"nobody":                           {pos.Profile{}, "member.empty"},
		"a phone number that is none":      {pos.Profile{Name: "Béla", Phone: "KAVE"}, "member.phone"},
		"an address that is none":          {pos.Profile{Name: "Béla", Email: "bela"}, "member.email"},
		"a member twice, by phone":         {pos.Profile{Name: "Anna", Phone: "+36 30 123 4567"}, "member.twice"},
		"a member twice, by an old card":   {pos.Profile{Name: "Anna", Codes: []string{"4006381 333931"}}, "member.twice"},
		"a member twice, by the code":      {pos.Profile{Name: "Anna", Codes: []string{first.Member.Profile.Code()}}, "member.twice"},
		"an alias with a misread code":     {pos.Profile{Name: "Béla", Codes: []string{"1234", wrong}}, "code.check"},
		"an alias that cannot be scanned":  {pos.Profile{Name: "Béla", Codes: []string{"کارت"}}, "code.foreign"},
		"a longer name than a card can be": {pos.Profile{Name: strings.Repeat("x", 81)}, "member.name.long"},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused(t, tt.problem, func() error { _, err := s.Enrol("robin", tt.profile); return err })
		})
	}
	_, err = s.Enrol("robin", pos.Profile{Name: "Anna", Phone: "06301234567"})
	var problem *pos.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, pos.Refuse("member.twice", "code", "+36301234567", "name", "Ann", "member", code.Group(first.Member.Profile.Code())), problem)
}

// Two commands that enrol the same person at the same moment make one member.
func TestEnrolTwiceAtOnce(t *testing.T) {
	s := open(t)
	enrolled := 0
	for _, err := range parallel(8, func(int) error {
		_, err := s.Enrol("robin", pos.Profile{Name: "Ann", Phone: "06 30 123 4567"})
		return err
	}) {
		if err == nil {
			enrolled++
			continue
		}
		require.ErrorIs(t, err, pos.Refuse("member.twice"))
	}
	require.Equal(t, 1, enrolled)
	require.Len(t, s.journal(t), 1)
}

func TestLookup(t *testing.T) {
	s := open(t)
	done, err := s.Enrol("robin", pos.Profile{Name: "Ann", Phone: "06 30 123 4567", Codes: []string{"4006381333931", "shop-0017"}})
	require.NoError(t, err)
	s.enrol(t, "Béla")
	member := done.Member.Profile.Code()
	for name, text := range map[string]string{
		"the code":               member,
		"in groups":              code.Group(member),
		"in small letters":       strings.ToLower(member),
		"as a scanner sends it":  "]Q1" + member + "\r",
		"an old card":            "4006381333931",
		"an alias, other case":   "SHOP 0017",
		"the phone number":       "+36301234567",
		"the Hungarian way":      "06 30/123-4567",
		"in Persian digits":      "۰۶۳۰۱۲۳۴۵۶۷",
		"without the trunk sign": "301234567",
	} {
		t.Run(name, func(t *testing.T) {
			found, err := s.Lookup(text)
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.Equal(t, done.Member.Profile, found[0].Profile)
		})
	}
	stranger, err := code.New(strings.NewReader("0123456789a"))
	require.NoError(t, err)
	for name, tt := range map[string]struct{ text, problem string }{
		"a member of another shop": {stranger, "code.unknown"},
		"an unknown card":          {"96385074", "code.unknown"},
		"an unknown number":        {"06 30 765 4321", "code.unknown"},
		"nothing":                  {" ", "code.empty"},
		"a wrong sign":             {swapped(member), "code.check"},
		"half a code":              {member[:9], "code.length"},
		"a web address":            {"https://example.com/" + strings.Repeat("x", 60), "code.foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Lookup(tt.text)
			require.ErrorIs(t, err, pos.Refuse(tt.problem))
		})
	}
}

// swapped exchanges the first two different signs behind the prefix.
func swapped(member string) string {
	signs := []byte(member)
	for i := len(code.Prefix); i+1 < len(signs); i++ {
		if signs[i] != signs[i+1] {
			signs[i], signs[i+1] = signs[i+1], signs[i]
			break
		}
	}
	return string(signs)
}

func TestFind(t *testing.T) {
	s := open(t)
	for _, p := range []pos.Profile{{Name: "Kőszegi Ödön", Phone: "06 30 123 4567"}, {Name: "Ann Kovács"}, {Name: "علي كريمي"}, {Name: "Kovács Béla"}} {
		_, err := s.Enrol("robin", p)
		require.NoError(t, err)
	}
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"the beginning of a name":      {"kosz", []string{"Kőszegi Ödön"}},
		"with its accents":             {"KŐSZ", []string{"Kőszegi Ödön"}},
		"the beginning of a word":      {"kov", []string{"Ann Kovács", "Kovács Béla"}},
		"two words":                    {"kovacs b", []string{"Kovács Béla"}},
		"Persian letters for Arabic":   {"علی کر", []string{"علي كريمي"}},
		"a phone number":               {"06301234567", []string{"Kőszegi Ödön"}},
		"the middle of a word":         {"szegi", nil},
		"nobody":                       {"zoltan", nil},
		"a wrong code is nobody":       {"TC1X", nil},
		"what cannot be a name either": {"\x1b", nil},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := s.Find(tt.text, 10)
			require.NoError(t, err)
			var names []string
			for _, p := range found {
				names = append(names, p.Name)
			}
			require.Equal(t, tt.want, names)
		})
	}
	found, err := s.Find("k", 2)
	require.NoError(t, err)
	require.Len(t, found, 2, "no more than asked for")
}

func TestEdit(t *testing.T) {
	s := open(t)
	done, err := s.Enrol("robin", pos.Profile{Name: "Ann", Phone: "06 30 123 4567"})
	require.NoError(t, err)
	_, err = s.Enrol("robin", pos.Profile{Name: "Béla", Phone: "06 30 765 4321"})
	require.NoError(t, err)
	ann := done.Member.Profile
	s.stamp(t, ann.Holder, 3)

	t.Run("what changes is kept, what a member has stays", func(t *testing.T) {
		m, err := s.Edit(ann.Holder, func(p *pos.Profile) error { p.Name, p.Email = " Ann  Archer", "ann@example.com"; return nil })
		require.NoError(t, err)
		require.Equal(t, "Ann Archer", m.Profile.Name)
		require.Equal(t, "+36301234567", m.Profile.Phone, "her own number is not another's")
		require.Equal(t, int64(3), m.Cards[0].Stamps)
		stored, err := s.Profile(ann.Holder)
		require.NoError(t, err)
		require.Equal(t, m.Profile, stored)
	})
	t.Run("who it is and since when does not change", func(t *testing.T) {
		m, err := s.Edit(ann.Holder, func(p *pos.Profile) error {
			p.Holder, p.Joined, p.Changed, p.ChangedBy = pos.HolderID{1}, 1, 1, pos.TerminalID{1}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, []any{ann.Holder, ann.Joined, terminal}, []any{m.Profile.Holder, m.Profile.Joined, m.Profile.ChangedBy})
	})
	t.Run("a change is newer than what it changed, whatever the clock says", func(t *testing.T) {
		for _, span := range []time.Duration{0, -time.Hour, 0, time.Minute} {
			s.clock.pass(span)
			before, err := s.Profile(ann.Holder)
			require.NoError(t, err)
			m, err := s.Edit(ann.Holder, func(p *pos.Profile) error { p.Language = "hu"; return nil })
			require.NoError(t, err)
			require.True(t, m.Profile.Newer(before))
		}
	})
	t.Run("refused, it stays as it was", func(t *testing.T) {
		before, err := s.Profile(ann.Holder)
		require.NoError(t, err)
		for problem, change := range map[string]func(*pos.Profile){
			"member.twice": func(p *pos.Profile) { p.Phone = "06 30 765 4321" },
			"member.phone": func(p *pos.Profile) { p.Phone = "x" },
			"member.email": func(p *pos.Profile) { p.Email = "x" },
			"code.foreign": func(p *pos.Profile) { p.Codes = append(p.Codes, "\x00") },
		} {
			_, err := s.Edit(ann.Holder, func(p *pos.Profile) error { change(p); return nil })
			require.ErrorIs(t, err, pos.Refuse(problem))
		}
		mistake := errors.New("not so")
		_, err = s.Edit(ann.Holder, func(p *pos.Profile) error { p.Name = "Anna"; return mistake })
		require.Equal(t, mistake, err, "as it is")
		after, err := s.Profile(ann.Holder)
		require.NoError(t, err)
		require.Equal(t, before, after)
	})
	t.Run("many at once lose nothing", func(t *testing.T) {
		for _, err := range parallel(10, func(i int) error {
			_, err := s.Edit(ann.Holder, func(p *pos.Profile) error {
				p.Codes = append(p.Codes, "CARD"+string(rune('A'+i)))
				return nil
			})
			return err
		}) {
			require.NoError(t, err)
		}
		p, err := s.Profile(ann.Holder)
		require.NoError(t, err)
		require.Len(t, p.Codes, 11)
	})
	t.Run("nobody", func(t *testing.T) {
		_, err := s.Edit(pos.HolderID{1}, func(*pos.Profile) error { return nil })
		require.ErrorIs(t, err, station.ErrNotFound)
		_, err = s.Member(pos.HolderID{1})
		require.ErrorIs(t, err, station.ErrNotFound)
	})
}

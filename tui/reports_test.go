package tui_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/tui/screen"
	"tenthcup/tui/theme"
	"tenthcup/tui/tuitest"
)

// lively is a program with something in every report.
const lively = bakery + `
[tiers]
by = "visits"
[[tier]]
id = "regular"
name = "Regular"
from = "2"
[[tier]]
id = "friend"
name = "Friend of the house"
from = "4"
[[experiment]]
id = "double"
name = "Double Tuesday"
arms = ["without", "with"]
`

// tillFigures are the figures of the till's own file, and what kept the server's away.
type tillFigures struct {
	db  *bolt.Till
	why error
}

func (f tillFigures) Report(_ screen.Manager, ask report.Ask) (screen.Reported, error) {
	figures, err := f.db.Report(ask)
	return screen.Reported{Figures: figures, Own: f.why != nil, Why: f.why}, err
}

// weeks lets so many days pass, in which members come and go.
func (s *shop) weeks(days int) {
	s.t.Helper()
	var members []station.Member
	for i := range 6 {
		members = append(members, s.enrol(fmt.Sprintf("Member %d", i), ""))
	}
	morning := time.Now()
	for day := range days {
		for i, m := range members {
			if (day+i)%(i+1) != 0 {
				continue
			}
			time.Sleep(time.Duration(20+7*i) * time.Minute)
			_, err := s.station.Earn("edit", m.Profile.Holder, pos.Money(450+130*i+10*day))
			require.NoError(s.t, err)
			_, err = s.station.Stamp("edit", m.Profile.Holder, "coffee", int64(1+i%3))
			require.NoError(s.t, err)
			if s.member(m).Cards[0].Full > 0 {
				_, err = s.station.Redeem("edit", m.Profile.Holder, "free-coffee")
				require.NoError(s.t, err)
			}
		}
		time.Sleep(time.Until(morning.AddDate(0, 0, day+1)))
	}
}

// toReports opens the page with a manager's PIN.
func toReports(d *tuitest.Driver) {
	d.Press("m", "r")
	d.Type("1234")
	d.Press("enter")
}

func inBusyShop(t *testing.T, test func(t *testing.T, s *shop, d *tuitest.Driver)) {
	t.Helper()
	inShop(t, lively, func(t *testing.T, s *shop) {
		s.weeks(30)
		s.config.Reports = tillFigures{db: s.db}
		d := s.start(80, 24)
		toReports(d)
		test(t, s, d)
	})
}

func TestReports(t *testing.T) {
	inBusyShop(t, func(t *testing.T, s *shop, d *tuitest.Driver) {
		require.Contains(t, d.View(), "Nothing happened in this time.", "today nobody was here yet")
		d.Press("-")
		for _, name := range report.Names {
			everySize(d, name)
			d.Press("right")
		}
		require.Contains(t, d.View(), "By hour", "behind the last is the first")
		d.Press("left", "y")
		require.Contains(t, d.View(), "Week by hour")
		d.Golden("year")
		d.GoldenStyled("year-styled")
		d.Press("left", "left", "left", "left", "left")
		d.Golden("liability-year")
	})
}

// Reports in the colours of the contrast theme.
func TestReportsInContrast(t *testing.T) {
	inShop(t, lively, func(t *testing.T, s *shop) {
		s.weeks(12)
		s.config.Reports = tillFigures{db: s.db}
		s.config.Theme = theme.Contrast()
		d := s.start(80, 24)
		toReports(d)
		d.Press("m", "left")
		d.GoldenStyled("contrast-styled")
	})
}

func TestReportsReadAloud(t *testing.T) {
	inShop(t, lively, func(t *testing.T, s *shop) {
		s.weeks(12)
		d := &screen.Desk{Words: s.config.Words, Theme: theme.Dark(), Till: s.station, Reports: tillFigures{db: s.db}, Plain: true, Now: s.now()}
		page, cmd := screen.NewReports(d)
		for range report.Names {
			for cmd != nil {
				page, cmd = page.Update(cmd())
			}
			for _, line := range page.View(80, 24).Lines {
				require.False(t, strings.ContainsAny(line, "█▓▒░▁▂▃▄▅▆▇·←→"), line)
			}
			page, cmd = page.Update(tea.KeyPressMsg{Code: tea.KeyRight})
		}
	})
}

// Where the server cannot be asked, the page says whose figures these are.
func TestReportsWithoutLine(t *testing.T) {
	inShop(t, lively, func(t *testing.T, s *shop) {
		s.weeks(2)
		s.config.Reports = tillFigures{db: s.db, why: errors.New("no line")}
		d := s.start(80, 24)
		toReports(d)
		d.Press("m")
		require.Contains(t, d.View(), "no line: this till only")
		d.Golden("own")
	})
}

func TestReportsAreSaved(t *testing.T) {
	inShop(t, lively, func(t *testing.T, s *shop) {
		s.weeks(3)
		s.config.Reports = tillFigures{db: s.db}
		d := s.start(80, 24)
		toReports(d)
		require.NotContains(t, d.View(), "Export", "there is nowhere to save to")
		d.Press("e")
		require.NotContains(t, d.View(), "Saved")

		dir, failure := t.TempDir(), error(nil)
		s.config.Save = func(name string, document []byte) (string, error) {
			path := filepath.Join(dir, name)
			if failure != nil {
				return "", failure
			}
			return path, os.WriteFile(path, document, 0o600)
		}
		d = s.start(80, 24)
		toReports(d)
		d.Press("right", "e")
		require.Contains(t, d.View(), "✓ Saved")
		saved, err := os.ReadFile(filepath.Join(dir, "report-members-2026-11-01-2026-11-25.csv"))
		require.NoError(t, err)
		require.Contains(t, string(saved), "day,new,visits\n2026-11-01,0,0\n")
		require.Contains(t, string(saved), "\n2026-11-22,6,6\n")
		failure = pos.Refuse("disk.full")
		d.Press("e")
		require.Contains(t, d.View(), "✗ ")
	})
}

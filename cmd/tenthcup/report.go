package main

import (
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/tui/screen"
)

type reportCmd struct {
	onServer
	Dir   string      `help:"A till, instead of the server: its own entries." type:"path" placeholder:"DIR"`
	Name  string      `arg:"" help:"today, members, redemption, breakage, liability, cards, rewards, tiers, trials or week."`
	From  string      `help:"The first day; the first of this month if left out." placeholder:"DAY"`
	To    string      `help:"The last day; today if left out." placeholder:"DAY"`
	Store pos.StoreID `help:"One store of the server; all if left out." placeholder:"ID"`
	Days  bool        `help:"A line for each day, however many there are."`
	CSV   bool        `help:"Print CSV." name:"csv" xor:"form"`
	Sleep int         `help:"After how many days without a visit a member is asleep." default:"60" placeholder:"DAYS"`
}

func (r reportCmd) socket() string {
	if r.Dir != "" {
		return onTill{Dir: r.Dir}.socket()
	}
	return r.onServer.socket()
}

// Run prints a report.
func (r reportCmd) Run(c *call) error {
	if r.Dir != "" {
		return c.withTill(r.Dir, func(t *till) error {
			program, err := t.station.Program()
			if err != nil {
				return err
			}
			ask, err := r.ask(program, t.station.Today())
			if err != nil {
				return err
			}
			figures, err := t.db.Report(ask)
			if err != nil {
				return err
			}
			return r.print(c, figures, screen.ReportText{Words: c.words, Program: program})
		})
	}
	return c.withServer(r.DB, func(desk *serverDesk) error {
		shop, err := desk.reportShop(r.Store)
		if err != nil {
			return err
		}
		if c.words, err = shop.words(c.words.Language); err != nil {
			return err
		}
		ask, err := r.ask(shop.program, c.words.Day(time.Now()))
		if err != nil {
			return err
		}
		figures, err := desk.db.Report(r.Store, ask)
		if err != nil {
			return err
		}
		return r.print(c, figures, screen.ReportText{Words: c.words, Program: shop.program})
	})
}

// ask reads the days.
func (r reportCmd) ask(program pos.Program, today pos.Day) (report.Ask, error) {
	ask := report.Ask{
		From: pos.FirstOf(program.Calendar, today, 0), To: today, Today: today,
		Asleep: r.Sleep, ByDay: r.Days, Calendar: program.Calendar, Trials: program.Experiments,
	}
	if program.Points != nil {
		ask.Worth = program.Points.Worth.Minor
	}
	for _, written := range []struct {
		text string
		into *pos.Day
	}{{r.From, &ask.From}, {r.To, &ask.To}} {
		if written.text == "" {
			continue
		}
		if err := written.into.UnmarshalText([]byte(written.text)); err != nil {
			return ask, pos.Refuse("report.date", "text", pos.CleanName(written.text))
		}
	}
	if r.From == "" && ask.From > ask.To {
		ask.From = pos.FirstOf(program.Calendar, ask.To, 0)
	}
	return ask, nil
}

func (r reportCmd) print(c *call, figures report.Figures, text screen.ReportText) error {
	table, ok := figures.Table(r.Name)
	if !ok {
		return pos.Refuse("report.unknown", "name", pos.CleanName(r.Name), "names", report.Names)
	}
	if r.CSV {
		_, err := c.out.Write(table.CSV(c.words.Currency()))
		return err
	}
	lines := append([]string{text.Words.T("report.name."+table.Name) + ", " + text.Span(figures.From, figures.To)}, text.Lines(table, 100)...)
	return c.print(table, strings.Join(lines, "\n"))
}

// tillReports are the reports that the screens show: the server's where there is one
// and it can be reached, else the till's own.
type tillReports struct{ till *till }

// Report implements screen.Reports.
func (r tillReports) Report(by screen.Manager, asked report.Ask) (screen.Reported, error) {
	var why error
	if r.till.client != nil {
		var figures report.Figures
		if figures, why = ask[report.Figures](lineOffice(r), by, "report", asked); why == nil {
			return screen.Reported{Figures: figures}, nil
		}
	}
	figures, err := r.till.db.Report(asked)
	return screen.Reported{Figures: figures, Own: r.till.client != nil, Why: why}, err
}

// report answers a manager at a till with the figures of the store where that is.
func (d *serverDesk) report(by acting, asked report.Ask) (report.Figures, error) {
	return d.db.Report(by.through.Store, asked)
}

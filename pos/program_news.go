package pos

// News is what the shop announces: on the lock screen, on slips and on the customer
// display.
type News struct {
	Text  string `toml:"text"`  // up to maxNews characters
	From  Day    `toml:"from"`  // first shop day; 0 is since ever
	Until Day    `toml:"until"` // last shop day, inclusive; 0 is for good
}

// maxNews is how long an announcement may be: two lines of a slip, or of a screen.
const maxNews = 96

func (p *Program) checkNews(Currency) error {
	for i := range p.News {
		n := &p.News[i]
		n.Text = CleanName(n.Text)
		switch {
		case n.Text == "" || len([]rune(n.Text)) > maxNews:
			return wrong(at("news", i, "text"), "doc.news", "most", int64(maxNews))
		case n.Until != 0 && n.Until < n.From:
			return wrong(at("news", i, "until"), "doc.backwards", "from", n.From, "until", n.Until)
		}
	}
	return nil
}

// NewsOn returns what the shop announces on the day: its own announcements, then
// the campaigns that run for a time and for everybody, under their names.
func (p *Program) NewsOn(day Day) []News {
	var news []News
	for _, n := range p.News {
		if n.From <= day && (n.Until == 0 || day <= n.Until) {
			news = append(news, n)
		}
	}
	for i := range p.Campaigns {
		c := &p.Campaigns[i]
		w := &c.When
		special := len(w.Tiers)+len(w.Plans)+len(w.Tags)+len(w.NotTags) > 0 || w.Arm+w.Switch+w.Coupon != "" || w.First
		if w.Until != 0 && w.From <= day && day <= w.Until && !special {
			news = append(news, News{Text: c.Name, From: w.From, Until: w.Until})
		}
	}
	return news
}

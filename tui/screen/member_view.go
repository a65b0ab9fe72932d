package screen

import (
	"strconv"
	"strings"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
	"tenthcup/tui/bidi"
	"tenthcup/tui/widget"
)

const (
	mainWidth  = 76 // of a member's page; a wide terminal shows the history beside it
	panelWidth = 41 // of a punch card
	panelGap   = 3
)

// View implements Screen.
func (m Member) View(width, height int) View {
	inner := min(width-4, mainWidth)
	beside := 0
	if m.desk.Wide && width-4-inner > 30 {
		beside = min(width-4-inner-4, 50)
	}
	left := widget.Space((width - inner - beside - min(beside, 4)) / 2)
	lines := m.head(inner)
	if height < 16 {
		lines = lines[1:]
	}
	v := View{Lines: lines}
	switch {
	case m.ask.shown():
		indent(left, v.Lines)
		m.asked().view(&v, left, inner, height)
	case m.undoing.shown():
		indent(left, v.Lines)
		m.viewUndo(&v, left, inner)
	default:
		v.Lines = indent(left, m.has(lines, inner, height-2))
		m.clickRewards(&v, inner)
		m.input(&v, left, inner)
	}
	if beside > 0 {
		v.Lines = m.besides(v.Lines, len(left)+inner, beside, height)
	}
	return v
}

// has adds to the lines of the head what the member has, in at most height lines,
// and a blank one.
func (m Member) has(lines []string, width, height int) []string {
	room := height - len(lines)
	switch {
	case m.why.shown():
		lines = append(lines, m.viewWhy(width, room)...)
	case m.all.open:
		lines = append(lines, m.viewAll(width, room)...)
	case m.inPanels(width):
		lines = append(lines, m.panels(width, room)...)
	default:
		lines = append(lines, m.stack(width, room)...)
	}
	if len(lines) > height {
		lines = lines[:max(height, 0)]
	}
	lines = append(lines, "")
	for i := range lines {
		lines[i] = widget.Left(lines[i], width)
	}
	return lines
}

// head says who the member is and how old the balance is.
func (m Member) head(width int) []string {
	t, p := m.desk.Theme, m.member.Profile
	id := code.Group(p.Code())
	born := m.birthday()
	room := width - widget.Width(id) - 2
	if born != "" {
		born = "  " + widget.Cut("♥ "+born, room-2-min(widget.Width(widget.Name(called(p))), room/2))
	}
	name := widget.Cut(widget.Name(called(p)), room-widget.Width(born))
	gap := widget.Space(room - widget.Width(name) - widget.Width(born) + 2)
	contact := strings.TrimPrefix(strings.TrimSuffix(p.Phone+" · "+widget.Name(p.Email), " · "), " · ")
	if p.Name == "" {
		contact = widget.Name(p.Email)
	}
	age := m.age()
	lines := []string{
		"",
		t.Strong.Paint(name) + t.Title.Paint(born) + gap + t.Muted.Paint(id),
		t.Muted.Paint(widget.Spread(contact, age, width)),
	}
	if note := m.desk.rewardsNote(); note != "" {
		return append(lines, m.desk.warning(note, width)...)
	}
	return append(lines, t.Accent.Paint(widget.Cut(m.note(), width)))
}

// age says how old the balance is, where that matters: without a line.
func (m Member) age() string {
	d, words := m.desk, m.desk.Words
	waits := uncounted + words.T("person.unmerged", "n", m.member.Unmerged)
	switch {
	case !m.offline() || m.member.AsOf.IsZero() && m.member.Unmerged == 0:
		return ""
	case m.member.AsOf.IsZero():
		return waits
	case m.member.Unmerged == 0:
		return words.T("person.asof", "age", d.Age(m.member.AsOf))
	}
	return words.T("person.asof", "age", d.Age(m.member.AsOf)) + ", " + waits
}

// inPanels reports whether there is room for what the member has beside the cards.
func (m Member) inPanels(width int) bool { return width >= 70 && !m.desk.Plain }

// asideWidth is how wide what stands beside the cards is.
func asideWidth(width int) int { return width - panelWidth - panelGap }

// panels puts what the member collects at the left and what it is worth at the right.
func (m Member) panels(width, room int) []string {
	left := m.collected(panelWidth, room)
	right := m.aside(asideWidth(width), room, !m.hasCards())
	lines := make([]string, 0, len(left))
	for i := range max(len(left), len(right)) {
		a, b := "", ""
		if i < len(left) {
			a = left[i]
		}
		if i < len(right) {
			b = right[i]
		}
		lines = append(lines, widget.Left(a, panelWidth)+widget.Space(panelGap)+b)
	}
	return lines
}

// aside is what stands beside the cards, or below them on a narrow page: what the
// customer gets first of all, then the rewards, and the facts as far as there is
// room for them.
func (m Member) aside(width, room int, bare bool) []string {
	lines := m.rewards(width, bare)
	switch {
	case m.given.shown():
		lines = m.viewGiven(width)
	case m.typing() && m.sells() && !m.choice.shown() && width < mainWidth/2:
		if amount := m.viewAmount(width); amount != nil {
			lines = amount
		}
	}
	if room -= len(lines) + 1; room > 0 && m.hasFacts() {
		lines = append(append(lines, ""), m.viewFacts(width, room)...)
	}
	return lines
}

// stack is panels for a narrow page: the chosen card as on paper only if that
// leaves room for all the rest.
func (m Member) stack(width, room int) []string {
	rewards := m.aside(width, room, !m.hasCards())
	left := room - len(m.rewards(width, !m.hasCards())) - 1
	if left >= panelLines+len(m.member.Cards) && !m.desk.Plain {
		return append(append(m.collected(width, left), ""), rewards...)
	}
	var lines []string
	for i, c := range m.member.Cards {
		mark := "  "
		if i == m.card {
			mark = m.desk.Theme.Accent.Paint("▸ ")
		}
		lines = append(lines, mark+m.cardLine(c, width-2))
	}
	if m.hasPoints() {
		lines = append(lines, "  "+m.pointsLine(width-2))
	}
	lines = append(lines, "")
	rewards = m.aside(width, room-len(lines), true)
	if len(lines)+len(rewards) > room && len(rewards) > 0 && !m.given.shown() {
		rewards = rewards[1:] // the heading
	}
	return append(lines, rewards...)
}

// pointsLine says how many points there are, and what they are worth.
func (m Member) pointsLine(width int) string {
	t := m.desk.Theme
	points := t.Title.Paint(m.provisional(pos.PointsAccount) + m.desk.Words.T("person.points", "n", *m.member.Points))
	if worth := m.worth(width - widget.Width(points) - 2); worth != "" {
		points += "  " + t.Muted.Paint(worth)
	}
	return widget.Cut(points, width)
}

func (m Member) collected(width, room int) []string {
	if !m.hasCards() {
		return m.pointsPanel(width)
	}
	cards := m.member.Cards
	if len(cards) > 1 && room >= len(cards)*(panelLines+2) {
		var lines []string
		for i, c := range cards {
			lines = append(lines, m.cardPanel(c, width, panelLines+2, i == m.card)...)
		}
		return lines
	}
	lines := m.cardPanel(cards[m.card], width, room-len(cards)+1, false)
	for i, c := range cards {
		if i != m.card {
			lines = append(lines, m.cardLine(c, width))
		}
	}
	return lines
}

// panelLines is how many lines a card has at most: room for two rows of discs,
// what is ready, and some air.
const panelLines = 8

// cardPanel is the chosen card as it looks on paper. All cards of a page are of
// one height, so that nothing moves when another one is chosen.
func (m Member) cardPanel(c rules.PunchCard, width, room int, marked bool) []string {
	t, words := m.desk.Theme, m.desk.Words
	inner := max(min(room-2, panelLines)-1, 1)
	shown := m.drawn(c)
	places := widget.PunchCard(t, shown, width-6, inner)
	if places == nil { // too many places to draw them all
		places = []string{widget.Bar(t, shown.Stamps, c.Card.Size, width-6)}
	}
	lines := make([]string, inner, inner+1)
	for i, row := range places {
		lines[(inner-len(places)+1)/2+i] = "  " + row
	}
	full := ""
	if c.Full > 0 {
		full = t.Good.Paint(widget.Center("★ "+words.T("person.full", "n", c.Full, "reward", rewardOf(m.member, c.Card)), width-2))
	}
	lines = append(lines, full)
	title := c.Card.Name
	if marked {
		title = "▸ " + title
	}
	note := m.provisional(c.Card.Account()) + words.T("person.stamps", "have", c.Stamps, "size", c.Card.Size)
	return widget.Frame{Title: title, Note: note}.Around(t, lines, width)
}

// cardLine is a card that is not chosen.
func (m Member) cardLine(c rules.PunchCard, width int) string {
	t, words := m.desk.Theme, m.desk.Words
	note := m.provisional(c.Card.Account()) + words.T("person.stamps", "have", c.Stamps, "size", c.Card.Size)
	if c.Full > 0 {
		note = "★ " + note
	}
	if m.desk.Plain {
		return "  " + t.Strong.Paint(widget.Cut(c.Card.Name+"  "+note, width-2))
	}
	c = m.drawn(c)
	name := widget.Left(c.Card.Name, width/3)
	room := width - 4 - width/3 - widget.Width(note) - 2
	places := widget.Bar(t, c.Stamps, c.Card.Size, min(room-2, 12))
	if row := widget.PunchCard(t, c, min(room, int(c.Card.Size)), 1); len(row) == 1 {
		places = row[0]
	}
	return "  " + t.Muted.Paint(name) + widget.Left(places, room) + "  " + t.Muted.Paint(note)
}

// pointsPanel is what a program without punch cards shows in their place.
func (m Member) pointsPanel(width int) []string {
	t, words := m.desk.Theme, m.desk.Words
	if !m.hasPoints() {
		return nil
	}
	have := *m.member.Points
	lines := []string{"", "   " + m.pointsLine(width-6), ""}
	for _, r := range m.member.Rewards {
		if r.Rule.Points == 0 {
			continue
		}
		price := words.Number(int64(r.Rule.Points))
		lines = append(lines,
			"   "+widget.Spread(r.Rule.Name, t.Muted.Paint(price), width-8),
			"   "+widget.Bar(t, int64(max(have, 0)), int64(r.Rule.Points), width-8),
			"")
	}
	return widget.Frame{Title: words.T("person.pointscard")}.Around(t, lines, width)
}

// rewards lists what the member can have and what is missing for the rest.
func (m Member) rewards(width int, bare bool) []string {
	t, words := m.desk.Theme, m.desk.Words
	var lines []string
	if m.hasPoints() && !bare {
		lines = append(lines, m.pointsLine(width), "")
	}
	if m.member.Credit != nil && *m.member.Credit != 0 {
		lines = append(lines, t.Strong.Paint(widget.Cut(words.T("show.credit", "amount", *m.member.Credit), width)), "")
	}
	if len(m.member.Rewards) == 0 {
		return lines
	}
	title := words.T("person.rewards")
	if m.choice.shown() {
		title = words.T("person.which")
	}
	lines = append(lines, t.Muted.Paint(widget.Cut(title, width)))
	for _, i := range m.order() {
		lines = append(lines, m.reward(i, m.member.Rewards[i], width))
	}
	return lines
}

func (m Member) reward(i int, r rules.Reward, width int) string {
	t, note := m.desk.Theme, m.rewardNote(r)
	if r.Ready == 0 && widget.Width("★ "+r.Rule.Name+" "+note) > width { // what it is counts more than of what
		note = m.desk.Words.T("person.missing.few", "n", r.Missing)
	}
	if m.choice.shown() {
		if r.Ready == 1 && r.Last == 0 && r.Not == nil {
			note = ""
		}
		return m.option(i, r, note, width)
	}
	if now(r) {
		return t.Good.Paint(widget.Spread("★ "+r.Rule.Name, note, width))
	}
	return t.Muted.Paint(widget.Spread("☆ "+r.Rule.Name, note, width))
}

// rewardNote says in a few words whether the member can have the reward.
func (m Member) rewardNote(r rules.Reward) string {
	words := m.desk.Words
	switch {
	case r.Not != nil && r.Not.Key == "redeem.stock":
		return words.T("person.soldout")
	case r.Not != nil && r.Ready > 0:
		return words.T("person.notnow")
	case r.Ready > 1 && r.Last != 0:
		return words.T("person.severaluntil", "n", r.Ready, "day", r.Last)
	case r.Ready > 0 && r.Last != 0:
		return words.T("person.until", "day", r.Last)
	case r.Ready > 0:
		return words.T("person.ready", "n", r.Ready)
	case r.Rule.Card != "":
		return words.T("person.missing.stamps", "n", r.Missing)
	}
	return words.T("person.missing.points", "n", r.Missing)
}

// option is a reward while one is chosen.
func (m Member) option(i int, r rules.Reward, note string, width int) string {
	t := m.desk.Theme
	for n, place := range m.choice.rewards {
		if place != i {
			continue
		}
		if r.Ready == 0 {
			note = "" // it was said already, and the name is what is chosen by
		}
		number := bidi.Unit(strconv.Itoa(n + 1))
		if n == m.choice.at {
			return t.Chosen.Paint(widget.Spread("▸ "+number+" "+r.Rule.Name, note+" ", width))
		}
		return widget.Spread("  "+t.Accent.Paint(number)+" "+r.Rule.Name, note+" ", width)
	}
	return t.Muted.Paint(widget.Spread("    "+r.Rule.Name, note+" ", width))
}

// input is the line where digits appear.
func (m Member) input(v *View, left string, width int) {
	t, words := m.desk.Theme, m.desk.Words
	label := words.T("person.input")
	if m.sells() {
		label = words.T("person.amount")
	}
	if m.slow {
		v.Lines = append(v.Lines, left+t.Muted.Paint(widget.Cut(words.T("person.saving"), width)))
		return
	}
	field, room, numbered := m.amount, 20, ""
	if number := m.receipt.number(); number != "" {
		numbered = words.T("person.numbered", "receipt", widget.Cut(widget.Name(number), 24))
	}
	switch {
	case m.receipt.open:
		label, field, room, numbered = words.T("person.receipt"), m.receipt.field, width-20, ""
	case !m.typing():
		v.Lines = append(v.Lines, left+t.Muted.Paint(widget.Spread(m.invitation(), numbered, width)))
		return
	}
	if shown := m.shows(); shown != "" && !m.receipt.open && m.desk.Settings.Counter.Keypad {
		numbered = strings.TrimSuffix("= "+shown+"  "+numbered, "  ")
	}
	if gives := m.gives; gives.gives != "" && gives.typed == m.amount.Value() && width < 70 && !m.receipt.open {
		numbered = strings.TrimSuffix(gives.gives+"  "+numbered, "  ")
	}
	text, cursor := field.View(room)
	v.Cursor, v.X, v.Y = !m.busy, len(left)+widget.Width(label)+2+cursor, len(v.Lines)
	v.Lines = append(v.Lines, left+t.Muted.Paint(label)+"  "+t.Strong.Paint(text)+t.Muted.Paint(numbered))
}

// due is what of the sale under way is to be paid with money.
func (m Member) due() pos.Money { return m.sale.Amount - m.sale.PaidOtherwise() }

// invitation says what to type.
func (m Member) invitation() string {
	words := m.desk.Words
	switch {
	case m.choice.shown():
		return ""
	case m.inWindow():
		return words.T("auto.leaves")
	case m.sale != nil && len(m.sale.Lines) > 0:
		return words.T("person.sale", "n", basket(m.sale.Lines).units(), "amount", m.due())
	case m.sale != nil:
		return words.T("person.saleof", "amount", m.due())
	case m.hasCards() && m.sells():
		return words.T("person.invite.both")
	case m.sells():
		return words.T("person.invite.points")
	}
	return words.T("person.invite.stamps")
}

// besides puts the member's history at the right of what the page has taken.
func (m Member) besides(lines []string, taken, beside, height int) []string {
	t, words := m.desk.Theme, m.desk.Words
	right := []string{"", t.Muted.Paint(words.T("person.history")), "", ""}
	if len(m.history) == 0 {
		right[3] = t.Muted.Paint(words.T("person.nohistory"))
	}
	for i, e := range m.history {
		line := m.historyLine(e, beside)
		if i == 0 {
			right[3] = line
			continue
		}
		right = append(right, line)
	}
	for len(lines) < min(len(right), height) {
		lines = append(lines, widget.Space(taken))
	}
	for i := range min(len(lines), len(right)) {
		lines[i] = widget.Left(lines[i], taken) + widget.Space(4) + right[i]
	}
	return lines
}

func (m Member) historyLine(e Event, width int) string {
	d := m.desk
	const when = assets.DateCells
	return d.Theme.Muted.Paint(widget.Left(e.When, when)) + "  " + widget.Cut(e.What, width-when-2)
}

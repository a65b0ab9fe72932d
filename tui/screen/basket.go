package screen

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type itemTill interface {
	Items() ([]pos.Item, error)
}

// Items is a message: what the shop sells, in the order in which it is listed.
type Items struct {
	Items []pos.Item
	Err   error
}

// LoadItems reads what the shop sells.
func (d *Desk) LoadItems() tea.Cmd {
	till := itemTill(d.Till)
	return func() tea.Msg {
		items, err := till.Items()
		return Items{items, err}
	}
}

// basket is a sale while it is put together.
type basket []pos.Line

// total returns what the basket costs.
func (b basket) total() pos.Money {
	total := pos.Money(0)
	for _, line := range b {
		total += line.Due()
	}
	return total
}

// units returns how many pieces are in the basket.
func (b basket) units() int64 {
	units := int64(0)
	for _, line := range b {
		units += line.Quantity
	}
	return units
}

// with returns the basket with so many more units of the item, or fewer.
func (b basket) with(item pos.Item, n int64) basket {
	next := slices.Clone(b)
	at := slices.IndexFunc(next, func(l pos.Line) bool { return l.Item == item.ID })
	if at < 0 {
		next, at = append(next, item.Line(0)), len(next)
	}
	n += next[at].Quantity
	if n <= 0 {
		return slices.Delete(next, at, at+1)
	}
	if n > pos.MaxQuantity || len(next) > pos.MaxLines {
		return b
	}
	next[at] = item.Line(n)
	return next
}

// Basket is the page where a sale is put together from the shop's items: by their
// keys, by their names, or by choosing.
type Basket struct {
	page
	member station.Member
	lines  basket
	query  widget.Field
	named  bool // a name is typed: letters are no keys of items
	at     int  // of the items that are listed
}

// NewBasket returns the page with what is in the sale already.
func NewBasket(d *Desk, m station.Member, lines basket) Basket {
	return Basket{page: page{desk: d}, member: m, lines: lines}
}

func basketKeys() []binding[Basket] {
	searching := func(b Basket) bool { return !b.query.Empty() }
	idle := func(b Basket) bool { return b.query.Empty() }
	naming := func(b Basket) bool { return b.named || searching(b) }
	free := func(b Basket) bool { return idle(b) && !b.named }
	move := func(by int) func(Basket) (Screen, tea.Cmd) {
		return func(b Basket) (Screen, tea.Cmd) { return b.move(by), nil }
	}
	return []binding[Basket]{
		{keys: "text", word: "basket.key.text"},
		{keys: "/", word: "basket.key.name", when: func(b Basket) bool { return free(b) && b.keyed() }, do: func(b Basket) (Screen, tea.Cmd) { b.named = true; return b, nil }},
		{keys: "up", word: "basket.key.choose", do: move(-1)},
		{keys: "down tab", word: "basket.key.choose", do: move(1), quiet: true},
		{keys: "pgup", word: "basket.key.page", do: move(-10), quiet: true},
		{keys: "pgdown", word: "basket.key.page", do: move(10), quiet: true},
		{keys: "right", word: "basket.key.add", do: func(b Basket) (Screen, tea.Cmd) { return b.add(1), nil }},
		{keys: "left", word: "basket.key.less", do: func(b Basket) (Screen, tea.Cmd) { return b.add(-1), nil }},
		{keys: "enter", word: "basket.key.add", when: searching, do: func(b Basket) (Screen, tea.Cmd) { return b.add(1), nil }, quiet: true},
		{keys: "enter", word: "basket.key.done", when: idle, do: Basket.done},
		{keys: "esc", word: "basket.key.clear", when: naming, do: func(b Basket) (Screen, tea.Cmd) { b.named = false; return b.search(widget.Field{}), nil }},
		{keys: "esc", word: "basket.key.drop", when: free, do: Basket.drop},
	}
}

// Update implements Screen.
func (b Basket) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		b.notice = Notice(msg)
	case Picked:
		return b.picked(msg), nil
	case tea.PasteMsg:
		return b.search(b.query.Type(msg.Content)), nil
	case tea.KeyPressMsg:
		return b.press(msg)
	}
	return b, nil
}

func (b Basket) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	b.notice = Notice{}
	if next, cmd, ok := press(basketKeys(), b, Key(msg)); ok {
		return next, cmd
	}
	if b.query.Empty() && !b.named {
		for i, item := range b.listed() {
			if item.Key != "" && strings.EqualFold(item.Key, msg.Text) {
				b.at = i
				return b.add(1), nil
			}
		}
	}
	query, used := b.query.Press(msg)
	if !used {
		return b, nil
	}
	return b.search(query), nil
}

// keyed reports whether any item has a key.
func (b Basket) keyed() bool {
	return slices.ContainsFunc(b.desk.Items, func(i pos.Item) bool { return i.Key != "" })
}

// search lists the items that have what is typed in a word of their name, as their
// number, or first of all as their key.
func (b Basket) search(query widget.Field) Basket {
	b.query, b.at = query, 0
	return b
}

// listed returns the items that are shown: all, or those that are searched for.
func (b Basket) listed() []pos.Item {
	want := pos.Fold(b.query.Value())
	if want == "" {
		return b.desk.Items
	}
	var found []pos.Item
	for _, item := range b.desk.Items {
		if pos.Fold(item.Key) == want {
			found = slices.Insert(found, 0, item)
			continue
		}
		if strings.HasPrefix(pos.Fold(item.ID), want) || strings.Contains(" "+pos.Fold(item.Name), " "+want) {
			found = append(found, item)
		}
	}
	return found
}

func (b Basket) move(by int) Basket {
	if n := len(b.listed()); n > 0 {
		b.at = min(max(b.at+by, 0), n-1)
	}
	return b
}

// add puts one more of the marked item into the sale, or takes one out.
func (b Basket) add(n int64) Basket {
	listed := b.listed()
	if b.at >= len(listed) {
		b.say(Said, "basket.none", "text", widget.Cut(widget.Name(b.query.Value()), 30))
		return b
	}
	item := listed[b.at]
	b.lines = b.lines.with(item, n)
	if n > 0 {
		b.query, b.named = widget.Field{}, false
		b.at = max(slices.IndexFunc(b.desk.Items, func(i pos.Item) bool { return i.ID == item.ID }), 0)
	}
	return b
}

// done goes back to the member with the sale.
func (b Basket) done() (Screen, tea.Cmd) {
	m, cmd := NewMember(b.desk, b.member, "")
	if len(b.lines) > 0 {
		m.sale = &pos.Sale{Lines: b.lines, Amount: b.lines.total()}
	}
	return m, cmd
}

// drop goes back without it.
func (b Basket) drop() (Screen, tea.Cmd) {
	said := ""
	if len(b.lines) > 0 {
		said = b.desk.Words.T("basket.dropped")
	}
	return NewMember(b.desk, b.member, said)
}

// Hints implements Screen.
func (b Basket) Hints() []Hint { return hints(b.desk, basketKeys(), b) }

// State implements Screen.
func (b Basket) State() State { return b.state("basket.title", TakesText) }

// Interrupt implements Screen.
func (b Basket) Interrupt(typed int) (Screen, string, tea.Cmd) {
	said := ""
	if len(b.lines) > 0 {
		said = b.desk.Words.T("basket.dropped")
	}
	b.query = b.query.TakeBack(typed)
	return b, said, nil
}

// View implements Screen.
func (b Basket) View(width, height int) View {
	t, words := b.desk.Theme, b.desk.Words
	inner := min(width-4, 90)
	left := widget.Space((width - inner) / 2)
	total := words.T("basket.total", "n", b.lines.units(), "amount", b.lines.total())
	label := words.T("basket.label") + "  "
	text, cursor := b.query.View(max(inner-widget.Width(label)-widget.Width(total)-4, 8))
	v := View{Lines: []string{""}, Cursor: true, X: len(left) + widget.Width(label) + cursor, Y: 1}
	gap := max(inner-widget.Width(label)-widget.Width(text)-widget.Width(total), 1)
	v.Lines = append(v.Lines, left+t.Muted.Paint(label)+t.Strong.Paint(text)+widget.Space(gap)+t.Title.Paint(total))
	v.Lines = append(v.Lines, left+t.Faint.Paint(rule(inner)), "")
	b.keypad(&v, width, height)
	listed := b.listed()
	if len(listed) == 0 {
		v.Lines = append(v.Lines, left+t.Muted.Paint(widget.Cut(words.T("basket.none", "text", widget.Cut(widget.Name(b.query.Value()), 30)), inner)))
		return v
	}
	room := max(height-len(v.Lines), 1)
	top := max(0, min(b.at-room/2, len(listed)-room))
	shown := listed[top:min(top+room, len(listed))]
	prices := 0
	for _, item := range shown {
		prices = max(prices, widget.Width(words.Money(item.Price)))
	}
	for i, item := range shown {
		v.Clicks = append(v.Clicks, Click{X: len(left), Y: len(v.Lines), Width: inner, Do: Picked{top + i}})
		v.Lines = append(v.Lines, left+b.row(item, top+i == b.at, columns{inner, prices}))
	}
	return v
}

// columns are how wide a row is, and the prices in it.
type columns struct{ all, price int }

func (b Basket) row(item pos.Item, marked bool, width columns) string {
	t, words := b.desk.Theme, b.desk.Words
	const count, keyWidth = 5, 3
	price := figures(words, words.Money(item.Price), width.price)
	category := min(18, width.all/5)
	name := width.all - count - keyWidth - category - width.price - 8
	number := ""
	if at := slices.IndexFunc(b.lines, func(l pos.Line) bool { return l.Item == item.ID }); at >= 0 {
		number = words.Number(b.lines[at].Quantity) + " ×"
	}
	line := figures(words, number, count) + "  " + widget.Left(item.Key, keyWidth) + widget.Left(widget.Name(item.Name), name) + "  " +
		widget.Left(widget.Name(item.Category), category) + "  " + price
	switch {
	case marked:
		return t.Chosen.Paint("▸ " + line)
	case number != "":
		return "  " + t.Strong.Paint(line)
	}
	return "  " + line
}

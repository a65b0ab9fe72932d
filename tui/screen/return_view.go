package screen

import (
	"slices"
	"strings"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/tui/widget"
)

// moves says what the entries of a sale gave and what they took.
func moves(entries []pos.Entry, program pos.Program, words *assets.Printer) (gave, spent string) {
	var plus, minus pos.Entry
	for _, e := range entries {
		for _, p := range e.Postings {
			switch {
			case !p.Account.Value():
			case p.Amount > 0:
				plus.Postings = append(plus.Postings, p)
			default:
				minus.Postings = append(minus.Postings, p)
			}
		}
	}
	return amounts(plus, program, words), amounts(minus, program, words)
}

// View implements Screen.
func (r Return) View(width, height int) View {
	inner := min(width-4, mainWidth)
	left := widget.Space((width - inner) / 2)
	switch {
	case r.sold == nil:
		return r.viewReceipt(left, inner)
	case r.done != nil:
		return View{Lines: indent(left, r.viewDone(inner, height))}
	}
	lines := r.head(inner)
	if height < 16 {
		lines = lines[1:]
	}
	v := View{Lines: indent(left, lines)}
	if r.ask.shown() {
		r.asked().view(&v, left, inner, height)
		return v
	}
	r.viewParts(&v, left, inner, height)
	return v
}

// viewReceipt asks for the receipt number.
func (r Return) viewReceipt(left string, width int) View {
	t, words := r.desk.Theme, r.desk.Words
	label := words.T("back.receipt") + "  "
	text, cursor := r.receipt.View(width - widget.Width(label) - 2)
	v := View{Cursor: !r.busy, X: len(left) + widget.Width(label) + cursor, Y: 1}
	v.Lines = indent(left, []string{"", t.Muted.Paint(label) + t.Strong.Paint(text), t.Faint.Paint(rule(width)), ""})
	for _, line := range widget.Wrap(words.T("back.how"), width) {
		v.Lines = append(v.Lines, left+t.Muted.Paint(line))
	}
	return v
}

// head says which sale it is, what it moved, and what came back already.
func (r Return) head(width int) []string {
	t, words, sale := r.desk.Theme, r.desk.Words, r.sold.Sale()
	title := words.T("back.sale", "amount", sale.Amount)
	if sale.Receipt != "" {
		title = words.T("back.saleof", "receipt", widget.Cut(widget.Name(sale.Receipt), 30), "amount", sale.Amount)
	}
	came := ""
	if value := r.sold.Came(); value > 0 {
		came = words.T("back.came", "value", value, "left", r.sold.left)
	}
	lines := []string{
		"",
		t.Strong.Paint(widget.Spread(title, r.sold.when, width)),
		t.Muted.Paint(widget.Spread(widget.Name(called(r.sold.Profile)), came, width)),
	}
	var moved []string
	if r.sold.gave != "" {
		moved = append(moved, words.T("back.gave", "what", r.sold.gave))
	}
	if r.sold.spent != "" {
		moved = append(moved, words.T("back.spent", "what", r.sold.spent))
	}
	return append(lines, widget.Left(strings.Join(moved, " · "), width), t.Faint.Paint(rule(width)))
}

// viewParts lets choose what comes back.
func (r Return) viewParts(v *View, left string, width, height int) {
	t, words := r.desk.Theme, r.desk.Words
	labels := []string{words.T("back.amount"), words.T("back.reason")}
	label := max(widget.Width(labels[0]), widget.Width(labels[1]))
	room := max(height-len(v.Lines)-4, 1)
	rows := r.rows(width)
	top := max(0, min(r.at-room/2, len(rows)-room))
	rows = rows[top:min(top+room, len(rows))]
	click := func(row, at int) {
		v.Clicks = append(v.Clicks, Click{X: len(left), Y: len(v.Lines) + row, Width: width, Do: Picked{at}})
	}
	for row := range rows {
		click(row, top+row)
	}
	for i, field := range []widget.Field{r.amount, r.reason} {
		const mark = 2
		room := width - mark - label - 2
		text, cursor := field.View(room)
		sign := "  "
		if r.at == r.lines()+i {
			sign = t.Accent.Paint("▸ ")
			v.Cursor, v.X, v.Y = !r.busy, len(left)+mark+label+2+cursor, len(v.Lines)+len(rows)
		}
		if strings.TrimSpace(text) == "" {
			text = t.Faint.Paint(strings.Repeat("_", min(room, 24)))
		}
		click(len(rows), r.lines()+i)
		rows = append(rows, sign+t.Muted.Paint(widget.Left(labels[i], label))+"  "+text)
	}
	v.Lines = append(v.Lines, indent(left, append(rows, "", r.summary(width)))...)
}

// rows are the lines of the sale, and how many units of each come back.
func (r Return) rows(width int) (rows []string) {
	t, words := r.desk.Theme, r.desk.Words
	for i, line := range r.sold.Sale().Lines {
		units := words.T("back.units", "n", r.units[i+1], "left", r.leftOf(i+1))
		price := figures(words, words.Money(line.Due()), 12)
		row := widget.Left(r.itemName(line), width-2-widget.Width(units)-widget.Width(price)-4) + "  " + units + "  " + price
		switch {
		case i == r.at:
			row = t.Chosen.Paint("▸ " + row)
		case r.units[i+1] > 0:
			row = "  " + t.Strong.Paint(row)
		default:
			row = "  " + row
		}
		rows = append(rows, row)
	}
	return rows
}

// itemName returns what the line's item is called here.
func (r Return) itemName(line pos.Line) string {
	at := slices.IndexFunc(r.desk.Items, func(i pos.Item) bool { return i.ID == line.Item })
	switch {
	case at >= 0 && line.Item != "":
		return widget.Name(r.desk.Items[at].Name)
	case line.Item != "":
		return widget.Name(line.Item)
	}
	return widget.Name(line.Category)
}

// summary says what Enter takes back now.
func (r Return) summary(width int) string {
	t, words := r.desk.Theme, r.desk.Words
	if r.slow {
		return t.Muted.Paint(words.T("person.saving"))
	}
	part, err := r.part()
	value := pos.Money(0)
	if err == nil {
		value, err = r.sold.Worth(part)
	}
	switch {
	case r.sold.over():
		return t.Bad.Paint(widget.Cut(words.Error(err), width))
	case err != nil:
		return t.Muted.Paint(widget.Cut(words.Error(err), width))
	}
	key := "back.some"
	if len(part.Lines) == 0 && part.Amount == 0 {
		key = "back.all"
	}
	return t.Title.Paint(widget.Cut(words.T(key, "value", value), width))
}

// viewDone says what the customer gets and what it did to the accounts.
func (r Return) viewDone(width, height int) []string {
	t, words, done := r.desk.Theme, r.desk.Words, r.done
	lines := []string{"", t.Title.Paint(widget.Cut(words.T("back.give", "amount", done.Refund), width))}
	if done.Keep > 0 {
		for _, line := range widget.Wrap(words.T("return.keep", "amount", done.Keep), width) {
			lines = append(lines, t.Bad.Paint(line))
		}
	}
	lines = append(lines, t.Muted.Paint(widget.Cut(words.T("back.rest", "left", done.Left), width)), "")
	const pad = 2
	inner := width - 2 - 2*pad
	why := r.desk.explain(done.why, inner)
	if len(why) == 0 {
		for _, part := range widget.Wrap(words.T("back.nothing"), inner) {
			why = append(why, t.Muted.Paint(widget.Left(part, inner)))
		}
	}
	why = why[:max(min(len(why), height-len(lines)-2), 0)]
	for i := range why {
		why[i] = widget.Space(pad) + why[i]
	}
	return append(lines, widget.Frame{Title: widget.Name(called(r.sold.Profile))}.Around(t, why, width)...)
}

package screen

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/draft"
	"tenthcup/pos/program"
	"tenthcup/pos/rules"
	"tenthcup/tui/widget"
)

// Try is the page on which a manager sees what a sale would give a made-up member, and
// why: by the draft, and by the program that decides now.
type Try struct {
	page
	work   *drafting
	fields []tryField
	sheet  sheet
	asked  int // how often; the newest answer wins
	draft  tried
	now    tried
}

// tryField is a field of the page and where in an example it goes.
type tryField struct {
	word string // catalog key
	path []string
}

// tried is what one of the two programs gives.
type tried struct {
	gives   string
	bad     bool
	because []string
}

// triedBoth is a message: what both programs give.
type triedBoth struct {
	asked      int
	draft, now tried
}

func tryFields() []tryField {
	return []tryField{
		{"editor.try.sale", []string{"when", "sale"}},
		{"editor.try.lines", nil},
		{"editor.try.stamp", []string{"when", "stamp"}},
		{"editor.try.redeem", []string{"when", "redeem"}},
		{"editor.try.coupon", []string{"when", "coupon"}},
		{"editor.try.points", []string{"given", "points"}},
		{"editor.try.cards", []string{"given", "cards"}},
		{"editor.try.tiers", []string{"given", "tiers"}},
		{"editor.try.plans", []string{"given", "plans"}},
		{"editor.try.tags", []string{"given", "tags"}},
		{"editor.try.switches", []string{"given", "switches"}},
		{"editor.try.birthday", []string{"given", "birthday"}},
		{"editor.try.at", []string{"given", "at"}},
	}
}

func newTry(d *Desk, w *drafting) (Screen, tea.Cmd) {
	t := Try{page: page{desk: d}, work: w, fields: tryFields()}
	for _, f := range t.fields {
		b := blank{name: d.Words.T(f.word), note: t.note(f)}
		cards := w.doc.IDs("card")
		byHand := w.good != nil && len(cards) > 0 && !rules.GivesOnSales(w.good)
		switch {
		case f.word == "editor.try.stamp" && byHand:
			b.field = widget.NewField(cards[0])
		case f.word == "editor.try.sale" && !byHand:
			b.field = widget.NewField(d.Words.Currency().Unit)
		}
		t.sheet.blanks = append(t.sheet.blanks, b)
	}
	return t.try()
}

// note says what can be typed.
func (t Try) note(f tryField) string {
	if f.path == nil {
		return t.desk.Words.T("editor.try.linesnote")
	}
	field, _ := draft.FieldAt(append([]string{"example", "0"}, f.path...)...)
	if ids := t.work.doc.IDs(field.Refers); field.Refers != "" && len(ids) > 0 {
		return t.desk.Words.T("editor.known", "ids", ids)
	}
	return t.desk.keyNote(field)
}

// example is what was typed, as the document of a program would have it.
func (t Try) example() string {
	doc, _ := draft.Read([]byte("[[example]]\nname = \"try\"\n"))
	for i, f := range t.fields {
		typed := t.sheet.blanks[i].value()
		switch {
		case typed == "":
		case f.path == nil:
			doc = doc.Set(linesOf(typed), "example", "0", "when", "lines")
		default:
			path := append([]string{"example", "0"}, f.path...)
			field, _ := draft.FieldAt(path...)
			doc = doc.Set(field.Literal(typed), path...)
		}
	}
	if doc.Has("example", "0", "when", "lines") { // they are the sale
		doc = doc.Remove("example", "0", "when", "sale")
	}
	return string(doc.Text())
}

// linesOf writes the lines of a sale that were typed as item:category:quantity:price;
// what is left out is empty, from the left.
func linesOf(typed string) string {
	var all []string
	for part := range strings.FieldsFuncSeq(typed, func(r rune) bool { return r == ';' || r == ' ' }) {
		cells := strings.Split(part, ":")
		cells = append(make([]string, max(4-len(cells), 0)), cells...)
		n := len(cells)
		line := []string{"price = " + draft.Field{Kind: draft.Money}.Literal(cells[n-1])}
		for i, key := range []string{"quantity", "category", "item"} {
			if cell := cells[n-2-i]; cell != "" {
				kind := draft.Text
				if key == "quantity" {
					kind = draft.Number
				}
				line = append(line, key+" = "+draft.Field{Kind: kind}.Literal(cell))
			}
		}
		all = append(all, "{ "+strings.Join(line, ", ")+" }")
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// try has both programs say what they give.
func (t Try) try() (Screen, tea.Cmd) {
	t.asked++
	n, text, d, good, now := t.asked, t.example(), t.desk, t.work.good, t.work.decides
	return t, func() tea.Msg { return triedBoth{n, d.tryBy(good, text), d.tryBy(now, text)} }
}

// tryBy has one program say what it gives for the example.
func (d *Desk) tryBy(p *pos.Program, text string) tried {
	if p == nil {
		return tried{gives: d.Words.T("editor.try.noprogram"), bad: true}
	}
	var typed struct {
		Example []pos.Example `toml:"example"`
	}
	err := pos.DecodeTOML([]byte(text), &typed)
	if err == nil {
		err = p.CheckExample(&typed.Example[0], d.Words.Currency())
	}
	if mistake, ok := err.(*pos.DocumentError); ok {
		return tried{gives: d.Words.Error(mistake.Problem), bad: true}
	}
	if err != nil {
		return tried{gives: d.Words.Error(err), bad: true}
	}
	gave, err := program.Try(p, typed.Example[0].Given, typed.Example[0].When)
	if err != nil {
		return tried{gives: d.Words.Error(err), bad: true}
	}
	made := tried{gives: d.Words.T("program.gives.nothing")}
	if len(gave.Gives) > 0 {
		made.gives = d.Words.T("program.gives.all", "gives", gave.Gives)
	}
	for _, reason := range gave.Because {
		text := d.Words.Say(reason.Says)
		if reason.Gives.Key != "" {
			text = d.Words.T("program.amount", "text", text, "gives", reason.Gives)
		}
		made.because = append(made.because, text)
	}
	return made
}

func tryKeys() []binding[Try] {
	return []binding[Try]{
		{keys: "enter", word: "editor.key.next", do: func(t Try) (Screen, tea.Cmd) {
			t.sheet = t.sheet.move(1)
			return t, nil
		}},
		{keys: "up", word: "editor.key.move"},
		{keys: "text", word: "editor.key.text"},
		{keys: "esc", word: "editor.key.back", do: func(t Try) (Screen, tea.Cmd) { return openParts(t.desk, t.work, nil, nil), nil }},
	}
}

// Update implements Screen.
func (t Try) Update(msg tea.Msg) (Screen, tea.Cmd) {
	was := t.sheet
	switch msg := msg.(type) {
	case Say:
		t.notice = Notice(msg)
	case examined, keptDraft:
		if n := t.work.hear(t.desk, msg); n.Text != "" {
			t.notice = n
		}
		return t.try()
	case triedBoth:
		if msg.asked == t.asked {
			t.draft, t.now = msg.draft, msg.now
		}
		return t, nil
	case Picked:
		t.sheet = t.sheet.picked(msg)
	case tea.PasteMsg:
		t.sheet = t.sheet.paste(msg.Content)
	case tea.KeyPressMsg:
		t.notice = Notice{}
		if next, cmd, ok := press(tryKeys(), t, Key(msg)); ok {
			return next, cmd
		}
		t.sheet, _ = t.sheet.press(msg)
	}
	if !slices.EqualFunc(was.blanks, t.sheet.blanks, func(a, b blank) bool { return a.value() == b.value() }) {
		return t.try()
	}
	return t, nil
}

// Hints implements Screen.
func (t Try) Hints() []Hint { return hints(t.desk, tryKeys(), t) }

// State implements Screen.
func (t Try) State() State { return t.state("editor.try.title", t.sheet.takes()) }

// Interrupt implements Screen.
func (t Try) Interrupt(typed int) (Screen, string, tea.Cmd) {
	t.sheet = t.sheet.takeBack(typed)
	next, cmd := t.try()
	return next, "", cmd
}

// View implements Screen.
func (t Try) View(width, height int) View {
	v := View{Lines: []string{""}}
	inner := width - 4
	below := max(height/2, 6)
	t.sheet.add(t.desk, &v, box{2, inner, height - below - 1}, true)
	for len(v.Lines) < height-below {
		v.Lines = append(v.Lines, "")
	}
	half := (inner - 2) / 2
	left := t.side("editor.try.draft", t.draft, half, below)
	right := t.side("editor.try.now", t.now, half, below)
	for i := range max(len(left), len(right)) {
		line := widget.Space(half)
		if i < len(left) {
			line = widget.Left(left[i], half)
		}
		if i < len(right) {
			line += "  " + right[i]
		}
		v.Lines = append(v.Lines, "  "+line)
	}
	return v
}

// side draws what one of the programs gives.
func (t Try) side(title string, made tried, width, height int) []string {
	ink := t.desk.Theme.Strong
	if made.bad {
		ink = t.desk.Theme.Bad
	}
	lines := []string{t.desk.Theme.Muted.Paint(widget.Cut(t.desk.Words.T(title), width))}
	for _, line := range widget.Wrap(made.gives, width) {
		lines = append(lines, ink.Paint(line))
	}
	for i, reason := range made.because {
		for n, line := range widget.Wrap(reason, width-3) {
			sign := "   "
			if n == 0 {
				sign = widget.Left(strconv.Itoa(i+1), 3)
			}
			lines = append(lines, t.desk.Theme.Muted.Paint(sign+line))
		}
	}
	return lines[:min(len(lines), height)]
}

package screen

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/draft"
	"tenthcup/tui/widget"
)

// Begin is the page of the programs that a draft can begin from: the one that decides
// now, those to come, and the samples. It also is the page of the parts that can be
// added to one.
type Begin struct {
	page
	work   *drafting
	title  string // catalog key
	rows   rows
	names  []string
	choose func(Begin) (Screen, tea.Cmd)
}

// newBegin returns the page of the programs.
func newBegin(d *Desk, w *drafting) Screen {
	b := Begin{page: page{desk: d}, work: w, title: "editor.begin"}
	if len(w.now) > 0 {
		b.names = append(b.names, d.Words.T("editor.now"))
	}
	for _, p := range w.coming {
		b.names = append(b.names, d.Words.T("editor.coming", "at", d.Words.Moment(time.UnixMilli(p.From))))
	}
	for _, name := range assets.Presets() {
		b.names = append(b.names, d.Words.T("editor.sample", "name", name, "title", presetTitle(d, name)))
	}
	b.rows = b.rows.sized(len(b.names))
	b.choose = Begin.program
	return b
}

// presetTitle is what a sample program is called in the language of the screen.
func presetTitle(d *Desk, name string) string {
	text, err := assets.Preset(name, d.Words)
	if err != nil {
		return name
	}
	doc, err := draft.Read(text)
	if err != nil {
		return name
	}
	return widget.Name(doc.Value("title"))
}

// program begins anew from the chosen document; where something would be lost by it,
// it asks first.
func (b Begin) program() (Screen, tea.Cmd) {
	text, err := b.document()
	if err != nil {
		b.refused(err)
		return b, nil
	}
	doc, err := draft.Read(text)
	if err != nil {
		b.refused(err)
		return b, nil
	}
	begun := func(d *Desk, w *drafting) (Screen, tea.Cmd) {
		cmd := w.change(d, doc, "")
		next := openParts(d, w, nil, nil)
		next.say(Said, "editor.begun")
		return next, cmd
	}
	if !b.work.edited() {
		return begun(b.desk, b.work)
	}
	return newSure(b.desk, b.work, sure{
		title: "editor.begin", key: "editor.key.discard", says: []string{b.desk.Words.T("editor.lost"), b.names[b.rows.at]}, do: begun,
		back: func(d *Desk, w *drafting) Screen { return newBegin(d, w) },
	})
}

// document returns the document of the chosen row.
func (b Begin) document() ([]byte, error) {
	i := b.rows.at
	if len(b.work.now) > 0 {
		if i == 0 {
			return b.work.now, nil
		}
		i--
	}
	if i < len(b.work.coming) {
		return b.work.coming[i].Document, nil
	}
	return assets.Preset(assets.Presets()[i-len(b.work.coming)], b.desk.Words)
}

// newAdd returns the page of the parts that the draft can have besides those it has.
func newAdd(d *Desk, w *drafting) Screen {
	b := Begin{page: page{desk: d}, work: w, title: "editor.add"}
	kinds := addable(w)
	for _, f := range kinds {
		b.names = append(b.names, capital(d.keyName(f)))
	}
	b.rows = b.rows.sized(len(b.names))
	b.choose = func(b Begin) (Screen, tea.Cmd) { return w.added(d, []string{kinds[b.rows.at].Name}) }
	return b
}

func addable(w *drafting) []draft.Field {
	return slices.DeleteFunc(draft.Shape(), func(f draft.Field) bool {
		return f.Kind != draft.Tables && (f.Kind != draft.Table || w.doc.Has(f.Name))
	})
}

// beginning is what a new table says first, so that it means something as it is.
func (w *drafting) beginning(d *Desk, f draft.Field, depth int) (settings []string) {
	if depth > 1 {
		return nil
	}
	set := func(key, typed string) {
		for _, inner := range f.Fields {
			if inner.Name == key {
				settings = append(settings, key+" = "+inner.Literal(typed))
			}
		}
	}
	if f.Kind == draft.Tables {
		set("id", w.doc.FreeID(f.Name, f.Name))
		set("name", capital(d.keyName(f)))
	}
	unit := d.Words.Currency().Unit
	for _, one := range map[string][][2]string{
		"card": {{"size", "10"}}, "points": {{"earn", "1"}, {"for", unit}}, "earn": {{"earn", "1"}, {"for", unit}}, "campaign": {{"multiply", "2"}},
		"tier": {{"from", "0"}}, "plan": {{"price", unit}, {"months", "12"}}, "goal": {{"target", "10"}}, "coupon": {{"code", "CODE"}},
		"surprise": {{"one_in", "50"}}, "draw": {{"earn", "1"}, {"for", unit}}, "experiment": {{"arms", "a, b"}}, "news": {{"text", d.Words.T("editor.newstext")}},
		"offline": {{"leases", "1"}}, "returns": {{"days", "30"}}, "transfers": {{"points", "true"}}, "gift_cards": {{"least", unit}}, "credit": {{"most_percent", "100"}},
		"tiers": {{"by", pos.BySpend}},
	}[f.Name] {
		set(one[0], one[1])
	}
	if inline := w.beginningInside(f.Name, unit); inline != "" {
		settings = append(settings, inline)
	}
	return settings
}

// beginningInside is what a new part gives, costs or tries: what the program has.
func (w *drafting) beginningInside(section, unit string) string {
	cards := w.doc.IDs("card")
	gift := "{ points = 10 }"
	if !w.doc.Has("points") && len(cards) > 0 {
		gift = "{ card = " + draft.Quote(cards[0]) + ", stamps = 1 }"
	}
	switch section {
	case "event", "goal", "surprise", "coupon":
		return "gift = " + gift
	case "referral":
		return "member = " + gift
	case "example":
		return "when = { sale = " + draft.Quote(unit) + " }"
	case "reward":
		if len(cards) > 0 {
			return "card = " + draft.Quote(cards[0])
		}
		return "points = 100"
	}
	return ""
}

func beginKeys() []binding[Begin] {
	return []binding[Begin]{
		{keys: "enter", word: "editor.key.choose", do: func(b Begin) (Screen, tea.Cmd) { return b.choose(b) }},
		{keys: "up", word: "editor.key.move"},
		{keys: "esc", word: "editor.key.back", do: func(b Begin) (Screen, tea.Cmd) { return openParts(b.desk, b.work, nil, nil), nil }},
	}
}

// Update implements Screen.
func (b Begin) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		b.notice = Notice(msg)
	case examined, keptDraft:
		if n := b.work.hear(b.desk, msg); n.Text != "" {
			b.notice = n
		}
	case Picked:
		var open bool
		if b.rows, open = b.rows.picked(msg); open {
			return b.choose(b)
		}
	case tea.KeyPressMsg:
		b.notice = Notice{}
		if next, cmd, ok := press(beginKeys(), b, Key(msg)); ok {
			return next, cmd
		}
		b.rows, _ = b.rows.press(Key(msg))
	}
	return b, nil
}

// Hints implements Screen.
func (b Begin) Hints() []Hint { return hints(b.desk, beginKeys(), b) }

// State implements Screen.
func (b Begin) State() State { return b.state(b.title, TakesKeys) }

// Interrupt implements Screen.
func (b Begin) Interrupt(int) (Screen, string, tea.Cmd) { return b, "", nil }

// View implements Screen.
func (b Begin) View(width, height int) View {
	v := View{Lines: []string{""}}
	inner := min(width-4, 72)
	b.rows.add(b.desk, &v, box{(width - inner) / 2, inner, height - 1}, func(i int) string { return b.names[i] })
	return v
}

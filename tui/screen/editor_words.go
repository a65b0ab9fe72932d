package screen

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tenthcup/pos"
	"tenthcup/pos/draft"
	"tenthcup/pos/program"
	"tenthcup/pos/rules"
	"tenthcup/tui/widget"
)

// keyName is what a key or table of the document is called.
func (d *Desk) keyName(f draft.Field) string {
	for _, key := range []string{f.Of + "-" + f.Name, f.Name} {
		if own := "editor.name." + key; d.Words.Has(own) {
			return d.Words.T(own)
		}
	}
	return d.Words.T("diff.field." + f.Name)
}

// capital returns the text with a capital letter in front.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// keyNote says what a key means, or nothing where its name says it all.
func (d *Desk) keyNote(f draft.Field) string {
	for _, key := range []string{f.Of + "-" + f.Name, f.Name} {
		if note := "editor.note." + key; d.Words.Has(note) {
			return d.Words.T(note)
		}
	}
	return ""
}

// choiceName is what one of the words is called that a key may have.
func (d *Desk) choiceName(f draft.Field, word string) string {
	for _, key := range []string{f.Name + "-" + word, word} {
		if value := "editor.value." + key; d.Words.Has(value) {
			return d.Words.T(value)
		}
	}
	return word
}

// partKind is what kind of part it is; partName which one of them.
func (d *Desk) partKind(p part) string {
	if p.path == nil {
		return d.Words.T("editor.head")
	}
	return capital(d.keyName(p.field))
}

func (w *drafting) partName(d *Desk, p part) string {
	if p.path == nil {
		return widget.Name(w.doc.Value("title"))
	}
	value := func(key string) string { return w.doc.Value(append(slices.Clone(p.path), key)...) }
	if name := cmp.Or(value("name"), value("text"), value("id")); name != "" {
		return widget.Name(name)
	}
	return w.summary(d, p.path, p.field)
}

// place is where in the document a path leads, in words.
func (w *drafting) place(d *Desk, path []string) string {
	var names []string
	for i, key := range path {
		f, ok := draft.FieldAt(path[:i+1]...)
		switch {
		case !ok:
		case i > 0 && strings.Trim(key, "0123456789") == "" && f.Kind == draft.Tables:
			names = append(names, w.partName(d, part{path[:i+1], f}))
		case f.Kind != draft.Tables || i > 0:
			names = append(names, d.keyName(f))
		}
	}
	return strings.Join(names, ", ")
}

// summary says in one line what is in a table.
func (w *drafting) summary(d *Desk, path []string, f draft.Field) string {
	if f.Kind == draft.Tables && !slices.Equal(path, nil) && strings.Trim(path[len(path)-1], "0123456789") != "" {
		return d.Words.T("editor.several", "n", w.doc.Count(path...))
	}
	var all []string
	for _, inner := range f.Fields {
		at := append(slices.Clone(path), inner.Name)
		if !w.doc.Has(at...) || inner.Name == "id" || inner.Name == "name" {
			continue
		}
		switch inner.Kind {
		case draft.Table, draft.Tables:
			all = append(all, d.keyName(inner))
		case draft.Flag:
			all = append(all, d.keyName(inner))
		default:
			all = append(all, d.keyName(inner)+" "+w.shown(d, inner, at))
		}
	}
	if len(all) == 0 {
		return d.Words.T("editor.none")
	}
	return widget.Name(strings.Join(all, " · "))
}

// shown is the value of a key as people read it.
func (w *drafting) shown(d *Desk, f draft.Field, path []string) string {
	typed := w.doc.Typed(f, path...)
	if len(f.Choice) == 0 {
		return typed
	}
	words := strings.Split(typed, ", ")
	for i := range words {
		words[i] = d.choiceName(f, words[i])
	}
	return strings.Join(words, ", ")
}

// verdict says in one sentence how the draft is, and how that is meant.
func (w *drafting) verdict(d *Desk) Notice {
	words, report := d.Words, w.found.Report
	switch failed := report.Failed(); {
	case w.checked == 0:
		return Notice{words.T("editor.checking"), Said}
	case w.found.Mistake != nil && len(w.found.Path) > 0:
		return Notice{words.T("editor.wrong", "where", w.place(d, w.found.Path), "what", w.found.Mistake.Problem), Bad}
	case w.found.Mistake != nil:
		return Notice{words.Error(w.found.Mistake.Problem), Bad}
	case failed > 0:
		return Notice{words.T("editor.failed", "n", failed, "first", w.firstFailed(d)), Bad}
	case len(report.Traps) > 0:
		return Notice{words.T("editor.traps", "n", len(report.Traps), "first", report.Traps[0].Says), Said}
	}
	if len(report.Examples) == 0 {
		return Notice{words.T("editor.unpromised"), Done}
	}
	return Notice{words.T("editor.holds", "n", len(report.Examples)), Done}
}

func (w *drafting) firstFailed(d *Desk) string {
	for _, outcome := range w.found.Report.Examples {
		if len(outcome.Wrong) > 0 {
			return d.Words.T("program.wrong", "name", outcome.Name, "text", outcome.Wrong)
		}
	}
	return ""
}

// status draws the verdict in at most so many lines.
func (w *drafting) status(d *Desk, width, height int) []string {
	n := w.verdict(d)
	sign, ink := "! ", d.Theme.Warn
	switch {
	case n.Kind == Bad:
		sign, ink = "✗ ", d.Theme.Bad
	case n.Kind == Done:
		sign, ink = "✓ ", d.Theme.Good
	case w.checked == 0:
		sign, ink = "· ", d.Theme.Muted
	}
	lines := widget.Wrap(n.Text, width-2)
	if len(lines) > height && height > 0 {
		lines[height-1] = widget.Cut(lines[height-1]+" "+lines[height], width-2)
		lines = lines[:height]
	}
	for i := range lines {
		lines[i] = "  " + ink.Paint(lines[i])
	}
	if len(lines) > 0 {
		lines[0] = ink.Paint(sign) + strings.TrimPrefix(lines[0], "  ")
	}
	return lines
}

// preview shows what a part of the last good program is to members and at the counter.
func (w *drafting) preview(d *Desk, path []string, width, height int) (lines []string) {
	if w.good == nil || len(path) == 0 || width < 10 || height < 1 {
		return nil
	}
	table, id := path[0], ""
	if len(path) > 1 && w.doc.Has(table, path[1], "id") {
		id = w.doc.Value(table, path[1], "id")
	}
	switch table {
	case "card":
		lines = d.cardPreview(w.good, id, width, min(height-3, 6))
	case "reward":
		if r, ok := w.good.Reward(id); ok {
			row := Member{page: page{desk: d}}.reward(0, rules.Reward{Rule: r, Ready: 1}, width)
			lines = append(lines, row, "")
		}
	}
	for _, says := range termsOf(w.good, table, id) {
		for _, line := range widget.Wrap(d.Words.Say(says), width) {
			lines = append(lines, d.Theme.Muted.Paint(line))
		}
	}
	return lines[:min(len(lines), height)]
}

// cardPreview is a punch card with some stamps on it.
func (d *Desk) cardPreview(p *pos.Program, id string, width, height int) []string {
	card, ok := p.Card(id)
	if !ok {
		return nil
	}
	some := (card.Size*3 + 4) / 5
	title := widget.Spread(d.Theme.Strong.Paint(widget.Name(card.Name)), d.Words.T("person.stamps", "have", some, "size", card.Size), width)
	if d.Plain || height < 1 {
		return []string{title, ""}
	}
	lines := append([]string{title}, widget.PunchCard(d.Theme, rules.PunchCard{Card: card, Stamps: some}, width, height)...)
	return append(lines, "")
}

// termsOf returns what the terms say about a part.
func termsOf(p *pos.Program, table, id string) (says []pos.Sentence) {
	for _, section := range program.Terms(p) {
		for _, line := range section.Lines {
			if line.Table == table && (line.ID == id || id == "") {
				says = append(says, line.Says...)
			}
		}
	}
	return says
}

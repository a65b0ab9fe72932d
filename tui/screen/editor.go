package screen

import (
	"bytes"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/draft"
)

// Drafts keeps the program that a manager is changing, so that nothing typed is lost
// when the page is left or the power goes. It is called in commands only.
type Drafts interface {
	// Draft returns the document as it was last kept, or nil.
	Draft() ([]byte, error)
	// KeepDraft puts the document on disk; nil takes it away. The calls come in any
	// order: one with a lower n than the last does nothing.
	KeepDraft(n int64, document []byte) error
}

// edits reports whether programs can be changed here.
func edits(d *Desk) bool { return d.Office != nil && d.Drafts != nil }

// drafting is the program that is being changed, which all pages of the editor share. It
// is changed in Update only; commands get copies.
type drafting struct {
	doc     draft.Doc
	undo    []draft.Doc
	about   string // what the last change was about: typing on in a field is one change
	now     []byte // the document that decides now
	decides *pos.Program
	coming  []pos.Published

	changes int         // so far
	checked int         // the change that found is about
	found   draft.Found //
	good    *pos.Program
}

// deepest is how many changes can be taken back.
const deepest = 200

// edited reports whether the draft is another document than the one that decides.
func (w *drafting) edited() bool { return !bytes.Equal(w.doc.Text(), w.now) }

// change makes the next document the draft: it is checked and put on disk beside the
// page, and whoever types on does not wait for that.
func (w *drafting) change(d *Desk, next draft.Doc, about string) tea.Cmd {
	if bytes.Equal(next.Text(), w.doc.Text()) {
		return nil
	}
	if about == "" || about != w.about {
		w.undo = append(w.undo, w.doc)
		w.undo = w.undo[max(len(w.undo)-deepest, 0):]
	}
	w.about, w.doc = about, next
	return tea.Batch(w.look(d), w.keep(d))
}

// back takes the last change back.
func (w *drafting) back(d *Desk) (tea.Cmd, bool) {
	if len(w.undo) == 0 {
		return nil, false
	}
	w.doc, w.about = w.undo[len(w.undo)-1], ""
	w.undo = w.undo[:len(w.undo)-1]
	return tea.Batch(w.look(d), w.keep(d)), true
}

// examined is a message: what was found in the draft after so many changes.
type examined struct {
	changes int
	found   draft.Found
}

func (w *drafting) look(d *Desk) tea.Cmd {
	w.changes++
	doc, n, currency, items := w.doc, w.changes, d.Words.Currency(), d.Items
	return func() tea.Msg { return examined{n, doc.Look(currency, items)} }
}

// keptDraft is a message: the draft is on disk, or not.
type keptDraft struct{ err error }

func (w *drafting) keep(d *Desk) tea.Cmd {
	d.Typed++
	drafts, n, text := d.Drafts, d.Typed, w.doc.Text()
	if !w.edited() {
		text = nil
	}
	return func() tea.Msg { return keptDraft{drafts.KeepDraft(n, text)} }
}

// hear takes what commands found out. It returns what is to be said, or none.
func (w *drafting) hear(d *Desk, msg tea.Msg) Notice {
	switch msg := msg.(type) {
	case examined:
		if msg.changes > w.checked {
			w.checked, w.found = msg.changes, msg.found
			if msg.found.Program != nil {
				w.good = msg.found.Program
			}
		}
	case keptDraft:
		if msg.err != nil {
			return Notice{d.Words.Error(msg.err), Bad}
		}
	}
	return Notice{}
}

// opening is a message: what the editor begins with.
type opening struct {
	programs []pos.Published
	draft    []byte
	err      error
}

func (d *Desk) loadPrograms() tea.Cmd {
	at, drafts, by := d.Office, d.Drafts, d.boss()
	return func() tea.Msg {
		programs, err := at.Programs(by)
		kept, draftErr := drafts.Draft()
		return opening{programs, kept, errors.Join(err, draftErr)}
	}
}

// begin reads what the editor begins with: the draft that was left, or the program
// that decides now.
func (w *drafting) begin(d *Desk, msg opening) (tea.Cmd, error) {
	if msg.err != nil {
		return nil, msg.err
	}
	w.learn(d, msg.programs)
	text := msg.draft
	if text == nil {
		text = w.now
	}
	doc, err := draft.Read(text)
	if err != nil {
		if doc, _ = draft.Read(w.now); msg.draft == nil {
			return nil, err
		}
	}
	w.doc = doc
	return w.look(d), err
}

// learn takes over which programs decide.
func (w *drafting) learn(d *Desk, programs []pos.Published) {
	w.now, w.decides, w.coming = nil, nil, nil
	if len(programs) == 0 {
		return
	}
	w.coming = programs[1:]
	doc, err := draft.Read(programs[0].Document)
	if err != nil {
		return
	}
	w.now = doc.Text()
	if p, err := pos.ParseProgram(w.now, d.Words.Currency()); err == nil {
		w.decides = &p
	}
}

// part is a row of the editor: a table, or the head of the document.
type part struct {
	path  []string // nil for the head
	field draft.Field
}

// parts returns the tables of the document, or those of the array at the path.
func (w *drafting) parts(base []string) (all []part) {
	if base != nil {
		f, _ := draft.FieldAt(base...)
		return w.several(base, f)
	}
	all = append(all, part{})
	for _, f := range draft.Shape() {
		switch {
		case f.Kind == draft.Tables:
			all = append(all, w.several([]string{f.Name}, f)...)
		case f.Kind == draft.Table && w.doc.Has(f.Name):
			all = append(all, part{[]string{f.Name}, f})
		}
	}
	return all
}

func (w *drafting) several(base []string, f draft.Field) (all []part) {
	for _, i := range w.doc.Keys(base...) {
		all = append(all, part{append(slices.Clone(base), i), f})
	}
	return all
}

// within reports whether the path is the other one, or leads into it.
func within(path, in []string) bool { return len(path) >= len(in) && slices.Equal(path[:len(in)], in) }

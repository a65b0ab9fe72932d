package screen

import (
	"cmp"

	"tenthcup/pos/code"
	"tenthcup/tui/widget"
)

const errandWidth = 72

// View implements Screen.
func (e Errand) View(width, height int) View {
	inner := min(width-4, errandWidth)
	left := (width - inner) / 2
	v := View{Lines: []string{""}}
	e.head(&v, box{left, inner, height})
	switch {
	case e.ask.shown():
		e.asked().view(&v, widget.Space(left), inner, height)
		return v
	case e.done != nil:
		e.outcome(&v, box{left, inner, height})
		return v
	}
	tells := e.told(inner)
	if most := max(height/2, height-len(v.Lines)-len(e.list)-1); len(e.list) > 0 && len(tells) > most {
		tells = tells[:most]
	}
	room := height - len(v.Lines) - 1
	switch {
	case len(e.list) > 0:
		e.rows.add(e.desk, &v, box{left, inner, max(room-len(tells), 3)}, func(row int) string { return e.row(row, inner-2) })
	case len(e.sheet.blanks) > 0:
		e.sheet.add(e.desk, &v, box{left, inner, room}, !e.busy)
	}
	v.Lines = append(v.Lines, "")
	for _, line := range tells {
		v.Lines = append(v.Lines, widget.Space(left)+line)
	}
	return v
}

// head says whom or what it is about.
func (e Errand) head(v *View, at box) {
	t, words := e.desk.Theme, e.desk.Words
	name, id := widget.Name(called(e.member.Profile)), code.Group(e.member.Profile.Code())
	if e.gift != nil {
		name, id = words.T("gift.balance", "amount", e.gift.Balance), code.Group(e.gift.Profile.Code())
		if e.gift.Until > 0 {
			name = words.T("gift.until", "amount", e.gift.Balance, "day", e.gift.Until)
		}
	}
	if name == "" {
		return
	}
	id = widget.Cut(id, at.width/2)
	v.Lines = append(v.Lines, widget.Space(at.left)+t.Strong.Paint(widget.Left(name, at.width-widget.Width(id)-2))+"  "+t.Muted.Paint(id), "")
}

// told is what would come of it, in lines of the width.
func (e Errand) told(width int) (lines []string) {
	var tells []string
	switch {
	case e.task.tells != nil:
		tells = e.task.tells(e)
	case e.choosing():
		tells = e.list[e.rows.at].tells
	}
	for _, sentence := range tells {
		for _, line := range widget.Wrap(sentence, width) {
			lines = append(lines, e.desk.Theme.Muted.Paint(line))
		}
	}
	return lines
}

func (e Errand) row(row, width int) string {
	o, t := e.list[row], e.desk.Theme
	note := widget.Cut(o.note, width/2)
	return t.Strong.Paint(widget.Left(widget.Name(o.name), width-widget.Width(note)-2)) + "  " + t.Accent.Paint(note)
}

// outcome shows what was done, and above all what to key into the till.
func (e Errand) outcome(v *View, at box) {
	t, left := e.desk.Theme, widget.Space(at.left)
	var lines []string
	for _, line := range widget.Wrap(e.done.key, at.width-6) {
		lines = append(lines, "  "+t.Title.Paint(line))
	}
	for _, sentence := range e.done.lines {
		for _, line := range widget.Wrap(sentence, at.width-6) {
			lines = append(lines, "  "+line)
		}
	}
	if most := max(at.height-len(v.Lines)-2, 1); len(lines) > most {
		lines = lines[:most]
	}
	if !e.desk.Plain {
		title := cmp.Or(e.desk.Words.T("errand.head"), e.done.said)
		lines = widget.Frame{Title: title}.Around(t, lines, at.width)
	}
	for _, line := range lines {
		v.Lines = append(v.Lines, left+line)
	}
}

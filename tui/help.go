package tui

import (
	"tenthcup/tui/screen"
	"tenthcup/tui/widget"
)

// topic is a line of the help: a headline, or a key and what it does.
type topic struct {
	head        string
	key         string
	short, long string
}

// topics are everything there is to say about the keys: those of the screen, and
// what works everywhere.
func (a *App) topics() []topic {
	words := a.desk.Words
	all := []topic{{head: words.T("help.here", "title", a.screen.State().Title)}}
	hints := a.screen.Hints()
	for i, h := range hints {
		if !said(hints[:i], h) {
			all = append(all, topic{key: h.Key, short: h.Word, long: h.Long})
		}
	}
	everywhere := func(key, word string) { all = append(all, topic{key: key, short: word, long: word}) }
	all = append(all, topic{head: words.T("help.everywhere")})
	everywhere(words.T("help.scan"), words.T("help.scans"))
	everywhere(a.desk.KeyName("f1"), words.T("help.open"))
	everywhere(a.desk.KeyName("ctrl+c"), words.T("help.leave"))
	return all
}

// said reports whether the arrows that were told of before are this key too.
func said(before []screen.Hint, h screen.Hint) bool {
	for _, b := range before {
		if b.Word == h.Word && (h.Press == "down" && b.Press == "up" || h.Press == "left" && b.Press == "right") {
			return true
		}
	}
	return false
}

// helpLines explains every key of the screen, and what works everywhere: with room
// around it where there is some, in two columns where one does not hold all.
func (a *App) helpLines(height int) []string {
	t, topics := a.desk.Theme, a.topics()
	inner := min(a.width-8, 70)
	left := widget.Space((a.width - inner) / 2)
	lines := make([]string, 0, height)
	if len(topics) > height {
		return a.helpColumns(topics, height)
	}
	roomy := len(topics)+2 <= height
	for _, topic := range topics {
		if topic.head != "" && roomy {
			lines = append(lines, "")
		}
		lines = append(lines, left+a.topic(topic, 12, inner))
	}
	if a.config.Version != "" && len(lines)+2 <= height {
		lines = append(lines, "", left+t.Faint.Paint("Tenthcup "+a.config.Version))
	}
	return lines
}

// helpColumns puts the help into two columns; what works everywhere goes below them,
// where there are lines for it.
func (a *App) helpColumns(topics []topic, height int) []string {
	here := 1
	for topics[here].head == "" {
		here++
	}
	if (here+1)/2+len(topics)-here > height {
		return a.columns(topics, height)
	}
	lines := a.columns(topics[:here], height)
	for _, topic := range topics[here:] {
		lines = append(lines, "  "+a.topic(topic, helpKey, a.width-4))
	}
	return lines
}

// helpKey is how many cells a key takes in a column of the help.
const helpKey = 8

func (a *App) columns(topics []topic, height int) []string {
	const gap = 3
	cell := (a.width - 4 - gap) / 2
	lines := make([]string, min((len(topics)+1)/2, height))
	for i := range lines {
		lines[i] = "  " + widget.Left(a.topic(topics[i], helpKey, cell), cell)
		if second := len(lines) + i; second < len(topics) {
			lines[i] += widget.Space(gap) + a.topic(topics[second], helpKey, cell)
		}
	}
	return lines
}

// topic is one line of the help in so many cells, with what the key does at length
// where there is room for it.
func (a *App) topic(of topic, key, width int) string {
	t := a.desk.Theme
	if of.head != "" {
		return t.Muted.Paint(widget.Cut(of.head, width))
	}
	key = max(key, widget.Width(of.key)+1)
	does := of.long
	if widget.Width(does) > width-key {
		does = of.short
	}
	return t.Title.Paint(widget.Left(of.key, key)) + widget.Cut(does, width-key)
}

package screen

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type queueTill interface {
	Waiting() (station.Waiting, error)
	Standing() (station.Standing, error)
}

// Queue is the page about the line: what waits, and why.
type Queue struct{ page }

// NewQueue returns the page.
func NewQueue(d *Desk) Queue { return Queue{page{desk: d}} }

func queueKeys() []binding[Queue] {
	return []binding[Queue]{
		{keys: "s", word: "queue.key.send", when: func(q Queue) bool { return q.desk.Line != nil && !q.desk.Sending.Active }, do: Queue.send},
		{keys: "esc", word: "queue.key.back", do: func(q Queue) (Screen, tea.Cmd) { return NewCounter(q.desk), nil }},
	}
}

// Update implements Screen.
func (q Queue) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		q.notice = Notice(msg)
	case Sent:
		q.notice = q.desk.sentNotice(msg)
	case tea.KeyPressMsg:
		q.notice = Notice{}
		if next, cmd, ok := press(queueKeys(), q, Key(msg)); ok {
			return next, cmd
		}
	}
	return q, nil
}

func (q Queue) send() (Screen, tea.Cmd) { return q, q.desk.Send() }

// sentNotice says how a transfer ended.
func (d *Desk) sentNotice(msg Sent) Notice {
	if msg.Err != nil {
		return Notice{d.Words.Error(msg.Err), Bad}
	}
	return Notice{d.Words.T("queue.done"), Done}
}

// Hints implements Screen.
func (q Queue) Hints() []Hint { return hints(q.desk, queueKeys(), q) }

// State implements Screen.
func (q Queue) State() State { return q.state("queue.title", TakesKeys) }

// Interrupt implements Screen.
func (q Queue) Interrupt(int) (Screen, string, tea.Cmd) { return q, "", nil }

// View implements Screen.
func (q Queue) View(width, height int) View {
	d, t, words := q.desk, q.desk.Theme, q.desk.Words
	inner := min(width-4, 64)
	left := widget.Space((width - inner) / 2)
	v := View{Centred: true}
	row := func(label, value string) {
		v.Lines = append(v.Lines, left+t.Muted.Paint(widget.Left(words.T(label), 22))+widget.Cut(value, inner-22))
	}
	sign, state := d.LineSign()
	row("queue.line", sign+" "+state)
	if d.Line == nil {
		v.Lines = append(v.Lines, "")
		for _, line := range widget.Wrap(words.T("queue.alone"), inner) {
			v.Lines = append(v.Lines, left+t.Muted.Paint(line))
		}
		v.Lines = append(v.Lines, indent(left, d.warnings(inner))...)
		return v
	}
	row("queue.entries", words.Number(int64(d.Waiting.Entries)))
	row("queue.profiles", words.Number(int64(d.Waiting.Profiles)))
	row("queue.oldest", q.oldest())
	row("queue.last", q.last())
	v.Lines = append(v.Lines, indent(left, d.warnings(inner))...)
	v.Lines = append(v.Lines, "")
	v.Lines = append(v.Lines, indent(left, d.transfer(inner))...)
	if d.LineErr != nil && !d.Sending.Active {
		v.Lines = append(v.Lines, "", left+t.Muted.Paint(words.T("queue.why")))
		for _, line := range widget.Wrap(words.Error(d.LineErr), inner) {
			v.Lines = append(v.Lines, left+line)
		}
	}
	v.Lines = squeezed(v.Lines, height)
	return v
}

// squeezed leaves blank lines out, the last ones first, until the rest fits.
func squeezed(lines []string, height int) []string {
	for i := len(lines) - 1; i >= 0 && len(lines) > height; i-- {
		if strings.TrimSpace(lines[i]) == "" {
			lines = slices.Delete(lines, i, i+1)
		}
	}
	return lines
}

func (q Queue) oldest() string {
	if q.desk.Waiting.Oldest.IsZero() {
		return q.desk.Words.T("queue.nothing")
	}
	return q.desk.Age(q.desk.Waiting.Oldest)
}

func (q Queue) last() string {
	if q.desk.Waiting.LastSync.IsZero() {
		return q.desk.Words.T("queue.never")
	}
	return q.desk.Age(q.desk.Waiting.LastSync)
}

// transfer is a bar for the transfer on its way, or for the members that the
// till is taking over; blank lines hold its place.
func (d *Desk) transfer(width int) []string {
	done, total := d.Sending.Sent, d.Sending.Total
	var said []string
	if d.Sending.Active && (total > 0 || !d.Taking.Active()) {
		said = append(append(said, d.Words.T("queue.progress", "sent", done, "n", total)), d.pace()...)
	}
	if d.Taking.Active() {
		done, total = d.Taking.Held, d.Taking.Holders
		said = append(said, d.Words.T("queue.members", "held", done, "all", total))
	}
	if len(said) == 0 {
		return []string{"", ""}
	}
	words := d.Theme.Muted.Paint(widget.Cut(strings.Join(said, " · "), width))
	if d.Plain {
		return []string{words, ""}
	}
	return []string{
		widget.Bar(d.Theme, int64(done), int64(max(total, 1)), width),
		words,
	}
}

// pace says how fast the transfer is, and how long it will take, once that can be
// told.
func (d *Desk) pace() []string {
	sending := d.Sending
	spent := d.Now.Sub(sending.Since)
	if sending.Sent == 0 || spent < time.Second {
		return nil
	}
	each := float64(sending.Sent) / spent.Seconds()
	var said []string
	if each >= 1 {
		said = append(said, d.Words.T("queue.pace", "n", int64(each+0.5)))
	}
	switch left := int64(float64(sending.Total-sending.Sent)/each + 0.5); {
	case left >= 90:
		said = append(said, d.Words.T("queue.long", "n", (left+30)/60))
	case left > 0:
		said = append(said, d.Words.T("queue.left", "n", left))
	}
	return said
}

func indent(left string, lines []string) []string {
	for i := range lines {
		lines[i] = left + lines[i]
	}
	return lines
}

func rule(width int) string { return strings.Repeat("─", max(width, 0)) }

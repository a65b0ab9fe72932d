package screen

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/slip"
	"tenthcup/tui/widget"
)

// Calibration is the text of the code with which a scanner is learned: every sign
// that codes are made of.
const Calibration = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-./:"

// learnPause ends a code that nothing ends.
const learnPause = 500 * time.Millisecond

// Learner tells what is special about a scanner, from what came when it read
// Calibration and the key that ended it: "enter", "tab" or "".
type Learner func(came, end string) (ScannerSettings, error)

// Learn is the page that learns a scanner: it shows one code, and whoever scans it
// is told what the scanner does.
type Learn struct {
	page
	learn   Learner
	came    string
	strokes int // how many keys came so far
	learned *ScannerSettings
}

type learnOver struct{ strokes int }

// NewLearn returns the page.
func NewLearn(d *Desk) (Screen, tea.Cmd) { return Learn{page: page{desk: d}, learn: d.Learner}, nil }

func learnKeys() []binding[Learn] {
	waiting := func(l Learn) bool { return l.learned == nil }
	ready := func(l Learn) bool { return l.learned != nil }
	return []binding[Learn]{
		{keys: "enter", word: "learn.key.save", when: ready, do: Learn.save},
		{keys: "f5", word: "learn.key.again", when: ready, do: func(l Learn) (Screen, tea.Cmd) { return NewLearn(l.desk) }},
		{keys: "f4", word: "learn.key.print", when: func(l Learn) bool { return waiting(l) && l.desk.Printer != nil }, do: Learn.print},
		{keys: "esc", word: "learn.key.back", do: func(l Learn) (Screen, tea.Cmd) { return NewDeviceSettings(l.desk) }},
	}
}

// Update implements Screen.
func (l Learn) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		l.notice = Notice(msg)
	case Printed:
		l.notice = l.desk.printedNotice(msg)
	case kept:
		l.busy = false
		if msg.err != nil {
			l.refused(msg.err)
			return l, nil
		}
		return l, func() tea.Msg { return Applied{msg.settings} }
	case Dressed:
		next, cmd := NewDeviceSettings(l.desk)
		setup := next.(Setup)
		setup.say(Done, "settings.done")
		return setup, cmd
	case learnOver:
		if msg.strokes == l.strokes && l.came != "" {
			return l.over(""), nil
		}
	case tea.PasteMsg:
		l.came = strings.TrimRight(msg.Content, "\r\n")
		return l.over(endOf(msg.Content)), nil
	case tea.KeyPressMsg:
		return l.press(msg)
	}
	return l, nil
}

// endOf is the key that ended what was pasted.
func endOf(pasted string) string {
	if strings.HasSuffix(pasted, "\n") || strings.HasSuffix(pasted, "\r") {
		return "enter"
	}
	return ""
}

func (l Learn) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	if l.came == "" || l.learned != nil {
		if next, cmd, ok := press(learnKeys(), l, Key(msg)); ok {
			return next, cmd
		}
	}
	if l.learned != nil {
		return l, nil
	}
	if key := Key(msg); l.came != "" && slices.Contains([]string{"enter", "tab"}, key) {
		return l.over(key), nil
	}
	l.came += msg.Text
	l.strokes++
	over := learnOver{l.strokes}
	return l, tea.Tick(learnPause, func(time.Time) tea.Msg { return over })
}

// over works out what came.
func (l Learn) over(end string) Learn {
	learned, err := l.learn(l.came, end)
	l.came = ""
	if err != nil {
		l.refused(err)
		return l
	}
	l.learned = &learned
	l.say(Done, "learn.done")
	return l
}

// save keeps what was learned.
func (l Learn) save() (Screen, tea.Cmd) {
	next := l.desk.Settings
	was := next.Scanner
	next.Scanner = *l.learned
	next.Scanner.Kind, next.Scanner.Device, next.Scanner.Baud = was.Kind, was.Device, was.Baud
	keep := l.desk.Keep
	l.busy = true
	return l, func() tea.Msg { return kept{next, keep(next)} }
}

// print prints the code.
func (l Learn) print() (Screen, tea.Cmd) {
	return l, l.desk.Print(slip.Slip{Language: l.desk.Words.Language, Lines: []slip.Line{
		{Text: l.desk.Words.T("learn.title"), Style: slip.Bold, Centre: true}, {}, {QR: Calibration}, {},
	}})
}

// Hints implements Screen.
func (l Learn) Hints() []Hint { return hints(l.desk, learnKeys(), l) }

// State implements Screen.
func (l Learn) State() State {
	s := l.state("learn.title", TakesAll)
	if l.learned != nil {
		s.Takes = TakesKeys
	}
	return s
}

// Interrupt implements Screen.
func (l Learn) Interrupt(int) (Screen, string, tea.Cmd) { return l, "", nil }

// View implements Screen.
func (l Learn) View(width, height int) View {
	t, words := l.desk.Theme, l.desk.Words
	inner := min(width-4, 72)
	left := widget.Space((width - inner) / 2)
	v := View{Centred: true}
	add := func(text string) {
		for _, line := range widget.Wrap(text, inner) {
			v.Lines = append(v.Lines, left+line)
		}
	}
	if l.learned != nil {
		for _, row := range l.rows() {
			v.Lines = append(v.Lines, left+t.Muted.Paint(widget.Left(words.T(row[0]), 20))+"  "+t.Strong.Paint(widget.Cut(row[1], inner-22)))
		}
		return v
	}
	for _, quiet := range []int{4, 2, 1} {
		if code := l.code(quiet); len(code) <= height {
			v.Lines = l.beside(code, width)
			return v
		}
	}
	add(words.T("learn.how"))
	add(words.T("learn.small"))
	return v
}

// beside puts what to do beside the code.
func (l Learn) beside(code []string, width int) []string {
	side := widget.Width(code[0])
	room := min(width-side-8, 40)
	text := widget.Wrap(l.desk.Words.T("learn.how"), room)
	left := widget.Space((width - side - 4 - room) / 2)
	lines := make([]string, len(code))
	above := (len(code) - len(text)) / 2
	for i, row := range code {
		lines[i] = left + row
		if at := i - above; at >= 0 && at < len(text) {
			lines[i] += widget.Space(4) + text[at]
		}
	}
	return lines
}

// code is the picture with so many quiet modules around it.
func (l Learn) code(quiet int) []string {
	if l.desk.Mono {
		return strings.Split(widget.PlainQR(Calibration, quiet, !l.desk.OnLight), "\n")
	}
	return strings.Split(widget.QR(Calibration, quiet), "\n")
}

// rows say what was learned.
func (l Learn) rows() [][2]string {
	words, s := l.desk.Words, *l.learned
	layout := usually("settings.us")(words, s.Layout)
	if strings.HasPrefix(s.Layout, "=") {
		layout = words.T("learn.own")
	}
	suffix := map[string]string{"": l.desk.KeyName("enter"), "tab": l.desk.KeyName("tab"), "none": words.T("settings.value.none")}[s.Suffix]
	prefix := s.Prefix
	if prefix == "" {
		prefix = words.T("settings.value.none")
	}
	aim := words.T("settings.value.no")
	if s.AIM {
		aim = words.T("settings.value.yes")
	}
	return [][2]string{{"learn.layout", layout}, {"learn.prefix", prefix}, {"learn.end", suffix}, {"learn.aim", aim}}
}

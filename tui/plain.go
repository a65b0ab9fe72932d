package tui

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tenthcup/pos/code"
	"tenthcup/tui/bidi"
	"tenthcup/tui/screen"
)

// Plain is an App for a screen reader, a Braille line or a teletype: the same pages
// and the same actions, as sentences that are printed one below the other and lines
// that are typed. Nothing is drawn, nothing is repeated, nothing moves.
//
// A line is text for the field that is open, and Enter; an empty one is Enter alone.
// The name of a key that does something now presses it; where text is typed, only
// with a stroke before it: "/esc". Text and the name of a key, "3 s", is typed and
// ended with that key. A scanned code is a line like any other.
type Plain struct {
	app   *App
	out   io.Writer
	title string
	shown []string // lines of the page, as they were last printed
	home  []string // lines of the counter, as they were last printed
	net   string   // whether there is a line, as it was last printed
	said  screen.Notice
	keys  string
	lines []string // typed, and not yet handled
	end   string   // the key that ends the text just typed, once the page has seen that; "" for none
	deaf  bool     // the last line was handled a moment ago
}

// Typed is a message: a line was typed.
type Typed string

// HungUp is a message: no more lines will be typed.
type HungUp struct{}

// breath is how long a page that has just opened is left alone, as pages themselves
// are deaf for a moment.
const breath = 450 * time.Millisecond

// heard is a message: the pause is over.
type heard struct{}

// plainSize is large: nothing has to be cut where nothing is drawn.
const plainWidth, plainHeight = 160, 200

// NewPlain returns the App as sentences on out.
func NewPlain(config Config, out io.Writer) *Plain {
	p := &Plain{app: New(config), out: out}
	p.app.desk.Plain = true
	p.app.width, p.app.height = plainWidth, plainHeight
	return p
}

// Init implements tea.Model.
func (p *Plain) Init() tea.Cmd {
	p.say(p.app.desk.Words.T("plain.help"))
	return tea.Batch(p.app.Init(), p.rest())
}

// rest leaves the page alone for a moment.
func (p *Plain) rest() tea.Cmd {
	p.deaf = true
	return tea.Tick(breath, func(time.Time) tea.Msg { return heard{} })
}

// View implements tea.Model. What there is to see was printed.
func (p *Plain) View() tea.View { return tea.View{} }

// Update implements tea.Model.
func (p *Plain) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmds []tea.Cmd
	hungUp := false
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return p, nil
	case Typed:
		p.lines = append(p.lines, string(msg))
	case HungUp:
		hungUp = true
		p.lines = append(p.lines, "/ctrl+c")
	case heard:
		p.deaf = false
	default:
		cmds = append(cmds, p.give(msg))
	}
	if !p.deaf && !p.app.busy() && (p.end != "" || len(p.lines) > 0) {
		line := "/" + p.end
		if p.end == "" {
			line, p.lines = p.lines[0], p.lines[1:]
		}
		p.end = ""
		cmds = append(cmds, p.line(line), p.rest())
	}
	if !p.app.busy() && !hungUp && p.end == "" {
		p.print()
	}
	return p, tea.Batch(cmds...)
}

func (p *Plain) give(msg tea.Msg) tea.Cmd {
	_, cmd := p.app.Update(msg)
	return cmd
}

// line does what was typed.
func (p *Plain) line(text string) tea.Cmd {
	text = strings.TrimSpace(text)
	switch {
	case text == "/ctrl+c":
		p.app.leaving = true
		return p.give(screen.Press("ctrl+c"))
	case text == "":
		return p.give(screen.Press("enter"))
	case text == "?" || text == "/?":
		p.help()
		return nil
	}
	if parsed, err := code.Parse(text); err == nil && code.IsMember(parsed) {
		return p.give(Scanned{Text: text})
	}
	if key, ok := p.keyOf(text); ok {
		return p.give(screen.Press(key))
	}
	end := "enter"
	if i := strings.LastIndexByte(text, ' '); i > 0 && (text[i+1] == '/' || p.app.Takes() != screen.TakesText) {
		text, end = strings.TrimSpace(text[:i]), strings.TrimPrefix(text[i+1:], "/")
	}
	if p.app.Takes() == screen.TakesKeys {
		end = "" // nothing was typed that could be ended
	}
	p.end = end
	cmds := make([]tea.Cmd, 0, len(text)+2)
	if p.app.Takes() != screen.TakesKeys { // a line is all of the field: what stood there goes
		cmds = append(cmds, p.give(screen.Press("end")), p.give(screen.Press("ctrl+u")))
	}
	if p.app.Takes() == screen.TakesText {
		return tea.Batch(append(cmds, p.give(tea.PasteMsg{Content: text}))...) // a word is not the keys it is made of
	}
	for _, r := range text {
		cmds = append(cmds, p.give(tea.KeyPressMsg{Code: r, Text: string(r)}))
	}
	return tea.Batch(cmds...)
}

// keyOf returns the key that the text names, if it does something now.
func (p *Plain) keyOf(text string) (string, bool) {
	name, stroke := strings.CutPrefix(text, "/")
	if !stroke && p.app.Takes() == screen.TakesText {
		return "", false
	}
	for _, h := range p.app.screen.Hints() {
		if h.Press != "" && (strings.EqualFold(h.Press, name) || strings.EqualFold(h.Key, name)) {
			return h.Press, true
		}
	}
	always := []string{"up", "down", "left", "right", "enter", "esc", "tab", "backspace"}
	if at := slices.Index(always, strings.ToLower(name)); at >= 0 && (stroke || len(name) > 1) {
		return always[at], true
	}
	return "", false
}

// help prints every key of the page, at length.
func (p *Plain) help() {
	for _, h := range p.app.screen.Hints() {
		p.say(p.keyName(h) + ": " + h.Long)
	}
	p.say(p.app.desk.Words.T("plain.help"))
}

// print prints what has changed since it was last called.
func (p *Plain) print() {
	state, words := p.app.screen.State(), p.app.desk.Words
	fresh := state.Title != p.title
	if fresh {
		p.title, p.shown, p.keys, p.said = state.Title, nil, "", screen.Notice{}
		p.say("")
		p.say(p.heading(state.Title))
	}
	p.sayLine()
	page := p.page()
	_, counter := p.app.screen.(screen.Counter)
	if counter && fresh {
		p.shown = p.home // what was said before the last customer is known
	}
	for _, line := range page {
		if !slices.Contains(p.shown, line) {
			p.say(line)
		}
	}
	p.shown = page
	if counter {
		p.home = page
	}
	if n := state.Notice; n != p.said {
		p.said = n
		if key := map[screen.Kind]string{screen.Said: "plain.said", screen.Done: "plain.done", screen.Bad: "plain.bad"}[n.Kind]; n.Text != "" && !slices.Contains(page, n.Text) {
			p.say(words.T(key, "text", n.Text))
		}
	}
	if keys := p.hints(); keys != p.keys && keys != "" {
		p.keys = keys
		p.say(words.T("plain.keys", "keys", keys))
	}
}

// heading is a page's title as a sentence.
func (p *Plain) heading(title string) string {
	if strings.HasSuffix(title, "?") || strings.HasSuffix(title, "؟") {
		return title
	}
	return p.app.desk.Words.T("plain.page", "title", title)
}

// sayLine says so when the line came or went: there is no corner to glance at.
func (p *Plain) sayLine() {
	d := p.app.desk
	if d.Line == nil || !d.Known || d.Sending.Active {
		return
	}
	sign, text := d.LineSign()
	if sign == p.net {
		return
	}
	p.net = sign
	p.say(text + ".")
}

// hints are the keys of the footer in a row.
func (p *Plain) hints() string {
	var keys []string
	for _, h := range p.app.screen.Hints() {
		if !h.Quiet {
			keys = append(keys, p.keyName(h)+" "+h.Word)
		}
	}
	return p.app.desk.Words.List(keys)
}

// keyName is what is typed for a key of the page.
func (p *Plain) keyName(h screen.Hint) string {
	name := h.Key
	switch h.Press {
	case "", "enter":
		return name
	case "up":
		name = p.app.desk.Words.T("plain.updown")
	case "left", "right":
		name = h.Press
	}
	if p.app.Takes() == screen.TakesText {
		return "/" + name
	}
	return name
}

var (
	drawn   = regexp.MustCompile(`[\x{2500}-\x{259f}]+|_{3,}`) // frames, blocks, lines to write on
	columns = regexp.MustCompile(`(\s{2,}|\s*[│]\s*)+`)
	stamps  = regexp.MustCompile(`([●○]\s*){2,}`)
	signs   = strings.NewReplacer("★ ", "", "☆ ", "", "‹ ", "", " ›", "", "✓ ", "", "✗ ", "", "● ", "", "○ ", "", "◐ ", "")
	coming  = regexp.MustCompile(`(^|\s)…([\s,]|$)`) // what is still being counted
	dotted  = regexp.MustCompile(`(^|  )· `)         // a mark in front of a text, not one between two
)

// page is the page in lines of words, the empty ones left out.
func (p *Plain) page() (lines []string) {
	if alarm := p.app.desk.Alarm(); alarm.Text != "" {
		lines = append(lines, alarm.Text)
	}
	for _, line := range p.app.screen.View(plainWidth, plainHeight).Lines {
		text := drawn.ReplaceAllString(bidi.Unmarked(ansi.Strip(line)), "  ")
		if coming.MatchString(text) {
			continue
		}
		chosen := strings.Contains(text, "▸")
		text = stamps.ReplaceAllString(strings.ReplaceAll(text, "▸", " "), "  ")
		text = strings.Trim(columns.ReplaceAllString(dotted.ReplaceAllString(signs.Replace(text), "$1"), "\t"), "\t ")
		text = p.app.desk.Words.List(strings.Split(text, "\t"))
		if text == "" {
			continue
		}
		if chosen {
			text = p.app.desk.Words.T("plain.here", "text", text)
		}
		lines = append(lines, text)
	}
	return lines
}

func (p *Plain) say(text string) { fmt.Fprintln(p.out, bidi.Unmarked(text)) }

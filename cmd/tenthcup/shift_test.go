package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/tui/bidi"
)

// A shift is one whole day at a till, driven on a terminal of 80x24 by somebody
// who knows nothing but what the footer says: a key is pressed only while the
// footer shows it, found by the word that stands behind it. So the footer is proven
// to be the only manual that is needed, in every language.
func TestShift(t *testing.T) {
	for _, language := range assets.Languages() {
		t.Run("shift-"+language, func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir: "testdata/shift",
				Setup: func(env *testscript.Env) error {
					env.Setenv("HOME", env.WorkDir)
					env.Setenv("LANG", "en_GB.UTF-8")
					env.Setenv("LANGUAGE", language)
					env.Vars = append(env.Vars, quickExit)
					env.Setenv("TZ", "Europe/Budapest")
					env.Values[processes{}] = map[string]*exec.Cmd{}
					euro, _ := pos.CurrencyOf("EUR")
					words, err := assets.NewPrinter(language, euro, nil)
					env.Values[atTill{}] = &cashier{words: words}
					return err
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"start":     start,
					"halt":      func(ts *testscript.TestScript, neg bool, args []string) { end(ts, syscall.SIGTERM, args) },
					"remember":  remember,
					"line":      func(ts *testscript.TestScript, _ bool, args []string) { work(ts).lay(ts, args) },
					"cut":       func(ts *testscript.TestScript, _ bool, _ []string) { work(ts).line.set(false) },
					"mend":      func(ts *testscript.TestScript, _ bool, _ []string) { work(ts).line.set(true) },
					"open":      func(ts *testscript.TestScript, _ bool, args []string) { work(ts).open(ts, args) },
					"press":     func(ts *testscript.TestScript, _ bool, args []string) { work(ts).press(args) },
					"type":      func(ts *testscript.TestScript, _ bool, args []string) { work(ts).enter(args) },
					"scan":      func(ts *testscript.TestScript, _ bool, args []string) { work(ts).scan(ts, args[0]) },
					"see":       func(ts *testscript.TestScript, _ bool, args []string) { work(ts).see(args) },
					"customers": enrolCustomers,
					"serve":     serveCustomers,
				},
				RequireUniqueNames: true,
			})
		})
	}
}

type atTill struct{}

// work returns who works at the script's till.
func work(ts *testscript.TestScript) *cashier {
	c := ts.Value(atTill{}).(*cashier)
	c.ts = ts
	return c
}

// inScript is a test that fails where its script does.
type inScript struct {
	testing.TB
	ts *testscript.TestScript
}

func (s inScript) Helper()                         {}
func (s inScript) Fatalf(text string, args ...any) { s.ts.Fatalf(text, args...) }
func (s inScript) Cleanup(f func())                { s.ts.Defer(f) }

// cashier is who works at the till in a shift.
type cashier struct {
	ts     *testscript.TestScript
	words  *assets.Printer
	screen *monitor
	line   *cutLine
}

// open ARG...: opens the program on a terminal.
func (c *cashier) open(ts *testscript.TestScript, args []string) {
	for i, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			args[i] = ts.MkAbs(arg)
		}
	}
	c.screen = open(inScript{ts: ts}, asProgram, args...)
}

// press WORD...: presses the key that the footer shows before the word, a key of the
// catalogs, once it does, and looks what comes of it.
func (c *cashier) press(words []string) {
	for _, word := range words {
		key := c.key(word)
		before := c.screen.until("anything", func(string) bool { return true })
		c.screen.typed(key)
		c.screen.until("what came of "+word, func(picture string) bool { return picture != before })
	}
}

// type WORD TEXT: types the text, once the footer says that one can.
func (c *cashier) enter(args []string) {
	c.key(args[0])
	c.screen.typed(strings.Join(args[1:], " "))
}

// scan FILE:LINE: scans the code in the line of the file.
func (c *cashier) scan(ts *testscript.TestScript, place string) {
	file, line, _ := strings.Cut(place, ":")
	n, err := strconv.Atoi(line)
	ts.Check(err)
	c.screen.typed(strings.Fields(ts.ReadFile(file))[n-1] + "\r")
}

// shownKeys are the keys as footers show them, and what a terminal sends for them.
// Those of several keys stand for typing, and send nothing.
var shownKeys = map[string]string{
	"Enter": "\r", "Esc": "\x1b", "Tab": "\t", "↑↓": "\x1b[B", "→": "\x1b[C", "←": "\x1b[D",
	"F1": "\x1bOP", "F2": "\x1bOQ", "F3": "\x1bOR", "F4": "\x1bOS", "0–9": "", "1–9": "", "A–Z": "",
}

// key waits for the footer to show the word and returns what the key before it sends.
func (c *cashier) key(word string) string {
	does := c.words.T(word)
	if does == word {
		c.ts.Fatalf("there is no word %s", word)
	}
	sends, found := "", false
	c.screen.until(fmt.Sprintf("the footer's %q (%s)", does, word), func(picture string) bool {
		sends, found = c.pressed(footerOf(picture), does)
		return found
	})
	return sends
}

// footerOf returns the lines below the last rule.
func footerOf(picture string) string {
	lines := strings.Split(picture, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(lines[i], "──────") {
			return strings.Join(lines[i+1:], "\n")
		}
	}
	return ""
}

// pressed returns what the key sends that stands before the word.
func (c *cashier) pressed(footer, word string) (string, bool) {
	shows := func(key string) bool {
		hint := regexp.QuoteMeta(c.seen(key + " " + word))
		return regexp.MustCompile(`(?m)(^|  )` + hint + `(  |\s*$)`).MatchString(footer)
	}
	for key, sends := range shownKeys {
		if shows(key) {
			return sends, true
		}
	}
	for key := ' ' + 1; key < 0x7f; key++ {
		if shows(string(key)) {
			return string(key), true
		}
		if key >= 'A' && key <= 'Z' && shows("Ctrl+"+string(key)) {
			return string(key - 'A' + 1), true
		}
	}
	return "", false
}

// seen is how a text stands on the screen.
func (c *cashier) seen(text string) string {
	if !c.words.RightToLeft() {
		return text
	}
	return strings.TrimSpace(bidi.Page{Width: 80, RTL: true}.Line(text).Text)
}

// see KEY [PLACE=TEXT]...: waits for the sentence, with anything in the places that
// are not given.
func (c *cashier) see(args []string) {
	pairs, counted := []any{}, false
	for _, arg := range args[1:] {
		place, text, _ := strings.Cut(arg, "=")
		var value any = text
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			value = n
		}
		pairs, counted = append(pairs, place, value), counted || place == "n"
	}
	pattern := c.pattern(args[0], pairs)
	if !counted { // any number, and so either plural
		many := c.pattern(args[0], append(pairs, "n", anyNumber))
		many = strings.ReplaceAll(many, regexp.QuoteMeta(c.words.Number(anyNumber)), ".*")
		pattern = c.pattern(args[0], append(pairs, "n", 1)) + "|" + many
	}
	what := fmt.Sprintf("%q (%s)", c.words.T(args[0], pairs...), args[0])
	whole := regexp.MustCompile(pattern)
	c.screen.until(what, func(picture string) bool {
		return whole.MatchString(picture) || c.reads(picture, c.words.T(args[0], pairs...))
	})
}

// reads reports whether all words of the sentence are on the screen, whichever way
// they stand and however they are broken into lines beside other things, but for
// places that are not filled.
func (c *cashier) reads(picture, sentence string) bool {
	for word := range strings.FieldsSeq(sentence) {
		word = strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '{' })
		if !strings.Contains(word, "{") && !strings.Contains(picture, c.seen(word)) {
			return false
		}
	}
	return true
}

// anyNumber stands for any number but one.
const anyNumber = 7_777_777

// pattern is the sentence as it may stand on the screen, broken into lines.
func (c *cashier) pattern(key string, pairs []any) string {
	pattern := regexp.QuoteMeta(c.words.T(key, pairs...))
	pattern = regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(pattern, ".*")
	return strings.ReplaceAll(pattern, " ", `\s+`)
}

// customers FILE N DIR: enrols N members at the till, whose codes become the lines of
// the file.
func enrolCustomers(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	codes := make([]string, n)
	for i := range codes {
		ts.Check(ts.Exec("tenthcup", "member", "add", "--name", fmt.Sprintf("Customer %d", i+1), "--json", "--dir", args[2]))
		var done struct{ Member struct{ Code string } }
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &done))
		codes[i] = done.Member.Code
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(codes, "\n")), 0o600))
}

// serve FILE FIRST LAST: serves the customers with the codes in the lines of the
// file: each shows the code, gets a stamp and goes.
func serveCustomers(ts *testscript.TestScript, _ bool, args []string) {
	c := work(ts)
	first, err := strconv.Atoi(args[1])
	ts.Check(err)
	last, err := strconv.Atoi(args[2])
	ts.Check(err)
	codes := strings.Fields(ts.ReadFile(args[0]))
	for _, code := range codes[first-1 : last] {
		c.screen.typed(code + "\r")
		c.press([]string{"person.key.stamp"})
		c.see([]string{"person.done.stamps"})
		c.press([]string{"person.key.back"})
		c.see([]string{"counter.scan"})
	}
}

// cutLine is a line to the server that can be cut: what comes while it is cut, and
// what is on its way then, is lost.
type cutLine struct {
	to string

	mu   sync.Mutex
	up   bool
	open map[net.Conn]bool
}

// line URL: lays a line to the server, whose address becomes $LINE.
func (c *cashier) lay(ts *testscript.TestScript, args []string) {
	address := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(args[0])
	c.line = &cutLine{to: address, up: true, open: map[net.Conn]bool{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close(); c.line.set(false) })
	go c.line.serve(listener)
	ts.Setenv("LINE", strings.Replace(args[0], address, listener.Addr().String(), 1))
}

func (l *cutLine) serve(listener net.Listener) {
	for {
		till, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.to)
		if err != nil || !l.join(till, server) {
			_ = till.Close()
			continue
		}
		go func() { _, _ = io.Copy(server, till); _ = server.Close() }()
		go func() { _, _ = io.Copy(till, server); _ = till.Close() }()
	}
}

// join reports whether the line is up; then the connections are cut with it.
func (l *cutLine) join(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range conns {
		l.open[conn] = true
	}
	return l.up
}

// set cuts the line or mends it.
func (l *cutLine) set(up bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up = up
	for conn := range l.open {
		_ = conn.Close()
	}
	clear(l.open)
}

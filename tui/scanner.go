package tui

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/tui/screen"
)

// Scanned is a message: a scanner read Text. The last Typed characters of it
// were passed on as typing before it was known to be a scan and have to be taken
// back.
type Scanned struct {
	Text  string
	Typed int
}

// HeldKeys is a message: keys that were held back because they could have been a
// scan, and are typing after all. They come in the order in which they were
// pressed; Then is what came after them, or nil.
type HeldKeys struct {
	Keys []tea.KeyPressMsg
	Then tea.Msg
}

// pause is the scanner's own message: no key came for a while.
type pause struct{ generation int }

// Pauses after which a burst is over. A pause ends waiting; it never makes a
// scan of anything, except of letters on a page that takes no text.
const (
	prefixPause = 170 * time.Millisecond // between the keys of a member code, and settlePause on top
	settlePause = 40 * time.Millisecond  // for keys that came meanwhile and were not read yet
	keyPause    = 50 * time.Millisecond  // between the keys of any other scan
	endPause    = 100 * time.Millisecond // for another line end after a scan's
)

const (
	maxScan    = 512 // characters of a scan that are kept
	digitBurst = 5   // as many digits in one go are no amount: no hand is that quick
	mixedBurst = 6   // nor are as many digits with a letter
)

// Scanner finds scans among the keys, in front of the App, so that a scan works
// on every page and no text field ever sees one.
//
// What makes a scan is its prefix or its check digit, never its speed: keys that
// begin like a member code are held until they are one or cannot be one any
// more. Digits are passed on at once, so that typing is never slow; if they turn
// out to be a barcode, Scanned says how many have to be taken back. On a page
// that takes no text, letters wait a moment, so that a foreign code does not
// press buttons.
//
// Filter goes into tea.WithFilter and runs in the event loop only. Send must be
// the program's Send and be set before the program runs.
type Scanner struct {
	Send  func(tea.Msg)
	After func(d time.Duration, f func()) (stop func() bool) // a timer; tests have their own

	layout layout // of the keyboard that the keys pass through
	before string // sent before each code, in upper case

	state      state
	held       []tea.KeyPressMsg // keys held back, control keys too
	text       strings.Builder   // what the held ones type
	settled    bool              // the pause is over once; the next one counts
	run        string            // digits passed on just now, in one go
	end        string            // the key that ended a scan just now
	generation int
	stop       func() bool
}

// state is what the held keys may be.
type state int

const (
	idle    state = iota // nothing is held
	prefix               // the beginning of a member code's prefix
	member               // the whole prefix, and what follows it
	foreign              // letters on a page that takes none
)

// NewScanner returns a scanner with real timers. Set Send before it runs.
func NewScanner() *Scanner {
	return &Scanner{After: func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }}
}

// Configure says what is special about the scanner. It is called before the program
// runs; from then on Filter hears of other settings by itself.
func (s *Scanner) Configure(settings screen.ScannerSettings) {
	s.layout, s.before = layoutOf(settings.Layout), strings.ToUpper(settings.Prefix)
}

// Filter returns what becomes of the message: itself, nothing while it is held,
// a Scanned or HeldKeys. It is meant for tea.WithFilter.
func (s *Scanner) Filter(model tea.Model, msg tea.Msg) tea.Msg {
	takes := screen.TakesText
	if app, ok := model.(interface{ Takes() screen.Takes }); ok {
		takes = app.Takes()
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if takes == screen.TakesAll {
			return msg
		}
		return s.key(takes, msg)
	case tea.PasteMsg:
		return s.paste(msg)
	case screen.Dressed:
		if msg.Dress.Words != nil {
			s.Configure(msg.Settings.Scanner)
		}
	case pause:
		if msg.generation != s.generation {
			return nil
		}
		return s.paused(takes)
	}
	return msg
}

func (s *Scanner) key(takes screen.Takes, key tea.KeyPressMsg) tea.Msg {
	if s.secondEnd(key) {
		return nil
	}
	typed := s.layout.sent(typedBy(key))
	switch {
	case typed == "" && s.state == idle && startsLate(key):
		typed = string(key.Code)
	case isEnd(key):
		return s.ended(takes, key)
	case typed == "":
		return s.control(key)
	}
	return s.typed(takes, key, typed)
}

// typed handles a key that types something.
func (s *Scanner) typed(takes screen.Takes, key tea.KeyPressMsg, typed string) tea.Msg {
	if s.state == idle {
		next := s.prefixState(typed)
		switch {
		case next != idle:
			s.state = next
		case takes == screen.TakesText || takes != screen.TakesKeys && isAmount(typed):
			return s.pass(key, typed)
		default:
			s.state = foreign
		}
		s.hold(key, typed)
		return nil
	}
	s.hold(key, typed)
	if s.state != prefix {
		return nil
	}
	s.state = s.prefixState(s.text.String())
	switch {
	case s.state != idle:
		return nil
	case takes != screen.TakesText:
		s.state = foreign
		s.arm(keyPause)
		return nil
	}
	return s.release(nil)
}

// pass lets a key through and remembers it if it may be part of a barcode.
func (s *Scanner) pass(key tea.KeyPressMsg, typed string) tea.Msg {
	if strings.Trim(pos.ASCIIDigits(typed), "0123456789") != "" {
		s.forget()
		return key
	}
	if len(s.run) < maxScan {
		s.run += pos.ASCIIDigits(typed)
	}
	s.arm(keyPause)
	if typed != key.Text { // the layout made something else of a digit
		key.Code, key.Text = rune(typed[0]), typed
	}
	return key
}

// control handles a key that types nothing and ends nothing.
func (s *Scanner) control(key tea.KeyPressMsg) tea.Msg {
	s.run = ""
	switch {
	case s.state == member, s.state == foreign && len(s.held) > 1:
		return nil // a code can hold any control character; none of them is a command
	case s.state == idle:
		return key
	}
	s.held = append(s.held, key)
	return s.release(nil)
}

// ended handles Enter and the other keys with which scanners end.
func (s *Scanner) ended(takes screen.Takes, key tea.KeyPressMsg) tea.Msg {
	text := s.text.String()
	switch s.state {
	case member:
		if takes != screen.TakesText || len(bare(text)) >= code.Length+len(s.before) || strings.HasPrefix(text, "]") {
			return s.scanned(text, 0, key)
		}
	case foreign:
		if s.foreignCode() {
			return s.scanned(s.run+text, len(s.run), key)
		}
	case idle:
		if code.IsBarcode(s.run) || takes == screen.TakesDigits && len(s.run) >= digitBurst {
			return s.scanned(s.run, len(s.run), key)
		}
		s.forget()
		return key
	}
	s.held = append(s.held, key)
	return s.release(nil)
}

// paused handles a pause after the last key.
func (s *Scanner) paused(takes screen.Takes) tea.Msg {
	if (s.state == prefix || s.state == member) && !s.settled {
		s.settled = true
		s.arm(settlePause)
		return nil
	}
	text := s.text.String()
	switch {
	case s.state == idle && takes == screen.TakesDigits && len(s.run) >= digitBurst && !repeated(s.run):
		return s.scanned(s.run, len(s.run), tea.KeyPressMsg{}) // of a scanner that sends no Enter
	case s.state == idle:
		s.forget()
		return nil
	case s.state == member && takes < screen.TakesCodes:
		return s.scanned(text, 0, tea.KeyPressMsg{})
	case s.state == foreign && repeated(text):
		s.forget() // a key that is leant on: its first press went through
		return nil
	case s.state == foreign && s.foreignCode():
		return s.scanned(s.run+text, len(s.run), tea.KeyPressMsg{})
	}
	return s.release(nil)
}

// foreignCode reports whether the held letters, with the digits that came in one
// go before them, are too many to have been pressed by a person.
func (s *Scanner) foreignCode() bool {
	letters := utf8.RuneCountInString(s.text.String())
	return letters > 2 || letters+len(s.run) >= mixedBurst
}

// paste takes pasted text that is a code for a scan.
func (s *Scanner) paste(msg tea.PasteMsg) tea.Msg {
	text := strings.TrimSpace(msg.Content)
	if isScan(text) && s.state == idle {
		end := tea.KeyPressMsg{}
		if text != msg.Content {
			end.Code = tea.KeyEnter
		}
		return s.scanned(text, 0, end)
	}
	if s.state == idle {
		s.forget()
		return msg
	}
	return s.release(msg)
}

// isScan reports whether a text that came in one piece is a member code, right
// or wrong, or a barcode.
func isScan(text string) bool {
	if _, err := code.Parse(text); err == nil && code.IsBarcode(pos.ASCIIDigits(text)) {
		return true
	}
	return prefixState(text) == member && len(bare(text)) >= code.Length && utf8.RuneCountInString(text) <= maxScan
}

func (s *Scanner) scanned(text string, typed int, end tea.KeyPressMsg) tea.Msg {
	s.forget()
	if len(text) > len(s.before) && strings.EqualFold(text[:len(s.before)], s.before) {
		text = text[len(s.before):]
	}
	if end.Code != 0 {
		s.end = end.String()
	} else {
		s.end = "none"
	}
	s.arm(endPause)
	return Scanned{Text: text, Typed: typed}
}

// secondEnd reports whether the key is another line end right behind that of a
// scan, a line feed behind a carriage return, or the control character that some
// scanners send last. The same end again is the cashier's own Enter.
func (s *Scanner) secondEnd(key tea.KeyPressMsg) bool {
	if s.end == "" {
		return false
	}
	first := s.end
	s.end = ""
	if isEnd(key) {
		return key.String() != first
	}
	if typedBy(key) == "" && key.Mod == tea.ModCtrl {
		s.end = first // there may be more of them
		return true
	}
	return false
}

// hold keeps a key back.
func (s *Scanner) hold(key tea.KeyPressMsg, typed string) {
	if s.text.Len() < maxScan {
		s.text.WriteString(typed)
		s.held = append(s.held, key)
	}
	s.settled = false
	if s.state == foreign {
		s.arm(keyPause)
		return
	}
	s.arm(prefixPause)
}

// release gives back what was held.
func (s *Scanner) release(then tea.Msg) tea.Msg {
	keys := slices.Clone(s.held)
	s.forget()
	return HeldKeys{Keys: keys, Then: then}
}

func (s *Scanner) forget() {
	s.state, s.held, s.run, s.end, s.settled = idle, s.held[:0], "", "", false
	s.text.Reset()
	s.generation++
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// arm starts the pause anew.
func (s *Scanner) arm(d time.Duration) {
	if s.stop != nil {
		s.stop()
	}
	s.generation++
	over := pause{s.generation}
	s.stop = s.After(d, func() { s.Send(over) })
}

package screen

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/tui/theme"
	"tenthcup/tui/widget"
)

// Setup is a page of settings: a form over some of them.
type Setup struct {
	page
	title string // catalog key
	knobs []knob
	sheet sheet
	was   Settings
}

// knob is one setting on a page: chosen among values, or typed.
type knob struct {
	word   string   // catalog key of its name; where ".knob." is ".note.", of what it is for
	values []string // none: it is typed
	name   func(words *assets.Printer, value string) string
	get    func(*Settings) *string
	flag   func(*Settings) *bool // instead of get
	number func(*Settings) *int  // likewise
}

// NewLookSettings returns the page of how the screen looks and the counter works.
func NewLookSettings(d *Desk) (Screen, tea.Cmd) {
	return newSetup(d, "settings.look", lookKnobs()), nil
}

// NewDeviceSettings returns the page of what is plugged in.
func NewDeviceSettings(d *Desk) (Screen, tea.Cmd) {
	return newSetup(d, "settings.devices", deviceKnobs()), nil
}

func newSetup(d *Desk, title string, knobs []knob) Setup {
	s := Setup{page: page{desk: d}, title: title, knobs: knobs, was: d.Settings}
	for _, k := range knobs {
		s.sheet.blanks = append(s.sheet.blanks, k.blank(d.Words, d.Settings))
	}
	return s
}

// wordsOf names values by the catalog: "settings.value.<value>", where "" is "none".
func wordsOf(words *assets.Printer, value string) string {
	switch value {
	case "":
		value = "none"
	case ownTheme:
		value = "own"
	}
	if key := "settings.value." + value; words.Has(key) {
		return words.T(key)
	}
	return value
}

// usually gives the value "" a name of its own.
func usually(key string) func(*assets.Printer, string) string {
	return func(words *assets.Printer, value string) string {
		if value == "" {
			return words.T(key)
		}
		return wordsOf(words, value)
	}
}

// languageName is a language's own name, which its speakers can read.
func languageName(words *assets.Printer, value string) string {
	names := map[string]string{"": words.T("settings.shops"), "en": "English", "hu": "Magyar", "ms": "Bahasa Melayu", "fa": "فارسی"}
	if name := names[value]; name != "" {
		return name
	}
	return value
}

// ownTheme is the file in the till's folder that holds the shop's own theme.
const ownTheme = "theme.toml"

func lookKnobs() []knob {
	themes := append(slices.Clone(theme.Names()), ownTheme)
	return []knob{
		{word: "settings.knob.language", values: append([]string{""}, assets.Languages()...), name: languageName, get: func(s *Settings) *string { return &s.Screen.Language }},
		{word: "settings.knob.theme", values: themes, name: wordsOf, get: func(s *Settings) *string { return &s.Screen.Theme }},
		{word: "settings.knob.direction", values: []string{"", "terminal"}, name: usually("settings.app"), get: func(s *Settings) *string { return &s.Screen.Direction }},
		{word: "settings.knob.scan", values: []string{"", "stamp"}, name: usually("settings.shows"), get: func(s *Settings) *string { return &s.Counter.Scan }},
		{word: "settings.knob.keypad", flag: func(s *Settings) *bool { return &s.Counter.Keypad }},
		{word: "settings.knob.quiet", flag: func(s *Settings) *bool { return &s.Counter.Quiet }},
	}
}

func deviceKnobs() []knob {
	bauds := []string{"0", "9600", "19200", "38400", "57600", "115200"}
	return []knob{
		{word: "settings.knob.scanner", values: []string{"", "serial", "evdev"}, name: usually("settings.keyboard"), get: func(s *Settings) *string { return &s.Scanner.Kind }},
		{word: "settings.knob.device", get: func(s *Settings) *string { return &s.Scanner.Device }},
		{word: "settings.knob.baud", values: bauds, name: baudName, number: func(s *Settings) *int { return &s.Scanner.Baud }},
		{word: "settings.knob.layout", values: []string{"", "hu", "ir"}, name: usually("settings.us"), get: func(s *Settings) *string { return &s.Scanner.Layout }},
		{word: "settings.knob.printer", values: []string{"", "tcp", "file", "serial", "lp"}, name: wordsOf, get: func(s *Settings) *string { return &s.Printer.Kind }},
		{word: "settings.knob.address", get: func(s *Settings) *string { return &s.Printer.Address }},
		{word: "settings.knob.printerbaud", values: bauds, name: baudName, number: func(s *Settings) *int { return &s.Printer.Baud }},
		{word: "settings.knob.width", values: []string{"0", "58"}, name: paperName, number: func(s *Settings) *int { return &s.Printer.Width }},
		{word: "settings.knob.page", values: []string{"", "cp437", "image"}, name: usually("settings.latin"), get: func(s *Settings) *string { return &s.Printer.Page }},
		{word: "settings.knob.drawer", flag: func(s *Settings) *bool { return &s.Printer.Drawer }},
		{word: "settings.knob.slips", values: []string{"", "always"}, name: usually("settings.asked"), get: func(s *Settings) *string { return &s.Printer.Slips }},
		{word: "settings.knob.display", get: func(s *Settings) *string { return &s.Display.Page }},
	}
}

// noteOf is the catalog key of what a setting is for.
func noteOf(word string) string { return strings.Replace(word, ".knob.", ".note.", 1) }

func baudName(_ *assets.Printer, value string) string {
	if value == "0" {
		return "9600"
	}
	return value
}

func paperName(_ *assets.Printer, value string) string {
	if value == "0" {
		value = "80"
	}
	return value + " mm"
}

// blank is the knob as a field of the form.
func (k knob) blank(words *assets.Printer, settings Settings) blank {
	b := blank{name: words.T(k.word), note: words.T(noteOf(k.word))}
	value, values, name := k.read(settings), k.values, k.name
	if value == "" && slices.Contains(values, "auto") {
		value = "auto"
	}
	if k.flag != nil {
		values, name = []string{"no", "yes"}, wordsOf
	}
	if len(values) == 0 {
		b.field = widget.NewField(value)
		return b
	}
	if !slices.Contains(values, value) { // set by hand in the file
		values = append(slices.Clone(values), value)
	}
	for i, one := range values {
		b.options = append(b.options, name(words, one))
		if one == value {
			b.chosen = i
		}
	}
	return b
}

// read returns the setting as text.
func (k knob) read(s Settings) string {
	switch {
	case k.flag != nil && *k.flag(&s):
		return "yes"
	case k.flag != nil:
		return "no"
	case k.number != nil:
		return strconv.Itoa(*k.number(&s))
	}
	return *k.get(&s)
}

// write puts what the field says into the settings. A value set by hand in the file
// stays where it is the one chosen.
func (k knob) write(b blank, s *Settings) {
	switch {
	case k.flag != nil:
		*k.flag(s) = b.chosen == 1
	case len(k.values) == 0:
		*k.get(s) = b.value()
	case b.chosen >= len(k.values):
	case k.number != nil:
		*k.number(s), _ = strconv.Atoi(k.values[b.chosen])
	case k.values[b.chosen] == "auto": // is what is usual
		*k.get(s) = ""
	default:
		*k.get(s) = k.values[b.chosen]
	}
}

func setupKeys() []binding[Setup] {
	return []binding[Setup]{
		{keys: "enter", word: "settings.key.save", do: Setup.save},
		{keys: "up", word: "settings.key.move"},
		{keys: "right", word: "settings.key.change", when: func(s Setup) bool { return s.sheet.takes() == TakesKeys }},
		{keys: "text", word: "settings.key.text", when: func(s Setup) bool { return s.sheet.takes() == TakesText }},
		{keys: "f4", word: "settings.key.learn", when: func(s Setup) bool { return s.title == "settings.devices" }, do: func(s Setup) (Screen, tea.Cmd) { return NewLearn(s.desk) }},
		{keys: "esc", word: "settings.key.back", do: func(s Setup) (Screen, tea.Cmd) { return NewMenu(s.desk), nil }},
	}
}

type kept struct {
	settings Settings
	err      error
}

// save keeps what the form says, if it says anything new.
func (s Setup) save() (Screen, tea.Cmd) {
	next := s.was
	for i, k := range s.knobs {
		k.write(s.sheet.blanks[i], &next)
	}
	keep := s.desk.Keep
	if keep == nil || next == s.was {
		s.say(Said, "settings.same")
		return s, nil
	}
	s.busy = true
	return s, func() tea.Msg { return kept{next, keep(next)} }
}

// Update implements Screen.
func (s Setup) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		s.notice = Notice(msg)
	case kept:
		s.busy = false
		if msg.err != nil {
			s.refused(msg.err)
			return s, nil
		}
		s.was = msg.settings
		s.say(Done, "settings.done")
		return s, func() tea.Msg { return Applied{msg.settings} }
	case Dressed: // perhaps in another language
		next := newSetup(s.desk, s.title, s.knobs)
		next.sheet.at = s.sheet.at
		next.say(Done, "settings.done")
		return next, nil
	case Picked:
		s.sheet = s.sheet.picked(msg)
	case tea.PasteMsg:
		s.sheet = s.sheet.paste(msg.Content)
	case tea.KeyPressMsg:
		s.notice = Notice{}
		if next, cmd, ok := press(setupKeys(), s, Key(msg)); ok {
			return next, cmd
		}
		s.sheet, _ = s.sheet.press(msg)
	}
	return s, nil
}

// Hints implements Screen.
func (s Setup) Hints() []Hint { return hints(s.desk, setupKeys(), s) }

// State implements Screen.
func (s Setup) State() State { return s.state(s.title, s.sheet.takes()) }

// Interrupt implements Screen.
func (s Setup) Interrupt(typed int) (Screen, string, tea.Cmd) {
	if s.sheet.takes() == TakesText {
		s.sheet = s.sheet.takeBack(typed)
	}
	return s, "", nil
}

// View implements Screen.
func (s Setup) View(width, height int) View {
	inner := min(width-4, 76)
	v := View{Lines: []string{""}}
	s.sheet.add(s.desk, &v, box{(width - inner) / 2, inner, height - 1}, !s.busy)
	return v
}

package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/widget"
)

// binding is one row of a screen's table of keys. Keys are handled and explained
// from the same table, so that the footer cannot lie.
type binding[S any] struct {
	keys  string // names as Bubble Tea gives them, the one to show first; "digits", "sides" and "text" stand for many
	word  string // catalog key of what it does; where ".key." is ".help.", at length
	when  func(S) bool
	do    func(S) (Screen, tea.Cmd) // nil: handled as text
	quiet bool                      // left out of the footer
}

// press runs the first binding of the key that applies now.
func press[S any](table []binding[S], s S, key string) (Screen, tea.Cmd, bool) {
	for _, b := range table {
		if b.do == nil || b.when != nil && !b.when(s) {
			continue
		}
		for name := range strings.FieldsSeq(b.keys) {
			if name == key {
				next, cmd := b.do(s)
				return next, cmd, true
			}
		}
	}
	return nil, nil, false
}

// hints explains the bindings that apply now.
func hints[S any](d *Desk, table []binding[S], s S) []Hint {
	shown := make([]Hint, 0, len(table))
	for _, b := range table {
		if b.when != nil && !b.when(s) {
			continue
		}
		first, _, _ := strings.Cut(b.keys, " ")
		hint := Hint{Hint: widget.Hint{Key: d.KeyName(first), Word: d.Words.T(b.word)}, Quiet: b.quiet}
		switch first {
		case "digits", "text", "numbers": // many keys
		default:
			hint.Press = first
		}
		hint.Long = hint.Word
		if long := strings.Replace(b.word, ".key.", ".help.", 1); d.Words.Has(long) {
			hint.Long = d.Words.T(long)
		}
		shown = append(shown, hint)
	}
	return shown
}

// KeyName returns a key's name as it is printed on keyboards.
func (d *Desk) KeyName(key string) string {
	if rest, ok := strings.CutPrefix(key, "ctrl+"); ok {
		return d.Words.T("keys.ctrl") + "+" + strings.ToUpper(rest)
	}
	switch key {
	case "enter", "esc", "tab", "up", "text", "digits", "numbers":
		return d.Words.T("keys." + key)
	case "right":
		return "→"
	case "left":
		return "←"
	case "sides":
		return "←→"
	}
	if len(key) > 1 {
		return strings.ToUpper(key)
	}
	return key
}

// Key returns the name under which a key is looked up: the ends that scanners
// and keypads send are Enter too.
func Key(msg tea.KeyPressMsg) string {
	switch {
	case msg.Code == tea.KeyKpEnter, msg.Code == 'j' && msg.Mod == tea.ModCtrl:
		return "enter"
	}
	return msg.String()
}

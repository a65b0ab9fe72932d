package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/widget"
)

// receipt is the number of the sale under way. The zero receipt is none.
type receipt struct {
	field widget.Field
	open  bool // it is being typed
}

func (r receipt) number() string { return strings.TrimSpace(r.field.Value()) }

// selling reports whether there is a sale that can be given a receipt number.
func (m Member) selling() bool { return m.sale != nil || m.typing() && m.sells() }

func numberKeys() []binding[Member] {
	return []binding[Member]{
		{keys: "enter tab", word: "person.key.numbered", do: func(m Member) (Screen, tea.Cmd) { m.receipt.open = false; return m, nil }},
		{keys: "esc", word: "person.key.unnumbered", do: func(m Member) (Screen, tea.Cmd) { m.receipt = receipt{}; return m, nil }},
	}
}

// number opens the field of the receipt number.
func (m Member) number() (Screen, tea.Cmd) {
	m.receipt.open = true
	return m, nil
}

// numbering handles a key while the receipt number is typed.
func (m Member) numbering(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	m.notice = Notice{}
	if next, cmd, ok := press(numberKeys(), m, Key(msg)); ok {
		return next, cmd
	}
	m.receipt.field, _ = m.receipt.field.Press(msg)
	return m, nil
}

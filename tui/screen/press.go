package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// named are the keys that have names, as Bubble Tea gives them.
var named = map[string]rune{
	"enter": tea.KeyEnter, "kpenter": tea.KeyKpEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "space": tea.KeySpace, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6, "f7": tea.KeyF7, "f8": tea.KeyF8,
}

// modifiers are the keys that are held down while another one is pressed.
var modifiers = map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "shift+": tea.ModShift, "alt+": tea.ModAlt}

// Press returns the press of the key with the name that Bubble Tea gives it:
// "enter", "ctrl+s", "u".
func Press(name string) tea.KeyPressMsg {
	var press tea.KeyPressMsg
	for prefix, mod := range modifiers {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			press = Press(rest)
			press.Mod |= mod
			press.Text = ""
			return press
		}
	}
	if code, ok := named[name]; ok {
		press.Code = code
		return press
	}
	press.Code, press.Text = []rune(name)[0], name
	return press
}

package tui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
)

// prefixState says what the text may be: the beginning of a member code's
// prefix, perhaps behind a symbology identifier, the whole of it and more, or
// neither. It goes by characters, not by keys: one key may type two.
func prefixState(text string) state {
	signs := strings.ToUpper(pos.ASCIIDigits(text))
	if strings.HasPrefix(signs, "]") {
		return identified(signs)
	}
	signs = bare(signs)
	switch {
	case strings.HasPrefix(signs, code.Prefix):
		return member
	case signs != "" && strings.HasPrefix(code.Prefix, signs):
		return prefix
	}
	return idle
}

// prefixState is the function of that name behind what the scanner sends before
// each code.
func (s *Scanner) prefixState(text string) state {
	if s.before == "" {
		return prefixState(text)
	}
	signs := strings.ToUpper(text)
	if rest, ok := strings.CutPrefix(signs, s.before); ok {
		if rest == "" {
			return prefix
		}
		return prefixState(rest)
	}
	if strings.HasPrefix(s.before, signs) {
		return prefix
	}
	return prefixState(text)
}

// identified is prefixState behind a "]": a letter and a digit or letter name
// the symbology (ISO/IEC 15424), and then it is a scan whatever follows.
func identified(signs string) state {
	runes := []rune(signs)
	for i, r := range runes[1:min(len(runes), 3)] {
		letter := r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return idle
		}
	}
	if len(runes) > 3 {
		return member
	}
	return prefix
}

// bare returns the signs of a member code: upper case, ASCII, I as 1, without
// what is put between groups.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'I':
			return '1'
		case r == '-' || unicode.IsSpace(r):
			return -1
		}
		return r
	}, strings.ToUpper(pos.ASCIIDigits(text)))
}

// typedBy returns what a key types, or "".
func typedBy(key tea.KeyPressMsg) string {
	if key.Text == "" || strings.IndexFunc(key.Text, unicode.IsControl) >= 0 {
		return ""
	}
	return key.Text
}

// startsLate reports whether the key is the first sign of a code behind an Esc
// that came so shortly before that the terminal made one key of them.
func startsLate(key tea.KeyPressMsg) bool {
	return key.Mod&^tea.ModShift == tea.ModAlt && (key.Code == 't' || key.Code == 'T' || key.Code == ']')
}

// isEnd reports whether scanners end with the key.
func isEnd(key tea.KeyPressMsg) bool {
	if key.Mod == tea.ModCtrl {
		return key.Code == 'j' || key.Code == 'm'
	}
	return key.Mod == 0 && (key.Code == tea.KeyEnter || key.Code == tea.KeyKpEnter || key.Code == tea.KeyTab)
}

// isAmount reports whether the key is one that amounts are typed with.
func isAmount(text string) bool {
	return strings.Trim(pos.ASCIIDigits(text), "0123456789.,") == ""
}

// repeated reports whether the text is one character many times.
func repeated(text string) bool {
	runes := []rune(text)
	for _, r := range runes {
		if r != runes[0] {
			return false
		}
	}
	return len(runes) > 2
}

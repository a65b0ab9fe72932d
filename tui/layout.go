package tui

import (
	"strings"
	"unicode/utf8"

	"tenthcup/pos"
	"tenthcup/tui/screen"
)

// The keys of a keyboard from the upper left, first as they are, then with Shift, as
// they type on a US keyboard, which scanners play, and on others (Debian's
// xkb-data). A learned layout is written as what came of calibration.
const (
	usKeys = "`1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./" + "~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"|ZXCVBNM<>?"
	huKeys = "0123456789öüóqwertzuiopőúasdfghjkléáűyxcvbnm,.-" + "§'\"+!%/=()ÖÜÓQWERTZUIOPŐÚASDFGHJKLÉÁŰYXCVBNM?:_"
	irKeys = "\u200d۱۲۳۴۵۶۷۸۹۰-=ضصثقفغعهخحجچشسیبلاتنمکگ\\ظطزرذدپو./" +
		"÷!٬٫﷼٪×،*)(ـ+\u0652\u064c\u064d\u064b\u064f\u0650\u064e\u0651][}{ؤئيإأآة»«:؛|ك\u0653ژ\u0670\u200c\u0654ء><؟"
)

// calibration is the code with which a scanner is learned: every sign that codes are
// made of.
const calibration = screen.Calibration

// layout turns what a keyboard layout made of a scanner's keys back into what the
// scanner sent.
type layout map[rune]rune

// layoutOf returns the layout with the name: "us" and "" are nil, which changes
// nothing; "=..." is a learned one.
func layoutOf(name string) layout {
	switch learned, ok := strings.CutPrefix(name, "="); {
	case ok:
		return inverse(learned, calibration)
	case name == "hu":
		return inverse(huKeys, usKeys)
	case name == "ir":
		return inverse(irKeys, usKeys)
	}
	return nil
}

// inverse maps each sign that came to the one that was sent.
func inverse(came, sent string) layout {
	l, signs := layout{}, []rune(sent)
	for i, r := range []rune(came) {
		if i < len(signs) && r != signs[i] {
			l[r] = signs[i]
		}
	}
	return l
}

// sent returns what the scanner sent where the text came.
func (l layout) sent(text string) string {
	if l == nil {
		return text
	}
	return strings.Map(func(r rune) rune {
		if was, ok := l[r]; ok {
			return was
		}
		return r
	}, text)
}

// errLearn is returned where what came cannot have been the calibration code.
var errLearn = pos.Refuse("learn.misread")

// Learn returns what is special about a scanner, from what came when it read
// calibration and the key that ended it: "enter", "tab" or "".
func Learn(came, end string) (screen.ScannerSettings, error) {
	learned := screen.ScannerSettings{Suffix: map[string]string{"tab": "tab", "": "none"}[end]}
	for _, name := range []string{"", "hu", "ir"} {
		text := strings.ToUpper(layoutOf(name).sent(came))
		before, after, found := strings.Cut(text, calibration)
		if !found {
			continue
		}
		learned.Layout = name
		learned.Prefix, learned.AIM = cutAIM(before)
		if after != "" {
			return screen.ScannerSettings{}, pos.Refuse("learn.suffix", "text", pos.CleanName(after))
		}
		return learned, nil
	}
	if utf8.RuneCountInString(came) != len(calibration) || !distinct(came) {
		return screen.ScannerSettings{}, errLearn
	}
	learned.Layout = "=" + came
	return learned, nil
}

// cutAIM takes the symbology identifier (ISO/IEC 15424) off the prefix.
func cutAIM(prefix string) (rest string, found bool) {
	if i := strings.Index(prefix, "]"); i >= 0 && len(prefix)-i == 3 {
		return prefix[:i], true
	}
	return prefix, false
}

// distinct reports whether no sign comes twice: a layout that makes one sign of two
// cannot be turned back.
func distinct(text string) bool {
	seen := map[rune]bool{}
	for _, r := range text {
		if seen[r] {
			return false
		}
		seen[r] = true
	}
	return true
}

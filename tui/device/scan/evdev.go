package scan

import (
	"encoding/binary"
	"io"
)

// The size of struct input_event of a 64-bit Linux: two words of time, then the type,
// the code and the value.
const (
	eventSize = 24
	typeAt    = 16
	codeAt    = 18
	valueAt   = 20
)

// What an event says (linux/input-event-codes.h).
const (
	keyEvent = 1 // EV_KEY

	released = 0
	pressed  = 1 // 2 is a repetition: scanners do not lean on keys

	keyEnter, keyTab, keyKeypadEnter = 28, 15, 96

	leftCtrl, leftShift, rightShift, leftAlt, capsLock = 29, 42, 54, 56, 58
	rightCtrl, rightAlt                                = 97, 100
)

// plain and shifted are what the keys of a US keyboard type, by their codes; a blank
// is none but for the space bar.
const (
	plain   = "  1234567890-=  qwertyuiop[]  asdfghjkl;'` \\zxcvbnm,./"
	shifted = "  !@#$%^&*()_+  QWERTYUIOP{}  ASDFGHJKL:\"~ |ZXCVBNM<>?"
)

// spaceBar is the code of the one key that types a blank.
const spaceBar = 57

// keypad is what the keys of the number pad type.
var keypad = map[uint16]rune{
	55: '*', 71: '7', 72: '8', 73: '9', 74: '-', 75: '4', 76: '5', 77: '6', 78: '+', 79: '1', 80: '2', 81: '3', 82: '0', 83: '.', 98: '/',
}

// keys is the keyboard that a scanner plays.
type keys struct {
	collector

	shift, ctrl, alt int // how many of them are held down
	caps             bool
	number           int // typed on the number pad while Alt is held: a character of its own
	typing           bool
}

// Keys reads codes from a Linux input device: struct input_event after struct
// input_event. What the keys mean does not depend on the layout that is set. Some
// scanners type characters by their number, Alt and the number pad; that is read too.
// It is a Scanner's Decode.
func Keys(device io.Reader, code func(string)) error {
	k := keys{collector: collector{code: code}}
	var event [eventSize]byte
	for {
		if _, err := io.ReadFull(device, event[:]); err != nil {
			return err
		}
		if binary.LittleEndian.Uint16(event[typeAt:]) == keyEvent {
			k.event(binary.LittleEndian.Uint16(event[codeAt:]), binary.LittleEndian.Uint32(event[valueAt:]))
		}
	}
}

// event takes a key that was pressed or released.
func (k *keys) event(code uint16, value uint32) {
	switch code {
	case leftShift, rightShift:
		k.shift = held(k.shift, value)
		return
	case leftCtrl, rightCtrl:
		k.ctrl = held(k.ctrl, value)
		return
	case leftAlt, rightAlt:
		k.alt = held(k.alt, value)
		if k.alt == 0 && k.typing {
			k.add(rune(k.number))
			k.number, k.typing = 0, false
		}
		return
	}
	if value != pressed {
		return
	}
	switch {
	case code == capsLock:
		k.caps = !k.caps
	case k.alt > 0:
		k.numbered(code)
	case k.ctrl > 0: // a command to whoever listens; nobody does
	case code == keyEnter || code == keyKeypadEnter || code == keyTab:
		k.end()
	default:
		k.press(code)
	}
}

func held(n int, value uint32) int {
	switch value {
	case pressed:
		return n + 1
	case released:
		return max(n-1, 0)
	}
	return n
}

// numbered takes a digit of a character's number.
func (k *keys) numbered(code uint16) {
	if digit := keypad[code]; digit >= '0' && digit <= '9' && k.number < 1000 {
		k.number, k.typing = k.number*10+int(digit-'0'), true
	}
}

// press types what is on the key.
func (k *keys) press(code uint16) {
	if r, ok := keypad[code]; ok {
		k.add(r)
		return
	}
	if code == spaceBar {
		k.add(' ')
		return
	}
	if int(code) >= len(plain) || plain[code] == ' ' {
		return
	}
	letter := plain[code] >= 'a' && plain[code] <= 'z'
	if k.shift > 0 != (letter && k.caps) {
		k.add(rune(shifted[code]))
		return
	}
	k.add(rune(plain[code]))
}

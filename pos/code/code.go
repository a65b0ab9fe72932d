// Package code reads what a scanner or a person typed: a member code, or some
// other code that may be a member's alias.
//
// A member code is "TC1", eleven random signs and one check sign, all from an
// alphabet of 32 that survives a scanner set to another keyboard layout
// (Hungarian swaps Y and Z and has ö for 0), fits the smallest QR code and can
// be read out. It says nothing about the member.
//
// Everything in the package takes hostile input: whatever the bytes, the answer
// is a code or a *pos.Problem.
package code

import (
	"io"
	"strings"
	"unicode/utf8"

	"tenthcup/pos"
)

// Alphabet holds the signs of a member code, each worth its index.
const Alphabet = "123456789ABCDEFGHJKLMNOPQRSTUVWX"

// Prefix begins every member code, Length is the length of one.
const (
	Prefix = "TC1"
	Length = 15
)

// maxAlias is the length of the longest code of another kind.
const maxAlias = 64

// New draws a member code from random: 55 bits of chance.
func New(random io.Reader) (string, error) {
	var drawn [Length - len(Prefix) - 1]byte
	if _, err := io.ReadFull(random, drawn[:]); err != nil {
		return "", err
	}
	body := make([]byte, len(drawn))
	for i, b := range drawn {
		body[i] = Alphabet[b%32]
	}
	return Prefix + string(body) + string(Alphabet[damm(string(body))]), nil
}

// damm returns the check value of signs of the alphabet, or 32 if one is not of
// it. The quasigroup is x*y = 2(x+y) over GF(32) with x^5+x^2+1 (Damm 2004):
// every wrong sign and every swap of any two is found, as the powers of 2 up to
// the length of a code differ. Appending the value gives 0.
func damm(signs string) int {
	interim := 0
	for i := range len(signs) {
		value := strings.IndexByte(Alphabet, signs[i])
		if value < 0 {
			return len(Alphabet)
		}
		interim = (interim ^ value) << 1
		if interim >= 32 {
			interim ^= 0b100101
		}
	}
	return interim
}

// Parse returns the code that the text stands for, in the one form in which it
// is stored. A member code may be written in any case, with spaces and hyphens,
// with O for 0 and I for 1; one that is wrong is a problem that says how. Any
// other text of printable ASCII is an alias: upper case, without spaces and
// hyphens.
func Parse(text string) (string, error) {
	bare := strings.ToUpper(strip(pos.ASCIIDigits(text)))
	bare = withoutAIM(bare)
	switch {
	case bare == "":
		return "", pos.Refuse("code.empty")
	case strings.HasPrefix(typed(bare), Prefix):
		bare = typed(bare)
		if err := check(bare); err != nil {
			return "", err
		}
	case len(bare) > maxAlias || strings.Trim(bare, printable) != "":
		return "", pos.Refuse("code.foreign")
	}
	return bare, nil
}

const printable = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`{|}~"

// Signs returns a text of the alphabet's signs as it is stored, however a person
// wrote it: upper case, O for 0, 1 for I, without spaces and hyphens. One-time
// codes are made of these signs too.
func Signs(text string) string { return typed(strings.ToUpper(strip(pos.ASCIIDigits(text)))) }

// strip leaves out what people and printers put between groups of signs.
func strip(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\r', '\n', '\u00a0', '\u00ad', '\u2010', '\u2011', '\u2012', '\u2013', '\u2212':
			return -1
		}
		return r
	}, text)
}

// typed puts the signs that the alphabet leaves out in place of those they are
// taken for.
func typed(bare string) string {
	return strings.NewReplacer("0", "O", "I", "1").Replace(bare)
}

// withoutAIM cuts off the symbology identifier that a scanner may send first
// (ISO/IEC 15424), "]Q1" for a QR code.
func withoutAIM(bare string) string {
	for len(bare) > 3 && bare[0] == ']' {
		bare = bare[3:]
	}
	return bare
}

func check(code string) error {
	if n := utf8.RuneCountInString(code); n != Length {
		return pos.Refuse("code.length", "n", int64(n), "want", int64(Length))
	}
	switch damm(code[len(Prefix):]) {
	case 0:
		return nil
	case len(Alphabet):
		return pos.Refuse("code.sign")
	}
	return pos.Refuse("code.check")
}

// IsMember reports whether the code, as Parse returns it, is a member code.
func IsMember(code string) bool {
	return len(code) == Length && strings.HasPrefix(code, Prefix) && check(code) == nil
}

// Group returns a member code in groups, for reading: "TC1 2345 6789 ABCD". Any
// other code is returned as it is.
func Group(code string) string {
	if !IsMember(code) {
		return code
	}
	return strings.Join([]string{code[:3], code[3:7], code[7:11], code[11:]}, " ")
}

// IsBarcode reports whether the text is an EAN-13, EAN-8 or UPC-A number with a
// right check digit (GS1 General Specifications 7.9).
func IsBarcode(text string) bool {
	if len(text) != 13 && len(text) != 8 && len(text) != 12 {
		return false
	}
	sum := 0
	for i := range len(text) {
		digit := int(text[i]) - '0'
		if digit < 0 || digit > 9 {
			return false
		}
		if (len(text)-i)%2 == 0 {
			digit *= 3
		}
		sum += digit
	}
	return sum%10 == 0
}

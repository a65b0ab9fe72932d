package pos

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"tenthcup/pos/canon"
)

// Profile is who a member is. It is kept apart from the ledger, which knows only
// the holder id, and may be changed or erased without touching an entry. Of two
// versions of one profile the later counts, see Newer.
type Profile struct {
	Holder    HolderID          `cbor:"1,keyasint" json:"holder"`
	Codes     []string          `cbor:"2,keyasint" json:"codes"` // the member code first, then aliases, as code.Parse gives them
	Name      string            `cbor:"3,keyasint,omitempty" json:"name"`
	Phone     string            `cbor:"4,keyasint,omitempty" json:"phone,omitempty"` // E.164, or digits where the country is unknown
	Email     string            `cbor:"5,keyasint,omitempty" json:"email,omitempty"`
	Birthday  Birthday          `cbor:"6,keyasint,omitzero" json:"birthday,omitzero"`
	Language  string            `cbor:"7,keyasint,omitempty" json:"language,omitempty"` // BCP 47
	Consents  map[string]int64  `cbor:"8,keyasint,omitempty" json:"consents,omitempty"` // purpose -> when it was given, ms since 1970
	HomeStore StoreID           `cbor:"9,keyasint,omitempty" json:"home_store,omitempty"`
	Fields    map[string]string `cbor:"10,keyasint,omitempty" json:"fields,omitempty"` // the shop's own
	Joined    Day               `cbor:"11,keyasint" json:"joined"`
	Changed   int64             `cbor:"12,keyasint" json:"changed"` // ms since 1970 by the corrected clock of ChangedBy
	ChangedBy TerminalID        `cbor:"13,keyasint" json:"changed_by"`
	Friend    HolderID          `cbor:"14,keyasint,omitzero" json:"friend,omitzero"` // the member who brought this one
	Kind      string            `cbor:"15,keyasint,omitempty" json:"kind,omitempty"` // "" is a member
}

// GiftCard is the Kind of a profile that is nobody's: a gift card with a code, and
// without a name.
const GiftCard = "gift-card"

// Erased is the Kind of what is left of a profile that a manager erased: the holder's
// id, and nothing else. It replaces every other version, whenever that was changed,
// so that no till that was away brings the person back.
const Erased = "erased"

// Newer reports whether the profile replaces the other: erased, or changed later, or at the
// same moment by the terminal with the higher id, or by copies of one terminal and
// with the higher bytes. It is a total order on versions, so every till and the
// server settle on the same one.
func (p Profile) Newer(than Profile) bool {
	if gone := p.Kind == Erased; gone != (than.Kind == Erased) {
		return gone
	}
	order := cmp.Or(
		cmp.Compare(p.Changed, than.Changed),
		strings.Compare(string(p.ChangedBy[:]), string(than.ChangedBy[:])),
	)
	if order == 0 {
		order = bytes.Compare(p.encoded(), than.encoded())
	}
	return order > 0
}

// encoded returns the profile's bytes; none for one that has none, which nobody
// can store or send either.
func (p Profile) encoded() []byte {
	raw, err := canon.Marshal(p)
	if err != nil {
		return nil
	}
	return raw
}

// Code returns the member code, or "".
func (p Profile) Code() string {
	if len(p.Codes) == 0 {
		return ""
	}
	return p.Codes[0]
}

// Birthday is a day and a month. The year is nobody's business.
type Birthday struct {
	Month int `cbor:"1,keyasint" json:"month"`
	Day   int `cbor:"2,keyasint" json:"day"`
}

// ParseBirthday reads "02-29" (month and day, as in ISO 8601 without the year).
func ParseBirthday(text string) (Birthday, error) {
	at, err := time.Parse("2006-01-02", "2000-"+strings.TrimSpace(text))
	if err != nil {
		return Birthday{}, Refuse("member.birthday", "text", text)
	}
	return Birthday{Month: int(at.Month()), Day: at.Day()}, nil
}

// String returns the form that ParseBirthday reads, or "".
func (b Birthday) String() string {
	if b == (Birthday{}) {
		return ""
	}
	return time.Date(2000, time.Month(b.Month), b.Day, 0, 0, 0, 0, time.UTC).Format("01-02")
}

// Longest texts of a profile, in runes, where nothing else is said.
const (
	MaxName  = 80
	maxField = 200
	maxKey   = 40 // of a field's or a consent's name, in bytes
)

// CleanName returns the name as it is stored: one line, NFC, single spaces, no
// control or invisible formatting characters other than the joiners that Persian
// and emoji need. Nothing that a person can see is lost.
func CleanName(name string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(joiners, r):
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.C, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, name)
	if strings.Trim(kept, joiners+" ") == "" {
		return "" // joiners with nothing to join are a name that nobody can see
	}
	return norm.NFC.String(strings.Join(strings.Fields(kept), " "))
}

const joiners = "\u200c\u200d"

// Fold returns the form of a name under which it is found: lower case, without
// accents, Arabic letters as Persian ones, digits as ASCII. "Kőszegi" and
// "koszegi" fold alike, and so do "علي" and "علی".
func Fold(name string) string {
	if plain(name) {
		return strings.Join(strings.Fields(strings.ToLower(name)), " ")
	}
	var folded strings.Builder
	for _, r := range norm.NFKD.String(CleanName(name)) {
		if unicode.In(r, unicode.Mn, unicode.Cf) || r == 'ـ' {
			continue
		}
		r = unicode.ToLower(asciiDigit(r))
		if to, ok := alike[r]; ok {
			folded.WriteString(to)
			continue
		}
		folded.WriteRune(r)
	}
	return strings.Join(strings.Fields(folded.String()), " ") // NFKD makes spaces of lone accents
}

// plain reports whether the name has nothing but signs of ASCII that can be seen, and
// blanks: most names do, and a search folds thousands of them.
func plain(name string) bool {
	for i := range len(name) {
		if name[i] < ' ' || name[i] > '~' {
			return false
		}
	}
	return true
}

// alike holds small letters that are looked for as others and have no
// decomposition that says so.
var alike = map[rune]string{
	'ي': "ی", 'ك': "ک", 'ة': "ه", 'ى': "ی", 'ە': "ه",
	'ø': "o", 'ł': "l", 'đ': "d", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ı': "i", 'ς': "σ",
}

func asciiDigit(r rune) rune {
	switch {
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	}
	return r
}

// ASCIIDigits returns the text with Persian and Arabic digits as ASCII ones, and
// the signs that stand between them in an amount as a point and a comma.
func ASCIIDigits(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '٫':
			return '.'
		case '٬':
			return ','
		}
		return asciiDigit(r)
	}, text)
}

// NormalPhone returns the number as E.164. Country is the ISO 3166 code of the
// country where a number without a country code belongs; where it is "" such a
// number is kept as its digits. The same person then has the same number
// whichever way a cashier wrote it. A number with letters, or without the area
// code it needs, is the problem member.phone.
func NormalPhone(text, country string) (string, error) {
	number := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-()./\u2010\u2011\u2012\u2013", r) {
			return -1
		}
		return asciiDigit(r)
	}, text)
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		number = "+" + rest
	}
	// The library takes letters for the digits on their keys.
	bare, international := strings.CutPrefix(number, "+")
	if len(bare) < 5 || len(bare) > 15 || !digits(bare) {
		return "", Refuse("member.phone", "text", text)
	}
	if country == "" && !international {
		return bare, nil
	}
	parsed, err := phonenumbers.Parse(number, country)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(parsed) != phonenumbers.IS_POSSIBLE {
		return "", Refuse("member.phone", "text", text)
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), nil
}

// Clean returns the profile as it is stored, or a problem that says what about
// it is wrong.
func (p Profile) Clean(country string) (Profile, error) {
	p.Name = CleanName(p.Name)
	if len([]rune(p.Name)) > MaxName {
		return p, Refuse("member.name.long", "max", MaxName)
	}
	if p.Phone = strings.TrimSpace(p.Phone); p.Phone != "" {
		phone, err := NormalPhone(p.Phone, country)
		if err != nil {
			return p, err
		}
		p.Phone = phone
	}
	p.Email = strings.TrimSpace(p.Email)
	if before, after, ok := strings.Cut(p.Email, "@"); p.Email != "" && (!ok || before == "" || after == "" || strings.Contains(p.Email, " ") || !line(p.Email)) {
		return p, Refuse("member.email", "text", p.Email)
	}
	if again, err := ParseBirthday(p.Birthday.String()); p.Birthday != (Birthday{}) && (err != nil || again != p.Birthday) {
		return p, Refuse("member.birthday", "text", fmt.Sprintf("%02d-%02d", p.Birthday.Month, p.Birthday.Day))
	}
	if err := p.checkFields(); err != nil {
		return p, err
	}
	switch {
	case p.Kind != "" && p.Kind != GiftCard:
		return p, Refuse("member.field", "field", "kind")
	case p.Kind == GiftCard && (p.Name != "" || p.Phone != ""):
		return p, Refuse("giftcard.name")
	case p.Kind == "" && p.Name == "" && p.Phone == "":
		return p, Refuse("member.empty")
	}
	return p, nil
}

func (p Profile) checkFields() error {
	for key, value := range p.Fields {
		if key == "" || len(key) > maxKey || !line(key) || !line(value) {
			return Refuse("member.field", "field", key)
		}
	}
	for purpose := range p.Consents {
		if purpose == "" || len(purpose) > maxKey || !line(purpose) {
			return Refuse("member.field", "field", purpose)
		}
	}
	if !line(p.Language) {
		return Refuse("member.field", "field", "language")
	}
	if !line(string(p.HomeStore)) {
		return Refuse("member.field", "field", "home store")
	}
	return nil
}

// line reports whether the text is one short line that every store can keep and
// every terminal can show.
func line(text string) bool {
	return len([]rune(text)) <= maxField && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

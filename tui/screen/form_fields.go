package screen

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

// The fields of the form, from the top. Behind the name are the consents, as many as
// the program asks for, and behind the birthday what was scanned.
const (
	phoneField = iota
	nameField
	languageField
	emailField
	birthdayField
	remarkField    // the shop's note
	householdField // where members of a household spend together
)

// householdKey is the field of a profile that pos.Profile.Household reads.
const householdKey = "household"

// The answers to a consent. None is chosen before somebody chooses.
const (
	unasked = iota
	agrees
	declines
)

// filled is a form with what was filled in.
type filled struct {
	d      *Desk
	before pos.Profile // the member as stored; zero for a new one
	asks   []pos.Consent
	pools  bool // there is a field for the household
	sheet  sheet
	friend *station.Member // who brought the new member
}

// blank is the form before anything was changed.
func (f Form) blank() filled {
	words := f.desk.Words
	form := filled{d: f.desk, asks: f.desk.Program.Consents}
	if f.member != nil {
		form.before = f.member.Profile
	}
	p := form.before
	form.sheet.blanks = []blank{
		{name: words.T("form.phone"), field: widget.NewField(p.Phone)},
		{name: words.T("form.name"), field: widget.NewField(p.Name)},
	}
	for _, c := range form.asks {
		answer := blank{name: c.Name, options: []string{words.T("form.unasked"), words.T("form.yes"), words.T("form.no")}}
		if p.Consents[c.ID] > 0 {
			answer.chosen = agrees
		}
		form.sheet.blanks = append(form.sheet.blanks, answer)
	}
	form.sheet.blanks = append(
		form.sheet.blanks, form.languages(),
		blank{name: words.T("form.email"), field: widget.NewField(p.Email)},
		blank{name: words.T("form.birthday"), field: widget.NewField(words.Birthday(p.Birthday)), note: words.T("form.monthday")},
		blank{name: words.T("form.note"), field: widget.NewField(p.Fields[noteField]), note: words.T("form.shownnote")},
	)
	if f.desk.Program.Transfers.Pool {
		form.pools = true
		form.sheet.blanks = append(form.sheet.blanks, blank{
			name: words.T("form.household"), field: widget.NewField(p.Fields[householdKey]), note: words.T("form.samehousehold"),
		})
	}
	return form
}

// languages is the choice of the member's language: first none, then ours.
func (f filled) languages() blank {
	spoken := f.before.Language
	if f.before.Holder == (pos.HolderID{}) {
		spoken = f.d.Words.Language
	}
	b := blank{name: f.d.Words.T("form.language"), options: []string{f.d.Words.T("form.nolanguage")}}
	for i, id := range f.spoken() {
		b.options = append(b.options, display.Self.Name(language.Make(id)))
		if id == spoken {
			b.chosen = i + 1
		}
	}
	return b
}

// spoken are the languages that there is a choice of: ours, and the member's.
func (f filled) spoken() []string {
	spoken := assets.Languages()
	if own := f.before.Language; own != "" && !slices.Contains(spoken, own) {
		spoken = append(spoken, own)
	}
	return spoken
}

// place returns where a field is that stands behind the consents.
func (f filled) place(field int) int {
	if field > nameField {
		return field + len(f.asks)
	}
	return field
}

func (f filled) text(field int) string { return f.sheet.blanks[f.place(field)].value() }

// consent is the one that the cursor is at, or nil.
func (f filled) consent() *pos.Consent {
	if at := f.sheet.at - nameField - 1; at >= 0 && at < len(f.asks) {
		return &f.asks[at]
	}
	return nil
}

// profile is what was filled in. The birthday is the one field that the till does
// not read for itself.
func (f filled) profile() (p pos.Profile, err error) {
	p = pos.Profile{Name: f.text(nameField), Phone: f.text(phoneField), Email: f.text(emailField), Consents: f.consents(), Fields: f.fields()}
	if chosen := f.sheet.blanks[f.place(languageField)].chosen; chosen > 0 {
		p.Language = f.spoken()[chosen-1]
	}
	if card := f.card(); card != "" {
		p.Codes = []string{card}
	}
	if at := f.scanned(f.d.Words.T("form.friend")); at >= 0 && f.sheet.blanks[at].chosen == 0 {
		p.Friend = f.friend.Profile.Holder
	}
	switch written := f.text(birthdayField); written {
	case "":
	case f.d.Words.Birthday(f.before.Birthday): // the Persian calendar has no sign of its own for 29 February
		p.Birthday = f.before.Birthday
	default:
		p.Birthday, err = f.d.Words.ReadBirthday(written)
	}
	return p, err
}

// consents are those that the member has given: when, and those that are not asked
// for here as they were.
func (f filled) consents() map[string]int64 {
	given := map[string]int64{}
	maps.Copy(given, f.before.Consents)
	for i, c := range f.asks {
		switch f.sheet.blanks[nameField+1+i].chosen {
		case agrees:
			if given[c.ID] == 0 {
				given[c.ID] = f.d.Now.UnixMilli()
			}
		default:
			delete(given, c.ID)
		}
	}
	return given
}

// fields are the shop's own, with the note and the household as they were typed.
func (f filled) fields() map[string]string {
	typed := map[string]string{noteField: f.text(remarkField)}
	if f.pools {
		typed[householdKey] = f.text(householdField)
	}
	fields := maps.Clone(f.before.Fields)
	for key, text := range typed {
		switch {
		case text == "":
			delete(fields, key)
		case fields == nil:
			fields = map[string]string{key: text}
		default:
			fields[key] = text
		}
	}
	return fields
}

// scanned returns where the field is that came with a scan, or -1.
func (f filled) scanned(name string) int {
	for i := f.place(birthdayField) + 1; i < len(f.sheet.blanks); i++ {
		if f.sheet.blanks[i].name == name {
			return i
		}
	}
	return -1
}

// with puts a field that came with a scan at the end, or in the place of the last
// such one.
func (f filled) with(b blank) filled {
	at := f.scanned(b.name)
	f.sheet.blanks = slices.Clone(f.sheet.blanks)
	if at < 0 {
		f.sheet.blanks = append(f.sheet.blanks, b)
	} else {
		f.sheet.blanks[at] = b
	}
	return f
}

func (f filled) withCard(printed string) filled {
	return f.with(blank{name: f.d.Words.T("form.plastic"), field: widget.NewField(code.Group(printed))})
}

func (f filled) withFriend(m station.Member) filled {
	f.friend = &m
	return f.with(blank{name: f.d.Words.T("form.friend"), options: []string{widget.Name(called(m.Profile)), f.d.Words.T("form.nobody")}})
}

// card is the printed card that the new member gets, or "".
func (f filled) card() string {
	if at := f.scanned(f.d.Words.T("form.plastic")); at >= 0 {
		return f.sheet.blanks[at].value()
	}
	return ""
}

// sorted is the form with a name where it belongs that was typed where the phone is
// asked for: not everybody gives a number.
func (f filled) sorted() filled {
	typed, name := f.text(phoneField), f.text(nameField)
	if typed == "" || name != "" || strings.ContainsAny(pos.ASCIIDigits(typed), "0123456789") {
		return f
	}
	f.sheet.blanks = slices.Clone(f.sheet.blanks)
	f.sheet.blanks[nameField].field, f.sheet.blanks[phoneField].field = f.sheet.blanks[phoneField].field, widget.Field{}
	return f
}

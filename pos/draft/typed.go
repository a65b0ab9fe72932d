package draft

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"tenthcup/pos"
)

var (
	wholePattern   = regexp.MustCompile(`^-?[0-9]{1,18}$`)
	decimalPattern = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,6})?$`)
)

// Literal returns what a person typed for the key as the document writes it. What is
// no number stays a text there, so that nothing that was typed is lost and the
// document's own check says what is wrong with it.
func (f Field) Literal(typed string) string {
	switch f.Kind {
	case Number:
		return whole(typed)
	case Flag:
		return strconv.FormatBool(typed == "true")
	case Money:
		return Quote(decimal(typed))
	case Rate:
		if text := decimal(typed); decimalPattern.MatchString(text) {
			return text
		}
		return Quote(decimal(typed))
	case Date:
		var day pos.Day
		if text := pos.ASCIIDigits(typed); day.UnmarshalText([]byte(text)) == nil {
			return text
		}
		return Quote(typed)
	case Moment:
		return Quote(pos.ASCIIDigits(typed))
	case Words:
		return list(typed, Quote)
	case Numbers:
		return list(typed, whole)
	case Counts:
		return inline(typed, whole)
	case Amounts:
		return inline(typed, func(text string) string { return Quote(decimal(text)) })
	}
	return Quote(typed)
}

func whole(typed string) string {
	if text := pos.ASCIIDigits(typed); wholePattern.MatchString(text) {
		n, err := strconv.ParseInt(text, 10, 64)
		if err == nil {
			return strconv.FormatInt(n, 10) // 007 is no TOML
		}
	}
	return Quote(typed)
}

// decimal returns an amount with the document's sign between whole and part, whatever
// the language writes.
func decimal(typed string) string {
	text := pos.ASCIIDigits(strings.ReplaceAll(typed, "٫", "."))
	if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	if len(text) > 1 && text[0] == '0' && wholePattern.MatchString(text) {
		text = cmp.Or(strings.TrimLeft(text, "0"), "0")
	}
	return text
}

// parts returns what was typed between commas.
func parts(typed string) (all []string) {
	for part := range strings.FieldsFuncSeq(typed, func(r rune) bool { return r == ',' || r == '،' }) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

func list(typed string, one func(string) string) string {
	all := parts(typed)
	for i := range all {
		all[i] = one(all[i])
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// inline returns a table of what was typed as "coffee 3, bread 2".
func inline(typed string, one func(string) string) string {
	var all []string
	seen := map[string]bool{}
	for _, part := range parts(typed) {
		name, value := part, ""
		if at := strings.LastIndexAny(part, " ="); at > 0 {
			name, value = strings.TrimRight(part[:at], " ="), part[at+1:]
		}
		if !seen[name] {
			seen[name] = true
			all = append(all, key(name)+" = "+one(value))
		}
	}
	return "{ " + strings.Join(all, ", ") + " }"
}

// Typed returns the key's value as a person would type it: what Literal reads.
func (d Doc) Typed(f Field, path ...string) string {
	switch f.Kind {
	case Words, Numbers:
		var all []string
		for _, i := range d.Keys(path...) {
			all = append(all, d.Value(append(path[:len(path):len(path)], i)...))
		}
		return strings.Join(all, ", ")
	case Counts, Amounts:
		var all []string
		for _, name := range d.Keys(path...) {
			all = append(all, name+" "+d.Value(append(path[:len(path):len(path)], name)...))
		}
		return strings.Join(all, ", ")
	}
	return d.Value(path...)
}

// IDs returns the ids of the tables with the name, or what the list of the head names.
func (d Doc) IDs(name string) (ids []string) {
	n := d.node([]string{name})
	if n == nil {
		return nil
	}
	for _, i := range d.Keys(name) {
		if id := cmp.Or(d.Value(name, i, "id"), d.Value(name, i)); id != "" && (n.form == listed || n.array()) {
			ids = append(ids, id)
		}
	}
	return ids
}

// FreeID returns an id that no table of the name has: the one asked for, or that with
// a number.
func (d Doc) FreeID(name, wanted string) string {
	taken := map[string]bool{}
	for _, f := range shape {
		if f.Kind == Tables {
			for _, id := range d.IDs(f.Name) {
				taken[id] = true
			}
		}
	}
	id := wanted
	for n := 2; taken[id]; n++ {
		id = wanted + "-" + strconv.Itoa(n)
	}
	return id
}

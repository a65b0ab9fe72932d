package assets

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"tenthcup/pos"
)

// Printer writes sentences, numbers, money and times as people of one language
// read them. It is safe for concurrent use.
type Printer struct {
	Language string

	tag      language.Tag
	habits   habits
	currency pos.Currency
	zone     *time.Location
	catalog  map[string]sentence
	english  map[string]sentence // for what the catalog lacks
}

// sentence maps plural forms (CLDR names) to texts. One without plural has
// only "other".
type sentence map[string]string

// NewPrinter returns the printer of a language that Languages names. Times are
// printed in the zone.
func NewPrinter(lang string, currency pos.Currency, zone *time.Location) (*Printer, error) {
	if !slices.Contains(Languages(), lang) {
		return nil, pos.Refuse("language.unknown", "language", lang, "languages", Languages())
	}
	english, err := readCatalog("en")
	if err != nil {
		return nil, err
	}
	catalog := english
	if lang != "en" {
		if catalog, err = readCatalog(lang); err != nil {
			return nil, err
		}
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, fmt.Errorf("read language %q: %w", lang, err)
	}
	return &Printer{lang, tag, habitsOf(lang), currency, zone, catalog, english}, nil
}

func readCatalog(lang string) (map[string]sentence, error) {
	documents, err := catalogFiles(lang)
	if err != nil {
		return nil, err
	}
	catalog := map[string]sentence{}
	for name, document := range documents {
		var tree map[string]any
		if err := toml.Unmarshal(document, &tree); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		flatten(catalog, "", tree)
	}
	return catalog, nil
}

// flatten adds the sentences of a table to the catalog, under keys that begin
// with the prefix.
func flatten(into map[string]sentence, prefix string, table map[string]any) {
	for name, value := range table {
		key := prefix + name
		switch value := value.(type) {
		case string:
			into[key] = sentence{"other": value}
		case map[string]any:
			if forms := pluralForms(value); forms != nil {
				into[key] = forms
			} else {
				flatten(into, key+".", value)
			}
		}
	}
}

// pluralForms returns the sentence that the table is, or nil if it is a table of
// sentences. Only one that holds nothing but plural forms is a sentence, so that
// "disk.other" can be a key of its own.
func pluralForms(table map[string]any) sentence {
	forms := sentence{}
	for name, value := range table {
		text, ok := value.(string)
		if !ok || !isForm(name) {
			return nil
		}
		forms[name] = text
	}
	return forms
}

func isForm(name string) bool {
	switch name {
	case "zero", "one", "two", "few", "many", "other":
		return true
	}
	return false
}

// T returns the catalog's sentence with its places filled. pairs are the name of
// a place and its value, in turn. The value called "n" chooses the plural form.
// A sentence that no catalog has is its key, so that nothing is ever blank.
func (p *Printer) T(key string, pairs ...any) string {
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return p.print(key, args)
}

// Say returns the sentence in the printer's language.
func (p *Printer) Say(sentence pos.Sentence) string { return p.Sentence(sentence.Key, sentence.Args) }

// list returns the sentences one after the other, as parts of another.
func (p *Printer) list(sentences []pos.Sentence) string {
	texts := make([]string, len(sentences))
	for i, sentence := range sentences {
		texts[i] = p.Say(sentence)
	}
	return p.List(texts)
}

// List returns the texts in one line, with the language's comma between them.
func (p *Printer) List(texts []string) string { return strings.Join(texts, p.habits.comma+" ") }

// Sentence is T with the places in a map.
func (p *Printer) Sentence(key string, args map[string]any) string { return p.print(key, args) }

// Has reports whether a catalog has a sentence for the key.
func (p *Printer) Has(key string) bool { return p.english[key] != nil }

// Error returns the sentence for any error: a problem's own, or one that says
// that something unexpected went wrong, with the details. It is one line.
func (p *Printer) Error(err error) string {
	if mistake, ok := errors.AsType[*pos.DocumentError](err); ok {
		return p.mistake(mistake)
	}
	if problem, ok := errors.AsType[*pos.Problem](err); ok && p.Has(problem.Key) {
		return p.print(problem.Key, problem.Args)
	}
	return p.T("error.internal", "details", pos.CleanName(err.Error()))
}

// mistake says where in a document what is wrong.
func (p *Printer) mistake(mistake *pos.DocumentError) string {
	var where []string
	for part := range strings.SplitSeq(mistake.Path, ".") {
		if _, err := strconv.Atoi(part); err != nil { // the line says which of several
			where = append(where, part)
		}
	}
	text := p.print(mistake.Problem.Key, mistake.Problem.Args)
	switch path := strings.Join(where, "."); {
	case mistake.Line == 0:
		return text
	case path == "":
		return p.T("doc.line", "line", mistake.Line, "text", text)
	default:
		return p.T("doc.at", "line", mistake.Line, "where", path, "text", text)
	}
}

func (p *Printer) print(key string, args map[string]any) string {
	forms := p.catalog[key]
	if forms == nil {
		forms = p.english[key]
	}
	if forms == nil {
		return key
	}
	text := forms["other"]
	if n, ok := number(args["n"]); ok {
		if chosen := forms[p.form(n)]; chosen != "" {
			text = chosen
		}
	}
	return p.fill(text, args)
}

// fill puts the values in their places, all in one pass: what looks like a place
// in a value, a member's name for one, stays as it is.
func (p *Printer) fill(text string, args map[string]any) string {
	pairs := make([]string, 0, 2*len(args))
	for name, value := range args {
		pairs = append(pairs, "{"+name+"}", p.value(value))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// far is where plural rules stop telling numbers apart, but for their last digits.
const far = 10_000_000

func (p *Printer) form(n int64) string {
	last := n % far
	if last < 0 {
		last = -last
	}
	if last != n && last != -n {
		last += far // 10,000,001 ends as 1 does, but is not 1
	}
	names := [...]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	return names[plural.Cardinal.MatchPlural(p.tag, int(last), 0, 0, 0, 0)]
}

// number returns the value of a count. An entry's number (uint64) is none: it is
// a name that is typed again, so its digits are not grouped.
func number(value any) (int64, bool) {
	switch value := value.(type) {
	case int:
		return int64(value), true
	case int64:
		return value, true
	case pos.Points:
		return int64(value), true
	}
	return 0, false
}

func (p *Printer) value(value any) string {
	if n, ok := number(value); ok {
		return p.Number(n)
	}
	switch value := value.(type) {
	case pos.Money:
		return p.Money(value)
	case time.Time:
		return p.Clock(value)
	case pos.Day:
		return p.Date(value)
	case error:
		return p.Error(value)
	case pos.Ratio:
		return p.digits(strings.Replace(value.String(), ".", string(p.habits.decimal), 1))
	case pos.Sentence:
		return p.Say(value)
	case []pos.Sentence:
		return p.list(value)
	case []string:
		return p.List(value)
	}
	return fmt.Sprint(value)
}

// Day returns the day that the moment is in, in the shop's zone.
func (p *Printer) Day(at time.Time) pos.Day { return pos.DayOf(at, p.zone) }

// Decimal returns the decimal separator that the language types.
func (p *Printer) Decimal() rune { return p.habits.decimal }

// Zone returns the zone of the shop's clock.
func (p *Printer) Zone() *time.Location { return p.zone }

// Currency returns the shop's currency.
func (p *Printer) Currency() pos.Currency { return p.currency }

// Keys returns the keys of every sentence, in no order.
func (p *Printer) Keys() []string {
	keys := make([]string, 0, len(p.english))
	for key := range p.english {
		keys = append(keys, key)
	}
	return keys
}

package assets_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos/report"
)

// madeKeys holds the keys that the program puts together, by the part that stands
// in the code. Such a part that is not here fails the test.
var madeKeys = map[string][]string{
	"preset.":         presetNames(),                                                                                                 // names in the sample programs
	"diff.field.":     fieldNames(),                                                                                                  // of a program, in pos/program Diff
	"program.gives.":  {"tier", "plan", "badge", "tag"},                                                                              // pos/program AmountOf
	"terms.day.":      {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},                                                             // pos.When
	"done.":           {"stamp", "earn", "redeem", "event", "grant", "load", "pay", "plan"},                                          // the kind of the entry that a command made
	"exception.":      {"overdraft", "taken-back", "limit", "second-void", "fork", "clock", "revoked", "rules", "receipt", "coupon"}, // pos.Trouble
	"terminal.":       {"good", "frozen", "revoked"},                                                                                 // stateOf
	"cashier.":        {"cashier", "manager"},                                                                                        // pos.Role
	"issues.short.":   {"overdraft", "taken-back", "limit", "second-void", "fork", "clock", "revoked", "rules", "receipt", "coupon"}, // pos.Trouble
	"quarantine.why.": {"unreadable", "invalid", "foreign", "forked", "unchained", "overflow", "revoked"},                            // store.Reason
	"settings.value.": {"auto", "dark", "light", "contrast", "console", "own", "none", "terminal", "stamp", "serial", "evdev", "tcp", "file", "lp", "hu", "ir", "cp437", "image", "always", "yes", "no"},
	"editor.name.":    editorNames("name"),
	"editor.note.":    editorNames("note"),
	"editor.value.":   editorNames("value"),
	"report.name.":    report.Names,
	"report.empty.":   report.Names,
	"report.column.":  strings.Fields("seen stamps sales amount rewards new all active asleep given spent rate handed voids returns ended share worth points credit owedstamps finished had rose fell stayed has members visits each spend uplift"),
	"report.weekday.": {"0", "1", "2", "3", "4", "5", "6"},
	"keys.":           {"digits", "enter", "esc", "numbers", "tab", "text", "up"}, // keys that have names
}

// The table of keys on a screen names what a key does, "lock.key.pin". Where there
// is also a "lock.help.pin", the help says that.
const wordPart, helpPart = ".key.", ".help."

// The table of a menu names its rows, "menu.entry.day"; "menu.about.day" is what
// one is for.
const entryPart, aboutPart = ".entry.", ".about."

// Likewise "settings.knob.theme" and "settings.note.theme".
const knobPart, notePart = ".knob.", ".note."

// words is what the program's code says about sentences.
type words struct {
	literals  map[string]string // every text that looks like a key, and where
	keys      map[string]string // those given to what takes a key, and where
	prefixes  map[string]string // beginnings of keys that are put together, and where
	sentinels map[string]string // keys of the problems that packages declare, by their names
	declared  map[ast.Expr]bool // what makes those problems
	says      []saying
}

// saying is code that says a sentence.
type saying struct {
	key      string
	sentinel string   // whose key it is, if key is ""
	given    []string // the names of the places that it fills
	where    string
}

func TestNoSentenceIsMissing(t *testing.T) {
	english := readCatalog(t, "en")
	found := readWords(t)
	wanted := maps.Clone(found.keys)
	for prefix, where := range found.prefixes {
		require.NotEmpty(t, madeKeys[prefix], "keys are put together from %q at %s: say in madeKeys which", prefix, where)
		for _, rest := range madeKeys[prefix] {
			wanted[prefix+rest] = where
		}
	}
	tables := map[string]bool{}
	for key := range english {
		for at, r := range key {
			if r == '.' {
				tables[key[:at]] = true
			}
		}
	}
	for text, where := range found.literals {
		table, _, _ := strings.Cut(text, ".")
		if tables[table] && !tables[text] { // the name of a table says no sentence
			wanted[text] = where
		}
	}
	maps.DeleteFunc(wanted, func(key, _ string) bool { return english[key] != nil })
	require.Empty(t, wanted, "keys without a sentence, and where they are")
}

func TestNoSentenceIsUnused(t *testing.T) {
	unused := readCatalog(t, "en")
	found := readWords(t)
	require.NotEmpty(t, found.literals[helpPart], "no code looks for longer words any more")
	for key := range found.literals {
		delete(unused, key)
		delete(unused, strings.Replace(key, wordPart, helpPart, 1))
		delete(unused, strings.Replace(key, entryPart, aboutPart, 1))
		delete(unused, strings.Replace(key, knobPart, notePart, 1))
	}
	for prefix, rests := range madeKeys {
		require.NotEmpty(t, found.prefixes[prefix], "nothing makes keys from %q any more", prefix)
		for _, rest := range rests {
			delete(unused, prefix+rest)
		}
	}
	require.Empty(t, unused, "sentences that no code says")
}

// A place that nothing fills would stand on the screen in its braces.
func TestEveryPlaceIsFilled(t *testing.T) {
	english := readCatalog(t, "en")
	var empty []string
	found := readWords(t)
	for _, said := range found.says {
		key := cmp.Or(said.key, found.sentinels[said.sentinel])
		for _, name := range places(english[key]["other"]) {
			if !slices.Contains(said.given, name) {
				empty = append(empty, fmt.Sprintf("%s {%s} at %s", key, name, said.where))
			}
		}
	}
	require.Empty(t, empty, "places that nothing fills")
}

func readWords(t *testing.T) *words {
	t.Helper()
	found := &words{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[ast.Expr]bool{}, nil}
	set := token.NewFileSet()
	english := readCatalog(t, "en")
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || len(entry.Name()) > 2 && entry.Name()[0] == '.'):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			found.look(node, english, func() string { return set.Position(node.Pos()).String() })
			return true
		})
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, found.keys)
	return found
}

var (
	keyPattern    = regexp.MustCompile(`^[a-z]+(\.[a-z]+)+$`)
	prefixPattern = regexp.MustCompile(`^[a-z]+\.([a-z]+\.)*$`)
	filePattern   = regexp.MustCompile(`\.(db|go|json|png|sock|toml)$`)
)

// takers are the names of the functions whose first argument is a key.
var takers = []string{"Refuse", "T", "failed"}

func (w *words) look(node ast.Node, english map[string]map[string]string, where func() string) {
	switch node := node.(type) {
	case *ast.BasicLit:
		if text := literal(node); text == helpPart || keyPattern.MatchString(text) && !filePattern.MatchString(text) {
			w.literals[text] = where()
		}
	case *ast.BinaryExpr:
		if text := literal(node.X); node.Op == token.ADD && prefixPattern.MatchString(text) {
			w.prefixes[text] = where()
		}
	case *ast.ValueSpec:
		for i, value := range node.Values {
			if call, ok := value.(*ast.CallExpr); ok && callee(call) == "Refuse" {
				w.sentinels[node.Names[i].Name] = literal(first(call.Args))
				w.declared[call] = true
			}
		}
	case *ast.ReturnStmt:
		for _, result := range node.Results {
			w.says = append(w.says, saying{sentinel: name(result), where: where()})
		}
	case *ast.CallExpr:
		w.lookAtCall(node, english, where)
	}
}

func (w *words) lookAtCall(call *ast.CallExpr, english map[string]map[string]string, where func() string) {
	if key := literal(first(call.Args)); key != "" && slices.Contains(takers, callee(call)) {
		w.keys[key] = where()
	}
	for i, arg := range call.Args {
		said := saying{where: where()}
		if key := literal(arg); english[key] != nil {
			said.key = key
		} else if field, ok := arg.(*ast.SelectorExpr); ok && field.Sel.Name == "Key" {
			said.sentinel = name(field.X)
		}
		if said.key == "" && said.sentinel == "" || w.declared[call] {
			continue
		}
		for at := i + 1; at < len(call.Args); at += 2 {
			said.given = append(said.given, literal(call.Args[at]))
		}
		w.says = append(w.says, said)
	}
}

func first(list []ast.Expr) ast.Expr {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// callee returns the name of the function or method that is called.
func callee(call *ast.CallExpr) string { return name(call.Fun) }

// name returns the identifier, without its package or value, or "".
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literal returns the text of a string literal, or "" for anything else.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		panic(fmt.Sprintf("the parser took %s for a literal", lit.Value))
	}
	return text
}

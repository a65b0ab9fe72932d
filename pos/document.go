package pos

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// DocumentError says which line of a TOML document is wrong, and how. It unwraps
// to the *Problem that says so to people, in the catalogs' words.
type DocumentError struct {
	Line    int    // from 1; 0 where the mistake belongs to no line
	Path    string // "reward.1.points": the table, which of several from 0, and the key; "" if it is nowhere
	Problem *Problem
}

// Error returns the line, the path and the problem's key, for logs and tests.
func (e *DocumentError) Error() string {
	return fmt.Sprintf("line %d: %s: %v", e.Line, e.Path, e.Problem)
}

// Unwrap returns the problem.
func (e *DocumentError) Unwrap() error { return e.Problem }

// DecodeTOML reads a document strictly: a key that into does not have is a
// mistake. All errors are *DocumentError.
func DecodeTOML(document []byte, into any) error {
	err := decode(document, into)
	if err == nil {
		return nil
	}
	if problem, ok := err.(*Problem); ok { // of a value that reads itself, so nobody knows where
		lines := bytes.SplitAfter(document, []byte("\n"))
		line := 1 + sort.Search(len(lines)-1, func(n int) bool {
			_, same := decode(bytes.Join(lines[:n+1], nil), reflect.New(reflect.TypeOf(into).Elem()).Interface()).(*Problem)
			return same
		})
		return &DocumentError{Line: line, Problem: problem}
	}
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		first := strict.Errors[0]
		line, _ := first.Position()
		key := strings.Join(first.Key(), ".")
		return &DocumentError{line, key, Refuse("doc.setting", "key", key)}
	}
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := wrong.Position()
		return &DocumentError{line, strings.Join(wrong.Key(), "."), inWords(wrong)}
	}
	return &DocumentError{Problem: Refuse("doc.syntax", "details", CleanName(err.Error()))}
}

func decode(document []byte, into any) error {
	return toml.NewDecoder(bytes.NewReader(document)).DisallowUnknownFields().EnableUnmarshalerInterface().Decode(into)
}

// inWords leaves out what the library says about Go's types.
func inWords(wrong *toml.DecodeError) *Problem {
	text := strings.TrimPrefix(wrong.Error(), "toml: ")
	if kind, ok := strings.CutPrefix(text, "cannot decode TOML "); ok {
		kind, _, _ = strings.Cut(kind, " into ")
		return Refuse("doc.kind", "key", strings.Join(wrong.Key(), "."), "kind", kind)
	}
	return Refuse("doc.syntax", "details", CleanName(text))
}

// Wrong returns the mistake at the path of a document: wrong("reward.1.points",
// "doc.range", "n", ...). ParseProgram fills in the line.
func wrong(path, key string, pairs ...any) error {
	return &DocumentError{Path: path, Problem: Refuse(key, pairs...)}
}

// at puts a path together: at("reward", 1, "points") is "reward.1.points".
func at(parts ...any) string {
	text := make([]string, len(parts))
	for i, part := range parts {
		text[i] = fmt.Sprint(part)
	}
	return strings.Join(text, ".")
}

// linesOf returns the line of each table and key of a document by its path. A
// document that cannot be read has those before the mistake.
func linesOf(document []byte) map[string]int {
	index := lineIndex{lines: map[string]int{}, tables: map[string]int{}}
	index.parser.Reset(document)
	table := ""
	for index.parser.NextExpression() {
		node := index.parser.Expression()
		switch node.Kind {
		case unstable.ArrayTable, unstable.Table:
			parts, line := index.key(node)
			table = index.resolve(parts)
			if node.Kind == unstable.ArrayTable {
				n := index.tables[table]
				index.tables[table]++
				table = below(table, strconv.Itoa(n))
			}
			index.lines[table] = line
		case unstable.KeyValue:
			index.value(table, node)
		}
	}
	return index.lines
}

// lineIndex is a document while its lines are looked up.
type lineIndex struct {
	parser unstable.Parser
	lines  map[string]int // by path
	tables map[string]int // how many of an array of tables were there so far, by its path
}

// resolve puts the path of a table together: [reward.choice] is the last
// [[reward]]'s.
func (x *lineIndex) resolve(parts []string) string {
	path := ""
	for i, part := range parts {
		path = below(path, part)
		if n := x.tables[path]; n > 0 && i < len(parts)-1 {
			path = below(path, strconv.Itoa(n-1))
		}
	}
	return path
}

// value notes a key in a table, and what is in its value.
func (x *lineIndex) value(table string, node *unstable.Node) {
	parts, line := x.key(node)
	for _, part := range parts { // when.hours = ... is in a table of its own
		table = below(table, part)
		x.lines[table] = cmp.Or(x.lines[table], line)
	}
	x.inside(table, line, node.Value())
}

func (x *lineIndex) inside(path string, line int, value *unstable.Node) {
	if value.Kind != unstable.Array && value.Kind != unstable.InlineTable {
		return
	}
	children := value.Children()
	for n := 0; children.Next(); n++ {
		if child := children.Node(); value.Kind == unstable.InlineTable {
			x.value(path, child)
		} else {
			element := below(path, strconv.Itoa(n))
			line = cmp.Or(x.first(child), line)
			x.lines[element] = line
			x.inside(element, line, child)
		}
	}
}

// first returns the line on which an element of an array begins, or 0 where the
// parser does not say.
func (x *lineIndex) first(element *unstable.Node) int {
	for element.Kind == unstable.Array || element.Kind == unstable.InlineTable {
		child := element.Child()
		if child == nil {
			return 0
		}
		if element = child; element.Kind == unstable.KeyValue {
			_, line := x.key(element)
			return line
		}
	}
	return x.line(element.Raw)
}

func (x *lineIndex) key(node *unstable.Node) (parts []string, line int) {
	for key := node.Key(); key.Next(); {
		parts = append(parts, string(key.Node().Data))
		line = cmp.Or(line, x.line(key.Node().Raw))
	}
	return parts, line
}

func (x *lineIndex) line(raw unstable.Range) int {
	if raw.Length == 0 {
		return 0
	}
	return x.parser.Shape(raw).Start.Line
}

func below(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

// located fills in the line of a mistake: that of its path, or of what it is in.
func located(document []byte, err error) error {
	mistake, ok := errors.AsType[*DocumentError](err)
	if !ok || mistake.Line > 0 {
		return err
	}
	lines := linesOf(document)
	for path := mistake.Path; path != ""; {
		if mistake.Line = lines[path]; mistake.Line > 0 {
			break
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return mistake
}

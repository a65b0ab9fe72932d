// Package draft edits the text of a program document, and leaves every byte that an
// edit is not about as a person wrote it: comments, order, blanks.
//
// It knows where in the text each table, key and value stands, which keys there can
// be and what each takes, and says what is wrong with the document after an edit.
package draft

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"tenthcup/pos"
)

// Doc is a document that can be edited; Read makes one. It is a value: its methods return the changed
// document. Paths name the tables and keys from the outermost on, which of several
// by its number: {"reward", "1", "when", "hours"}.
type Doc struct {
	text string
	root *node
}

// Read reads a document, whatever its keys are. What is no TOML is a
// *pos.DocumentError.
func Read(text []byte) (Doc, error) {
	var all map[string]any
	if err := pos.DecodeTOML(text, &all); err != nil {
		return Doc{}, err
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(bytes.Clone(text), '\n')
	}
	r := reader{text: string(text), root: &node{form: headed}}
	r.here = r.root
	r.document()
	return Doc{r.text, r.root}, nil
}

// Text returns the document.
func (d Doc) Text() []byte { return []byte(d.text) }

// form is how a table or a value is written.
type form int

const (
	valued  form = iota // behind a =, or an element of an array that is
	headed              // under a [table] or [[table]]; also the document itself
	listed              // all [[tables]] of one name
	dotted              // when.hours = ..., for when
	implied             // [referral.friend], for referral where there is no [referral]
)

type span struct{ from, to int }

// node is a table, an array or a value of the document.
type node struct {
	key      string
	form     form
	whole    span // what goes if it goes: lines, or an element between commas
	value    span // of what is valued: behind the =
	lead     int  // of what is headed: where its header begins, with the comments right above
	end      int  // of what is headed: where the last line of its own ends
	inline   bool // it is in another value
	dots     []string
	parent   *node
	children []*node
	blocks   []span // of what is headed: the lines under its header
}

func (n *node) child(key string) *node {
	if n.form == listed || n.array() {
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.children) {
			return n.children[i]
		}
		return nil
	}
	for _, c := range n.children {
		if c.key == key {
			return c
		}
	}
	return nil
}

// array reports whether the node is an array behind a =; table likewise.
func (n *node) array() bool {
	return n.form == valued && n.key != "" && len(n.dots) == 1 && n.dots[0] == "["
}
func (n *node) table() bool { return n.form != valued || len(n.dots) == 1 && n.dots[0] == "{" }

func (n *node) add(c *node) *node {
	c.parent = n
	n.children = append(n.children, c)
	return c
}

// reader walks over a document that is known to be TOML.
type reader struct {
	text string
	at   int
	root *node
	here *node // the table that keys are in now
	last *node // whose header was the last one
	from int   // where its block begins
}

func (r *reader) document() {
	for {
		r.skip()
		if r.at >= len(r.text) {
			break
		}
		if r.text[r.at] == '[' {
			r.header()
		} else {
			r.setting()
		}
	}
	r.close(len(r.text))
}

// close ends the block of lines under the last header.
func (r *reader) close(at int) {
	for n := r.last; n != nil && n != r.root; n = n.parent {
		n.blocks = append(n.blocks, span{r.from, at})
	}
}

func (r *reader) header() {
	line := r.lineStart()
	lead := r.comments(line)
	r.close(lead)
	double := strings.HasPrefix(r.text[r.at:], "[[")
	r.at++
	if double {
		r.at++
	}
	path := r.keys(']')
	r.lineEnd()
	r.here = r.open(path, double)
	r.here.lead, r.here.end, r.last, r.from = lead, r.at, r.here, lead
}

// open returns the table that a header begins.
func (r *reader) open(path []string, double bool) *node {
	n := r.root
	for _, key := range path[:len(path)-1] {
		next := n.child(key)
		if next == nil {
			next = n.add(&node{key: key, form: implied})
		}
		if n = next; n.form == listed {
			n = n.children[len(n.children)-1]
		}
	}
	key := path[len(path)-1]
	table := n.child(key)
	switch {
	case double && table == nil:
		table = n.add(&node{key: key, form: listed})
		fallthrough
	case double:
		return table.add(&node{key: strconv.Itoa(len(table.children)), form: headed})
	case table == nil:
		table = n.add(&node{key: key})
	}
	table.form = headed
	return table
}

// setting reads a line with a =.
func (r *reader) setting() {
	line := r.lineStart()
	n := r.pair(r.here, false)
	r.lineEnd()
	n.whole = span{line, r.at}
	for ; n != r.here; n = n.parent {
		n.end = r.at
	}
	r.here.end = r.at
}

// pair reads a key and its value into the table.
func (r *reader) pair(table *node, inline bool) *node {
	from := r.at
	keys := r.keys('=')
	for i, key := range keys[:len(keys)-1] {
		next := table.child(key)
		if next == nil {
			next = table.add(&node{key: key, form: dotted, inline: inline, dots: keys[:i+1]})
		}
		table = next
	}
	r.skip()
	n := table.add(&node{key: keys[len(keys)-1], inline: inline})
	r.valueOf(n)
	n.whole = span{from, r.at}
	return n
}

// keys reads a dotted key and the sign behind it.
func (r *reader) keys(end byte) (keys []string) {
	for {
		r.skip()
		from := r.at
		if c := r.text[r.at]; c == '"' || c == '\'' {
			r.quoted()
			keys = append(keys, unquote(r.text[from:r.at]))
		} else {
			for strings.IndexByte(" \t.=]", r.text[r.at]) < 0 {
				r.at++
			}
			keys = append(keys, r.text[from:r.at])
		}
		r.skip()
		r.at++
		if r.text[r.at-1] == end {
			return keys
		}
	}
}

// valueOf reads a value, and what is in it.
func (r *reader) valueOf(n *node) {
	n.value.from = r.at
	switch r.text[r.at] {
	case '"', '\'':
		r.quoted()
	case '[':
		n.dots = []string{"["}
		r.inside(n, ']', func() {
			c := n.add(&node{key: strconv.Itoa(len(n.children)), inline: true})
			r.valueOf(c)
			c.whole = c.value
		})
	case '{':
		n.dots = []string{"{"}
		r.inside(n, '}', func() { r.pair(n, true) })
	default:
		for r.at < len(r.text) && strings.IndexByte(",]}#\r\n", r.text[r.at]) < 0 {
			r.at++
		}
		r.at -= len(r.text[n.value.from:r.at]) - len(strings.TrimRight(r.text[n.value.from:r.at], " \t"))
	}
	n.value.to = r.at
}

// inside reads what is between commas up to the end sign.
func (r *reader) inside(n *node, end byte, one func()) {
	r.at++
	for {
		r.skip()
		switch r.text[r.at] {
		case end:
			r.at++
			return
		case ',':
			r.at++
		default:
			one()
		}
	}
}

// quoted goes behind a text in quotes of one of the four kinds.
func (r *reader) quoted() {
	quote := r.text[r.at : r.at+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(r.text[r.at:], long) {
		quote = long
	}
	for r.at += len(quote); !strings.HasPrefix(r.text[r.at:], quote); r.at++ {
		if quote[0] == '"' && r.text[r.at] == '\\' {
			r.at++
		}
	}
	r.at += len(quote)
	for len(quote) == 3 && r.at < len(r.text) && r.text[r.at] == quote[0] { // up to two more belong to the text
		r.at++
	}
}

// skip goes over blanks, line ends and comments.
func (r *reader) skip() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		case '#':
			r.at += strings.IndexByte(r.text[r.at:], '\n')
		default:
			return
		}
	}
}

func (r *reader) lineStart() int { return strings.LastIndexByte(r.text[:r.at], '\n') + 1 }

func (r *reader) lineEnd() { r.at += strings.IndexByte(r.text[r.at:], '\n') + 1 }

// comments returns where the comments right above the line begin.
func (r *reader) comments(line int) int {
	for line > 0 {
		above := strings.LastIndexByte(r.text[:line-1], '\n') + 1
		if !strings.HasPrefix(strings.TrimSpace(r.text[above:line]), "#") {
			break
		}
		line = above
	}
	return line
}

// unquote returns the text that a TOML value or key in quotes is.
func unquote(raw string) string {
	var read struct{ X string }
	if err := toml.Unmarshal([]byte("X = "+raw), &read); err != nil {
		return raw
	}
	return read.X
}

package draft

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// find returns the node at the path, or the deepest one on the way and what of the
// path is left.
func (d Doc) find(path []string) (n *node, rest []string) {
	n = d.root
	for i, key := range path {
		next := n.child(key)
		if next == nil {
			return n, path[i:]
		}
		n = next
	}
	return n, nil
}

func (d Doc) node(path []string) *node {
	n, rest := d.find(path)
	if len(rest) > 0 {
		return nil
	}
	return n
}

// Has reports whether the document has the table or key.
func (d Doc) Has(path ...string) bool { return d.node(path) != nil }

// Count returns how many tables or values there are in the array.
func (d Doc) Count(path ...string) int {
	n := d.node(path)
	if n == nil || n.form != listed && !n.array() {
		return 0
	}
	return len(n.children)
}

// Keys returns the keys of the table, in their order.
func (d Doc) Keys(path ...string) (keys []string) {
	if n := d.node(path); n != nil {
		for _, c := range n.children {
			keys = append(keys, c.key)
		}
	}
	return keys
}

// Value returns the value of the key as a person would type it: a text without its
// quotes, anything else as it is written; "" if there is none.
func (d Doc) Value(path ...string) string {
	n := d.node(path)
	if n == nil || n.form != valued {
		return ""
	}
	raw := d.text[n.value.from:n.value.to]
	if raw[0] == '"' || raw[0] == '\'' {
		return unquote(raw)
	}
	return raw
}

// put returns the document with a part of its text replaced.
func (d Doc) put(at span, text string) Doc {
	changed, err := Read([]byte(d.text[:at.from] + text + d.text[at.to:]))
	if err != nil { // only what the caller gave as a value can be wrong
		return d
	}
	return changed
}

// Set gives the key the value, which is TOML. Tables on the way are made. It returns
// the same document where that cannot be.
func (d Doc) Set(raw string, path ...string) Doc {
	n, rest := d.find(path)
	if len(rest) == 0 {
		if n.form != valued {
			return d
		}
		return d.put(n.value, raw)
	}
	if n == d.root && len(rest) > 1 {
		inner, _ := Read([]byte("[" + key(rest[0]) + "]\n"))
		return d.section(rest[0], inner.Set(raw, rest...).text)
	}
	for _, name := range slices.Backward(rest[1:]) {
		raw = "{ " + key(name) + " = " + raw + " }"
	}
	return d.insert(n, key(rest[0])+" = "+raw)
}

// insert puts a setting into the table.
func (d Doc) insert(n *node, setting string) Doc {
	switch {
	case n.form == headed && n == d.root && n.end == 0:
		at := len(d.text)
		for _, c := range n.children {
			if first := c.first(); first >= 0 {
				at = min(at, first)
			}
		}
		return d.put(span{at, at}, setting+"\n"+blankIf(at < len(d.text)))
	case n.form == headed:
		return d.put(span{n.end, n.end}, setting+"\n")
	case n.form == implied:
		at := n.first()
		return d.put(span{at, at}, "["+strings.Join(n.path(), ".")+"]\n"+setting+"\n\n")
	case n.form == dotted:
		last := n.children[len(n.children)-1]
		setting = keys(n.dots) + "." + setting
		if n.inline {
			return d.put(span{last.whole.to, last.whole.to}, ", "+setting)
		}
		return d.put(span{n.end, n.end}, setting+"\n")
	case n.table() && len(n.children) == 0:
		return d.put(n.value, "{ "+setting+" }")
	case n.table():
		at := n.last()
		return d.put(span{at, at}, ", "+setting)
	}
	return d
}

func blankIf(yes bool) string {
	if yes {
		return "\n"
	}
	return ""
}

// first returns where the first header of the table or of one in it begins, or -1.
func (n *node) first() int {
	if n.form == headed {
		return n.lead
	}
	for _, c := range n.children {
		if at := c.first(); at >= 0 {
			return at
		}
	}
	return -1
}

// last returns where the last thing in a value ends.
func (n *node) last() int {
	last := n.children[len(n.children)-1]
	if last.form == dotted {
		return last.last()
	}
	return last.whole.to
}

func (n *node) path() (path []string) {
	for ; n.parent != nil; n = n.parent {
		path = append(path, key(n.key))
	}
	slices.Reverse(path)
	return path
}

// section puts a table with its header where tables of its name stand: behind them,
// or else before the examples, which are last.
func (d Doc) section(name, text string) Doc {
	at := len(d.text)
	if n := d.root.child(name); n != nil && n.form == listed {
		blocks := n.children[len(n.children)-1].blocks
		at = blocks[len(blocks)-1].to
	} else if n := d.root.child("example"); n != nil && n.form == listed && name != "example" {
		at = n.first()
	}
	before := d.text[:at]
	if before != "" && !strings.HasSuffix(before, "\n\n") {
		text = "\n" + text
	}
	if at < len(d.text) && !strings.HasPrefix(d.text[at:], "\n") && !strings.HasSuffix(text, "\n\n") {
		text += "\n"
	}
	return d.put(span{at, at}, text)
}

// Add puts a table behind the last one of the array, or a table that there is one of,
// and returns its path. settings are its first lines, which are TOML.
func (d Doc) Add(many bool, settings []string, path ...string) (Doc, []string) {
	if !many {
		if n := d.node(path); n != nil {
			return d, path
		}
		if len(path) == 1 {
			return d.section(path[0], "["+key(path[0])+"]\n"+lines(settings)), path
		}
		return d.Set("{ "+strings.Join(settings, ", ")+" }", path...), path
	}
	made := append(slices.Clone(path), strconv.Itoa(d.Count(path...)))
	n := d.node(path)
	element := "{ " + strings.Join(settings, ", ") + " }"
	switch {
	case n == nil && len(path) == 1, n != nil && n.form == listed && n.parent == d.root:
		return d.section(path[0], "[["+key(path[0])+"]]\n"+lines(settings)), made
	case n == nil:
		return d.Set("["+element+"]", path...), made
	case n.form == listed: // [[example.first]]
		blocks := n.children[len(n.children)-1].blocks
		at := blocks[len(blocks)-1].to
		return d.put(span{at, at}, "[["+strings.Join(n.names(), ".")+"]]\n"+lines(settings)), made
	case len(n.children) == 0:
		return d.put(n.value, "["+element+"]"), made
	}
	return d.put(span{n.last(), n.last()}, ", "+element), made
}

// names returns the path without the numbers, as a header has it.
func (n *node) names() (names []string) {
	for ; n.parent != nil; n = n.parent {
		if n.parent.form != listed {
			names = append(names, key(n.key))
		}
	}
	slices.Reverse(names)
	return names
}

func lines(settings []string) string {
	if len(settings) == 0 {
		return ""
	}
	return strings.Join(settings, "\n") + "\n"
}

// Remove takes the table or key out. What is left empty by it, and is no element of
// an array, goes too.
func (d Doc) Remove(path ...string) Doc {
	n := d.node(path)
	if n == nil || n == d.root {
		return d
	}
	spans := n.spans()
	for _, s := range slices.Backward(spans) {
		d.text = d.text[:s.from] + d.text[s.to:]
	}
	next, err := Read([]byte(d.text))
	if err != nil {
		return d
	}
	if up := path[:len(path)-1]; len(up) > 0 {
		if left := next.node(up); left != nil && left.form == valued && len(left.children) == 0 && !left.parent.array() {
			return next.Remove(up...)
		}
	}
	return next
}

// spans returns what goes if the node goes, in the order of the text.
func (n *node) spans() (spans []span) {
	switch {
	case n.form == headed:
		return n.blocks
	case n.form == valued && n.inline:
		return []span{n.between()}
	case n.form == valued:
		return []span{n.whole}
	case n.form == dotted && n.inline && len(n.children) == len(n.parent.children):
		return []span{{n.children[0].whole.from, n.last()}}
	}
	for _, c := range n.children {
		spans = append(spans, c.spans()...)
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	return slices.CompactFunc(spans, func(a, b span) bool { return b.from < a.to })
}

// between returns the element with the comma that goes with it.
func (n *node) between() span {
	all := n.parent.children
	for up := n.parent; up.form == dotted; up = up.parent {
		all = up.parent.children
	}
	all = flat(all)
	i := slices.Index(all, n)
	switch {
	case i+1 < len(all):
		return span{n.whole.from, all[i+1].whole.from}
	case i > 0:
		return span{all[i-1].whole.to, n.whole.to}
	}
	for up := n.parent; ; up = up.parent { // a comma behind the only one goes too
		if up.form == valued {
			return span{up.value.from + 1, up.value.to - 1}
		}
	}
}

// flat returns the values among the nodes and in the dotted ones, as they stand.
func flat(nodes []*node) (values []*node) {
	for _, n := range nodes {
		if n.form == dotted {
			values = append(values, flat(n.children)...)
		} else {
			values = append(values, n)
		}
	}
	slices.SortFunc(values, func(a, b *node) int { return a.whole.from - b.whole.from })
	return values
}

// Copy puts a copy of the array's table behind its last one, and returns its path.
func (d Doc) Copy(path ...string) (Doc, []string) {
	n := d.node(path)
	if n == nil || n.parent == nil {
		return d, path
	}
	last := n.parent.children[len(n.parent.children)-1]
	made := append(slices.Clone(path[:len(path)-1]), strconv.Itoa(len(n.parent.children)))
	if n.form != headed {
		at := last.whole.to
		return d.put(span{at, at}, ", "+d.text[n.value.from:n.value.to]), made
	}
	at := last.blocks[len(last.blocks)-1].to
	text := d.written(n)
	if !strings.HasSuffix(d.text[:at], "\n\n") {
		text = "\n" + text
	}
	return d.put(span{at, at}, text), made
}

// written returns the lines of a table under a header.
func (d Doc) written(n *node) string {
	var text strings.Builder
	for _, s := range n.blocks {
		text.WriteString(d.text[s.from:s.to])
	}
	return text.String()
}

// Move changes places with the array's table so many before or behind it, and returns
// where it is then.
func (d Doc) Move(by int, path ...string) (Doc, []string) {
	n := d.node(path)
	if n == nil || n.parent == nil {
		return d, path
	}
	i, _ := strconv.Atoi(n.key)
	other := n.parent.child(strconv.Itoa(i + by))
	if other == nil {
		return d, path
	}
	moved := append(slices.Clone(path[:len(path)-1]), other.key)
	a, b := n, other
	if by < 0 {
		a, b = other, n
	}
	if n.form != headed {
		return d.put(span{a.value.from, b.value.to}, d.text[b.value.from:b.value.to]+d.text[a.value.to:b.value.from]+d.text[a.value.from:a.value.to]), moved
	}
	if len(a.blocks) > 1 && a.blocks[0].to != a.blocks[1].from {
		return d, path // somebody wrote its parts all over the document
	}
	from, to := a.extent(), b.extent()
	first, second := d.text[from.from:from.to], d.text[to.from:to.to]
	if !strings.HasSuffix(second, "\n\n") && strings.HasSuffix(first, "\n\n") { // the last of the document
		second, first = second+"\n", strings.TrimSuffix(first, "\n")
	}
	return d.put(span{from.from, to.to}, second+d.text[from.to:to.from]+first), moved
}

// extent is from the first line of a table to its last.
func (n *node) extent() span { return span{n.blocks[0].from, n.blocks[len(n.blocks)-1].to} }

// At returns the path of what stands in the line, counted from 1; nil where nothing
// does.
func (d Doc) At(line int) (path []string) {
	from := 0
	for range line - 1 {
		next := strings.IndexByte(d.text[from:], '\n')
		if next < 0 {
			return nil
		}
		from += next + 1
	}
	to := from + strings.IndexByte(d.text[from:]+"\n", '\n')
	var deepest func(n *node, at []string)
	deepest = func(n *node, at []string) {
		for _, c := range n.children {
			here := append(slices.Clone(at), c.key)
			covers := c.form == valued && c.whole.from <= to && c.whole.to > from && (!c.inline || c.whole.from >= from)
			if covers || c.form == headed && slices.ContainsFunc(c.blocks, func(s span) bool { return s.from <= from && from < s.to }) {
				path = here
			}
			if covers || c.form != valued {
				deepest(c, here)
			}
			if covers && !c.inline {
				return
			}
		}
	}
	deepest(d.root, nil)
	return path
}

var bare = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// key returns a key as a document writes it.
func key(name string) string {
	if bare.MatchString(name) {
		return name
	}
	return Quote(name)
}

func keys(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = key(name)
	}
	return strings.Join(all, ".")
}

// Quote returns a text as a document writes it.
func Quote(text string) string {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted) // of TOML's texts in quotes all that JSON writes
	e.SetEscapeHTML(false)
	if err := e.Encode(strings.ToValidUTF8(text, "")); err != nil {
		return `""`
	}
	return strings.ReplaceAll(strings.TrimSpace(quoted.String()), "\x7f", `\u007f`)
}

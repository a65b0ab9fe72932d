package draft_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/draft"
	"tenthcup/pos/program"
)

var euro, _ = pos.CurrencyOf("EUR")

// documents returns every sample program, and those that are written in all the ways
// that TOML knows.
func documents(t require.TestingT) map[string]string {
	words, err := assets.NewPrinter("en", euro, time.UTC)
	require.NoError(t, err)
	all := map[string]string{}
	for _, name := range assets.Presets() {
		text, err := assets.Preset(name, words)
		require.NoError(t, err)
		all[name] = string(text)
	}
	written, err := filepath.Glob("testdata/*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, written)
	for _, file := range written {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[file] = string(text)
	}
	return all
}

func read(t require.TestingT, text string) draft.Doc {
	d, err := draft.Read([]byte(text))
	require.NoError(t, err, text)
	return d
}

// tree is the document as another reader of TOML has it.
func tree(t require.TestingT, d draft.Doc) map[string]any {
	var all map[string]any
	require.NoError(t, toml.Unmarshal(d.Text(), &all), "%s", d.Text())
	if all == nil {
		all = map[string]any{}
	}
	return all
}

// leaves returns the paths of all keys that have no keys of their own.
func leaves(value any, at []string) (paths [][]string) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(mapKeys(value)) {
			paths = append(paths, leaves(value[key], append(slices.Clone(at), key))...)
		}
	case []any:
		tables := false
		for i, one := range value {
			if _, ok := one.(map[string]any); ok {
				tables = true
				paths = append(paths, leaves(one, append(slices.Clone(at), strconv.Itoa(i)))...)
			}
		}
		if !tables {
			paths = append(paths, at)
		}
	default:
		paths = append(paths, at)
	}
	return paths
}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

// put changes the tree as the edit is to change the document; drop takes the key out.
func put(value any, path []string, to any, drop bool) any {
	if len(path) == 0 {
		return to
	}
	switch value := value.(type) {
	case map[string]any:
		if len(path) == 1 && drop {
			delete(value, path[0])
			return value
		}
		inner := value[path[0]]
		if inner == nil && len(path) > 1 {
			inner = map[string]any{}
		}
		value[path[0]] = put(inner, path[1:], to, drop)
	case []any:
		i, _ := strconv.Atoi(path[0])
		value[i] = put(value[i], path[1:], to, drop)
	}
	return value
}

// One edit changes the lines of its key and no byte of the others, and the document
// says the same as before but for the key.
func TestOneKey(t *testing.T) {
	all := documents(t)
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range all {
			if !yield(name) {
				return
			}
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "document")
		before := read(t, all[name])
		path := rapid.SampledFrom(leaves(tree(t, before), nil)).Draw(t, "key")
		typed := rapid.StringOf(rapid.RuneFrom([]rune("ab7 \"'#\\=,]}é\n\u2028\x7f\t"))).Draw(t, "typed")
		after := before.Set(draft.Quote(typed), path...)
		require.Equal(t, put(tree(t, before), path, typed, false), any(tree(t, after)))
		require.Equal(t, typed, after.Value(path...))
		require.Equal(t, 1, changed(before.Text(), after.Text()), "%s", after.Text())
		require.True(t, onlyValue(string(before.Text()), string(after.Text()), draft.Quote(typed)), "%s", after.Text())
	})
}

// onlyValue reports whether one value of the text was replaced by the literal, and
// nothing else: no comment, no blank beside it.
func onlyValue(before, after, literal string) bool {
	for at := range len(after) {
		if !strings.HasPrefix(after[at:], literal) || !strings.HasPrefix(before, after[:at]) {
			continue
		}
		rest := after[at+len(literal):]
		if !strings.HasSuffix(before, rest) || len(before) < at+len(rest) {
			continue
		}
		raw := before[at : len(before)-len(rest)]
		var read map[string]any
		end := raw[len(raw)-1:]
		whole := !strings.ContainsAny(raw, " #\n") || strings.Contains("\"'[", raw[:1]) && strings.Contains("\"']", end)
		if whole && toml.Unmarshal([]byte("x = "+raw+"\n"), &read) == nil {
			return true
		}
	}
	return false
}

// Comments go where the tables go that they stand above.
func TestCommentsBelongToTables(t *testing.T) {
	d := read(t, documents(t)["testdata/ways.toml"])
	moved, _ := d.Move(1, "card", "0")
	text := string(moved.Text())
	require.Contains(t, text, "# the first card\n[[card]]\nid = \"coffee\"  # its id\n")
	require.Contains(t, text, "# its limits\n[card.limits]\nper_day = 2\n")
	require.Less(t, strings.Index(text, `id = "bread"`), strings.Index(text, "# the first card"))
	gone := string(d.Remove("card", "0").Text())
	require.NotContains(t, gone, "# the first card")
	require.NotContains(t, gone, "# its limits")
	require.Contains(t, gone, "[card.when] # of bread\n")
	require.Contains(t, gone, "# All the ways")
}

// changed counts the stretches of lines in which the texts differ: 0 or 1 if all that
// is before and behind is the same, and it is about one line that was there.
func changed(before, after []byte) int {
	was, is := bytes.SplitAfter(before, []byte("\n")), bytes.SplitAfter(after, []byte("\n"))
	for len(was) > 0 && len(is) > 0 && bytes.Equal(was[0], is[0]) {
		was, is = was[1:], is[1:]
	}
	for len(was) > 0 && len(is) > 0 && bytes.Equal(was[len(was)-1], is[len(is)-1]) {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	if len(is) == 0 && len(was) == 0 {
		return 1 // the same was set
	}
	return len(is)
}

// A key that was not there comes in, and goes again without a trace.
func TestNewKeyAndBack(t *testing.T) {
	all := documents(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(slices.Sorted(keysOf(all))).Draw(t, "document")
		before := read(t, all[name])
		path := rapid.SampledFrom(leaves(tree(t, before), nil)).Draw(t, "beside")
		path = append(slices.Clone(path[:len(path)-1]), "new-key")
		if rapid.Bool().Draw(t, "deeper") {
			path = append(path, "deeper")
		}
		after := before.Set("7", path...)
		require.Equal(t, put(tree(t, before), path, int64(7), false), any(tree(t, after)), "%s", after.Text())
		require.LessOrEqual(t, changed(before.Text(), after.Text()), 3)
		if len(path) == 2 && path[0] == "new-key" { // a table with a header may be empty, and mean something
			path = path[:1]
		}
		back := after.Remove(path...)
		require.Equal(t, tree(t, before), tree(t, back), "%s", back.Text())
		if len(path) > 1 { // a new part is set off by blank lines
			require.Equal(t, strings.ReplaceAll(string(before.Text()), "\n\n", "\n"), strings.ReplaceAll(string(back.Text()), "\n\n", "\n"))
		}
	})
}

func keysOf(all map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range all {
			if !yield(name) {
				return
			}
		}
	}
}

// Tables are added, copied, moved and removed whole, and nothing else is.
func TestTables(t *testing.T) {
	all := documents(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(slices.Sorted(keysOf(all))).Draw(t, "document")
		d := read(t, all[name])
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			was := tree(t, d)
			var parts []string
			for key, value := range was {
				if list, ok := value.([]any); ok && len(list) > 0 {
					if _, ok := list[0].(map[string]any); ok {
						parts = append(parts, key)
					}
				}
			}
			slices.Sort(parts)
			if len(parts) == 0 {
				return
			}
			part := rapid.SampledFrom(parts).Draw(t, "part")
			list := was[part].([]any)
			i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
			at := strconv.Itoa(i)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				d, _ = d.Add(true, []string{`id = "x"`}, part)
				was[part] = append(list, map[string]any{"id": "x"})
			case 1:
				d, _ = d.Copy(part, at)
				was[part] = append(list, list[i])
			case 2:
				if i+1 < len(list) {
					d, _ = d.Move(1, part, at)
					list[i], list[i+1] = list[i+1], list[i]
				}
			case 3:
				d = d.Remove(part, at)
				if was[part] = slices.Delete(list, i, i+1); len(list) == 1 {
					delete(was, part)
				}
			}
			require.Equal(t, was, tree(t, d), "%s", d.Text())
		}
		for line := range strings.Lines(all[name]) { // comments inside tables go with their tables only
			if name == "cafe" && strings.HasPrefix(line, "# A café") {
				require.Contains(t, string(d.Text()), line)
			}
		}
	})
}

// There and back again is the same text.
func TestMoveBack(t *testing.T) {
	for name, text := range documents(t) {
		d := read(t, text)
		for _, part := range []string{"card", "reward", "example", "campaign"} {
			for i := range d.Count(part) - 1 {
				there, at := d.Move(1, part, strconv.Itoa(i))
				back, _ := there.Move(-1, at...)
				require.Equal(t, text, string(back.Text()), "%s %s %d", name, part, i)
			}
		}
	}
}

// Every key that a document can have can be set, in every table that has it; none of
// them is one that the document does not know.
func TestEveryKey(t *testing.T) {
	sample := map[draft.Kind]string{
		draft.Text: "x", draft.Number: "1", draft.Flag: "true", draft.Money: "2,50", draft.Rate: "1.5", draft.Date: "2026-12-31",
		draft.Moment: "2026-12-24 16:30", draft.Words: "a, b", draft.Numbers: "1, 2", draft.Counts: "a 3, b 2", draft.Amounts: "points 2.50",
	}
	n := 0
	var walk func(fields []draft.Field, at []string)
	walk = func(fields []draft.Field, at []string) {
		for _, f := range fields {
			path := append(slices.Clone(at), f.Name)
			d := read(t, "")
			for i, key := range at {
				if key == "0" {
					d, _ = d.Add(true, nil, at[:i]...)
				}
			}
			switch f.Kind {
			case draft.Table:
				walk(f.Fields, path)
			case draft.Tables:
				walk(f.Fields, append(path, "0"))
			default:
				n++
				d = d.Set(f.Literal(sample[f.Kind]), path...)
				into := pos.DocumentType()
				err := pos.DecodeTOML(d.Text(), newOf(into))
				require.NoError(t, err, "%v\n%s", path, d.Text())
				found, ok := draft.FieldAt(path...)
				require.True(t, ok)
				require.Equal(t, f, found)
				require.NotEmpty(t, d.Typed(f, path...), "%s", d.Text())
				require.Equal(t, f.Literal(sample[f.Kind]), f.Literal(d.Typed(f, path...)))
			}
		}
	}
	walk(draft.Shape(), nil)
	require.Greater(t, n, 400)
}

// What a person types is written down in the document's way.
func TestTyped(t *testing.T) {
	for _, one := range []struct {
		kind        draft.Kind
		typed, want string
	}{
		{draft.Number, "10", "10"},
		{draft.Number, "۱۲", "12"},
		{draft.Number, "007", "7"},
		{draft.Number, "ten", `"ten"`},
		{draft.Number, "-3", "-3"},
		{draft.Money, "2,50", `"2.50"`},
		{draft.Money, "2.50", `"2.50"`},
		{draft.Money, "1,234.50", `"1,234.50"`},
		{draft.Rate, "1,5", "1.5"},
		{draft.Rate, "3/2", `"3/2"`},
		{draft.Rate, "02", "2"},
		{draft.Rate, "x", `"x"`},
		{draft.Date, "2026-12-31", "2026-12-31"},
		{draft.Date, "2026-02-30", `"2026-02-30"`},
		{draft.Words, "a , b,, ", `["a", "b"]`},
		{draft.Words, `say "hi"`, `["say \"hi\""]`},
		{draft.Numbers, "1,x", `[1, "x"]`},
		{draft.Counts, "coffee 3, free cup 2", `{ coffee = 3, "free cup" = 2 }`},
		{draft.Amounts, "points 2,5", `{ points = "2", 5 = "" }`},
		{draft.Text, "<ünnep> & \x7f", `"<ünnep> & \u007f"`},
		{draft.Flag, "true", "true"},
	} {
		require.Equal(t, one.want, draft.Field{Kind: one.kind}.Literal(one.typed), one.typed)
	}
}

// Diff says of one edit what it is about and nothing else.
func TestOneDifference(t *testing.T) {
	text := documents(t)["cafe"]
	before, err := pos.ParseProgram([]byte(text), euro)
	require.NoError(t, err)
	d := read(t, text)
	at := slices.Index(d.IDs("card"), before.Cards[0].ID)
	changed := d.Set(draft.Quote("Tenth cup"), "card", strconv.Itoa(at), "name").Look(euro, nil)
	require.Nil(t, changed.Mistake)
	said := program.Diff(&before, changed.Program)
	require.Len(t, said, 1)
	require.Contains(t, fmt.Sprint(said[0]), "Tenth cup")
	require.Empty(t, program.Diff(&before, d.Set(draft.Quote(before.Cards[0].Name), "card", strconv.Itoa(at), "name").Look(euro, nil).Program))
}

// A mistake is found at the key that has it, however it is written.
func TestPlaceOfAMistake(t *testing.T) {
	for name, one := range map[string]struct {
		change func(draft.Doc) draft.Doc
		want   []string
	}{
		"range":   {func(d draft.Doc) draft.Doc { return d.Set("700", "card", "0", "size") }, []string{"card", "0", "size"}},
		"kind":    {func(d draft.Doc) draft.Doc { return d.Set(`"ten"`, "card", "0", "size") }, []string{"card", "0", "size"}},
		"day":     {func(d draft.Doc) draft.Doc { return d.Set(`"2026-02-30"`, "card", "0", "when", "from") }, []string{"card", "0", "when", "from"}},
		"unknown": {func(d draft.Doc) draft.Doc { return d.Set(`"gold"`, "reward", "0", "card") }, []string{"reward", "0", "card"}},
		"spelled": {func(d draft.Doc) draft.Doc { return d.Set(`1`, "reward", "0", "pionts") }, []string{"reward", "0"}},
		"nothing": {func(d draft.Doc) draft.Doc { return d.Remove("reward", "0", "card") }, []string{"reward", "0"}},
	} {
		d := read(t, "title = \"x\"\n\n[[card]]\nid = \"coffee\"\nsize = 10\n\n[[reward]]\nid = \"free\"\ncard = \"coffee\"\n")
		found := one.change(d).Look(euro, nil)
		require.NotNil(t, found.Mistake, name)
		require.Equal(t, one.want, found.Path, "%s: %v", name, found.Mistake)
		require.False(t, found.Good())
	}
}

// A document that is no TOML is not edited.
func TestNoTOML(t *testing.T) {
	_, err := draft.Read([]byte("title = \n"))
	require.Error(t, err)
	_, ok := err.(*pos.DocumentError)
	require.True(t, ok)
}

func FuzzRead(f *testing.F) {
	for _, text := range documents(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := draft.Read([]byte(text))
		if err != nil {
			return
		}
		for i, path := range leaves(tree(t, d), nil) {
			if len(path) == 0 || i%16 != 0 {
				continue
			}
			set := d.Set("7", path...)
			if d.Has(path...) {
				tree(t, set)
			}
		}
	})
}

func newOf(of reflect.Type) any { return reflect.New(of).Interface() }

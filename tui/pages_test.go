package tui_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos/station"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

// inSpot goes to the page in the language, in a shop of its own.
func inSpot(t *testing.T, p spot, language string, test func(s *shop, d *tuitest.Driver)) {
	t.Helper()
	inShop(t, p.program, func(t *testing.T, s *shop) {
		s.speaks(language)
		var m station.Member
		if p.has != nil {
			m = p.has(s)
		}
		test(s, p.goes(s, m))
	})
}

// page returns the screen that the App shows. Nothing else needs to know.
func page(d *tuitest.Driver) screen.Screen {
	app := reflect.ValueOf(d.Model()).Elem()
	field := app.FieldByName("screen")
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface().(screen.Screen)
}

func typeOf(d *tuitest.Driver) string { return reflect.TypeOf(page(d)).Name() }

// types returns the names of all types that are screens, as the source says.
func types(t *testing.T) (found []string) {
	methods := map[string]int{}
	files, err := filepath.Glob("screen/*.go")
	require.NoError(t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !slices.Contains([]string{"Update", "View", "Hints", "State", "Interrupt"}, f.Name.Name) {
				continue
			}
			if of, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				methods[of.Name]++
			}
		}
	}
	for name, n := range methods {
		if n == 5 {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// Every type of page is in the table, so that all tests over the table are about
// every page.
func TestTableHasEveryPage(t *testing.T) {
	missing := map[string]bool{}
	for _, name := range types(t) {
		missing[name] = true
	}
	require.Greater(t, len(missing), 15)
	names := map[string]bool{}
	for _, p := range table() {
		require.False(t, names[p.name], "two rows are called %s", p.name)
		names[p.name] = true
		if len(missing) == 0 {
			continue
		}
		language := "en"
		if p.rtl {
			language = "fa"
		}
		t.Run(p.name, func(t *testing.T) {
			inSpot(t, p, language, func(_ *shop, d *tuitest.Driver) { delete(missing, typeOf(d)) })
		})
	}
	require.Empty(t, slices.Sorted(maps.Keys(missing)), "add a row to the table in table_test.go")
}

// look is what a page looks like, on the terminals and in the languages that matter.
type look struct{ what, frame string }

// TestPages compares every page in the usual sizes, in the language that needs most
// room, in Persian and without colours.
func TestPages(t *testing.T) {
	for _, p := range table() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			var looks []look
			longest := look{}
			for _, language := range assets.Languages() {
				if p.rtl && language != "fa" {
					continue
				}
				inSpot(t, p, language, func(s *shop, d *tuitest.Driver) {
					seen := d.View()
					if cells(seen) > cells(longest.frame) {
						longest = look{language + ", the longest", seen}
					}
					// Names of people may be cut, and a finding stands whole below its row.
					if !slices.Contains([]string{"Find", "Findings"}, typeOf(d)) {
						require.Empty(t, cuts(seen, language), "%s says all of it\n%s", language, seen)
					}
					frames := everyFrame(d, language)
					if language == "en" {
						looks = append(looks, frames...)
						d.Resize(80, 24)
						looks = append(looks, look{"without colours", uncoloured(d)})
					}
					if language == "fa" {
						looks = append(looks, look{"fa", seen})
					}
				})
			}
			if !strings.HasPrefix(longest.what, "en") && !strings.HasPrefix(longest.what, "fa") {
				looks = append(looks, longest)
			}
			slices.SortStableFunc(looks, func(a, b look) int { return strings.Compare(a.what, b.what) })
			golden.RequireEqual(sheet{t}, joined(looks))
		})
	}
}

// sheet is a test whose golden file is named after the page alone.
type sheet struct{ testing.TB }

func (s sheet) Name() string {
	return strings.NewReplacer(",", "", "?", "", " ", "_").Replace(s.TB.Name())
}

func joined(looks []look) string {
	var all strings.Builder
	for _, l := range looks {
		fmt.Fprintf(&all, "== %s\n%s", l.what, l.frame)
	}
	return all.String()
}

// cells returns how many cells are used.
func cells(frame string) (n int) {
	for line := range strings.SplitSeq(frame, "\n") {
		n += ansi.StringWidth(strings.Join(strings.Fields(line), " "))
	}
	return n
}

// everyFrame looks at the page in all sizes.
func everyFrame(d *tuitest.Driver, language string) (looks []look) {
	for _, size := range sizes {
		d.Resize(size.width, size.height)
		fits(d, size.width, size.height)
		whole(d)
		if size.width >= 60 {
			looks = append(looks, look{language + " " + size.name, d.View()})
		}
	}
	return looks
}

var (
	bareKey   = regexp.MustCompile(`(^|[^/@a-z.])[a-z]+(\.[a-z]+)+`)
	barePlace = regexp.MustCompile(`\{[a-z]+\}`)
)

// whole fails where a sentence is not translated or its places are not filled.
func whole(d *tuitest.Driver) {
	d.T.Helper()
	for line := range strings.SplitSeq(d.View(), "\n") {
		require.NotRegexp(d.T, barePlace, line)
		for _, found := range bareKey.FindAllString(line, -1) {
			if word := strings.TrimLeft(found, " ‹“("); !slices.Contains([]string{"shop.example", "theme.toml"}, word) {
				require.NotRegexp(d.T, bareKey, line)
			}
		}
	}
}

// uncoloured is the page as a terminal gets it that shows no colours.
func uncoloured(d *tuitest.Driver) string {
	d.T.Helper()
	d.Send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
	var out bytes.Buffer
	to := colorprofile.Writer{Forward: &out, Profile: colorprofile.ASCII}
	_, err := to.WriteString(d.Styled())
	require.NoError(d.T, err)
	for _, codes := range regexp.MustCompile(`\x1b\[([0-9;]*)m`).FindAllStringSubmatch(out.String(), -1) {
		for code := range strings.SplitSeq(codes[1], ";") {
			require.True(d.T, code == "" || len(code) == 1 || code == "22" || code == "27", "a colour: %q", codes[0])
		}
	}
	var lines []string
	for line := range strings.SplitSeq(out.String(), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.Join(lines, "\n") + "\n"
}

// No file is left of a page that is gone.
func TestNoPageIsLeftOver(t *testing.T) {
	wanted := map[string]bool{}
	for _, p := range table() {
		wanted[filepath.Base(sheet{called{t, "TestPages/" + p.name}}.Name())+".golden"] = true
	}
	files, err := os.ReadDir("testdata/TestPages")
	require.NoError(t, err)
	for _, f := range files {
		if flag.Lookup("update").Value.String() == "true" && !wanted[f.Name()] {
			require.NoError(t, os.Remove(filepath.Join("testdata/TestPages", f.Name())))
			continue
		}
		require.True(t, wanted[f.Name()], "%s is no page of the table any more: make screens", f.Name())
	}
}

// called is a test by another name.
type called struct {
	testing.TB
	name string
}

func (c called) Name() string { return c.name }

// A terminal that is too small says so in every language, whatever the page.
func TestTooSmall(t *testing.T) {
	var looks []look
	for _, language := range assets.Languages() {
		inShop(t, cafe, func(t *testing.T, s *shop) {
			words, err := assets.NewPrinter(language, s.config.Words.Currency(), s.station.Zone)
			require.NoError(t, err)
			s.config.Words = words
			d := s.start(80, 24)
			for _, size := range [][2]int{{20, 5}, {59, 24}, {80, 17}} {
				d.Resize(size[0], size[1])
				fits(d, size[0], size[1])
				looks = append(looks, look{fmt.Sprintf("%s %dx%d", language, size[0], size[1]), d.View()})
			}
		})
	}
	golden.RequireEqual(t, joined(looks))
}

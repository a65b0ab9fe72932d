// Package cmd_test holds the rules of the whole module as a test: who may import
// whom, what only cmd may touch, and how large things may grow.
package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Hard limits. Functions are wanted at half of theirs, files at two thirds.
const (
	maxFunction   = 70 // lines
	maxFile       = 600
	maxParameters = 5
	maxMethods    = 5 // of an interface
)

// largeInterfaces are the interfaces that may have more methods, and why.
var largeInterfaces = map[string]string{
	"screen.Till":   "the sum of what the screens ask for, each in an interface of its own",
	"screen.Office": "the sum of what the pages of the office ask for, likewise",
}

// sleepers are the files outside cmd that may let time pass, and why.
var sleepers = map[string]string{
	"tui/tuitest/driver.go": "runs in a synctest bubble, where sleeping takes no time",
}

// mayImport says which parts of the module each part may import. Words know
// nothing; decisions know words; the three edges (screen, disk, line) know
// decisions and not each other; cmd introduces them.
var mayImport = map[string][]string{
	"pos":    {"pos"},
	"assets": {"assets", "pos"},
	"store":  {"store", "pos"},
	"sync":   {"sync", "pos"},
	"tui":    {"tui", "pos", "assets"},
	"cmd":    {"cmd", "tui", "sync", "store", "pos", "assets"},
}

// impure are packages through which the world comes in: files, the network,
// other processes, chance. What pos decides at a till must come out the same
// anywhere else.
var impure = []string{
	"os", "net", "syscall", "math/rand", "crypto/rand", "database/sql", "path/filepath", "io/ioutil", "embed",
	"log", "log/slog", "runtime", "plugin", "unsafe", "testing", "C",
	"golang.org/x/sys", "go.etcd.io", "charm.land", "github.com/jackc", "github.com/klauspost",
}

// chance and clock belong to cmd, which hands them in; so does waiting.
var (
	chance = []string{"math/rand", "crypto/rand"}
	clock  = []string{"Now", "Since", "Until", "Sleep"}
)

var badNames = []string{"util", "utils", "common", "models", "manager", "service", "helper", "helpers"}

// source is one file that is not a test.
type source struct {
	name string // "pos/code/code.go"
	part string // "pos"
	file *ast.File
	fset *token.FileSet
}

func (s source) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, s.fset.Position(node.Pos()).Line)
}

func (s source) lines(node ast.Node) int {
	return s.fset.Position(node.End()).Line - s.fset.Position(node.Pos()).Line + 1
}

// imports returns the paths that the file imports.
func (s source) imports() []string {
	paths := make([]string, len(s.file.Imports))
	for i, spec := range s.file.Imports {
		paths[i], _ = strconv.Unquote(spec.Path.Value)
	}
	return paths
}

// sources parses every file of the module that is not a test.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || len(entry.Name()) > 2 && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		short := strings.TrimPrefix(filepath.ToSlash(name), "../")
		part, _, _ := strings.Cut(short, "/")
		all = append(all, source{short, part, file, fset})
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// under reports whether the import path is the package or one below it.
func under(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

func underAny(path string, parents []string) bool {
	return slices.ContainsFunc(parents, func(parent string) bool { return under(path, parent) })
}

func TestPartsImportOnlyWhatTheyMay(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := mayImport[s.part]
		require.True(t, known, "%s: the top level is %v", s.name, mayImport)
		for _, path := range s.imports() {
			inside, ok := strings.CutPrefix(path, "tenthcup/")
			if ok && !underAny(inside, allowed) {
				t.Errorf("%s imports %s, but %s may import only %v", s.name, path, s.part, allowed)
			}
			if s.part == "pos" && underAny(path, impure) {
				t.Errorf("%s imports %s, but pos is pure", s.name, path)
			}
			if s.part != "cmd" && underAny(path, chance) {
				t.Errorf("%s imports %s, but only cmd draws lots: take an io.Reader", s.name, path)
			}
		}
	}
}

func TestOnlyCmdHasAClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.part == "cmd" || !slices.Contains(s.imports(), "time") {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			name, ok := selector.X.(*ast.Ident)
			excused := selector.Sel.Name == "Sleep" && sleepers[s.name] != ""
			if ok && name.Name == "time" && slices.Contains(clock, selector.Sel.Name) && !excused {
				t.Errorf("%s: time.%s, but only cmd has a clock: take the time as an argument", s.at(node), selector.Sel.Name)
			}
			return true
		})
	}
}

// A package says what it is for, once.
func TestEveryPackageHasOneComment(t *testing.T) {
	commented := map[string][]string{}
	for _, s := range sources(t) {
		folder := path.Dir(s.name)
		var comment []string
		if s.file.Doc != nil {
			comment = []string{s.name}
		}
		commented[folder] = append(commented[folder], comment...)
		begin := "Package " + s.file.Name.Name + " "
		if s.file.Name.Name == "main" { // a program is called by its name
			name := path.Base(folder)
			begin = strings.ToUpper(name[:1]) + name[1:] + " "
		}
		if s.file.Doc != nil && !strings.HasPrefix(s.file.Doc.Text(), begin) {
			t.Errorf("%s: the comment does not begin with %q", s.name, begin)
		}
	}
	for folder, files := range commented {
		if len(files) != 1 {
			t.Errorf("%s: the package comment is in %v, but belongs in one file", folder, files)
		}
	}
}

func TestNames(t *testing.T) {
	for _, s := range sources(t) {
		if slices.Contains(badNames, s.file.Name.Name) {
			t.Errorf("%s: a package called %s says nothing about what is in it", s.name, s.file.Name.Name)
		}
	}
}

func TestNothingGrowsTooLarge(t *testing.T) {
	for _, s := range sources(t) {
		if n := s.fset.File(s.file.Pos()).LineCount(); n > maxFile {
			t.Errorf("%s has %d lines, at most %d", s.name, n, maxFile)
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncDecl:
				s.checkFunction(t, node)
			case *ast.FuncType:
				if n := node.Params.NumFields(); n > maxParameters {
					t.Errorf("%s has %d parameters, at most %d", s.at(node), n, maxParameters)
				}
			case *ast.TypeSpec:
				s.checkInterface(t, node)
			}
			return true
		})
	}
}

func (s source) checkFunction(t *testing.T, function *ast.FuncDecl) {
	t.Helper()
	if n := s.lines(function); n > maxFunction {
		t.Errorf("%s: %s has %d lines, at most %d", s.at(function), function.Name.Name, n, maxFunction)
	}
	if function.Recv == nil && function.Name.Name == "init" {
		t.Errorf("%s: an init function runs where nobody sees it", s.at(function))
	}
}

func (s source) checkInterface(t *testing.T, spec *ast.TypeSpec) {
	t.Helper()
	declared, ok := spec.Type.(*ast.InterfaceType)
	if !ok {
		return
	}
	name := s.file.Name.Name + "." + spec.Name.Name
	if n := declared.Methods.NumFields(); n > maxMethods && largeInterfaces[name] == "" {
		t.Errorf("%s: %s has %d methods, at most %d", s.at(spec), name, n, maxMethods)
	}
}

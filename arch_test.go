package main_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file holds the project's import rules and checks them. It parses the
// sources itself: results of `go list` are cached, and would not see a folder
// that nothing imports yet.

// modulePath is the module's name in go.mod, and so the beginning of the
// import path of each of its folders.
const modulePath = "ratecard"

// A layer says how high a folder stands. Imports point down or sideways, never up.
type layer int

const (
	leaf     layer = iota // SQL files and generated code: imports nothing of ours
	domain                // values
	rules                 // one package per rule
	ports                 // what the application needs from outside
	app                   // decisions and orders of steps
	outbound              // adapters that the application drives
	inbound               // adapters that drive the application
	top                   // the program itself, and the tests that run it whole
)

// A rule says what the Go files of one folder and of those below it may import.
// What it does not name is forbidden; the standard library is free but for pure folders.
type rule struct {
	dir     string
	layer   layer
	alone   bool     // holds for the folder only: each folder below needs a rule of its own
	ours    []string // folders of this module; "domain/..." is domain and everything below it
	inTests []string // the same for _test.go files, beyond ours
	libs    []string // other people's modules ("any": every one); _test.go files may use any
	pure    bool     // no I/O, no context, no randomness
	clock   bool     // may ask what time it is
	support bool     // helps tests: nothing but tests imports it
	written bool     // by a generator: init and missing comments are its own business
}

var (
	values   = []string{"domain/..."}
	contract = []string{"domain/...", "ports"}
	driving  = []string{"domain/...", "ports", "app"}

	decimalOnly = []string{"github.com/shopspring/decimal"}
	anyLibrary  = []string{"any"}

	// An adapter is tested against a real database, the simulated providers, and its port's conformance suite.
	realThings = []string{"adapters/localpg/pgtest", "adapters/valkey/valkeytest", "adapters/demosite", "ports/porttest", "adapters/postgres"}
	// A decision is tested with the real parts around it, not with stand-ins for them.
	realParts = append([]string{"adapters/export", "adapters/fetch", "adapters/providers", "adapters/scrape", "adapters/memory", "adapters/valkey"}, realThings...)
)

// allowed is the table of who may import whom. A folder's own subfolders are always
// open to it, but for those that only help tests.
var allowed = []rule{
	{dir: "", alone: true, layer: top, ours: []string{"..."}, libs: anyLibrary, clock: true},
	{dir: "e2e", layer: top, ours: []string{"domain/...", "gen/oas", "adapters/demosite"}, inTests: realThings, libs: anyLibrary, clock: true},

	{dir: "domain", alone: true, layer: domain, libs: decimalOnly, pure: true},
	{dir: "domain/match", layer: rules, ours: []string{"domain"}, libs: []string{"github.com/shopspring/decimal", "github.com/hbollon/go-edlib"}, pure: true},
	{dir: "domain/classify", layer: rules, ours: []string{"domain"}, libs: decimalOnly, pure: true},
	{dir: "domain/guard", layer: rules, ours: []string{"domain"}, libs: decimalOnly, pure: true},
	{dir: "domain/ledger", layer: rules, ours: []string{"domain"}, libs: decimalOnly, pure: true},
	{dir: "domain/cost", layer: rules, ours: []string{"domain"}, libs: decimalOnly, pure: true},
	{dir: "domain/table", layer: rules, pure: true},
	{dir: "domain/trend", layer: rules, ours: []string{"domain"}, libs: decimalOnly, pure: true},
	{dir: "domain/usage", layer: rules, ours: []string{"domain"}, libs: decimalOnly, pure: true},

	{dir: "ports", alone: true, layer: ports, ours: values, libs: decimalOnly},
	{dir: "ports/porttest", layer: ports, ours: contract, libs: anyLibrary, clock: true, support: true},
	{dir: "app", layer: app, ours: contract, inTests: realParts, libs: decimalOnly},

	{dir: "adapters/api", layer: inbound, ours: append([]string{"gen/oas"}, driving...), inTests: realParts, libs: anyLibrary, clock: true},
	{dir: "adapters/web", layer: inbound, ours: driving, inTests: realParts, libs: anyLibrary, clock: true},
	{dir: "adapters/cli", layer: inbound, ours: append([]string{"gen/oas"}, driving...), inTests: realParts, libs: anyLibrary, clock: true},
	{dir: "adapters/jobs", layer: inbound, ours: driving, inTests: realParts, libs: anyLibrary, clock: true},

	{dir: "adapters/postgres", layer: outbound, ours: append([]string{"gen/db", "sql"}, contract...), inTests: realThings, libs: anyLibrary, clock: true},
	{dir: "adapters/cached", layer: outbound, ours: contract, inTests: append([]string{"adapters/memory", "adapters/valkey"}, realThings...), libs: anyLibrary, clock: true},
	{dir: "adapters/valkey", layer: outbound, ours: contract, inTests: realThings, libs: anyLibrary, clock: true},
	{dir: "adapters/valkey/valkeytest", layer: outbound, ours: contract, libs: anyLibrary, clock: true, support: true},
	{dir: "adapters/memory", layer: outbound, ours: contract, inTests: realThings, libs: anyLibrary, clock: true},
	{dir: "adapters/localpg", layer: outbound, ours: contract, inTests: realThings, libs: anyLibrary, clock: true},
	{dir: "adapters/localpg/pgtest", layer: outbound, ours: append([]string{"adapters/localpg", "adapters/postgres"}, contract...), libs: anyLibrary, clock: true, support: true},
	{dir: "adapters/fetch", layer: outbound, ours: contract, inTests: realThings, libs: anyLibrary, clock: true},
	{dir: "adapters/providers", layer: outbound, ours: contract, inTests: append([]string{"adapters/fetch"}, realThings...), libs: anyLibrary, clock: true},
	{dir: "adapters/scrape", layer: outbound, ours: contract, inTests: realThings, libs: anyLibrary, pure: true}, // bytes in, quotes out
	{dir: "adapters/alert", layer: outbound, ours: contract, inTests: realThings, libs: anyLibrary, clock: true},
	{dir: "adapters/webhook", layer: outbound, ours: contract, inTests: realThings, libs: anyLibrary, clock: true},
	{dir: "adapters/export", layer: outbound, ours: contract, libs: decimalOnly, pure: true}, // what is believed in, bytes out
	{dir: "adapters/demosite", layer: outbound, ours: contract, inTests: realThings, libs: anyLibrary, clock: true},

	{dir: "sql", layer: leaf, libs: anyLibrary},
	{dir: "gen/db", layer: leaf, libs: anyLibrary, clock: true, written: true},
	{dir: "gen/oas", layer: leaf, libs: anyLibrary, clock: true, written: true},
}

// impure are the standard library's ways to the outside, forbidden in pure folders
// with everything below them. The two below net that only parse are free.
var (
	impure    = []string{"context", "crypto/rand", "database", "io/fs", "io/ioutil", "log", "math/rand", "net", "os", "path/filepath", "plugin", "runtime", "syscall", "unsafe"}
	justParse = []string{"net/netip", "net/url"}
)

// Names of package time that ask the clock or wait for it, and those of package os that read the environment.
var (
	asksClock = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}
	readsEnv  = []string{"Environ", "Expand", "ExpandEnv", "Getenv", "LookupEnv"}
	readers   = []string{"config.go", "main.go"} // the files that may read it
	vagueName = []string{"common", "helper", "helpers", "manager", "managers", "service", "services", "util", "utils"}
)

func TestImportRules(t *testing.T) {
	for _, v := range violations(t, os.DirFS(".")) {
		t.Error(v)
	}
}

// TestImportsPointDownwards checks the table itself: a line in it that lets a lower
// layer import a higher one would turn the house upside down with every check green.
func TestImportsPointDownwards(t *testing.T) {
	for _, from := range allowed {
		for _, to := range allowed {
			if from.opens(to.dir, false) && to.layer > from.layer {
				t.Errorf("the table lets %s import %s, which stands above it", shown(from.dir), shown(to.dir))
			}
		}
	}
}

// A source is one parsed file of the tree under test.
type source struct {
	path   string
	dir    string // "" is the module's root
	isTest bool
	file   *ast.File
}

// violations walks the tree and returns one sentence for everything in it that breaks a rule, in order of path.
func violations(t *testing.T, tree fs.FS) []string {
	t.Helper()
	var found []string
	commented := map[string]bool{} // by folder, over all its files but the tests
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && skipped(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		src, err := parse(tree, name)
		if err != nil {
			return err
		}
		if !src.isTest {
			commented[src.dir] = commented[src.dir] || src.file.Doc != nil
		}
		found = append(found, src.check()...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, has := range commented {
		if r, ok := ruleFor(dir); !has && ok && !r.written {
			found = append(found, fmt.Sprintf("%s has no package comment: say in its doc.go what lives there and what may not", shown(dir)))
		}
	}
	slices.Sort(found)
	return found
}

// skipped are the folders that hold no code of this module: the go command passes over the same ones, and over nothing else here.
func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "build"
}

func parse(tree fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return source{}, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, fmt.Errorf("parsing %s: %w", name, err)
	}
	dir := path.Dir(name)
	if dir == "." {
		dir = ""
	}
	return source{path: name, dir: dir, isTest: strings.HasSuffix(name, "_test.go"), file: file}, nil
}

// ruleFor is the rule with the longest folder that dir is or lies below.
func ruleFor(dir string) (rule, bool) {
	best, ok := rule{}, false
	for _, r := range allowed {
		holds := dir == r.dir || !r.alone && strings.HasPrefix(dir, r.dir+"/")
		if holds && (!ok || len(r.dir) > len(best.dir)) {
			best, ok = r, true
		}
	}
	return best, ok
}

func (s source) check() []string {
	r, ok := ruleFor(s.dir)
	if !ok {
		return []string{fmt.Sprintf("%s: no import rule for folder %s: add it to the table in arch_test.go", s.path, s.dir)}
	}
	var found []string
	complain := func(format string, args ...any) {
		found = append(found, s.path+": "+fmt.Sprintf(format, args...))
	}
	names := map[string]string{} // local name → import path
	for _, spec := range s.file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			complain("unreadable import %s", spec.Path.Value)
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
		if why := s.forbids(r, imported); why != "" {
			complain("may not import %s: %s", imported, why)
		}
		if name == "." && (imported == "time" || imported == "os") {
			complain("imports %s into its own names, which hides who asks the clock or the environment", imported)
		}
	}
	if slices.Contains(vagueName, strings.TrimSuffix(s.file.Name.Name, "_test")) || slices.Contains(vagueName, path.Base(s.dir)) {
		complain("package %s in folder %s says nothing about what is in it: name the thing", s.file.Name.Name, s.dir)
	}
	for _, decl := range s.file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" && !r.written {
			complain("func init runs before anybody asked: build it in wire.go, or make it a literal")
		}
	}
	if s.isTest {
		return found
	}
	mayReadEnv := s.dir == "" && slices.Contains(readers, s.path) || r.support
	for pkg, name := range qualified(s.file) {
		switch imported := names[pkg]; {
		case imported == "time" && slices.Contains(asksClock, name) && !r.clock:
			complain("time.%s: %s is told the time, it does not ask for it", name, shown(r.dir))
		case imported == "os" && slices.Contains(readsEnv, name) && !mayReadEnv:
			complain("os.%s: only %s read the environment", name, strings.Join(readers, " and "))
		}
	}
	return found
}

// forbids says why a file under rule r may not import a package, or "" when it may.
func (s source) forbids(r rule, imported string) string {
	inside, isOurs := strings.CutPrefix(imported, modulePath+"/")
	switch {
	case imported == modulePath:
		return "nothing imports the program itself"
	case isOurs:
		return s.forbidsOurs(r, inside)
	case strings.Contains(strings.Split(imported, "/")[0], "."):
		if s.isTest || slices.Contains(r.libs, "any") || slices.ContainsFunc(r.libs, func(lib string) bool { return within(imported, lib) }) {
			return ""
		}
		return fmt.Sprintf("of other people's modules, %s may use %s", shown(r.dir), cmp.Or(strings.Join(r.libs, ", "), "none"))
	case s.isTest || !r.pure || slices.Contains(justParse, imported):
		return ""
	case slices.ContainsFunc(impure, func(out string) bool { return within(imported, out) }):
		return fmt.Sprintf("%s is pure: no I/O, no context, no randomness", shown(r.dir))
	}
	return ""
}

func (s source) forbidsOurs(r rule, dir string) string {
	to, ok := ruleFor(dir)
	switch {
	case !ok:
		return "no rule knows that folder"
	case dir == s.dir: // the outside half of a package's tests
		return ""
	case to.support && !s.isTest && !r.support:
		return "it helps tests, and nothing else"
	case r.opens(dir, s.isTest):
		return ""
	}
	may := r.ours
	if s.isTest {
		may = append(slices.Clone(may), r.inTests...)
	}
	return fmt.Sprintf("%s may import %s", shown(r.dir), cmp.Or(strings.Join(may, ", "), "nothing of this module"))
}

// opens reports whether the rule lets its files, or its tests, import a folder of this module.
func (r rule) opens(dir string, isTest bool) bool {
	may := slices.Clone(r.ours)
	if !r.alone {
		may = append(may, r.dir+"/...")
	}
	if isTest {
		may = append(may, r.inTests...)
	}
	return slices.ContainsFunc(may, func(pattern string) bool {
		tree, isTree := strings.CutSuffix(pattern, "...")
		if !isTree {
			return dir == pattern
		}
		return tree == "" || within(dir, strings.TrimSuffix(tree, "/"))
	})
}

// qualified yields both halves of every use of the form pkg.Name in a file.
func qualified(file *ast.File) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for n := range ast.Preorder(file) {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && !yield(pkg.Name, sel.Sel.Name) {
				return
			}
		}
	}
}

// within reports whether a slash-separated path is dir or lies below it.
func within(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }

func shown(dir string) string { return cmp.Or(dir, "the program") }

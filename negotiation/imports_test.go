package negotiation

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the architecture: which packages of this module each package uses.
var mayImport = map[string][]string{
	"negotiation/bracket": nil,
	"negotiation/redline": nil,
	"negotiation":         {"concord/negotiation/redline"},
	"drafts":              {"concord/negotiation"},
	"federation":          {"concord/negotiation"},
	"api":                 {"concord/negotiation", "concord/negotiation/redline"},
	"cmd/concord":         {"concord/api", "concord/drafts", "concord/federation", "concord/negotiation", "concord/negotiation/redline"},
}

// mayUse keeps each module to the packages that need it.
var mayUse = map[string][]string{
	"github.com/sergi/go-diff":      {"negotiation/redline"},
	"github.com/clipperhouse/uax29": {"negotiation/redline"},
	"golang.org/x/text":             {"negotiation"},
	"github.com/pelletier/go-toml":  {"negotiation", "cmd/concord"},
	"github.com/go-git/go-git":      {"drafts"},
	"github.com/nats-io":            {"federation"},
	"github.com/labstack/echo":      {"api"},
	"github.com/yuin/goldmark":      {"negotiation/redline"},
	"golang.org/x/crypto":           {"cmd/concord"},
}

// pure are the packages of the domain, and what of the standard library they must
// not touch: the world, its clock and its chance.
var pure = []string{"negotiation", "negotiation/bracket", "negotiation/redline"}

var impure = []string{"net", "net/http", "os", "os/exec", "io/fs", "path/filepath", "math/rand", "math/rand/v2", "crypto/rand", "context", "log", "log/slog"}

func TestImports(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		dir, err := filepath.Rel("..", filepath.Dir(path))
		if err != nil {
			return err
		}
		dir = filepath.ToSlash(dir)
		allowed, known := mayImport[dir]
		if !known {
			t.Errorf("%s: there is no package %s in the architecture", path, dir)
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			checkImport(t, path, dir, name, allowed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNoGoroutines: the pure packages start none, nor do their tests, so that the race
// detector has nothing to find there. Users of theirs run under it.
func TestNoGoroutines(t *testing.T) {
	for _, dir := range pure {
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no files (%v)", dir, err)
		}
		for _, path := range files {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				_, starts := n.(*ast.GoStmt)
				if call, ok := n.(*ast.SelectorExpr); ok {
					starts = call.Sel.Name == "Go" || call.Sel.Name == "Parallel"
				}
				if starts {
					t.Errorf("%s starts a goroutine", path)
				}
				return true
			})
		}
	}
}

func checkImport(t *testing.T, path, dir, name string, allowed []string) {
	t.Helper()
	host, _, _ := strings.Cut(name, "/")
	switch {
	case strings.HasPrefix(name, "concord/"):
		if !slices.Contains(allowed, name) {
			t.Errorf("%s imports %s: adapters do not know one another, and the domain knows none", path, name)
		}
	case strings.Contains(host, "."):
		for module, users := range mayUse {
			if strings.HasPrefix(name, module) {
				if !slices.Contains(users, dir) {
					t.Errorf("%s imports %s, which belongs to %v", path, name, users)
				}
				return
			}
		}
		t.Errorf("%s imports %s, which no package may", path, name)
	case slices.Contains(pure, dir) && slices.Contains(impure, name):
		t.Errorf("%s imports %s: the domain is pure", path, name)
	}
}

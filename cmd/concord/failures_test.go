package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every row of docs/failures.md names tests, and there are such tests.
func TestFailuresAreTested(t *testing.T) {
	root := filepath.Join("..", "..")
	raw, err := os.ReadFile(filepath.Join(root, "docs", "failures.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("^`([a-z/]+)` (Test[A-Za-z0-9]+)(?:/([a-z_]+))?$")
	tests := map[string]map[string]bool{}
	rows := 0
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, "| **") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for name := range strings.SplitSeq(cells[len(cells)-1], ";") {
			m := named.FindStringSubmatch(strings.TrimSpace(name))
			if len(cells) != 4 || m == nil {
				t.Errorf("%q does not name a test in a fourth cell: %s", name, cells[0])
				continue
			}
			dir, test, script := filepath.Join(root, m[1]), m[2], m[3]
			if tests[dir] == nil {
				tests[dir] = testsIn(t, dir)
			}
			if !tests[dir][test] {
				t.Errorf("there is no %s in %s: %s", test, m[1], cells[0])
			}
			if script == "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, "testdata", "script", script+".txtar")); err != nil {
				t.Errorf("there is no script %s in %s: %s", script, m[1], cells[0])
			}
		}
	}
	if rows < 8 {
		t.Errorf("%d rows are not the table", rows)
	}
}

// testsIn returns the names of the test functions of a package.
func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

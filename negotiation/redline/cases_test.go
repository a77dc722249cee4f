package redline

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the wanted results in testdata")

// A file of a txtar archive.
type file struct{ name, data string }

// eachCase runs every archive in a folder of testdata. got returns what the
// file "want" of the archive should be.
func eachCase(t *testing.T, folder string, got func(*testing.T, []file) string) {
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in %s: %v", folder, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			head, want, _ := strings.Cut(string(data), "-- want --\n")
			result := got(t, archive(head))
			if result == want {
				return
			}
			if !*update {
				t.Fatalf("got:\n%s\nwant:\n%s", result, want)
			}
			if err := os.WriteFile(path, []byte(head+"-- want --\n"+result), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func archive(text string) []file {
	var files []file
	for _, f := range txtar.Parse([]byte(text)).Files {
		files = append(files, file{f.Name, string(f.Data)})
	}
	return files
}

// paragraphs returns the lines of a file.
func (f file) paragraphs() []string {
	if f.data == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(f.data, "\n"), "\n")
}

// parties returns who proposes a file: its name up to a slash, split at "+".
func (f file) parties() []string {
	names, _, _ := strings.Cut(f.name, "/")
	return strings.Split(names, "+")
}

func editsTo(t rapid.TB, base, text []string) Edits {
	t.Helper()
	e, err := Compare(base, text).Edits(base)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCompareCases(t *testing.T) {
	eachCase(t, "compare", func(t *testing.T, files []file) string {
		old, new := files[0].paragraphs(), files[1].paragraphs()
		r := Compare(old, new)
		checkRedline(t, r, old, new)
		return string(Format(r))
	})
}

// An archive holds redlines by the name of the reason why each is refused.
func TestParseCases(t *testing.T) {
	eachCase(t, "parse", func(t *testing.T, files []file) string {
		var b strings.Builder
		for _, f := range files {
			_, err := Parse([]byte(strings.ReplaceAll(f.data, "<LF>\n", "")))
			if err == nil {
				t.Errorf("%s: accepted", f.name)
				continue
			}
			b.WriteString(f.name + ": " + err.Error() + "\n")
		}
		return b.String()
	})
}

func TestRollingCases(t *testing.T) {
	eachCase(t, "rolling", func(t *testing.T, files []file) string {
		base := files[0].paragraphs()
		var proposals []Proposal
		for _, f := range files[1:] {
			proposals = append(proposals, Proposal{f.name, f.parties(), editsTo(t, base, f.paragraphs())})
		}
		d := Rolling(base, proposals)
		checkTaking(t, d, base, proposals)
		return strings.Join(d.Markdown(), "\n") + "\n"
	})
}

func TestCarryCases(t *testing.T) {
	eachCase(t, "carry", func(t *testing.T, files []file) string {
		base, revised := files[0].paragraphs(), files[1].paragraphs()
		var b strings.Builder
		for _, f := range files[2:] {
			c := rebase(t, base, f.paragraphs(), revised)
			b.WriteString("== " + f.name + " " + c.Outcome.String() + "\n")
			for _, change := range c.Changes {
				fmt.Fprintf(&b, "%s, paragraph %d: [-%s-]{+%s+}\n", change.Outcome, change.Paragraph+1, change.Before, change.After)
			}
			if c.Outcome == Applies || c.Outcome == InPart {
				b.WriteString(strings.Join(c.Edits.Apply(revised), "\n") + "\n")
			}
		}
		return b.String()
	})
}

package negotiation

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"concord/negotiation/redline"
)

// Each file in testdata/clash has a text, what some states propose instead, and
// what they clash on: the paragraph, the matter, and the sides.
func TestClashes(t *testing.T) {
	files, err := filepath.Glob("testdata/clash/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			script, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			last := len(script.Files) - 1
			paragraphs := func(f txtar.File) []string { return strings.Split(strings.TrimSpace(string(f.Data)), "\n") }
			base := paragraphs(script.Files[0])
			var proposals []redline.Proposal
			for _, f := range script.Files[1:last] {
				edits, err := redline.Compare(base, paragraphs(f)).Edits(base)
				if err != nil {
					t.Fatal(err)
				}
				proposals = append(proposals, redline.Proposal{ID: f.Name, Parties: []string{f.Name}, Edits: edits})
			}
			var got bytes.Buffer
			for _, c := range Clashes(redline.Rolling(base, proposals), proposals) {
				sides := make([]string, len(c.Sides))
				for i, side := range c.Sides {
					sides[i] = strings.Join(side, ", ")
				}
				fmt.Fprintf(&got, "%d %s: %s\n", c.Paragraph+1, c.Over, strings.Join(sides, " | "))
			}
			if want := script.Files[last].Data; *update {
				script.Files[last].Data = got.Bytes()
				if err := os.WriteFile(file, txtar.Format(script), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%swant\n%s", got.Bytes(), want)
			}
		})
	}
}

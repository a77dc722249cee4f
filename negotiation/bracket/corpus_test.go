package bracket

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// drafts are four drafts of the Paris Agreement: 1052, 1055, 222 and 6 opening
// brackets, of which these are places, and those something else. A reference
// has two brackets. The drafts forget to open or to close some, which the
// strays show: the first three have 1, 3 and 1 closing brackets too many.
var drafts = []struct {
	name     string
	tally    Tally
	brackets map[Kind]int // opening ones
}{
	{
		"23-oct-2015.md",
		Tally{Places: 800, Outer: 480, Choices: 62, Brackets: 1012, Depth: 4, Strays: 27},
		map[Kind]int{Disputed: 1012, Unmatched: 13, Footnote: 24, Link: 2, Definition: 1},
	},
	{
		"4-dec-2015.md",
		Tally{Places: 784, Outer: 456, Choices: 44, Brackets: 1005, Depth: 4, Strays: 23},
		map[Kind]int{Disputed: 1005, Unmatched: 10, Footnote: 29, OptionLabel: 2, Link: 6, Definition: 3},
	},
	{
		"9-dec-2015.md",
		Tally{Places: 176, Outer: 121, Choices: 11, Brackets: 215, Depth: 3, Strays: 5},
		map[Kind]int{Disputed: 215, Unmatched: 2, Link: 2, Definition: 3},
	},
	{
		"12-dec-2015.md",
		Tally{},
		map[Kind]int{Link: 4, Definition: 2},
	},
}

func readDraft(t testing.TB, name string) string {
	data, err := os.ReadFile("../../../shared/corpus/bracketed/paris-2015/" + name)
	if os.IsNotExist(err) {
		t.Skip("no corpus")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestCorpus(t *testing.T) {
	for _, draft := range drafts {
		t.Run(draft.name, func(t *testing.T) {
			text := readDraft(t, draft.name)
			d := Parse(text)
			checkDocument(t, d, text)
			if got := d.Tally(); got != draft.tally {
				t.Errorf("counts %+v, want %+v", got, draft.tally)
			}
			brackets := map[Kind]int{}
			Walk(d.Nodes, func(n Node, _ int) bool {
				switch n.Kind {
				case Disputed:
					brackets[Disputed] += n.Place.Brackets()
				case Link:
					brackets[Link]++
				}
				if opening := strings.Count(n.Text, "["); opening > 0 {
					brackets[n.Kind] += opening
				}
				return true
			})
			if !maps.Equal(brackets, draft.brackets) {
				t.Errorf("opening brackets %v, want %v", brackets, draft.brackets)
			}
		})
	}
}

// Where in the drafts a bracket runs on into other paragraphs, a reader agrees
// that it does: it holds a list, or paragraphs that follow one another.
func TestCorpusRunsOn(t *testing.T) {
	want := map[string][]int{ // the lines on which the brackets open
		"23-oct-2015.md": {161, 182, 201, 283, 333, 456, 556, 573, 622, 761, 857, 946},
		"4-dec-2015.md":  {107, 205, 256, 365, 398, 405, 490, 517},
		"9-dec-2015.md":  {88, 169, 203, 218, 278, 353},
	}
	for name, lines := range want {
		text := readDraft(t, name)
		d := Parse(text)
		var got []int
		for p := range d.Places() {
			if p.End > d.Paragraphs[p.Paragraph].End {
				got = append(got, 1+strings.Count(text[:p.Offset], "\n"))
			}
		}
		if !slices.Equal(got, lines) {
			t.Errorf("%s: brackets run on from lines %v, want %v", name, got, lines)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := readDraft(b, "23-oct-2015.md")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Parse(text)
	}
}

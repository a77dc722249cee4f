package negotiation

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustText(t testing.TB, paragraphs ...string) Text {
	t.Helper()
	text, err := TextOf(paragraphs)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestLabels(t *testing.T) {
	text := mustText(t, "# T", "## Preamble", "*Recalling* a,", "- first", "   - deeper", "*Noting* b,",
		"## Action", "1. Decide:", "   1. c;", "   - d:", "      - e;", "      1. f:", "         - g", "- h", "1. Urge.", "Done in Astana.", "- i")
	want := []string{"Title", "H1", "PP1", "PP1(a)", "PP1(a)(i)", "PP2",
		"H2", "OP1", "OP1(a)", "OP1(b)", "OP1(b)(i)", "OP1(b)(ii)", "OP1(b)(ii)(A)", "OP1(c)", "OP2", "CP1", "CP1(a)"}
	if got := Labels(text); !slices.Equal(got, want) {
		t.Errorf("labels %q\nwant   %q", got, want)
	}
	many := mustText(t, append([]string{"# T", "1. a"}, slices.Repeat([]string{"   - b"}, 28)...)...)
	if got := Labels(many); got[28] != "OP1(aa)" || got[29] != "OP1(ab)" {
		t.Errorf("after OP1(z) come %q", got[28:])
	}
}

func TestRelabel(t *testing.T) {
	base := []string{"# T", "*Recalling* a,", "*Noting* b,", "1. One:", "   1. x;", "   1. y.", "1. Two."}
	for name, c := range map[string]struct {
		text    []string
		lineage []int
		want    string
	}{
		"nothing changed": {base, []int{0, 1, 2, 3, 4, 5, 6}, "Title PP1 PP2 OP1 OP1(a) OP1(b) OP2"},
		"inserted after": {
			[]string{"# T", "a", "n1", "n2", "b", "1. One:", "   1. x;", "   1. n3;", "   1. y.", "1. n4", "1. n5", "1. Two.", "1. n6"},
			[]int{0, 1, -1, -1, 2, 3, 4, -1, 5, -1, -1, 6, -1},
			"Title|PP1|PP1 bis|PP1 ter|PP2|OP1|OP1(a)|OP1(a bis)|OP1(b)|OP1 bis|OP1 ter|OP2|OP2 bis",
		},
		"inserted before the first": {
			[]string{"# T", "n1", "n2", "a", "b", "1. n3", "   - n4", "1. One:", "   1. n5", "   1. x;", "   1. y.", "1. Two."},
			[]int{0, -1, -1, 1, 2, -1, -1, 3, -1, 4, 5, 6},
			"Title|PP1 pre|PP1 pre bis|PP1|PP2|OP1 pre|OP1 pre(a)|OP1|OP1(a pre)|OP1(a)|OP1(b)|OP2",
		},
		"deleted and replaced": {
			[]string{"# New", "b", "1. n1", "   - n2", "1. Two."},
			[]int{-1, 2, -1, -1, 6},
			"Title|PP2|OP2 pre|OP2 pre(a)|OP2",
		},
		"moved":               {[]string{"# T", "b", "a", "1. Two.", "   1. y", "1. One:"}, []int{0, 2, 1, 6, 5, 3}, "Title PP2 PP1 OP2 OP1(b) OP1"},
		"split":               {[]string{"# T", "a", "a'", "b"}, []int{0, 1, 1, 2}, "Title|PP1|PP1 bis|PP2"},
		"made operative":      {[]string{"# T", "b", "1. a", "1. One:", "1. n1"}, []int{0, 2, 1, 3, -1}, "Title|PP2|OP1 pre|OP1|OP1 bis"},
		"nothing kept":        {[]string{"# T", "n1", "1. n2", "   - n3", "n4"}, []int{0, -1, -1, -1, -1}, "Title PP3 OP3 OP3(a) CP1"},
		"a lineage too short": {[]string{"# T", "a", "n1"}, []int{0, 1}, "Title|PP1|PP1 bis"},
		"a lineage of nobody": {[]string{"# T", "a", "n1"}, []int{0, 1, 99}, "Title|PP1|PP1 bis"},
	} {
		old := mustText(t, base...)
		separator := "|"
		if !strings.Contains(c.want, separator) {
			separator = " "
		}
		if got := Relabel(Labels(old), old, mustText(t, c.text...), c.lineage); !slices.Equal(got, strings.Split(c.want, separator)) {
			t.Errorf("%s: labels %q, want %s", name, got, c.want)
		}
	}
}

func TestRelabelAfterRelabel(t *testing.T) {
	text := mustText(t, "# T", "1. a")
	labels := Labels(text)
	for range 12 { // each round inserts one directly after OP1
		paragraphs := slices.Insert(text.Paragraphs(), 2, "1. n")
		lineage := []int{0, 1, -1}
		for i := 2; i < text.Len(); i++ {
			lineage = append(lineage, i)
		}
		next := mustText(t, paragraphs...)
		labels, text = Relabel(labels, text, next, lineage), next
	}
	want := "OP1 13|OP1 12|OP1 11|OP1 decies|OP1 novies|OP1 octies|OP1 septies|OP1 sexies|OP1 quinquies|OP1 quater|OP1 ter|OP1 bis"
	if got := strings.Join(labels[2:], "|"); got != want {
		t.Errorf("labels %s\nwant   %s", got, want)
	}
}

// TestLabelsAreUnique follows random texts through random revisions.
func TestLabelsAreUnique(t *testing.T) {
	lines := []string{"## h", "p", "1. o", "- i", "   - i", "   1. i", "      - i", "         - i"}
	rapid.Check(t, func(r *rapid.T) {
		draw := func() Text {
			paragraphs := []string{"# T"}
			for range rapid.IntRange(0, 14).Draw(r, "paragraphs") {
				next := append(slices.Clone(paragraphs), rapid.SampledFrom(lines).Draw(r, "line"))
				if _, err := TextOf(next); err == nil {
					paragraphs = next
				}
			}
			text, err := TextOf(paragraphs)
			if err != nil {
				r.Fatal(err)
			}
			return text
		}
		text := draw()
		labels := Labels(text)
		distinct(r, labels)
		for range 4 {
			next := draw()
			lineage := make([]int, next.Len())
			for j := range lineage {
				lineage[j] = rapid.IntRange(-2, text.Len()).Draw(r, "lineage")
			}
			relabelled := Relabel(labels, text, next, lineage)
			distinct(r, relabelled)
			continued := map[int]bool{}
			for j, label := range relabelled {
				i := slices.Index(labels, label)
				switch {
				case i < 0 || label == "Title":
				case i != lineage[j]:
					r.Fatalf("%q was paragraph %d, and is given to one that continues %d", label, i, lineage[j])
				default:
					continued[i] = true
				}
			}
			for j, i := range lineage {
				if i > 0 && i < text.Len() && next.Kind(j) == text.Kind(i) && !continued[i] {
					r.Fatalf("nothing keeps the label %q", labels[i])
				}
			}
			text, labels = next, relabelled
		}
	})
}

func distinct(r *rapid.T, labels []string) {
	sorted := slices.Sorted(slices.Values(labels))
	if len(slices.Compact(slices.Clone(sorted))) != len(labels) || slices.Contains(labels, "") {
		r.Fatalf("labels are not distinct: %q", labels)
	}
}

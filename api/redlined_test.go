package api

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"concord/negotiation/redline"
)

// tags are those of HTML, with what is only for screen readers.
var tags = regexp.MustCompile(`<span class="vh">[^<]*</span>|<[^>]*>`)

func TestTouches(t *testing.T) {
	base := []string{"# T", "a b c", "d e f", "g h i", "j k l", "m n o"}
	labels := []string{"Title", "PP1", "PP2", "PP3", "PP4", "PP5"}
	for want, amended := range map[string][]string{
		"PP4 and 2 new paragraphs":      {"# T", "a b c", "d e f", "g h i", "j k x", "new one", "another", "m n o"},
		"a new paragraph":               {"# T", "a b c", "d e f", "g h i", "j k l", "quite new words", "m n o"},
		"PP1, PP2 and PP3":              {"# T", "a b x", "d e x", "g h x", "j k l", "m n o"},
		"PP1, PP2, PP3, PP4 and 1 more": {"# T", "a b x", "d e x", "g h x", "j k x", "m n x"},
	} {
		if got := touches(labels, redline.Compare(base, amended)); got != want {
			t.Errorf("it is said to touch %q, want %q", got, want)
		}
	}
}

// Markers are never seen: of a split, a join or a change of kind it is said in words
// what becomes of the paragraph.
func TestRedlinedWithoutMarkers(t *testing.T) {
	const text = "# T\n\n1. States meet once a year. They report.\n\n1. They take stock of it.\n\n   - in writing;\n\n   - in person.\n\nDone at the seat of the chair.\n"
	base := textOf(t, text)
	labels := []string{"Title", "OP1", "OP2", "OP2(a)", "OP2(b)", "CP1"}
	s := &site{html: redline.NewHTML()}
	for _, c := range []struct{ name, old, new, words, note string }{
		{"a numbered split", "year. They", "year.\n\n1. They", "States meet once a year. ¶ They report.", ""},
		{"a numbered join", "report.\n\n1. They", "report. They", "States meet once a year. They report. ¶ They take stock of it.", ""},
		{"a join in other words", "report.\n\n1. They", "report, and they", "States meet once a year. They report., and ¶ Theythey take stock of it.", ""},
		{"a split into a subparagraph", "year. They", "year.\n\n   - They", "States meet once a year. ¶ They report.", "The paragraph that is split off is a subparagraph"},
		{"a subparagraph joined", "of it.\n\n   - in", "of it in", "They take stock of it. ¶ in writing;", "The paragraph that is joined was a subparagraph"},
		{"no number", "1. They take", "They take", "They take stock of it.", "Was a numbered paragraph"},
		{"a heading", "Done", "## Done", "Done at the seat of the chair.", "Was a plain paragraph"},
		{"a heading and other words", "Done", "## Agreed", "DoneAgreed at the seat of the chair.", "Was a plain paragraph"},
		{"a new subparagraph", "   - in person", "   - in the capitals of all States;\n\n   - in person", "in the capitals of all States;", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			amended := strings.Replace(text, c.old, c.new, 1)
			if c.name == "no number" {
				amended = strings.Replace(amended, "\n\n   - in writing;\n\n   - in person.", "", 1)
			}
			shown, err := s.redlined(base, labels, redline.Compare(base.Paragraphs(), textOf(t, amended).Paragraphs()), false)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(shown, func(r redlined) bool { return r.Unchanged == 0 })
			words := strings.Join(strings.Fields(tags.ReplaceAllString(string(shown[i].Words), "")), " ")
			if words != c.words || strings.Join(shown[i].Notes, "; ") != c.note {
				t.Errorf("it is shown as %q (%s), want %q (%s)", words, shown[i].Notes, c.words, c.note)
			}
		})
	}
}

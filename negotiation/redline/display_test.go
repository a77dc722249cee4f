package redline

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A file prints as it stands but for the words in dispute: neither how its lines
// are wrapped nor where it ends is one.
func TestMarkdownOfFiles(t *testing.T) {
	const base = "1. States meet once a year. They take\n   stock.\n\n2. The chair keeps a register.\n\n- hospitals;\n- schools in the mountains.\n"
	for _, c := range []struct{ name, old, new, want string }{
		{"split", "year. They", "year.\n\n3. They", "year. [¶ – XCA] They take\n   stock.\n\n2."},
		{"split at the end of a line", "They take\n   stock", "They take\n\nstock", "They take [¶ – XCA] stock.\n\n2."},
		{"split into another kind", "year. They", "year.\n\n- They", "year. [¶ - – XCA] They take\n   stock.\n\n2."},
		{"joined", "stock.\n\n2. The", "stock. The", "stock. [¶][no ¶ – XCA]\n\n2. The chair keeps"},
		{"joined in other words", "stock.\n\n2. The", "stock, and the", "stock[. ¶][, and – XCA]\n\n2. [The][the – XCA] chair keeps"},
		{"items joined", "hospitals;\n- schools", "hospitals; schools", "- hospitals; [¶][no ¶ – XCA]\n- schools in the mountains.\n"},
		{"the last one deleted", "\n- schools in the mountains.\n", "\n", "- hospitals;\n- [schools in the mountains.][no text – XCA]\n"},
		{"no line end", "mountains.\n", "mountains.", base},
		{"more line ends", "mountains.\n", "mountains.\n\n\n", base},
		{"a word at the end", "mountains.\n", "desert.\n", "- schools in the [mountains][desert – XCA].\n"},
		{"a mark at the end", "mountains.\n", "mountains", "- schools in the mountains[.][no text – XCA]\n"},
		{"more words at the end", "mountains.\n", "mountains.\n  And more.\n", "mountains.\n  [And more. – XCA]\n"},
		{"wrapped anew", "They take\n   stock", "They\ntake stock", base},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := Cut(base)
			amended := Cut(strings.Replace(base, c.old, c.new, 1))
			d := Rolling(text, []Proposal{{"1", []string{"XCA"}, editsTo(t, text, amended)}})
			if got := strings.Join(d.Markdown(), ""); !strings.Contains(got, c.want) {
				t.Errorf("it prints as\n%s\nwithout\n%s", got, c.want)
			}
		})
	}
}

// Whatever is proposed for a file, no wording has white space at its edges that
// another does not share, and what nobody disputes stands as it is.
func TestMarkdownKeepsWhatIsNotInDispute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := Cut(genFile(t))
		var proposals []Proposal
		for _, id := range []string{"1", "2"} {
			text := Cut(genOther(t, strings.Join(base, "")))
			proposals = append(proposals, Proposal{id, []string{"X" + id}, editsTo(t, base, text)})
		}
		d := Rolling(base, proposals)
		shown := d.displays()
		for i, line := range d.Markdown() {
			p := d.Paragraphs[i]
			if p.Base == none {
				continue
			}
			var b strings.Builder
			for _, s := range shown[i].segments {
				b.WriteString(s.base())
			}
			if got, want := strings.Fields(strings.ReplaceAll(b.String(), Break, "")), strings.Fields(base[p.Base]); strings.Join(got, "") != strings.Join(want, "") {
				t.Fatalf("paragraph %q is shown as %q", base[p.Base], b.String())
			}
			if p.Fate == nil && !strings.Contains(line, " – X") && line != base[p.Base] {
				t.Fatalf("paragraph %q, in which nothing is in dispute, is printed as %q", base[p.Base], line)
			}
		}
	})
}

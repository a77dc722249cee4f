package bracket

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces are what texts are drawn from that nobody wrote.
var pieces = []string{
	"[", "]", "[", "]", "][", "]/[", "] [", "\n", "\n\n", "\n\n1. ", "\n   - ", "\n## ", "\n> ", "| ", "(https://un.org)", "(/a \"b\")", "(a)",
	"[r]", "\n\n[r]: /a\n\n", "[^1]", "[^1]:", "!", "\\", "`", "``", "\n```\n", "~~~", "- [x] ", "<http://a[>", "[0, 1)", "(0, 1]", "[sic]",
	"[…]", "“", "”", "\"", "[12]", "Option 1: ", "**Option 2:** ", "Option (a): ", "no text", "¶", "no ¶", " – IND", " – IND, JPN", "EU: ",
	" / ", "/", "shall", "States", " ", ". ", ": ", "*", "é", "合作", "\xff", "\r\n", "\t", "    ",
}

func drawText(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces"), "")
}

func TestPrintsWhatItParsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		checkDocument(t, Parse(text), text)
	})
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		checkDocument(t, Parse(text), text)
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range pieces {
		f.Add(s + "[a]" + s + "[b – IND]" + s + "]" + s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkDocument(t, Parse(text), text)
	})
}

// A paragraph whose brackets close counts the same alone and among others.
func TestParagraphsAreLocal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text string
		var want []string
		for range rapid.IntRange(1, 6).Draw(t, "paragraphs") {
			nodes := drawNodes(t, 0, true)
			alone := Document{Nodes: append(nodes, Node{Text: "\n\n"})}.String()
			text += alone
			want = append(want, fmt.Sprint(Parse(alone).Tally()))
		}
		var got []string
		for _, p := range Parse(text).Paragraphs {
			got = append(got, fmt.Sprint(p.Tally))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q: counts %v, alone %v", text, got, want)
		}
	})
}

func TestParsesWhatIsPrinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Document{Nodes: drawNodes(t, 0, false)}
		text := d.String()
		got := Parse(text)
		checkDocument(t, got, text)
		if got, want := outline(got.Nodes), outline(d.Nodes); got != want {
			t.Fatalf("%q: parsed as\n%s\nprinted of\n%s", text, got, want)
		}
		if len(got.Strays) > 0 || len(got.Choices) > 0 {
			t.Fatalf("%q: %v %v", text, got.Strays, got.Choices)
		}
	})
}

// outline describes a structure without offsets.
func outline(nodes []Node) string {
	var b strings.Builder
	for _, n := range nodes {
		fmt.Fprintf(&b, "%v%q{", n.Kind, n.Text)
		if n.Place != nil {
			for i, a := range n.Place.Alternatives {
				if i > 0 {
					fmt.Fprintf(&b, "%q", n.Place.Joints[i-1])
				}
				fmt.Fprintf(&b, "(%d %q %q %s %q %q)", a.Meaning, a.Label, a.Before, outline(a.Nodes), a.After, a.Parties)
			}
		}
		b.WriteString(outline(n.Nodes) + "}")
	}
	return b.String()
}

// drawNodes draws the nodes of a text, or of a bracket at the given depth, in
// the form in which [Parse] returns them. Within one paragraph, if so wanted.
func drawNodes(t *rapid.T, depth int, oneParagraph bool) []Node {
	nodes := []Node{drawWords(t, oneParagraph)}
	for range rapid.IntRange(0, 4-depth).Draw(t, "nodes") {
		nodes = append(nodes, drawNode(t, depth, oneParagraph), drawWords(t, oneParagraph))
	}
	return nodes
}

func drawWords(t *rapid.T, oneParagraph bool) Node {
	tokens := []string{"states", "shall", "été", "合作", ", and", "(of ", "of)", "\\[", "\\]"}
	if !oneParagraph {
		tokens = append(tokens, "as\n\nin", "as\n\n1. in", "as\nin")
	}
	words := rapid.SliceOfN(rapid.SampledFrom(tokens), 1, 4).Draw(t, "words")
	return Node{Text: " " + strings.Join(words, " ") + " x"}
}

func drawNode(t *rapid.T, depth int, oneParagraph bool) Node {
	leaves := []Node{
		{Kind: Footnote, Text: "[^1]"},
		{Kind: Code, Text: "`a[0`"},
		{Kind: Image, Text: "![a [b]](/c)"},
		{Kind: Link, Text: "](https://un.org)", Nodes: []Node{{Text: "the report"}}},
		{Kind: Editorial, Text: "[sic]"},
	}
	n := rapid.IntRange(0, len(leaves)+6).Draw(t, "kind")
	switch {
	case n < len(leaves):
		return leaves[n]
	case depth > 2:
		return leaves[0]
	}
	return Node{Kind: Disputed, Place: drawPlace(t, depth, oneParagraph)}
}

func drawPlace(t *rapid.T, depth int, oneParagraph bool) *Place {
	p := &Place{}
	words := func() Alternative { return Alternative{Nodes: drawNodes(t, depth+1, oneParagraph)} }
	by := func(a Alternative) Alternative {
		a.Parties = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"IND", "JPN", "EU", "XCA/4", "LDCs"}), 1, 3, rapid.ID).Draw(t, "parties")
		if rapid.IntRange(0, 5).Draw(t, "before") == 0 && !slices.Contains(a.Parties, "XCA/4") && a.Meaning == Wording {
			a.Before = strings.Join(a.Parties, ", ") + ": "
			a.Nodes[0].Text = strings.TrimSpace(a.Nodes[0].Text)
			return a
		}
		a.After = " – " + strings.Join(a.Parties, ", ")
		return a
	}
	special := func(m Meaning, s string) Alternative { return Alternative{Meaning: m, Nodes: []Node{{Text: s}}} }
	joint := rapid.SampledFrom([]string{"][", "][", "]/[", "] / ["}).Draw(t, "joint")
	more := rapid.IntRange(0, 3).Draw(t, "alternatives")
	switch rapid.IntRange(0, 5).Draw(t, "form") {
	case 0: // the base's wording first, then others'
		p.Alternatives = append(p.Alternatives, words())
		for range more {
			p.Alternatives = append(p.Alternatives, by(words()))
		}
		p.Alternatives = append(p.Alternatives, by(special(NoText, "no text")))
	case 1: // what others add
		for range more + 1 {
			p.Alternatives = append(p.Alternatives, by(words()))
		}
	case 2: // nobody's
		for range more + 1 {
			p.Alternatives = append(p.Alternatives, words())
		}
	case 3: // options
		joint = rapid.SampledFrom([]string{"][", "] [", "]/["}).Draw(t, "joint")
		for i := range more + 1 {
			a := words()
			a.Nodes[0].Text = strings.TrimSpace(a.Nodes[0].Text)
			number := fmt.Sprint(i + 1)
			a.Label = Label{"**Option " + number + ":** ", "Option", number}
			p.Alternatives = append(p.Alternatives, a)
		}
	case 4: // a change of paragraph
		joint = "]["
		p.Alternatives = append(p.Alternatives, special(Break, "¶"), by(special(NoBreak, "no ¶")))
	case 5: // the slash form
		joint = " / "
		for range more + 2 {
			a := words()
			a.Nodes[0].Text = strings.TrimLeft(a.Nodes[0].Text, " ")
			p.Alternatives = append(p.Alternatives, a)
		}
	}
	for range len(p.Alternatives) - 1 {
		p.Joints = append(p.Joints, joint)
	}
	return p
}

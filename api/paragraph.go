package api

import (
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A paragraph is one paragraph of a text as a page shows it.
type paragraph struct {
	ID     string // within the page
	Label  string // "new" where it has none yet
	Number int    // in the revision, counted from 1; 0 for a new one
	Kind   negotiation.BlockKind
	Depth  int
	Words  template.HTML
	Dir    string   // ltr or rtl, as its first letter runs; auto when it has none
	Notes  []string // what a reader should know about it

	Biography string // where its biography is; empty where it is not linked
}

// Class returns the style classes of the paragraph.
func (p paragraph) Class() string {
	class := "para " + p.Kind.String()
	if p.Kind == negotiation.Item && p.Depth > 1 {
		class += " depth-" + string(rune('0'+min(p.Depth, 9)))
	}
	return class
}

// IsHeading reports whether the paragraph is a title or heading.
func (p paragraph) IsHeading() bool {
	return p.Kind == negotiation.Title || p.Kind == negotiation.Heading
}

// marker is what tells the kind of a paragraph at the beginning of its line.
var marker = regexp.MustCompile(`^( *)(#{1,6} |1\. |- )`)

// kindOf reads the kind and depth of a canonical line, and how many bytes of it
// its marker has.
func kindOf(line string) (kind negotiation.BlockKind, depth, length int) {
	m := marker.FindStringSubmatch(line)
	switch {
	case m == nil:
		return negotiation.Plain, 0, 0
	case m[2] == "# ":
		return negotiation.Title, 1, len(m[0])
	case m[2][0] == '#':
		return negotiation.Heading, len(m[2]) - 1, len(m[0])
	case m[1] == "" && m[2] == "1. ":
		return negotiation.Operative, 1, len(m[0])
	}
	return negotiation.Item, 1 + len(m[1])/3, len(m[0])
}

// blockOf tells what a canonical line is, as people call it.
func blockOf(line string) redline.Block {
	kind, depth, length := kindOf(line)
	name := "a plain paragraph"
	switch kind {
	case negotiation.Title:
		name = "the title"
	case negotiation.Heading:
		name = "a heading"
		depth--
	case negotiation.Operative:
		name = "a numbered paragraph"
	case negotiation.Item:
		name = "a list item"
		switch numbered := strings.HasSuffix(line[:length], "1. "); {
		case numbered:
			name = "a numbered subparagraph"
			depth--
		case depth > 1:
			name = "a subparagraph"
			depth--
		}
	}
	if depth > 1 {
		name += fmt.Sprintf(" of level %d", depth)
	}
	return redline.Block{Name: name, Marker: length}
}

// paragraphID returns the identifier of a labelled paragraph within a page:
// "OP3 bis(a)" is "p-OP3-bis-a".
func paragraphID(label string) string {
	return "p-" + strings.Trim(notIdentifier.ReplaceAllString(label, "-"), "-")
}

var notIdentifier = regexp.MustCompile(`[^A-Za-z0-9]+`)

// paragraphs returns a revision as it stands.
func (s *site) paragraphs(r negotiation.Revision) []paragraph {
	list := make([]paragraph, r.Text.Len())
	for i := range list {
		words, dir := s.html.Words(redline.Piece{Text: r.Text.Body(i)})
		list[i] = paragraph{
			ID: paragraphID(r.Labels[i]), Label: r.Labels[i], Number: i + 1,
			Kind: r.Text.Kind(i), Depth: r.Text.Depth(i),
			Words: words, Dir: dir,
		}
	}
	return list
}

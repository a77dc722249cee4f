package bracket

import (
	"fmt"
	"strings"
)

// A Kind says what a [Node] is.
type Kind uint8

// The kinds of nodes. Only a Disputed one is open; the brackets of the others
// are no dispute.
const (
	Words       Kind = iota
	Disputed         // a [Place]: brackets in dispute
	OptionLabel      // the label of an option: "**Option 1:**"
	Link             // "[words](http://…)", or "[words][reference]" where the reference is defined
	Image            // "![words](address)"
	Footnote         // a footnote's mark, "[^1]", or the beginning of its text, "[^1]:"
	Definition       // of a reference: "[reference]: http://…"
	Checkbox         // of an item: "- [ ]", "- [x]"
	Code             // a code span or a fenced block
	Citation         // a number behind a word: "the report[12]"
	Editorial        // "[sic]"; "[…]" in a quotation
	Unmatched        // one or more brackets whose other is missing
)

// String returns the name of the kind in lower case.
func (k Kind) String() string {
	names := [...]string{"words", "disputed", "option label", "link", "image", "footnote", "definition", "checkbox", "code", "citation", "editorial", "unmatched"}
	if int(k) >= len(names) {
		return fmt.Sprintf("kind %d", int(k))
	}
	return names[k]
}

// A Node is a piece of a text.
type Node struct {
	Kind   Kind
	Offset int // of its first byte in the text

	// Text is the bytes of a node without parts. Words may hold brackets that
	// are none: escaped ones, and those of an interval such as [0, 1). The Text
	// of a Link is what stands behind its words: "](http://…)". That of a
	// Disputed node is empty.
	Text string

	Place *Place // of a Disputed node
	Nodes []Node // the words of a Link
}

// String returns the node as it stands in the text.
func (n Node) String() string {
	var b strings.Builder
	n.print(&b)
	return b.String()
}

func (n Node) print(b *strings.Builder) {
	switch {
	case n.Place != nil:
		n.Place.print(b)
	case n.Kind == Link:
		b.WriteString("[")
		printNodes(b, n.Nodes)
	}
	b.WriteString(n.Text)
}

func printNodes(b *strings.Builder, nodes []Node) {
	for _, n := range nodes {
		n.print(b)
	}
}

// Walk calls visit for each node and the nodes within it, in the order of the
// text, with the number of places and links around it. Where visit returns
// false, the nodes within are left out.
func Walk(nodes []Node, visit func(n Node, depth int) bool) { walk(nodes, 0, visit) }

func walk(nodes []Node, depth int, visit func(n Node, depth int) bool) {
	for _, n := range nodes {
		if !visit(n, depth) {
			continue
		}
		if n.Place != nil {
			for _, a := range n.Place.Alternatives {
				walk(a.Nodes, depth+1, visit)
			}
		}
		walk(n.Nodes, depth+1, visit)
	}
}

package bracket

import (
	"iter"
	"strings"
)

// A Document is a text in its parts.
type Document struct {
	Nodes      []Node      // the whole text
	Paragraphs []Paragraph // never empty; they cover the whole text
	Choices    []Choice    // options without brackets, in the order of the text
	Strays     []Stray     // brackets whose other is missing, in the order of the text
}

// A Paragraph is a block of lines, or one heading, list item, table row,
// definition or fenced block, with the blank lines behind it.
type Paragraph struct {
	Offset, End int // in bytes of the text; the end is the offset of the next
	Line        int // of its first word, from 1
	Tally       Tally
}

// Parse reads a text: one paragraph or a whole file. It takes any bytes, and
// time and space linear in their number. Parties are names that may stand in
// attributions besides those that look like names.
func Parse(text string, parties ...string) Document {
	known := names{}
	for _, p := range parties {
		known[p] = true
	}
	s := scan(text)
	s.limit()
	d := Document{Choices: s.choices()}
	d.Nodes = s.build(known)
	d.Paragraphs = make([]Paragraph, len(s.units))
	for i, u := range s.units {
		d.Paragraphs[i] = Paragraph{Offset: u.start, End: u.end, Line: u.line}
	}
	d.Strays = s.faults()
	d.place()
	d.count()
	return d
}

// String returns the text from which the document was parsed, byte for byte.
func (d Document) String() string {
	var b strings.Builder
	printNodes(&b, d.Nodes)
	return b.String()
}

// Places returns the places in dispute in the order of the text, each before
// those within it.
func (d Document) Places() iter.Seq[*Place] {
	return func(yield func(*Place) bool) {
		going := true
		Walk(d.Nodes, func(n Node, _ int) bool {
			if n.Place != nil && going {
				going = yield(n.Place)
			}
			return going
		})
	}
}

// place tells the places where they stand.
func (d Document) place() {
	paragraph := 0
	var within func(nodes []Node, depth int)
	within = func(nodes []Node, depth int) {
		for i, n := range nodes {
			within(n.Nodes, depth)
			p := n.Place
			if p == nil {
				continue
			}
			for p.Offset >= d.Paragraphs[paragraph].End {
				paragraph++
			}
			p.Paragraph, p.Depth = paragraph, depth
			p.Beside = beside(nodes[:i], paragraph)
			for _, a := range p.Alternatives {
				within(a.Nodes, depth+1)
			}
		}
	}
	within(d.Nodes, 1)
}

// beside reports whether nodes, which stand before a place in a paragraph, end
// with another place of that paragraph and blanks.
func beside(nodes []Node, paragraph int) bool {
	if n := len(nodes); n > 0 && nodes[n-1].Kind == Words && isBlank(nodes[n-1].Text) {
		nodes = nodes[:n-1]
	}
	n := len(nodes)
	return n > 0 && nodes[n-1].Place != nil && nodes[n-1].Place.Paragraph == paragraph
}

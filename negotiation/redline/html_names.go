package redline

import (
	"fmt"
	"html/template"
)

// Names is how a page names what its text is about. Functions that are nil name
// things as [HTML.Redline] and [HTML.Rolling] do.
type Names struct {
	// Party writes the name of a party that wants an alternative, in HTML.
	Party func(a Alternative, party string) template.HTML

	// Paragraph names a paragraph of the base by its index, as in "paragraph 7".
	Paragraph func(base int) string

	// Block tells what a paragraph is by its beginning, of at least 1 KB if there
	// is so much.
	Block func(paragraph string) Block
}

// filled returns n without functions that are nil.
func (n Names) filled() Names {
	if n.Party == nil {
		n.Party = func(_ Alternative, party string) template.HTML {
			return template.HTML("<bdi>" + template.HTMLEscapeString(saneText(party)) + "</bdi>")
		}
	}
	if n.Paragraph == nil {
		n.Paragraph = func(base int) string { return fmt.Sprintf("paragraph %d", base+1) }
	}
	if n.Block == nil {
		n.Block = func(paragraph string) Block { return htmlBlockOf(paragraph).block() }
	}
	return n
}

// A Shown is a paragraph as a page shows it.
type Shown struct {
	Text  string        // whose beginning tells what block it is; as it stands or, if it does not, as it is proposed or stood
	Words template.HTML // with what is changed or in dispute
	Dir   string        // in which the words run: ltr, rtl, or auto if they have no letter
	Notes []string      // in English, what a reader should know besides the words

	places int // in dispute
	code   bool
}

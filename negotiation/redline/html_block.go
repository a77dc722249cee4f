package redline

import (
	"regexp"
	"strconv"
	"strings"
)

// A Block is what a paragraph is, as opposed to what it says.
type Block struct {
	Name     string // as in "a list item"
	Marker   int    // how many bytes at its beginning tell what it is, and are not shown
	Verbatim bool   // it is shown as it is written, with its spaces and line ends
}

// An htmlBlock is what Markdown makes of a paragraph.
type htmlBlock struct {
	tag    string // h1 to h6, p or pre
	class  string // heading, item, quotation, verbatim …; empty for plain words
	depth  int    // of an item, from 1
	marker int    // bytes at the beginning that tell what it is, and are not shown
}

// verbatimBlock is what keeps its spaces and line breaks: fenced code, a row of
// a table, indented code, the settings at the head of a file.
var verbatimBlock = regexp.MustCompile("^( {0,3}(```|~~~)| *\\||( {4}|\t)|---[ \t]*\n)")

// codeLine is a line of fenced code that is a paragraph of its own.
var codeLine = htmlBlock{tag: "pre", class: "verbatim row"}

// htmlBlockOf reads a paragraph's beginning.
func htmlBlockOf(paragraph string) htmlBlock {
	m := marker.FindStringSubmatch(paragraph)
	if m == nil {
		if verbatimBlock.MatchString(paragraph) {
			class := "verbatim"
			if strings.HasPrefix(strings.TrimLeft(paragraph, " "), "|") {
				class = "verbatim row"
			}
			return htmlBlock{tag: "pre", class: class}
		}
		return htmlBlock{tag: "p"}
	}
	switch sign := m[1]; sign[0] {
	case '#':
		return htmlBlock{tag: "h" + strconv.Itoa(len(sign)), class: "heading", marker: len(m[0])}
	case '>':
		return htmlBlock{tag: "p", class: "quotation", marker: len(m[0])}
	case '-', '*', '+':
		return htmlBlock{tag: "p", class: "bullet item", depth: depthOf(paragraph), marker: len(m[0])}
	default:
		indent := len(paragraph) - len(strings.TrimLeft(paragraph, " \t"))
		return htmlBlock{tag: "p", class: "item", depth: depthOf(paragraph), marker: indent}
	}
}

// depthOf tells from the indentation of a list item, which may be of two, three
// or four columns a level, how deep it is.
func depthOf(item string) int {
	columns := 0
	for _, r := range item {
		switch r {
		case ' ':
			columns++
		case '\t':
			columns += 4 - columns%4
		default:
			return min(1+(columns+1)/3, 6)
		}
	}
	return 1
}

// classes returns the style classes of the block.
func (b htmlBlock) classes() string {
	class := "para"
	if b.class != "" {
		class += " " + b.class
	}
	if b.depth > 1 {
		class += " depth-" + strconv.Itoa(b.depth)
	}
	return class
}

// String names the block, as in "a heading of level 2".
func (b htmlBlock) String() string {
	name := "a plain paragraph"
	switch {
	case b.class == "heading":
		return "a heading of level " + b.tag[1:]
	case b.class == "item":
		name = "a numbered item"
	case b.depth > 0:
		name = "a list item"
	case b.class == "quotation":
		return "a quotation"
	case b.tag == "pre":
		return "preformatted text"
	}
	if b.depth > 1 {
		name += " of level " + strconv.Itoa(b.depth)
	}
	return name
}

func (b htmlBlock) block() Block { return Block{b.String(), b.marker, b.tag == "pre"} }

package negotiation

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The limits of a text.
const (
	MaxText       = 192 << 10 // bytes
	MaxParagraph  = 64 << 10  // bytes, its marker counted
	MaxParagraphs = 4096      // titles, headings and items counted
	MaxDepth      = 4         // levels of items
)

// A Text is a statement in canonical Markdown: what the nodes sign, compare and
// merge. It is UTF-8 in NFC, of characters that can be seen (Unicode 15.0),
// one paragraph a line, with one empty line between paragraphs and one LF at
// the end. A paragraph is one of
//
//	# Title            the first paragraph, and only that one
//	## Heading         levels 2 to 6
//	Words.             a plain paragraph
//	1. Words.          an operative paragraph; its number is always written 1
//	- Words.           an item
//	   1. Words.       an item below an item, three spaces a level, at most
//	   - Words.        MaxDepth levels; operative paragraphs are the first level
//
// and its words are single-spaced outside of code spans, without raw HTML,
// images, character references, link definitions, hard line breaks, or links
// other than (http:…), (https:…) and (mailto:…). Square brackets are words,
// and need not balance. The same number on every operative paragraph keeps an
// insertion from changing the lines below it.
//
// The zero Text has no paragraphs; every other one comes from [CanonText],
// [ParseText] or [TextOf], and satisfies all of this.
type Text struct{ blocks []block }

type block struct {
	line   string // as it stands in the file, without LF
	marker int    // the bytes of line before its words
	kind   BlockKind
	depth  int
}

func (b block) body() string { return b.line[b.marker:] }

// A BlockKind says what a paragraph of a [Text] is.
type BlockKind int

// The kinds of paragraphs.
const (
	Title BlockKind = iota
	Heading
	Plain
	Operative // an ordered item at the margin
	Item      // any other item
)

// String returns the kind's name in lower case.
func (k BlockKind) String() string {
	names := [...]string{"title", "heading", "plain", "operative", "item"}
	if k < 0 || int(k) >= len(names) {
		return fmt.Sprintf("kind %d", int(k))
	}
	return names[k]
}

// ParseText reads a text that is in canonical form already, as what comes from
// another node must be: the bytes of the result are canonical itself. The error
// is a [*LineError] with [ErrText], or is [ErrTooLarge]; file is what it calls
// the text.
func ParseText(file string, canonical []byte) (Text, error) {
	if len(canonical) > MaxText {
		return Text{}, ErrTooLarge.Because("%s: a text has at most %d bytes, this has %d", file, MaxText, len(canonical))
	}
	if at := invalidUTF8(canonical); at >= 0 {
		return Text{}, textError(file, lineAt(canonical, at), reasonNotUTF8)
	}
	s, ok := strings.CutSuffix(string(canonical), "\n")
	if !ok {
		return Text{}, textError(file, lineAt(canonical, len(canonical)), "the last line does not end in a line feed")
	}
	return newText(file, strings.Split(s, "\n\n"), func(paragraph, _ int) int { return 1 + 2*paragraph })
}

// TextOf makes a text of its paragraphs, each a canonical line without its line
// feed. Errors are those of [ParseText], which reads the same lines.
func TextOf(paragraphs []string) (Text, error) {
	const file = "text"
	size := 0
	for _, p := range paragraphs {
		size += len(p) + len("\n\n")
	}
	if size > MaxText {
		return Text{}, ErrTooLarge.Because("%s: a text has at most %d bytes, this has %d", file, MaxText, size-1)
	}
	for i, p := range paragraphs {
		if !utf8.ValidString(p) {
			return Text{}, textError(file, 1+2*i, reasonNotUTF8)
		}
	}
	return newText(file, paragraphs, func(paragraph, _ int) int { return 1 + 2*paragraph })
}

// newText checks the lines of a text, which are valid UTF-8. The line of the
// file on which byte offset of a paragraph stands is lineOf's to say.
func newText(file string, lines []string, lineOf func(paragraph, offset int) int) (Text, error) {
	if len(lines) > MaxParagraphs {
		return Text{}, ErrTooLarge.Because("%s: a text has at most %d paragraphs, this has %d", file, MaxParagraphs, len(lines))
	}
	if len(lines) == 0 {
		return Text{}, textError(file, 1, "the text is empty")
	}
	t := Text{blocks: make([]block, 0, len(lines))}
	for i, line := range lines {
		if len(line) > MaxParagraph {
			return Text{}, &LineError{ErrTooLarge, file, lineOf(i, 0), fmt.Sprintf("a paragraph has at most %d bytes, this has %d", MaxParagraph, len(line))}
		}
		b, bad := parseBlock(line)
		if bad == nil {
			bad = t.follows(b)
		}
		if bad != nil {
			return Text{}, textError(file, lineOf(i, bad.offset), bad.reason)
		}
		t.blocks = append(t.blocks, b)
	}
	return t, nil
}

// A flaw is what makes a paragraph unacceptable, and the byte where it is.
type flaw struct {
	offset int
	reason string
}

// parseBlock reads one canonical line.
func parseBlock(line string) (block, *flaw) {
	if bad := invisible(line); bad != nil {
		return block{}, bad
	}
	if !norm.NFC.IsNormalString(line) {
		return block{}, &flaw{0, reasonNotNFC}
	}
	indent := len(line) - len(strings.TrimLeft(line, " "))
	m := cutMarker(line[indent:])
	b := block{line: line, marker: indent + len(m.literal), kind: Plain}
	if m.kind == Item && m.literal != "- " && m.literal != "1. " {
		return block{}, &flaw{indent, "an item begins with “1. ” or with “- ”"}
	}
	switch {
	case m.kind == Item:
		if indent%itemIndent != 0 {
			return block{}, &flaw{0, "an item below another is indented by three spaces a level"}
		}
		b.depth = 1 + indent/itemIndent
		b.kind = Item
		if b.depth == 1 && m.ordered {
			b.kind = Operative
		}
	case indent > 0:
		return block{}, &flaw{0, "only items are indented"}
	case m.kind == Heading:
		b.kind, b.depth = Heading, m.level
		if m.level == 1 {
			b.kind = Title
		}
		if m.literal != strings.Repeat("#", m.level)+" " || b.body() != trimClosing(b.body()) {
			return block{}, &flaw{0, "a heading is written “## Heading”, with one space and nothing after it"}
		}
	}
	if b.depth > MaxDepth && b.kind == Item {
		return block{}, &flaw{0, reasonTooDeep}
	}
	if bad := words(b.body(), b.kind); bad != nil {
		bad.offset += b.marker
		return block{}, bad
	}
	return b, nil
}

// follows reports what is wrong with b as the next paragraph of t.
func (t Text) follows(b block) *flaw {
	if len(t.blocks) == 0 {
		if b.kind != Title {
			return &flaw{0, "a text begins with its title, a line such as “# Statement on …”"}
		}
		return nil
	}
	last := t.blocks[len(t.blocks)-1]
	switch {
	case b.kind == Title:
		return &flaw{0, "this is a second title: a text has one; write “## ” before a heading"}
	case b.kind == Item && b.depth > 1 && (last.kind != Item && last.kind != Operative || last.depth < b.depth-1):
		return &flaw{0, reasonOrphan}
	}
	return nil
}

// Len returns the number of paragraphs.
func (t Text) Len() int { return len(t.blocks) }

// Kind returns what paragraph i is, counted from 0.
func (t Text) Kind(i int) BlockKind { return t.blocks[i].kind }

// Depth returns the level of paragraph i: of a title or heading 1 to 6, of an
// operative paragraph 1, of an item 1 to [MaxDepth], of a plain paragraph 0.
func (t Text) Depth(i int) int { return t.blocks[i].depth }

// Body returns the words of paragraph i, in Markdown, without indentation and
// marker.
func (t Text) Body(i int) string { return t.blocks[i].body() }

// Paragraphs returns the lines of the text that are not empty, without LF.
func (t Text) Paragraphs() []string {
	lines := make([]string, len(t.blocks))
	for i, b := range t.blocks {
		lines[i] = b.line
	}
	return lines
}

// Bytes returns the text as it stands in its file; of the zero Text, nil.
func (t Text) Bytes() []byte {
	if len(t.blocks) == 0 {
		return nil
	}
	return []byte(strings.Join(t.Paragraphs(), "\n\n") + "\n")
}

func textError(file string, line int, reason string) error {
	return &LineError{Fault: ErrText, File: file, Line: line, Reason: reason}
}

// lineAt returns the line, counted from 1, on which byte offset of raw stands.
func lineAt(raw []byte, offset int) int {
	return 1 + bytes.Count(raw[:offset], []byte("\n"))
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(raw []byte) int {
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

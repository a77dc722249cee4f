package negotiation

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// CanonText brings what a person wrote into canonical form. It accepts any line
// ends, a byte order mark, paragraphs wrapped over several lines, tabs, doubled
// spaces, headings of either Markdown style, and items with any marker, number
// up to 999, indentation and spacing. What would be lost, hidden or ambiguous
// in that form is refused with a [*LineError] of [ErrText] that says what to do,
// or with [ErrTooLarge]; file is what these call the text.
//
// Canonical bytes come out as they went in, and what comes out is acceptable to
// [ParseText].
func CanonText(file string, raw []byte) (Text, error) {
	if len(raw) > MaxText {
		return Text{}, ErrTooLarge.Because("%s: a text has at most %d bytes, this has %d", file, MaxText, len(raw))
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	if at := invalidUTF8(raw); at >= 0 {
		return Text{}, textError(file, lineAt(raw, at), reasonNotUTF8)
	}
	var d draft
	for i, line := range strings.Split(string(raw), "\n") {
		line = expandTabs(line)
		bad := invisible(line)
		if bad == nil {
			bad = d.read(i+1, norm.NFC.String(line))
		}
		if bad != nil {
			return Text{}, textError(file, i+1, bad.reason)
		}
	}
	lines, size := make([]string, len(d.blocks)), 0
	for i := range d.blocks {
		lines[i] = d.blocks[i].canonical()
		size += len(lines[i]) + len("\n\n")
	}
	if size > MaxText {
		return Text{}, ErrTooLarge.Because("%s: a text has at most %d bytes, in canonical form this has %d", file, MaxText, size-1)
	}
	return newText(file, lines, func(paragraph, offset int) int { return d.blocks[paragraph].lineOf(offset) })
}

// A draft is a text on its way into canonical form, read line by line.
type draft struct {
	blocks []draftBlock
	items  []int // columns of the items that the next line may stand below
	open   bool  // the last block goes on when the next line is words
	broken bool  // the last line ends in a forced line break, if another follows
}

// A draftBlock is a paragraph whose lines have been joined by spaces.
type draftBlock struct {
	kind    BlockKind // Heading, whatever its level, Plain or Item
	depth   int
	ordered bool
	wrapped []string     // its words, as they stood on several lines
	lines   []sourceLine // where in the joined words each of these begins
	length  int          // of the joined words
}

type sourceLine struct{ offset, number int }

func (b *draftBlock) wrap(number int, words string) {
	if len(b.wrapped) > 0 {
		b.length++ // for the space between two lines
	}
	b.lines = append(b.lines, sourceLine{b.length, number})
	b.wrapped = append(b.wrapped, words)
	b.length += len(words)
}

// tableRule matches the line below the head of a table.
var tableRule = regexp.MustCompile(`^[|:\- ]*-[|:\- ]*$`)

// read takes in line number of the source.
func (d *draft) read(number int, line string) *flaw {
	text := strings.TrimLeft(line, " ")
	column := len(line) - len(text)
	text = strings.TrimRight(text, " ")
	if text == "" {
		d.open, d.broken = false, false
		return nil
	}
	if d.open {
		if done, bad := d.underline(text); done || bad != nil {
			return bad
		}
	}
	m := cutMarker(text)
	var bad *flaw
	switch m.kind {
	case Heading:
		d.items, d.open = nil, false
		d.add(number, draftBlock{kind: Heading, depth: m.level}, text[len(m.literal):])
	case Item:
		bad = d.item(number, column, m, text[len(m.literal):])
	default:
		bad = d.words(number, column, text)
	}
	d.broken = strings.HasSuffix(line, "  ") || endsInBackslash(text)
	return bad
}

// underline reads a line that turns the paragraph above it into a heading.
func (d *draft) underline(text string) (done bool, bad *flaw) {
	last := &d.blocks[len(d.blocks)-1]
	level := 1
	switch {
	case strings.Contains(text, "|") && tableRule.MatchString(text):
		return false, &flaw{0, "tables are not accepted"}
	case strings.Trim(text, "-") == "":
		level = 2
	case strings.Trim(text, "=") != "":
		return false, nil
	}
	if last.kind != Plain {
		return false, &flaw{0, "this line would make a heading of the item above it, or be read as a horizontal rule"}
	}
	last.kind, last.depth = Heading, level
	d.open, d.broken = false, false
	return true, nil
}

// item reads the first line of an item, whose marker stands at column. It
// belongs below the nearest item above whose marker stands two columns or more
// to the left.
func (d *draft) item(number, column int, m marker, text string) *flaw {
	wrapped := d.open && d.blocks[len(d.blocks)-1].kind == Plain
	first := strings.TrimLeft(m.number, "0")
	switch {
	case text == "":
		return &flaw{0, "there are no words after “" + strings.TrimSpace(m.literal) + "”"}
	case len(first) > 3:
		return &flaw{0, misread(m.literal + text)}
	case misread(text) != "":
		return &flaw{0, misread(text)}
	case wrapped && m.ordered && first != "1":
		return &flaw{0, "this line begins like an item inside a paragraph: put an empty line above it if it is one, or write “" + m.number + "\\.” if it is not"}
	case len(d.items) == 0 && column > 3:
		return &flaw{0, reasonOrphan}
	}
	for len(d.items) > 0 && column < d.items[len(d.items)-1]+2 {
		d.items = d.items[:len(d.items)-1]
	}
	if len(d.items) == MaxDepth {
		return &flaw{0, reasonTooDeep}
	}
	d.items = append(d.items, column)
	d.open = true
	d.add(number, draftBlock{kind: Item, depth: len(d.items), ordered: m.ordered}, text)
	return nil
}

// words reads a line without a marker: the next of a paragraph that was wrapped,
// or the first of a plain paragraph.
func (d *draft) words(number, column int, text string) *flaw {
	if d.open {
		if d.broken {
			return &flaw{0, "the line above this one ends in a forced line break, which a text does not have: remove the backslash or the spaces at its end"}
		}
		if strings.HasPrefix(text, ">") || strings.HasPrefix(text, "|") || strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~") || isRule(text) {
			return &flaw{0, misread(text)}
		}
		d.blocks[len(d.blocks)-1].wrap(number, text)
		return nil
	}
	switch {
	case len(d.items) > 0 && column >= 2:
		return &flaw{0, "an item is one paragraph: join this line to it, or begin the line at the margin"}
	case column > 3:
		return &flaw{0, "an indented paragraph would be read as computer code: begin the line at the margin"}
	}
	if reason := misread(text); reason != "" {
		return &flaw{0, reason}
	}
	d.items, d.open = nil, true
	d.add(number, draftBlock{kind: Plain}, text)
	return nil
}

func (d *draft) add(number int, b draftBlock, words string) {
	b.wrap(number, words)
	d.blocks = append(d.blocks, b)
}

// canonical returns the block as the line of a text.
func (b *draftBlock) canonical() string {
	words := b.collapse(strings.Join(b.wrapped, " "))
	if b.kind == Heading {
		words = trimClosing(words)
	}
	return b.marker() + words
}

func (b *draftBlock) marker() string {
	switch {
	case b.kind == Plain:
		return ""
	case b.kind == Heading:
		return strings.Repeat("#", b.depth) + " "
	case b.ordered:
		return strings.Repeat(" ", itemIndent*(b.depth-1)) + "1. "
	}
	return strings.Repeat(" ", itemIndent*(b.depth-1)) + "- "
}

// collapse removes doubled spaces outside of code spans from words.
func (b *draftBlock) collapse(words string) string {
	doubled := doubledSpaces(words)
	if len(doubled) == 0 {
		return words
	}
	var collapsed strings.Builder
	from, line := 0, 0
	for n, at := range doubled {
		collapsed.WriteString(words[from:at])
		from = at + 1
		for ; line < len(b.lines) && b.lines[line].offset <= at; line++ {
			b.lines[line].offset -= n
		}
	}
	for ; line < len(b.lines); line++ {
		b.lines[line].offset -= len(doubled)
	}
	collapsed.WriteString(words[from:])
	return collapsed.String()
}

// lineOf returns the line of the source from which the byte at offset of the
// canonical line comes.
func (b *draftBlock) lineOf(offset int) int {
	offset -= len(b.marker())
	number := b.lines[0].number
	for _, l := range b.lines {
		if l.offset <= offset {
			number = l.number
		}
	}
	return number
}

// expandTabs replaces the tabs before the first word by spaces to the next of
// the columns 4, 8, 12 …, and others by a space.
func expandTabs(line string) string {
	if !strings.Contains(line, "\t") {
		return line
	}
	indent := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			indent++
			continue
		case '\t':
			indent += 4 - indent%4
			continue
		}
		return strings.Repeat(" ", indent) + strings.ReplaceAll(line[i:], "\t", " ")
	}
	return ""
}

// endsInBackslash reports whether s ends in a backslash that nothing escapes.
func endsInBackslash(s string) bool {
	return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1
}

package redline

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown returns the rolling text in the bracket notation, a line for each
// paragraph:
//
//	States [shall][should – IND, JPN][may – CHN] cooperate [on a voluntary basis – KAZ].
//
// The words of the base stand first, without attribution; the others with
// their parties. Nothing is "no text", a paragraph break "¶", and a break that is
// taken away "no ¶". The marker of an item goes with the break: it is not
// printed behind one, unless it is of another kind than the paragraph's own, and
// who takes the break away does not seem to dispute it. A paragraph that is new,
// or that somebody wants out, is bracketed whole, after the marker of its heading
// or list item; where somebody moves it, "moved up" or "moved down" says where it
// stands again. White space at which all wordings begin or end stands outside the
// brackets, that at the end of a paragraph is in none, and disputes of the same
// proposals with nothing but white space or a few small words between them are
// printed as one. It takes time in the size of the document.
func (d Document) Markdown() []string {
	to := d.destinations()
	lines := make([]string, len(d.Paragraphs))
	for i, shown := range d.displays() {
		lines[i] = d.Paragraphs[i].markdown(shown, i, to)
	}
	return lines
}

// markdown prints paragraph i of a document.
func (p Paragraph) markdown(shown display, i int, to destinations) string {
	var b strings.Builder
	segs := withIndent(shown.segments)
	if len(segs) == 0 {
		return shown.tail // nothing is to be seen
	}
	if p.Fate != nil {
		before := segs[0].marker(len(segs) == 1)
		b.WriteString(before + "[")
		segs = slices.Clone(segs)
		segs[0].Text = segs[0].Text[len(before):]
	}
	own := markerKind(baseOf(p.Segments))
	apart := false // a space must follow
	for k, s := range segs {
		if s.Dispute == nil {
			if apart && !startsBlank(s.Text) {
				b.WriteByte(' ')
			}
			b.WriteString(s.Text)
			apart = false
			continue
		}
		if k > 0 && (apart || s.before) && !endsBlank(b.String()) {
			b.WriteByte(' ')
		}
		s.Dispute.write(&b, k == 0, own)
		apart = s.after
	}
	if p.Fate != nil {
		p.printFate(&b, i, to)
	}
	return b.String() + shown.tail
}

// withIndent returns segments for display in which a dispute about how far a paragraph
// is indented takes in its first word, so that it shows what is indented.
func withIndent(segs []displayed) []displayed {
	if len(segs) < 2 || segs[0].Dispute == nil || segs[1].Dispute != nil {
		return segs
	}
	if !segs[0].Dispute.indents() {
		return segs
	}
	words := segs[1].Text
	head := firstWord(words)
	first := displayed{Segment: Segment{Dispute: together([]Segment{segs[0].Segment, {Text: words[:head]}})}}
	rest := displayed{Segment: Segment{Text: words[head:]}}
	return append([]displayed{first, rest}, segs[2:]...)
}

// indents reports whether d, which begins its paragraph, is about nothing but how far
// it is indented.
func (d *Dispute) indents() bool {
	return !slices.ContainsFunc(d.Alternatives, func(a Alternative) bool { return strings.Trim(a.Text, " \t") != "" })
}

// firstWord returns where the first word of a paragraph ends, behind its marker.
func firstWord(paragraph string) int {
	end := len(marker.FindString(paragraph))
	if end == 0 {
		end = len(paragraph) - len(strings.TrimLeft(paragraph, " \t"))
	}
	if tokens := Tokens(paragraph[end:]); len(tokens) > 0 {
		end += len(tokens[0])
	}
	return end
}

func startsBlank(s string) bool { return strings.TrimLeft(s, softSpace) != s }

func endsBlank(s string) bool { return strings.TrimRight(s, softSpace) != s }

// printFate closes the brackets around paragraph i of a document.
func (p Paragraph) printFate(b *strings.Builder, i int, to destinations) {
	b.WriteString("]")
	for _, f := range p.fates(i, to) {
		b.WriteString("[" + f.way.String() + " – " + strings.Join(f.Parties, ", ") + "]")
	}
}

// String returns what the bracket notation has for w.
func (w way) String() string {
	return [...]string{out: "no text", up: "moved up", down: "moved down", away: "moved"}[w]
}

// margins returns what stands outside the brackets around the whole paragraph:
// its marker, and the white space at its end.
func (p Paragraph) margins(shown []Segment) (before, after string) {
	first, last := shown[0], shown[len(shown)-1]
	before = first.marker(len(shown) == 1)
	if last.Dispute == nil {
		after = last.Text[len(strings.TrimRight(last.Text, softSpace)):]
		if len(shown) == 1 && len(before)+len(after) > len(last.Text) {
			after = ""
		}
	}
	return before, after
}

// marker returns the marker of the paragraph that s begins, if nobody disputes it
// and it is not alone.
func (s Segment) marker(alone bool) string {
	m := marker.FindString(s.Text)
	if alone && m == s.Text {
		return ""
	}
	return m
}

// print writes the brackets of a dispute, which may begin its paragraph, with the
// markers behind its breaks.
func (d *Dispute) print(b *strings.Builder, begins bool) {
	d, _, _ = d.apart()
	d.write(b, begins, "")
}

// write writes the brackets of a dispute. Behind a break, the marker of a paragraph
// of the given kind is not written.
func (d *Dispute) write(b *strings.Builder, begins bool, own string) {
	before, after := d.margins(begins)
	b.WriteString(before)
	for _, a := range d.Alternatives {
		b.WriteString(d.bracket(a, before, after, own))
	}
	b.WriteString(after)
}

// bracket returns one wording in its brackets, without what stands outside of them;
// "" if it is that of the base and has no words.
func (d *Dispute) bracket(a Alternative, before, after, own string) string {
	text := strings.TrimSuffix(strings.TrimPrefix(a.Text, before), after)
	switch {
	case text != "":
		text = pilcrows(text, own)
	case a.Base:
		return ""
	case strings.Contains(d.Alternatives[0].Text, Break):
		text = "no ¶"
	default:
		text = "no text"
	}
	if a.Base {
		return "[" + text + "]"
	}
	return "[" + text + " – " + strings.Join(a.Parties, ", ") + "]"
}

// pilcrows returns text with ¶ for breaks, apart from the words around it.
func pilcrows(text, own string) string {
	parts := strings.Split(text, Break)
	if len(parts) == 1 {
		return text
	}
	var said []string
	for i, part := range parts {
		if i > 0 {
			said = append(said, "¶")
			if own != "" && markerKind(part+" ") == own {
				part = (part + " ")[len(marker.FindString(part+" ")):]
			}
		}
		if part = strings.Trim(part, softSpace); part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, " ")
}

// margins returns what stands outside the brackets of a dispute: white space at
// which all its wordings begin or end, and the marker that they share when the
// dispute begins its paragraph. Every alternative that is not empty begins with
// before and ends with after.
func (d *Dispute) margins(begins bool) (before, after string) {
	var worded []string
	for _, a := range d.Alternatives {
		switch {
		case a.Text != "":
			worded = append(worded, a.Text)
		case !a.Deleted:
			begins = false // nothing may stand here, so there is no marker to share
		}
	}
	if len(worded) == 0 {
		return "", ""
	}
	n := 0
	if begins {
		n = len(sharedMarker(worded))
	}
	n += blankPrefix(worded, n)
	m := blankSuffix(worded, n)
	return worded[0][:n], worded[0][len(worded[0])-m:]
}

// marker is what makes a line a heading, a list item or a quotation.
var marker = regexp.MustCompile(`^[ \t]*(#{1,6}|[-*+>]|[0-9]{1,9}[.)])[ \t]+`)

// sharedMarker returns the marker that all texts begin with; "" if they differ.
func sharedMarker(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	m := marker.FindString(texts[0])
	for _, t := range texts {
		if marker.FindString(t) != m || len(t) == len(m) {
			return ""
		}
	}
	return m
}

// markerKind tells the kind of a paragraph by its marker; "" if it has none. Whatever
// their numbers, numbered items are of one kind.
func markerKind(paragraph string) string {
	digit := func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}
	return strings.TrimRight(strings.Map(digit, marker.FindString(paragraph)), " \t")
}

// isSpace reports whether r is white space within a paragraph.
func isSpace(r rune) bool { return unicode.IsSpace(r) && r != '\u2029' }

// blankPrefix returns the length of the white space that all texts begin with
// after the byte from; 0 if a text has nothing else.
func blankPrefix(texts []string, from int) int {
	if len(texts) == 0 {
		return 0
	}
	rest := strings.TrimLeftFunc(texts[0][from:], isSpace)
	space := texts[0][from : len(texts[0])-len(rest)]
	for _, t := range texts {
		t = t[from:]
		if isBlank(t) {
			return 0
		}
		for !strings.HasPrefix(t, space) {
			_, size := utf8.DecodeLastRuneInString(space)
			space = space[:len(space)-size]
		}
	}
	return len(space)
}

// blankSuffix returns the length of the white space that all texts end with,
// after their first bytes.
func blankSuffix(texts []string, first int) int {
	if len(texts) == 0 {
		return 0
	}
	space := texts[0][len(strings.TrimRightFunc(texts[0], isSpace)):]
	for _, t := range texts {
		t = t[first:]
		if isBlank(t) {
			return 0
		}
		for !strings.HasSuffix(t, space) {
			_, size := utf8.DecodeRuneInString(space)
			space = space[size:]
		}
	}
	return len(space)
}

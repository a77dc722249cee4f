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
// their parties. Nothing is "no text". A paragraph that is new, or that
// somebody wants deleted, is bracketed whole, after the marker of its heading
// or list item. White space at which all wordings begin or end stands outside
// the brackets, and disputes of the same proposals with nothing but white
// space between them are printed as one. It takes time in the size of the
// document.
func (d Document) Markdown() []string {
	lines := make([]string, len(d.Paragraphs))
	for i, p := range d.Paragraphs {
		var b strings.Builder
		for k, s := range p.Shown() {
			if s.Dispute == nil {
				b.WriteString(s.Text)
				continue
			}
			s.Dispute.print(&b, k == 0)
		}
		lines[i] = b.String()
	}
	return lines
}

// joinSegments joins disputes for display.
func joinSegments(segs []Segment) []Segment {
	var out []Segment
	for i := 0; i < len(segs); i++ {
		s := segs[i]
		for s.Dispute != nil && i+1 < len(segs) {
			space, next := "", i+1
			if segs[next].Dispute == nil {
				space, next = segs[next].Text, next+1
			}
			if next >= len(segs) || segs[next].Dispute == nil || !isBlank(space) {
				break
			}
			joined, ok := s.Dispute.join(space, segs[next].Dispute)
			if !ok {
				break
			}
			s.Dispute = joined
			i = next
		}
		out = append(out, s)
	}
	return out
}

// join returns d and e as one dispute, if they have the same alternatives by
// the same proposals.
func (d *Dispute) join(space string, e *Dispute) (*Dispute, bool) {
	if len(d.Alternatives) != len(e.Alternatives) {
		return nil, false
	}
	joined := &Dispute{Touching: d.Touching || e.Touching}
	for _, a := range d.Alternatives {
		i := slices.IndexFunc(e.Alternatives, func(b Alternative) bool {
			return a.Base == b.Base && slices.Equal(a.Proposals, b.Proposals)
		})
		if i < 0 {
			return nil, false
		}
		a.Text += space + e.Alternatives[i].Text
		joined.Alternatives = append(joined.Alternatives, a)
	}
	return joined, true
}

// print writes the brackets of a dispute, which may begin its paragraph.
func (d *Dispute) print(b *strings.Builder, begins bool) {
	before, after := d.Margins(begins)
	b.WriteString(before)
	for _, a := range d.Alternatives {
		text := "no text"
		switch {
		case a.Text != "":
			text = a.Text[len(before) : len(a.Text)-len(after)]
		case a.Base:
			continue
		}
		b.WriteString("[" + text)
		if !a.Base {
			b.WriteString(" – " + strings.Join(a.Parties, ", "))
		}
		b.WriteString("]")
	}
	b.WriteString(after)
}

// Margins returns what stands outside the brackets of a dispute: white space at
// which all its wordings begin or end, and the marker that they share when the
// dispute begins its paragraph. Every alternative that is not empty begins with
// before and ends with after.
func (d *Dispute) Margins(begins bool) (before, after string) {
	var worded []string
	for _, a := range d.Alternatives {
		if a.Text != "" {
			worded = append(worded, a.Text)
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

// Shown returns the segments of a paragraph as they are shown: disputes of the
// same proposals with nothing but white space between them are one.
func (p Paragraph) Shown() []Segment { return joinSegments(p.Segments) }

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

// blankPrefix returns the length of the white space that all texts begin with
// after the byte from; 0 if a text has nothing else.
func blankPrefix(texts []string, from int) int {
	if len(texts) == 0 {
		return 0
	}
	rest := strings.TrimLeftFunc(texts[0][from:], unicode.IsSpace)
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
	space := texts[0][len(strings.TrimRightFunc(texts[0], unicode.IsSpace)):]
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

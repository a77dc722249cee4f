package redline

import (
	"slices"
	"strings"
)

// wellPaired reports whether emphasis, code, brackets and quotation marks of a
// paragraph are paired and nested: what opens closes, and within what it was opened
// in. Marks with white space on both sides, such as the marker of an item, are no
// pairs, nor is what stands behind a backslash.
func wellPaired(paragraph string) bool {
	var open []string
	tokens := Tokens(paragraph)
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t == `\` {
			i++
			continue
		}
		blankBefore := i == 0 || isBlank(tokens[i-1])
		blankAfter := i+1 == len(tokens) || isBlank(tokens[i+1])
		last := len(open) - 1
		switch partner := partners[t]; {
		case strings.Trim(t, "*") == "" || strings.Trim(t, "`") == "" || strings.Trim(t, "_") == "" || t == "~~":
			switch {
			case blankBefore && blankAfter:
			case last >= 0 && open[last] == t:
				open = open[:last]
			default:
				open = append(open, t)
			}
		case partner != "":
			if last < 0 || open[last] != partner {
				return false
			}
			open = open[:last]
		case partnered[t]:
			open = append(open, t)
		}
		if len(open) > 256 {
			return false
		}
	}
	return len(open) == 0
}

var (
	partners  = map[string]string{")": "(", "]": "[", "}": "{", "”": "“", "»": "«", "」": "「", "』": "『"}
	partnered = map[string]bool{"(": true, "[": true, "{": true, "“": true, "«": true, "「": true, "『": true}
)

// unfray makes one conflict of all that the sides change in a paragraph, if they are
// in conflict there and a wording would otherwise have one mark of a pair (of emphasis,
// code, a link, brackets or quotation) without the other.
func (m *Merged) unfray() {
	for i, p := range m.Document.Paragraphs {
		if p.Base == none {
			continue
		}
		if whole, ok := m.unfrayed(p); ok {
			m.Document.Paragraphs[i] = whole
			m.findWords(whole)
		}
	}
}

func (m *Merged) unfrayed(p Paragraph) (Paragraph, bool) {
	conflict, frayed := false, false
	for _, s := range p.Segments {
		if d := s.Dispute; d != nil {
			conflict = conflict || m.conflicts[d]
			frayed = frayed || slices.ContainsFunc(d.Alternatives, func(a Alternative) bool { return frays(a.Text) })
		}
	}
	old := m.base[p.Base]
	first := 0 // where the first word ends, if the sides differ about what is before it
	if d := p.Segments[0].Dispute; d != nil && d.indents() {
		first = firstWord(old)
	}
	if !conflict || !frayed && first == 0 {
		return Paragraph{}, false
	}
	sides := map[string]*Proposal{}
	for _, name := range m.names {
		sides[name] = &Proposal{ID: name, Parties: []string{name}}
	}
	var placed []placedHunk
	for _, s := range p.Segments {
		for _, w := range s.wishes() {
			for _, h := range w.hunks {
				if h.End > len(old) || strings.Contains(h.Text, Break) {
					return Paragraph{}, false // it is split or joined
				}
				placed = append(placed, placedHunk{h, sides[w.proposal]})
			}
		}
	}
	slices.SortStableFunc(placed, func(a, b placedHunk) int { return a.Start - b.Start })
	whole := cluster{start: placed[0].Start, end: first, hunks: placed}
	for _, h := range placed {
		whole.end = max(whole.end, h.End)
	}
	d := whole.dispute(old)
	if slices.ContainsFunc(d.Alternatives, func(a Alternative) bool { return frays(a.Text) }) {
		if n := len(marker.FindString(old)); n <= whole.start {
			whole.start = n
		} else {
			whole.start = 0
		}
		whole.end = max(whole.end, len(strings.TrimRight(old, softSpace)))
		d = whole.dispute(old)
	}
	m.conflict(d)
	p.Segments = nil
	if whole.start > 0 {
		p.Segments = append(p.Segments, Segment{Text: old[:whole.start]})
	}
	p.Segments = append(p.Segments, Segment{Dispute: d})
	if whole.end < len(old) {
		p.Segments = append(p.Segments, Segment{Text: old[whole.end:]})
	}
	return p, true
}

// wishes returns what the proposals want at s.
func (s Segment) wishes() []wish {
	d := s.Dispute
	if d == nil {
		d = s.wraps
	}
	if d == nil {
		return nil
	}
	var all []wish
	for _, a := range d.Alternatives {
		all = append(all, a.wishes...)
	}
	return all
}

// frays reports whether words have one mark of a pair without the other.
func frays(words string) bool {
	if marksIn(words) != 0 {
		return true
	}
	var open []string
	for t := range strings.SplitSeq(words, "") {
		last := len(open) - 1
		switch partner := partners[t]; {
		case partnered[t]:
			open = append(open, t)
		case partner == "":
		case last < 0 || open[last] != partner:
			return true
		default:
			open = open[:last]
		}
	}
	return len(open) > 0
}

package bracket

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// group joins the places of one list of nodes that are alternatives although
// something stands between them, parts those that are several, and takes those
// out that are in no dispute.
func (b *builder) group(nodes []Node) []Node {
	if len(nodes) == 0 {
		return nil
	}
	out := make([]Node, 0, len(nodes))
	for i := 0; i < len(nodes); i++ {
		p := nodes[i].Place
		if p == nil {
			out = append(out, nodes[i])
			continue
		}
		for i+2 < len(nodes) && nodes[i+1].Kind == Words && nodes[i+2].Place != nil && p.joins(nodes[i+1].Text, nodes[i+2].Place) {
			q := nodes[i+2].Place
			p.Joints = append(append(p.Joints, b.text[p.End-1:q.Offset+1]), q.Joints...)
			p.Alternatives = append(p.Alternatives, q.Alternatives...)
			p.End = q.End
			i += 2
		}
		out = b.part(out, p)
	}
	return out
}

// joins reports whether p and q, with words between them, are one place.
func (p *Place) joins(words string, q *Place) bool {
	if strings.TrimSpace(words) == "/" && !strings.Contains(words, "\n") {
		return true
	}
	a, b := p.Alternatives[len(p.Alternatives)-1], q.Alternatives[0]
	return isBlank(words) && b.Meaning == NoText || isMargin(words) && b.Label.follows(a.Label)
}

// isMargin reports whether words are blanks and markers of paragraphs only.
func isMargin(words string) bool {
	if len(words) > 200 {
		return false
	}
	for line := range strings.Lines(words) {
		line = strings.TrimSpace(line)
		if markerLen(line) != len(line) {
			return false
		}
	}
	return true
}

// part appends the places that brackets side by side consist of.
func (b *builder) part(out []Node, p *Place) []Node {
	if len(p.Alternatives) == 1 {
		if kind := b.undisputed(p); kind != Disputed {
			return append(out, Node{Kind: kind, Offset: p.Offset, Text: b.text[p.Offset:p.End]})
		}
		p.slashes()
		return append(out, Node{Kind: Disputed, Offset: p.Offset, Place: p})
	}
	all, start := *p, 0
	for i := 1; i <= len(all.Alternatives); i++ {
		if i < len(all.Alternatives) && !all.parts(i) {
			continue
		}
		if start > 0 {
			p = &Place{Offset: all.Alternatives[start].Offset - 1}
		}
		p.End = all.Alternatives[i-1].End + 1
		p.Alternatives = all.Alternatives[start:i:i]
		p.Joints = all.Joints[start : i-1 : i-1]
		out = append(out, Node{Kind: Disputed, Offset: p.Offset, Place: p})
		start = i
	}
	return out
}

// parts reports whether alternative i begins a new place: a change of paragraph
// is no alternative to words, and in the order of the rolling text the wording
// of the base, which is nobody's, comes before the attributed ones.
func (p *Place) parts(i int) bool {
	const beside = "]["
	before, a := p.Alternatives[i-1], p.Alternatives[i]
	if p.Joints[i-1] != beside {
		return false
	}
	if breaks(before) != breaks(a) {
		return true
	}
	if len(before.Parties) == 0 || len(a.Parties) > 0 || a.Meaning == NoText || a.Label.follows(before.Label) {
		return false
	}
	if i+1 == len(p.Alternatives) || p.Joints[i] != beside {
		return false
	}
	next := p.Alternatives[i+1]
	return len(next.Parties) > 0 && breaks(next) == breaks(a)
}

func breaks(a Alternative) bool { return a.Meaning == Break || a.Meaning == NoBreak }

// undisputed returns what a bracket is that stands alone, if it is in no
// dispute; else Disputed.
func (b *builder) undisputed(p *Place) Kind {
	a := p.Alternatives[0]
	if len(a.Parties) > 0 || !a.Label.IsZero() || len(a.Nodes) != 1 || a.Nodes[0].Kind != Words || len(a.Nodes[0].Text) > maxSpecial {
		return Disputed
	}
	words := strings.ToLower(strings.Trim(a.Nodes[0].Text, "*_ "))
	switch words {
	case "sic", "sic!":
		return Editorial
	case "…", "...", ". . .":
		if p.quoted {
			return Editorial
		}
		return Disputed
	}
	if len(words) == 0 || len(words) > 3 || strings.Trim(words, "0123456789") != "" {
		return Disputed
	}
	before, _ := utf8.DecodeLastRuneInString(b.text[:p.Offset])
	after, _ := utf8.DecodeRuneInString(b.text[p.End:])
	if (unicode.IsLetter(before) || strings.ContainsRune(".,;:)”\"", before)) && !unicode.IsLetter(after) && !unicode.IsDigit(after) {
		return Citation
	}
	return Disputed
}

// slashes makes alternatives of the words of a bracket that stands alone, if
// they have the slash form.
func (p *Place) slashes() {
	a := p.Alternatives[0]
	if len(a.Parties) > 0 || len(a.Nodes) == 0 {
		return
	}
	tight := len(a.Nodes) == 1 && a.Nodes[0].Kind == Words && isChoiceOfWords(a.Nodes[0].Text)
	var all []Alternative
	var joints []string
	part := Alternative{Offset: a.Offset, Label: a.Label}
	for _, n := range a.Nodes {
		for n.Kind == Words {
			at, end := slash(n.Text, tight)
			if at < 0 {
				break
			}
			if at > 0 {
				part.Nodes = append(part.Nodes, Node{Kind: Words, Offset: n.Offset, Text: n.Text[:at]})
			}
			part.End = n.Offset + at
			all = append(all, part)
			joints = append(joints, n.Text[at:end])
			n.Offset, n.Text = n.Offset+end, n.Text[end:]
			part = Alternative{Offset: n.Offset}
		}
		if n.Kind != Words || n.Text != "" {
			part.Nodes = append(part.Nodes, n)
		}
	}
	if len(all) == 0 {
		return
	}
	part.End = a.End
	all = append(all, part)
	for i := range all {
		if len(all[i].Nodes) == 0 || isBlank(all[i].Words()) {
			return
		}
		all[i].Meaning = meaningOf(all[i].Nodes)
	}
	p.Alternatives, p.Joints = all, joints
}

// slash finds the first slash between alternatives: one between blanks or, if
// tight, any.
func slash(words string, tight bool) (start, end int) {
	for at := 0; ; {
		n := strings.IndexByte(words[at:], '/')
		if n < 0 {
			return -1, -1
		}
		at += n
		left := strings.TrimRight(words[:at], " ")
		right := strings.TrimLeft(words[at+1:], " ")
		if tight || len(left) < at && len(right) < len(words)-at-1 {
			return len(left), len(words) - len(right)
		}
		at++
	}
}

// isChoiceOfWords reports whether words are single words with slashes between
// them, as in "shall/should": each of two or more letters and no abbreviation,
// and not "and/or".
func isChoiceOfWords(words string) bool {
	if len(words) > 200 || !strings.Contains(words, "/") || strings.EqualFold(words, "and/or") {
		return false
	}
	for word := range strings.SplitSeq(words, "/") {
		if utf8.RuneCountInString(word) < 2 {
			return false
		}
		for i, r := range word {
			if !unicode.IsLetter(r) && !unicode.IsMark(r) || i > 0 && unicode.IsUpper(r) {
				return false
			}
		}
	}
	return true
}

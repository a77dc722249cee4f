package bracket

import "slices"

// MaxDepth is how deep places may stand in one another. Brackets that stand
// deeper are strays.
const MaxDepth = 64

// limit makes strays of the pairs that stand too deep.
func (s *scanner) limit() {
	depth := 0
	for i := range s.marks {
		m := &s.marks[i]
		if m.kind != Disputed {
			continue
		}
		if !m.opens {
			depth--
			continue
		}
		if depth++; depth > MaxDepth {
			depth--
			closes := &s.marks[m.mate]
			m.kind, m.reason, m.opens = Unmatched, TooDeep, false
			closes.kind, closes.reason = Unmatched, TooDeep
		}
	}
}

// A builder makes a tree of marks.
type builder struct {
	*scanner
	known names
	nodes []Node // of all frames, the outermost first
	at    int    // the offset up to which the text is taken in
}

// A frame is a pair of brackets that is not yet closed.
type frame struct {
	mark  int
	nodes int // how many there were before it
	label Label
}

func (s *scanner) build(known names) []Node {
	b := builder{scanner: s, known: known}
	var frames []frame
	for i, m := range s.marks {
		b.words(m.start)
		b.at = m.end
		switch {
		case m.opens:
			frames = append(frames, frame{mark: i, nodes: len(b.nodes)})
		case m.kind == Disputed || m.kind == Link:
			f := frames[len(frames)-1]
			frames = frames[:len(frames)-1]
			b.close(f, m)
		case m.kind == OptionLabel && len(frames) > 0 && b.belongs(m, frames[len(frames)-1]):
			frames[len(frames)-1].label = s.labels[i]
		case m.kind == Unmatched && b.lengthens(m, frames):
			last := &b.nodes[len(b.nodes)-1]
			last.Text = s.text[last.Offset:m.end]
		default:
			b.nodes = append(b.nodes, Node{Kind: m.kind, Offset: m.start, Text: s.text[m.start:m.end]})
		}
	}
	b.words(len(s.text))
	return b.group(b.nodes)
}

// words takes in the words up to an offset.
func (b *builder) words(end int) {
	if end > b.at {
		b.nodes = append(b.nodes, Node{Kind: Words, Offset: b.at, Text: b.text[b.at:end]})
	}
}

// belongs reports whether a label is that of the bracket in which it stands.
func (b *builder) belongs(label mark, f frame) bool {
	opens := b.marks[f.mark]
	return opens.kind == Disputed && opens.end == label.start && !label.chosen
}

// lengthens reports whether a stray bracket stands right behind another of its
// kind.
func (b *builder) lengthens(m mark, frames []frame) bool {
	n := len(b.nodes)
	if n == 0 || len(frames) > 0 && n == frames[len(frames)-1].nodes {
		return false
	}
	last := b.nodes[n-1]
	return last.Kind == Unmatched && last.Offset+len(last.Text) == m.start && last.Text[0] == b.text[m.start]
}

// close takes in the bracket whose other half is m.
func (b *builder) close(f frame, m mark) {
	opens := b.marks[f.mark]
	nodes := b.group(b.nodes[f.nodes:])
	b.nodes = b.nodes[:f.nodes]
	if m.kind == Link {
		b.nodes = append(b.nodes, Node{Kind: Link, Offset: opens.start, Nodes: nodes, Text: b.text[m.start:m.end]})
		return
	}
	a := Alternative{Offset: opens.end, End: m.start, Label: f.label, Nodes: nodes}
	b.known.attribute(&a)
	a.Meaning = meaningOf(a.Nodes)
	if n := len(b.nodes); n > 0 && b.nodes[n-1].Place != nil && b.nodes[n-1].Place.End == opens.start {
		p := b.nodes[n-1].Place
		if len(p.Alternatives) == cap(p.Alternatives) {
			// append copies the most hostile texts five times over.
			p.Alternatives = slices.Grow(p.Alternatives, len(p.Alternatives))
		}
		p.Alternatives = append(p.Alternatives, a)
		p.Joints = append(p.Joints, "][")
		p.End = m.end
		return
	}
	p := &Place{Offset: opens.start, End: m.end, Alternatives: []Alternative{a}, quoted: opens.quoted}
	b.nodes = append(b.nodes, Node{Kind: Disputed, Offset: opens.start, Place: p})
}

package negotiation

import (
	"cmp"
	"slices"

	"concord/negotiation/redline"
)

// paragraphs returns which acts of others have touched which paragraphs.
func (n *newsroom) paragraphs() []ParagraphNews {
	found := []ParagraphNews{}
	var come []Verified
	for _, v := range n.come {
		if _, none := n.without[v.id]; !none && !v.beyond {
			come = append(come, v)
		}
	}
	if len(come) == 0 || !n.now.Convened() {
		return found
	}
	var gone []ParagraphNews
	trace, last := n.now.traced().trace, len(n.now.Revisions)-1
	for _, place := range trace {
		taken := place.Fate == redline.Delete && place.Until > last-len(n.newer())
		if place.Fate != redline.Keep && !taken {
			continue
		}
		d := newDescent(trace, place.ID, last+1)
		p := ParagraphNews{Label: n.now.labelOf(place, n.now.Current().Labels), Number: 1 + place.Index[last], Acts: []ActID{}}
		proposals := n.now.touching(d)
		for _, v := range come {
			if n.now.touches(v, d, proposals) {
				p.Acts = append(p.Acts, v.id)
				if c, ok := v.act.Content.(Revise); ok {
					p.Reworded = p.Reworded || len(d.changes(c.Revision, v.redline)) > 0
				}
			}
		}
		switch {
		case len(p.Acts) == 0:
		case p.Number == 0:
			gone = append(gone, p)
		default:
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b ParagraphNews) int { return cmp.Compare(a.Number, b.Number) })
	return append(found, gone...)
}

// descentAt returns the descent of paragraph i, from 0, of a revision.
func (s *State) descentAt(revision uint64, i int) descent {
	trace := s.traced().trace
	for _, t := range trace {
		if t.Index[revision-1] == i {
			return newDescent(trace, t.ID, len(s.Revisions))
		}
	}
	return descent{places: make([][]int, len(s.Revisions))}
}

package redline

import (
	"slices"
	"strings"
)

// Shown returns the segments of a paragraph as they are shown: disputes of the
// same proposals with little between them are one, one that would tear brackets of
// the text apart takes in all between them, as does one that would tear emphasis
// about which others differ, and so are two that would stand bracket to bracket.
func (p Paragraph) Shown() []Segment {
	return joinSegments(unambiguous(framed(widened(p.Segments))))
}

// joinSegments joins disputes for display, and words between which lines are
// only wrapped.
func joinSegments(segs []Segment) []Segment {
	segs = joinWords(segs)
	var out []Segment
	for i := 0; i < len(segs); i++ {
		s := segs[i]
		for s.Dispute != nil && i+1 < len(segs) {
			space, next := "", i+1
			if segs[next].Dispute == nil {
				space, next = segs[next].Text, next+1
			}
			if next >= len(segs) || segs[next].Dispute == nil || !s.Dispute.swallows(space, segs[next].Dispute) {
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

// joinWords joins neighbouring segments that nobody disputes.
func joinWords(segs []Segment) []Segment {
	if !slices.ContainsFunc(segs, func(s Segment) bool { return s.wraps != nil }) {
		return segs
	}
	var out []Segment
	for _, s := range segs {
		if n := len(out); n > 0 && s.Dispute == nil && out[n-1].Dispute == nil {
			out[n-1] = Segment{Text: out[n-1].Text + s.Text}
			continue
		}
		out = append(out, s)
	}
	return out
}

// swallows reports whether d and the next dispute are better shown as one with
// the words between them: because these are small, or because the disputes are
// about what stands at either end of some words, as emphasis and quotation marks
// do.
func (d *Dispute) swallows(between string, next *Dispute) bool {
	const most = 64 // bytes
	size := 0
	for _, a := range d.Alternatives {
		size += len(a.Text)
	}
	return size < mostJoined && (small(between, min(d.letters(), next.letters())) ||
		d.frames() && next.frames() && len(between) <= most)
}

// frames reports whether d is about emphasis or quotation marks.
func (d *Dispute) frames() bool {
	return !slices.ContainsFunc(d.Alternatives, func(a Alternative) bool {
		return strings.Trim(a.Text, "*_`~\"'“”„‘’‚«»‹›「」『』") != ""
	})
}

// letters returns the weight of the heaviest alternative.
func (d *Dispute) letters() int {
	n := 0
	for _, a := range d.Alternatives {
		n = max(n, letters(a.Text))
	}
	return n
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

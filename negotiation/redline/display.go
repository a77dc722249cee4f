package redline

import (
	"slices"
	"strings"
)

// A display is a paragraph as notations show it.
type display struct {
	segments []displayed
	tail     string  // white space at the end, which nobody is shown to dispute
	joiners  joiners // who joins it to the one before
	worded   bool    // one of these keeps its marker, as words
	code     bool    // it is fenced code, or fences it
}

// joiners are the proposals that take the break off the end of a paragraph, and who
// wants that; both sorted.
type joiners struct{ proposals, parties []string }

// A displayed segment may have to stand apart from the words before and behind it, if
// they do not end or begin with white space.
type displayed struct {
	Segment
	before, after bool
}

// displays returns the paragraphs for display. Beyond what [Paragraph.Shown] does,
//
//   - who joins a paragraph to the one before is not shown to take its marker off:
//     that goes with the break;
//   - white space at the end of a paragraph is in no dispute;
//   - a paragraph break stands apart.
//
// It takes time in the size of d.
func (d Document) displays() []display {
	shown := make([]display, len(d.Paragraphs))
	var joiners joiners
	var standing, inserted fenceReader
	var of []string // the proposals that insert the paragraph before
	for i, p := range d.Paragraphs {
		s := &shown[i]
		s.tail = p.tail()
		if p.Base == none {
			if ids := p.Segments[0].Dispute.proposals(); !slices.Equal(ids, of) {
				inserted, of = standing, ids
			}
			s.code, s.segments = inserted.code(p.standing()), settle(p.Shown())
			continue
		}
		s.code = standing.code(p.standing())
		inserted, of = standing, nil
		s.joiners, s.worded = joiners, p.keepsMarker(joiners)
		joiners, p.Segments = p.joiners(), flatten(p.Segments, s.tail)
		segs := p.Shown()
		if !s.code {
			segs = withMarker(segs, s.joiners)
		}
		s.segments = settle(segs)
	}
	return shown
}

func (p Paragraph) joiners() joiners {
	d := p.Segments[len(p.Segments)-1].Dispute
	if d == nil || !strings.HasSuffix(d.Alternatives[0].Text, Break) {
		return joiners{}
	}
	var joined Alternative
	for _, a := range d.Alternatives[1:] {
		if !strings.HasSuffix(a.Text, Break) {
			joined.Proposals = append(joined.Proposals, a.Proposals...)
			joined.Parties = append(joined.Parties, a.Parties...)
		}
	}
	joined.sort()
	return joiners{joined.Proposals, joined.Parties}
}

// keepsMarker reports whether one of the joiners changes nothing where p begins.
func (p Paragraph) keepsMarker(joiners joiners) bool {
	var change []string
	if d := p.Segments[0].Dispute; d != nil {
		change = d.proposals()
	}
	return slices.ContainsFunc(joiners.proposals, func(id string) bool {
		_, ok := slices.BinarySearch(change, id)
		return !ok
	})
}

// withMarker returns the segments of a paragraph as if those who join it to the
// one before left its marker; segs if that cannot be told from what else they
// change.
func withMarker(segs []Segment, joiners joiners) []Segment {
	if len(joiners.proposals) == 0 || segs[0].Dispute == nil {
		return segs
	}
	d := segs[0].Dispute
	first := d.Alternatives[0].Text
	m := marker.FindString(baseOf(segs))
	switch {
	case m == "":
		return segs
	case len(first) <= len(m):
		return withoutJoiners(segs, m[len(first):], joiners)
	}
	var words []Alternative
	for _, a := range d.Alternatives {
		text, ok := strings.CutPrefix(a.Text, m)
		if all, _ := joiners.behind(a); all {
			text, ok = strings.TrimLeft(a.Text, softSpace), true
		}
		if !ok {
			return segs
		}
		a.Text = text
		words = append(words, a)
	}
	return append([]Segment{{Text: m}, d.with(words)}, segs[1:]...)
}

// withoutJoiners returns segs, where the first dispute is over the marker but for
// its rest, without those who only take it off to join the paragraph.
func withoutJoiners(segs []Segment, rest string, joiners joiners) []Segment {
	d := segs[0].Dispute
	var kept []Alternative
	for _, a := range d.Alternatives {
		all, some := joiners.behind(a)
		if some && strings.Trim(a.Text+rest, softSpace) != "" {
			return segs
		}
		if some {
			a = joiners.without(a)
		}
		if !all {
			kept = append(kept, a)
		}
	}
	return append([]Segment{d.with(kept)}, segs[1:]...)
}

// behind reports whether all who want a are among the joiners, or some.
func (j joiners) behind(a Alternative) (all, some bool) {
	n := 0
	for _, id := range a.Proposals {
		if _, ok := slices.BinarySearch(j.proposals, id); ok {
			n++
		}
	}
	return n > 0 && n == len(a.Proposals), n > 0
}

// without returns a with those who want it and are no joiners; with all parties if
// these cannot be told apart.
func (j joiners) without(a Alternative) Alternative {
	others := func(all, some []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(s string) bool {
			_, ok := slices.BinarySearch(some, s)
			return ok
		})
	}
	a.Proposals = others(a.Proposals, j.proposals)
	if parties := others(a.Parties, j.parties); len(parties) > 0 {
		a.Parties = parties
	}
	return a
}

// with returns d with other wordings, of which the first is the base's; those that
// are no others are left out.
func (d *Dispute) with(wordings []Alternative) Segment {
	base := wordings[0]
	kept := []Alternative{base}
	for _, a := range wordings[1:] {
		if squash(a.Text) != squash(base.Text) {
			kept = append(kept, a)
		}
	}
	if len(kept) == 1 {
		return Segment{Text: base.Text}
	}
	return Segment{Dispute: &Dispute{Alternatives: kept, Touching: d.Touching}}
}

// breaks reports whether a paragraph break is in dispute.
func (d *Dispute) breaks() bool {
	return slices.ContainsFunc(d.Alternatives, func(a Alternative) bool { return strings.Contains(a.Text, Break) })
}

// baseOf returns the words that the base has for segments.
func baseOf[S interface{ base() string }](segs []S) string {
	var b strings.Builder
	for _, s := range segs {
		b.WriteString(s.base())
	}
	return b.String()
}

// standing returns the words of the base or, of a new paragraph, those proposed.
func (p Paragraph) standing() string {
	if p.Base == none {
		return p.Segments[0].Dispute.Alternatives[1].Text
	}
	return strings.TrimSuffix(baseOf(p.Segments), Break)
}

// tail returns the white space at the end of the paragraph.
func (p Paragraph) tail() string {
	text := p.standing()
	return text[len(strings.TrimRight(text, softSpace)):]
}

// flatten returns the segments of a paragraph of the base with single spaces in its
// tail, which is not at the end of what all want.
func flatten(segs []Segment, tail string) []Segment {
	if squash(tail) == tail {
		return segs
	}
	segs = slices.Clone(segs)
	left := len(tail)
	if strings.HasSuffix(segs[len(segs)-1].base(), Break) {
		left += len(Break)
	}
	for i := len(segs) - 1; i >= 0 && left > 0; i-- {
		s := &segs[i]
		left -= len(s.base())
		if s.Dispute == nil {
			s.Text = oneSpace(s.Text)
			continue
		}
		d := &Dispute{Alternatives: slices.Clone(s.Dispute.Alternatives), Touching: s.Dispute.Touching}
		for k := range d.Alternatives {
			d.Alternatives[k].Text = oneSpace(d.Alternatives[k].Text)
		}
		s.Dispute = d
	}
	return segs
}

// oneSpace returns text with a single space for white space at its end, or before a break
// there.
func oneSpace(text string) string {
	text, ends := strings.CutSuffix(text, Break)
	words := strings.TrimRight(text, softSpace)
	text = words + squash(text[len(words):])
	if ends {
		text += Break
	}
	return text
}

// settle brings the white space of a paragraph into order.
func settle(segs []Segment) []displayed {
	var s settler
	for _, seg := range segs {
		if seg.Dispute == nil {
			s.words(seg.Text)
		} else {
			d, before, after := seg.Dispute.apart()
			s.settled = append(s.settled, displayed{Segment{Dispute: d}, before, after})
		}
	}
	s.end()
	return s.settled
}

// A settler is what is in order so far.
type settler struct{ settled []displayed }

func (s *settler) words(text string) {
	if text == "" {
		return
	}
	if n := len(s.settled); n > 0 && s.settled[n-1].Dispute == nil {
		s.settled[n-1].Text += text
		return
	}
	s.settled = append(s.settled, displayed{Segment: Segment{Text: text}})
}

// apart returns d without white space at a side where a paragraph break is in
// dispute, and whether it had to stand apart there.
func (d *Dispute) apart() (e *Dispute, before, after bool) {
	breaks, other := [2]bool{}, [2]bool{}
	for _, a := range d.Alternatives {
		left, right := strings.TrimLeft(a.Text, softSpace), strings.TrimRight(a.Text, softSpace)
		for side, is := range [2]bool{strings.HasPrefix(left, Break), strings.HasSuffix(right, Break)} {
			breaks[side] = breaks[side] || is
			blank := a.Text == "" || left != a.Text && side == 0 || right != a.Text && side == 1
			other[side] = other[side] || !is && !blank
		}
	}
	before, after = breaks[0] && !other[0], breaks[1] && !other[1]
	if !before && !after {
		return d, false, false
	}
	e = &Dispute{Touching: d.Touching}
	for _, a := range d.Alternatives {
		if before {
			a.spaced[0] = startsBlank(a.Text)
			a.Text = strings.TrimLeft(a.Text, softSpace)
		}
		if after {
			a.spaced[1] = endsBlank(a.Text)
			a.Text = strings.TrimRight(a.Text, softSpace)
		}
		e.Alternatives = append(e.Alternatives, a)
	}
	return e, before, after
}

// end takes off white space at the end, and before a break there.
func (s *settler) end() {
	for n := len(s.settled); n > 0; n = len(s.settled) {
		last := s.settled[n-1]
		switch {
		case last.Dispute == nil:
			if text := strings.TrimRight(last.Text, softSpace); text != "" {
				s.settled[n-1].Text = text
				return
			}
			s.settled = s.settled[:n-1]
		case last.Dispute.breaks():
			if before := n - 2; last.before && before >= 0 && s.settled[before].Dispute == nil {
				s.settled[before].Text = strings.TrimRight(s.settled[before].Text, softSpace)
			}
			return
		default:
			var words []Alternative
			for _, a := range last.Dispute.Alternatives {
				a.Text = strings.TrimRight(a.Text, softSpace)
				words = append(words, a)
			}
			last.Segment = last.Dispute.with(words)
			s.settled = s.settled[:n-1]
			if last.Dispute != nil {
				s.settled = append(s.settled, last)
				return
			}
			s.words(last.Text)
		}
	}
}

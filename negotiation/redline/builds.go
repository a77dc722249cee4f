package redline

import "slices"

// derivedWords is how many words two sides must have put into a text alike, in
// one stretch of it, for one of them to be taken to build on the other.
const derivedWords = 12

// settle resolves conflicts in which one side has done, word for word, all that
// the other has, and more: as when a change was taken over from one branch to
// another and worked on there. Fewer words may be alike by chance, and a conflict
// stays one. Stretches of neighbouring paragraphs are judged each by itself.
func (m *Merged) settle() {
	ps := m.Document.Paragraphs
	for lo := 0; lo < len(ps); {
		hi := lo
		for hi < len(ps) && ps[hi].disputed() {
			hi++
		}
		if hi > lo && m.inConflict(ps[lo:hi]) {
			m.settleStretch(ps[lo:hi])
		}
		lo = hi + 1
	}
}

// disputed reports whether anybody wants anything of p.
func (p Paragraph) disputed() bool {
	return p.Fate != nil || slices.ContainsFunc(p.Segments, func(s Segment) bool { return s.Dispute != nil })
}

func (p Paragraph) disputes() []*Dispute {
	var all []*Dispute
	if p.Fate != nil {
		all = append(all, p.Fate)
	}
	for _, s := range p.Segments {
		if s.Dispute != nil {
			all = append(all, s.Dispute)
		}
	}
	return all
}

func (m *Merged) inConflict(ps []Paragraph) bool {
	return slices.ContainsFunc(ps, func(p Paragraph) bool {
		return slices.ContainsFunc(p.disputes(), func(d *Dispute) bool { return m.conflicts[d] })
	})
}

// settleStretch gives a stretch to the side that has all of the other's changes.
func (m *Merged) settleStretch(ps []Paragraph) {
	stretch := Document{}
	first := none
	for _, p := range ps {
		if p.Base != none {
			if first == none {
				first = p.Base
			}
			p.Base -= first
		}
		for _, d := range p.disputes() {
			for _, a := range d.Alternatives {
				if a.Moved {
					return
				}
			}
		}
		stretch.Paragraphs = append(stretch.Paragraphs, p)
	}
	base, one, other := stretch.Take(), stretch.Take(m.names[0]), stretch.Take(m.names[1])
	winner := ""
	switch {
	case builds(base, one, other):
		winner = m.names[0]
	case builds(base, other, one):
		winner = m.names[1]
	default:
		return
	}
	for _, p := range ps {
		for _, d := range p.disputes() {
			delete(m.conflicts, d)
			m.settled[d] = winner
		}
	}
}

// builds reports whether text has all that other changes of base, and that is
// enough: nothing that text changes of other overlaps what base does.
func builds(base, text, other []string) bool {
	edits := func(to []string) Edits {
		e, err := Compare(other, to).Edits(other)
		if err != nil {
			panic(err) // Compare gives redlines of its base
		}
		return e
	}
	d := Rolling(other, []Proposal{{ID: "base", Edits: edits(base)}, {ID: "text", Edits: edits(text)}})
	words := 0
	for _, p := range d.Paragraphs {
		var edited []string
		for _, x := range p.disputes() {
			ids := x.proposals()
			if len(ids) > 1 || len(x.Alternatives) > 2 {
				return false
			}
			if x == p.Fate {
				continue
			}
			edited = append(edited, ids...)
			if ids[0] == "base" {
				words += CountWords(x.Alternatives[0].Text)
			}
		}
		if p.Fate == nil {
			continue
		}
		if p.Fate.clashes(edited) {
			return false
		}
		if p.Fate.proposals()[0] == "base" {
			for _, s := range p.Segments {
				words += CountWords(s.base())
			}
		}
	}
	return words >= derivedWords
}

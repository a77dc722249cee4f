package negotiation

import (
	"slices"
	"strings"

	"concord/negotiation/redline"
)

// A descent is where a paragraph, and those that it came from, stood in each
// revision: it follows the paragraph back through moves, to what it was split off
// from, and to what was joined to it, as the signed redlines say.
type descent struct {
	id     int         // of the paragraph among those of the tracing
	until  map[int]int // ID of each paragraph of the descent to the first revision, from 0, in which it no longer is of it
	places [][]int     // for each revision, the indices of its paragraphs, ascending
}

// descentOf returns the descent of the paragraph that a person calls by a label: of
// the newest revision or, where it has none of that label, of the last that had.
// The error is [ErrUnknownBase].
func (s *State) descentOf(label string) (descent, error) {
	for k := len(s.Revisions) - 1; k >= 0; k-- {
		i := slices.IndexFunc(s.Revisions[k].Labels, func(l string) bool { return strings.EqualFold(l, label) })
		if i < 0 {
			continue
		}
		trace := s.traced().trace
		at := slices.IndexFunc(trace, func(t redline.Traced) bool { return t.Index[k] == i })
		return newDescent(trace, trace[at].ID, len(s.Revisions)), nil
	}
	return descent{}, ErrUnknownBase.Because("no revision of the text has a paragraph %q; paragraphs are called Title, PP1, OP3, OP3(a) and so on", clip(label))
}

func newDescent(trace []redline.Traced, id, revisions int) descent {
	d := descent{id: id, until: map[int]int{id: revisions}, places: make([][]int, revisions)}
	byID := map[int]redline.Traced{}
	joined := map[int][]redline.Traced{} // by what they were joined to
	for _, t := range trace {
		byID[t.ID] = t
		if t.Fate == redline.Join {
			joined[t.Into] = append(joined[t.Into], t)
		}
	}
	for waiting := []int{id}; len(waiting) > 0; waiting = waiting[1:] {
		reach := func(id, until int) {
			if until > d.until[id] {
				d.until[id] = until
				waiting = append(waiting, id)
			}
		}
		id := waiting[0]
		if t := byID[id]; t.From > 0 && t.Since < d.until[id] {
			reach(t.From, t.Since)
		}
		for _, t := range joined[id] {
			if t.Until < d.until[id] {
				reach(t.ID, t.Until)
			}
		}
	}
	for id, until := range d.until {
		for k, i := range byID[id].Index[:until] {
			if i >= 0 {
				d.places[k] = append(d.places[k], i)
			}
		}
	}
	for _, places := range d.places {
		slices.Sort(places)
	}
	return d
}

// place returns a place at which the paragraph stands or stood.
func (d descent) place(t tracing) redline.Traced {
	return t.trace[slices.IndexFunc(t.trace, func(t redline.Traced) bool { return t.ID == d.id })]
}

// has reports whether paragraph i, from 0, of a revision is of the descent.
func (d descent) has(revision uint64, i int) bool {
	_, found := slices.BinarySearch(d.places[revision-1], i)
	return found
}

// steps returns what a redline of a revision does to the paragraphs of the descent
// that stand in it.
func (d descent) steps(revision uint64, r redline.Redline) redline.Redline {
	var touching redline.Redline
	for _, step := range r {
		if step.Kind == redline.Keep {
			continue
		}
		for i := step.From; i < step.To; i++ {
			if d.has(revision, i) {
				touching = append(touching, step)
				break
			}
		}
	}
	return touching
}

// changes returns what the redline that leads to a revision does to the descent.
func (d descent) changes(revision uint64, r redline.Redline) redline.Redline {
	touching := d.steps(revision-1, r)
	j := 0
	for _, step := range r {
		if step.Kind == redline.Insert && d.has(revision, j) {
			touching = append(touching, step)
		}
		j += step.Gives()
	}
	return touching
}

// origins returns the origins of the words that the paragraphs of the descent ever had
// while they were of it, by the number of the revision that brought them in.
func (d descent) origins(t tracing) map[uint64][]Origin {
	seen := map[[2]int]bool{}
	all := map[uint64][]Origin{}
	for _, place := range t.trace {
		for _, w := range place.Words {
			key := [2]int{w.Since, w.Part}
			if w.Text == "" || w.Since >= d.until[place.ID] || seen[key] {
				continue
			}
			seen[key] = true
			o := t.origin(w)
			all[o.Revision] = append(all[o.Revision], o)
		}
	}
	return all
}

// touching returns the proposals that touch the descent: those of which a wording
// changes it, and those whose words it has or had.
func (s *State) touching(d descent) map[ProposalID]bool {
	touching := map[ProposalID]bool{}
	for _, p := range s.Proposals {
		for _, w := range p.Wordings {
			if len(d.steps(w.Base, s.act(w.Act).redline)) > 0 {
				touching[p.ID] = true
			}
		}
	}
	for _, origins := range d.origins(s.traced()) {
		for _, o := range origins {
			for _, c := range o.Contributors {
				if c.Proposal != (ProposalID{}) && c.Beside == "" { // its number may be that of another, which counts
					touching[c.Proposal] = true
				}
			}
		}
	}
	return touching
}

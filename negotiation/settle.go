package negotiation

import (
	"bytes"
	"cmp"
	"slices"
)

// settles reports whether an act of this content decides between the sides of a fork.
func (l *Ledger) settles(c Content) bool {
	switch c := c.(type) {
	case Recover, Succeed:
		return true
	case Rekey:
		_, recovered := l.acts[c.Established].act.Content.(Recover)
		return recovered
	}
	return false
}

// outranks reports whether one settling act of a chain prevails over another that
// stands on another side. It depends on the two and on what they name alone:
//
//   - a [Recover] outranks one with fewer recoveries before it on its own path;
//   - a [Rekey] outranks one by the same author that cites a recovery with fewer
//     before it;
//   - a [Succeed] outranks every Rekey, and another Succeed when states recognise in
//     both, each of them later in its record for this one.
func (l *Ledger) outranks(a, b *Verified) bool {
	switch c := a.act.Content.(type) {
	case Recover:
		return a.after.recoveries > b.after.recoveries
	case Rekey:
		other, rekeys := b.act.Content.(Rekey)
		return rekeys && a.act.Author == b.act.Author &&
			l.acts[c.Established].after.recoveries > l.acts[other.Established].after.recoveries
	case Succeed:
		other, succeeds := b.act.Content.(Succeed)
		return !succeeds || l.recognisedLater(c.Recognised, other.Recognised)
	}
	return false
}

// recognisedLater reports whether every state with a recognition among both has the one
// of these later in its record, and whether there is such a state.
func (l *Ledger) recognisedLater(these, those []ActID) bool {
	both := false
	for _, id := range these {
		i := slices.IndexFunc(those, func(other ActID) bool { return l.acts[other].act.Author == l.acts[id].act.Author })
		if i < 0 {
			continue
		}
		if both = true; !l.later(id, those[i]) {
			return false
		}
	}
	return both
}

// later reports whether an act of a chain builds, by [Act.Previous], on another.
func (l *Ledger) later(id, other ActID) bool {
	place := l.acts[other].act.Sequence
	for l.acts[id].act.Sequence > place {
		if id = l.acts[id].act.Previous; id == other {
			return true
		}
	}
	return false
}

// deciding returns which side of a fork prevails, and the first act by place and name
// that decides so; zero when none does. It is given the settling acts of each side.
func (l *Ledger) deciding(sides [][]*Verified) (side int, by ActID) {
	rivals := make([][]*Verified, len(sides))
	for i, acts := range sides {
		rivals[i] = l.highest(acts)
	}
	var first *Verified
	for i, acts := range sides {
		for _, v := range acts {
			if first != nil && compareByPlace(v, first) > 0 {
				continue
			}
			decides := true
			for j := range sides {
				stands := func(r *Verified) bool { return !l.outranks(v, r) }
				decides = decides && (j == i || !slices.ContainsFunc(rivals[j], stands))
			}
			if decides {
				side, by, first = i, v.id, v
			}
		}
	}
	return side, by
}

// highest returns acts of a side such that whatever outranks these outranks all:
// every succession, and of each author's other acts one that none of them outranks.
func (l *Ledger) highest(acts []*Verified) []*Verified {
	var highest []*Verified
	for _, v := range acts {
		i := slices.IndexFunc(highest, func(h *Verified) bool {
			return h.act.Author == v.act.Author && h.act.Content.Kind() == v.act.Content.Kind() && v.act.Content.Kind() != kindSucceed
		})
		if i < 0 {
			highest = append(highest, v)
		} else if l.outranks(v, highest[i]) {
			highest[i] = v
		}
	}
	return highest
}

func compareByPlace(a, b *Verified) int {
	return cmp.Or(cmp.Compare(a.act.Sequence, b.act.Sequence), bytes.Compare(a.id[:], b.id[:]))
}

// settling returns, for each act, those that settle among it and what follows it. The
// acts come by place.
func settling(acts []Verified) map[ActID][]*Verified {
	under := map[ActID][]*Verified{}
	for i := range slices.Backward(acts) {
		v := &acts[i]
		here := under[v.id]
		if v.settles {
			here = append(here, v)
			under[v.id] = here
		}
		switch before := under[v.act.Previous]; {
		case len(here) == 0:
		case before == nil:
			under[v.act.Previous] = here // no copy along an unforked path
		default:
			under[v.act.Previous] = slices.Concat(before, here)
		}
	}
	return under
}

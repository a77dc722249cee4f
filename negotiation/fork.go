package negotiation

import (
	"cmp"
	"maps"
	"slices"
)

// A Fork is a place of a chain at which more than one act stands, each signed by the
// key in force there: proof against whoever has that key. Unless a settling act on one
// side outranks all those on the others, the chain is frozen before the place: nothing
// from there on counts.
type Fork struct {
	Chain     Chain   `json:"chain"`
	Place     uint64  `json:"place"`
	After     ActID   `json:"after,omitzero"`     // the act before; zero at place 1
	Sides     []ActID `json:"sides"`              // the acts at the place that are held, by name
	SettledBy ActID   `json:"settledBy,omitzero"` // the act that decides; zero while the chain is frozen
}

// Frozen reports whether nothing has settled the fork.
func (f Fork) Frozen() bool { return f.SettledBy.IsZero() }

// A tree is all acts of one chain that are held: the line, which counts, and what is
// beside it. Both are functions of the set of acts: from the root the line follows an
// act's only child; of several children, the one that is, or leads to, a settling act
// which outranks all those that the other children are or lead to; else it ends.
type tree struct {
	line   []Verified
	beside []Verified     // each after the one that it follows
	tips   map[ActID]bool // acts that none follows
	ends   []Head         // these acts, for those who ask; nil when nobody has since
	filled uint64         // the last place at which an act stands
	forks  []Fork         // on the line, by place
	stale  bool           // acts have come since the line was drawn, and are all in beside
}

// end returns the name of the last act that counts; zero when none does.
func (t *tree) end() ActID {
	if len(t.line) == 0 {
		return ActID{}
	}
	return t.line[len(t.line)-1].id
}

// counts reports whether an act at a place stands on the line; place 0 is before all.
func (t *tree) counts(id ActID, place uint64) bool {
	return place == 0 || place <= uint64(len(t.line)) && t.line[place-1].id == id
}

// add takes an act whose predecessor is in the tree. What goes on at the end of the
// line, or of a side without settling it, takes constant time; after all else the line
// is drawn anew when somebody asks for it ([Ledger.tree]). What v names is in the ledger.
func (t *tree) add(v Verified) {
	straight := !t.stale && v.act.Previous == t.end() && (t.tips[v.act.Previous] || t.filled == 0)
	delete(t.tips, v.act.Previous)
	t.tips[v.id] = true
	t.ends = nil
	t.filled = max(t.filled, v.act.Sequence)
	if straight {
		t.line = append(t.line, v)
	} else {
		t.beside = append(t.beside, v)
	}
	if v.settles && (!straight || len(t.forks) > 0) || !straight && t.counts(v.act.Previous, v.act.Sequence-1) {
		t.stale = true
	}
}

// with returns the tree as it would be with some acts more.
func (t *tree) with(l *Ledger, acts ...Verified) *tree {
	more := *t
	more.line, more.beside, more.tips = slices.Clip(t.line), slices.Clip(t.beside), maps.Clone(t.tips)
	if more.tips == nil {
		more.tips = map[ActID]bool{}
	}
	for _, v := range acts {
		more.add(v)
	}
	if more.stale {
		more.draw(l)
	}
	return &more
}

// draw finds the line anew.
func (t *tree) draw(l *Ledger) {
	acts := slices.Concat(t.line, t.beside)
	slices.SortFunc(acts, func(a, b Verified) int { return compareByPlace(&a, &b) })
	next := map[ActID][]Verified{}
	for _, v := range acts {
		next[v.act.Previous] = append(next[v.act.Previous], v)
	}
	under := settling(acts)
	t.line, t.beside, t.forks, t.stale = nil, nil, nil, false
	for {
		sides := next[t.end()]
		if len(sides) == 0 {
			break
		}
		follow := sides[0]
		if len(sides) > 1 {
			f := Fork{Chain: follow.act.Chain, Place: follow.act.Sequence, After: t.end()}
			settlers := make([][]*Verified, len(sides))
			for i, v := range sides {
				f.Sides = append(f.Sides, v.id)
				settlers[i] = under[v.id]
			}
			side, by := l.deciding(settlers)
			f.SettledBy, follow = by, sides[side]
			if t.forks = append(t.forks, f); f.Frozen() {
				break
			}
		}
		t.line = append(t.line, follow)
	}
	for _, v := range acts {
		if !t.counts(v.id, v.act.Sequence) {
			t.beside = append(t.beside, v)
		}
	}
}

// path returns the acts that lead to one, from a place on; nothing when it is not here.
func (t *tree) path(to ActID, from uint64) []Verified {
	is := func(id ActID) func(Verified) bool { return func(v Verified) bool { return v.id == id } }
	from = max(from, 1)
	if i := slices.IndexFunc(t.line, is(to)); i >= 0 {
		return slices.Clip(t.line[min(from-1, uint64(i+1)) : i+1])
	}
	var side []Verified
	for _, v := range slices.Backward(t.beside) {
		if v.id == to {
			side, to = append(side, v), v.act.Previous
		}
	}
	if len(side) == 0 {
		return nil
	}
	slices.Reverse(side)
	path := slices.Concat(t.line[:side[0].act.Sequence-1], side)
	return path[min(from-1, uint64(len(path))):]
}

// heads returns the acts that none follows, those first without which others come to
// something else: the end of the line or, while the chain is frozen, one end of each
// side that freezes it; then the others. Among alike, those go first with what settles
// and outranks, then by place and name.
func (t *tree) heads(c Chain) []Head {
	if t.ends != nil {
		return t.ends
	}
	var ends []Verified
	sides := t.frozenSides()
	for _, v := range t.beside {
		if t.tips[v.id] {
			ends = append(ends, v)
		}
	}
	slices.SortFunc(ends, func(a, b Verified) int {
		return cmp.Or(cmp.Compare(b.after.rank, a.after.rank), compareByPlace(&a, &b))
	})
	if end := t.end(); t.tips[end] {
		t.ends = append(t.ends, Head{c, uint64(len(t.line)), end})
	}
	var others []Head
	told := map[ActID]bool{{}: true} // which sides have one end there; zero for none
	for _, v := range ends {
		h := Head{c, v.act.Sequence, v.id}
		if side := sides[v.id]; !told[side] {
			told[side] = true
			t.ends = append(t.ends, h)
		} else {
			others = append(others, h)
		}
	}
	t.ends = append(t.ends, others...)
	return t.ends
}

// frozenSides returns which of the sides that freeze the chain an act is on.
func (t *tree) frozenSides() map[ActID]ActID {
	if len(t.forks) == 0 || !t.forks[len(t.forks)-1].Frozen() {
		return nil
	}
	sides := map[ActID]ActID{}
	for _, id := range t.forks[len(t.forks)-1].Sides {
		sides[id] = id
	}
	for _, v := range t.beside { // each after the one that it follows
		if side, on := sides[v.act.Previous]; on {
			sides[v.id] = side
		}
	}
	return sides
}

package negotiation

import "slices"

const (
	// maxSides bounds the ends of a chain that are kept though nothing needs them.
	maxSides = 64

	// maxWaiting bounds what waits of one chain, and actSize is the least that an act
	// is counted as, both in bytes.
	maxWaiting = 4 << 20
	actSize    = 4 << 10
)

// Admit adds an act that was verified against l, unless its chain has as many ends as
// are kept for nothing and the act would make one more. Such an act waits, until
// something needs it: the line would be another with it or with a settling act that
// follows it, or an act that is kept is about it or about one that follows it. So what
// a flood of sides has kept out of one ledger, and not out of another, makes no
// difference to what counts, nor to the acts of others.
//
// It returns the acts that are kept now, each after those that it builds on: v and what
// has waited for it; none when v waits. What waits is in no chain. Of each chain 4 MiB
// wait, an act counted as at least 4 KiB; the oldest make room, and have to come
// again. The error is that of [Ledger.Append].
func (l *Ledger) Admit(v Verified) ([]Verified, error) {
	if err := l.follows(v); err != nil {
		return nil, err
	}
	if !l.hasRoom(v) && !l.matters(v) {
		l.wait(v)
		return nil, nil
	}
	kept := l.keep(v)
	for more := kept; v.settles && len(more) > 0; kept = append(kept, more...) {
		more = l.reconsider(v.act.Chain)
	}
	return kept, nil
}

// reconsider keeps an act that has waited if, with v, those that wait make a difference
// which none of them made before, and returns what is kept with it.
func (l *Ledger) reconsider(c Chain) []Verified {
	t, waiting := l.tree(c), l.waitingIn(c)
	i := slices.IndexFunc(waiting, func(w Verified) bool { return w.settles })
	if i < 0 || t.with(l, waiting...).end() == t.end() {
		return nil
	}
	return l.keep(waiting[i])
}

// waits reports whether an act waits.
func (l *Ledger) waits(id ActID) bool {
	_, waits := l.roots[id]
	return waits
}

// Waiting returns the acts that wait, in the order in which they came; see [Ledger.Admit].
func (l *Ledger) Waiting() []Verified { return slices.Clone(l.waiting) }

// root returns the act that v follows with those that wait before it in its chain.
func (l *Ledger) root(v Verified) ActID {
	if root, waits := l.roots[v.act.Previous]; waits {
		return root
	}
	return v.act.Previous
}

// waitingIn returns the acts of a chain that wait.
func (l *Ledger) waitingIn(c Chain) []Verified {
	return slices.DeleteFunc(slices.Clone(l.waiting), func(w Verified) bool { return w.act.Chain != c })
}

// hasRoom reports whether an act, with those that wait before it, makes no end more in
// its chain than are kept.
func (l *Ledger) hasRoom(v Verified) bool {
	t := l.chains[v.act.Chain]
	return t == nil || t.tips[l.root(v)] || len(t.tips) < l.sides
}

// matters reports whether the line of a chain would end elsewhere with an act and those
// that wait. Without the act it would not: these have been asked before.
func (l *Ledger) matters(v Verified) bool {
	t := l.tree(v.act.Chain)
	if v.settles {
		return t.with(l, append(l.waitingIn(v.act.Chain), v)...).end() != t.end()
	}
	// It can do no more than fork the line after all that settles there.
	place := v.act.Sequence
	return place <= uint64(len(t.line)) && t.counts(v.act.Previous, place-1) &&
		!slices.ContainsFunc(t.line[place-1:], func(w Verified) bool { return w.settles }) && t.with(l, v).end() != t.end()
}

// keep adds an act, after those that wait and on which it builds, and returns them all.
func (l *Ledger) keep(v Verified) []Verified {
	if !slices.ContainsFunc(append(v.act.References(), v.act.Previous, v.id), l.waits) {
		l.add(v)
		return []Verified{v}
	}
	needed := map[ActID]bool{v.id: true}
	need := func(w Verified) {
		needed[w.act.Previous] = true
		for _, id := range w.act.References() {
			needed[id] = true
		}
	}
	need(v)
	for _, w := range slices.Backward(l.waiting) { // each came after those that it builds on
		if needed[w.id] {
			need(w)
		}
	}
	var kept []Verified
	l.waiting = slices.DeleteFunc(l.waiting, func(w Verified) bool {
		if needed[w.id] {
			l.leave(w)
		}
		if needed[w.id] && w.id != v.id {
			kept = append(kept, w)
		}
		return needed[w.id]
	})
	for _, w := range l.waiting {
		l.roots[w.id] = l.root(w)
	}
	kept = append(kept, v)
	for _, w := range kept {
		l.add(w)
	}
	return kept
}

// wait has an act wait, and drops the oldest of its chain for which there is no space,
// with all that builds on them.
func (l *Ledger) wait(v Verified) {
	l.roots[v.id] = l.root(v)
	l.acts[v.id], l.waiting = v, append(l.waiting, v)
	if l.queued[v.act.Chain] += v.queues(); l.queued[v.act.Chain] <= maxWaiting {
		return
	}
	size := 0
	for _, w := range slices.Backward(l.waiting) {
		if w.act.Chain != v.act.Chain {
			continue
		}
		if size += w.queues(); size > maxWaiting {
			delete(l.acts, w.id)
		}
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(w Verified) bool {
		gone := func(id ActID) bool { _, here := l.acts[id]; return !here }
		if !gone(w.id) && (w.act.Previous.IsZero() || !gone(w.act.Previous)) && !slices.ContainsFunc(w.act.References(), gone) {
			return false
		}
		delete(l.acts, w.id)
		l.leave(w)
		return true
	})
}

// leave enters that an act does not wait any more.
func (l *Ledger) leave(w Verified) {
	delete(l.roots, w.id)
	l.queued[w.act.Chain] -= w.queues()
}

// queues is what an act counts for while it waits, in bytes.
func (v Verified) queues() int { return max(actSize, v.size) }

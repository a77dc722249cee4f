package negotiation

import (
	"slices"
	"sync"
)

// A Snapshot is what a ledger held at one moment. Any number may use it, also while
// acts are appended to the ledger.
type Snapshot struct {
	ledger *Ledger // without what only those who append need
	tips   []Head
	state  func() *State
}

// Snapshot returns what l holds now. It takes no longer than there are chains, whose
// acts it shares with l: what stands in a chain is never changed in place.
func (l *Ledger) Snapshot() *Snapshot {
	if l.snapshot == nil {
		now := l.still()
		l.snapshot = &Snapshot{now, slices.Clip(now.Tips()), sync.OnceValue(func() *State { return Fold(now) })}
	}
	return l.snapshot
}

// still returns l as it is now, without what only those need who append.
func (l *Ledger) still() *Ledger {
	now := &Ledger{negotiation: l.negotiation, chains: make(map[Chain]*tree, len(l.chains)), carried: l.carried}
	for c, t := range l.sorted() {
		t.heads(c) // which the copy keeps
		held := *t
		held.tips = nil
		now.chains[c] = &held
	}
	return now
}

// State returns what the acts come to. It is computed when somebody asks first, and
// once.
func (s *Snapshot) State() *State { return s.state() }

// End returns the newest act of a chain that counts; see [Ledger.Head].
func (s *Snapshot) End(c Chain) Head { return s.ledger.Head(c) }

// Tips returns the acts that none follows; see [Ledger.Tips]. It is the same slice each
// time, which nobody may change.
func (s *Snapshot) Tips() []Head { return s.tips }

// Chain returns the acts of a chain that count, in order.
func (s *Snapshot) Chain(c Chain) []Verified { return s.ledger.Chain(c) }

// Beside returns the acts of a chain that do not count; see [Ledger.Beside].
func (s *Snapshot) Beside(c Chain) []Verified { return s.ledger.Beside(c) }

// Chains returns the chains that have acts, the text chain first, then by name.
func (s *Snapshot) Chains() []Chain {
	var chains []Chain
	for c := range s.ledger.sorted() {
		chains = append(chains, c)
	}
	return chains
}

// Path returns the acts of a chain that lead to one act, from a place on, up to that
// act; nothing when it is not held.
func (s *Snapshot) Path(c Chain, to ActID, from uint64) []Verified {
	return s.ledger.tree(c).path(to, from)
}

// Holds reports whether an act stands at a place of a chain, whether it counts or not.
func (s *Snapshot) Holds(h Head) bool {
	t := s.ledger.tree(h.Chain)
	return h.Sequence > 0 && t.counts(h.Act, h.Sequence) ||
		slices.ContainsFunc(t.beside, func(v Verified) bool { return v.id == h.Act && v.act.Sequence == h.Sequence })
}

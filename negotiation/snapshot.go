package negotiation

import (
	"maps"
	"slices"
	"sync"
)

// A Snapshot is what a ledger held at one moment. Any number may use it, also while
// acts are appended to the ledger.
type Snapshot struct {
	chains map[Chain][]Verified
	heads  []Head
	state  func() *State
}

// Snapshot returns what l holds now. It takes no longer than there are chains, whose
// acts it shares with l: what stands in a chain is never changed in place.
func (l *Ledger) Snapshot() *Snapshot {
	if l.snapshot == nil {
		now := *l
		now.chains = maps.Clone(l.chains)
		now.keys = maps.Clone(l.keys)
		now.acts, now.tags, now.snapshot = nil, nil, nil // of use to those who append
		l.snapshot = &Snapshot{now.chains, now.Heads(), sync.OnceValue(func() *State { return Fold(&now) })}
	}
	return l.snapshot
}

// State returns what the acts come to. It is computed when somebody asks first, and
// once.
func (s *Snapshot) State() *State { return s.state() }

// Heads returns the newest act of each chain, the text chain first, then by name.
func (s *Snapshot) Heads() []Head { return slices.Clone(s.heads) }

// Chain returns the acts of a chain in order.
func (s *Snapshot) Chain(c Chain) []Verified { return slices.Clip(s.chains[c]) }

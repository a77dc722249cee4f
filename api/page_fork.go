package api

import (
	"concord/negotiation"
)

// A forkedPlace is a fork in words.
type forkedPlace struct {
	negotiation.Fork
	Whose    string // "the record of Borealia", "the text"
	Owner    string // who can settle it: the state's name, or the chair's
	IsRecord bool
	Mine     bool // it is for the participant whose node this is to settle
	Sides    []forkedSide
	Settled  *recordEntry // nil while it is frozen
}

// A forkedSide is the first act of one side.
type forkedSide struct {
	recordEntry
	Key negotiation.PublicKey
}

// forked words a fork.
func (r record) forked(fork negotiation.Fork) forkedPlace {
	f := r.frame
	code, isRecord := fork.Chain.Owner()
	if !isRecord {
		code = f.State.Chair
	}
	p := forkedPlace{Fork: fork, Whose: "the text", Owner: f.Name(code), IsRecord: isRecord, Mine: f.Acts() && code == f.Me}
	if isRecord {
		p.Whose = "the record of " + p.Owner
	}
	for _, id := range fork.Sides {
		if v, ok := f.State.Act(id); ok {
			p.Sides = append(p.Sides, forkedSide{r.entry(v), v.SignedBy()})
		}
	}
	if v, ok := f.State.Act(fork.SettledBy); ok {
		entry := r.entry(v)
		p.Settled = &entry
	}
	return p
}

// Forked returns the forks of a chain, or with the empty name of all; the frozen ones
// only if it is asked for these.
func (f *frame) Forked(chain negotiation.Chain, frozen bool) []forkedPlace {
	var places []forkedPlace
	for _, fork := range f.State.Forks {
		if (chain == "" || chain == fork.Chain) && (fork.Frozen() || !frozen) {
			places = append(places, newRecord(f).forked(fork))
		}
	}
	return places
}

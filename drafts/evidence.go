package drafts

import (
	"context"
	"errors"
	"fmt"

	"concord/negotiation"
)

// ErrNoFork says that no chain that is asked for is forked.
var ErrNoFork = errors.New("there is no fork")

// A Side is the first act of one side of a fork, as stock git knows it.
type Side struct {
	Act    negotiation.Verified
	Ref    string // where it stands in the evidence: refs/evidence/CHAIN/…
	Commit string // its commit, in hexadecimal
	Signer string // the line of an allowed_signers file that names its key, with a line feed
}

// Evidence writes the proof of the forks of a chain, or with the empty name of all
// chains, to a new file: a git bundle of version 2 with the first act of every side and
// all that leads to it, so that nothing else is needed to verify them. It returns the
// sides, fork by fork in the order of [negotiation.State], and is refused with [ErrNoFork]
// when there is none. It verifies the whole repository in dir before, and may be called
// while a node has it open.
func Evidence(ctx context.Context, dir string, name negotiation.ActID, chain negotiation.Chain, path string) ([][]Side, error) {
	r := newRepository(dir)
	state, err := r.fold(name)
	if err != nil {
		return nil, err
	}
	var forks [][]Side
	var refs []ref
	for _, f := range state.Forks {
		if chain != "" && chain != f.Chain {
			continue
		}
		var sides []Side
		for _, id := range f.Sides {
			v, _ := state.Act(id)
			at := ref{evidenceRef(f.Chain, id), r.commits[id].commit}
			refs = append(refs, at)
			sides = append(sides, Side{v, at.name, at.id.String(), signerLine(v)})
		}
		forks = append(forks, sides)
	}
	if len(forks) == 0 {
		return nil, ErrNoFork
	}
	g := newGallery(dir)
	o, err := g.look(ctx, refs)
	if err != nil {
		return nil, err
	}
	if _, err := g.export(ctx, o, idSet{}, path); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return forks, nil
}

package drafts

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// A way is commits of a chain from a tip back to the beginning, or to one that is on
// another way, newest first.
type way struct {
	chain negotiation.Chain
	ids   []plumbing.Hash
}

// walk returns the ways from the refs of all chains, of what counts and of what stands
// beside it.
func (r *Repository) walk() ([]way, error) {
	var ways []way
	seen := map[plumbing.Hash]bool{}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(r.refs))) { // the text first: it convenes
		chain, ours := chainOf(name)
		if !ours {
			continue
		}
		w := way{chain: chain}
		for id, end := r.refs[name], false; !end && !seen[id]; {
			in, err := r.readCommit(id)
			if err != nil {
				return nil, fmt.Errorf("repository: %s: %w", chain, err)
			}
			seen[id], w.ids = true, append(w.ids, id)
			if end = in.act.Sequence == 1 || len(in.commit.parents) == 0; !end {
				id = in.commit.parents[0]
			}
		}
		ways = append(ways, w)
	}
	return ways, nil
}

func (r *Repository) readCommit(id plumbing.Hash) (incoming, error) {
	raw, err := r.read(plumbing.CommitObject, id)
	if err != nil {
		return incoming{}, err
	}
	return newIncoming(raw, id)
}

// load verifies all acts on the ways. The caller holds mu, or is alone.
func (r *Repository) load(name negotiation.ActID, ways []way) error {
	r.ledger = negotiation.NewLedger(name)
	r.commits = map[negotiation.ActID]kept{}
	ways = slices.Clone(ways)
	for {
		progress := false
		var gap error
		for i := range ways {
			took, err := r.replay(&ways[i])
			progress = progress || took
			if errors.Is(err, negotiation.ErrGap) || errors.Is(err, negotiation.ErrPredecessor) {
				gap = err
			} else if err != nil {
				return fmt.Errorf("repository: %s: an act does not verify: %w", ways[i].chain, err)
			}
		}
		if gap == nil {
			return nil
		}
		if !progress {
			return fmt.Errorf("repository: the record is incomplete: %w", gap)
		}
	}
}

// replay admits the acts of a way, oldest first, up to one that lacks what it follows
// or is about, and takes them off it.
func (r *Repository) replay(w *way) (progress bool, err error) {
	for len(w.ids) > 0 {
		in, err := r.readAct(w.ids[len(w.ids)-1])
		if err == nil {
			_, err = r.admit(in)
		}
		if err != nil {
			return progress, err
		}
		w.ids, progress = w.ids[:len(w.ids)-1], true
	}
	return progress, nil
}

package main

import (
	"context"
	"slices"
	"time"

	"concord/negotiation"
)

// startPatience is how long the first acts after a start wait for the other nodes to say
// how far this one's record goes. Those at a hub that is up have said so within a second.
const startPatience = 3 * time.Second

// own returns the chains in which this node signs.
func (n *node) own() []negotiation.Chain {
	if n.State().Chair == n.code {
		return []negotiation.Chain{negotiation.RecordOf(n.code), negotiation.TextChain}
	}
	return []negotiation.Chain{negotiation.RecordOf(n.code)}
}

// awaitPeers lets acts go ([node.heard]) as soon as the peers that can be reached have
// said, since the start, how far this node's chains go, and one has got as far in them as
// it has itself; and after some time in any case: a disk that was put back to an earlier
// state looks, from inside, like one that nothing has happened to. Nobody is waited for
// where nobody could know more, unless the repository needs somebody's word.
func (n *node) awaitPeers(ctx context.Context, patience time.Duration) {
	expired := time.NewTimer(patience)
	defer expired.Stop()
	mine := slices.ContainsFunc(n.repository.Heads(), func(h negotiation.Head) bool { return slices.Contains(n.own(), h.Chain) })
	for waiting := len(n.others()) > 0 && mine || !n.repository.Vouched(); waiting; {
		changed, grown := n.Changed(), n.repository.Changed()
		if level, err := n.level(); err == nil && level {
			break
		}
		select {
		case <-ctx.Done():
			return // and lets nothing go
		case <-expired.C:
			waiting = false
		case <-changed:
		case <-grown:
		}
	}
	close(n.heard)
}

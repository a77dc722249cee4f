package main

import (
	"context"
	"slices"
	"time"

	"concord/negotiation"
)

// startPatience is how long the first acts after a start wait for another node to say
// how far this one's record goes. A hub that is up has said so within a second.
const startPatience = 3 * time.Second

// own returns the chains in which this node signs.
func (n *node) own() []negotiation.Chain {
	if n.State().Chair == n.code {
		return []negotiation.Chain{negotiation.RecordOf(n.code), negotiation.TextChain}
	}
	return []negotiation.Chain{negotiation.RecordOf(n.code)}
}

// awaitPeers lets acts go ([node.heard]) as soon as a peer that was heard since the
// start has got as far in this node's chains as it has itself, and after some time
// without one: a disk that was put back to an earlier state looks, from inside, like
// one that nothing has happened to. Nobody is waited for where nobody could know more.
func (n *node) awaitPeers(ctx context.Context, patience time.Duration) {
	others := slices.DeleteFunc(slices.Clone(n.State().Joined), func(c negotiation.Code) bool { return c == n.code })
	expired := time.NewTimer(patience)
	defer expired.Stop()
	for waiting := len(others) > 0 && len(tipsOf(n.repository.Heads(), n.own())) > 0; waiting; {
		changed := n.Changed()
		if confirmed, err := n.level(); err == nil && confirmed {
			break
		}
		select {
		case <-ctx.Done():
			return // and lets nothing go
		case <-expired.C:
			waiting = false
		case <-changed:
		}
	}
	close(n.heard)
}

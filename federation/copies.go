package federation

import (
	"crypto/sha256"
	"time"
)

// mostCopies is how many heads messages of a peer are remembered. It tells its heads after
// each act, and what one hub brings may come that much later than what another does.
const mostCopies = 16

// copies counts how often the last heads messages of one peer came. A peer says a thing
// once to each of its hubs, so it comes once through each hub that both are at and that
// passes it on.
type copies []copied

type copied struct {
	sum      [sha256.Size]byte
	at       time.Time // when it came first
	times    int
	verified bool
}

// note counts a heads message that has come.
func (c *copies) note(message []byte, now time.Time) {
	sum := sha256.Sum256(message)
	for i := range *c {
		if (*c)[i].sum == sum {
			(*c)[i].times++
			return
		}
	}
	if len(*c) == mostCopies {
		*c = (*c)[1:]
	}
	*c = append(*c, copied{sum: sum, at: now, times: 1})
}

// verify says that a heads message is the peer's.
func (c copies) verify(message []byte) {
	sum := sha256.Sum256(message)
	for i := range c {
		c[i].verified = c[i].verified || c[i].sum == sum
	}
}

// most returns in how many copies one of those that came since an instant did, at the most.
func (c copies) most(since time.Time) (most int) {
	for _, m := range c {
		if m.verified && !m.at.Before(since) {
			most = max(most, m.times)
		}
	}
	return most
}

// settledHubs returns how many hubs have been connected for long enough that peers' heads
// must have come through them.
func settledHubs(hubs []HubState, now time.Time, every time.Duration) (n int) {
	for _, hub := range hubs {
		if hub.Connected && now.Sub(hub.Since) > 2*silentAfter*every {
			n++
		}
	}
	return n
}

// ways is through how many of how many hubs a peer's heads come.
type ways struct{ through, hubs int }

// ways returns zeros where they tell nothing: this node is at one hub at most, or does not
// hear the peer.
func (c *core) ways(p *peer) ways {
	if c.hubs < 2 || c.why(p) != "" {
		return ways{}
	}
	return ways{min(p.copies.most(c.now.Add(-silentAfter*c.headsEvery)), c.hubs), c.hubs}
}

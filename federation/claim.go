package federation

import (
	"math"
	"time"

	"concord/negotiation"
)

// mostAsked is how many peers may be at one fetch of a chain: who has it, and one
// from whom it was taken and whose reply is still due.
const mostAsked = 2

// A claim says from whom a chain is being fetched, so that a node that catches
// up fetches each act once, and how fast each peer has been at that chain, so
// that a slow one does not keep the others from it.
type claim struct {
	turn     time.Duration
	holder   negotiation.Code // empty while nobody has it
	asked    int              // fetches whose reply is due
	failed   int              // peers in a row that have not delivered
	accounts map[negotiation.Code]*account
}

// An account is what a peer has brought of a chain since this node started.
type account struct {
	acts   uint64
	waited time.Duration // for its replies
	since  time.Time     // when the fetch was sent whose reply is due; zero when none is
}

func newClaim(turn time.Duration) *claim {
	return &claim{turn: turn, accounts: make(map[negotiation.Code]*account)}
}

// take gives the chain to peer and reports whether it could: when nobody has it,
// or when the holder has had its turn and is less than half as fast. A peer
// that has not had a turn counts as faster than any that has had one.
func (c *claim) take(peer negotiation.Code, now time.Time) bool {
	if c.holder != "" && (c.asked >= mostAsked || c.pace(peer, now) <= 2*c.pace(c.holder, now)) {
		return false
	}
	c.holder = peer
	if c.accounts[peer] == nil {
		c.accounts[peer] = new(account)
	}
	return true
}

// pace is peer's, in acts a second; infinite before it has been waited for a
// whole turn.
func (c *claim) pace(peer negotiation.Code, now time.Time) float64 {
	a := c.accounts[peer]
	if a == nil {
		return math.Inf(1)
	}
	waited := a.waited
	if !a.since.IsZero() {
		waited += now.Sub(a.since)
	}
	if waited < c.turn {
		return math.Inf(1)
	}
	return float64(a.acts) / waited.Seconds()
}

func (c *claim) ask(peer negotiation.Code, now time.Time) {
	c.asked++
	c.accounts[peer].since = now
}

// reply ends what ask began. What was long ago counts for less and less.
func (c *claim) reply(peer negotiation.Code, now time.Time) {
	a := c.accounts[peer]
	c.asked--
	a.waited += now.Sub(a.since)
	a.since = time.Time{}
	if a.waited > 8*c.turn {
		a.waited /= 2
		a.acts /= 2
	}
}

// credit enters acts that peer has brought. Those that came while another had
// the chain may be the other's.
func (c *claim) credit(peer negotiation.Code, acts uint64) {
	if c.holder == peer {
		c.accounts[peer].acts += acts
	}
}

func (c *claim) release(peer negotiation.Code) {
	if c.holder == peer {
		c.holder = ""
	}
}

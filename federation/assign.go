package federation

import (
	"slices"
	"time"

	"concord/negotiation"
)

// A candidate is a peer that may be asked for a tip.
type candidate struct {
	peer *peer
	tip  negotiation.Head
}

// assign gives idle peers something to deliver: of each chain to one peer, the text
// first. It leaves behind when it may have more to give.
func (c *core) assign() {
	if !c.assignable && (c.lookForJob.IsZero() || c.now.Before(c.lookForJob)) {
		return
	}
	c.assignable, c.lookForJob = false, time.Time{}
	var candidates []candidate
	for _, p := range c.peers {
		if len(p.missing) == 0 || p.pursuit != nil {
			continue
		}
		if p.missing = slices.DeleteFunc(p.missing, c.held.Holds); len(p.missing) == 0 {
			continue
		}
		if c.later(c.inOrder(p), p.silence.until, p.resumes, p.allowance.until(c.now)) {
			continue
		}
		for _, tip := range p.missing {
			if c.mayFetch(p, tip) {
				candidates = append(candidates, candidate{p, tip})
			}
		}
	}
	if len(candidates) == 0 {
		return
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return negotiation.CompareChains(a.tip.Chain, b.tip.Chain) })
	for len(candidates) > 0 {
		n := 1
		for n < len(candidates) && candidates[n].tip.Chain == candidates[0].tip.Chain {
			n++
		}
		c.assignChain(candidates[:n])
		candidates = candidates[n:]
	}
}

// assignChain has one of the candidates for a chain begin, if it may.
func (c *core) assignChain(candidates []candidate) {
	chain := candidates[0].tip.Chain
	claim := c.claim(chain)
	c.order(candidates, claim)
	for _, next := range candidates {
		if next.peer.pursuit != nil {
			continue // it has just begun with another chain, or another tip
		}
		if !claim.take(next.peer.code, c.now) {
			c.later(c.now.Add(c.turn() / 2))
			return
		}
		next.peer.pursuit = &pursuit{tip: next.tip}
		c.beginSearch(next.peer.pursuit)
		if c.cached && !c.later(c.rest.until) {
			c.askCache(next.peer)
		} else {
			c.askPeer(next.peer)
		}
		return
	}
}

// order brings the candidates for a chain into the order in which they are to be
// asked: at random, so that not all the world asks one, and its author first once
// two have not delivered, else last.
func (c *core) order(candidates []candidate, claim *claim) {
	if len(candidates) < 2 || candidates[0].peer == candidates[len(candidates)-1].peer {
		return
	}
	first := c.rand.IntN(len(candidates))
	for first > 0 && candidates[first].peer == candidates[first-1].peer {
		first-- // to the first tip of that peer
	}
	slices.Reverse(candidates[:first])
	slices.Reverse(candidates[first:])
	slices.Reverse(candidates)
	author, _ := candidates[0].tip.Chain.Owner()
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		switch byA, byB := a.peer.code == author, b.peer.code == author; {
		case byA == byB:
			return 0
		case byA == (claim.failed >= triedBefore):
			return -1
		}
		return 1
	})
}

// triedBefore is how many peers are asked for an act before its author is.
const triedBefore = 2

// mayFetch reports whether it is time to ask p for a tip.
func (c *core) mayFetch(p *peer, tip negotiation.Head) bool {
	if !c.concerns(tip.Chain) || p.waits(tip) {
		return false
	}
	if since, parked := c.parked[tip]; parked && c.later(since.Add(c.turn())) {
		return false
	}
	waiting := p.patience[tip]
	return waiting == nil || !c.later(waiting.until)
}

// later reports whether any of these instants is still to come, and then has the core
// look again at the first that is.
func (c *core) later(instants ...time.Time) (later bool) {
	for _, at := range instants {
		if at.After(c.now) {
			c.lookForJob = earlier(c.lookForJob, at)
			later = true
		}
	}
	return later
}

// want sees what of its claims p may be asked for.
func (c *core) want(p *peer) {
	p.missing = p.missing[:0]
	for _, tips := range p.claims.all() {
		p.missing = append(p.missing, c.missing(tips)...)
	}
	c.assignable = c.assignable || len(p.missing) > 0
}

// missing returns the tips that are not held here.
func (c *core) missing(tips []negotiation.Head) (missing []negotiation.Head) {
	for _, tip := range tips {
		if !c.held.Holds(tip) {
			missing = append(missing, tip)
		}
	}
	return missing
}

package federation

import (
	"errors"
	"slices"
	"time"

	"concord/negotiation"
)

// endOf stands for the end of chain's line with whoever is asked, wherever it is.
func endOf(chain negotiation.Chain) negotiation.Head {
	return negotiation.Head{Chain: chain, Sequence: maxSequence}
}

// A pursuit is the fetching of what leads to one tip from one peer. It ends when the
// tip is held, when a gap stops it, when the peer does not deliver, or when another
// peer has taken the chain over.
type pursuit struct {
	tip    negotiation.Head
	where  search
	asOf   uint64             // core.generation when that began
	cached bool               // the cache is being asked
	before []negotiation.Head // of the chain, when what came last was given to the Store
	reply  []byte             // that came last
}

// hasFetched takes the answer to a fetch.
func (c *core) hasFetched(e fetched) {
	p := c.peer(e.from)
	pu := p.pursuit
	switch {
	case pu.cached && (e.err != nil || len(e.reply) == 0 || len(e.reply) > MaxActs):
		if e.err != nil {
			c.rest.lose(c.headsEvery, c.now)
		}
		c.askPeer(p)
		return
	case !pu.cached:
		c.claim(pu.tip.Chain).reply(p.code, c.now)
		c.assignable = true
	}
	switch {
	case e.err != nil:
		p.silence.lose(c.headsEvery, c.now)
		c.lose(p)
		return
	case len(e.reply) > MaxActs:
		c.blame(p, negotiation.ErrTooLarge.Because("acts: %d bytes are more than %d", len(e.reply), MaxActs))
		c.lose(p)
		return
	}
	p.silence = patience{}
	if len(e.reply) == 0 {
		c.lose(p)
		return
	}
	pu.before, pu.reply = c.chainTips(pu.tip.Chain), e.reply
	c.do(store{p.code, fetching, e.reply})
}

// hasStoredReply takes the Store's answer to a reply.
func (c *core) hasStoredReply(e stored) {
	p := c.peer(e.from)
	pu := p.pursuit
	reply := pu.reply
	pu.reply = nil
	place := pu.grown(c.chainTips(pu.tip.Chain))
	if place > 0 {
		c.credit(p, place)
		c.stir()
	} else if !pu.cached {
		p.waste.spend(c.now, len(reply))
	}
	if errors.Is(e.err, negotiation.ErrForked) {
		c.tryParked()
	}
	switch {
	case errors.Is(e.err, negotiation.ErrGap) && place == 0 && pu.where.beyond && pu.where.back():
		c.askOn(p) // perhaps it was too far behind what waits
	case errors.Is(e.err, negotiation.ErrGap):
		if !c.park(p, pu.tip, reply) {
			p.lose(pu.tip, c.headsEvery, c.now)
		}
		c.end(p)
	case c.goOn(pu, place, e.err):
		c.askOn(p)
	case pu.cached:
		c.askPeer(p)
	default:
		untrue := errors.Is(e.err, negotiation.ErrPredecessor) && !pu.tip.Act.IsZero() && pu.asOf == c.generation
		if untrue || e.err != nil && !wantsMore(e.err) {
			c.blame(p, e.err)
		}
		c.lose(p)
	}
}

// grown returns up to which place the chain has grown towards the tip; 0 when nothing
// was new.
func (pu *pursuit) grown(tips []negotiation.Head) (place uint64) {
	for _, now := range tips {
		if !slices.Contains(pu.before, now) && (now == pu.tip || now.Sequence < pu.tip.Sequence) {
			place = max(place, now.Sequence)
		}
	}
	return place
}

// credit enters what p has brought: at most the acts from one place to another.
func (c *core) credit(p *peer, place uint64) {
	pu := p.pursuit
	claim := c.claim(pu.tip.Chain)
	claim.failed = 0
	if pu.cached {
		return
	}
	claim.credit(p.code, place-min(pu.where.from, place)+1)
	p.allowance = newAllowance()
	p.waste.earn()
	delete(p.patience, pu.tip)
}

// goOn says where to fetch next, after what came has led up to a place (0 for nothing
// new) and met err. It reports false when the tip is not to be had there, or what leads
// to it has no room even to wait.
func (c *core) goOn(pu *pursuit, place uint64, err error) bool {
	switch {
	case err == nil && place > 0:
		pu.where.resume(place, c.chainTips(pu.tip.Chain))
		pu.asOf = c.generation
		return true
	case pu.cached, pu.tip.Act.IsZero():
		return false // heads will tell which act is at the end of that line
	case err == nil:
		return pu.where.forward()
	case errors.Is(err, negotiation.ErrForked):
		return c.held.Holds(pu.tip) || pu.where.wait()
	case !errors.Is(err, negotiation.ErrPredecessor):
		return false
	case place > 0: // perhaps by others, who have changed where the sides part
		c.beginSearch(pu)
		return true
	}
	return pu.where.back()
}

func (c *core) beginSearch(pu *pursuit) {
	pu.where, pu.asOf = searchFor(pu.tip.Sequence, c.chainTips(pu.tip.Chain)), c.generation
}

// askOn asks for what is missing next, unless the pursuit is over.
func (c *core) askOn(p *peer) {
	pu := p.pursuit
	switch {
	case c.held.Holds(pu.tip), c.claim(pu.tip.Chain).holder != p.code:
		c.end(p)
	case !p.allowance.left(c.now):
		p.allowance.cut(pu.where.most())
		c.end(p)
	case pu.cached:
		c.askCache(p)
	default:
		c.askPeer(p)
	}
}

func (c *core) askCache(p *peer) {
	p.pursuit.cached = true
	c.do(fetch{p.code, true, c.request(p.pursuit), c.turn()})
}

func (c *core) askPeer(p *peer) {
	p.pursuit.cached = false
	p.allowance.spend(c.now, 1)
	c.claim(p.pursuit.tip.Chain).ask(p.code, c.now)
	c.do(fetch{p.code, false, c.request(p.pursuit), c.fetchTimeout})
}

func (c *core) request(pu *pursuit) Request {
	return Request{c.negotiation, pu.tip.Chain, pu.where.from, pu.tip.Act}
}

// lose ends a pursuit whose tip was not delivered.
func (c *core) lose(p *peer) {
	c.claim(p.pursuit.tip.Chain).failed++
	p.lose(p.pursuit.tip, c.headsEvery, c.now)
	c.end(p)
}

func (c *core) end(p *peer) {
	c.claim(p.pursuit.tip.Chain).release(p.code)
	p.pursuit = nil
	c.assignable = true
}

// turn is how long a peer may keep others waiting for a chain before it has to be
// compared with them.
func (c *core) turn() time.Duration { return c.fetchTimeout / 5 }

// claim returns the one to a chain.
func (c *core) claim(chain negotiation.Chain) *claim {
	if c.claims[chain] == nil {
		c.claims[chain] = newClaim(c.turn())
	}
	return c.claims[chain]
}

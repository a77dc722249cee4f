package federation

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"concord/negotiation"
)

// hear has a message of a peer wait for its turn, if there is room. Of heads only the
// last are worth a turn.
func (c *core) hear(e heard) {
	p := c.peer(e.from)
	if p == nil {
		return
	}
	if most := e.most(); len(e.message) > most {
		c.blame(p, negotiation.ErrTooLarge.Because("a message of %d bytes is larger than %d", len(e.message), most))
		return
	}
	if e.heads {
		p.copies.note(e.message, c.now)
		for i, waiting := range p.queue {
			if waiting.heads {
				p.queue = slices.Delete(p.queue, i, i+1)
				p.queued -= len(waiting.message)
				break
			}
		}
	}
	if len(p.queue) < peerQueue && (len(p.queue) == 0 || p.queued+len(e.message) <= peerBytes) {
		p.queue = append(p.queue, e)
		p.queued += len(e.message)
	}
}

// fullFor is how often it is looked whether what was full has room again.
const fullFor = 10 * time.Millisecond

// full reports whether there is no room for what code's node publishes, or what waits may
// not be looked at yet.
func (c *core) full(code negotiation.Code, now time.Time) bool {
	p := c.peer(code)
	return p != nil && (p.resumes.After(now) || len(p.queue) >= peerQueue || p.queued >= peerBytes)
}

// most is how many bytes a message may have.
func (e heard) most() int {
	if e.heads {
		return maxHeadsSize
	}
	return MaxActs
}

// work gives p's hearing lane its next job: what it has published, in its order, so
// that an act is stored before the heads that tell of it are compared; then what was
// parked, when something has come since it was tried.
func (c *core) work(p *peer) {
	p.resumes = p.waste.until(c.now)
	if p.hearing || !p.resumes.IsZero() {
		return
	}
	p.asOf = c.generation
	switch {
	case len(p.queue) > 0:
		next := p.queue[0]
		p.queue = slices.Delete(p.queue, 0, 1)
		p.queued -= len(next.message)
		p.job = next.message
		if next.heads {
			c.do(check{p.code, next.message})
		} else {
			c.do(store{p.code, hearing, next.message})
		}
	case c.nextParked(p) != nil:
		p.again = c.nextParked(p)
		p.again.tried = c.generation
		p.job = p.again.message
		c.do(store{p.code, hearing, p.job})
	case p.hint != nil && p.hinted != c.generation:
		p.job = p.hint
		c.do(check{p.code, p.hint})
	default:
		return
	}
	p.hearing = true
}

// hasStored takes the Store's answer to what p has published, or to what was parked.
func (c *core) hasStored(e stored) {
	p := c.peer(e.from)
	again, message := p.again, p.job
	p.hearing, p.again, p.job = false, nil, nil
	c.account(p, len(message))
	switch {
	case again != nil:
		c.hasTriedParked(p, again, e.err)
	case errors.Is(e.err, negotiation.ErrGap):
		c.stir()
		c.park(p, negotiation.Head{}, message)
	case e.err == nil, wantsMore(e.err):
		c.stir()
	default:
		c.blame(p, e.err)
	}
}

// account enters a message of p's that was taken in.
func (c *core) account(p *peer, size int) {
	if c.generation != p.asOf {
		p.waste.earn()
	} else {
		p.waste.spend(c.now, size)
	}
}

// wantsMore reports whether an error is nobody's fault: something is missing here
// that heads will tell of, or an act waits.
func wantsMore(err error) bool {
	return errors.Is(err, negotiation.ErrGap) || errors.Is(err, negotiation.ErrPredecessor) || errors.Is(err, negotiation.ErrForked)
}

// hasChecked takes in heads. Those of an unknown key are a hint: they say where to
// look, and are checked again when something has come.
func (c *core) hasChecked(e checked) {
	p := c.peer(e.from)
	message := p.job
	p.hearing, p.job = false, nil
	if e.err == nil || errors.Is(e.err, negotiation.ErrNotParticipant) {
		p.waste.spend(c.now, len(message))
	}
	switch {
	case errors.Is(e.err, negotiation.ErrNotParticipant):
		if !bytes.Equal(p.hint, message) {
			c.askToTell()
		}
		p.came.unknown = c.now
		p.hint, p.hinted = message, p.asOf
		p.claims.hinted = slices.DeleteFunc(slices.Clone(e.heads.Tips), func(tip negotiation.Head) bool {
			return tip.Chain != negotiation.TextChain && tip.Chain != negotiation.RecordOf(p.code)
		})
	case e.err != nil:
		c.account(p, len(message))
		c.blame(p, e.err)
		return
	default:
		p.copies.verify(message)
		c.hearHeads(p, &e.heads)
	}
	p.forget()
	c.want(p)
}

// hearHeads takes in heads that p's key has signed.
func (c *core) hearHeads(p *peer, h *Heads) {
	p.hint, p.claims.hinted = nil, nil
	if p.heads == nil {
		p.asked = time.Time{} // its key was perhaps not known when it answered
	}
	fresh, other := p.note(h, c.now)
	if !fresh {
		p.came.old, p.claims.stale = c.now, h.Tips
	} else if p.claims.stale = nil; other {
		c.stir()
	}
	switch {
	case c.compare(h.Tips).behind > 0:
		c.askToTell()
	case len(c.missing(h.Tips)) == 0:
		c.answer = time.Time{} // it has just told all what is told from here
	}
	c.challengeAgain(p, h.Tips)
}

// blame counts a fault against p. An error that is none is this node's own (a full
// disk).
func (c *core) blame(p *peer, err error) {
	fault, theirs := negotiation.FaultOf(err)
	if theirs {
		p.faults++
		p.lastFault, p.came.refused = fault, c.now
	}
	if !p.logged[fault] {
		p.logged[fault] = true
		c.do(refused{p.code, fault, theirs, err})
	}
	c.stir()
}

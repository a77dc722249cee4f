package federation

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"concord/negotiation"
)

// lacking is an error of [Store.Receive] that says what to ask the sender for.
type lacking interface {
	error
	Lacks() []negotiation.Head
}

// mostLacking is how many things that a message lacks are asked for before the store
// tries the message again.
const mostLacking = 32

// An errand gets from a peer, one after the other, what its message lacks, so that the
// Store may take it. It ends when the Store does, when what it lacks stays the same, when
// one cannot be had, when a fetch may not take longer, and when what the peer has sent for
// nothing comes to [mostWaste]: all that comes on an errand counts as that.
type errand struct {
	message []byte
	lacks   []negotiation.Head // as the Store said last
	next    int                // of these
	err     error              // with which the Store said so
	reply   bool               // the Store has one of them, not the message
	until   time.Time
}

// hasTried takes the Store's answer to a message, or to what that lacks, and has an
// errand begin or go on; when there is none to do, the message's sender has the answer.
func (c *core) hasTried(e stored) {
	p := c.peer(e.from)
	run := p.errands[e.lane]
	var lacks lacking
	switch supplied := run != nil && run.reply; {
	case supplied && e.err != nil:
		c.conclude(p, e.lane, run.err)
		return
	case supplied:
		run.reply = false
		if run.next++; run.next == min(mostLacking, len(run.lacks)) {
			c.do(store{p.code, e.lane, run.message})
			return
		}
	case !errors.As(e.err, &lacks), len(lacks.Lacks()) == 0, run != nil && slices.Equal(lacks.Lacks(), run.lacks):
		c.conclude(p, e.lane, e.err)
		return
	default:
		if run == nil {
			run = &errand{message: p.job, until: c.now.Add(c.fetchTimeout)}
			if e.lane == fetching {
				run.message = p.pursuit.reply
			}
			p.errands[e.lane] = run
		}
		run.lacks, run.next, run.err = lacks.Lacks(), 0, e.err
	}
	if !c.now.Before(run.until) || !p.waste.left(c.now) {
		c.conclude(p, e.lane, run.err)
		return
	}
	one := run.lacks[run.next]
	c.do(supply{p.code, e.lane, Request{c.negotiation, one.Chain, one.Sequence, one.Act}, run.until.Sub(c.now)})
}

// hasSupplied takes the answer to what was asked for on an errand.
func (c *core) hasSupplied(e supplied) {
	p := c.peer(e.from)
	run := p.errands[e.lane]
	if e.err == nil {
		p.waste.spend(c.now, len(e.reply))
	}
	if e.err != nil || len(e.reply) == 0 || len(e.reply) > MaxActs {
		c.conclude(p, e.lane, run.err)
		return
	}
	run.reply = true
	c.do(store{p.code, e.lane, e.reply})
}

// conclude ends the errand of a lane, if there is one, with the Store's answer to the
// message. Where it ends because the peer has to wait, it goes on when that is over.
func (c *core) conclude(p *peer, lane lane, err error) {
	run := p.errands[lane]
	p.errands[lane] = nil
	if lane == hearing {
		c.hasStored(stored{p.code, lane, err})
	} else {
		c.hasStoredReply(stored{p.code, lane, err})
	}
	if run == nil || p.waste.left(c.now) {
		return
	}
	for _, waiting := range p.parked {
		if bytes.Equal(waiting.message, run.message) {
			waiting.tried = c.generation - 1
		}
	}
}

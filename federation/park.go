package federation

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"concord/negotiation"
)

const (
	// mostParked and parkedBytes are how many messages of one peer wait for acts that
	// they follow or cite, and how much they may have together.
	mostParked  = 16
	parkedBytes = 4 << 20

	// orderWithin is the part of headsEvery within which what came out of order is
	// expected to be followed by what it lacks, without anybody asking for it.
	orderWithin = 20
)

// parked is an acts message that met a gap. It is given to the Store again when that
// has grown, for a minute.
type parked struct {
	message []byte
	tip     negotiation.Head // to which it leads, if it is the reply to a fetch
	since   time.Time
	tried   uint64 // core.generation when it was
}

// park keeps a message of p's, unless there are too many, and reports whether it does.
func (c *core) park(p *peer, tip negotiation.Head, message []byte) bool {
	if len(p.parked) >= mostParked || p.parkedSize+len(message) > parkedBytes {
		return false
	}
	if slices.ContainsFunc(p.parked, func(other *parked) bool { return bytes.Equal(other.message, message) }) {
		return false
	}
	p.parked = append(p.parked, &parked{message, tip, c.now, c.generation})
	p.parkedSize += len(message)
	if tip.Chain != "" {
		if c.parked[tip].IsZero() {
			c.parked[tip] = c.now
		}
	} else {
		p.claims.ends = []negotiation.Head{endOf(negotiation.TextChain), endOf(negotiation.RecordOf(p.code))}
		c.want(p)
	}
	return true
}

func (c *core) unpark(p *peer, gone *parked) {
	p.parked = slices.DeleteFunc(p.parked, func(other *parked) bool { return other == gone })
	p.parkedSize -= len(gone.message)
	delete(c.parked, gone.tip)
	if !slices.ContainsFunc(p.parked, func(other *parked) bool { return other.tip.Chain == "" }) {
		p.claims.ends = nil
	}
	c.want(p)
}

// nextParked returns a message of p's that was not tried since the Store has grown;
// nil when there is none.
func (c *core) nextParked(p *peer) *parked {
	for _, waiting := range p.parked {
		if waiting.tried != c.generation {
			return waiting
		}
	}
	return nil
}

// tryParked has everything parked tried again: acts that wait in the Store now may be
// what it lacks.
func (c *core) tryParked() {
	for _, p := range c.peers {
		for _, waiting := range p.parked {
			waiting.tried = c.generation - 1
		}
	}
	c.stir()
}

func (c *core) hasTriedParked(p *peer, again *parked, err error) {
	if errors.Is(err, negotiation.ErrGap) {
		return
	}
	c.unpark(p, again)
	if err == nil {
		c.stir()
	} else if !wantsMore(err) {
		c.blame(p, err)
	}
}

// expire lets go what has been parked for too long.
func (c *core) expire(p *peer) {
	for len(p.parked) > 0 && p.parked[0] != p.again && c.now.Sub(p.parked[0].since) >= mostPatience {
		gone := p.parked[0]
		c.unpark(p, gone)
		p.lose(gone.tip, c.headsEvery, c.now)
	}
}

// inOrder is when whatever p has published out of order should have been followed by
// what it lacks; the zero time when nothing waits.
func (c *core) inOrder(p *peer) time.Time {
	for _, waiting := range p.parked {
		if waiting.tip.Chain == "" {
			return waiting.since.Add(c.headsEvery / orderWithin)
		}
	}
	return time.Time{}
}

// waits reports whether a reply of p's that leads to tip is parked.
func (p *peer) waits(tip negotiation.Head) bool {
	return slices.ContainsFunc(p.parked, func(waiting *parked) bool { return waiting.tip == tip })
}

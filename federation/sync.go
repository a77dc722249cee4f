package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"concord/negotiation"
)

// A target is how far a chain is to be fetched.
type target struct {
	chain negotiation.Chain
	upTo  uint64 // sequence number; maxSequence for all there is
}

func targetsOf(heads []negotiation.Head) []target {
	targets := make([]target, len(heads))
	for i, head := range heads {
		targets[i] = target{head.Chain, head.Sequence}
	}
	return targets
}

func sortedHeads(heads []negotiation.Head) []negotiation.Head {
	return slices.SortedFunc(slices.Values(heads), byChain)
}

// maxKept is how many replies that met a gap a sync keeps for its next round.
const maxKept = 32

// A syncing is one pass over the chains that one peer is ahead in.
type syncing struct {
	*Link
	peer *peer
	kept map[negotiation.Chain][]byte // replies whose acts cite what is not here yet
}

// sync fetches targets from p, in their order, in rounds: acts cite acts of
// other chains, so that one chain may have to wait for another. It ends when a
// whole round has brought nothing, or p does not answer. What another worker is
// fetching is left to it, and postponed.
func (l *Link) sync(ctx context.Context, p *peer, targets []target) {
	s := syncing{Link: l, peer: p, kept: make(map[negotiation.Chain][]byte)}
	for {
		p.postponed = nil
		progress := false
		for _, t := range targets {
			got, err := s.catchUp(ctx, t)
			progress = progress || got
			if err != nil {
				return
			}
		}
		if !progress {
			return
		}
		l.cfg.PeersChanged()
	}
}

// catchUp fetches t's chain until it is level with t, a gap stops it, or another
// worker takes the chain over. It reports whether anything was stored; its error
// says that p does not answer.
func (s *syncing) catchUp(ctx context.Context, t target) (progress bool, err error) {
	if s.heldHeads()[t.chain] >= t.upTo || !s.mayFetch(t.chain) || !s.concerns(t.chain) {
		return false, nil
	}
	if !s.take(t.chain) {
		s.postpone(t)
		return false, nil
	}
	defer s.release(t.chain)
	progress, gap := s.retry(ctx, t.chain)
	for !gap {
		held := s.heldHeads()[t.chain]
		if held >= t.upTo {
			break
		}
		if !s.has(t.chain) {
			s.postpone(t)
			break
		}
		reply, err := s.ask(ctx, t.chain, held+1)
		if err != nil {
			s.peer.lose(t.chain, s.cfg)
			return progress, err
		}
		if len(reply) == 0 {
			if t.upTo != maxSequence {
				s.peer.lose(t.chain, s.cfg)
			}
			break
		}
		err = s.receive(ctx, reply)
		brought := s.heldHeads()[t.chain] - held // acts are never taken back
		s.claimed(t.chain, func(c *claim) { c.credit(s.peer.code, brought) })
		progress = progress || brought > 0
		switch gap = errors.Is(err, negotiation.ErrGap); {
		case gap:
			s.keep(t.chain, reply)
		case err != nil:
			s.noteFault(ctx, s.peer, err)
			s.peer.lose(t.chain, s.cfg)
			return progress, nil
		case brought == 0:
			s.peer.lose(t.chain, s.cfg)
			return progress, nil
		default:
			delete(s.peer.patience, t.chain)
		}
	}
	return progress, nil
}

// postpone has t tried again in half a turn.
func (s *syncing) postpone(t target) { s.peer.postponed = append(s.peer.postponed, t) }

// ask is fetch, with the time it takes entered in the peer's account.
func (s *syncing) ask(ctx context.Context, chain negotiation.Chain, from uint64) ([]byte, error) {
	s.claimed(chain, func(c *claim) { c.ask(s.peer.code, time.Now()) })
	defer s.claimed(chain, func(c *claim) { c.reply(s.peer.code, time.Now()) })
	return s.fetch(ctx, chain, from)
}

// fetch asks the peer for acts of chain; the reply is empty when it has none.
func (s *syncing) fetch(ctx context.Context, chain negotiation.Chain, from uint64) ([]byte, error) {
	body, err := FormatRequest(Request{s.cfg.Negotiation, chain, from})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.FetchTimeout)
	defer cancel()
	reply, err := s.nc.RequestWithContext(ctx, s.subjects.fetch(s.peer.code), body)
	if err != nil {
		return nil, fmt.Errorf("fetching %s from %s: %w", chain, s.peer.code, err)
	}
	return reply.Data, nil
}

// keep keeps a reply that met a gap, for the next round.
func (s *syncing) keep(chain negotiation.Chain, reply []byte) {
	if len(s.kept) < maxKept {
		s.kept[chain] = reply
	}
}

// retry gives a kept reply to the store again. It reports whether anything was
// stored, and whether there is still a gap.
func (s *syncing) retry(ctx context.Context, chain negotiation.Chain) (progress, gap bool) {
	reply, ok := s.kept[chain]
	if !ok {
		return false, false
	}
	held := s.heldHeads()[chain]
	err := s.receive(ctx, reply)
	if gap = errors.Is(err, negotiation.ErrGap); !gap {
		delete(s.kept, chain)
	}
	return s.heldHeads()[chain] > held, gap
}

// patience is how a worker treats a chain that its peer claims to be ahead in
// without having delivered it.
type patience struct {
	wait  time.Duration
	until time.Time // not fetched before
}

const mostPatience = time.Minute

// mayFetch reports whether it is time to try chain with this peer.
func (s *syncing) mayFetch(chain negotiation.Chain) bool {
	waiting := s.peer.patience[chain]
	return waiting == nil || time.Now().After(waiting.until)
}

// lose puts off the next fetch of chain from p, twice as long each time.
func (p *peer) lose(chain negotiation.Chain, cfg Config) {
	waiting := p.patience[chain]
	if waiting == nil {
		waiting = &patience{wait: cfg.HeadsEvery / 4}
		p.patience[chain] = waiting
	}
	waiting.wait = min(2*waiting.wait, mostPatience)
	waiting.until = time.Now().Add(waiting.wait)
}

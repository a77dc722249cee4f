package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"concord/negotiation"
)

// endOf stands for the end of chain's line with whoever is asked, wherever it is.
func endOf(chain negotiation.Chain) negotiation.Head {
	return negotiation.Head{Chain: chain, Sequence: maxSequence}
}

// maxKept is how many replies that met a gap a sync keeps for its next round.
const maxKept = 32

// A syncing is one pass over what one peer holds that is missing here.
type syncing struct {
	*Link
	peer *peer
	kept map[negotiation.Head][]byte // replies whose acts cite what is not here yet
}

// sync fetches tips from p, in their order, in rounds: acts cite acts of other
// chains, so that one chain may have to wait for another. It ends when a whole
// round has brought nothing, or p does not answer. What another worker is
// fetching is left to it, and postponed.
func (l *Link) sync(ctx context.Context, p *peer, tips []negotiation.Head) {
	s := syncing{Link: l, peer: p, kept: make(map[negotiation.Head][]byte)}
	for {
		p.postponed = nil
		progress := false
		for _, tip := range tips {
			got, err := s.catchUp(ctx, tip)
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

// catchUp fetches what leads to tip until it is held, a gap stops it, or another
// worker takes the chain over. It reports whether anything was stored; its error
// says that p does not answer.
func (s *syncing) catchUp(ctx context.Context, tip negotiation.Head) (progress bool, err error) {
	if s.cfg.Store.Holds(tip) || !s.peer.mayFetch(tip, time.Now()) || !s.concerns(tip.Chain) {
		return false, nil
	}
	if !s.take(tip.Chain) {
		s.postpone(tip)
		return false, nil
	}
	defer s.release(tip.Chain)
	progress, gap := s.retry(ctx, tip)
	where := searchFor(tip.Sequence, s.tips(tip.Chain))
	for !gap && !s.cfg.Store.Holds(tip) && s.peer.allowance.left(time.Now()) {
		if !s.has(tip.Chain) {
			s.postpone(tip)
			break
		}
		reply, err := s.ask(ctx, tip, where.from)
		if err != nil {
			s.peer.lose(tip, s.cfg)
			return progress, err
		}
		if len(reply) == 0 {
			if !tip.Act.IsZero() {
				s.peer.lose(tip, s.cfg)
			}
			break
		}
		reached, err := s.store(ctx, tip, reply)
		if reached > 0 {
			progress = true
			s.credit(tip, where.from, reached)
		}
		if gap = errors.Is(err, negotiation.ErrGap); gap {
			s.keep(tip, reply)
		} else if !s.goOn(&where, tip, reached, err) {
			s.peer.lose(tip, s.cfg)
			if err != nil && !wantsMore(err) || errors.Is(err, negotiation.ErrPredecessor) && !tip.Act.IsZero() {
				s.noteFault(ctx, s.peer, err)
			}
			break
		}
	}
	return progress, nil
}

// goOn says where to fetch next, after what came has led up to reached (0 for
// nothing new) and met err. It reports false when tip is not to be had: its peer
// does not deliver, or the store is full.
func (s *syncing) goOn(where *search, tip negotiation.Head, reached uint64, err error) bool {
	switch {
	case err == nil && reached > 0:
		where.resume(reached, s.tips(tip.Chain))
		return true
	case tip.Act.IsZero():
		return false // heads will tell which act is at the end of that line
	case err == nil:
		return where.forward()
	case reached == 0 && errors.Is(err, negotiation.ErrPredecessor):
		return where.back()
	}
	return false
}

// store has a reply stored, and returns up to which place tip's chain has grown by
// it towards tip; 0 when nothing was new.
func (s *syncing) store(ctx context.Context, tip negotiation.Head, reply []byte) (reached uint64, err error) {
	before := s.tips(tip.Chain)
	err = s.receive(ctx, reply)
	for _, now := range s.tips(tip.Chain) {
		if !slices.Contains(before, now) && (now == tip || now.Sequence < tip.Sequence) {
			reached = max(reached, now.Sequence)
		}
	}
	return reached, err
}

// credit enters what the peer has brought: at most the acts from one place to
// another.
func (s *syncing) credit(tip negotiation.Head, from, reached uint64) {
	s.claimed(tip.Chain, func(c *claim) { c.credit(s.peer.code, reached-min(from, reached)+1) })
	s.peer.allowance.refill()
	delete(s.peer.patience, tip)
}

// postpone has tip tried again in half a turn.
func (s *syncing) postpone(tip negotiation.Head) { s.peer.postponed = append(s.peer.postponed, tip) }

// ask is fetch, with the time it takes entered in the peer's account.
func (s *syncing) ask(ctx context.Context, tip negotiation.Head, from uint64) ([]byte, error) {
	s.peer.allowance.spend(time.Now())
	s.claimed(tip.Chain, func(c *claim) { c.ask(s.peer.code, time.Now()) })
	defer s.claimed(tip.Chain, func(c *claim) { c.reply(s.peer.code, time.Now()) })
	return s.fetch(ctx, tip, from)
}

// fetch asks the peer for what leads to tip, from a place on; the reply is empty
// when it has nothing there.
func (s *syncing) fetch(ctx context.Context, tip negotiation.Head, from uint64) ([]byte, error) {
	body, err := FormatRequest(Request{s.cfg.Negotiation, tip.Chain, from, tip.Act})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.FetchTimeout)
	defer cancel()
	reply, err := s.nc.RequestWithContext(ctx, s.subjects.fetch(s.peer.code), body)
	if err != nil {
		return nil, fmt.Errorf("fetching %s from %s: %w", tip.Chain, s.peer.code, err)
	}
	return reply.Data, nil
}

// keep keeps a reply that met a gap, for the next round.
func (s *syncing) keep(tip negotiation.Head, reply []byte) {
	if len(s.kept) < maxKept {
		s.kept[tip] = reply
	}
}

// retry gives a kept reply to the store again. It reports whether anything was
// stored, and whether there is still a gap.
func (s *syncing) retry(ctx context.Context, tip negotiation.Head) (progress, gap bool) {
	reply, ok := s.kept[tip]
	if !ok {
		return false, false
	}
	reached, err := s.store(ctx, tip, reply)
	if gap = errors.Is(err, negotiation.ErrGap); !gap {
		delete(s.kept, tip)
	}
	return reached > 0, gap
}

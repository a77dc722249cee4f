package federation

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// hearFrom starts the worker of code's node, unless there is one. Subjects are
// named one by one, since a participant that is in no charter is not heard.
func (l *Link) hearFrom(ctx context.Context, code negotiation.Code) error {
	if _, err := negotiation.ParseCode(string(code)); err != nil {
		return err
	}
	l.mu.Lock()
	known := l.peers[code] != nil
	l.mu.Unlock()
	if known {
		return nil
	}
	p := &peer{
		code:     code,
		queue:    make(chan *nats.Msg, peerQueue),
		patience: make(map[negotiation.Head]*patience),
		logged:   make(map[negotiation.Fault]bool),
	}
	// Both subjects feed one queue: what a node publishes is taken in its order,
	// so that an act is stored before the heads that tell of it are compared.
	acts, err := l.nc.ChanSubscribe(l.subjects.acts(code), p.queue)
	if err != nil {
		return err
	}
	if _, err := l.nc.ChanSubscribe(l.subjects.heads(code), p.queue); err != nil {
		return errors.Join(err, acts.Unsubscribe())
	}
	l.mu.Lock()
	l.peers[code] = p
	l.mu.Unlock()
	l.running.Go(func() { l.hear(ctx, p) })
	return nil
}

// hear is the one worker of p.
func (l *Link) hear(ctx context.Context, p *peer) {
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
			again = nil
			l.sync(ctx, p, p.postponed)
		case msg := <-p.queue:
			if ctx.Err() != nil {
				return
			}
			if msg.Subject == l.subjects.heads(p.code) {
				l.hearHeads(ctx, p, msg.Data)
			} else {
				l.hearActs(ctx, p, msg.Data)
			}
		}
		switch {
		case len(p.postponed) == 0:
			again = nil
		case again == nil:
			again = time.After(l.cfg.turn() / 2)
		}
	}
}

func (l *Link) hearActs(ctx context.Context, p *peer, message []byte) {
	switch err := l.receive(ctx, message); {
	case err == nil, wantsMore(err):
		l.cfg.PeersChanged()
		if errors.Is(err, negotiation.ErrGap) {
			l.sync(ctx, p, l.wanted(p))
		}
	default:
		l.noteFault(ctx, p, err)
	}
}

// wantsMore reports whether an error is nobody's fault: something is missing here
// that heads will tell of, or the store is full.
func wantsMore(err error) bool {
	return errors.Is(err, negotiation.ErrGap) || errors.Is(err, negotiation.ErrPredecessor) || errors.Is(err, negotiation.ErrForked)
}

// wanted is what a gap asks for: the text and p's own record to the end of their
// lines, and whatever else p was ahead in when it last told its heads.
func (l *Link) wanted(p *peer) []negotiation.Head {
	own := negotiation.RecordOf(p.code)
	wanted := []negotiation.Head{endOf(negotiation.TextChain), endOf(own)}
	l.mu.Lock()
	heads := p.heads
	l.mu.Unlock()
	if heads == nil {
		return wanted
	}
	for _, tip := range l.missing(heads.Tips) {
		if tip.Chain != negotiation.TextChain && tip.Chain != own {
			wanted = append(wanted, tip)
		}
	}
	return wanted
}

func (l *Link) hearHeads(ctx context.Context, p *peer, message []byte) {
	h, err := ParseHeads(message)
	switch {
	case err != nil:
	case h.Negotiation != l.cfg.Negotiation:
		err = negotiation.ErrNegotiation.Because("heads: of negotiation %s", h.Negotiation)
	case h.Node != p.code:
		err = negotiation.ErrForeignChain.Because("heads: of %s, sent by %s", h.Node, p.code)
	default:
		err = l.cfg.Verify(h.Node, h.SignedText(), h.Signature)
	}
	if errors.Is(err, negotiation.ErrNotParticipant) {
		err = l.introduce(ctx, p, h)
		if errors.Is(err, negotiation.ErrNotParticipant) {
			l.askToTell()
			return
		}
	}
	if err != nil {
		l.noteFault(ctx, p, err)
		return
	}
	l.noteHeads(p, &h)
	p.forget(h.Tips)
	behind := l.compare(h.Tips).behind
	l.sync(ctx, p, l.missing(h.Tips))
	if behind > 0 {
		l.askToTell()
	}
}

// introduce fetches what would make p's key known here, the text and p's own
// record, and then verifies again. That the heads are not verified does no
// harm: they say where to look, and acts authenticate themselves.
func (l *Link) introduce(ctx context.Context, p *peer, h Heads) error {
	l.sync(ctx, p, slices.DeleteFunc(l.missing(h.Tips), func(tip negotiation.Head) bool {
		return tip.Chain != negotiation.TextChain && tip.Chain != negotiation.RecordOf(p.code)
	}))
	return l.cfg.Verify(h.Node, h.SignedText(), h.Signature)
}

// receive bounds a message and has it stored.
func (l *Link) receive(ctx context.Context, message []byte) error {
	if len(message) > MaxActs {
		return negotiation.ErrTooLarge.Because("acts: %d bytes are more than %d", len(message), MaxActs)
	}
	return l.cfg.Store.Receive(ctx, message)
}

// askToTell has own heads told, soon.
func (l *Link) askToTell() {
	select {
	case l.behind <- struct{}{}:
	default:
	}
}

// noteHeads remembers that p is there, and what it holds.
func (l *Link) noteHeads(p *peer, h *Heads) {
	l.mu.Lock()
	changed := p.note(h, time.Now())
	l.mu.Unlock()
	if changed {
		l.cfg.PeersChanged()
	}
}

// noteFault counts a fault against p, and logs it the first time. An error
// that is no fault is this node's own (a full disk), and logged likewise.
func (l *Link) noteFault(ctx context.Context, p *peer, err error) {
	if ctx.Err() != nil {
		return
	}
	fault, theirs := negotiation.FaultOf(err)
	l.mu.Lock()
	if theirs {
		p.faults++
		p.lastFault = fault
	}
	first := !p.logged[fault]
	p.logged[fault] = true
	l.mu.Unlock()
	switch {
	case first && theirs:
		l.cfg.Logger.Warn("message refused", "peer", p.code, "fault", fault, "error", err)
	case first:
		l.cfg.Logger.Error("message could not be stored", "peer", p.code, "error", err)
	}
	l.cfg.PeersChanged()
}

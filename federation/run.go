package federation

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"concord/negotiation"
)

// pollEvery is how often the carrier is asked whether connections came or went.
const pollEvery = 150 * time.Millisecond

// A cache is a transport which may have acts that were published while this node was
// away. What it has is believed as little as what a peer says, and it may lose it.
type cache interface {
	// acts returns an acts message with acts of chain from the sequence number from
	// on, at most [MaxActs] bytes; nil when there are none.
	acts(ctx context.Context, chain negotiation.Chain, from uint64) ([]byte, error)
}

// run gives the core its ticks, and tells it of connections.
func (l *Link) run() {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	wake := time.NewTimer(0)
	defer wake.Stop()
	var arrivals uint64
	var hubs []HubState
	var before reached
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-l.soon:
		case <-wake.C:
			l.step(tick{})
		case <-poll.C:
			states := l.Hubs()
			now := reached{l.Connected(), settledHubs(states, time.Now(), l.cfg.HeadsEvery)}
			if sum := l.transport.arrivals(l.nc); sum != arrivals {
				arrivals = sum
				l.step(arrived{now.up})
			}
			if now != before {
				l.step(now)
			}
			if !slices.Equal(states, hubs) {
				l.cfg.PeersChanged()
			}
			hubs, before = states, now
		}
		l.mu.Lock()
		due := l.core.due()
		l.mu.Unlock()
		wake.Reset(time.Until(due))
	}
}

// step has the core take an event, and does what comes of it.
func (l *Link) step(e event) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	before := l.core.due()
	effects := l.core.step(time.Now(), e)
	sooner := l.core.due().Before(before)
	for _, e := range effects {
		if work := l.work(e); work != nil {
			l.running.Go(func() { l.step(work()) })
		}
	}
	l.mu.Unlock()
	if sooner {
		select {
		case l.soon <- struct{}{}:
		default:
		}
	}
	for _, e := range effects {
		l.show(e)
	}
}

// work returns what it takes to do an effect that has an answer, and is done beside
// the core; nil for others.
func (l *Link) work(e effect) func() event {
	switch e := e.(type) {
	case tell:
		return func() event { l.tellHeads(l.subjects.heads(l.cfg.Code), e.tips, Nonce{}); return told{} }
	case rollCall:
		return func() event { return l.callRoll() }
	case check:
		return func() event {
			h, err := l.cfg.readHeads(e.from, e.message)
			return checked{e.from, h, err}
		}
	case store:
		return func() event { return stored{e.from, e.lane, l.cfg.Store.Receive(l.ctx, e.message)} }
	case supply:
		return func() event {
			reply, err := l.fetch(fetch{e.from, false, e.request, e.within})
			return supplied{e.from, e.lane, reply, err}
		}
	case fetch:
		return func() event {
			reply, err := l.fetch(e)
			return fetched{e.from, reply, err}
		}
	case challenge:
		return func() event { return l.challenge(e) }
	}
	return nil
}

// show does the effects that others see.
func (l *Link) show(e effect) {
	switch e := e.(type) {
	case changed:
		l.cfg.PeersChanged()
	case refused:
		switch {
		case l.ctx.Err() != nil:
		case e.theirs:
			l.cfg.Logger.Warn("message refused", "peer", e.from, "fault", e.fault, "error", e.err)
		default:
			l.cfg.Logger.Error("message could not be stored", "peer", e.from, "error", e.err)
		}
	}
}

// readHeads reads a heads message of code's and verifies it.
func (c Config) readHeads(code negotiation.Code, message []byte) (Heads, error) {
	h, err := ParseHeads(message)
	switch {
	case err != nil:
	case h.Negotiation != c.Negotiation:
		err = negotiation.ErrNegotiation.Because("heads: of negotiation %s", h.Negotiation)
	case h.Node != code:
		err = negotiation.ErrForeignChain.Because("heads: of %s, sent by %s", h.Node, code)
	default:
		err = c.Verify(h.Node, h.SignedText(), h.Signature)
	}
	return h, err
}

// fetch asks a peer, or the cache, for acts.
func (l *Link) fetch(e fetch) ([]byte, error) {
	ctx, cancel := context.WithTimeout(l.ctx, e.within)
	defer cancel()
	if e.cached {
		return l.transport.(cache).acts(ctx, e.request.Chain, e.request.From)
	}
	body, err := FormatRequest(e.request)
	if err != nil {
		return nil, err
	}
	reply, err := l.nc.RequestWithContext(ctx, l.subjects.fetch(e.from), body)
	if err != nil {
		return nil, fmt.Errorf("fetching %s from %s: %w", e.request.Chain, e.from, err)
	}
	return reply.Data, nil
}

// challenge asks a peer which heads it holds now.
func (l *Link) challenge(e challenge) answered {
	ctx, cancel := context.WithTimeout(l.ctx, e.within)
	defer cancel()
	var nonce Nonce
	rand.Read(nonce[:])
	body, err := FormatChallenge(Challenge{l.cfg.Negotiation, nonce})
	if err != nil {
		return answered{from: e.from, err: err}
	}
	reply, err := l.nc.RequestWithContext(ctx, l.subjects.fetch(e.from), body)
	if err != nil {
		return answered{from: e.from, err: err}
	}
	h, err := l.cfg.readAnswer(e.from, nonce, reply.Data)
	return answered{e.from, reply.Data, h, err}
}

// readAnswer reads a heads message of code's, and verifies that it answers a challenge.
func (c Config) readAnswer(code negotiation.Code, nonce Nonce, message []byte) (Heads, error) {
	h, err := c.readHeads(code, message)
	if err == nil && h.Answers != nonce {
		err = negotiation.ErrSignature.Because("heads: of %s, do not answer the challenge that was sent", code)
	}
	return h, err
}

// tellHeads signs and publishes what is held here, or with a nonce sends it to who asked
// for it, and logs once why it cannot.
func (l *Link) tellHeads(to string, tips []negotiation.Head, answers Nonce) {
	trouble := ""
	message, err := l.cfg.signedHeads(tips, time.Now(), answers)
	if err == nil {
		err = l.publish(to, message)
	}
	if err != nil {
		trouble = err.Error()
	}
	l.mu.Lock()
	other := trouble != l.untold
	l.untold = trouble
	l.mu.Unlock()
	if err != nil && other && l.ctx.Err() == nil {
		l.cfg.Logger.Error("own heads could not be told", "error", err)
	}
}

// callRoll follows the growth of the participants.
func (l *Link) callRoll() event {
	codes, err := l.follow()
	if err != nil && l.ctx.Err() == nil {
		l.cfg.Logger.Error("participants could not be followed", "error", err)
	}
	return joined{codes}
}

// follow gives every participant its place: at the carrier, and a subscription. It
// returns those who have it.
func (l *Link) follow() (heard []negotiation.Code, err error) {
	codes := l.cfg.Participants()
	if err := l.transport.admit(codes); err != nil {
		return nil, fmt.Errorf("admitting participants: %w", err)
	}
	for _, code := range codes {
		if code == l.cfg.Code {
			continue
		}
		if err := l.hearFrom(code); err != nil {
			return heard, fmt.Errorf("listening to %s: %w", code, err)
		}
		heard = append(heard, code)
	}
	return heard, nil
}

// hearFrom has what code's node publishes handed to the core, unless it is already.
// Subjects are named one by one, since a participant that is in no charter is not
// heard.
func (l *Link) hearFrom(code negotiation.Code) error {
	if _, err := negotiation.ParseCode(string(code)); err != nil {
		return err
	}
	l.mu.Lock()
	known := l.subscribed[code]
	l.mu.Unlock()
	if known {
		return nil
	}
	listener, err := newListener(l, code)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.subscribed[code] = true
	l.mu.Unlock()
	l.running.Go(listener.run)
	return nil
}

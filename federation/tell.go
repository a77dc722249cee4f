package federation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// pollEvery is how often the carrier is asked whether connections came or went.
const pollEvery = 150 * time.Millisecond

// tell publishes own heads: at once, every HeadsEvery, when connections to
// others have come or gone, and when a peer lacks something, but for that no
// more often than four times in HeadsEvery. It also follows the growth of the
// participants.
func (l *Link) tell(ctx context.Context) {
	regular := time.NewTimer(0)
	defer regular.Stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var answer <-chan time.Time
	var arrivals uint64
	settle := false
	trouble := "" // what was logged last
	tellHeads := func() {
		err := l.tellHeads()
		if err == nil {
			trouble = ""
		} else if err.Error() != trouble && ctx.Err() == nil {
			trouble = err.Error()
			l.cfg.Logger.Error("own heads could not be told", "error", err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-regular.C:
			if err := l.follow(ctx); err != nil {
				l.cfg.Logger.Error("participants could not be followed", "error", err)
			}
			tellHeads()
			regular.Reset(l.jittered())
		case <-poll.C:
			// What is published in the moment of a new connection may be ahead
			// of the other side's subscriptions: once more, a poll later.
			now := l.transport.arrivals(l.nc)
			if changed := now != arrivals; changed || settle {
				settle, arrivals = changed, now
				tellHeads()
			}
			l.noteConnections()
		case <-l.behind:
			if answer == nil {
				answer = time.After(l.untilAnswer())
			}
		case <-answer:
			answer = nil
			tellHeads()
		}
	}
}

func (l *Link) jittered() time.Duration {
	every := l.cfg.HeadsEvery
	return every - every/10 + rand.N(every/5+1)
}

func (l *Link) untilAnswer() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.told.Add(l.cfg.HeadsEvery / 4))
}

// tellHeads signs and publishes what is held here.
func (l *Link) tellHeads() error {
	l.mu.Lock()
	l.told = time.Now()
	l.mu.Unlock()
	message, err := l.signedHeads()
	if err != nil {
		return err
	}
	return l.publish(l.subjects.heads(l.cfg.Code), message)
}

func (l *Link) signedHeads() ([]byte, error) {
	h := Heads{
		Negotiation: l.cfg.Negotiation,
		Node:        l.cfg.Code,
		Time:        time.Now().UTC().Truncate(time.Second),
	}
	h.Tips = fitting(l.cfg.Store.Heads(), maxHeadsSize-maxSignature-len(h.SignedText())-1)
	var err error
	if h.Signature, err = l.cfg.Sign(h.SignedText()); err != nil {
		return nil, fmt.Errorf("heads: %w", err)
	}
	message, err := FormatHeads(h)
	if err != nil {
		return nil, fmt.Errorf("heads: formatting: %w", err)
	}
	return message, nil
}

// follow gives every participant its place: at the carrier, and a worker that
// hears it.
func (l *Link) follow(ctx context.Context) error {
	codes := l.cfg.Participants()
	if err := l.transport.admit(codes); err != nil {
		return fmt.Errorf("admitting participants: %w", err)
	}
	for _, code := range codes {
		if code == l.cfg.Code {
			continue
		}
		if err := l.hearFrom(ctx, code); err != nil {
			return fmt.Errorf("listening to %s: %w", code, err)
		}
	}
	return nil
}

// noteConnections tells PeersChanged when this node or a peer has come into or
// gone out of reach.
func (l *Link) noteConnections() {
	up, now := l.Connected(), time.Now()
	l.mu.Lock()
	changed := up != l.up
	l.up = up
	for _, p := range l.peers {
		heard := up && now.Sub(p.seen) < silentAfter*l.cfg.HeadsEvery
		changed = changed || heard != p.heard
		p.heard = heard
	}
	l.mu.Unlock()
	if changed {
		l.cfg.PeersChanged()
	}
}

package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"concord/api"
	"concord/negotiation"
)

const (
	lookEvery = 2 * time.Second // at how a node stands

	// keepHeardEvery is how exactly it is known after a crash when another node was heard
	// last.
	keepHeardEvery = time.Minute
)

// A watch follows how long no other node is heard, and what is not sent yet.
type watch struct {
	dir     dataDir
	started time.Time

	mu     sync.Mutex // guards what follows
	known  outages
	state  *negotiation.State  // of which unsent is told
	told   []negotiation.ActID // what others had told of then
	unsent []negotiation.ActID // of the own acts
}

// newWatch begins to watch a node that has just opened: until another is heard, it is as
// when it ended.
func (n *node) newWatch(d dataDir) *watch {
	w := &watch{dir: d, started: time.Now()}
	var err error
	if w.known, err = d.readOutages(); err != nil {
		n.logger.Warn("what passed by while no other node was heard is not known from before", "error", err)
	}
	w.known.tips = n.repository.Heads()
	w.known.Sent = slices.DeleteFunc(w.known.Sent, func(h negotiation.Head) bool {
		_, here := n.State().Act(h.Act)
		return !here && !h.Act.IsZero()
	})
	w.known.start(true)
	return w
}

// watchLine looks at how the node stands, every so often, until ctx ends. That what it
// sees cannot be kept is said once in the log: nothing depends on it.
func (n *node) watchLine(ctx context.Context) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	last, kept, said := time.Now(), time.Time{}, false
	for {
		now := time.Now()
		slept := now.Round(0).Sub(last.Round(0))-now.Sub(last) > brief // the steady clock stands still, too
		turned := ctx.Err() == nil && n.lookAround(now, slept)
		if ctx.Err() != nil {
			n.lookAtSent()
		}
		if last = now; turned || now.Sub(kept) >= keepHeardEvery || ctx.Err() != nil {
			kept = now
			if err := n.watch.keep(); err != nil && !said {
				said = true
				n.logger.Warn("what passes by while no other node is heard will not be known after a restart", "error", err)
			}
		}
		if ctx.Err() != nil {
			return
		}
		if turned {
			n.notify()
		}
		select {
		case <-ctx.Done():
		case <-every.C:
		}
	}
}

func (w *watch) keep() error {
	w.mu.Lock()
	known := w.known
	known.List = slices.Clone(known.List)
	w.mu.Unlock()
	return known.write(w.dir)
}

// lookAround takes in how the node stands, and reports whether anything has begun or
// ended. An outage in which nothing happened is forgotten.
func (n *node) lookAround(now time.Time, slept bool) bool {
	if len(n.others()) == 0 {
		return false
	}
	l := look{now: now, slept: slept, level: true}
	l.tips, l.own, l.sent = n.tipsAndSent()
	for _, p := range n.link.Peers() {
		if p.LastSeen.After(l.heard) {
			l.heard = p.LastSeen
		}
		l.reached = l.reached || p.Connected
		l.level = l.level && (!p.Connected || p.Ahead == 0)
	}
	w := n.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	begun := w.known.begun()
	changed := w.known.take(l)
	if begun != nil && w.known.begun() == nil && !begun.worth(n.State(), n.code) {
		w.known.List = w.known.List[:len(w.known.List)-1]
	}
	return changed
}

// lookAtSent takes in what others have told of since the look before.
func (n *node) lookAtSent() {
	tips, _, sent := n.tipsAndSent()
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	n.watch.known.tips, n.watch.known.Sent = tips, sent
}

// tipsAndSent returns the tips that are held, those of them that are of the chains which
// this node writes, and how far others have told of these: up to before the first act
// that is not sent.
func (n *node) tipsAndSent() (tips, own, sent []negotiation.Head) {
	tips = n.repository.Heads()
	if n.code == "" {
		return tips, nil, nil
	}
	unsent := n.unsent()
	chains, state := n.own(), n.State()
	own = slices.DeleteFunc(slices.Clone(tips), func(h negotiation.Head) bool { return !slices.Contains(chains, h.Chain) })
	sent = slices.Clone(own)
	for _, id := range slices.Backward(unsent) {
		v, _ := state.Act(id)
		before := negotiation.Head{Chain: v.Act().Chain, Sequence: v.Act().Sequence - 1, Act: v.Act().Previous}
		others := slices.DeleteFunc(sent, func(h negotiation.Head) bool { return h.Chain == before.Chain })
		if len(others) < len(sent) {
			sent = append(others, before)
		}
	}
	return tips, own, sent
}

// unsent returns the acts of this node's participant, in the order of the log, of which no
// other node has told yet that it holds them.
func (n *node) unsent() []negotiation.ActID {
	state := n.State()
	var told []negotiation.ActID
	for _, chain := range []negotiation.Chain{negotiation.TextChain, negotiation.RecordOf(n.code)} {
		told = append(told, namesOf(n.link.Told(chain))...)
	}
	w := n.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state != state || !slices.Equal(w.told, told) {
		w.state, w.told, w.unsent = state, told, state.Beyond(told, n.code)
	}
	return w.unsent
}

// line says of the line what [api.Link] has of it.
func (n *node) line(link *api.Link) {
	if n.watch == nil || len(n.others()) == 0 { // an observer does nothing that could be sent
		return
	}
	link.Unsent = n.unsent()
	w := n.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.known.List {
		link.Outages = append(link.Outages, api.Outage{
			Number: o.Number, Since: o.Since, Back: instant(o.Back), Off: o.Off, Before: o.Before, After: o.After,
		})
	}
	begun := w.known.begun()
	link.Down = begun != nil && begun.Back.IsZero() && time.Since(w.started) >= settled
}

// others returns the other participants who have joined: whom there is to hear.
func (n *node) others() []negotiation.Code {
	return slices.DeleteFunc(slices.Clone(n.State().Joined), func(c negotiation.Code) bool { return c == n.code })
}

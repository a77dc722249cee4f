package federation

import (
	"slices"
	"time"

	"concord/negotiation"
)

// patience is how a worker treats a tip that its peer claims to hold without having
// delivered it.
type patience struct {
	wait  time.Duration
	until time.Time // not fetched before
}

const mostPatience = time.Minute

// mayFetch reports whether it is time to try a tip with this peer, and whether it
// has an allowance left.
func (p *peer) mayFetch(tip negotiation.Head, now time.Time) bool {
	waiting := p.patience[tip]
	return p.allowance.left(now) && (waiting == nil || now.After(waiting.until))
}

// lose puts off the next fetch of a tip from p, twice as long each time.
func (p *peer) lose(tip negotiation.Head, cfg Config) {
	waiting := p.patience[tip]
	if waiting == nil {
		waiting = &patience{wait: cfg.HeadsEvery / 4}
		p.patience[tip] = waiting
	}
	waiting.wait = min(2*waiting.wait, mostPatience)
	waiting.until = time.Now().Add(waiting.wait)
}

// forget keeps patience only with what p still claims.
func (p *peer) forget(claimed []negotiation.Head) {
	kept := make(map[negotiation.Head]*patience)
	for _, tip := range append(slices.Clip(claimed), endOf(negotiation.TextChain), endOf(negotiation.RecordOf(p.code))) {
		if waiting := p.patience[tip]; waiting != nil {
			kept[tip] = waiting
		}
	}
	p.patience = kept
}

const (
	// mostIdle is how many fetches in a row may bring nothing, and idleEvery how
	// long it takes until one more may: a peer whose heads are untrue costs sixty
	// fetches a minute, however many heads it tells and whatever it answers.
	mostIdle  = 128
	idleEvery = time.Second
)

// An allowance is what is left of a peer's mostIdle. The zero allowance is full.
type allowance struct {
	idle  int       // fetches that have brought nothing
	since time.Time // when the last of them was forgiven
}

func (a *allowance) left(now time.Time) bool {
	if forgiven := int(now.Sub(a.since) / idleEvery); forgiven > 0 {
		a.idle = max(0, a.idle-forgiven)
		a.since = now
	}
	return a.idle < mostIdle
}

// spend enters a fetch; refill forgets all that brought nothing, because one has
// brought something.
func (a *allowance) spend(now time.Time) {
	if a.idle == 0 {
		a.since = now
	}
	a.idle++
}

func (a *allowance) refill() { a.idle = 0 }

package federation

import (
	"time"

	"concord/negotiation"
)

// patience is how long something is not asked for again that has not come.
type patience struct {
	wait  time.Duration
	until time.Time // not asked before
}

const mostPatience = time.Minute

// lose puts off the next attempt, twice as long each time, up to mostPatience.
func (w *patience) lose(headsEvery time.Duration, now time.Time) {
	w.wait = min(max(2*w.wait, headsEvery/2), mostPatience)
	w.until = now.Add(w.wait)
}

// lose puts off the next fetch of a tip from p.
func (p *peer) lose(tip negotiation.Head, headsEvery time.Duration, now time.Time) {
	if tip.Chain == "" {
		return
	}
	if p.patience[tip] == nil {
		p.patience[tip] = new(patience)
	}
	p.patience[tip].lose(headsEvery, now)
}

// forget keeps patience only with what p still claims.
func (p *peer) forget() {
	if len(p.patience) == 0 {
		return
	}
	kept, all := make(map[negotiation.Head]*patience), p.claims.all()
	for _, tips := range append(all[:], []negotiation.Head{endOf(negotiation.TextChain), endOf(negotiation.RecordOf(p.code))}) {
		for _, tip := range tips {
			if waiting := p.patience[tip]; waiting != nil {
				kept[tip] = waiting
			}
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

// until is when there is something left; the zero time when there is now.
func (a *allowance) until(now time.Time) time.Time {
	if a.left(now) {
		return time.Time{}
	}
	return a.since.Add(idleEvery)
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

const (
	// mostWaste is what a peer's messages may have in bytes, each counted messageCost
	// more, without that anything comes of them; wasteRate is how much of it is
	// forgiven in a second, and actWorth for a message that has brought something.
	mostWaste   = 4 << 20
	wasteRate   = 256 << 10
	messageCost = 4 << 10
	actWorth    = 64 << 10
)

// waste is what a peer's messages have cost for nothing. Beyond mostWaste they have to
// wait, and no other peer's do.
type waste struct {
	spent int
	since time.Time // up to when it was forgiven
}

func (w *waste) left(now time.Time) bool {
	if w.spent > 0 {
		if forgiven := int(min(now.Sub(w.since), mostPatience).Seconds() * wasteRate); forgiven > 0 {
			w.spent = max(0, w.spent-forgiven)
			w.since = now
		}
	}
	return w.spent < mostWaste
}

// until is when the next message may be looked at; the zero time for now.
func (w *waste) until(now time.Time) time.Time {
	if w.left(now) {
		return time.Time{}
	}
	return now.Add(time.Duration(w.spent-mostWaste+messageCost) * time.Second / wasteRate)
}

func (w *waste) spend(now time.Time, size int) {
	w.left(now)
	if w.spent == 0 {
		w.since = now
	}
	w.spent += size + messageCost
}

func (w *waste) earn() { w.spent = max(0, w.spent-actWorth) }

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
	least int       // what has to be left before anything is begun
}

func (a *allowance) left(now time.Time) bool {
	if forgiven := int(now.Sub(a.since) / idleEvery); forgiven > 0 {
		a.idle = max(0, a.idle-forgiven)
		a.since = now
	}
	return a.idle < mostIdle
}

// until is when enough is left to begin something; the zero time when there is now.
func (a *allowance) until(now time.Time) time.Time {
	a.left(now)
	if lacking := a.idle + max(a.least, 1) - mostIdle; lacking > 0 {
		return a.since.Add(time.Duration(lacking) * idleEvery)
	}
	return time.Time{}
}

// cut says that a search which may take so many fetches has ended early, for nothing was
// left. The next begins when it can be ended: one fetch a second would begin it for ever.
func (a *allowance) cut(search int) { a.least = min(search, mostIdle) }

// spend enters a fetch; refill forgets all that brought nothing, because one has
// brought something.
func (a *allowance) spend(now time.Time) {
	if a.idle == 0 {
		a.since = now
	}
	a.idle++
}

func (a *allowance) refill() { *a = allowance{} }

const (
	// mostWaste is what a peer's messages may have in bytes, each counted messageCost
	// more, without that anything comes of them; wasteRate is how much of it is
	// forgiven in a second, and actWorth for a message that has brought something.
	mostWaste   = 4 << 20
	wasteRate   = 256 << 10
	messageCost = 4 << 10
	actWorth    = 64 << 10
)

// A budget is what somebody may cost, in bytes.
type budget struct {
	most, rate int // at once, and in a second
	spent      int
	since      time.Time // up to when it was forgiven
}

func (b *budget) left(now time.Time) bool {
	if b.spent > 0 {
		if forgiven := int(min(now.Sub(b.since), mostPatience).Seconds() * float64(b.rate)); forgiven > 0 {
			b.spent = max(0, b.spent-forgiven)
			b.since = now
		}
	}
	return b.spent < b.most
}

func (b *budget) spend(now time.Time, size int) {
	b.left(now)
	if b.spent == 0 {
		b.since = now
	}
	b.spent += size
}

// waste is what a peer's messages have cost for nothing. Beyond mostWaste they have to
// wait, and no other peer's do.
type waste struct{ budget }

func newWaste() waste { return waste{budget{most: mostWaste, rate: wasteRate}} }

// until is when the next message may be looked at; the zero time for now.
func (w *waste) until(now time.Time) time.Time {
	if w.left(now) {
		return time.Time{}
	}
	return now.Add(time.Duration(w.spent-mostWaste+messageCost) * time.Second / wasteRate)
}

func (w *waste) spend(now time.Time, size int) { w.budget.spend(now, size+messageCost) }

func (w *waste) earn() { w.spent = max(0, w.spent-actWorth) }

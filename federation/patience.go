package federation

import (
	"maps"
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

// A budget is what somebody may cost, in bytes or in a number.
type budget struct {
	most, rate int // at once, and in a second
	spent      int
	since      time.Time // up to when it was forgiven
}

func (b *budget) left(now time.Time) bool {
	switch forgiven := now.Sub(b.since).Seconds() * float64(b.rate); {
	case forgiven >= float64(b.spent):
		b.spent = 0
	case forgiven >= 1:
		b.spent -= int(forgiven)
		b.since = b.since.Add(b.takes(int(forgiven)))
	}
	return b.spent < b.most
}

// takes is how long it takes until something is forgiven.
func (b *budget) takes(some int) time.Duration {
	return time.Duration(some) * time.Second / time.Duration(b.rate)
}

func (b *budget) spend(now time.Time, some int) {
	if b.left(now); b.spent == 0 {
		b.since = now
	}
	b.spent += some
}

// budgets are what each of several may cost.
type budgets struct {
	full budget
	each map[string]*budget // of those that have spent something
}

// mostPayers is how many budgets there are at most: of the participants, of the observers
// together, and of those that a broker does not tell apart.
const mostPayers = maxMembers + 2

func newBudgets(most, rate int) budgets {
	return budgets{budget{most: most, rate: rate}, make(map[string]*budget)}
}

// left reports whether one has something left; not when too many others have spent.
func (b *budgets) left(one string, now time.Time) bool {
	if own := b.each[one]; own != nil {
		return own.left(now)
	}
	if len(b.each) >= mostPayers {
		maps.DeleteFunc(b.each, func(_ string, other *budget) bool { return other.left(now) && other.spent == 0 })
	}
	return len(b.each) < mostPayers
}

func (b *budgets) spend(one string, now time.Time, some int) {
	if b.each[one] == nil {
		own := b.full
		b.each[one] = &own
	}
	b.each[one].spend(now, some)
}

const (
	// mostIdle is how many fetches in a row may bring nothing, and idleRate how many
	// more may in a second: a peer whose heads are untrue costs sixty fetches a minute,
	// however many heads it tells and whatever it answers.
	mostIdle = 128
	idleRate = 1
)

// An allowance is what is left of a peer's mostIdle.
type allowance struct {
	budget     // of fetches that have brought nothing
	least  int // what has to be left before anything is begun
}

func newAllowance() allowance { return allowance{budget: budget{most: mostIdle, rate: idleRate}} }

// until is when enough is left to begin something; the zero time when there is now.
func (a *allowance) until(now time.Time) time.Time {
	a.left(now)
	if lacking := a.spent + max(a.least, 1) - mostIdle; lacking > 0 {
		return a.since.Add(a.takes(lacking))
	}
	return time.Time{}
}

// cut says that a search which may take so many fetches has ended early, for nothing was
// left. The next begins when it can be ended: one fetch a second would begin it for ever.
func (a *allowance) cut(search int) { a.least = min(search, mostIdle) }

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
type waste struct{ budget }

func newWaste() waste { return waste{budget{most: mostWaste, rate: wasteRate}} }

// until is when the next message may be looked at; the zero time for now.
func (w *waste) until(now time.Time) time.Time {
	if w.left(now) {
		return time.Time{}
	}
	return now.Add(w.takes(w.spent - mostWaste + messageCost))
}

func (w *waste) spend(now time.Time, size int) { w.budget.spend(now, size+messageCost) }

func (w *waste) earn() { w.spent = max(0, w.spent-actWorth) }

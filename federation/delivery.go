package federation

import (
	"slices"
	"time"

	"concord/negotiation"
)

// A Holder is another participant's node, and what its signed heads tell of whether it
// holds an act. A node holds an act when one of the tips that it tells of is that act, or
// follows it in its chain. What stands beside a line counts like all else.
type Holder struct {
	Code    negotiation.Code `json:"code"`
	Holding Holding          `json:"holding"`

	// Since is when the heads came, by this node's clock, that first told of the act;
	// Stated is the time that stands in them, by the peer's clock. Both are zero unless
	// it holds the act.
	Since  time.Time `json:"since,omitzero"`
	Stated time.Time `json:"stated,omitzero"`

	// After is when the heads before those came, which did not tell of the act, so that
	// it has got it in between; zero when that is not known. It is long before Since
	// where the two could not reach one another, or one of them did not run.
	After time.Time `json:"after,omitzero"`

	// Heard is when its last heads came; zero for never.
	Heard time.Time `json:"heard,omitzero"`
}

// A Holding is whether a node holds an act, as far as its heads tell.
type Holding string

const (
	Holds Holding = "holds" // it has said so, and nothing since that speaks against it
	Lacks Holding = "lacks" // its last heads do not lead to the act

	// Unknown says that it has never been heard, or that its last heads tell of acts
	// that are not here, which may follow the one in question or not.
	Unknown Holding = "unknown"
)

// Delivery returns what the other participants' nodes, sorted by code, have told of
// holding an act. Leads reports whether an act that a peer tells of is that act, or
// follows it in its chain, by what is held here (negotiation.State.Leads); it must not
// call the link.
func (l *Link) Delivery(act negotiation.Head, leads func(tip negotiation.Head) bool) []Holder {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.core.delivery(act, leads)
}

func (c *core) delivery(act negotiation.Head, leads func(tip negotiation.Head) bool) []Holder {
	holders := make([]Holder, 0, len(c.peers))
	for _, p := range c.peers {
		h := Holder{Code: p.code, Holding: Lacks, Heard: p.shown.heard}
		if h.Heard.IsZero() {
			h.Holding = Unknown
		}
		for _, s := range p.shown.steps[act.Chain] {
			if s.tip.Sequence < act.Sequence {
				continue
			}
			if leads(s.tip) {
				if h.Holding == Lacks {
					h.After = s.after
				}
				h.Holding, h.Since, h.Stated = Holds, s.since, s.stated
				break
			}
			if !c.held.Holds(s.tip) {
				h.Holding = Unknown
			}
		}
		holders = append(holders, h)
	}
	return holders
}

// Told returns the tips of one chain of which any other participant's node has told that
// it holds them, now or before.
func (l *Link) Told(chain negotiation.Chain) []negotiation.Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.core.toldOf(chain)
}

func (c *core) toldOf(chain negotiation.Chain) (tips []negotiation.Head) {
	known := make(map[negotiation.Head]bool)
	for _, p := range c.peers {
		for _, s := range p.shown.steps[chain] {
			if !known[s.tip] {
				known[s.tip] = true
				tips = append(tips, s.tip)
			}
		}
	}
	return tips
}

// mostSteps is how many steps are kept of one peer, and more than tips that fit one heads
// message, which has 64 KiB.
const mostSteps = 1024

// shown is what the heads of one peer have shown that it holds, and since when. The
// steps of a chain are in the order in which the peer told of them.
type shown struct {
	steps map[negotiation.Chain][]step
	count int
	heard time.Time // when the last heads came, zero for never
}

// A step is a tip that a peer has told of.
type step struct {
	tip    negotiation.Head
	since  time.Time // when the first heads that had it came
	stated time.Time // in these, by the peer's clock
	after  time.Time // when the heads before those came; zero for none
}

// take takes in heads that came at an instant. Steps that lie beyond what they tell of in
// a chain are forgotten: the peer was put back to an earlier state.
func (s *shown) take(h *Heads, now time.Time) {
	if s.steps == nil {
		s.steps = make(map[negotiation.Chain][]step)
	}
	chains := 0
	for told := h.Tips; len(told) > 0; chains++ {
		tips := ofFirst(told)
		told = told[len(tips):]
		s.takeChain(tips, step{since: now, stated: h.Time, after: s.heard})
	}
	if chains < len(s.steps) {
		for chain := range s.steps {
			if len(tipsOf(h.Tips, chain)) == 0 {
				s.keep(chain, nil)
			}
		}
	}
	if s.count > mostSteps {
		s.forget(h.Tips)
	}
	s.heard = now
}

// takeChain takes in the tips of one chain, which came as next has it.
func (s *shown) takeChain(tips []negotiation.Head, next step) {
	chain := tips[0].Chain
	steps := s.steps[chain]
	if n := len(steps); len(tips) == 1 && n > 0 && steps[n-1].tip == tips[0] {
		return
	}
	reached := top(tips)
	s.keep(chain, slices.DeleteFunc(steps, func(old step) bool { return old.tip.Sequence > reached }))
	for _, next.tip = range tips {
		if steps := s.steps[chain]; !slices.ContainsFunc(steps, func(old step) bool { return old.tip == next.tip }) {
			s.keep(chain, append(steps, next))
		}
	}
}

// keep replaces the steps of a chain.
func (s *shown) keep(chain negotiation.Chain, steps []step) {
	s.count += len(steps) - len(s.steps[chain])
	if s.steps[chain] = steps; len(steps) == 0 {
		delete(s.steps, chain)
	}
}

// forget forgets what is more than mostSteps: each time the oldest step of the chain that
// has most, but none of the tips told last. What it showed the next one shows, from a later
// time on.
func (s *shown) forget(told []negotiation.Head) {
	last := make(map[negotiation.Head]bool, len(told))
	for _, tip := range told {
		last[tip] = true
	}
	spare := make(map[negotiation.Chain]int)
	for chain, steps := range s.steps {
		for _, old := range steps {
			if !last[old.tip] {
				spare[chain]++
			}
		}
	}
	for s.count > mostSteps {
		var most negotiation.Chain
		for chain, n := range spare {
			if n > spare[most] || n == spare[most] && chain < most {
				most = chain
			}
		}
		steps := s.steps[most]
		i := slices.IndexFunc(steps, func(old step) bool { return !last[old.tip] })
		if i+1 < len(steps) {
			steps[i+1].after = steps[i].after
		}
		s.keep(most, slices.Delete(steps, i, i+1))
		spare[most]--
	}
}

package federation

import (
	"slices"
	"time"

	"concord/negotiation"
)

// A Standing is how far this node's own chains, those that [Config.Writes] names, go
// by what the others say of them. It decides whether the node may sign: one that was
// restored from a backup has lost acts which others hold, and would sign others in
// their places.
type Standing struct {
	// Ahead is a peer that tells of an act of one of these chains which is not here,
	// and Lacking that act; Held is the last place of its chain that is here. Ahead is
	// empty when there is none. A peer that does not deliver what it tells of within
	// 30 s is not believed any more, so that none can keep another from acting.
	Ahead   negotiation.Code
	Lacking negotiation.Head
	Held    uint64

	// Confirmed says that a peer has answered a challenge of this link's, holds
	// nothing of these chains that is lacking here, and has got as far in them, and in
	// the text.
	Confirmed bool

	// Awaited says that a peer which seems to be there has not answered yet, within 30 s.
	Awaited bool
}

// doubtPatience is how long a peer's word that it holds more of this node's own chains
// counts without anything coming, and how long its answer is awaited.
const doubtPatience = 30 * time.Second

// A doubt is a peer's word that it holds more of this node's own chains.
type doubt struct {
	came  int       // acts that were here when something came last, but for those made since the start
	since time.Time // when that was; zero before the first such word
}

func (d *doubt) holds(now time.Time, came int) bool {
	if d.since.IsZero() || came > d.came {
		*d = doubt{came, now}
	}
	return now.Sub(d.since) < doubtPatience
}

// Standing tells how this node's own chains stand. The ends are those of the lines, as
// [negotiation.State.Heads]. Once they are confirmed and nobody is awaited, the link
// challenges nobody any more.
func (l *Link) Standing(ends []negotiation.Head) Standing {
	own, now := l.cfg.Writes(), time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.core.standing(now, own, ends)
}

func (c *core) standing(now time.Time, own []negotiation.Chain, ends []negotiation.Head) Standing {
	c.now = now
	c.look()
	var s Standing
	came := -c.acted
	for _, chain := range own {
		came += int(top(c.chainTips(chain)))
	}
	for _, p := range c.peers {
		lacking := c.missing(inChains(slices.Concat(p.answer, p.claims.told), own))
		if len(lacking) > 0 && p.doubt.holds(now, came) && s.Ahead == "" {
			s.Ahead, s.Lacking, s.Held = p.code, lacking[0], top(c.chainTips(lacking[0].Chain))
		}
		s.Confirmed = s.Confirmed || c.confirms(p.answer, own, ends)
		s.Awaited = s.Awaited || c.awaits(p)
	}
	c.sure = c.sure || s.Confirmed && !s.Awaited && s.Ahead == ""
	return s
}

// confirms reports whether who answers with these tips knows how far the own chains go.
// Who is behind in the text may have been put back itself.
func (c *core) confirms(answer []negotiation.Head, own []negotiation.Chain, ends []negotiation.Head) bool {
	theirs, text := inChains(answer, own), top(tipsOf(answer, negotiation.TextChain))
	return text > 0 && text >= top(c.chainTips(negotiation.TextChain)) &&
		len(c.missing(theirs)) == 0 && knows(theirs, inChains(c.tips, own), inChains(ends, own))
}

// awaits reports whether p has not answered yet and may: it is in reach, or has joined
// and is being asked. One that does not answer for long is awaited no more.
func (c *core) awaits(p *peer) bool {
	if p.answer != nil || !p.awaited.IsZero() && c.now.Sub(p.awaited) >= doubtPatience {
		return false
	}
	return c.why(p) == "" || p.asking && len(c.chainTips(negotiation.RecordOf(p.code))) > 0
}

// inChains returns those tips that are of some chains.
func inChains(tips []negotiation.Head, chains []negotiation.Chain) []negotiation.Head {
	return slices.DeleteFunc(slices.Clone(tips), func(tip negotiation.Head) bool { return !slices.Contains(chains, tip.Chain) })
}

// knows reports whether a peer with these tips of some chains has got as far in each as
// this node, which holds all of them: it has the end of the line or, while the chain is
// frozen there, what follows. It need not have all that stands beside the line: of a flood
// of sides every node may keep others.
func knows(theirs, held, ends []negotiation.Head) bool {
	for _, mine := range held {
		i := slices.IndexFunc(ends, func(end negotiation.Head) bool { return end.Chain == mine.Chain })
		reached := top(tipsOf(theirs, mine.Chain))
		switch {
		case i >= 0 && slices.Contains(held, ends[i]):
			if !slices.Contains(theirs, ends[i]) {
				return false
			}
		case i < 0 && reached == 0, i >= 0 && reached <= ends[i].Sequence:
			return false
		}
	}
	return true
}

// challengeAll challenges the peers that have not answered since this node started.
func (c *core) challengeAll() {
	for _, p := range c.peers {
		if p.answer == nil {
			c.challenge(p)
		}
	}
}

// awaitAll challenges and awaits, from now on, the peers that have not answered.
func (c *core) awaitAll() {
	for _, p := range c.peers {
		p.awaited = time.Time{}
	}
	c.challengeAll()
}

// challenge has p asked which heads it holds now, unless that is known well enough, or
// it is being asked.
func (c *core) challenge(p *peer) {
	if c.sure || p.asking {
		return
	}
	p.asking, p.asked = true, c.now
	if p.awaited.IsZero() {
		p.awaited = c.now
	}
	c.do(challenge{p.code, c.turn()})
}

// challengeAgain challenges a peer when it tells of other heads than it has answered
// with, four times in headsEvery at most.
func (c *core) challengeAgain(p *peer, told []negotiation.Head) {
	if c.now.Sub(p.asked) >= c.headsEvery/4 && (p.answer == nil || !slices.Equal(told, p.answer)) {
		c.challenge(p)
	}
}

// hasAnswered takes the answer to a challenge. Heads of a key that is not known here are
// the hint that published ones are.
func (c *core) hasAnswered(e answered) {
	p := c.peer(e.from)
	p.asking = false
	c.stir()
	fault, _ := negotiation.FaultOf(e.err)
	switch {
	case e.err == nil:
		if !slices.ContainsFunc(c.peers, func(other *peer) bool { return other.answer != nil }) {
			defer c.awaitAll() // who answers first may be the only one who was put back too
		}
		p.answer = append([]negotiation.Head{}, e.heads.Tips...)
		c.hearHeads(p, &e.heads)
		p.forget()
		c.want(p)
	case fault == negotiation.ErrNotParticipant:
		c.hear(heard{p.code, true, e.message})
	case fault != "":
		c.blame(p, e.err)
	}
}

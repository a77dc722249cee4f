package federation

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"concord/negotiation"
)

// A view is what a core sees of a [Store]. Both methods are quick.
type view interface {
	Heads() []negotiation.Head
	Holds(negotiation.Head) bool
}

// A core is the protocol of one node as a machine: events go in, effects come out.
// It has no clock, goroutine or lock, and does nothing but compute: the same events at
// the same instants, with the same answers of the view and the same random numbers,
// have the same effects. Link runs it; the simulation runs many.
//
// For each peer there are two lanes, in each of which one thing is done at a time:
// what the peer publishes is checked and stored, and what it holds is fetched. So no
// peer has more than its turn of the store, and what waits for one peer is bounded by
// itself (peerQueue, peerBytes, mostParked, parkedBytes).
type core struct {
	code         negotiation.Code // empty for an observer
	negotiation  negotiation.ActID
	headsEvery   time.Duration
	fetchTimeout time.Duration
	cached       bool // there is a cache to be asked first
	held         view
	rand         *rand.Rand

	now     time.Time
	effects []effect
	stirred bool // the observer is to be told

	peers  []*peer    // by code
	before deliveries // what they had shown before this node was started
	claims map[negotiation.Chain]*claim
	parked map[negotiation.Head]time.Time // since when a reply that leads there waits for other acts
	rest   patience                       // of the cache
	up     bool
	hubs   int  // that peers' heads can be expected through
	sure   bool // how far the own chains go; nobody is challenged any more
	acted  int  // acts that this node has made
	roll   bool // the participants are to be named again: the charter may be another

	seen       []negotiation.Head // what the view had when last looked
	tips       []negotiation.Head // the same, by chain as in a heads message; in a chain the end of the line first
	generation uint64             // counts the changes of that
	grown      time.Time          // when that changed last

	telling    bool      // heads are being signed
	untold     bool      // they are to be signed again after that
	told       time.Time // when they were told last
	regular    time.Time // when they are told next anyway
	again      time.Time // when they are told once more to those who have just arrived; zero for not
	news       time.Time // when they are told because of own acts; zero for not
	answer     time.Time // when they are told because a peer lacks something; zero for not
	assignable bool      // something has happened that lets something be fetched, perhaps
	lookForJob time.Time // when time lets something be fetched; zero for not
}

func newCore(cfg Config, cached bool, random *rand.Rand) *core {
	return &core{
		code:         cfg.Code,
		negotiation:  cfg.Negotiation,
		headsEvery:   cfg.HeadsEvery,
		fetchTimeout: cfg.FetchTimeout,
		cached:       cached,
		held:         cfg.Store,
		sure:         cfg.observes(),
		before:       cfg.remembered(),
		rand:         random,
		claims:       make(map[negotiation.Chain]*claim),
		parked:       make(map[negotiation.Head]time.Time),
	}
}

// step takes an event at an instant and returns what is to be done.
func (c *core) step(now time.Time, e event) []effect {
	c.now, c.effects, c.stirred = now, nil, false
	c.look()
	switch e := e.(type) {
	case begun:
		c.tellRegularly()
	case tick:
	case joined:
		c.join(e.codes)
	case arrived:
		c.up = e.up
		if now.Sub(c.told) >= c.headsEvery/4 {
			c.tell()
		}
		c.challengeAll()
		c.again = now.Add(settleAfter)
	case reached:
		c.up, c.hubs = e.up, e.hubs
	case acted:
		c.acted++
		c.tellOfActs()
		c.stir()
	case told:
		c.hasTold()
	case heard:
		c.hear(e)
	case checked:
		c.hasChecked(e)
	case stored:
		c.hasTried(e)
	case supplied:
		c.hasSupplied(e)
	case fetched:
		c.hasFetched(e)
	case answered:
		c.hasAnswered(e)
	}
	c.proceed()
	if c.stirred {
		c.do(changed{})
	}
	return c.effects
}

// proceed does what time or the event has made possible.
func (c *core) proceed() {
	if c.roll {
		c.roll = false
		c.do(rollCall{})
	}
	c.tellInTime()
	for _, p := range c.peers {
		c.noteSilence(p)
		c.expire(p)
		c.work(p)
	}
	c.assign()
}

// due is when the core wants a tick, if nothing happens before.
func (c *core) due() time.Time {
	due := c.regular
	for _, at := range []time.Time{c.again, c.news, c.answer, c.lookForJob} {
		due = earlier(due, at)
	}
	for _, p := range c.peers {
		due = earlier(due, c.whyUntil(p))
		due = earlier(due, p.resumes)
		if len(p.parked) > 0 && p.parked[0] != p.again {
			due = earlier(due, p.parked[0].since.Add(mostPatience))
		}
	}
	return due
}

// earlier returns the earlier of two instants of which the zero stands for never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (c *core) do(e effect) { c.effects = append(c.effects, e) }

func (c *core) stir() { c.stirred = true }

// look sees what is held now.
func (c *core) look() {
	if seen := c.held.Heads(); !unchanged(seen, c.seen) && !slices.Equal(seen, c.seen) {
		c.grown = c.now
		text := c.chainTips(negotiation.TextChain)
		c.seen, c.tips = seen, slices.Concat(byChain(seen)...)
		c.generation++
		c.assignable = true
		if !slices.Equal(text, c.chainTips(negotiation.TextChain)) {
			c.roll = true
		}
	}
}

// unchanged reports whether two slices are one.
func unchanged(a, b []negotiation.Head) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// chainTips returns those of one chain that are held here, as [Store.Heads] has them.
func (c *core) chainTips(chain negotiation.Chain) []negotiation.Head { return tipsOf(c.tips, chain) }

func (c *core) join(codes []negotiation.Code) {
	for _, code := range codes {
		if i, known := c.place(code); !known && code != c.code {
			p := newPeer(code)
			p.shown = c.before[code]
			c.peers = slices.Insert(c.peers, i, p)
			if c.up {
				c.challenge(p)
			}
		}
	}
}

func (c *core) place(code negotiation.Code) (int, bool) {
	return slices.BinarySearchFunc(c.peers, code, func(p *peer, code negotiation.Code) int {
		return strings.Compare(string(p.code), string(code))
	})
}

// peer returns code's; nil when it takes no part.
func (c *core) peer(code negotiation.Code) *peer {
	if i, known := c.place(code); known {
		return c.peers[i]
	}
	return nil
}

// concerns reports whether chain is worth fetching: a record of nobody who takes
// part is not.
func (c *core) concerns(chain negotiation.Chain) bool {
	code, ok := chain.Owner()
	return !ok || code == c.code || c.peer(code) != nil
}

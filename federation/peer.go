package federation

import (
	"slices"
	"time"

	"concord/negotiation"
)

// A Peer is what this node knows of another one.
type Peer struct {
	Code negotiation.Code `json:"code"`

	// Connected says that it was heard within the last three intervals of
	// heads, and that this node is connected itself.
	Connected bool `json:"connected"`

	// Why says why it is not connected; empty when it is.
	Why Why `json:"why,omitempty"`

	// LastSeen is when the last heads came that proved to be of its key and new,
	// that is, of a later second than those before, or no more than a second
	// after the first of theirs; zero when none have, before this node was started
	// neither, as far as Config.Deliveries tells.
	LastSeen time.Time `json:"lastSeen,omitzero"`

	// ClockOff is by how much the clock that its last heads were dated by was ahead of
	// this node's when they came; negative when it was behind, and 0 when it was off by
	// no more than a minute, or is not known.
	ClockOff time.Duration `json:"clockOff,omitempty"`

	// Behind is how many acts that are held here it lacks, by its last heads.
	// Ahead is how many it holds that are lacking here. Both are 0 before its
	// first heads. Where acts stand beside a line they may be more: heads do not
	// tell where what is held on one side only begins.
	Behind uint64 `json:"behind"`
	Ahead  uint64 `json:"ahead"`

	// Differs names the chains, the text first, in which a fork is in the making:
	// by its last heads it holds an act that is lacking here, at a place that
	// another act has here. That act is being fetched.
	Differs []negotiation.Chain `json:"differs"`

	// Through is through how many of Hubs hubs its heads come, as far as that shows in how
	// often one message comes. It is less than Hubs when it is not at all the hubs that this
	// node is at, or when one of these withholds what it says: this node cannot tell which,
	// nor which hub. Both are 0 where this node is at one hub at most, or has been at a
	// second one for a few intervals of heads only, and where the peer is not connected.
	Through int `json:"through,omitempty"`
	Hubs    int `json:"hubs,omitempty"`

	// Faults is how many of its messages broke a rule since this node started;
	// LastFault is the last of these rules, and LastRefused when that was.
	Faults      uint64            `json:"faults"`
	LastFault   negotiation.Fault `json:"lastFault,omitempty"`
	LastRefused time.Time         `json:"lastRefused,omitzero"`

	// Chains are those in which it is behind or ahead, by its last heads, the text
	// first.
	Chains []Distance `json:"chains"`

	// Heads is what it said last that it holds: the tips of its chains.
	Heads []negotiation.Head `json:"heads"`
}

const (
	// peerQueue is how many messages of one peer may wait, and peerBytes how much they
	// may have together. What comes on top is dropped, and fetched when heads show it.
	peerQueue = 32
	peerBytes = 4 << 20
)

// silentAfter is how many intervals of heads a peer may miss.
const silentAfter = 3

// peer is one other node, as a core knows it.
type peer struct {
	code negotiation.Code

	queue   []heard // what it has published, and nobody has looked at
	queued  int     // bytes of that
	hearing bool    // something is being checked or stored
	job     []byte  // what
	again   *parked // if it is tried again
	asOf    uint64  // core.generation when that began
	waste   waste
	resumes time.Time // when its messages may be looked at again; zero for now

	parked     []*parked // in the order in which they came
	parkedSize int       // bytes
	hint       []byte    // heads whose key is not known here; nil for none
	hinted     uint64    // core.generation when that was found

	errands [2]*errand // of each lane; nil for none

	claims    claims
	missing   []negotiation.Head // of the claims, what was not held when last looked
	pursuit   *pursuit           // what is being fetched from it; nil for nothing
	patience  map[negotiation.Head]*patience
	silence   patience // with all that is asked of it
	allowance allowance

	seen      time.Time
	was       Why // what Peer.Why last was
	copies    copies
	were      ways // what Peer.Through and Peer.Hubs last were
	came      came
	heads     *Heads             // the last that verified and were new
	shown     shown              // by these and those before
	asking    bool               // it is being challenged
	asked     time.Time          // when it was last
	awaited   time.Time          // since when it has not answered
	answer    []negotiation.Head // what it told in answer to the last challenge that it answered; nil before
	doubt     doubt
	first     time.Time // when the first heads of their second came
	faults    uint64
	lastFault negotiation.Fault
	logged    map[negotiation.Fault]bool
}

func newPeer(code negotiation.Code) *peer {
	return &peer{
		code:      code,
		patience:  make(map[negotiation.Head]*patience),
		allowance: newAllowance(),
		waste:     newWaste(),
		logged:    make(map[negotiation.Fault]bool),
	}
}

// claims are the tips that a peer is taken to hold: those that it told last, those of
// heads that came late, those of heads that could not be verified, and the ends of
// chains that may close a gap.
type claims struct{ told, stale, hinted, ends []negotiation.Head }

func (c *claims) all() [4][]negotiation.Head {
	return [...][]negotiation.Head{c.told, c.stale, c.hinted, c.ends}
}

// clockError is how far ahead a node's clock may be without being taken for wrong.
const clockError = time.Minute

// note remembers that the peer is there, and what it holds, unless h may be heads
// of long ago that somebody has kept: it is not of a later second than the last,
// and not of the same within a second. But when the last were far in the future,
// the sender's clock has been put right. It reports whether it does, and whether the
// heads are others.
func (p *peer) note(h *Heads, now time.Time) (fresh, changed bool) {
	last, soon := p.heads, now.Add(clockError)
	switch {
	case last == nil, h.Time.After(last.Time), last.Time.After(soon) && !h.Time.After(soon):
		p.first = now
	case h.Time.Equal(last.Time) && now.Sub(p.first) < time.Second:
	default:
		return false, false
	}
	p.seen, p.heads, p.claims.told = now, h, h.Tips
	p.shown.take(h, now)
	return true, last == nil || !slices.Equal(h.Tips, last.Tips)
}

// noteSilence tells the observer when a peer has come into or gone out of reach, is out
// of it for another reason, or is heard through more hubs or fewer.
func (c *core) noteSilence(p *peer) {
	if why, now := c.why(p), c.ways(p); why != p.was || now != p.were {
		p.was, p.were = why, now
		c.stir()
	}
}

// Peers returns the other participants' nodes, sorted by code.
func (c *core) Peers(now time.Time) []Peer {
	c.now = now
	peers := make([]Peer, 0, len(c.peers))
	for _, p := range c.peers {
		peer := Peer{
			Code:        p.code,
			Why:         c.why(p),
			LastSeen:    p.shown.heard,
			ClockOff:    p.clockOff(),
			Faults:      p.faults,
			LastFault:   p.lastFault,
			LastRefused: p.came.refused,
			Chains:      []Distance{},
			Differs:     []negotiation.Chain{},
			Heads:       []negotiation.Head{},
		}
		peer.Connected = peer.Why == ""
		w := c.ways(p)
		peer.Through, peer.Hubs = w.through, w.hubs
		if p.heads != nil && len(p.heads.Tips) > 0 {
			peer.Heads = slices.Clone(p.heads.Tips)
			compared := c.compare(peer.Heads)
			peer.Behind, peer.Ahead, peer.Differs, peer.Chains = compared.behind, compared.ahead, compared.differs, compared.chains
		}
		peers = append(peers, peer)
	}
	return peers
}

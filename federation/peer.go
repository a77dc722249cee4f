package federation

import (
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// A Peer is what this node knows of another one.
type Peer struct {
	Code negotiation.Code `json:"code"`

	// Connected says that it was heard within the last three intervals of
	// heads, and that this node is connected itself.
	Connected bool `json:"connected"`

	// LastSeen is when the last heads came that proved to be of its key and new,
	// that is, of a later second than those before, or no more than a second
	// after the first of theirs; zero when none have.
	LastSeen time.Time `json:"lastSeen,omitzero"`

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

	// Faults is how many of its messages broke a rule since this node started;
	// LastFault is the last of these rules.
	Faults    uint64            `json:"faults"`
	LastFault negotiation.Fault `json:"lastFault,omitempty"`

	// Heads is what it said last that it holds: the tips of its chains.
	Heads []negotiation.Head `json:"heads"`
}

// peerQueue is how many messages of one peer may wait, 1 MiB each at most.
// What comes on top is dropped, and fetched when its heads show it.
const peerQueue = 32

// silentAfter is how many intervals of heads a peer may miss.
const silentAfter = 3

// peer is one other node. The worker that owns it takes its messages one by one.
type peer struct {
	code  negotiation.Code
	queue chan *nats.Msg

	// owned by the worker
	patience  map[negotiation.Head]*patience
	allowance allowance
	postponed []negotiation.Head // whose chains another worker was fetching

	// guarded by Link.mu
	seen      time.Time
	heard     bool      // what Peer.Connected last was
	heads     *Heads    // the last that verified; never changed in place
	first     time.Time // when the first heads of their second came
	faults    uint64
	lastFault negotiation.Fault
	logged    map[negotiation.Fault]bool
}

// clockError is how far ahead a node's clock may be without being taken for wrong.
const clockError = time.Minute

// note remembers that the peer is there, and what it holds, unless h may be heads
// of long ago that somebody has kept: it is not of a later second than the last,
// and not of the same within a second. But when the last were far in the future,
// the sender's clock has been put right. It reports whether the heads are others.
func (p *peer) note(h *Heads, now time.Time) (changed bool) {
	last, soon := p.heads, now.Add(clockError)
	switch {
	case last == nil, h.Time.After(last.Time), last.Time.After(soon) && !h.Time.After(soon):
		p.first = now
	case h.Time.Equal(last.Time) && now.Sub(p.first) < time.Second:
	default:
		return false
	}
	p.seen, p.heads = now, h
	return last == nil || !slices.Equal(h.Tips, last.Tips)
}

// Peers returns the other participants' nodes, sorted by code.
func (l *Link) Peers() []Peer {
	connected, now := l.Connected(), time.Now()
	l.mu.Lock()
	peers := make([]Peer, 0, len(l.peers))
	for _, p := range l.peers {
		peer := Peer{
			Code:      p.code,
			Connected: connected && now.Sub(p.seen) < silentAfter*l.cfg.HeadsEvery,
			LastSeen:  p.seen,
			Faults:    p.faults,
			LastFault: p.lastFault,
			Heads:     []negotiation.Head{},
		}
		if p.heads != nil {
			peer.Heads = slices.Clone(p.heads.Tips)
		}
		peers = append(peers, peer)
	}
	l.mu.Unlock()
	for i := range peers {
		peers[i].Differs = []negotiation.Chain{}
		if len(peers[i].Heads) > 0 {
			c := l.compare(peers[i].Heads)
			peers[i].Behind, peers[i].Ahead, peers[i].Differs = c.behind, c.ahead, c.differs
		}
	}
	slices.SortFunc(peers, func(a, b Peer) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return peers
}

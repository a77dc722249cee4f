package federation

import (
	"slices"
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

	// LastSeen is when the last message came that proved to be of its key, or
	// that carried acts; zero when none has.
	LastSeen time.Time `json:"lastSeen,omitzero"`

	// Behind is how many acts that are held here it lacks, by its last heads.
	// Ahead is how many it holds that are lacking here. Both are 0 before its
	// first heads.
	Behind uint64 `json:"behind"`
	Ahead  uint64 `json:"ahead"`

	// Faults is how many of its messages broke a rule since this node started;
	// LastFault is the last of these rules.
	Faults    uint64            `json:"faults"`
	LastFault negotiation.Fault `json:"lastFault,omitempty"`

	// Heads is what it said last that it holds.
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
	patience map[negotiation.Chain]*patience

	// guarded by Link.mu
	seen      time.Time
	heard     bool   // what Peer.Connected last was
	heads     *Heads // the last that verified; never changed in place
	faults    uint64
	lastFault negotiation.Fault
	logged    map[negotiation.Fault]bool
}

// Peers returns the other participants' nodes, sorted by code.
func (l *Link) Peers() []Peer {
	held := l.heldHeads()
	connected, now := l.Connected(), time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
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
			peer.Heads = slices.Clone(p.heads.Chains)
			peer.Behind, peer.Ahead = compareHeads(held, peer.Heads)
		}
		peers = append(peers, peer)
	}
	slices.SortFunc(peers, func(a, b Peer) int {
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
	return peers
}

func (l *Link) heldHeads() map[negotiation.Chain]uint64 {
	held := make(map[negotiation.Chain]uint64)
	for _, head := range l.cfg.Store.Heads() {
		held[head.Chain] = head.Sequence
	}
	return held
}

// compareHeads counts the acts that theirs lacks of held, and the reverse.
func compareHeads(held map[negotiation.Chain]uint64, theirs []negotiation.Head) (behind, ahead uint64) {
	for _, mine := range held {
		behind += mine
	}
	for _, head := range theirs {
		mine := held[head.Chain]
		behind -= min(mine, head.Sequence)
		ahead += head.Sequence - min(mine, head.Sequence)
	}
	return behind, ahead
}

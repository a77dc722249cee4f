package api

import (
	"context"
	"log/slog"
	"time"

	"concord/negotiation"
)

// A Node is what the pages and the API stand on: one state's node.
type Node interface {
	// State returns what the acts held here come to.
	State() *negotiation.State
	// Changed returns a channel that is closed when what State or Peers returned
	// before the call is out of date.
	Changed() <-chan struct{}
	// Act lets this node's participant act. It returns when the act is on disk and
	// handed to the carrier; an error leaves nothing behind. It is not called on an
	// observer's node.
	Act(ctx context.Context, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) (negotiation.Verified, error)
	// Link returns how the node stands with the others.
	Link() Link
}

// Link says how a node stands with the others.
type Link struct {
	Connected bool   `json:"connected"` // to the hub or NATS server
	Address   string `json:"address"`   // of the hub or NATS server; empty on the hub itself
	Hubs      []Hub  `json:"hubs"`      // that this node joins; none on the hub itself
	Peers     []Peer `json:"peers"`     // by code

	Down    bool                `json:"down"`    // no other participant's node is heard, though there are some
	Unsent  []negotiation.ActID `json:"unsent"`  // acts of this node's participant, in the order of the log, that no other has told of holding
	Outages []Outage            `json:"outages"` // oldest first, the last few; the last one may not have ended
}

// A Hub is a hub that this node joins, or the NATS server that it uses instead.
type Hub struct {
	Address   string     `json:"address"`
	Connected bool       `json:"connected"`
	Since     *time.Time `json:"since"` // since when that is so or not, while this node runs
	Why       string     `json:"why"`   // why it is not, as in the document; empty when it is, or no reason is known
}

// An Outage is a time in which no other participant's node was heard.
type Outage struct {
	Number uint64              `json:"number"` // counted from 1
	Since  time.Time           `json:"since"`  // when one was heard last
	Back   *time.Time          `json:"back"`   // when one was heard again; null while none is
	Off    bool                `json:"off"`    // this node did not run when it began
	Before []negotiation.ActID `json:"-"`      // the tips that were held when it began
	After  []negotiation.ActID `json:"-"`      // when all had come that others had; none until then
}

// Ended reports whether all has come that others had when the outage was over.
func (o Outage) Ended() bool { return len(o.After) > 0 }

// A Peer is another participant's node as this one sees it.
type Peer struct {
	Code        negotiation.Code    `json:"code"`
	Connected   bool                `json:"connected"`
	Why         string              `json:"why"`         // why it is not connected, as in the document; empty when it is
	LastSeen    *time.Time          `json:"lastSeen"`    // null when never
	ClockOff    int64               `json:"clockOff"`    // seconds by which its clock is ahead; 0 for less than a minute, or not known
	Behind      uint64              `json:"behind"`      // acts held here that it did not have when last heard, at least
	Ahead       uint64              `json:"ahead"`       // acts it had when last heard that are not here, at least
	Chains      []Distance          `json:"chains"`      // the same for each chain in which there is any
	Through     int                 `json:"through"`     // through how many of Hubs hubs it is heard
	Hubs        int                 `json:"hubs"`        // 0, as is Through, where that tells nothing
	Faults      uint64              `json:"faults"`      // messages from it that were refused
	LastFault   negotiation.Fault   `json:"lastFault"`   // why the last of these was; empty when none was
	LastRefused *time.Time          `json:"lastRefused"` // when that was; null when none was
	Differs     []negotiation.Chain `json:"differs"`     // where it has an act that is not here at a place that another act has here
	Heads       []negotiation.Head  `json:"heads"`       // the tips of its chains, as it last attested them to this node since that was started
}

// A Distance is by how many acts of a chain, at least, a peer is behind this node, and
// ahead of it.
type Distance struct {
	Chain  negotiation.Chain `json:"chain"`
	Behind uint64            `json:"behind"`
	Ahead  uint64            `json:"ahead"`
}

// Config says what to serve.
type Config struct {
	Node        Node
	Delivery    func(negotiation.Verified) []Holder // which other nodes hold an act, by code; nil where none is known of
	Git         Git                                 // the record for stock git, at /record.git; nil for none
	Participant negotiation.Code                    // whose node this is
	Observer    string                              // what the observer is called whose node this is, instead of a participant's
	Token       string                              // bearer token that lets somebody write, and read what is not public; at least 20 characters
	Hosts       []string                            // host names, besides loopback ones, under which the node may be asked
	Logger      *slog.Logger
}

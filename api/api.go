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
	// handed to the carrier; an error leaves nothing behind.
	Act(ctx context.Context, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) (negotiation.Verified, error)
	// Link returns how the node stands with the others.
	Link() Link
}

// Link says how a node stands with the others.
type Link struct {
	Connected bool   `json:"connected"` // to the hub or NATS server
	Address   string `json:"address"`   // of the hub or NATS server; empty on the hub itself
	Peers     []Peer `json:"peers"`     // by code
}

// A Peer is another participant's node as this one sees it.
type Peer struct {
	Code     negotiation.Code    `json:"code"`
	LastSeen *time.Time          `json:"lastSeen"` // null when never
	Behind   uint64              `json:"behind"`   // acts held here that it did not have when last heard, at least
	Ahead    uint64              `json:"ahead"`    // acts it had when last heard that are not here, at least
	Faults   uint64              `json:"faults"`   // messages from it that were refused
	Differs  []negotiation.Chain `json:"differs"`  // where it has an act that is not here at a place that another act has here
	Heads    []negotiation.Head  `json:"heads"`    // the tips of its chains, as it last attested them
}

// Config says what to serve.
type Config struct {
	Node        Node
	Delivery    func(negotiation.Verified) []Holder // which other nodes hold an act, by code; nil where none is known of
	Git         Git                                 // the record for stock git, at /record.git; nil for none
	Participant negotiation.Code                    // whose node this is
	Token       string                              // bearer token that lets somebody write; at least 20 characters
	Hosts       []string                            // host names, besides loopback ones, under which the node may be asked
	Logger      *slog.Logger
}

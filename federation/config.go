package federation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"concord/negotiation"
)

// A Store keeps the acts of one negotiation. Everything that federation knows
// of an act it knows through its Store; it never looks into an acts message.
// The methods are called from many goroutines at once. Heads and Holds do not wait for
// anything, and do not call the link.
type Store interface {
	// Heads returns the tips of every chain that is held here: the acts that no
	// other act held here follows. That is one act a chain, unless acts stand
	// beside its line. The tips of a chain may stand anywhere, but those come first
	// without which others come to something else; where the end of its line is a
	// tip, that is the first.
	Heads() []negotiation.Head

	// Holds reports whether head's act need not come again: it is held here, at
	// head's place of its chain, on the line or beside it, or it waits.
	Holds(head negotiation.Head) bool

	// Acts returns an acts message with acts of chain from the sequence number
	// from on, as many as fit [MaxActs] bytes: those that lead to the act to, and
	// it, or with the zero to those of the line; nil when there is none, or to is
	// not held. To may also be one of what another Store lacks, see Receive, with
	// from as its place.
	Acts(ctx context.Context, chain negotiation.Chain, from uint64, to negotiation.ActID) ([]byte, error)

	// Receive verifies an acts message and stores what is new in it. Errors
	// that are the sender's are [negotiation.Fault]s. Three of them say that more
	// is needed to judge: [negotiation.ErrGap] that something before an act, or
	// cited by it, is missing here; [negotiation.ErrPredecessor] that an act
	// follows one that is not held, although its place is taken here by another;
	// [negotiation.ErrForked] that an act has no room beside the line, and waits
	// until something needs it, while those after it in the message are taken like any.
	// An error with a method Lacks() []negotiation.Head says what else, besides acts,
	// the message cannot do without; whoever has sent it holds that, and gives it
	// out with Acts. It is to be received first, and then the message again.
	// Acts before the one that could not be stored stay stored. A message
	// that is held here already is no error.
	Receive(ctx context.Context, message []byte) error
}

// A Config says what a link carries, for whom and how. Fields without a stated
// default must be set.
type Config struct {
	// Negotiation is the name of the negotiation's first act.
	Negotiation negotiation.ActID

	// Code is the participant whose node this is. Without one this is an observer: it
	// hears the others and fetches from them, tells nobody anything, and answers nobody.
	Code negotiation.Code

	// Participants returns the participants that this node listens to. It is
	// asked again every HeadsEvery and may grow; a participant once named
	// stays. Its own Code may be among them. A node that holds nothing yet
	// needs one name at least, of a node to catch up from.
	Participants func() []negotiation.Code

	// Writes returns the chains in which this node signs, which it has its hub keep
	// for those who come later. Default: its participant's record; an observer signs in none.
	Writes func() []negotiation.Chain

	// Store keeps the acts.
	Store Store

	// Sign returns the armoured SSHSIG of this node's key over message. Its
	// namespace must not be the "git" of acts, so that no heads message can
	// ever serve as an act. An observer has none.
	Sign func(message []byte) (signature []byte, err error)

	// Verify checks a signature which code's node made with its Sign. A code
	// whose key is not known here gives [negotiation.ErrNotParticipant],
	// anything else that is wrong another fault.
	Verify func(code negotiation.Code, message, signature []byte) error

	// Carrier is how this node reaches the others: [Hub], [Leaf], [External],
	// or nil for a node that works alone. An observer is no hub.
	Carrier Carrier

	// Deliveries is what [Link.Deliveries] of an earlier link of this node returned, so
	// that a restart does not forget since when others hold what; nil for nothing. What
	// is no such text is reported to Logger and not used.
	Deliveries []byte

	// Logger gets what the carrier reports and, once each, which peer broke
	// which rule. The default discards.
	Logger *slog.Logger

	// HeadsEvery is how often this node says which heads it holds; less often where
	// there are many nodes. Each time is moved by up to a tenth, at random. Default 2 s.
	HeadsEvery time.Duration

	// FetchTimeout is how long a peer may take to answer one fetch. One that has
	// been waited for a fifth of it may have to leave the chain to another that
	// is ahead. Default 5 s.
	FetchTimeout time.Duration

	// PeersChanged is called after something that [Link.Peers], [Link.Hubs] or
	// [Link.Connected] reports may have changed, other than a time. It is
	// called from the link's goroutines and from Announce, under no lock, and
	// must neither block nor call Close. Default: nothing.
	PeersChanged func()
}

const (
	defaultHeadsEvery   = 2 * time.Second
	defaultFetchTimeout = 5 * time.Second
)

// filled returns c with its defaults, or says what is missing.
func (c Config) filled() (Config, error) {
	if err := c.check(); err != nil {
		return Config{}, err
	}
	if c.Writes == nil && !c.observes() {
		own := []negotiation.Chain{negotiation.RecordOf(c.Code)}
		c.Writes = func() []negotiation.Chain { return own }
	}
	if c.Carrier == nil {
		c.Carrier = alone{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.HeadsEvery <= 0 {
		c.HeadsEvery = defaultHeadsEvery
	}
	if c.FetchTimeout <= 0 {
		c.FetchTimeout = defaultFetchTimeout
	}
	if c.PeersChanged == nil {
		c.PeersChanged = func() {}
	}
	return c, nil
}

// check says what is missing, or does not belong together.
func (c Config) check() error {
	if _, err := negotiation.ParseCode(string(c.Code)); err != nil && !c.observes() {
		return fmt.Errorf("federation: code: %w", err)
	}
	_, isHub := c.Carrier.(Hub)
	switch {
	case c.Negotiation.IsZero():
		return errors.New("federation: no negotiation")
	case c.Participants == nil, c.Store == nil, c.Verify == nil, c.Sign == nil && !c.observes():
		return errors.New("federation: participants, store, sign and verify must be given")
	case c.observes() && (isHub || c.Sign != nil || c.Writes != nil):
		return errors.New("federation: an observer is no hub, and signs nothing")
	}
	return nil
}

// observes reports whether the node is an observer's.
func (c Config) observes() bool { return c.Code == "" }

// name is what brokers are told of the node.
func (c Config) name() string {
	if c.observes() {
		return "concord observer"
	}
	return "concord " + string(c.Code)
}

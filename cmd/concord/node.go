package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"concord/api"
	"concord/drafts"
	"concord/federation"
	"concord/negotiation"
)

// A node is one state's node at work: its repository, its link to the others and
// its key; or an observer's, without a key. It is what the api package serves.
type node struct {
	identity
	address    string        // of the hub or NATS server; empty on the hub
	signer     crypto.Signer // nil for an observer
	repository *drafts.Repository
	link       *federation.Link
	logger     *slog.Logger

	waiting sync.Once // says once that the charter does not have the key

	heard   chan struct{}   // closed when the first acts after the start need not wait any more
	closing <-chan struct{} // closed by Close
	nudge   chan struct{}   // holds one entry when the peers have changed
	running sync.WaitGroup
	cancel  context.CancelFunc
	watch   *watch

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when the acts or the peers change
}

// openNode opens the node in a data directory and joins it to the others, for whom
// its first acts wait as long as patience says. It works until Close.
func openNode(ctx context.Context, d dataDir, key crypto.Signer, carrier federation.Carrier, patience time.Duration, logger *slog.Logger) (n *node, err error) {
	id, err := d.identity()
	if err != nil {
		return nil, err
	}
	n = &node{identity: id, signer: key, logger: logger.With("node", id.name()), heard: make(chan struct{}), nudge: make(chan struct{}, 1), changed: make(chan struct{})}
	n.address = addressOf(carrier)
	if hub, isHub := carrier.(federation.Hub); isHub {
		hub.Observers = d.watchObservers(hub.Secret, id.negotiation, n.logger)
		carrier = hub
	}
	if n.repository, err = d.open(id.negotiation); err != nil {
		return nil, err
	}
	if _, joined := n.State().Key(n.code); joined && !n.repository.Vouched() {
		n.logger.Warn("the data directory was copied or restored: nothing is signed before another node has said how far the own record goes")
	}
	ctx, n.cancel = context.WithCancel(ctx)
	n.closing = ctx.Done()
	config := federation.Config{
		Negotiation:  id.negotiation,
		Code:         id.code,
		Participants: n.participants,
		Store:        n.repository,
		Verify:       n.verifyHeads,
		Carrier:      carrier,
		Logger:       n.logger,
		PeersChanged: n.peersChanged,
		Deliveries:   d.deliveries(),
	}
	if !id.observes() {
		config.Writes, config.Sign = n.own, func(message []byte) ([]byte, error) {
			return negotiation.Sign(n.signer, negotiation.HeadsNamespace, message)
		}
	}
	n.link, err = federation.Open(ctx, config)
	if err != nil {
		n.cancel()
		return nil, errors.Join(err, n.repository.Close())
	}
	if !id.observes() {
		n.watch = n.newWatch(d)
		n.running.Go(func() { n.watchLine(ctx) })
		n.running.Go(func() { n.awaitPeers(ctx, patience) })
	}
	n.running.Go(func() { n.attend(ctx) })
	n.running.Go(func() { n.remember(ctx, d) })
	return n, nil
}

// addressOf returns where a node goes to meet the others, to be shown; "" on a hub.
func addressOf(carrier federation.Carrier) string {
	switch carrier := carrier.(type) {
	case federation.External:
		return withoutUser(carrier.URL)
	case federation.Leaf:
		return addressOf(federation.Leaves{carrier})
	case federation.Leaves:
		var shown []string
		for _, leaf := range carrier {
			url, _, _ := strings.Cut(leaf.URL, "#")
			shown = append(shown, withoutUser(url))
		}
		return strings.Join(shown, ",")
	}
	return ""
}

// withoutUser takes names, passwords and tokens out of the URLs of NATS servers,
// separated by commas: what is left can be shown.
func withoutUser(servers string) string {
	var shown []string
	for server := range strings.SplitSeq(servers, ",") {
		scheme, rest, ok := strings.Cut(server, "://")
		if !ok {
			scheme, rest = "", server
		}
		rest = rest[strings.LastIndex(rest, "@")+1:]
		if ok {
			rest = scheme + "://" + rest
		}
		shown = append(shown, rest)
	}
	return strings.Join(shown, ",")
}

// Close leaves the others and releases the data directory.
func (n *node) Close() error {
	n.cancel()
	n.running.Wait()
	n.link.Close()
	return n.repository.Close()
}

// participants returns whom to listen to: before the charter is here, the inviter.
func (n *node) participants() []negotiation.Code {
	state := n.State()
	if !state.Convened() {
		return []negotiation.Code{n.inviter}
	}
	var codes []negotiation.Code
	for _, p := range state.Charter.Participants {
		codes = append(codes, p.Code)
	}
	return codes
}

func (n *node) verifyHeads(code negotiation.Code, message, signature []byte) error {
	key, ok := n.State().Key(code)
	if !ok {
		return negotiation.ErrNotParticipant.Because("%s has not joined", code)
	}
	err := negotiation.VerifySignature(key, negotiation.HeadsNamespace, message, signature)
	if errors.Is(err, negotiation.ErrSignature) {
		// The key may be a newer one, from acts that are not here yet.
		return negotiation.ErrNotParticipant.Because("the record of %s, as it is here, has another key", code)
	}
	return err
}

// State implements [api.Node].
func (n *node) State() *negotiation.State { return n.repository.State() }

// Changed implements [api.Node].
func (n *node) Changed() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

func (n *node) notify() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.changed)
	n.changed = make(chan struct{})
}

func (n *node) peersChanged() {
	n.notify()
	select {
	case n.nudge <- struct{}{}:
	default:
	}
}

// level returns an error while some peer tells of acts of this node's own chains that
// are not here: signing now would fork the record (a restored backup, a new disk). They
// are fetched by themselves. Where the repository cannot tell that it has all, a peer
// that is level has to say so; who works on in the data directory where it was needs
// nobody. Level says that a peer is, and that no other which seems to be there has still
// to be heard: one alone may have been put back itself.
func (n *node) level() (level bool, err error) {
	s := n.link.Standing(n.State().Heads)
	if s.Ahead != "" {
		return false, negotiation.ErrBehind.Because("%s holds act %d of %s, which is not among the %d that are here: this node signs nothing before it has come. It comes by itself while %s is connected", s.Ahead, s.Lacking.Sequence, s.Lacking.Chain, s.Held, s.Ahead)
	}
	if s.Confirmed && !s.Awaited {
		return true, n.repository.Vouch()
	}
	return false, nil
}

// Act implements [api.Node].
func (n *node) Act(ctx context.Context, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) (negotiation.Verified, error) {
	if n.observes() {
		return negotiation.Verified{}, negotiation.ErrNotParticipant.Because("this node is an observer's, and acts for nobody")
	}
	select {
	case <-n.heard:
	case <-n.closing:
		return negotiation.Verified{}, drafts.ErrClosed
	case <-ctx.Done():
		return negotiation.Verified{}, fmt.Errorf("waiting for the others: %w", ctx.Err())
	}
	if _, err := n.level(); err != nil {
		return negotiation.Verified{}, err
	}
	v, message, err := n.repository.Sign(n.code, n.signer, time.Now(), compose)
	if err != nil {
		return negotiation.Verified{}, err
	}
	// The act is on disk. What cannot be announced now, others will fetch.
	if err := n.link.Announce(ctx, message); err != nil && ctx.Err() == nil {
		n.logger.Warn("announcing an act", "error", err)
	}
	return v, nil
}

// Link implements [api.Node].
func (n *node) Link() api.Link {
	link := api.Link{Connected: n.link.Connected(), Address: n.address, Hubs: hubsOf(n.link.Hubs()), Peers: []api.Peer{}}
	for _, p := range n.link.Peers() {
		link.Peers = append(link.Peers, peerOf(p))
	}
	n.line(&link)
	return link
}

// oweAgain is how long a node waits before it tries again what it could not do, as
// when its ssh-agent was away.
const oweAgain = 2 * time.Second

// restFor is how many times as long as computing the state took a node waits before it
// computes the next: one act is shown at once, and of a burst several together.
const restFor = 4

// attend does what the node owes the others without being told: it joins when
// the charter has its key, and acknowledges each new revision.
func (n *node) attend(ctx context.Context) {
	trouble := "" // what was logged last
	forks := newForkLog(n.logger)
	for {
		changed, began := n.repository.Changed(), time.Now()
		forks.note(n.State().Forks)
		rested := time.After(restFor * time.Since(began))
		var again <-chan time.Time
		if err := n.owe(ctx); err == nil {
			trouble = ""
		} else if ctx.Err() == nil {
			again = time.After(oweAgain)
			if err.Error() != trouble {
				trouble = err.Error()
				n.logger.Warn("acting for the participant", "error", err)
			}
		}
		n.notify()
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-n.nudge:
		case <-again:
		}
		select {
		case <-ctx.Done():
			return
		case <-rested:
		}
	}
}

// owesNothing reports whether the node has joined with its key, and acknowledged what the
// chair has published last.
func (n *node) owesNothing(s *negotiation.State) bool {
	key, _ := s.Key(n.code)
	current := s.Current()
	return key == publicKey(n.signer) && (current.Chair == n.code || s.Received(current.Act, n.code))
}

func (n *node) owe(ctx context.Context) error {
	state := n.State()
	if !state.Convened() || n.observes() || n.repository.Vouched() && n.owesNothing(state) {
		return nil
	}
	if _, err := n.level(); err != nil || !n.repository.Vouched() {
		return err // its record may be with the others, from before
	}
	if _, joined := state.Key(n.code); !joined {
		named, ok := state.Charter.Participant(n.code)
		if !ok || named.Key != publicKey(n.signer) {
			n.waiting.Do(func() {
				n.logger.Warn("the charter does not have this node's key yet: it follows, and cannot act before the chair enters the key", "key", publicKey(n.signer))
			})
			return nil
		}
		if _, err := n.Act(ctx, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Join(named.Key, n.recovery)
		}); err != nil {
			return fmt.Errorf("joining: %w", err)
		}
		state = n.State()
	}
	if key, _ := state.Key(n.code); key != publicKey(n.signer) {
		return negotiation.ErrSignature.Because("another key is in force for %s than this node has: stop the node and name that one with concord key rotate, or recover the record", n.code)
	}
	if n.owesNothing(state) {
		return nil
	}
	current := state.Current()
	if _, err := n.Act(ctx, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Receive(current.Act)
	}); err != nil {
		return fmt.Errorf("acknowledging revision %d: %w", current.Number, err)
	}
	return nil
}

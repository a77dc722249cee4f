package federation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// MaxActs is the most that an acts message may have, in bytes: 1 MiB, which is
// what a NATS server takes by default, and the bound that the message's own
// format has (drafts.MaxMessage).
const MaxActs = 1 << 20

// A Link joins one node of one negotiation to the others. It is made by
// [Open] and ended by [Link.Close]; its methods may be called from anywhere
// at any time, after Close too.
type Link struct {
	cfg       Config
	subjects  subjects
	transport transport
	nc        *nats.Conn
	ctx       context.Context // until Close
	cancel    context.CancelFunc
	running   sync.WaitGroup
	soon      chan struct{} // holds an entry when the core may want a tick earlier than before

	mu         sync.Mutex // guards what follows; of what is outside of this package, Store.Heads and Store.Holds are called under it
	core       *core
	closed     bool
	subscribed map[negotiation.Code]bool
	trouble    error
	reported   map[string]bool // troubles that are in the log
	untold     string          // why own heads could not be told last
}

// Open starts the carrier and joins. It does not wait until anybody else is
// reached: a node works alone, and catches up when it can. The link works until
// Close, or until ctx ends; it has to be closed after that too.
//
// An address in use gives [ErrPortBusy].
func Open(ctx context.Context, config Config) (*Link, error) {
	cfg, err := config.filled()
	if err != nil {
		return nil, err
	}
	transport, err := cfg.Carrier.start(cfg)
	if err != nil {
		return nil, fmt.Errorf("federation: starting: %w", err)
	}
	l := &Link{
		cfg:        cfg,
		subjects:   subjectsOf(cfg.Negotiation),
		transport:  transport,
		soon:       make(chan struct{}, 1),
		subscribed: make(map[negotiation.Code]bool),
		reported:   make(map[string]bool),
	}
	_, cached := transport.(cache)
	l.core = newCore(cfg, cached, rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())))
	url, options := transport.options()
	if l.nc, err = connect(url, cfg.name(), l.noteTrouble, options); err != nil {
		transport.stop()
		return nil, fmt.Errorf("federation: %w", err)
	}
	l.ctx, l.cancel = context.WithCancel(ctx)
	if err := l.begin(); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Link) begin() error {
	if !l.cfg.observes() {
		if err := l.serve(); err != nil {
			return fmt.Errorf("federation: answering fetches: %w", err)
		}
	}
	codes, err := l.follow()
	if err != nil {
		return fmt.Errorf("federation: listening: %w", err)
	}
	l.step(joined{codes})
	l.step(begun{})
	l.running.Go(l.run)
	return nil
}

// Close leaves, and waits until everything that Open started has ended. No
// method of the Store is running after it.
func (l *Link) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.cancel()
	l.nc.Close()
	l.running.Wait()
	l.transport.stop()
}

// Announce publishes an acts message of this node's own, and then its heads.
// Others may be out of reach: that is no error, for they will fetch. A message
// over [MaxActs] is [negotiation.ErrTooLarge]. An observer announces nothing: that is
// an error.
func (l *Link) Announce(ctx context.Context, message []byte) error {
	if l.cfg.observes() {
		return errors.New("federation: announcing: an observer has no acts of its own")
	}
	if len(message) > MaxActs {
		return negotiation.ErrTooLarge.Because("acts: %d bytes are more than %d", len(message), MaxActs)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("federation: announcing: %w", err)
	}
	if err := l.publish(l.subjects.acts(l.cfg.Code), message); err != nil {
		return fmt.Errorf("federation: announcing: %w", err)
	}
	l.step(acted{})
	return nil
}

// Connected reports whether the way to the others is open right now: a leaf
// has its hub, an external server is there. A hub's own way always is, and a
// node without a carrier has none.
func (l *Link) Connected() bool { return l.transport.connected(l.nc) }

// HubURL returns the URL with which a [Leaf] joins this hub; "" when this node
// is none.
func (l *Link) HubURL() string { return l.transport.hubURL() }

// Trouble returns what the broker reported last outside of any call (a subject
// that is not permitted, a queue that overflowed); nil when nothing has been.
func (l *Link) Trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trouble
}

// mostReported bounds what others can make this node write to its log.
const mostReported = 100

func (l *Link) noteTrouble(err error) {
	l.mu.Lock()
	l.trouble = err
	first := !l.reported[err.Error()] && len(l.reported) < mostReported
	if first {
		l.reported[err.Error()] = true
	}
	l.mu.Unlock()
	if first {
		l.cfg.Logger.Warn("broker trouble", "error", err)
	}
}

// Peers returns the other participants' nodes, sorted by code.
func (l *Link) Peers() []Peer {
	up, hubs, now := l.Connected(), l.Hubs(), time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.core.up, l.core.hubs = up, settledHubs(hubs, now, l.cfg.HeadsEvery)
	return l.core.Peers(now)
}

// publish is nats.Conn.Publish without the error of being offline.
func (l *Link) publish(subject string, message []byte) error {
	err := l.nc.Publish(subject, message)
	if errors.Is(err, nats.ErrReconnectBufExceeded) {
		return nil
	}
	return err
}

package federation

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// ErrPortBusy says that a hub's address is in use by another program. The
// error that wraps it names the address.
var ErrPortBusy = errors.New("port is in use")

// A Carrier is a way to reach the other nodes: [Hub], [Leaf] or [External].
type Carrier interface {
	// Check says, in words for whoever wrote it, what is wrong with the carrier's
	// description as far as that shows without starting it.
	Check() error

	// start brings the carrier up for one link. It does not wait for anything
	// that is elsewhere.
	start(Config) (transport, error)
}

// A Hub is a node whose embedded NATS server the other nodes join. Each
// participant has an account and a key of its own there, see [HubConfig].
type Hub struct {
	// Listen is the TCP address for leaf nodes, "host:port". Without a host it
	// is every IPv4 address of the machine; port 0 takes a free one, which
	// [Link.HubURL] tells. What passes is signed, but not encrypted.
	Listen string

	// Secret is what the participants' keys are derived from. It stays at the
	// hub; a participant is given its own [HubSecret.Seed] only.
	Secret HubSecret
}

// A Leaf is a node whose embedded NATS server joins a hub. It listens to
// nobody, works alone while the hub is away, and joins it again by itself.
type Leaf struct {
	// URL is the hub's, as its [Link.HubURL] gave it: "nats-leaf://host:port".
	// The schemes nats and tls do as well.
	URL string

	// Seed is this participant's [HubSecret.Seed].
	Seed string
}

// An External carrier is a NATS server or cluster that somebody else runs and
// that the others use too. What one participant may do there is for its
// operator to configure; [HubConfig] shows how.
type External struct {
	// URL is one or more server URLs, separated by commas: nats, tls, ws or wss,
	// a host, and perhaps a port.
	URL string

	// Seed is an nkey user seed ("SU…"). Optional, as is Creds.
	Seed string

	// Creds is the path of a NATS credentials file.
	Creds string
}

// A transport is a running carrier, as the link sees it.
type transport interface {
	// options are for the link's own NATS connection.
	options() (url string, opts []nats.Option)
	// connected reports whether the way to the others is open. nc is the
	// link's own connection.
	connected(nc *nats.Conn) bool
	// arrivals changes when a connection to others has come or gone, which is
	// a reason to tell one's heads.
	arrivals(nc *nats.Conn) uint64
	// admit gives codes their place, beside those that have one.
	admit(codes []negotiation.Code) error
	// hubURL is where other nodes join; empty when they cannot.
	hubURL() string
	// stop ends the carrier and waits for its goroutines.
	stop()
}

const (
	reconnectWait = 500 * time.Millisecond
	startTimeout  = 10 * time.Second
)

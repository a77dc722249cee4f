package federation

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// ErrPortBusy says that a hub's address is in use by another program. The
// error that wraps it names the address.
var ErrPortBusy = errors.New("port is in use")

// A Carrier is a way to reach the other nodes: [Hub], [Leaf], [Leaves] or [External].
type Carrier interface {
	// Check says, in words for whoever wrote it, what is wrong with the carrier's
	// description as far as that shows without starting it.
	Check() error

	// start brings the carrier up for one link. It does not wait for anything
	// that is elsewhere.
	start(Config) (transport, error)
}

// A Hub is a node whose embedded NATS server the other nodes join. Each
// participant has an account and a key of its own there, see [FormatHubConfig].
type Hub struct {
	// Listen is the TCP address for leaf nodes, "host:port". Without a host it
	// is every IPv4 address of the machine; port 0 takes a free one, which
	// [Link.HubURL] tells.
	Listen string

	// Secret is what the participants' keys are derived from. It stays at the
	// hub; a participant is given its own [HubSecret.Seed] only.
	Secret HubSecret

	// Certificate is what the hub shows to who joins, as from [NewCertificate]. A
	// hub without one takes plain text, on loopback addresses only.
	Certificate *tls.Certificate

	// Cache is what the hub keeps of acts. The zero value is for nothing.
	Cache Cache

	// Observers returns the nkey user public keys of the observers that the hub lets in,
	// see [HubSecret.ObserverKey]. It is asked again every [Config.HeadsEvery]: one that
	// is not named any more is cut off. Default: none.
	Observers func() []string
}

// A Cache is what a hub keeps of the acts that pass, so that nodes which were away
// catch up from it. It may be lost at any time.
type Cache struct {
	Dir   string // where it lies; made when it is not there
	Bytes int64  // for each participant, as [HubPlan.Cache]
}

// A Leaf is a node whose embedded NATS server joins a hub. It listens to
// nobody, works alone while the hub is away, and joins it again by itself.
type Leaf struct {
	// URL is the hub's, as its [Link.HubURL] gave it: "tls://host:port#fingerprint",
	// see [Fingerprint]. Without a fingerprint the hub's certificate has to be one
	// that the system trusts, for that host. The schemes nats-leaf and nats stand
	// for plain text, and are for loopback hosts.
	URL string

	// Seed is this participant's [HubSecret.Seed] there.
	Seed string
}

// Leaves is a node that joins several hubs at once, up to four, which need not know of
// one another. Whatever it says goes to all of them, and comes to it from each: what
// one of them withholds, another brings.
type Leaves []Leaf

const mostHubs = 4

// An External carrier is a NATS server or cluster that somebody else runs and
// that the others use too. What one participant may do there is for its
// operator to configure; [FormatHubConfig] shows how.
type External struct {
	// URL is one or more server URLs, separated by commas: tls or wss, or on this
	// machine nats or ws as well, a host, and perhaps a port.
	URL string

	// Seed is an nkey user seed ("SU…"). Optional, as is Creds.
	Seed string

	// Creds is the path of a NATS credentials file.
	Creds string

	// CA is the path of a PEM file with the authorities that the server's certificate
	// may be from. Without it, the system's.
	CA string
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
	// hubs are those that this node joins, as they are now.
	hubs(nc *nats.Conn) []HubState
	// admit gives codes their place, beside those that have one, and observers theirs.
	admit(codes []negotiation.Code) error
	// hubURL is where other nodes join; empty when they cannot.
	hubURL() string
	// stop ends the carrier and waits for its goroutines.
	stop()
}

const (
	reconnectWait = 500 * time.Millisecond
	startTimeout  = 10 * time.Second
	tlsTimeout    = 10 * time.Second

	// A line that answers none of mostPings is down.
	pingInterval = 10 * time.Second
	mostPings    = 2
)

// connect returns a connection that is there at once, whether the server is or not, tries
// to reach it until it is closed, and never keeps back what is published meanwhile. Trouble
// is told what the server reports outside of any call.
func connect(url, name string, trouble func(error), options []nats.Option) (*nats.Conn, error) {
	nc, err := nats.Connect(url, append(options,
		nats.Name(name),
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectBufSize(-1),
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(mostPings),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { trouble(err) }),
	)...)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return nc, nil
}

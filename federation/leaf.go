package federation

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// leaf is a running [Leaf], or running [Leaves].
type leaf struct {
	embedded
	*keeper
	watch *hubWatch
}

// Check implements [Carrier]. Its errors do not repeat the seed.
func (l Leaf) Check() error {
	_, err := l.remote()
	return err
}

// Check implements [Carrier]. Its errors do not repeat seeds.
func (all Leaves) Check() error {
	_, err := all.remotes()
	return err
}

func (l Leaf) start(cfg Config) (transport, error) { return Leaves{l}.start(cfg) }

func (all Leaves) start(cfg Config) (transport, error) {
	remotes, err := all.remotes()
	if err != nil {
		return nil, err
	}
	options := &server.Options{MaxPayload: leafPayload}
	options.LeafNode.Remotes = remotes
	watch := newHubWatch(remotes, time.Now())
	running, err := startReporting(options, &serverLog{logger: cfg.Logger, watch: watch.report})
	if err != nil {
		return nil, err
	}
	url, client := running.inProcess()
	keeper, err := startKeeper(cfg, url, client)
	if err != nil {
		running.stop()
		return nil, err
	}
	return leaf{running, keeper, watch}, nil
}

func (l leaf) stop() {
	l.keeper.close()
	l.embedded.stop()
}

// remotes are the hubs as the embedded server has them.
func (all Leaves) remotes() (remotes []*server.RemoteLeafOpts, err error) {
	if len(all) == 0 || len(all) > mostHubs {
		return nil, fmt.Errorf("%d hubs are named; a node can be at one to %d", len(all), mostHubs)
	}
	for i, l := range all {
		remote, err := l.remote()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all[:i], l.SameHub) {
			return nil, fmt.Errorf("the hub %q is named twice", behindUser(l.URL))
		}
		remotes = append(remotes, remote)
	}
	return remotes, nil
}

// SameHub reports whether two leaves go to one place, whatever key they know it by and
// whatever their credentials there.
func (l Leaf) SameHub(other Leaf) bool {
	mine, err1 := url.Parse(l.URL)
	theirs, err2 := url.Parse(other.URL)
	return errors.Join(err1, err2) == nil && mine.Host == theirs.Host
}

func (l Leaf) remote() (*server.RemoteLeafOpts, error) {
	hub, err := l.hub()
	if err != nil {
		return nil, err
	}
	if _, err := parseSeed(l.Seed); err != nil {
		return nil, fmt.Errorf("the key for the hub %w", err)
	}
	remote := &server.RemoteLeafOpts{
		URLs: []*url.URL{{Scheme: hub.Scheme, Host: hub.Host}},
		Nkey: l.Seed,
		// A hub is where its URL says, not where it says that others are.
		IgnoreDiscoveredServers: true,
	}
	remote.Compression.Mode = server.CompressionOff
	if hub.Scheme == "tls" {
		remote.TLS, remote.TLSConfig, remote.TLSTimeout = true, trust(hub), tlsTimeout.Seconds()
		remote.TLSHandshakeFirst = true
	}
	return remote, nil
}

// hub reads the URL.
func (l Leaf) hub() (*url.URL, error) {
	hub, err := parseServer(l.URL, "nats-leaf", "nats", "tls")
	switch {
	case err != nil || hub.Port() == "":
		return nil, fmt.Errorf("the hub %q is not a URL like tls://host:port", behindUser(l.URL))
	case hub.Scheme != "tls" && hub.Fragment != "":
		return nil, fmt.Errorf("the hub %q has the fingerprint of a key, and does not begin with tls://", behindUser(l.URL))
	case hub.Scheme != "tls" && !isLoopback(hub.Hostname()):
		return nil, fmt.Errorf("the hub %q does not begin with tls://, %w", behindUser(l.URL), errPlain)
	case hub.Fragment != "":
		return hub, checkFingerprint(hub.Fragment)
	}
	return hub, nil
}

func (l leaf) options() (string, []nats.Option) { return l.inProcess() }

func (l leaf) connected(nc *nats.Conn) bool { return nc.IsConnected() && l.joined() > 0 }

func (l leaf) arrivals(*nats.Conn) uint64 { return l.joined() }

func (l leaf) hubs(*nats.Conn) []HubState { return l.watch.see(l.letIn(), time.Now()) }

func (leaf) admit([]negotiation.Code) error { return nil }

func (leaf) hubURL() string { return "" }

// alone is a node without a [Carrier]: a server that nobody joins.
type alone struct{}

func (alone) Check() error { return nil }

func (alone) start(cfg Config) (transport, error) {
	running, err := startEmbedded(&server.Options{MaxPayload: leafPayload}, cfg.Logger)
	if err != nil {
		return nil, err
	}
	return solitary{running}, nil
}

type solitary struct{ embedded }

func (s solitary) options() (string, []nats.Option) { return s.inProcess() }

func (solitary) connected(*nats.Conn) bool { return false }

func (s solitary) arrivals(*nats.Conn) uint64 { return 0 }

func (solitary) hubs(*nats.Conn) []HubState { return nil }

func (solitary) admit([]negotiation.Code) error { return nil }

func (solitary) hubURL() string { return "" }

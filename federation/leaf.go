package federation

import (
	"fmt"
	"net/url"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// leaf is a running [Leaf].
type leaf struct{ embedded }

// Check implements [Carrier]. Its errors do not repeat the seed.
func (l Leaf) Check() error {
	if _, err := l.hub(); err != nil {
		return err
	}
	if _, err := parseSeed(l.Seed); err != nil {
		return fmt.Errorf("the key for the hub %w", err)
	}
	return nil
}

func (l Leaf) hub() (*url.URL, error) {
	hub, err := parseServer(l.URL, "nats-leaf", "nats", "tls")
	if err != nil || hub.Port() == "" {
		return nil, fmt.Errorf("the hub %q is not a URL like nats-leaf://host:port", behindUser(l.URL))
	}
	return hub, nil
}

func (l Leaf) start(cfg Config) (transport, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	hub, err := l.hub()
	if err != nil {
		return nil, err
	}
	remote := &server.RemoteLeafOpts{URLs: []*url.URL{hub}, Nkey: l.Seed}
	remote.Compression.Mode = server.CompressionOff
	options := new(server.Options)
	options.LeafNode.Remotes = []*server.RemoteLeafOpts{remote}
	running, err := startEmbedded(options, cfg.Logger)
	if err != nil {
		return nil, err
	}
	return leaf{running}, nil
}

func (l leaf) options() (string, []nats.Option) { return l.inProcess() }

func (l leaf) connected(nc *nats.Conn) bool { return nc.IsConnected() && l.joined() > 0 }

func (l leaf) arrivals(*nats.Conn) uint64 { return l.joined() }

func (leaf) admit([]negotiation.Code) error { return nil }

func (leaf) hubURL() string { return "" }

// alone is a node without a [Carrier]: a server that nobody joins.
type alone struct{}

func (alone) Check() error { return nil }

func (alone) start(cfg Config) (transport, error) {
	running, err := startEmbedded(new(server.Options), cfg.Logger)
	if err != nil {
		return nil, err
	}
	return solitary{leaf{running}}, nil
}

type solitary struct{ leaf }

func (solitary) connected(*nats.Conn) bool { return false }

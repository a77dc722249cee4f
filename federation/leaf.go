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

func (l Leaf) start(cfg Config) (transport, error) {
	hub, err := url.Parse(l.URL)
	if err != nil || hub.Host == "" || hub.Port() == "" {
		return nil, fmt.Errorf("hub %q: is not a URL like nats-leaf://host:port", l.URL)
	}
	if _, err := parseSeed(l.Seed); err != nil {
		return nil, fmt.Errorf("key for the hub: %w", err)
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

func (alone) start(cfg Config) (transport, error) {
	running, err := startEmbedded(new(server.Options), cfg.Logger)
	if err != nil {
		return nil, err
	}
	return solitary{leaf{running}}, nil
}

type solitary struct{ leaf }

func (solitary) connected(*nats.Conn) bool { return false }

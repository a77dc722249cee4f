package federation

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"syscall"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// hub is a running [Hub].
type hub struct {
	embedded
	neg    negotiation.ActID
	code   negotiation.Code
	secret HubSecret
	host   string
	port   int

	mu       sync.Mutex
	admitted []negotiation.Code // sorted
}

// Check implements [Carrier].
func (h Hub) Check() error {
	_, _, err := parseListen(h.Listen)
	return err
}

func (h Hub) start(cfg Config) (transport, error) {
	host, port, err := parseListen(h.Listen)
	if err != nil {
		return nil, err
	}
	if err := checkFree(h.Listen); err != nil {
		return nil, err
	}
	running := &hub{
		neg: cfg.Negotiation, code: cfg.Code, secret: h.Secret,
		host: host, port: port,
		admitted: union(cfg.Participants(), []negotiation.Code{cfg.Code}),
	}
	if running.port == 0 {
		running.port = server.RANDOM_PORT
	}
	options, err := running.config()
	if err != nil {
		return nil, err
	}
	if running.embedded, err = startEmbedded(options, cfg.Logger); err != nil {
		return nil, fmt.Errorf("hub on %s: %w", h.Listen, err)
	}
	running.port = options.LeafNode.Port // the server puts the port that it got here
	return running, nil
}

// config is [HubConfig] for those who are admitted, as the server reads it.
func (h *hub) config() (*server.Options, error) {
	text, err := HubConfig(h.neg, h.secret, h.admitted)
	if err != nil {
		return nil, err
	}
	options := new(server.Options)
	if err := options.ProcessConfigString(text); err != nil {
		return nil, fmt.Errorf("hub configuration: %w", err)
	}
	options.LeafNode.Host, options.LeafNode.Port = h.host, h.port
	return options, nil
}

func (h *hub) options() (string, []nats.Option) {
	return h.inProcess(nkeyOption(h.secret.userKey(h.neg, h.code)))
}

func (h *hub) connected(nc *nats.Conn) bool { return nc.IsConnected() }

func (h *hub) arrivals(*nats.Conn) uint64 { return h.joined() }

// admit adds accounts, when the charter has grown. The server keeps the
// subscriptions of leaf nodes as they were before a new account, so leaf nodes
// are made to join anew, which they do within a second.
func (h *hub) admit(codes []negotiation.Code) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := union(h.admitted, codes)
	if slices.Equal(all, h.admitted) {
		return nil
	}
	before := h.admitted
	h.admitted = all
	if err := h.reload(); err != nil {
		h.admitted = before
		return err
	}
	leaves, err := h.server.Leafz(nil)
	if err != nil {
		return err
	}
	for _, leaf := range leaves.Leafs {
		// One that has left in the meantime is not there to be disconnected.
		_ = h.server.DisconnectClientByID(leaf.ID)
	}
	return nil
}

// reload gives the server the configuration for those who are admitted, twice:
// nats-server 2.15.2 starts the service imports of an account that is new in a
// reload only in the next one.
func (h *hub) reload() error {
	for range 2 {
		options, err := h.config()
		if err != nil {
			return err
		}
		embed(options)
		if err := h.server.ReloadOptions(options); err != nil {
			return fmt.Errorf("hub configuration: reloading: %w", err)
		}
	}
	return nil
}

func (h *hub) hubURL() string {
	return (&url.URL{Scheme: "nats-leaf", Host: net.JoinHostPort(h.host, strconv.Itoa(h.port))}).String()
}

func union(a, b []negotiation.Code) []negotiation.Code {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func parseListen(address string) (host string, port int, err error) {
	host, service, err := net.SplitHostPort(address)
	number, notPort := strconv.ParseUint(service, 10, 16)
	if err != nil || notPort != nil {
		return "", 0, fmt.Errorf("the hub's address %q is not host:port", address)
	}
	return cmp.Or(host, "0.0.0.0"), int(number), nil
}

// checkFree says at once what the server would say after its start only.
func checkFree(address string) error {
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("hub on %s: %w", address, ErrPortBusy)
	case err != nil:
		return fmt.Errorf("hub on %s: %w", address, err)
	}
	return listener.Close()
}

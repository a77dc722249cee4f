package federation

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"syscall"

	"github.com/nats-io/nats-server/v2/server"
)

// A HubServer is a hub that is nobody's node, or the NATS server of a [Hub].
type HubServer struct {
	embedded
	plan        HubPlan
	host        string
	port        int
	certificate *tls.Certificate
	dir         string // of what is kept; without meaning when the plan keeps nothing
}

// mostPending is how many bytes may wait to be sent over one connection: from a hub to a
// node, or from a node to its hub or to itself. One that is slower than that is cut off,
// joins again and fetches: it holds up nobody.
const mostPending = 16 << 20

// RunHub starts the hub of a plan, at an address as [Hub.Listen] has it, with a
// certificate that only a hub on a loopback address can do without. What the plan
// keeps of acts lies in dir. An address in use gives [ErrPortBusy].
func RunHub(plan HubPlan, listen string, certificate *tls.Certificate, dir string, logger *slog.Logger) (*HubServer, error) {
	if err := checkListen(listen, certificate); err != nil {
		return nil, err
	}
	host, port, err := parseListen(listen)
	if err != nil {
		return nil, err
	}
	if err := checkFree(listen); err != nil {
		return nil, err
	}
	h := &HubServer{plan: plan, host: host, port: port, certificate: certificate, dir: dir}
	if h.port == 0 {
		h.port = server.RANDOM_PORT
	}
	options, err := h.config(plan)
	if err != nil {
		return nil, err
	}
	if h.embedded, err = startEmbedded(options, logger); err != nil {
		return nil, fmt.Errorf("hub on %s: %w", listen, err)
	}
	h.port = options.LeafNode.Port // the server puts the port that it got here
	return h, nil
}

// config is [FormatHubConfig] of a plan, as the server reads it.
func (h *HubServer) config(plan HubPlan) (*server.Options, error) {
	text, err := FormatHubConfig(plan)
	if err != nil {
		return nil, err
	}
	options := new(server.Options)
	if err := options.ProcessConfigString(text); err != nil {
		return nil, fmt.Errorf("hub configuration: %w", err)
	}
	leafs := &options.LeafNode
	leafs.Host, leafs.Port, leafs.NoAdvertise = h.host, h.port, true
	if h.certificate != nil {
		leafs.TLSConfig, leafs.TLSHandshakeFirst = serverTLS(*h.certificate), true
	}
	if plan.Cache > 0 {
		options.JetStream, options.StoreDir, options.JetStreamDomain = true, h.dir, CacheDomain
		// For as many as there can be: these two cannot be changed while the server runs.
		options.JetStreamMaxStore, options.JetStreamMaxMemory = maxMembers*(plan.Cache+storeSlack), 1<<20
	}
	return options, nil
}

// serve gives those of a plan their accounts, and whoever is not among them none. What
// is kept stays as it is.
// The server keeps the subscriptions of leaf nodes as they were before a new
// account, so leaf nodes are made to join anew, which they do within a second.
// nats-server 2.15.2 starts the service imports of an account that is new in a
// reload only in the next one, so it reloads twice.
func (h *HubServer) serve(plan HubPlan) error {
	plan.Cache = h.plan.Cache
	for range 2 {
		options, err := h.config(plan)
		if err != nil {
			return err
		}
		embed(options)
		if err := h.server.ReloadOptions(options); err != nil {
			return fmt.Errorf("hub configuration: reloading: %w", err)
		}
	}
	h.plan = plan
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

// URL is where nodes join.
func (h *HubServer) URL() string {
	u := url.URL{Scheme: "nats-leaf", Host: net.JoinHostPort(h.host, strconv.Itoa(h.port))}
	if h.certificate == nil {
		return u.String()
	}
	known, err := Fingerprint(*h.certificate)
	if err != nil { // checkListen has read it
		return ""
	}
	u.Scheme, u.Fragment = "tls", known
	return u.String()
}

// Close ends the hub and waits for its goroutines.
func (h *HubServer) Close() { h.stop() }

// checkListen demands an address, and a certificate where others could listen in.
func checkListen(address string, certificate *tls.Certificate) error {
	host, _, err := parseListen(address)
	switch {
	case err != nil:
		return err
	case certificate == nil && !isLoopback(host):
		return fmt.Errorf("the hub's address %s %w: it needs a certificate", address, errPlain)
	case certificate == nil:
		return nil
	}
	_, err = Fingerprint(*certificate)
	return err
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

package federation

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// A HubState is how this node stands with one of the hubs that it joins, or with the
// NATS server that it uses instead.
type HubState struct {
	Address   string    // its URL, without secrets and fingerprint
	Connected bool      // it has let this node in, and the connection stands
	Since     time.Time // since when that is so or not; the start of the node if it was never otherwise
	Why       HubWhy    // why it is not connected, as far as that is known
}

// A HubWhy is the reason for which a hub is not connected: what the last attempt came to.
type HubWhy string

const (
	HubUnknown     HubWhy = ""            // no reason is known; none when it is connected
	HubHost        HubWhy = "host"        // its host is not known by that name
	HubRefused     HubWhy = "refused"     // its host is there, and takes no connection at that port
	HubUnreachable HubWhy = "unreachable" // there is no way to its host
	HubSilent      HubWhy = "silent"      // it does not answer
	HubKey         HubWhy = "key"         // it shows another key than the one of the fingerprint
	HubCertificate HubWhy = "certificate" // its certificate is not one that the system trusts for that host
	HubTLS         HubWhy = "tls"         // what answers there does not speak TLS as a hub does
	HubCredentials HubWhy = "credentials" // it does not know the credentials of this node
	HubClosed      HubWhy = "closed"      // it, or what lies between, has ended the connection
)

// errOtherKey is in the error of a handshake with a hub that shows another key.
var errOtherKey = errors.New("the hub has another key")

// hubWhy classifies what a connection came to.
func hubWhy(err error) HubWhy {
	var (
		dns       *net.DNSError
		untrusted *tls.CertificateVerificationError
		alert     tls.AlertError
		record    tls.RecordHeaderError
		slow      interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, errOtherKey):
		return HubKey
	case errors.As(err, &untrusted):
		return HubCertificate
	case errors.As(err, &record), errors.As(err, &alert), errors.Is(err, nats.ErrSecureConnWanted), errors.Is(err, nats.ErrSecureConnRequired):
		return HubTLS
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		return HubCredentials
	case errors.Is(err, syscall.ECONNREFUSED):
		return HubRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return HubUnreachable
	case errors.As(err, &dns) && !dns.IsTimeout:
		return HubHost
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, nats.ErrTimeout), errors.As(err, &slow) && slow.Timeout():
		return HubSilent
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, net.ErrClosed):
		return HubClosed
	}
	return HubUnknown
}

// see enters whether the connection stands at an instant.
func (s *HubState) see(connected bool, now time.Time) {
	if connected == s.Connected {
		return
	}
	s.Connected, s.Since, s.Why = connected, now, HubUnknown
	if !connected {
		s.Why = HubClosed
	}
}

// fail enters what an attempt to connect came to.
func (s *HubState) fail(why HubWhy) {
	if !s.Connected && why != HubUnknown {
		s.Why = why
	}
}

// hubWatch keeps the states of hubs that an embedded server joins. Whether one is
// connected shows in the server's list of leaf nodes; why not, in what it would log
// (nats-server 2.15.2). If a later server words that differently, no reasons are known.
type hubWatch struct {
	mu   sync.Mutex
	hubs []watchedHub
}

type watchedHub struct {
	HubState
	host string // host:port of the URL
	at   string // ip:port where it was tried last
}

// What the server says when it tries a host, and when it does not reach it.
const (
	tryingRemote = "Trying to connect as leafnode to remote server on %q%s"
	failedRemote = "Error trying to connect as leafnode to remote server %q (attempt %v): %v"
	failedLookup = "lookup for host " // in the error
)

func newHubWatch(remotes []*server.RemoteLeafOpts, now time.Time) *hubWatch {
	w := new(hubWatch)
	for _, remote := range remotes {
		u := remote.URLs[0]
		w.hubs = append(w.hubs, watchedHub{HubState{Address: u.String(), Since: now}, u.Host, u.Host})
	}
	return w
}

// see returns the states at an instant, at which these leaf nodes are let in.
func (w *hubWatch) see(leaves []*server.LeafInfo, now time.Time) []HubState {
	addresses := make([]string, len(leaves))
	for i, leaf := range leaves {
		addresses[i] = net.JoinHostPort(leaf.IP, strconv.Itoa(leaf.Port))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	states := make([]HubState, len(w.hubs))
	for i := range w.hubs {
		w.hubs[i].see(slices.Contains(addresses, w.hubs[i].at), now)
		states[i] = w.hubs[i].HubState
	}
	return states
}

// report takes what the server reports. It is called under locks of the server.
func (w *hubWatch) report(format string, v []any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case format == tryingRemote && len(v) == 2:
		host, _ := v[0].(string)
		at, _ := v[1].(string)
		for i := range w.hubs {
			if w.hubs[i].host == host {
				if w.hubs[i].at = strings.Trim(at, " ()"); at == "" {
					w.hubs[i].at = host
				}
			}
		}
	case format == failedRemote && len(v) == 3:
		host, _ := v[0].(string)
		w.fail(func(h watchedHub) bool { return h.host == host }, v[2:])
	default:
		if at, _, ofLeaf := strings.Cut(format, " - lid"); ofLeaf {
			w.fail(func(h watchedHub) bool { return h.at == at }, v)
		}
	}
}

// fail has the hubs that are meant fail for the reason that is among the values.
func (w *hubWatch) fail(meant func(watchedHub) bool, v []any) {
	why := HubUnknown
	for _, value := range v {
		switch value := value.(type) {
		case error:
			why = hubWhy(value)
			if strings.HasPrefix(value.Error(), failedLookup) {
				why = HubHost
			}
		case string:
			if strings.Contains(value, "Authorization Violation") {
				why = HubCredentials
			}
		}
	}
	for i := range w.hubs {
		if meant(w.hubs[i]) {
			w.hubs[i].fail(why)
		}
	}
}

// serverWatch keeps the state of a server of somebody else's.
type serverWatch struct {
	mu    sync.Mutex
	state HubState
}

// failed is for nats.ReconnectErrHandler.
func (w *serverWatch) failed(_ *nats.Conn, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.fail(hubWhy(err))
}

func (w *serverWatch) see(connected bool, now time.Time) []HubState {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.see(connected, now)
	return []HubState{w.state}
}

// Hubs returns how this node stands with the hubs that it joins, in the order of
// [Leaves]; none on a hub itself, and on a node that works alone.
func (l *Link) Hubs() []HubState { return l.transport.hubs(l.nc) }

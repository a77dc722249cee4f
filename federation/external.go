package federation

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// external is a running [External].
type external struct {
	url        string
	credential []nats.Option
	watch      *serverWatch
	*keeper
}

// behindUser returns what of the addresses of servers can be shown: a user, a password
// or a token stands before an @, also where the rest is malformed.
func behindUser(addresses string) string { return addresses[strings.LastIndex(addresses, "@")+1:] }

// Check implements [Carrier]. Its errors do not repeat secrets. A credentials file that
// cannot be read gives the file system's error.
func (e External) Check() error {
	for server := range strings.SplitSeq(e.URL, ",") {
		server = strings.TrimSpace(server)
		if !strings.Contains(server, "://") {
			server = "nats://" + server
		}
		u, err := parseServer(server, "nats", "tls", "ws", "wss")
		if err != nil {
			return fmt.Errorf("the NATS server %q is not a URL like tls://host:port", behindUser(e.URL))
		}
		if (u.Scheme == "nats" || u.Scheme == "ws") && !isLoopback(u.Hostname()) {
			return fmt.Errorf("the NATS server %q does not begin with tls:// or wss://, %w", behindUser(server), errPlain)
		}
	}
	if e.Seed != "" {
		if _, err := parseSeed(e.Seed); err != nil {
			return fmt.Errorf("the key for %s %w", behindUser(e.URL), err)
		}
	}
	if e.CA != "" {
		if _, err := e.authorities(); err != nil {
			return err
		}
	}
	if e.Creds == "" {
		return nil
	}
	raw, err := os.ReadFile(e.Creds)
	if err != nil {
		return fmt.Errorf("credentials for %s: %w", behindUser(e.URL), err)
	}
	if !bytes.Contains(raw, []byte("BEGIN USER NKEY SEED")) {
		return fmt.Errorf("%s is not a NATS credentials file", e.Creds)
	}
	return nil
}

// authorities reads CA.
func (e External) authorities() (*x509.CertPool, error) {
	raw, err := os.ReadFile(e.CA)
	if err != nil {
		return nil, fmt.Errorf("authorities for %s: %w", behindUser(e.URL), err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("%s has no certificate of an authority, in PEM form", e.CA)
	}
	return pool, nil
}

// parseServer reads the URL of a server: one of some schemes, a host, and a port if
// there is one.
func parseServer(address string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" {
		return nil, fmt.Errorf("%q names no server", address)
	}
	if u.Port() != "" {
		if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
			return nil, fmt.Errorf("%q is not a port", u.Port())
		}
	}
	return u, nil
}

func (e External) start(cfg Config) (transport, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	running := external{url: e.URL, watch: &serverWatch{state: HubState{Address: behindUser(e.URL), Since: time.Now()}}}
	if e.Seed != "" {
		key, err := parseSeed(e.Seed)
		if err != nil {
			return nil, fmt.Errorf("key for %s: %w", behindUser(e.URL), err)
		}
		running.credential = append(running.credential, nkeyOption(key))
	}
	if e.Creds != "" {
		running.credential = append(running.credential, nats.UserCredentials(e.Creds))
	}
	if e.CA != "" {
		authorities, err := e.authorities()
		if err != nil {
			return nil, err
		}
		running.credential = append(running.credential, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities}))
	}
	var err error
	if running.keeper, err = startKeeper(cfg, running.url, slices.Clone(running.credential)); err != nil {
		return nil, err
	}
	return running, nil
}

// nkeyOption signs the broker's challenges with key.
func nkeyOption(key ed25519.PrivateKey) nats.Option {
	return nats.Nkey(encodePublic(key), func(nonce []byte) ([]byte, error) {
		return ed25519.Sign(key, nonce), nil
	})
}

func (e external) options() (string, []nats.Option) {
	return e.url, append(slices.Clone(e.credential), nats.ReconnectErrHandler(e.watch.failed))
}

func (e external) hubs(nc *nats.Conn) []HubState { return e.watch.see(nc.IsConnected(), time.Now()) }

func (external) connected(nc *nats.Conn) bool { return nc.IsConnected() }

// arrivals changes with every connection: up is odd, down is even.
func (external) arrivals(nc *nats.Conn) uint64 {
	n := 2 * nc.Stats().Reconnects
	if nc.IsConnected() {
		n++
	}
	return n
}

func (external) admit([]negotiation.Code) error { return nil }

func (external) hubURL() string { return "" }

func (e external) stop() { e.keeper.close() }

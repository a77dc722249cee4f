package federation

import (
	"crypto/ed25519"
	"fmt"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// external is a running [External].
type external struct {
	url        string
	credential []nats.Option
}

func (e External) start(Config) (transport, error) {
	running := external{url: e.URL}
	if e.URL == "" {
		return nil, fmt.Errorf("external server: no URL")
	}
	if e.Seed != "" {
		key, err := parseSeed(e.Seed)
		if err != nil {
			return nil, fmt.Errorf("key for %s: %w", e.URL, err)
		}
		running.credential = append(running.credential, nkeyOption(key))
	}
	if e.Creds != "" {
		running.credential = append(running.credential, nats.UserCredentials(e.Creds))
	}
	return running, nil
}

// nkeyOption signs the broker's challenges with key.
func nkeyOption(key ed25519.PrivateKey) nats.Option {
	return nats.Nkey(encodePublic(key), func(nonce []byte) ([]byte, error) {
		return ed25519.Sign(key, nonce), nil
	})
}

func (e external) options() (string, []nats.Option) { return e.url, e.credential }

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

func (external) stop() {}

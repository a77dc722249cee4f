package main

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"concord/federation"
)

// hubWords are the flags of a hub, in whichever command it runs.
type hubWords struct{ cert, key *string }

func hubFlags(c *call) hubWords {
	return hubWords{
		c.flags.String("tls-cert", "", "PEM `file` with a certificate for the hub's port (default: its own, made when it is first needed)"),
		c.flags.String("tls-key", "", "PEM `file` with the key of --tls-cert"),
	}
}

// certificate returns what a hub shows at an address: what the flags name, or else its
// own; none on this machine only.
func (w hubWords) certificate(d dataDir, listen string) (*tls.Certificate, error) {
	switch {
	case (*w.cert == "") != (*w.key == ""):
		return nil, fmt.Errorf("%w: --tls-cert and --tls-key go together", errUsage)
	case *w.cert == "" && (federation.Hub{Listen: listen}).Check() == nil:
		return nil, nil
	case *w.cert == "":
		return d.certificate()
	}
	certificate, err := os.ReadFile(*w.cert)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	key, err := os.ReadFile(*w.key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate's key: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, refuse("Name a certificate and the key that belongs to it, in PEM form.", "%s and %s are not a certificate and its key: %v", *w.cert, *w.key, rootOf(err))
	}
	return &pair, nil
}

// defaultCache is how much a hub keeps of each participant's acts, in megabytes.
const defaultCache = 64

func cacheFlag(c *call) *int64 {
	return c.flags.Int64("cache", defaultCache, "`megabytes` that a hub keeps of each participant's acts, for those who come later; 0 for nothing")
}

// complete gives the convening node's hub what the flags say of it.
func (w hubWords) complete(hub federation.Hub, d dataDir, megabytes int64) (federation.Hub, error) {
	var err error
	hub.Certificate, err = w.certificate(d, hub.Listen)
	hub.Cache = federation.Cache{Dir: d.file("cache"), Bytes: megabytes << 20}
	return hub, err
}

// external is the way over a NATS server that somebody else runs.
func external(server, creds, seedFile, authority string) (federation.Carrier, error) {
	carrier := federation.External{URL: server, Creds: creds, CA: authority}
	if seedFile != "" {
		seed, err := os.ReadFile(seedFile)
		if err != nil {
			return nil, fmt.Errorf("reading the key for the NATS server: %w", err)
		}
		carrier.Seed = strings.TrimSpace(string(seed))
	}
	return carrier, nil
}

// forOthers puts HOST into a hub's URL where it names every address of this machine.
func forOthers(hub string) string {
	u, err := url.Parse(hub)
	if err != nil {
		return hub
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil || !ip.IsUnspecified() {
		return hub
	}
	u.Host = "HOST:" + u.Port()
	return u.String() + ", HOST being the name of this machine"
}

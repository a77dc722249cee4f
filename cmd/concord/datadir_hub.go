package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/pelletier/go-toml/v2"

	"concord/federation"
)

// hubs are what hubs.toml says: where a node goes to meet the others.
type hubs struct {
	Version int         `toml:"version"`
	Hub     []hubAccess `toml:"hub" comment:"Where a hub is, and the credentials there: whoever has them can connect as this participant,\nbut cannot act for it. Keep this file as you keep a password."`
}

type hubAccess struct {
	URL  string `toml:"url"`
	Seed string `toml:"seed"`
}

const (
	hubsFile   = "hubs.toml"
	formatOne  = 1 // the version of node.toml, hubs.toml and invitations
	otherBuild = "Use the concord that made it, or set the node up anew from an invitation."
)

// checkVersion demands that a TOML file is of the format that this program reads.
func checkVersion(raw []byte) error {
	var stamp struct {
		Version int `toml:"version"`
	}
	if err := toml.Unmarshal(raw, &stamp); err != nil {
		return errors.New(tomlReason(err))
	}
	if stamp.Version != formatOne {
		return fmt.Errorf("its format is version %d, and this program reads version %d", stamp.Version, formatOne)
	}
	return nil
}

// decode reads a TOML file of which all keys are known. Its errors are for a person.
func decode(raw []byte, into any) error {
	if err := checkVersion(raw); err != nil {
		return err
	}
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(into); err != nil {
		return errors.New(tomlReason(err))
	}
	return nil
}

// leaves returns the hubs that the node joins; none on one that is a hub itself.
func (d dataDir) leaves() (federation.Leaves, error) {
	raw, err := os.ReadFile(d.file(hubsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", hubsFile, err)
	}
	var h hubs
	if err := decode(raw, &h); err != nil {
		return nil, refuse(otherBuild, "%s: %v", d.file(hubsFile), err)
	}
	var leaves federation.Leaves
	for _, hub := range h.Hub {
		leaves = append(leaves, federation.Leaf{URL: hub.URL, Seed: hub.Seed})
	}
	return leaves, nil
}

// join writes hubs.toml, in place of the one that is there.
func (d dataDir) join(leaves federation.Leaves) error {
	h := hubs{Version: formatOne}
	for _, leaf := range leaves {
		h.Hub = append(h.Hub, hubAccess{leaf.URL, leaf.Seed})
	}
	return d.replace(hubsFile, h)
}

// replace writes a TOML file, in place of the one that is there.
func (d dataDir) replace(name string, value any) error {
	raw, err := toml.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	staged := d.file(name + ".new")
	if err := os.Remove(staged); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := writeNew(staged, raw, 0o600); err != nil {
		return err
	}
	if err := os.Rename(staged, d.file(name)); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return syncDir(string(d))
}

// hubSecret returns the secret of the hub that this node is, or has made; false where
// there is none.
func (d dataDir) hubSecret() (federation.HubSecret, bool, error) {
	var secret federation.HubSecret
	raw, err := os.ReadFile(d.file("hub.secret"))
	if errors.Is(err, fs.ErrNotExist) {
		return secret, false, nil
	}
	if err == nil && len(raw) != len(secret) {
		return secret, false, refuse("Put back the file as it was.", "%s has %d bytes, not %d", d.file("hub.secret"), len(raw), len(secret))
	}
	if err != nil {
		return secret, false, fmt.Errorf("reading hub.secret: %w", err)
	}
	return federation.HubSecret(raw), true, nil
}

func (d dataDir) makeHubSecret() error {
	secret := make([]byte, len(federation.HubSecret{}))
	rand.Read(secret) // never fails
	return writeNew(d.file("hub.secret"), secret, 0o600)
}

// certificate returns the hub's own certificate with its key, which it makes when there
// is none.
func (d dataDir) certificate() (*tls.Certificate, error) {
	raw, err := os.ReadFile(d.file("hub.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		certificate, key, err := federation.NewCertificate()
		if err != nil {
			return nil, err
		}
		raw = append(certificate, key...)
		if err := errors.Join(writeNew(d.file("hub.pem"), raw, 0o600), syncDir(string(d))); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, fmt.Errorf("reading hub.pem: %w", err)
	}
	pair, err := tls.X509KeyPair(raw, raw)
	if err != nil {
		return nil, refuse("Put back the file as it was. Another one is another key, which those who were invited do not know.", "%s: %v", d.file("hub.pem"), rootOf(err))
	}
	return &pair, nil
}

// known returns the URL of this node's own hub with the fingerprint by which it is
// known; one of a hub elsewhere, or in plain text, as it is.
func (d dataDir) known(hub string) (string, error) {
	u, err := url.Parse(hub)
	if err != nil || u.Scheme != "tls" || u.Fragment != "" {
		return hub, nil // Check will say what is wrong with it
	}
	pair, err := d.certificate()
	if err != nil {
		return "", err
	}
	if u.Fragment, err = federation.Fingerprint(*pair); err != nil {
		return "", err
	}
	return u.String(), nil
}

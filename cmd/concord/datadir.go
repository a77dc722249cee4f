package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"concord/federation"
	"concord/negotiation"
)

// A dataDir is a node's directory:
//
//	node.toml        what convene or join laid down; readable by a person
//	repository.git   the acts, a bare git repository
//	token            the bearer token that lets somebody write on this node
//	address          where the node's pages are while it runs
//	hub.secret       on the convening node: what the invitations are derived from
//	hub.seed         on an invited node: its credentials at the hub
type dataDir string

// settings are what node.toml says.
type settings struct {
	Participant string `toml:"participant" comment:"Whose node this is."`
	Negotiation string `toml:"negotiation" comment:"The negotiation: the name of its first act."`
	Key         string `toml:"key" comment:"File with the participant's private key."`
	Recovery    string `toml:"recovery" comment:"Public recovery key; may be empty."`
	Hub         string `toml:"hub" comment:"Where the hub is; empty on the hub itself."`
	Inviter     string `toml:"inviter" comment:"Who is asked for the record before the charter is known."`
}

func (d dataDir) file(name string) string { return filepath.Join(string(d), name) }

func (d dataDir) repository() string { return d.file("repository.git") }

// create makes the directory, which must be empty or not there, with its settings.
func (d dataDir) create(s settings) error {
	if entries, err := os.ReadDir(string(d)); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty; a node begins in a directory of its own", d)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("making the data directory: %w", err)
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	raw, err := toml.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing node.toml: %w", err)
	}
	token := make([]byte, 24)
	rand.Read(token) // never fails
	return errors.Join(
		writeNew(d.file("token"), []byte(base64.RawURLEncoding.EncodeToString(token)+"\n"), 0o600),
		writeNew(d.file("node.toml"), raw, 0o600),
	)
}

// identity is the settings as values.
type identity struct {
	code        negotiation.Code
	negotiation negotiation.ActID
	inviter     negotiation.Code
	keyFile     string
	recovery    negotiation.PublicKey
	hub         string
}

// identity reads node.toml.
func (d dataDir) identity() (identity, error) {
	raw, err := os.ReadFile(d.file("node.toml"))
	if errors.Is(err, fs.ErrNotExist) {
		return identity{}, fmt.Errorf("%s holds no node; begin with concord convene or concord join", d)
	}
	if err != nil {
		return identity{}, fmt.Errorf("reading node.toml: %w", err)
	}
	var s settings
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&s); err != nil {
		return identity{}, fmt.Errorf("%s: %w", d.file("node.toml"), err)
	}
	id := identity{keyFile: s.Key, hub: s.Hub}
	var errs [4]error
	id.code, errs[0] = negotiation.ParseCode(s.Participant)
	id.negotiation, errs[1] = negotiation.ParseActID(s.Negotiation)
	id.inviter, errs[2] = negotiation.ParseCode(s.Inviter)
	if s.Recovery != "" {
		id.recovery, errs[3] = negotiation.ParsePublicKey(s.Recovery)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return identity{}, fmt.Errorf("%s: %w", d.file("node.toml"), err)
	}
	return id, nil
}

func (d dataDir) token() (string, error) {
	raw, err := os.ReadFile(d.file("token"))
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// hubSecret returns the hub's secret; false on a node that is no hub.
func (d dataDir) hubSecret() (federation.HubSecret, bool, error) {
	var secret federation.HubSecret
	raw, err := os.ReadFile(d.file("hub.secret"))
	if errors.Is(err, fs.ErrNotExist) {
		return secret, false, nil
	}
	if err == nil && len(raw) != len(secret) {
		err = fmt.Errorf("it has %d bytes, not %d", len(raw), len(secret))
	}
	if err != nil {
		return secret, false, fmt.Errorf("reading hub.secret: %w", err)
	}
	return federation.HubSecret(raw), true, nil
}

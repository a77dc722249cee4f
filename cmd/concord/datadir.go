package main

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"concord/negotiation"
)

// A dataDir is a node's directory:
//
//	node.toml        what convene or join laid down; readable by a person
//	repository.git   the acts, a bare git repository
//	token            the bearer token that lets somebody write on this node
//	address          where the node's pages are while it runs
//	deliveries       since when other nodes hold which acts, may be deleted
//	outages.json     when no other node was heard, may be deleted
//	hub.secret       on the convening node: what the invitations are derived from
//	hub.pem          on the convening node: the hub's certificate and its key, for TLS
//	cache            on the convening node: what the hub keeps of acts, may be deleted
//	observers.toml   on a node that has made a hub: who may watch there
//	hubs.toml        on an invited node: the hubs, and its credentials there
//
// Its name is absolute.
type dataDir string

// dir returns the data directory that --dir names, which is needed.
func (c *call) dir() (dataDir, error) {
	if err := c.need("dir"); err != nil {
		return "", err
	}
	dir, err := filepath.Abs(c.flags.Lookup("dir").Value.String())
	if err != nil {
		return "", fmt.Errorf("finding the data directory: %w", err)
	}
	return dataDir(dir), nil
}

// node returns the data directory that --dir names, and what its node is.
func (c *call) node() (dataDir, identity, error) {
	d, err := c.dir()
	if err != nil {
		return "", identity{}, err
	}
	id, err := d.identity()
	return d, id, err
}

// settings are what node.toml says.
type settings struct {
	Version     int    `toml:"version" comment:"Of the format of this file."`
	Participant string `toml:"participant,omitempty" comment:"Whose node this is."`
	Observer    string `toml:"observer,omitempty" comment:"What the observer is called whose node this is: one that acts for nobody."`
	Negotiation string `toml:"negotiation" comment:"The negotiation: the name of its first act."`
	Key         string `toml:"key,omitempty" comment:"Where the participant's private key is: its file, agent: and the public key if an ssh-agent\nholds it, or env: and the environment variable that has it."`
	Recovery    string `toml:"recovery,omitempty" comment:"Public recovery key; may be empty."`
	Inviter     string `toml:"inviter" comment:"Who is asked for the record before the charter is known."`
}

const settingsFile = "node.toml"

func (d dataDir) file(name string) string { return filepath.Join(string(d), name) }

func (d dataDir) repository() string { return d.file("repository.git") }

// identity is the settings as values.
type identity struct {
	code        negotiation.Code // empty for an observer
	observer    string           // its name; empty for a participant
	negotiation negotiation.ActID
	inviter     negotiation.Code
	key         string // where the private key is; see findKey
	recovery    negotiation.PublicKey
}

// settings reads node.toml.
func (d dataDir) settings() (settings, error) {
	raw, err := os.ReadFile(d.file(settingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return settings{}, refuse("Name another --dir, or begin with concord convene or concord join.", "%s holds no node", d)
	}
	if err != nil {
		return settings{}, fmt.Errorf("reading node.toml: %w", err)
	}
	var s settings
	if err := decode(raw, &s); err != nil {
		return settings{}, refuse(startAgain, "%s: %v", d.file(settingsFile), err)
	}
	return s, nil
}

// identity returns what node.toml says as values.
func (d dataDir) identity() (identity, error) {
	s, err := d.settings()
	if err != nil {
		return identity{}, err
	}
	id := identity{key: s.Key}
	var errs [4]error
	if id.observer = s.Observer; s.Observer != "" && s.Participant == "" && s.Key == "" {
		errs[0] = checkObserver(s.Observer)
	} else {
		id.code, errs[0] = negotiation.ParseCode(s.Participant)
	}
	id.negotiation, errs[1] = negotiation.ParseActID(s.Negotiation)
	id.inviter, errs[2] = negotiation.ParseCode(s.Inviter)
	if s.Recovery != "" {
		id.recovery, errs[3] = negotiation.ParsePublicKey(s.Recovery)
	}
	if err := cmp.Or(errs[:]...); err != nil {
		return identity{}, refuse(startAgain, "%s: %v", d.file(settingsFile), rootOf(err))
	}
	return id, nil
}

// key returns what signs for the node.
func (d dataDir) key(ctx context.Context, p *passphrases) (crypto.Signer, error) {
	id, err := d.participant()
	if err != nil {
		return nil, err
	}
	key, err := findKey(id.key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuse("Put it back, or say in node.toml where it is now.", "the key that %s names is not there: %s", d.file(settingsFile), id.key)
	}
	if err != nil {
		return nil, err
	}
	return key.open(ctx, p)
}

func (d dataDir) token() (secret, error) {
	raw, err := os.ReadFile(d.file("token"))
	if err != nil {
		return secret{}, fmt.Errorf("reading the token: %w", err)
	}
	return newSecret(strings.TrimSpace(string(raw))), nil
}

// keep replaces a file on which nothing depends: it may be lost in a crash.
func (d dataDir) keep(name string, raw []byte) error {
	staged := d.file(name + ".new")
	if err := os.WriteFile(staged, raw, 0o600); err != nil {
		return fmt.Errorf("keeping %s: %w", name, err)
	}
	if err := os.Rename(staged, d.file(name)); err != nil {
		return fmt.Errorf("keeping %s: %w", name, err)
	}
	return nil
}

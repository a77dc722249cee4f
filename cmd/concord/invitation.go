package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pelletier/go-toml/v2"

	"concord/federation"
	"concord/negotiation"
)

// An invitation is what a node needs to find and to trust a negotiation: the
// name of its first act, by which all else is verified, and credentials at a hub.
type invitation struct {
	Version     int       `toml:"version"`
	Title       string    `toml:"title"`
	Negotiation string    `toml:"negotiation"`
	Participant string    `toml:"participant"`
	Inviter     string    `toml:"inviter"`
	Expires     time.Time `toml:"expires" comment:"No node is set up from it later; the credentials below go on opening the hub."`
	Hub         string    `toml:"hub" comment:"Where the hub is; behind the #, its key's fingerprint."`
	Seed        string    `toml:"seed" comment:"Credentials at the hub: whoever has them can connect as this participant,\nbut cannot act for it. Send this file the way you send a password."`
}

const maxInvitation = 16 << 10

// parseInvitation reads an invitation file; all but the title is demanded. Its
// errors are for a person.
func parseInvitation(raw []byte, now time.Time) (invitation, error) {
	var i invitation
	if len(raw) > maxInvitation {
		return i, fmt.Errorf("it has %d bytes; an invitation has fewer than %d", len(raw), maxInvitation)
	}
	if err := decode(raw, &i); err != nil {
		return i, err
	}
	_, err1 := negotiation.ParseActID(i.Negotiation)
	_, err2 := negotiation.ParseCode(i.Participant)
	_, err3 := negotiation.ParseCode(i.Inviter)
	err4 := i.leaf().Check()
	if err := cmp.Or(err1, err2, err3, err4); err != nil {
		return i, err
	}
	if now.After(i.Expires) {
		return i, fmt.Errorf("it expired on %s", i.Expires.UTC().Format("2 January 2006 at 15:04 UTC"))
	}
	return i, nil
}

func (i invitation) leaf() federation.Leaf { return federation.Leaf{URL: i.Hub, Seed: i.Seed} }

// readInvitation reads a file that --invitation names.
func readInvitation(name string) (invitation, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return invitation{}, fmt.Errorf("reading the invitation: %w", err)
	}
	i, err := parseInvitation(raw, time.Now())
	if err != nil {
		return invitation{}, refuse(askTheChair, "%s is not an invitation that can be used: %v", name, err)
	}
	return i, nil
}

// invitationValid is how long an invitation can be used unless --valid says otherwise.
const invitationValid = 14 * 24 * time.Hour

func runInvite(_ context.Context, c *call) error {
	dir := c.flags.String("dir", "", "data `directory` of the convening node, or of one that has made a hub")
	hub := c.flags.String("hub", "", "`URL` at which the others reach the hub, tls://HOST:PORT; this node's own unless it ends in #FINGERPRINT")
	authority := c.flags.Bool("public-certificate", false, "the hub's certificate is from a public authority, so that its name is enough to know it")
	valid := c.flags.Duration("valid", invitationValid, "how `long` a node can be set up from it; its credentials at the hub go on")
	args, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	if err := c.need("dir", "hub"); err != nil {
		return err
	}
	d, id, err := c.node()
	if err != nil {
		return err
	}
	secret, isHub, err := d.hubSecret()
	if err != nil {
		return err
	}
	if !isHub {
		return refuse("Invitations come from the convening node, or from one that has made a hub with concord hub config.", "%s is not the convening node and has no hub", *dir)
	}
	code, err := negotiation.ParseCode(args[0])
	if err != nil {
		return err
	}
	if code == id.code {
		return refuse("Name another participant.", "%s is whose node this is, and a second one would sign for places of its record that this one signs for", code)
	}
	leaf := federation.Leaf{URL: *hub, Seed: secret.Seed(id.negotiation, code)}
	if err := leaf.Check(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if !*authority {
		if leaf.URL, err = d.known(leaf.URL); err != nil {
			return err
		}
	}
	state, err := d.load(id.negotiation)
	if err != nil {
		return err
	}
	invited, ok := state.Charter.Participant(code)
	if !ok {
		return negotiation.ErrNotParticipant.Because("the charter does not name %s", code)
	}
	if invited.Key == "" {
		fmt.Fprintf(c.stderr, "note: the charter has no key for %s yet; it can follow the negotiation, and join once you have amended the charter\n", code)
	}
	raw, err := toml.Marshal(invitation{
		Version:     formatOne,
		Title:       state.Charter.Title,
		Negotiation: id.negotiation.String(),
		Participant: string(code),
		Inviter:     string(id.code),
		Expires:     time.Now().Add(*valid).UTC().Truncate(time.Second),
		Hub:         leaf.URL,
		Seed:        leaf.Seed,
	})
	if err != nil {
		return fmt.Errorf("writing the invitation: %w", err)
	}
	_, err = fmt.Fprintf(c.stdout, "# Invitation of %s (%s) to a negotiation on Concord.\n%s", invited.Name, code, raw)
	return err
}

func runJoin(_ context.Context, c *call) error {
	file := c.flags.String("invitation", "", "invitation `file` from the chair")
	key := c.flags.String("key", "", fmt.Sprintf(keyUsage, "your node acts"))
	recovery := c.flags.String("recovery", "", "`file` with your public recovery key (optional)")
	dir := c.flags.String("dir", "", "data `directory` to make")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	if err := c.need("invitation", "key", "dir"); err != nil {
		return err
	}
	i, err := readInvitation(*file)
	if err != nil {
		return err
	}
	s, _, err := newSettings(i.Participant, *key, *recovery)
	if err != nil {
		return err
	}
	s.Negotiation, s.Inviter = i.Negotiation, i.Inviter
	d, err := c.dir()
	if err != nil {
		return err
	}
	err = d.create(func(staged dataDir) error {
		return errors.Join(staged.join(federation.Leaves{i.leaf()}), staged.settle(s))
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "The node of %s is set up in %s.\nRun it: concord serve --dir %s\nIt fetches the record, verifies it and joins by itself.\n", i.Participant, *dir, *dir)
	return nil
}

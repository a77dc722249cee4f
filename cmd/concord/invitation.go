package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/pelletier/go-toml/v2"

	"concord/federation"
	"concord/negotiation"
)

// An invitation is what a node needs to find and to trust a negotiation: the
// name of its first act, by which all else is verified, and credentials at the hub.
type invitation struct {
	Title       string `toml:"title"`
	Negotiation string `toml:"negotiation"`
	Participant string `toml:"participant"`
	Inviter     string `toml:"inviter"`
	Hub         string `toml:"hub"`
	Seed        string `toml:"seed" comment:"Credentials at the hub: whoever has them can connect as this participant,\nbut cannot act for it. Send this file the way you send a password."`
}

const maxInvitation = 16 << 10

// parseInvitation reads an invitation file; all but the title is demanded. Its
// errors are for a person.
func parseInvitation(raw []byte) (invitation, error) {
	var i invitation
	if len(raw) > maxInvitation {
		return i, fmt.Errorf("it has %d bytes; an invitation has fewer than %d", len(raw), maxInvitation)
	}
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&i); err != nil {
		return i, errors.New(tomlReason(err))
	}
	_, err1 := negotiation.ParseActID(i.Negotiation)
	_, err2 := negotiation.ParseCode(i.Participant)
	_, err3 := negotiation.ParseCode(i.Inviter)
	err4 := federation.Leaf{URL: i.Hub, Seed: i.Seed}.Check()
	return i, cmp.Or(err1, err2, err3, err4)
}

func runInvite(_ context.Context, c *call) error {
	dir := c.flags.String("dir", "", "data `directory` of the convening node")
	hub := c.flags.String("hub", "", "`URL` at which the others reach this node, nats-leaf://HOST:PORT")
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
		return refuse("Invitations come from the convening node.", "%s is not the convening node", *dir)
	}
	code, err := negotiation.ParseCode(args[0])
	if err != nil {
		return err
	}
	if code == id.code {
		return refuse("Name another participant.", "%s is whose node this is, and a second one would sign for places of its record that this one signs for", code)
	}
	seed := secret.Seed(id.negotiation, code)
	if err := (federation.Leaf{URL: *hub, Seed: seed}).Check(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
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
		Title:       state.Charter.Title,
		Negotiation: id.negotiation.String(),
		Participant: string(code),
		Inviter:     string(id.code),
		Hub:         *hub,
		Seed:        seed,
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
	raw, err := os.ReadFile(*file)
	if err != nil {
		return fmt.Errorf("reading the invitation: %w", err)
	}
	i, err := parseInvitation(raw)
	if err != nil {
		return refuse(askTheChair, "%s is not an invitation: %v", *file, err)
	}
	s, _, err := newSettings(i.Participant, *key, *recovery)
	if err != nil {
		return err
	}
	s.Negotiation, s.Inviter, s.Hub = i.Negotiation, i.Inviter, i.Hub
	d, err := c.dir()
	if err != nil {
		return err
	}
	err = d.create(func(staged dataDir) error {
		return errors.Join(writeNew(staged.file("hub.seed"), []byte(i.Seed+"\n"), 0o600), staged.settle(s))
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "The node of %s is set up in %s.\nRun it: concord serve --dir %s\nIt fetches the record, verifies it and joins by itself.\n", i.Participant, *dir, *dir)
	return nil
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
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
	Participant string    `toml:"participant,omitempty"`
	Observer    string    `toml:"observer,omitempty"`
	Inviter     string    `toml:"inviter"`
	Expires     time.Time `toml:"expires" comment:"No node is set up from it later; the credentials below go on opening the hub."`
	Hub         string    `toml:"hub" comment:"Where the hub is; behind the #, its key's fingerprint."`
	Seed        string    `toml:"seed" comment:"Credentials at the hub: whoever has them can connect as who is invited here, but\ncannot act for anybody. Send this file the way you send a password."`
}

const maxInvitation = 16 << 10

// parseInvitation reads an invitation file, which is for a participant or an observer;
// all but the title is demanded. Its errors are for a person.
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
	if i.Observer != "" && i.Participant == "" {
		err2 = checkObserver(i.Observer)
	} else if i.Observer != "" {
		err2 = errors.New("it is for a participant and an observer at once")
	}
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

// invited is who may use it.
func (i invitation) invited() string { return cmp.Or(i.Participant, i.Observer) }

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
	watcher := c.flags.String("observer", "", "`name` of an observer to invite, instead of a participant: lower-case letters, digits, hyphens")
	authority := c.flags.Bool("public-certificate", false, "the hub's certificate is from a public authority, so that its name is enough to know it")
	valid := c.flags.Duration("valid", invitationValid, "how `long` a node can be set up from it; its credentials at the hub go on")
	args, err := c.parse(0, 1)
	if err != nil {
		return err
	}
	if err := c.need("dir", "hub"); err != nil {
		return err
	}
	if (len(args) == 0) == (*watcher == "") {
		return fmt.Errorf("%w: either the code of a participant or --observer says who is invited", errUsage)
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
	i := invitation{
		Version: formatOne, Negotiation: id.negotiation.String(), Inviter: string(id.code),
		Expires: time.Now().Add(*valid).UTC().Truncate(time.Second), Hub: *hub,
	}
	state, err := d.load(id.negotiation)
	if err != nil {
		return err
	}
	i.Title = state.Charter.Title
	whom := "the observer " + *watcher
	if *watcher != "" {
		err = i.forObserver(*watcher, secret, id)
	} else {
		whom, err = i.forParticipant(args[0], secret, id, state, c.stderr)
	}
	if err != nil {
		return err
	}
	if err := i.leaf().Check(); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if !*authority {
		if plain := plainHub(i.Hub); plain != "" {
			fmt.Fprintf(c.stderr, "note: a hub that listens at that address only has no certificate unless it is given one with --tls-cert; without, invite with --hub %s\n", plain)
		}
		if i.Hub, err = d.known(i.Hub); err != nil {
			return err
		}
	}
	if i.Observer != "" {
		if err := d.admitObserver(i.Observer); err != nil {
			return err
		}
		fmt.Fprintf(c.stderr, "note: %s\n", d.hubTakesNote())
	}
	return i.print(c.stdout, whom)
}

// plainHub returns, where the URL of a hub asks for TLS at an address of this machine, at
// which hubs go without unless they are told otherwise, that of the same hub without; ""
// elsewhere, and where the hub's key is known.
func plainHub(hub string) string {
	u, err := url.Parse(hub)
	if err != nil || u.Scheme != "tls" || u.Fragment != "" || (federation.Hub{Listen: u.Host}).Check() != nil {
		return ""
	}
	u.Scheme = "nats-leaf"
	return u.String()
}

func (i invitation) print(w io.Writer, whom string) error {
	raw, err := toml.Marshal(i)
	if err != nil {
		return fmt.Errorf("writing the invitation: %w", err)
	}
	_, err = fmt.Fprintf(w, "# Invitation of %s to a negotiation on Concord.\n%s", whom, raw)
	return err
}

// forParticipant makes it one for a participant of the charter, and returns who that is.
func (i *invitation) forParticipant(name string, secret federation.HubSecret, id identity, state *negotiation.State, notes io.Writer) (string, error) {
	code, err := negotiation.ParseCode(name)
	if err != nil {
		return "", err
	}
	if code == id.code {
		return "", refuse("Name another participant.", "%s is whose node this is, and a second one would sign for places of its record that this one signs for", code)
	}
	invited, ok := state.Charter.Participant(code)
	if !ok {
		return "", negotiation.ErrNotParticipant.Because("the charter does not name %s", code)
	}
	if invited.Key == "" {
		fmt.Fprintf(notes, "note: the charter has no key for %s yet; it can follow the negotiation, and join once you have amended the charter\n", code)
	}
	i.Participant, i.Seed = name, secret.Seed(id.negotiation, code)
	return fmt.Sprintf("%s (%s)", invited.Name, code), nil
}

// forObserver makes it one for an observer.
func (i *invitation) forObserver(name string, secret federation.HubSecret, id identity) error {
	if err := checkObserver(name); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	i.Observer, i.Seed = name, secret.ObserverSeed(id.negotiation, name)
	return nil
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
	if i.Observer != "" {
		return refuse("Set the node of an observer up with concord observe.", "%s invites the observer %s, and no participant", *file, i.Observer)
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

package main

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"regexp"
	"slices"

	"concord/federation"
	"concord/negotiation"
)

// An observer's node has no key: it holds the record and acts for nobody. It is invited
// under a name by whoever has made a hub, who keeps a list of those names.

// observersFile is where they are, in the data directory of who has made the hub.
const observersFile = "observers.toml"

// observers are what observers.toml says.
type observers struct {
	Version  int        `toml:"version"`
	Observer []observer `toml:"observer" comment:"Who may watch at this node's hub. One that is shut out stays in the list, for its\nname stands for credentials that somebody has."`
}

type observer struct {
	Name    string `toml:"name"`
	ShutOut bool   `toml:"shut_out,omitempty"`
}

var observerName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// checkObserver says what is wrong with an observer's name.
func checkObserver(name string) error {
	if !observerName.MatchString(name) || len(name) > 32 {
		return fmt.Errorf("an observer's name is up to 32 lower-case letters and digits, with hyphens between them; %.40q is none", name)
	}
	return nil
}

// observers reads the list; it is empty where there is none.
func (d dataDir) observers() ([]observer, error) {
	raw, err := os.ReadFile(d.file(observersFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", observersFile, err)
	}
	var o observers
	if err := decode(raw, &o); err != nil {
		return nil, refuse(startAgain, "%s: %v", d.file(observersFile), err)
	}
	for _, each := range o.Observer {
		if err := checkObserver(each.Name); err != nil {
			return nil, refuse(startAgain, "%s: %v", d.file(observersFile), err)
		}
	}
	return o.Observer, nil
}

func (d dataDir) keepObservers(list []observer) error {
	return d.replace(observersFile, observers{Version: formatOne, Observer: list})
}

// admitObserver enters a name, unless it is there.
func (d dataDir) admitObserver(name string) error {
	list, err := d.observers()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(o observer) bool { return o.Name == name })
	switch {
	case i < 0:
		return d.keepObservers(append(list, observer{Name: name}))
	case list[i].ShutOut:
		return refuse("Choose another name.", "the observer %s was shut out, and whoever had its invitation would be let in again", name)
	}
	return nil
}

// observerKeys are what a hub of this secret lets in.
func (d dataDir) observerKeys(secret federation.HubSecret, neg negotiation.ActID) ([]string, error) {
	list, err := d.observers()
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, o := range list {
		if !o.ShutOut {
			keys = append(keys, secret.ObserverKey(neg, o.Name))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// watchObservers returns the list for a hub that asks again and again. While the file
// cannot be read, it is as it was last.
func (d dataDir) watchObservers(secret federation.HubSecret, neg negotiation.ActID, logger *slog.Logger) func() []string {
	var last []string
	trouble := ""
	return func() []string {
		keys, err := d.observerKeys(secret, neg)
		if err != nil {
			if err.Error() != trouble {
				trouble = err.Error()
				logger.Warn("the list of observers cannot be read: those before may go on", "error", err)
			}
			return last
		}
		last, trouble = keys, ""
		return keys
	}
}

// runObserve sets the node of an observer up.
func runObserve(_ context.Context, c *call) error {
	file := c.flags.String("invitation", "", "invitation `file` for an observer")
	dir := c.flags.String("dir", "", "data `directory` to make")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	if err := c.need("invitation", "dir"); err != nil {
		return err
	}
	i, err := readInvitation(*file)
	if err != nil {
		return err
	}
	if i.Observer == "" {
		return refuse("Set the node of a participant up with concord join.", "%s invites the participant %s, and no observer", *file, i.Participant)
	}
	d, err := c.dir()
	if err != nil {
		return err
	}
	err = d.create(func(staged dataDir) error {
		return errors.Join(staged.join(federation.Leaves{i.leaf()}),
			staged.settle(settings{Observer: i.Observer, Negotiation: i.Negotiation, Inviter: i.Inviter}))
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "The node of the observer %s is set up in %s.\nRun it: concord serve --dir %s\nIt fetches the record, verifies it and follows it. It has no key: nobody acts on it.\n", i.Observer, *dir, *dir)
	return nil
}

// hubDrop shuts an observer out.
func hubDrop(c *call) error {
	c.flags.String("dir", "", "data `directory` of the node that has invited the observer")
	args, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	d, id, err := c.node()
	if err != nil {
		return err
	}
	list, err := d.observers()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(o observer) bool { return o.Name == args[0] })
	if i < 0 {
		return refuse("The names are in "+observersFile+" there.", "the node of %s has invited no observer %s", id.name(), args[0])
	}
	list[i].ShutOut = true
	if err := d.keepObservers(list); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "The observer %s is shut out.\n%s\n", args[0], d.hubTakesNote())
	return nil
}

// hubTakesNote says how a change of the list comes to the hub.
func (d dataDir) hubTakesNote() string {
	if there(d.file(hubsFile)) {
		return "Print the hub's configuration anew with concord hub config, and start the hub with it again."
	}
	return "The hub of this node takes note within seconds, or when it starts."
}

// observes reports whether the node is an observer's.
func (id identity) observes() bool { return id.observer != "" }

// name is whose node it is.
func (id identity) name() string { return cmp.Or(string(id.code), id.observer) }

// title begins a sentence about the node.
func (id identity) title() string {
	if id.observes() {
		return "The node of the observer " + id.observer
	}
	return "The node of " + string(id.code)
}

// participant returns what the node is, which must be a participant's.
func (d dataDir) participant() (identity, error) {
	id, err := d.identity()
	if err == nil && id.observes() {
		err = refuse("Name the data directory of a state's node.", "%s is an observer's: it has no key and acts for nobody", d)
	}
	return id, err
}

// signer returns what signs for the node: nothing for an observer's.
func (d dataDir) signer(ctx context.Context, p *passphrases) (crypto.Signer, error) {
	id, err := d.identity()
	if err != nil || id.observes() {
		return nil, err
	}
	return d.key(ctx, p)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"

	"concord/federation"
	"concord/negotiation"
)

func runHub(ctx context.Context, c *call) error {
	word, err := c.subcommand("config", "run", "add", "drop")
	switch {
	case err != nil:
		return err
	case word == "config":
		return hubConfig(c)
	case word == "run":
		return hubRun(ctx, c)
	case word == "drop":
		return hubDrop(c)
	}
	return hubAdd(c)
}

// hubConfig prints whom a hub serves: those of the charter, and observers that were
// invited, under keys that are derived from a secret which stays in the data directory,
// and is made at the first time.
func hubConfig(c *call) error {
	c.flags.String("dir", "", "data `directory` of your node, which invites the others to the hub")
	cache := cacheFlag(c)
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	d, err := c.dir()
	if err != nil {
		return err
	}
	id, err := d.participant()
	if err != nil {
		return err
	}
	state, err := d.load(id.negotiation)
	if err != nil {
		return err
	}
	var codes []negotiation.Code
	for _, p := range state.Charter.Participants {
		codes = append(codes, p.Code)
	}
	secret, made, err := d.hubSecret()
	if err == nil && !made {
		err = d.makeHubSecret()
	}
	if err == nil {
		secret, _, err = d.hubSecret()
	}
	if err != nil {
		return err
	}
	plan := secret.Plan(id.negotiation, codes)
	plan.Cache = *cache << 20
	if plan.Observers, err = d.observerKeys(secret, id.negotiation); err != nil {
		return err
	}
	text, err := federation.FormatHubConfig(plan)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	_, err = fmt.Fprint(c.stdout, text)
	return err
}

// hubRun runs a hub that is nobody's node.
func hubRun(ctx context.Context, c *call) error {
	file := c.flags.String("config", "", "`file` that concord hub config printed")
	c.flags.String("dir", "", "`directory` for the hub's certificate and what it keeps; made when it is not there")
	listenAt := c.flags.String("listen", "0.0.0.0:7422", "`address` at which nodes connect")
	own := hubFlags(c)
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	if err := c.need("config", "dir"); err != nil {
		return err
	}
	raw, err := os.ReadFile(*file)
	if err != nil {
		return fmt.Errorf("reading the hub's configuration: %w", err)
	}
	plan, err := federation.ParseHubConfig(string(raw))
	if err != nil {
		return refuse("Ask for it again from who made it with concord hub config.", "%s: %v", *file, rootOf(err))
	}
	d, err := c.dir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return fmt.Errorf("making the directory: %w", err)
	}
	certificate, err := own.certificate(d, *listenAt)
	if err != nil {
		return err
	}
	if err := checkCarrier(federation.Hub{Listen: *listenAt, Certificate: certificate}); err != nil {
		return err
	}
	hub, err := federation.RunHub(plan, *listenAt, certificate, d.file("cache"), slog.New(slog.NewTextHandler(c.stderr, nil)))
	if at := (*net.OpError)(nil); errors.Is(err, federation.ErrPortBusy) || errors.As(err, &at) {
		return listenRefusal(err, *listenAt, "--listen")
	}
	if err != nil {
		return err
	}
	defer hub.Close()
	fmt.Fprintf(c.stdout, "The hub is at %s\nWho made its configuration invites the others to it: concord invite --hub URL CODE\nCtrl-C ends it.\n", forOthers(hub.URL()))
	<-ctx.Done()
	return nil
}

// hubAdd has a node join one more hub, or one that it joins with other credentials.
func hubAdd(c *call) error {
	c.flags.String("dir", "", "data `directory` of the node, which is stopped")
	file := c.flags.String("invitation", "", "invitation `file` from who made the hub")
	own := c.flags.String("hub", "", "`URL` of the hub, instead of --invitation, if this node has made it")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	if (*file == "") == (*own == "") {
		return fmt.Errorf("%w: one of --invitation and --hub says which hub it is", errUsage)
	}
	d, id, err := c.node()
	if err != nil {
		return err
	}
	leaf, err := d.access(id, *file, *own)
	if err != nil {
		return err
	}
	leaves, err := d.leaves()
	if err != nil {
		return err
	}
	leaves = append(slices.DeleteFunc(leaves, leaf.SameHub), leaf)
	if err := leaves.Check(); err != nil {
		return refuse(startAgain, "%v", err)
	}
	if err := d.join(leaves); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s uses %s from its next start on. The hubs are in %s.\n", id.title(), counted(len(leaves), "hub", "hubs"), d.file(hubsFile))
	return nil
}

// access returns where a hub is, and the node's credentials there: from an invitation
// for this node, or of a hub that it has made itself.
func (d dataDir) access(id identity, file, own string) (federation.Leaf, error) {
	if file == "" {
		secret, made, err := d.hubSecret()
		if err == nil && !made {
			err = refuse("Name the invitation that its maker sent you with --invitation.", "this node has made no hub")
		}
		return federation.Leaf{URL: own, Seed: secret.Seed(id.negotiation, id.code)}, err
	}
	i, err := readInvitation(file)
	if err != nil {
		return federation.Leaf{}, err
	}
	if i.invited() != id.name() || i.Negotiation != id.negotiation.String() {
		return federation.Leaf{}, refuse("Name the invitation for this node.", "%s is for %s, or for another negotiation", file, i.invited())
	}
	return i.leaf(), nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"concord/federation"
	"concord/negotiation"
)

// demoChair convenes the demonstration; its node is the hub.
const demoChair = negotiation.Code("XAU")

func runDemo(ctx context.Context, c *call) error {
	dir := c.flags.String("dir", "", "`directory` to keep the data in (default: a temporary one, removed at the end)")
	address := c.flags.String("http", "127.0.0.1:8421", "`address` of the first node's pages; the others take the ports after it")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	charter, err := demoCharter()
	if err != nil {
		return err
	}
	listeners, err := listenInRow(*address, len(charter.Participants))
	if err != nil {
		return err
	}
	d := demo{
		charter: charter, listeners: listeners,
		logger: slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	err = d.run(ctx, c, *dir)
	if err = errors.Join(err, d.close()); err != nil && ctx.Err() == nil {
		return err
	}
	fmt.Fprintln(c.stdout, "\nAll four nodes have stopped.")
	return nil
}

// A demo is four nodes in one process, each with a repository, a key, a NATS server
// and pages of its own. They know one another through NATS alone.
type demo struct {
	root      string
	temporary bool // root is removed at the end
	charter   negotiation.Charter
	logger    *slog.Logger
	listeners []net.Listener // of the pages, in the charter's order; those of nodes that run are nil
	nodes     []*servedNode  // the chair's first
}

// run lets the four nodes work in a directory, or in a temporary one when none is
// named, until ctx ends.
func (d *demo) run(ctx context.Context, c *call, dir string) (err error) {
	if dir == "" {
		d.root, err = os.MkdirTemp("", "concord-demo-")
		d.temporary = err == nil
	} else if d.root, err = filepath.Abs(dir); err == nil {
		err = os.MkdirAll(d.root, 0o700)
	}
	if err != nil {
		return fmt.Errorf("making a directory for the demonstration: %w", err)
	}
	if err := d.start(ctx); err != nil {
		return err
	}
	d.print(c)
	return d.wait(ctx)
}

func (d *demo) dirOf(c negotiation.Code) dataDir {
	return dataDir(filepath.Join(d.root, string(c)))
}

// start brings the nodes up and, in a new directory, lets the states negotiate.
func (d *demo) start(ctx context.Context) error {
	laidOut, err := d.prepare()
	if err != nil {
		return err
	}
	if !laidOut {
		if err := d.convene(ctx); err != nil {
			return err
		}
	}
	for i, p := range d.charter.Participants {
		if err := ctx.Err(); err != nil {
			return err
		}
		listener := d.listeners[i]
		d.listeners[i] = nil
		if err := d.startOne(ctx, p.Code, listener, !laidOut); err != nil {
			return err
		}
	}
	if laidOut {
		return nil
	}
	if err := d.play(ctx); err != nil {
		return fmt.Errorf("laying out the sample negotiation: %w", err)
	}
	return d.finish()
}

func demoCharter() (negotiation.Charter, error) {
	raw, err := negotiation.CharterTemplate("demo")
	if err != nil {
		return negotiation.Charter{}, err
	}
	return negotiation.ParseCharter("demo.toml", raw)
}

// convene makes the keys of all and the chair's data directory.
func (d *demo) convene(ctx context.Context) error {
	if err := os.Mkdir(filepath.Join(d.root, demoKeys), 0o700); err != nil {
		return fmt.Errorf("making a directory for the keys: %w", err)
	}
	charter := d.charter
	for _, p := range d.charter.Participants {
		public, err := makeKeys(secret{}, strings.TrimSuffix(d.keyFile(p.Code), ".key"))
		if err != nil {
			return err
		}
		raw, err := charter.WithKey(p.Code, public[0])
		if err != nil {
			return err
		}
		if charter, err = negotiation.ParseCharter("demo.toml", raw); err != nil {
			return err
		}
	}
	text, err := negotiation.CanonText("demo.md", negotiation.DemoText())
	if err != nil {
		return err
	}
	s, key, err := newSettings(string(demoChair), d.keyFile(demoChair), "")
	if err != nil {
		return err
	}
	signer, err := key.open(ctx, &passphrases{})
	if err != nil {
		return err
	}
	_, err = convene(d.dirOf(demoChair), s, signer, charter, text)
	return err
}

func (d *demo) keyFile(c negotiation.Code) string {
	return filepath.Join(d.root, demoKeys, string(c)+".key")
}

// startOne starts one node; with begin, a guest's data directory is made first, as
// concord join would from the chair's invitation. It closes the listener when it
// fails.
func (d *demo) startOne(ctx context.Context, c negotiation.Code, listener net.Listener, begin bool) error {
	carrier, err := d.carrierOf(c)
	if leaf, guest := carrier.(federation.Leaf); guest && begin {
		err = d.invite(c, leaf)
	}
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	key, err := d.dirOf(c).key(ctx, &passphrases{})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s, err := startNode(ctx, d.dirOf(c), key, carrier, startPatience, listener, nil, d.logger)
	if err != nil {
		return err
	}
	d.nodes = append(d.nodes, s)
	return nil
}

// carrierOf returns how a node reaches the others: the chair's is the hub.
func (d *demo) carrierOf(c negotiation.Code) (federation.Carrier, error) {
	chair := d.dirOf(demoChair)
	id, err := chair.identity()
	if err != nil {
		return nil, err
	}
	secret, _, err := chair.hubSecret()
	if err != nil {
		return nil, err
	}
	if c == demoChair {
		return federation.Hub{Listen: "127.0.0.1:0", Secret: secret}, nil
	}
	return federation.Leaf{URL: d.nodes[0].node.link.HubURL(), Seed: secret.Seed(id.negotiation, c)}, nil
}

// invite makes a guest's data directory.
func (d *demo) invite(c negotiation.Code, leaf federation.Leaf) error {
	s, _, err := newSettings(string(c), d.keyFile(c), "")
	if err != nil {
		return err
	}
	id := d.nodes[0].node.identity
	s.Negotiation, s.Inviter = id.negotiation.String(), string(demoChair)
	return d.dirOf(c).create(func(staged dataDir) error {
		return errors.Join(staged.join(federation.Leaves{leaf}), staged.settle(s))
	})
}

func (d *demo) print(c *call) {
	state := d.nodes[0].node.State()
	fmt.Fprintf(c.stdout, "Four states negotiate the %s.\n", state.Charter.Title)
	fmt.Fprintf(c.stdout, "Each has a node of its own. Open one; the link signs you in as its delegation:\n\n")
	for _, s := range d.nodes {
		p, _ := state.Charter.Participant(s.node.code)
		role := ""
		if p.Code == state.Chair {
			role = " (chair)"
		}
		fmt.Fprintf(c.stdout, "  %-18s http://%s/sign-in?token=%s\n", p.Name+role, s.address, s.token.reveal())
	}
	last := d.nodes[len(d.nodes)-1]
	fmt.Fprintf(c.stdout, "\nThe rolling text, as JSON or Markdown:\n  curl 'http://%s/api/v1/text/rolling?format=markdown'\n", last.address)
	fmt.Fprintf(c.stdout, "The API's tokens, to write with (Authorization: Bearer TOKEN):\n")
	for _, s := range d.nodes {
		fmt.Fprintf(c.stdout, "  %s  http://%s/api/v1  %s\n", s.node.code, s.address, s.token.reveal())
	}
	fmt.Fprintf(c.stdout, "The record, for stock git:\n  git -C %s log --all --graph --show-signature\n", d.nodes[0].node.repository.Dir())
	fmt.Fprintf(c.stdout, "\nCtrl-C ends it.\n")
}

func (d *demo) wait(ctx context.Context) error {
	failed := make(chan error, len(d.nodes))
	for _, s := range d.nodes {
		go func() { failed <- s.wait(ctx) }()
	}
	return <-failed
}

// close ends the nodes, the chair's last, and removes a temporary directory.
func (d *demo) close() error {
	errs := make([]error, len(d.nodes))
	var closing sync.WaitGroup
	for i, node := range d.nodes {
		closing.Go(func() { errs[i] = node.Close() })
	}
	closing.Wait()
	for _, l := range d.listeners {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	if d.temporary {
		errs = append(errs, os.RemoveAll(d.root))
	}
	return errors.Join(errs...)
}

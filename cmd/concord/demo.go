package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"concord/federation"
	"concord/negotiation"
)

// demoChair convenes the demonstration; its node is the hub.
const demoChair = negotiation.Code("XAU")

func runDemo(ctx context.Context, c *call) error {
	dir := c.flags.String("dir", "", "`directory` to keep the data in (default: a temporary one, removed at the end)")
	address := c.flags.String("http", "127.0.0.1:8421", "`address` of the first node's pages; the others take the ports after it")
	if _, err := c.parse(0); err != nil {
		return err
	}
	root := *dir
	if root == "" {
		var err error
		if root, err = os.MkdirTemp("", "concord-demo-"); err != nil {
			return fmt.Errorf("making a directory for the demonstration: %w", err)
		}
		defer os.RemoveAll(root)
	}
	d := demo{root: root, logger: slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	err := d.start(ctx, *address)
	if err == nil {
		d.print(c)
		err = d.wait(ctx)
	}
	err = errors.Join(err, d.close())
	if err == nil || errors.Is(err, context.Canceled) {
		fmt.Fprintln(c.stdout, "\nAll four nodes have stopped.")
		return nil
	}
	return err
}

// A demo is four nodes in one process, each with a repository, a key, a NATS server
// and pages of its own. They know one another through NATS alone.
type demo struct {
	root   string
	logger *slog.Logger
	nodes  []*servedNode // the chair's first
}

func (d *demo) dirOf(c negotiation.Code) dataDir {
	return dataDir(filepath.Join(d.root, string(c)))
}

// start brings the nodes up and, in a new directory, lets the states negotiate.
func (d *demo) start(ctx context.Context, address string) error {
	_, err := os.Stat(string(d.dirOf(demoChair)))
	begin := errors.Is(err, fs.ErrNotExist)
	var charter negotiation.Charter
	if begin {
		charter, err = d.convene()
	} else {
		var raw []byte
		if raw, err = negotiation.CharterTemplate("demo"); err == nil {
			charter, err = negotiation.ParseCharter("demo.toml", raw)
		}
	}
	if err != nil {
		return err
	}
	for i, p := range charter.Participants {
		next, err := portAfter(address, i)
		if err != nil {
			return err
		}
		if err := d.startOne(ctx, p.Code, next, begin); err != nil {
			return err
		}
	}
	if !begin {
		return nil
	}
	if err := d.play(ctx); err != nil {
		return fmt.Errorf("laying out the sample negotiation: %w", err)
	}
	return nil
}

// convene makes the keys of all and the chair's data directory.
func (d *demo) convene() (negotiation.Charter, error) {
	raw, err := negotiation.CharterTemplate("demo")
	if err != nil {
		return negotiation.Charter{}, err
	}
	charter, err := negotiation.ParseCharter("demo.toml", raw)
	if err != nil {
		return negotiation.Charter{}, err
	}
	if err := os.MkdirAll(filepath.Join(d.root, "keys"), 0o700); err != nil {
		return charter, fmt.Errorf("making a directory for the keys: %w", err)
	}
	for _, p := range charter.Participants {
		public, err := makeKey(filepath.Join(d.root, "keys", string(p.Code)))
		if err != nil {
			return charter, err
		}
		if raw, err = charter.WithKey(p.Code, public); err != nil {
			return charter, err
		}
		if charter, err = negotiation.ParseCharter("demo.toml", raw); err != nil {
			return charter, err
		}
	}
	text, err := negotiation.CanonText("demo.md", negotiation.DemoText())
	if err != nil {
		return charter, err
	}
	s, err := newSettings(string(demoChair), d.keyFile(demoChair), "")
	if err != nil {
		return charter, err
	}
	_, err = convene(d.dirOf(demoChair), s, charter, text)
	return charter, err
}

func (d *demo) keyFile(c negotiation.Code) string {
	return filepath.Join(d.root, "keys", string(c)+".key")
}

// startOne starts one node; with begin, a guest's data directory is made first, as
// concord join would from the chair's invitation.
func (d *demo) startOne(ctx context.Context, c negotiation.Code, address string, begin bool) error {
	chair := d.dirOf(demoChair)
	secret, _, err := chair.hubSecret()
	if err != nil {
		return err
	}
	if c == demoChair {
		return d.serve(ctx, c, federation.Hub{Listen: "127.0.0.1:0", Secret: secret}, address)
	}
	id, err := chair.identity()
	if err != nil {
		return err
	}
	leaf := federation.Leaf{URL: d.nodes[0].node.link.HubURL(), Seed: secret.Seed(id.negotiation, c)}
	if begin {
		s, err := newSettings(string(c), d.keyFile(c), "")
		if err != nil {
			return err
		}
		s.Negotiation, s.Inviter, s.Hub = id.negotiation.String(), string(demoChair), leaf.URL
		if err := d.dirOf(c).create(s); err != nil {
			return err
		}
	}
	return d.serve(ctx, c, leaf, address)
}

func (d *demo) serve(ctx context.Context, c negotiation.Code, carrier federation.Carrier, address string) error {
	s, err := startNode(ctx, d.dirOf(c), carrier, address, nil, d.logger)
	if err != nil {
		return err
	}
	d.nodes = append(d.nodes, s)
	return nil
}

// portAfter returns the address with a port n higher; port 0 stays.
func portAfter(address string, n int) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("%w: %q is not an address like 127.0.0.1:8421", errUsage, address)
	}
	first, err := strconv.Atoi(port)
	if err != nil || first < 0 || first+n > 65535 {
		return "", fmt.Errorf("%w: %q is not a port", errUsage, port)
	}
	if first > 0 {
		first += n
	}
	return net.JoinHostPort(host, strconv.Itoa(first)), nil
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
		fmt.Fprintf(c.stdout, "  %-18s http://%s/sign-in?token=%s\n", p.Name+role, s.address, s.token)
	}
	last := d.nodes[len(d.nodes)-1]
	fmt.Fprintf(c.stdout, "\nThe rolling text, as JSON or Markdown:\n  curl http://%s/api/v1/text/rolling?format=markdown\n", last.address)
	fmt.Fprintf(c.stdout, "The API's tokens, to write with (Authorization: Bearer TOKEN):\n")
	for _, s := range d.nodes {
		fmt.Fprintf(c.stdout, "  %s  http://%s/api/v1  %s\n", s.node.code, s.address, s.token)
	}
	fmt.Fprintf(c.stdout, "The record, for stock git:\n  git -C %s log --all --graph --show-signature\n", d.nodes[0].node.repository.Dir())
	fmt.Fprintf(c.stdout, "\nCtrl-C ends it.\n")
}

func (d *demo) wait(ctx context.Context) error {
	failed := make(chan error, len(d.nodes))
	for _, s := range d.nodes {
		go func() { failed <- s.wait(ctx) }()
	}
	err := <-failed
	return err
}

func (d *demo) close() error {
	var errs []error
	for i := len(d.nodes) - 1; i >= 0; i-- {
		errs = append(errs, d.nodes[i].Close())
	}
	return errors.Join(errs...)
}

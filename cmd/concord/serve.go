package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"concord/api"
	"concord/federation"
)

func runServe(ctx context.Context, c *call) error {
	dir := c.flags.String("dir", "", "data `directory`")
	address := c.flags.String("http", "127.0.0.1:8420", "`address` of the pages and the API")
	hosts := c.flags.String("hosts", "", "host `names` under which browsers reach this node, separated by commas")
	listen := c.flags.String("listen", "127.0.0.1:7422", "`address` at which a convening node takes the others' connections")
	url := c.flags.String("nats", "", "`URL` of an existing NATS server to use instead of the embedded one")
	creds := c.flags.String("nats-creds", "", "NATS credentials `file` for --nats")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if err := c.need("dir"); err != nil {
		return err
	}
	d := dataDir(*dir)
	carrier, err := d.carrier(*listen)
	if err != nil {
		return err
	}
	if *url != "" {
		carrier = federation.External{URL: *url, Creds: *creds}
	}
	logger := slog.New(slog.NewTextHandler(c.stderr, nil))
	var names []string
	if *hosts != "" {
		names = strings.Split(*hosts, ",")
	}
	s, err := startNode(ctx, d, carrier, *address, names, logger)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "The node of %s is at http://%s\n", s.node.code, s.address)
	if hub := s.node.link.HubURL(); hub != "" {
		fmt.Fprintf(c.stdout, "It takes the others' connections at %s\n", hub)
	}
	fmt.Fprintf(c.stdout, "To write on it, sign in with the token in %s\nCtrl-C ends it.\n", d.file("token"))
	return errors.Join(s.wait(ctx), s.Close())
}

// carrier returns how the node in d reaches the others by default.
func (d dataDir) carrier(listen string) (federation.Carrier, error) {
	secret, isHub, err := d.hubSecret()
	if err != nil {
		return nil, err
	}
	if isHub {
		return federation.Hub{Listen: listen, Secret: secret}, nil
	}
	id, err := d.identity()
	if err != nil {
		return nil, err
	}
	seed, err := os.ReadFile(d.file("hub.seed"))
	if err != nil {
		return nil, fmt.Errorf("reading the credentials at the hub: %w", err)
	}
	return federation.Leaf{URL: id.hub, Seed: strings.TrimSpace(string(seed))}, nil
}

// A servedNode is a node with its pages up.
type servedNode struct {
	dir     dataDir
	node    *node
	web     *api.Server
	http    *http.Server
	address string     // of the pages, host:port
	token   string     // to write with
	failed  chan error // what ended the pages before they were closed
}

// startNode opens a node and serves its pages at an address; port 0 takes a free one.
func startNode(ctx context.Context, d dataDir, carrier federation.Carrier, address string, hosts []string, logger *slog.Logger) (*servedNode, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port busy: another program listens at %s; choose another with --http", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listening at %s: %w", address, err)
	}
	s := &servedNode{dir: d, address: listener.Addr().String(), failed: make(chan error, 1)}
	if s.node, err = openNode(ctx, d, carrier, logger); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	if err := s.serve(listener, hosts, logger); err != nil {
		return nil, errors.Join(err, listener.Close(), s.node.Close())
	}
	return s, nil
}

func (s *servedNode) serve(listener net.Listener, hosts []string, logger *slog.Logger) error {
	var err error
	if s.token, err = s.dir.token(); err != nil {
		return err
	}
	s.web, err = api.New(api.Config{
		Node: s.node, Participant: s.node.code, Token: s.token, Hosts: hosts, Logger: logger,
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.dir.file("address"), []byte("http://"+s.address+"\n"), 0o600); err != nil {
		return fmt.Errorf("noting the address: %w", err)
	}
	s.http = &http.Server{
		Handler:           s.web,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second, // event streams lift it for themselves
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
		close(s.failed)
	}()
	return nil
}

// wait returns when ctx is done, or with what ended the pages before.
func (s *servedNode) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// Close ends the pages, then the node. Requests under way have five seconds.
func (s *servedNode) Close() error {
	s.web.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	for range s.failed {
	}
	return errors.Join(err, s.node.Close(), os.Remove(s.dir.file("address")))
}

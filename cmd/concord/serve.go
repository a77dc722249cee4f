package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"concord/api"
	"concord/federation"
)

func runServe(ctx context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory`")
	address := c.flags.String("http", "127.0.0.1:8420", "`address` of the pages and the API")
	hosts := c.flags.String("hosts", "", "host `names` under which browsers reach this node, separated by commas")
	way := wayFlags(c)
	source := c.passphrases()
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	d, err := c.dir()
	if err != nil {
		return err
	}
	carrier, err := way.carrier(c, d)
	if err != nil {
		return err
	}
	if err := checkCarrier(carrier); err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(c.stderr, nil))
	var names []string
	if *hosts != "" {
		names = strings.Split(*hosts, ",")
	}
	key, err := d.signer(ctx, source)
	if err != nil {
		return err
	}
	listener, err := listen(*address)
	if err != nil {
		return err
	}
	s, err := startNode(ctx, d, key, carrier, startPatience, listener, names, logger)
	_, isHub := carrier.(federation.Hub)
	if at := (*net.OpError)(nil); errors.Is(err, federation.ErrPortBusy) || errors.As(err, &at) && isHub {
		return listenRefusal(err, *way.listen, "--listen")
	}
	if err != nil {
		return err
	}
	s.greet(c.stdout)
	return errors.Join(s.wait(ctx), s.Close())
}

// wayWords are the flags of concord serve about the way to the others.
type wayWords struct {
	listen, server, creds, seed, authority *string
	hub                                    hubWords
	cache                                  *int64
}

func wayFlags(c *call) wayWords {
	return wayWords{
		listen:    c.flags.String("listen", "127.0.0.1:7422", "`address` at which a convening node takes the others' connections"),
		server:    c.flags.String("nats", "", "`URL` of an existing NATS server to use instead of the embedded one"),
		creds:     c.flags.String("nats-creds", "", "NATS credentials `file` for --nats"),
		seed:      c.flags.String("nats-seed", "", "`file` with an nkey user seed for --nats"),
		authority: c.flags.String("nats-ca", "", "PEM `file` with the authority that the certificate of --nats is from (default: the system's)"),
		hub:       hubFlags(c),
		cache:     cacheFlag(c),
	}
}

// carrier returns how the node in d reaches the others, by the flags or by default.
// Flags that have no meaning there are errors.
func (w wayWords) carrier(c *call, d dataDir) (federation.Carrier, error) {
	carrier, err := d.carrier(*w.listen)
	if err != nil {
		return nil, err
	}
	hub, isHub := carrier.(federation.Hub)
	for _, name := range []string{"nats-creds", "nats-seed", "nats-ca"} {
		if c.given(name) && *w.server == "" {
			return nil, fmt.Errorf("%w: --%s goes with --nats only", errUsage, name)
		}
	}
	for _, name := range []string{"listen", "tls-cert", "tls-key", "cache"} {
		switch {
		case c.given(name) && *w.server != "":
			return nil, fmt.Errorf("%w: --%s has no meaning with --nats: the others connect to that server", errUsage, name)
		case c.given(name) && !isHub:
			return nil, fmt.Errorf("%w: --%s is for the convening node; this one connects to it", errUsage, name)
		}
	}
	switch {
	case *w.server != "":
		return external(*w.server, *w.creds, *w.seed, *w.authority)
	case isHub:
		return w.hub.complete(hub, d, *w.cache)
	}
	return carrier, nil
}

// checkCarrier says what is wrong with what the words of the command, or the data
// directory, say of the way to the others.
func checkCarrier(carrier federation.Carrier) error {
	err := carrier.Check()
	if path := (*fs.PathError)(nil); err == nil || errors.As(err, &path) {
		return err
	}
	if _, invited := carrier.(federation.Leaves); invited {
		return refuse(askTheChair, "%v", err)
	}
	return fmt.Errorf("%w: %w", errUsage, err)
}

// carrier returns how the node in d reaches the others by default. A convening node
// is the hub; one that has hubs to join joins them, whether it has made one or not.
func (d dataDir) carrier(listen string) (federation.Carrier, error) {
	if _, err := d.settings(); err != nil {
		return nil, err
	}
	leaves, err := d.leaves()
	if err != nil || len(leaves) > 0 {
		return leaves, err
	}
	secret, isHub, err := d.hubSecret()
	if err != nil {
		return nil, err
	}
	if !isHub {
		return nil, refuse("Put it back, or set the node up anew from its invitation.", "%s is not there: where the hub is, is not known", d.file(hubsFile))
	}
	return federation.Hub{Listen: listen, Secret: secret}, nil
}

// A servedNode is a node with its pages up.
type servedNode struct {
	dir     dataDir
	node    *node
	web     *api.Server
	http    *http.Server
	address string     // of the pages, host:port
	token   secret     // to write with
	failed  chan error // what ended the pages before they were closed
}

// startNode opens a node and serves its pages at a listener, which it closes when
// it fails.
func startNode(ctx context.Context, d dataDir, key crypto.Signer, carrier federation.Carrier, patience time.Duration, listener net.Listener, hosts []string, logger *slog.Logger) (s *servedNode, err error) {
	s = &servedNode{dir: d, address: reachable(listener.Addr().String()), failed: make(chan error, 1)}
	if s.node, err = openNode(ctx, d, key, carrier, patience, logger); err != nil {
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
		Node: s.node, Delivery: s.node.Delivery, Git: s.node.repository, Participant: s.node.code, Observer: s.node.observer, Token: s.token.reveal(), Hosts: hosts, Logger: logger,
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

// greet tells where the node is, and how to write on it.
func (s *servedNode) greet(w io.Writer) {
	fmt.Fprintf(w, "%s is at http://%s\n", s.node.title(), s.address)
	if hub := s.node.link.HubURL(); hub != "" {
		fmt.Fprintf(w, "It takes the others' connections at %s\n", forOthers(hub))
	}
	to := "To write on it"
	if s.node.observes() {
		to = "It is a read-only replica. To read what is not public"
	}
	fmt.Fprintf(w, "%s, sign in with the token in %s\nCtrl-C ends it.\n", to, s.dir.file("token"))
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

// closeGrace is how long requests under way have when a node is closed. What comes
// to the repository after it is refused, not half done.
const closeGrace = time.Second

// Close ends the pages, then the node.
func (s *servedNode) Close() error {
	s.web.Close()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	for range s.failed {
	}
	return errors.Join(err, s.node.Close(), os.Remove(s.dir.file("address")))
}

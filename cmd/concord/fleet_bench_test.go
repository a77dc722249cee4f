package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"concord/federation"
	"concord/negotiation"
)

// A fleet is the nodes of many states in one process, as concord serve runs them: each
// with its repository on disk and its NATS server, and all but the first a leaf of the
// first, over TLS.
type fleet struct {
	testing.TB
	root  string
	nodes []*servedNode // the chair's first
	via   func(hubURL string) string
}

// fleetCodes are the codes of n states; the first has the chair.
func fleetCodes(n int) (codes []negotiation.Code) {
	for i := range n {
		codes = append(codes, negotiation.Code([]byte{'X', 'A' + byte(i/26), 'A' + byte(i%26)}))
	}
	return codes
}

// fleetText has as many paragraphs as the statements of such conferences.
func fleetText(tb testing.TB) negotiation.Text {
	tb.Helper()
	text := "# A statement\n\n*Mindful* of threats,\n\n"
	for i := range 60 {
		text += fmt.Sprintf("1. States shall cooperate in matter %d, in good faith and with all means that they have, and report on it every year.\n\n", i)
	}
	canon, err := negotiation.CanonText("statement.md", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return canon
}

// newFleet starts the nodes of n states, and returns when all have joined, acknowledged
// the zero draft and heard of it from all.
func newFleet(tb testing.TB, n int) *fleet {
	tb.Helper()
	f := &fleet{TB: tb, root: tb.TempDir()}
	codes := fleetCodes(n)
	f.convene(codes)
	f.startHub(codes[0])
	for _, c := range codes[1:] {
		f.join(c, nil)
	}
	f.settle()
	return f
}

func (f *fleet) dirOf(c negotiation.Code) dataDir { return dataDir(filepath.Join(f.root, string(c))) }

// convene makes the chair's data directory.
func (f *fleet) convene(codes []negotiation.Code) {
	f.Helper()
	raw := fmt.Sprintf("title = \"A statement\"\nchair = %q\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n", codes[0])
	for _, c := range codes {
		raw += fmt.Sprintf("[[participant]]\ncode = %q\nname = \"State %s\"\nkey = %q\n", c, c, publicOf(c))
	}
	charter, err := negotiation.ParseCharter("charter.toml", []byte(raw))
	if err != nil {
		f.Fatal(err)
	}
	if _, err := convene(f.dirOf(codes[0]), settings{Participant: string(codes[0]), Key: "env:UNUSED"}, keyOf(codes[0]), charter, fleetText(f)); err != nil {
		f.Fatal(err)
	}
}

func (f *fleet) startHub(chair negotiation.Code) {
	f.Helper()
	d := f.dirOf(chair)
	secret, _, err := d.hubSecret()
	if err != nil {
		f.Fatal(err)
	}
	hub := federation.Hub{Listen: "127.0.0.1:0", Secret: secret, Cache: federation.Cache{Dir: d.file("cache"), Bytes: defaultCache << 20}}
	if hub.Certificate, err = d.certificate(); err != nil {
		f.Fatal(err)
	}
	f.start(chair, hub)
}

// join makes the data directory of a state that has been invited, with what is to be in
// it from the beginning, and starts its node.
func (f *fleet) join(c negotiation.Code, begin func(dataDir)) *servedNode {
	f.Helper()
	chair := f.nodes[0]
	secret, _, err := chair.dir.hubSecret()
	if err != nil {
		f.Fatal(err)
	}
	id := chair.node.identity
	leaf := federation.Leaf{URL: chair.node.link.HubURL(), Seed: secret.Seed(id.negotiation, c)}
	if f.via != nil {
		leaf.URL = f.via(leaf.URL)
	}
	s := settings{Participant: string(c), Key: "env:UNUSED", Negotiation: id.negotiation.String(), Inviter: string(id.code)}
	err = f.dirOf(c).create(func(staged dataDir) error {
		return errors.Join(staged.join(federation.Leaves{leaf}), staged.settle(s))
	})
	if err != nil {
		f.Fatal(err)
	}
	if begin != nil {
		begin(f.dirOf(c))
	}
	return f.start(c, federation.Leaves{leaf})
}

func (f *fleet) start(c negotiation.Code, carrier federation.Carrier) *servedNode {
	f.Helper()
	listener, err := listen("127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	s, err := startNode(f.Context(), f.dirOf(c), keyOf(c), carrier, startPatience, listener, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	f.nodes = append(f.nodes, s)
	f.Cleanup(func() { f.close(s) })
	return s
}

// leave ends a node for good.
func (f *fleet) leave(s *servedNode) {
	f.Helper()
	f.close(s)
	if err := os.RemoveAll(string(s.dir)); err != nil {
		f.Fatal(err)
	}
}

// close ends a node, unless that has happened.
func (f *fleet) close(s *servedNode) {
	f.Helper()
	i := slices.Index(f.nodes, s)
	if i < 0 {
		return
	}
	f.nodes = slices.Delete(f.nodes, i, i+1)
	if err := s.Close(); err != nil {
		f.Error(err)
	}
}

// fleetPatience is after how long a fleet that does not come to what it should is given
// up.
const fleetPatience = 10 * time.Minute

// await returns when the state of a node is as it should be.
func (f *fleet) await(s *servedNode, satisfied func(*negotiation.State) bool) error {
	ctx, cancel := context.WithTimeout(f.Context(), fleetPatience)
	defer cancel()
	for {
		changed := s.node.Changed()
		if satisfied(s.node.State()) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s does not come to what it should", s.node.code)
		}
	}
}

// awaitAll returns when the states of all nodes are as they should be.
func (f *fleet) awaitAll(satisfied func(*negotiation.State) bool) {
	f.Helper()
	var waiting sync.WaitGroup
	errs := make([]error, len(f.nodes))
	for i, s := range f.nodes {
		waiting.Go(func() { errs[i] = f.await(s, satisfied) })
	}
	waiting.Wait()
	if err := errors.Join(errs...); err != nil {
		f.Fatal(err)
	}
}

// settle returns when all nodes have joined and acknowledged the zero draft, and know
// that of all.
func (f *fleet) settle() {
	f.Helper()
	f.awaitAll(func(s *negotiation.State) bool {
		return len(s.Joined) == len(f.nodes) && len(s.Receipts) == len(f.nodes)-1
	})
}

// reaches reports whether a state has a chain up to a place.
func reaches(s *negotiation.State, chain negotiation.Chain, place uint64) bool {
	return slices.ContainsFunc(s.Heads, func(h negotiation.Head) bool { return h.Chain == chain && h.Sequence >= place })
}

// quantile returns the least of durations that a part of them does not exceed.
func quantile(times []time.Duration, part float64) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

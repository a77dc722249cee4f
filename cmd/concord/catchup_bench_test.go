package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

var catchUpActs = flag.Int("catch-up", 10_000, "how many acts BenchmarkCatchUp has a node fetch")

// BenchmarkCatchUp measures how long a node that joins late takes from its start until it
// holds, and shows, 10,000 acts of eight states, whose nodes all run; against the time
// that it takes to verify and store the same acts, in one piece, from a file.
func BenchmarkCatchUp(b *testing.B) {
	f := &fleet{TB: b, root: b.TempDir()}
	codes := fleetCodes(9)
	here, late := codes[:8], codes[8]
	f.convene(codes)
	bundle := filepath.Join(f.root, "bundle")
	f.negotiate(here, *catchUpActs, bundle)
	f.startHub(here[0])
	for _, c := range here[1:] {
		f.join(c, func(d dataDir) { f.imports(d, bundle) })
	}
	heads := f.nodes[0].node.State().Heads
	f.awaitAll(func(s *negotiation.State) bool { return covers(s, heads) })
	var storing, joining time.Duration
	for b.Loop() {
		quiesce(b)
		begin := time.Now()
		f.imports(dataDir(b.TempDir()), bundle)
		storing += time.Since(begin)

		quiesce(b)
		begin = time.Now()
		s := f.join(late, nil)
		if err := f.await(s, func(s *negotiation.State) bool { return covers(s, heads) }); err != nil {
			b.Fatal(err)
		}
		joining += time.Since(begin)
		f.leave(s)
	}
	n := time.Duration(b.N)
	b.ReportMetric((storing / n).Seconds(), "s-storing")
	b.ReportMetric((joining / n).Seconds(), "s-joining")
	b.ReportMetric(float64(joining)/float64(storing), "joining/storing")
	b.ReportMetric(0, "ns/op") // which says nothing: it has both in it
}

// covers reports whether a state has all that leads to heads.
func covers(s *negotiation.State, heads []negotiation.Head) bool {
	return !slices.ContainsFunc(heads, func(h negotiation.Head) bool { return !reaches(s, h.Chain, h.Sequence) })
}

// negotiate has states act in turn, in the chair's repository, until there are so many
// acts, and writes them to a bundle: positions, and one in twenty a proposal.
func (f *fleet) negotiate(codes []negotiation.Code, acts int, bundle string) {
	f.Helper()
	r, err := drafts.Open(f.dirOf(codes[0]).repository(), negotiation.ActID{})
	if err != nil {
		f.Fatal(err)
	}
	first := r.State().Current()
	act := func(c negotiation.Code, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) {
		if _, _, err := r.Sign(c, keyOf(c), time.Now(), compose); err != nil {
			f.Fatal(err)
		}
	}
	for _, c := range codes[1:] {
		act(c, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(c), "") })
		act(c, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Receive(first.Act) })
	}
	for i := 2 * len(codes); i < acts; i++ {
		c := codes[i%len(codes)]
		act(c, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			proposals := d.State().Proposals
			if i%20 > 0 && len(proposals) > 0 {
				return d.PositionOnProposal(proposals[i%len(proposals)].ID, negotiation.For, "")
			}
			changed, err := negotiation.CanonText("statement.md", []byte(strings.Replace(string(first.Text.Bytes()), fmt.Sprintf("matter %d,", i%60), fmt.Sprintf("matter %d of %d,", i%60, i), 1)))
			if err != nil {
				return negotiation.Unsigned{}, err
			}
			return d.Propose(negotiation.Wording{Headline: "Another wording", Base: 1, Text: changed})
		})
	}
	if err := r.Close(); err != nil {
		f.Fatal(err)
	}
	if _, err := drafts.Export(f.Context(), r.Dir(), drafts.Basis{}, bundle); err != nil {
		f.Fatal(err)
	}
}

// imports makes the repository of a data directory with what a bundle has.
func (f *fleet) imports(d dataDir, bundle string) {
	f.Helper()
	r, err := d.open(negotiation.ActID{})
	if err != nil {
		f.Fatal(err)
	}
	report, err := r.Import(f.Context(), bundle)
	if err == nil {
		err = r.Vouch()
	}
	for _, c := range report {
		if c.Err != nil {
			f.Fatal(c.Err)
		}
	}
	r.State()
	if err := errors.Join(err, r.Close()); err != nil {
		f.Fatal(err)
	}
}

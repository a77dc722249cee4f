package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"concord/negotiation"
)

// A wire is where the leaves of a fleet reach its hub, and counts the bytes that pass in
// both directions, with all that TLS adds.
type wire struct {
	bytes   atomic.Int64
	running sync.WaitGroup
}

// to returns an address from which everything goes on to another.
func (w *wire) to(tb testing.TB, address string) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	w.running.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil {
				near.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
				w.running.Go(func() {
					io.Copy(way[0], io.TeeReader(way[1], w)) // until one of them hangs up
					near.Close()
					far.Close()
				})
			}
		}
	})
	tb.Cleanup(func() {
		l.Close()
		w.running.Wait()
	})
	return l.Addr().String()
}

func (w *wire) Write(p []byte) (int, error) {
	w.bytes.Add(int64(len(p)))
	return len(p), nil
}

// newWiredFleet starts the nodes of n states that have joined before, and reach the hub
// over a wire.
func newWiredFleet(tb testing.TB, n int) (*fleet, *wire) {
	tb.Helper()
	w, near := new(wire), ""
	f := &fleet{TB: tb, root: tb.TempDir()}
	f.via = func(hub string) string {
		u, err := url.Parse(hub)
		if err != nil {
			tb.Fatal(err)
		}
		if near == "" {
			near = w.to(tb, u.Host)
		}
		u.Host = near
		return u.String()
	}
	codes := fleetCodes(n)
	f.convene(codes)
	bundle := filepath.Join(f.root, "bundle")
	f.negotiate(codes, 0, bundle)
	f.startHub(codes[0])
	for _, c := range codes[1:] {
		f.join(c, func(d dataDir) { f.imports(d, bundle) })
	}
	f.settle()
	return f, w
}

// burst has all nodes act as fast as they can until there are so many acts, and returns
// when all hold all: how many bytes the acts have, each once.
func (f *fleet) burst(acts int) (size int) {
	f.Helper()
	begin := map[negotiation.Chain]uint64{}
	for _, h := range f.nodes[0].node.State().Heads {
		begin[h.Chain] = h.Sequence
	}
	var acting sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(acts))
	errs := make([]error, len(f.nodes))
	for i, s := range f.nodes {
		acting.Go(func() {
			for n := left.Add(-1); n >= 0 && errs[i] == nil; n = left.Add(-1) {
				_, errs[i] = s.node.Act(f.Context(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
					return d.PositionOnParagraph(1, 1+uint64(n)%60, negotiation.For, "")
				})
			}
		})
	}
	acting.Wait()
	if err := errors.Join(errs...); err != nil {
		f.Fatal(err)
	}
	var heads []negotiation.Head
	for _, s := range f.nodes {
		for _, h := range s.node.repository.Heads() {
			if h.Chain != negotiation.RecordOf(s.node.code) {
				continue
			}
			heads = append(heads, h)
			message, err := s.node.repository.Acts(f.Context(), h.Chain, begin[h.Chain]+1, negotiation.ActID{})
			if err != nil {
				f.Fatal(err)
			}
			size += len(message)
		}
	}
	f.awaitAll(func(s *negotiation.State) bool { return covers(s, heads) })
	return size
}

// BenchmarkBurst has 1,000 acts of all be made at once by 28 nodes and by 193, and
// measures after how long all hold them, and how many bytes pass for each of them to each
// node.
func BenchmarkBurst(b *testing.B) {
	const acts = 1000
	for _, n := range []int{28, 193} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			began := time.Now()
			f, w := newWiredFleet(b, n)
			b.ReportMetric(time.Since(began).Seconds(), "s-start")
			size, passed := 0, int64(0)
			for b.Loop() {
				before := w.bytes.Load()
				size += f.burst(acts)
				passed += w.bytes.Load() - before
			}
			made := float64(acts * b.N)
			b.ReportMetric(float64(size)/made, "B-act")
			b.ReportMetric(float64(passed)/made/float64(n), "B-wire/act/node")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s-burst")
		})
	}
}

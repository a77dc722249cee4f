package drafts

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"concord/negotiation"
)

// positions has authors take n positions together, each one after the other, and
// returns the acts per second.
func positions(b *testing.B, r *Repository, authors, n int) float64 {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	start := time.Now()
	var running sync.WaitGroup
	for range authors {
		running.Go(func() {
			for left.Add(-1) >= 0 {
				_, _, err := r.Sign(borealia, keyOf(borealia), time.Now(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
					return d.PositionOnParagraph(2, 3, negotiation.For, "")
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	running.Wait()
	return float64(n) / time.Since(start).Seconds()
}

// BenchmarkAuthors compares eight authors who act at once with one alone. The turns
// alternate, so that what else the machine does falls on both.
func BenchmarkAuthors(b *testing.B) {
	var one, eight float64
	for b.Loop() {
		r, _ := played(b)
		one += positions(b, r, 1, 40)
		eight += positions(b, r, 8, 160)
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	n := float64(b.N)
	b.ReportMetric(one/n, "acts/s-of-1")
	b.ReportMetric(eight/n, "acts/s-of-8")
	b.ReportMetric(eight/one, "ratio")
}

// BenchmarkAcknowledge compares an act with the bare cost of making as many files
// durable as it needs: an object, the marks and a ref, each with its directory.
func BenchmarkAcknowledge(b *testing.B) {
	r, _ := played(b)
	dir := b.TempDir()
	var acts, bare time.Duration
	n := 0
	for b.Loop() {
		start := time.Now()
		positions(b, r, 1, 10)
		acts += time.Since(start)
		start = time.Now()
		for range 10 {
			for i := range 3 {
				n++
				fsynced(b, dir, fmt.Sprint(i, "-", n))
			}
		}
		bare += time.Since(start)
	}
	b.ReportMetric(float64(acts)/float64(10*b.N), "ns/act")
	b.ReportMetric(float64(bare)/float64(10*b.N), "ns/bare")
	b.ReportMetric(float64(acts)/float64(bare), "ratio")
}

// fsynced writes a file as durably as can be, with no more than it takes.
func fsynced(b *testing.B, dir, name string) {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "tmp"))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := f.Write(make([]byte, 500)); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "tmp"), filepath.Join(dir, name)); err != nil {
		b.Fatal(err)
	}
	if err := syncDir(dir); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpen opens a record of 10,000 acts and computes its state, and measures the
// memory that it takes meanwhile and holds then.
func BenchmarkOpen(b *testing.B) {
	dir, name := generated(b, 10000)
	before := heap(true)
	var peak, held uint64
	for b.Loop() {
		done := make(chan struct{})
		var watching sync.WaitGroup
		watching.Go(func() {
			tick := time.NewTicker(2 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-done:
					return
				case <-tick.C:
					peak = max(peak, heap(false))
				}
			}
		})
		r, err := Open(dir, name)
		if err != nil {
			b.Fatal(err)
		}
		r.State()
		close(done)
		watching.Wait()
		held = heap(true)
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(held-before)/(1<<20), "MB-held")
	b.ReportMetric(float64(peak-before)/(1<<20), "MB-peak")
}

// heap returns the bytes of the objects on the heap, garbage included unless it is
// collected first.
func heap(collect bool) uint64 {
	if collect {
		runtime.GC()
	}
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// BenchmarkFold computes the state of 1,000 and of 10,000 acts.
func BenchmarkFold(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir, name := generated(b, n)
			r := open(b, dir, name)
			for b.Loop() {
				negotiation.Fold(r.ledger)
			}
		})
	}
}

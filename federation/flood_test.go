package federation

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// floods are what a state's node can send without end, a message at a time.
func floods(t testing.TB) map[string]func(*nats.Conn) error {
	t.Helper()
	subjects := subjectsOf(testNegotiation)
	own, n := newMemory(), 0
	request, err := FormatRequest(Request{testNegotiation, record("XBO"), 1, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	large := make([]byte, MaxActs)
	return map[string]func(*nats.Conn) error{
		"acts that count": func(nc *nats.Conn) error {
			n++
			return nc.Publish(subjects.acts("XDE"), own.write(record("XDE"), fmt.Sprint("act-", n)))
		},
		"acts that are forged": func(nc *nats.Conn) error {
			n++
			return nc.Publish(subjects.acts("XDE"), fmt.Appendf(nil, "record/XDE %d %032d forged\n", n+1, n))
		},
		"acts that follow nothing": func(nc *nats.Conn) error {
			n++
			return nc.Publish(subjects.acts("XDE"), fmt.Appendf(nil, "record/XDE %d %032d gap\n", n+1, n))
		},
		"large messages": func(nc *nats.Conn) error { return nc.Publish(subjects.acts("XDE"), large) },
		"heads": func(nc *nats.Conn) error {
			n++
			return nc.Publish(subjects.heads("XDE"), toldBy(t, "XDE", func(h *Heads) {
				h.Tips = []negotiation.Head{headOf(record("XDE"), uint64(n), fmt.Sprint(n))}
			}))
		},
		"questions": func(nc *nats.Conn) error {
			for _, code := range testCodes[:3] {
				if err := nc.PublishRequest(subjects.fetch(code), nats.NewInbox(), request); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// While a state's node floods without end, what another does is stored by a third, and
// nobody keeps more of the flood than is said.
func TestFloodOnTheLine(t *testing.T) {
	for name, send := range floods(t) {
		t.Run(name, func(t *testing.T) {
			h, _ := keeping(t)
			cfg, _ := testConfig("XAU", h)
			hub := open(t, cfg)
			cfg, authorStore := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
			author := open(t, cfg)
			cfg, readerStore := testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
			reader := open(t, cfg)
			nc := intruders(t, hub, testSecret.Seed(testNegotiation, "XDE"))["leaf"]
			sent, stop := flood(t, nc, send)
			defer stop()
			eventually(t, "there is a flood", func() bool { return sent.Load() > 50 })
			for n := range 10 {
				before := sent.Load()
				announce(t, author, authorStore.write(record("XBO"), fmt.Sprint("act-", n)))
				eventually(t, "what another does is stored", func() bool {
					return readerStore.line(record("XBO")) == authorStore.line(record("XBO"))
				})
				eventually(t, "the flood goes on", func() bool { return sent.Load() > before })
				for _, link := range []*Link{hub, author, reader} {
					checkBounds(t, link)
				}
			}
			if n := peerOf(reader, "XBO").Faults; n > 0 {
				t.Errorf("another is blamed for %d faults", n)
			}
		})
	}
}

// What a node does not listen to, its hub does not send it; and when the flood is over, its
// author is heard again.
func TestFloodIsNotSentOn(t *testing.T) {
	hub := open(t, func() Config { cfg, _ := testConfig("XAU", testHub()); return cfg }())
	cfg, readerStore := testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
	reader := open(t, cfg)
	received := func() int64 {
		leaves, err := reader.transport.(leaf).server.Leafz(nil)
		if err != nil || len(leaves.Leafs) != 1 {
			return 0
		}
		return leaves.Leafs[0].InMsgs
	}
	nc := intruders(t, hub, testSecret.Seed(testNegotiation, "XDE"))["leaf"]
	for name, many := range map[string]int64{"acts that are forged": 20_000, "heads": 2_000} { // heads take longer to make
		sent, stop := flood(t, nc, floods(t)[name])
		eventually(t, "of the flood of "+name+" a hundredth arrives", func() bool {
			atReader, atFlooder := received(), sent.Load()
			for sent.Load() < atFlooder+many {
				runtime.Gosched()
			}
			return received()-atReader < many/100
		})
		stop()
	}
	cfg, store := testConfig("XDE", testLeaf(hub.HubURL(), "XDE"))
	repentant := open(t, cfg)
	eventually(t, "its author is heard again", func() bool {
		announce(t, repentant, store.write(record("XDE"), "good"))
		return readerStore.held(record("XDE")) > 0
	})
}

// flood sends until it is stopped, and counts.
func flood(t testing.TB, nc *nats.Conn, send func(*nats.Conn) error) (sent *atomic.Int64, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	sent, ended := new(atomic.Int64), make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			err := send(nc)
			if sent.Add(1)%16 == 0 && err == nil {
				err = nc.Flush() // to the flooder's own server
			}
			if err != nil && ctx.Err() == nil {
				t.Errorf("flooding: %v", err)
				return
			}
		}
	}()
	return sent, func() { cancel(); <-ended }
}

// checkBounds demands that a link keeps no more of any peer than the package doc says.
func checkBounds(t *testing.T, link *Link) {
	t.Helper()
	link.mu.Lock()
	defer link.mu.Unlock()
	for _, p := range link.core.peers {
		if len(p.queue) > peerQueue || p.queued > peerBytes || len(p.parked) > mostParked || p.parkedSize > parkedBytes || len(p.patience) > 4*maxChains+2 {
			t.Errorf("of %s %d messages of %d bytes wait, %d of %d bytes are parked, and there is patience with %d tips",
				p.code, len(p.queue), p.queued, len(p.parked), p.parkedSize, len(p.patience))
		}
	}
}

// BenchmarkUnderFlood takes the time from an act of one node until a third has stored it,
// while a fourth floods, with a hub in between, all in one process.
func BenchmarkUnderFlood(b *testing.B) {
	kinds := floods(b)
	kinds["nothing"] = nil
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			cfg, _ := testConfig("XAU", testHub())
			cfg.HeadsEvery = defaultHeadsEvery
			hub := open(b, cfg)
			cfg, authorStore := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
			author := open(b, cfg)
			cfg, readerStore := testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
			reader := open(b, cfg)
			eventually(b, "they hear one another", func() bool { return peerOf(reader, "XBO").Connected && peerOf(author, "XCA").Connected })
			if kinds[name] != nil {
				sent, stop := flood(b, intruders(b, hub, testSecret.Seed(testNegotiation, "XDE"))["leaf"], kinds[name])
				defer stop()
				eventually(b, "there is a flood", func() bool { return sent.Load() > 50 })
			}
			arrived := make(chan struct{}, 1<<20)
			readerStore.mu.Lock()
			readerStore.heard = arrived
			readerStore.mu.Unlock()
			var times []time.Duration
			for n := 0; b.Loop(); n++ {
				begin := time.Now()
				announce(b, author, authorStore.write(record("XBO"), fmt.Sprint("act-", n)))
				for readerStore.held(record("XBO")) <= n {
					<-arrived
				}
				times = append(times, time.Since(begin))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms/median")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms/p99")
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			b.ReportMetric(float64(memory.HeapInuse>>20), "MiB-heap")
		})
	}
}

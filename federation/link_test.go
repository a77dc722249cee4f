package federation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"concord/negotiation"
)

var (
	testNegotiation = negotiation.ActID{0x1f, 0x2e, 0x3d, 0x4c, 0x5b, 0x6a, 0x79, 0x88}
	testSecret      = HubSecret{7}
	testCodes       = []negotiation.Code{"XAU", "XBO", "XCA", "XDE"}
)

// testConfig is a node among testCodes, with its store.
func testConfig(code negotiation.Code, carrier Carrier) (Config, *memory) {
	store := newMemory()
	return Config{
		Negotiation:  testNegotiation,
		Code:         code,
		Participants: func() []negotiation.Code { return testCodes },
		Store:        store,
		Sign:         func(message []byte) ([]byte, error) { return seal(code, message), nil },
		Verify:       unseal,
		Carrier:      carrier,
		HeadsEvery:   200 * time.Millisecond,
		FetchTimeout: time.Second,
	}, store
}

func testHub() Hub { return Hub{Listen: "127.0.0.1:0", Secret: testSecret} }

func testLeaf(url string, code negotiation.Code) Leaf {
	return Leaf{URL: url, Seed: testSecret.Seed(testNegotiation, code)}
}

func open(t testing.TB, cfg Config) *Link {
	t.Helper()
	link, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(link.Close)
	return link
}

// eventually waits for a promise to be kept, and fails with it after 20 s.
func eventually(t testing.TB, promise string, kept func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !kept() {
		select {
		case <-deadline.C:
			t.Fatalf("not within 20 s: %s", promise)
		case <-again.C:
		}
	}
}

func announce(t testing.TB, link *Link, message []byte) {
	t.Helper()
	if err := link.Announce(t.Context(), message); err != nil {
		t.Fatal(err)
	}
}

func record(code negotiation.Code) negotiation.Chain { return negotiation.RecordOf(code) }

// federate opens a hub at XAU and leaves at the other testCodes.
func federate(t testing.TB) (links []*Link, stores []*memory) {
	t.Helper()
	cfg, store := testConfig("XAU", testHub())
	links, stores = []*Link{open(t, cfg)}, []*memory{store}
	for _, code := range testCodes[1:] {
		cfg, store := testConfig(code, testLeaf(links[0].HubURL(), code))
		links, stores = append(links, open(t, cfg)), append(stores, store)
	}
	for _, link := range links {
		eventually(t, "everybody hears everybody", func() bool {
			for _, peer := range link.Peers() {
				if !peer.Connected {
					return false
				}
			}
			return len(link.Peers()) == len(testCodes)-1
		})
	}
	return links, stores
}

func same(stores ...*memory) func() bool {
	return func() bool {
		for _, store := range stores[1:] {
			if store.state() != stores[0].state() {
				return false
			}
		}
		return true
	}
}

func TestNodesConverge(t *testing.T) {
	links, stores := federate(t)
	for round := range 10 {
		for i, link := range links {
			cited := testCodes[(i+1)%len(testCodes)]
			cites := stores[i].at(record(cited), stores[i].held(record(cited)))
			announce(t, link, stores[i].write(record(testCodes[i]), fmt.Sprint("act-", round), cites...))
		}
	}
	announce(t, links[0], stores[0].write(negotiation.TextChain, "revision"))
	eventually(t, "all nodes hold all acts", func() bool {
		return same(stores...)() && stores[0].held(record("XDE")) == 10 && stores[3].held(negotiation.TextChain) == 1
	})
	for _, link := range links {
		eventually(t, "peers are seen to be level", func() bool {
			for _, peer := range link.Peers() {
				if peer.Behind != 0 || peer.Ahead != 0 || peer.Faults != 0 || len(peer.Heads) != 5 {
					return false
				}
			}
			return true
		})
	}
}

// A node that holds nothing knows only whom its invitation names, and no key.
func TestLateJoinerCatchesUpFromNothing(t *testing.T) {
	links, stores := federate(t)
	stores[0].write(negotiation.TextChain, "charter")
	for i, code := range testCodes[:3] {
		stores[i].write(record(code), "joins", stores[0].at(negotiation.TextChain, 1)...)
		for n := range 20 {
			stores[i].write(record(code), fmt.Sprint("act-", n))
		}
	}
	for n := range 20 { // acts of the text and of a record cite one another
		proposal := stores[1].at(record("XBO"), n+2)
		stores[0].Receive(t.Context(), []byte(stores[1].state()))
		stores[0].write(negotiation.TextChain, "revision", proposal...)
		stores[0].write(record("XAU"), "act", stores[0].at(negotiation.TextChain, n+2)...)
	}
	eventually(t, "the first three hold the same", same(stores[:3]...))
	links[3].Close()

	cfg, late := testConfig("XDE", testLeaf(links[0].HubURL(), "XDE"))
	cfg.Participants = func() []negotiation.Code {
		if late.held(negotiation.TextChain) == 0 {
			return []negotiation.Code{"XAU"}
		}
		return testCodes
	}
	cfg.Verify = func(code negotiation.Code, message, signature []byte) error {
		if late.held(negotiation.TextChain) == 0 || late.held(record(code)) == 0 {
			return negotiation.ErrNotParticipant
		}
		return unseal(code, message, signature)
	}
	for _, store := range stores {
		store.mu.Lock()
		store.batch = 7
		store.mu.Unlock()
	}
	link := open(t, cfg)
	eventually(t, "the late node holds what the others hold", same(stores[0], late))
	announce(t, link, late.write(record("XDE"), "joins", stores[0].at(negotiation.TextChain, 1)...))
	eventually(t, "the late node's act is everywhere", same(stores[0], stores[1], stores[2], late))
	for _, peer := range link.Peers() {
		if peer.Faults != 0 {
			t.Errorf("%s, whose key was not yet known, is blamed for %d faults (%s)", peer.Code, peer.Faults, peer.LastFault)
		}
	}
}

func TestStoppedNodeCatchesUp(t *testing.T) {
	links, stores := federate(t)
	links[2].Close()
	announce(t, links[0], stores[0].write(record("XAU"), "while-away"))
	announce(t, links[1], stores[1].write(record("XBO"), "while-away"))
	stores[2].write(record("XCA"), "alone")

	cfg, _ := testConfig("XCA", testLeaf(links[0].HubURL(), "XCA"))
	cfg.Store = stores[2]
	open(t, cfg)
	eventually(t, "both sides have caught up", func() bool {
		return same(stores...)() && stores[3].held(record("XCA")) == 1 && stores[2].held(record("XBO")) == 1
	})
}

func TestHubRestarts(t *testing.T) {
	links, stores := federate(t)
	address := strings.TrimPrefix(links[0].HubURL(), "nats-leaf://")
	links[0].Close()
	for _, link := range links[1:] {
		eventually(t, "a leaf says that its hub is away", func() bool { return !link.Connected() })
	}
	for i, link := range links[1:] {
		announce(t, link, stores[i+1].write(record(testCodes[i+1]), "alone"))
	}
	cfg, _ := testConfig("XAU", Hub{Listen: address, Secret: testSecret})
	cfg.Store = stores[0]
	open(t, cfg)
	eventually(t, "all hold what each did alone", func() bool {
		return same(stores...)() && len(stores[0].Heads()) == 3
	})
	for _, link := range links[1:] {
		if !link.Connected() {
			t.Error("a leaf that has caught up does not say that its hub is there")
		}
	}
}

func TestHubAbsentAtStart(t *testing.T) {
	address := freeAddress(t)
	cfg, leafStore := testConfig("XBO", testLeaf("nats-leaf://"+address, "XBO"))
	link := open(t, cfg)
	if link.Connected() {
		t.Error("connected to a hub that is not there")
	}
	announce(t, link, leafStore.write(record("XBO"), "alone"))
	cfg, hubStore := testConfig("XAU", Hub{Listen: address, Secret: testSecret})
	open(t, cfg)
	eventually(t, "the hub has what the leaf did before", func() bool { return hubStore.held(record("XBO")) == 1 })
	eventually(t, "the leaf says that it is connected", link.Connected)
}

// freeAddress is an address of this machine at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestBadRecordBlocksOnlyItself(t *testing.T) {
	links, stores := federate(t)
	for range 5 * peerQueue {
		announce(t, links[1], []byte("record/XBO 1 - forged\n"))
	}
	stores[1].write(record("XBO"), "forged")
	announce(t, links[2], stores[2].write(record("XCA"), "good"))
	eventually(t, "a good record passes a bad one", func() bool {
		return stores[0].held(record("XCA")) == 1 && stores[3].held(record("XCA")) == 1
	})
	eventually(t, "the bad record's node is blamed", func() bool {
		for _, peer := range links[0].Peers() {
			if peer.Code == "XBO" {
				return peer.Faults > 0 && peer.LastFault == negotiation.ErrSignature
			}
		}
		return false
	})
	for _, peer := range links[0].Peers() {
		if peer.Code == "XCA" && peer.Faults > 0 {
			t.Error("a good record's node is blamed")
		}
	}
}

func TestFaultIsLoggedOnce(t *testing.T) {
	var text strings.Builder
	cfg, _ := testConfig("XAU", nil)
	cfg.Logger = slog.New(slog.NewTextHandler(&text, nil))
	link := open(t, cfg)
	for range 3 {
		link.step(heard{"XBO", false, []byte("record/XBO 1 - forged\n")})
	}
	link.step(heard{"XBO", true, []byte("nonsense")})
	eventually(t, "all is looked at", func() bool { return link.Peers()[0].Faults >= 4 })
	link.Close()
	if n := strings.Count(text.String(), "message refused"); n != 2 {
		t.Errorf("two faults of one peer gave %d lines:\n%s", n, &text)
	}
	if n := link.Peers()[0].Faults; n != 4 {
		t.Errorf("%d faults counted, not 4", n)
	}
}

// A page that redraws at each call must not redraw for nothing.
func TestPeersChangedIsQuietWhenNothingChanges(t *testing.T) {
	var calls atomic.Int64
	cfg, store := testConfig("XAU", testHub())
	cfg.PeersChanged = func() { calls.Add(1) }
	hub := open(t, cfg)
	cfg, other := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	leaf := open(t, cfg)
	eventually(t, "peers are connected", func() bool { return peerOf(hub, "XBO").Connected })
	eventually(t, "three heads in a row cause no call", func() bool {
		before := calls.Load()
		for range 3 {
			seen := peerOf(hub, "XBO").LastSeen
			eventually(t, "heads come", func() bool { return peerOf(hub, "XBO").LastSeen.After(seen) })
		}
		return calls.Load() == before
	})
	before := calls.Load()
	announce(t, leaf, other.write(record("XBO"), "act"))
	eventually(t, "an act causes a call", func() bool { return same(store, other)() && calls.Load() > before })
	before = calls.Load()
	leaf.Close()
	eventually(t, "a silent peer causes a call", func() bool { return calls.Load() > before && !peerOf(hub, "XBO").Connected })
}

// The charter grows while the hub runs.
func TestNewParticipantIsAdmitted(t *testing.T) {
	known := func(store *memory) func() []negotiation.Code {
		return func() []negotiation.Code { return testCodes[:2+store.held(negotiation.TextChain)] }
	}
	cfg, hubStore := testConfig("XAU", testHub())
	cfg.Participants = known(hubStore)
	hub := open(t, cfg)
	cfg, oldStore := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	old := open(t, cfg) // which knows before its hub
	cfg, newStore := testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
	newcomer := open(t, cfg)

	announce(t, hub, hubStore.write(negotiation.TextChain, "charter"))
	eventually(t, "the newcomer is let in and catches up", same(hubStore, newStore))
	announce(t, newcomer, newStore.write(record("XCA"), "joins"))
	eventually(t, "everybody has what the newcomer did", same(hubStore, oldStore, newStore))
	eventually(t, "everybody hears the newcomer", func() bool {
		return peerOf(old, "XCA").Connected && peerOf(hub, "XCA").Connected
	})
}

func TestBusyPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cfg, _ := testConfig("XAU", Hub{Listen: listener.Addr().String(), Secret: testSecret})
	_, err = Open(t.Context(), cfg)
	if !errors.Is(err, ErrPortBusy) || !strings.Contains(err.Error(), listener.Addr().String()) {
		t.Errorf("busy port gives %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"code":         func(c *Config) { c.Code = "xau" },
		"negotiation":  func(c *Config) { c.Negotiation = negotiation.ActID{} },
		"participants": func(c *Config) { c.Participants = nil },
		"store":        func(c *Config) { c.Store = nil },
		"participant":  func(c *Config) { c.Participants = func() []negotiation.Code { return []negotiation.Code{"*"} } },
		"hub address":  func(c *Config) { c.Carrier = Hub{Listen: "7422"} },
		"hub URL":      func(c *Config) { c.Carrier = Leaf{URL: "hub", Seed: testSecret.Seed(testNegotiation, "XAU")} },
		"leaf seed":    func(c *Config) { c.Carrier = Leaf{URL: "nats-leaf://127.0.0.1:1", Seed: "SU"} },
		"external URL": func(c *Config) { c.Carrier = External{} },
	} {
		cfg, _ := testConfig("XAU", nil)
		spoil(&cfg)
		if link, err := Open(t.Context(), cfg); err == nil {
			link.Close()
			t.Errorf("a wrong %s is accepted", name)
		}
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		cfg, store := testConfig("XAU", testHub())
		hub, err := Open(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		cfg, _ = testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
		leaf, err := Open(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "connected", leaf.Connected)
		announce(t, hub, store.write(record("XAU"), "act"))
		hub.Close()
		leaf.Close()
		leaf.Close()
		cancel()
		if err := hub.Announce(t.Context(), nil); err == nil {
			t.Error("announcing on a closed link is no error")
		}
	}
	eventually(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
}

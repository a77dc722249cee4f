package federation

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"concord/negotiation"
)

// keeping is a hub at XAU that keeps acts, in a directory.
func keeping(t *testing.T) (Hub, string) {
	t.Helper()
	h, dir := testHub(), t.TempDir()
	h.Cache = Cache{Dir: dir, Bytes: 3 * leastCache}
	return h, dir
}

// carried is a participant's carrier by itself, without a link: what its store gets, it
// gets from what is kept.
func carried(t *testing.T, code negotiation.Code, carrier Carrier) (transport, *memory) {
	t.Helper()
	cfg, store := testConfig(code, carrier)
	return carry(t, cfg), store
}

func carry(t *testing.T, cfg Config) transport {
	t.Helper()
	cfg, err := cfg.filled()
	if err != nil {
		t.Fatal(err)
	}
	running, err := cfg.Carrier.start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.stop)
	return running
}

// drain gives the store all that is kept of a chain, in turn, and returns how often it
// had to ask.
func drain(t *testing.T, from transport, store *memory, chain negotiation.Chain) (asked int) {
	t.Helper()
	for {
		before := store.held(chain)
		message, err := from.(keeps).acts(t.Context(), chain, uint64(before)+1)
		if err != nil {
			t.Fatal(err)
		}
		if message == nil {
			return asked
		}
		asked++
		if err := store.Receive(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		if store.held(chain) == before {
			return asked
		}
	}
}

// keeps is a transport that reads what hubs keep.
type keeps interface {
	acts(context.Context, negotiation.Chain, uint64) ([]byte, error)
}

func TestHubKeepsActs(t *testing.T) {
	h, _ := keeping(t)
	hub, hubStore := carried(t, "XAU", h)
	_, author := carried(t, "XBO", testLeaf(hub.hubURL(), "XBO"))
	late, lateStore := carried(t, "XCA", testLeaf(hub.hubURL(), "XCA"))
	for n := range 2*batch + 3 {
		author.write(record("XBO"), fmt.Sprint("act-", n))
	}
	asked := 0
	eventually(t, "all that was there before is kept", func() bool {
		asked += drain(t, late, lateStore, record("XBO"))
		return lateStore.line(record("XBO")) == author.line(record("XBO"))
	})
	if asked > 6 {
		t.Errorf("%d acts took %d questions", 2*batch+3, asked)
	}
	for n := range batch { // one by one, and a batch is complete on the way
		author.write(record("XBO"), fmt.Sprint("more-", n))
		if n%16 == 0 {
			eventually(t, "a new act is kept", func() bool {
				drain(t, late, lateStore, record("XBO"))
				return lateStore.held(record("XBO")) == author.held(record("XBO"))
			})
		}
	}
	eventually(t, "the last act is kept", func() bool {
		drain(t, late, lateStore, record("XBO"))
		drain(t, hub, hubStore, record("XBO"))
		return same(lateStore, author, hubStore)()
	})
}

func TestTextIsKeptByWhoWritesIt(t *testing.T) {
	h, _ := keeping(t)
	cfg, author := testConfig("XAU", h)
	cfg.Writes = func() []negotiation.Chain { return []negotiation.Chain{record("XAU"), negotiation.TextChain} }
	hub := carry(t, cfg)
	late, lateStore := carried(t, "XCA", testLeaf(hub.hubURL(), "XCA"))
	for n := range 3 {
		author.write(negotiation.TextChain, fmt.Sprint("revision-", n))
	}
	eventually(t, "the text is kept", func() bool {
		drain(t, late, lateStore, negotiation.TextChain)
		return same(lateStore, author)()
	})
}

// What was kept goes its way: the newest stays, and nobody waits for what is gone.
func TestFullCacheLosesTheOldest(t *testing.T) {
	h, _ := keeping(t)
	hub, _ := carried(t, "XAU", h)
	cfg, author := testConfig("XBO", testLeaf(hub.hubURL(), "XBO"))
	author.batch = 1
	carry(t, cfg)
	late, _ := carried(t, "XCA", testLeaf(hub.hubURL(), "XCA"))
	kept := func(place uint64) []byte {
		message, err := late.(keeps).acts(t.Context(), record("XBO"), place)
		if err != nil {
			t.Fatal(err)
		}
		return message
	}
	pages := strings.Repeat("x", MaxActs-100)
	for n := range 12 {
		author.write(record("XBO"), fmt.Sprint(n, pages))
		newest := fmt.Sprintf("%s %d ", record("XBO"), n+1)
		eventually(t, "the newest act is kept", func() bool { return bytes.HasPrefix(kept(uint64(n)+1), []byte(newest)) })
	}
	if message := kept(2); message != nil {
		t.Errorf("%d bytes of what should be gone", len(message))
	}
}

// A node whose hub keeps nothing is told so at once.
func TestNothingIsKept(t *testing.T) {
	hub, _ := carried(t, "XAU", testHub())
	leaf, _ := carried(t, "XCA", testLeaf(hub.hubURL(), "XCA"))
	for _, at := range []transport{hub, leaf} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // whoever waits fails
		if message, err := at.(keeps).acts(ctx, record("XAU"), 1); message != nil || err != nil {
			t.Errorf("%d bytes, %v", len(message), err)
		}
	}
}

// The directory of JetStream goes away under the running hub: nobody loses anything,
// what is made afterwards arrives, and who joins afterwards gets all.
func TestCacheDeletedWhileRunning(t *testing.T) {
	h, dir := keeping(t)
	cfg, hubStore := testConfig("XAU", h)
	hub := open(t, cfg)
	cfg, store := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	leaf := open(t, cfg)
	reader, readStore := carried(t, "XCA", testLeaf(hub.HubURL(), "XCA"))
	write := func(n int) {
		announce(t, hub, hubStore.write(negotiation.TextChain, fmt.Sprint("revision-", n)))
		announce(t, leaf, store.write(record("XBO"), fmt.Sprint("act-", n)))
	}
	for n := range 10 {
		write(n)
	}
	eventually(t, "the acts are kept", func() bool {
		drain(t, reader, readStore, record("XBO"))
		return readStore.held(record("XBO")) == 10
	})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		write(10 + n)
	}
	eventually(t, "both go on", func() bool { return same(hubStore, store)() && store.held(negotiation.TextChain) == 20 })

	cfg, late := testConfig("XDE", testLeaf(hub.HubURL(), "XDE"))
	open(t, cfg)
	eventually(t, "who joins afterwards has the whole record", same(hubStore, late))
	if late.held(record("XBO")) != 20 {
		t.Errorf("%d acts of 20", late.held(record("XBO")))
	}
}

// A stream that its owner, or the hub's operator, has deleted is made anew, with all
// that its owner holds.
func TestDeletedStreamIsMadeAgain(t *testing.T) {
	h, _ := keeping(t)
	hub, _ := carried(t, "XAU", h)
	cfg, author := testConfig("XBO", testLeaf(hub.hubURL(), "XBO"))
	leaf := carry(t, cfg)
	late, lateStore := carried(t, "XCA", testLeaf(hub.hubURL(), "XCA"))
	for n := range 3 {
		author.write(record("XBO"), fmt.Sprint("act-", n))
	}
	eventually(t, "the acts are kept", func() bool {
		drain(t, late, lateStore, record("XBO"))
		return same(author, lateStore)()
	})
	url, options := leaf.options()
	nc := dial(t, url, options...)
	if _, err := nc.Request(streamAPI+"STREAM.DELETE."+subjectsOf(testNegotiation).stream("XBO"), nil, keepWithin); err != nil {
		t.Fatal(err)
	}
	author.write(record("XBO"), "afterwards")
	again, againStore := carried(t, "XCA", testLeaf(hub.hubURL(), "XCA"))
	eventually(t, "all acts are kept again", func() bool {
		drain(t, again, againStore, record("XBO"))
		return same(author, againStore)()
	})
}

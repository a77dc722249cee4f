package federation

import (
	"context"
	"testing"
	"time"

	"concord/negotiation"
)

// slow answers each fetch with one act, and takes its time for it.
type slow struct {
	*memory
	pause time.Duration
}

func (s slow) Acts(ctx context.Context, chain negotiation.Chain, from uint64, to negotiation.ActID) ([]byte, error) {
	pause := time.NewTimer(s.pause)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
	}
	return s.memory.Acts(ctx, chain, from, to)
}

// The slow peer announces all the time, is asked first, and always answers.
func TestSlowPeerDoesNotKeepOthersFromAChain(t *testing.T) {
	cfg, honest := testConfig("XAU", testHub())
	hub := open(t, cfg)
	cfg, reluctant := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	for range 100 {
		message := honest.write(negotiation.TextChain, "revision")
		if err := reluctant.Receive(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	reluctant.batch = 1
	cfg.Store, cfg.HeadsEvery = slow{reluctant, cfg.FetchTimeout * 9 / 10}, 10*time.Millisecond
	open(t, cfg)

	cfg, late := testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
	asked := make(chan struct{})
	cfg.Participants = func() []negotiation.Code {
		select {
		case <-asked:
			return testCodes
		default:
			return testCodes[1:2]
		}
	}
	open(t, cfg)
	eventually(t, "the slow peer has been asked", func() bool { return late.held(negotiation.TextChain) > 0 })
	close(asked)
	eventually(t, "the late node is level", same(honest, late))
	if n := reluctant.fetches(); n > 5 {
		t.Errorf("the slow peer was waited for %d times before another was asked for the rest", n)
	}
}

// The second peer tells its heads once only, and the first answers in the end.
func TestPeerThatLostAChainIsNotAskedOn(t *testing.T) {
	first, second := make(chan struct{}), make(chan struct{})
	cfg, honest := testConfig("XAU", testHub())
	honest.gate = second
	cfg.HeadsEvery = time.Hour
	hub := open(t, cfg)
	cfg, reluctant := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	reluctant.gate, reluctant.batch = first, 1
	for range 10 {
		message := honest.write(negotiation.TextChain, "revision")
		if err := reluctant.Receive(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	open(t, cfg)

	cfg, late := testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
	cfg.FetchTimeout = 5 * time.Second
	cfg.Participants = func() []negotiation.Code {
		if reluctant.fetches() == 0 {
			return testCodes[1:2]
		}
		return testCodes
	}
	link := open(t, cfg)
	eventually(t, "the second peer is heard", func() bool {
		if peerOf(link, "XAU").Code != "" && peerOf(link, "XAU").LastSeen.IsZero() {
			hub.step(acted{})
		}
		return !peerOf(link, "XAU").LastSeen.IsZero()
	})
	eventually(t, "the second peer is asked", func() bool { return honest.fetches() > 0 })
	close(first)
	eventually(t, "the first peer's answer is taken", func() bool { return late.held(negotiation.TextChain) > 0 })
	close(second)
	eventually(t, "the late node is level", same(honest, late))
	if n := reluctant.fetches(); n != 1 {
		t.Errorf("the first peer is asked %d times", n)
	}
}

// tried is a claim for which peers have been tried, each for two turns.
func tried(at time.Time, acts map[negotiation.Code]uint64) *claim {
	c := newClaim(time.Second)
	for peer, n := range acts {
		c.take(peer, at)
		c.ask(peer, at)
		c.reply(peer, at.Add(2*time.Second))
		c.credit(peer, n)
		c.release(peer)
	}
	return c
}

func TestChainIsTakenOver(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		tried map[negotiation.Code]uint64 // acts brought before, in 2 s
		after time.Duration               // of the holder's fetch
		want  bool
	}{
		"within the first turn":                              {nil, 999 * time.Millisecond, false},
		"after the first turn":                               {nil, time.Second, true},
		"from one known to be slow":                          {map[negotiation.Code]uint64{"XBO": 9}, 0, true},
		"by one that was no faster":                          {map[negotiation.Code]uint64{"XBO": 9, "XCA": 9}, 0, false},
		"by one that was twice as fast":                      {map[negotiation.Code]uint64{"XBO": 9, "XCA": 18}, 0, false},
		"by one that was faster than that":                   {map[negotiation.Code]uint64{"XBO": 9, "XCA": 19}, 0, true},
		"from one that has become slow":                      {map[negotiation.Code]uint64{"XBO": 18, "XCA": 18}, 3 * time.Second, true},
		"by one that was slow":                               {map[negotiation.Code]uint64{"XCA": 9}, 999 * time.Millisecond, false},
		"by one that was slow, from one that brings nothing": {map[negotiation.Code]uint64{"XCA": 9}, time.Second, true},
	} {
		claim := tried(start, c.tried)
		if !claim.take("XBO", start) {
			t.Fatalf("%s: a chain that nobody has is not given", name)
		}
		claim.ask("XBO", start)
		if got := claim.take("XCA", start.Add(c.after)); got != c.want {
			t.Errorf("%s: taken over is %t", name, got)
		}
		if got := claim.holder == "XCA"; got != c.want {
			t.Errorf("%s: the holder is %s", name, claim.holder)
		}
	}
}

// On a slow line, many copies of one reply would keep each from arriving.
func TestTwoAreAskedAtMost(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := newClaim(time.Second)
	for i, peer := range testCodes[:mostAsked] {
		at := start.Add(time.Duration(i) * time.Second)
		if !c.take(peer, at) {
			t.Fatalf("%s cannot take the chain", peer)
		}
		c.ask(peer, at)
	}
	later := start.Add(time.Hour)
	if c.take("XDE", later) {
		t.Error("a third is asked while two replies are due")
	}
	c.reply("XAU", later)
	if !c.take("XDE", later) {
		t.Error("nobody may be asked although one reply has come")
	}
}

func TestOnlyTheHolderIsCreditedAndReleases(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := newClaim(time.Second)
	c.take("XBO", start)
	c.ask("XBO", start)
	c.take("XCA", start.Add(time.Second))
	c.reply("XBO", start.Add(2*time.Second))
	c.credit("XBO", 1000)
	c.release("XBO")
	if c.holder != "XCA" {
		t.Errorf("the chain is released by one that had lost it")
	}
	if pace := c.pace("XBO", start); pace != 0 {
		t.Errorf("XBO is credited with what XCA brought: %v acts a second", pace)
	}
	c.release("XCA")
	if c.holder != "" {
		t.Error("the chain is not released")
	}
}

func TestPaceOfLongAgoIsForgotten(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := newClaim(time.Second)
	c.take("XBO", now)
	c.credit("XBO", 1<<20)
	for range 100 {
		c.ask("XBO", now)
		now = now.Add(time.Second)
		c.reply("XBO", now)
	}
	if pace := c.pace("XBO", now); pace > 1 {
		t.Errorf("after 100 s without an act, %v acts a second", pace)
	}
}

// What is in no charter is not fetched, whatever a peer claims to hold.
func TestRecordsOfNobodyAreNotFetched(t *testing.T) {
	cfg, store := testConfig("XAU", testHub())
	store.write(record("ZZZ"), "act")
	store.write(record("XDE"), "act")
	hub := open(t, cfg)
	cfg, other := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	cfg.Participants = func() []negotiation.Code { return []negotiation.Code{"XAU", "XDE"} }
	store.write(record("XBO"), "of-its-own")
	leaf := open(t, cfg)
	eventually(t, "the others are fetched", func() bool {
		return other.held(record("XDE")) == 1 && other.held(record("XBO")) == 1 && peerOf(leaf, "XAU").Ahead == 1
	})
	if other.held(record("ZZZ")) > 0 {
		t.Error("the record of somebody who takes no part is fetched")
	}
}

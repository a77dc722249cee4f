package federation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"concord/negotiation"
)

// The sender's heads are worth nothing here, so only the gap can be the reason.
func TestGapIsFetched(t *testing.T) {
	cfg, sender := testConfig("XAU", testHub())
	cfg.Sign = func([]byte) ([]byte, error) { return []byte(armourBegin + "wrong" + armourEnd), nil }
	hub := open(t, cfg)
	cfg, receiver := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	leaf := open(t, cfg)
	eventually(t, "the wrong heads are counted", func() bool {
		peer := leaf.Peers()[0]
		return peer.Faults > 0 && peer.LastFault == negotiation.ErrSignature
	})
	sender.write(record("XAU"), "missed")
	announce(t, hub, sender.write(record("XAU"), "heard"))
	eventually(t, "what was missed is there", same(sender, receiver))
}

// An act that everybody hears costs no fetch.
func TestHeardActsAreNotFetched(t *testing.T) {
	links, stores := federate(t)
	for n := range 20 {
		announce(t, links[1], stores[1].write(record("XBO"), fmt.Sprint("act-", n)))
		eventually(t, "the act is everywhere", same(stores...))
	}
	if n := stores[1].fetches(); n > 2 {
		t.Errorf("%d fetches for 20 acts that were heard", n)
	}
}

// Two chains that cite one another act by act are level after one fetch each.
func TestCitedActsAreFetchedOnce(t *testing.T) {
	cfg, store := testConfig("XAU", testHub())
	for n := range 30 {
		store.write(negotiation.TextChain, "revision", store.at(record("XAU"), n)...)
		store.write(record("XAU"), "proposal", store.at(negotiation.TextChain, n+1)...)
	}
	hub := open(t, cfg)
	cfg, late := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	open(t, cfg)
	eventually(t, "the late node is level", same(store, late))
	if n := store.fetches(); n != 2 {
		t.Errorf("%d fetches for two chains", n)
	}
}

// However many nodes have it to give.
func TestLateNodeFetchesEachChainOnce(t *testing.T) {
	links, stores := federate(t)
	links[3].Close()
	for n := range 30 {
		announce(t, links[0], stores[0].write(negotiation.TextChain, fmt.Sprint("revision-", n)))
		announce(t, links[1], stores[1].write(record("XBO"), fmt.Sprint("act-", n)))
	}
	eventually(t, "three nodes are level", func() bool {
		return same(stores[:3]...)() && stores[2].held(record("XBO")) == 30 && stores[2].held(negotiation.TextChain) == 30
	})
	eventually(t, "no fetch is under way any more", func() bool { return idle(links[:3]...) })
	before := stores[0].fetches() + stores[1].fetches() + stores[2].fetches()
	gate := make(chan struct{})
	for _, store := range stores {
		store.mu.Lock()
		store.gate = gate
		store.mu.Unlock()
	}
	cfg, late := testConfig("XDE", testLeaf(links[0].HubURL(), "XDE"))
	cfg.FetchTimeout = time.Minute
	link := open(t, cfg)
	eventually(t, "the late node has heard from all that they are ahead", func() bool {
		return peerOf(link, "XAU").Ahead > 0 && peerOf(link, "XBO").Ahead > 0 && peerOf(link, "XCA").Ahead > 0
	})
	close(gate)
	eventually(t, "the late node is level", same(stores[0], late))
	if n := stores[0].fetches() + stores[1].fetches() + stores[2].fetches() - before; n != 2 {
		t.Errorf("%d fetches for two chains", n)
	}
}

func idle(links ...*Link) bool {
	for _, link := range links {
		link.mu.Lock()
		fetched := slices.ContainsFunc(link.core.peers, func(p *peer) bool { return p.pursuit != nil })
		link.mu.Unlock()
		if fetched {
			return false
		}
	}
	return true
}

// boastful claims ten acts more than it holds.
type boastful struct{ *memory }

func (b boastful) Heads() []negotiation.Head {
	heads := b.memory.Heads()
	for i := range heads {
		heads[i].Sequence += 10
	}
	return heads
}

func TestClaimsThatAreNotKeptAreTriedLessAndLess(t *testing.T) {
	cfg, store := testConfig("XAU", testHub())
	store.write(record("XAU"), "act")
	cfg.Store = boastful{store}
	hub := open(t, cfg)
	cfg, _ = testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	leaf := open(t, cfg)
	for range 12 {
		seen := peerOf(leaf, "XAU").LastSeen
		eventually(t, "heads come", func() bool { return peerOf(leaf, "XAU").LastSeen.After(seen) })
	}
	if n := store.fetches(); n > 8 {
		t.Errorf("%d fetches on 12 claims that were not kept", n)
	}
}

// The hub's own next heads are an hour away.
func TestPeerThatIsBehindIsAnswered(t *testing.T) {
	cfg, store := testConfig("XAU", testHub())
	cfg.HeadsEvery = time.Hour
	hub := open(t, cfg)
	cfg, other := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	open(t, cfg)
	eventually(t, "the hub hears the leaf", func() bool { return !peerOf(hub, "XBO").LastSeen.IsZero() })
	seen := peerOf(hub, "XBO").LastSeen
	eventually(t, "the hub has told its heads of the new connection", func() bool {
		return peerOf(hub, "XBO").LastSeen.After(seen.Add(4 * pollEvery))
	})
	hub.mu.Lock()
	hub.core.told = time.Time{}
	hub.mu.Unlock()
	store.write(record("XAU"), "not-announced")
	eventually(t, "the leaf is told what it lacks", same(store, other))
}

package federation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"concord/negotiation"
)

func TestHeadsAreOfThisNegotiationAndTheirNode(t *testing.T) {
	boast := func(h *Heads) { h.Tips = []negotiation.Head{headOf("text", 9, "act")} }
	for name, c := range map[string]struct {
		message []byte
		want    negotiation.Fault // empty when the heads are in order
	}{
		"in order":               {toldBy(t, "XBO", boast), ""},
		"of another negotiation": {toldBy(t, "XBO", func(h *Heads) { boast(h); h.Negotiation[31]++ }), negotiation.ErrNegotiation},
		"of another node":        {toldBy(t, "XCA", boast), negotiation.ErrForeignChain},
		"with one digit changed": {[]byte(strings.Replace(string(toldBy(t, "XBO", boast)), "head text 9", "head text 8", 1)), negotiation.ErrSignature},
		"not canonical":          {append(toldBy(t, "XBO", boast), '\n'), negotiation.ErrNotCanonical},
		"too long":               {make([]byte, maxHeadsSize+1), negotiation.ErrTooLarge},
	} {
		b := benched(t)
		b.hearsHeads("XBO", c.message)
		peer := b.peer("XBO")
		if peer.LastFault != c.want || peer.Faults > 0 != (c.want != "") {
			t.Errorf("%s: %d faults, the last %q, not %q", name, peer.Faults, peer.LastFault, c.want)
		}
		if refused := peer.LastSeen.IsZero() && len(peer.Heads) == 0 && peer.Ahead == 0; refused != (c.want != "") {
			t.Errorf("%s: heads refused is %t: %+v", name, refused, peer)
		}
	}
}

// A peer whose key is not known is neither blamed nor believed.
func TestHeadsOfUnknownKeyAreAHint(t *testing.T) {
	b := benched(t, func(cfg *Config) {
		cfg.Verify = func(negotiation.Code, []byte, []byte) error { return negotiation.ErrNotParticipant }
	})
	b.hearsHeads("XBO", toldBy(t, "XBO", func(*Heads) {}))
	if peer := b.peer("XBO"); peer.Faults > 0 || !peer.LastSeen.IsZero() {
		t.Errorf("%d faults, seen %v", peer.Faults, peer.LastSeen)
	}
}

// swallowing takes every message, and counts them.
type swallowing struct {
	*memory
	taken *int
}

func (s swallowing) Receive(context.Context, []byte) error { *s.taken++; return nil }

func TestMessagesOverTheLimitDoNotReachTheStore(t *testing.T) {
	taken := 0
	b := benched(t, func(cfg *Config) { cfg.Store = swallowing{newMemory(), &taken} })
	b.hearsActs("XBO", make([]byte, MaxActs+1))
	if taken != 0 || b.peer("XBO").LastFault != negotiation.ErrTooLarge {
		t.Errorf("%d messages over the limit taken, fault %q", taken, b.peer("XBO").LastFault)
	}
	b.hearsActs("XBO", make([]byte, MaxActs))
	if taken != 1 {
		t.Error("a message of the limit is not taken")
	}
	cfg, _ := testConfig("XAU", nil)
	link := open(t, cfg)
	if err := link.Announce(t.Context(), make([]byte, MaxActs+1)); !errors.Is(err, negotiation.ErrTooLarge) {
		t.Errorf("announcing a message over the limit: %v", err)
	}
	if err := link.Announce(t.Context(), make([]byte, MaxActs)); err != nil {
		t.Errorf("announcing a message of the limit: %v", err)
	}
}

// stuck takes no message before its gate opens.
type stuck struct {
	*memory
	gate <-chan struct{}
}

func (s stuck) Receive(ctx context.Context, message []byte) error {
	select {
	case <-s.gate:
	case <-ctx.Done():
	}
	return s.memory.Receive(ctx, message)
}

// While one peer's messages wait, no more of them are kept than a queue holds,
// and what was dropped is fetched.
func TestFloodIsBoundedAndFetched(t *testing.T) {
	cfg, sender := testConfig("XAU", testHub())
	hub := open(t, cfg)
	cfg, receiver := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	gate := make(chan struct{})
	cfg.Store = stuck{receiver, gate}
	leaf := open(t, cfg)
	eventually(t, "the leaf hears the hub", func() bool { return peerOf(leaf, "XAU").Connected })
	for n := range 4 * peerQueue {
		announce(t, hub, sender.write(record("XAU"), fmt.Sprint("act-", n)))
	}
	eventually(t, "the queue is full", func() bool {
		leaf.mu.Lock()
		defer leaf.mu.Unlock()
		return len(leaf.core.peer("XAU").queue) == peerQueue
	})
	close(gate)
	eventually(t, "what was dropped is fetched", same(sender, receiver))
}

// What a hint leads to may make the key known: then the same heads count.
func TestHintCountsOnceItsKeyIsKnown(t *testing.T) {
	store, other := newMemory(), newMemory()
	joins := other.write(record("XBO"), "joins")
	b := benched(t, func(cfg *Config) {
		cfg.Store = store
		cfg.Verify = func(code negotiation.Code, message, signature []byte) error {
			if store.held(record(code)) == 0 {
				return negotiation.ErrNotParticipant
			}
			return unseal(code, message, signature)
		}
	})
	b.hearsHeads("XBO", toldBy(t, "XBO", func(h *Heads) { h.Tips = other.Heads() }))
	if peer := b.peer("XBO"); len(peer.Heads) > 0 {
		t.Error("heads of an unknown key count")
	}
	b.answers(joins, nil)
	if peer := b.peer("XBO"); len(peer.Heads) != 1 || peer.Faults > 0 {
		t.Errorf("with the key known, %d heads count, and %d faults", len(peer.Heads), peer.Faults)
	}
}

package federation

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// TestSimulationOfRestoredNodes puts the disks of two nodes back to an earlier day, both
// to the same. The broker has kept what all said until then, the answers to challenges of
// an earlier run included, and plays it to them while it lets nothing else through; then
// it passes what it is given. However that comes, neither signs another act in the place
// of one that it has lost, and both go on in the end.
func TestSimulationOfRestoredNodes(t *testing.T) {
	first, last := uint64(1), *seeds
	if *oneSeed > 0 {
		first, last = *oneSeed, *oneSeed
	}
	for seed := first; seed <= last; seed++ {
		w := newWorld(seed, func(format string, values ...any) {
			t.Errorf("seed %d: %s", seed, fmt.Sprintf(format, values...))
		})
		for _, code := range simulated[:6] {
			w.add(code, begunNegotiation())
		}
		w.restoreTwo()
		w.judge()
		w.judgePlaces()
	}
}

// restoreTwo plays the story of the two nodes.
func (w *world) restoreTwo() {
	for _, b := range w.nodes {
		w.after(w.between(0, time.Second), b.start)
	}
	w.run(3 * time.Second)
	kept := make(map[negotiation.Code][]heard)
	for code, messages := range w.old {
		kept[code] = slices.Clone(messages)
	}
	answers := maps.Clone(w.answers)
	victims := []*body{w.nodes[w.rand.IntN(3)], w.nodes[3+w.rand.IntN(3)]} // the chair or not, and another
	backup := slices.Clone(victims[0].vault.disk)
	for _, b := range victims {
		w.untilItActs(b)
	}
	w.run(w.now + 5*time.Second)
	if !w.level() {
		w.wrong("what was done is not everywhere")
	}
	for _, b := range victims {
		b.kill()
		b.vault, b.old, b.keys = &vault{disk: backup}, true, 0
		w.after(w.between(0, time.Second), b.start)
		w.untilItActs(b)
	}
	w.answers = answers
	w.hide(victims, kept, w.between(0, doubtPatience+10*time.Second))
	for begin := w.now; w.now < begin+levelWithin; w.run(w.now + time.Second/2) {
		if !victims[0].old && !victims[1].old && w.level() {
			return
		}
	}
	w.wrong("the nodes that were put back do not go on: %t, %t", victims[0].old, victims[1].old)
}

// untilItActs has a node try to act, again and again, until it has.
func (w *world) untilItActs(b *body) {
	acts := len(w.acts)
	if b.act(); len(w.acts) == acts {
		w.after(20*time.Millisecond, func() { w.untilItActs(b) })
	}
}

// hide keeps for a time from the victims what others say, and plays them what was kept.
func (w *world) hide(victims []*body, kept map[negotiation.Code][]heard, hidden time.Duration) {
	w.playing = true
	for _, b := range victims {
		for _, from := range w.nodes {
			w.cut[from.number][b.number] = true
			for i, message := range kept[from.code] {
				w.after(hidden*time.Duration(i+1)/time.Duration(len(kept[from.code])+1), func() {
					if b.alive && from != b {
						b.happens(message)
					}
				})
			}
		}
	}
	w.after(hidden, func() {
		w.playing = false
		for i := range w.nodes {
			clear(w.cut[i])
		}
	})
}

// judgePlaces demands that no place of a chain has two acts.
func (w *world) judgePlaces() {
	used := make(map[string]negotiation.ActID)
	for _, act := range w.acts {
		place := fmt.Sprint(act.Chain, " ", act.Sequence)
		if used[place] != (negotiation.ActID{}) && used[place] != act.Act {
			w.wrong("L10: %s was used twice", place)
		}
		used[place] = act.Act
	}
}

// Who has the broker's means plays to a node that was put back what its peer said when
// that was level with it: heads as the peer's, and in the place of an answer these, and
// the answer to an earlier challenge.
func TestBrokerDoesNotVouch(t *testing.T) {
	srv := startExternal(t, "max_payload: 2MB")
	broker := dial(t, srv.ClientURL())
	carrier := External{URL: srv.ClientURL()}
	subjects := subjectsOf(testNegotiation)

	peerCfg, theirs := testConfig("XBO", carrier)
	cfg, own := testConfig("XAU", carrier)
	text, joins := own.write(negotiation.TextChain, "charter"), own.write(record("XAU"), "joins")
	ends := own.Heads()
	answer, err := peerCfg.signedHeads(ends, time.Now(), Nonce{0xab})
	if err != nil {
		t.Fatal(err)
	}
	played := atomic.Int64{}
	playing, err := broker.Subscribe(subjects.fetch("XBO"), func(msg *nats.Msg) {
		if _, err := ParseChallenge(msg.Data); err != nil {
			return
		}
		kept := answer
		if played.Add(1)%2 > 0 {
			kept, _ = peerCfg.signedHeads(ends, time.Now(), Nonce{})
		}
		_ = msg.Respond(kept)
	})
	if err != nil {
		t.Fatal(err)
	}
	node := open(t, cfg)
	eventually(t, "the node has been answered what was kept, several times", func() bool {
		heads, err := peerCfg.signedHeads(ends, time.Now(), Nonce{})
		if err != nil {
			t.Fatal(err)
		}
		publish(t, broker, subjects.heads("XBO"), string(heads))
		return played.Load() > 3 && !peerOf(node, "XBO").LastSeen.IsZero() || node.Standing(ends).Confirmed
	})
	if s := node.Standing(ends); s.Confirmed || !s.Awaited {
		t.Errorf("L10: a broker's word is taken for a peer's: %+v", s)
	}
	if fault := peerOf(node, "XBO").LastFault; fault != negotiation.ErrSignature {
		t.Errorf("what does not answer the challenge is called %q", fault)
	}

	if err := playing.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	if err := theirs.Receive(t.Context(), slices.Concat(text, joins)); err != nil {
		t.Fatal(err)
	}
	theirs.write(record("XAU"), "lost")
	open(t, peerCfg)
	eventually(t, "the peer itself vouches for what it has given back", func() bool {
		s := node.Standing(own.Heads())
		if s.Confirmed && own.held(record("XAU")) < 2 {
			t.Fatalf("L10: confirmed before the lost act is back: %+v", s)
		}
		return s.Confirmed && s.Ahead == ""
	})
}

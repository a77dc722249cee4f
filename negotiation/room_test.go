package negotiation

import (
	"crypto/ed25519"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A node keeps what its ledger has room for, as a repository does.
type node struct {
	t      testing.TB
	ledger *Ledger
}

func newNode(t testing.TB, acts ...signed) node {
	n := node{t, NewLedger(ActID{})}
	n.take(acts...)
	return n
}

// take gives a node acts, again and again until they bring nothing new.
func (n node) take(acts ...signed) {
	n.t.Helper()
	for before := -1; before != len(n.ledger.acts); {
		before = len(n.ledger.acts)
		for _, s := range acts {
			v, err := s.verify(n.ledger)
			if err == nil {
				_, err = n.ledger.Admit(v)
			}
			switch fault, _ := FaultOf(err); {
			case err == nil, fault == ErrSequence, fault == ErrGap, fault == ErrPredecessor, fault == ErrNegotiation:
			default:
				n.t.Fatal(err)
			}
		}
	}
}

// agree demands that what counts is the same on nodes that keep different sides.
func agree(t *testing.T, when string, nodes ...node) *State {
	t.Helper()
	want := Fold(nodes[0].ledger)
	for i, n := range nodes[1:] {
		if got := Fold(n.ledger); got.Digest() != want.Digest() {
			t.Errorf("L1, L6: %s: node %d comes to heads %v, forks %+v; node 0 to %v, %+v", when, i+1, got.Heads, got.Forks, want.Heads, want.Forks)
		}
	}
	return want
}

// flood returns acts that somebody with a participant's key signs for one place of its record.
func (tb *table) flood(c Code, after ActID, n int) (acts []signed) {
	tb.t.Helper()
	for i := range n {
		acts = append(acts, tb.written(RecordOf(c), after, c, tb.keys[c], on(uint64(i%5+1), tb)))
	}
	return acts
}

func (tb *table) written(chain Chain, after ActID, c Code, key ed25519.PrivateKey, content Content) signed {
	tb.t.Helper()
	_, s, err := tb.after(chain, after, c, key, content)
	if err != nil {
		tb.t.Fatal(err)
	}
	return s
}

// TestRoomIsBounded: of a flood of sides a ledger keeps few, and few wait.
func TestRoomIsBounded(t *testing.T) {
	tb := newTableWithRecovery(t)
	joined := tb.ledger.Head(RecordOf(borealia)).Act
	n := newNode(t, tb.signed...)
	flood := tb.flood(borealia, joined, maxWaiting/actSize+2*maxSides)
	n.take(flood...)
	if kept := len(n.ledger.Beside(RecordOf(borealia))); kept != maxSides {
		t.Errorf("%d sides are kept", kept)
	}
	if waiting := len(n.ledger.Waiting()); waiting != maxWaiting/actSize || len(n.ledger.acts) != n.ledger.count()+waiting {
		t.Errorf("%d acts wait, and %d are kept of %d", waiting, n.ledger.count(), len(n.ledger.acts))
	}
	// What follows the oldest goes with it.
	oldest := n.ledger.Waiting()[0]
	tb.admit(flood[slices.IndexFunc(flood, func(s signed) bool { return IDOf(s.payload) == oldest.id })])
	n.take(tb.written(RecordOf(borealia), oldest.ID(), borealia, tb.keys[borealia], on(1, tb)))
	for _, w := range n.ledger.Waiting() {
		if w.id == oldest.id || w.act.Previous == oldest.id {
			t.Errorf("act %d waits still", w.act.Sequence)
		}
	}
}

// TestRoomCountsWords: of acts with long explanations fewer wait.
func TestRoomCountsWords(t *testing.T) {
	tb := newTableWithRecovery(t)
	joined := tb.ledger.Head(RecordOf(borealia)).Act
	n := newNode(t, tb.signed...)
	const words = 30 << 10
	flood := make([]signed, maxSides+maxWaiting/words+1)
	for i := range flood {
		flood[i] = sign(t, tb.keys[borealia], Unsigned{Act: Act{
			Negotiation: tb.ledger.Negotiation(), Chain: RecordOf(borealia), Sequence: 2, Previous: joined, Author: borealia,
			Time: tb.now.Add(time.Duration(i) * time.Minute), Explanation: strings.Repeat("x", words), Content: on(1, tb),
		}})
	}
	n.take(flood...)
	if waiting := len(n.ledger.Waiting()); waiting == 0 || waiting*words > maxWaiting {
		t.Errorf("%d acts of %d bytes wait", waiting, words)
	}
}

// TestRoomInAnyOrder: what one ledger keeps, another does that gets it in another order.
func TestRoomInAnyOrder(t *testing.T) {
	tb := newTableWithRecovery(t)
	record := RecordOf(borealia)
	joined := tb.ledger.Head(record).Act
	acts := tb.flood(borealia, joined, maxSides*3/4)
	for i := range maxSides / 4 {
		c := Recover{publicOf(spare(borealia, fmt.Sprint(i))), ""}
		acts = append(acts, tb.written(record, joined, borealia, spare(borealia, "recovery"), c))
	}
	n := newNode(t, slices.Concat(tb.signed, acts)...)
	slices.Reverse(acts)
	if m := newNode(t, slices.Concat(tb.signed, acts)...); m.ledger.count() != n.ledger.count() {
		t.Errorf("%d acts are kept in one order, %d in another", n.ledger.count(), m.ledger.count())
	}
}

// TestRoomForAnotherFork: a flood that was settled does not keep another fork from
// being detected, whichever of its sides comes first.
func TestRoomForAnotherFork(t *testing.T) {
	tb := newTableWithRecovery(t)
	record := RecordOf(borealia)
	joined := tb.ledger.Head(record).Act
	acts := append(slices.Clone(tb.signed), tb.flood(borealia, joined, 2*maxSides)...)
	recovery := tb.written(record, joined, borealia, spare(borealia, "recovery"), Recover{publicOf(spare(borealia, "2")), ""})
	nodes := []node{newNode(t, acts...), newNode(t, acts...)}
	tb.admit(recovery)
	tb.keys[borealia] = spare(borealia, "2")
	sides := tb.flood(borealia, IDOf(recovery.payload), 2)
	for _, n := range nodes {
		n.take(append(sides, recovery)...)
		slices.Reverse(sides)
	}
	if _, frozen := agree(t, "forked again", nodes...).Fork(record); !frozen {
		t.Error("L7: a fork is not detected by who learns of both sides")
	}
}

// TestRoomAtManyPlaces: which places of a settled record a flood has forked makes no
// difference to what the record comes to.
func TestRoomAtManyPlaces(t *testing.T) {
	tb := newTableWithRecovery(t)
	for range 2 * maxSides {
		tb.must(tb.as(borealia).PositionOnParagraph(1, 4, For, ""))
	}
	line := tb.ledger.Chain(RecordOf(borealia))
	tb.sign(spare(borealia, "recovery"))(tb.as(borealia).Recover(publicOf(spare(borealia, "2")), "", ActID{}, ""))
	var acts []signed
	for _, v := range line {
		acts = append(acts, tb.flood(borealia, v.ID(), 1)...)
	}
	n := newNode(t, slices.Concat(tb.signed, acts)...)
	slices.Reverse(acts)
	m := newNode(t, slices.Concat(tb.signed, acts)...)
	if slices.Equal(n.ledger.Tips(), m.ledger.Tips()) {
		t.Fatal("the nodes keep the same sides")
	}
	agree(t, "flooded at many places", n, m)
}

// TestRoomForWhatIsCited: an act that another participant has acted upon, and all that
// leads to it, is kept by who had no room for it, whatever comes first.
func TestRoomForWhatIsCited(t *testing.T) {
	tb := newTableWithRecovery(t)
	before := slices.Clone(tb.signed)
	flood := tb.flood(borealia, tb.ledger.Head(RecordOf(borealia)).Act, 2*maxSides)
	tb.must(tb.as(borealia).PositionOnParagraph(1, 4, For, ""))
	tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	tb.must(tb.as(borealia).PositionOnParagraph(1, 5, For, ""))
	tb.must(tb.as(cascadia).PositionOnProposal(ProposalID{borealia, 1}, For, ""))
	tb.publish(ProposalID{borealia, 1})
	backwards := slices.Clone(tb.signed)
	slices.Reverse(backwards)
	agree(t, "cited", newNode(t, slices.Concat(tb.signed, flood)...), newNode(t, slices.Concat(before, flood, tb.signed)...),
		newNode(t, slices.Concat(before, flood, backwards)...))
}

// TestRoomForTheWayToASettlement: an owner recovers its record after acts for which
// others had no room.
func TestRoomForTheWayToASettlement(t *testing.T) {
	tb := newTableWithRecovery(t)
	record := RecordOf(borealia)
	before := slices.Clone(tb.signed)
	flood := tb.flood(borealia, tb.ledger.Head(record).Act, 2*maxSides)
	for range 3 {
		tb.must(tb.as(borealia).PositionOnParagraph(1, 4, For, ""))
	}
	last := tb.ledger.Head(record).Act
	n := newNode(t, slices.Concat(before, flood, tb.signed)...)
	if _, frozen := agree(t, "flooded", newNode(t, slices.Concat(tb.signed, flood)...), n).Fork(record); !frozen || n.ledger.next(record) != 3 {
		t.Fatal("there is room for what the owner has signed")
	}
	tb.recovered(borealia, last, "2")
	n.take(tb.signed...)
	if state := agree(t, "recovered", newNode(t, slices.Concat(tb.signed, flood)...), n); !state.Counts(last) {
		t.Error("what leads to the recovery does not count")
	}
}

// TestRoomToSettle: whoever has a key that the chair's recovery has brought keeps no ledger from
// taking what outranks that: the chair's next rekeying, and a succession.
func TestRoomToSettle(t *testing.T) {
	tb := newTableWithRecovery(t)
	start := tb.ledger.Head(TextChain).Act
	first := tb.recovered(aurelia, tb.ledger.Head(RecordOf(aurelia)).Act, "2")
	var flood []signed
	for range 2 * maxSides {
		flood = append(flood, tb.written(TextChain, start, aurelia, spare(aurelia, "2"), Rekey{publicOf(spare(aurelia, "2")), first.ID()}))
	}
	nodes := []node{newNode(t, slices.Concat(tb.signed, flood[maxSides:])...), newNode(t, slices.Concat(tb.signed, flood[:maxSides])...)}
	settled := func(by Verified) {
		t.Helper()
		for _, n := range nodes {
			n.take(tb.signed...)
		}
		state := agree(t, "settled", nodes...)
		if len(state.Forks) == 0 || state.Forks[0].SettledBy != by.ID() {
			t.Errorf("settled by another act than %v: %+v", by.ID(), state.Forks)
		}
	}
	tb.recovered(aurelia, first.ID(), "3")
	settled(tb.sign(spare(aurelia, "3"))(tb.as(aurelia).Rekey(start, "")))
	for _, c := range []Code{borealia, cascadia, delmare} {
		tb.must(tb.as(c).Recognise(cascadia, start, ""))
	}
	settled(tb.must(tb.as(cascadia).Succeed("")))
}

// TestRoomForTwoTogether: of two acts on other sides neither makes a difference by
// itself, since each is outranked by another act of the line, and both together freeze it.
func TestRoomForTwoTogether(t *testing.T) {
	tb := newTableWithRecovery(t)
	start := tb.ledger.Head(TextChain).Act
	key := func(c Code, n int) PublicKey { return publicOf(spare(c, fmt.Sprint(n))) }
	recover := func(c Code) (by [3]ActID) {
		for n := 1; n <= 2; n++ {
			by[n] = tb.recovered(c, tb.ledger.Head(RecordOf(c)).Act, fmt.Sprint(n)).ID()
		}
		return by
	}
	chair, next := recover(aurelia), recover(borealia)
	to := HandOver{borealia, key(borealia, 1), next[1]}
	rekeyed := tb.by(spare(aurelia, "2"), aurelia, TextChain, start, Rekey{key(aurelia, 2), chair[2]})
	passed := tb.by(spare(aurelia, "2"), aurelia, TextChain, rekeyed.ID(), to)
	tb.by(spare(borealia, "2"), borealia, TextChain, passed.ID(), Rekey{key(borealia, 2), next[2]})
	sides := len(tb.signed)
	tb.by(spare(aurelia, "1"), aurelia, TextChain, start, Rekey{key(aurelia, 1), chair[1]})
	old := tb.by(tb.keys[aurelia], aurelia, TextChain, start, HandOver{borealia, publicOf(tb.keys[borealia]), tb.ledger.Chain(RecordOf(borealia))[0].ID()})
	tb.by(spare(borealia, "1"), borealia, TextChain, old.ID(), Rekey{key(borealia, 1), next[1]})
	tb.settled(TextChain, ActID{})
	for _, acts := range [][]signed{tb.signed, slices.Concat(tb.signed[:sides], tb.signed[sides+1:], tb.signed[sides:])} {
		n := node{t, NewLedger(ActID{})}
		n.ledger.sides = 1
		n.take(acts...)
		agree(t, "two together", node{t, tb.ledger}, n)
	}
}

// TestLawRoom: whatever owners and thieves sign, and in whatever order it comes, what
// counts is the same where all is kept and where there is room for little.
func TestLawRoom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		tb := newTableWithRecovery(t)
		mischief(tb, random, rapid.IntRange(5, 40).Draw(rt, "acts"))
		want := Fold(tb.ledger)
		n := node{t, NewLedger(ActID{})}
		n.ledger.sides = rapid.IntRange(1, 3).Draw(rt, "sides")
		acts := slices.Clone(tb.signed)
		random.Shuffle(len(acts), func(i, j int) { acts[i], acts[j] = acts[j], acts[i] })
		n.take(acts...)
		if got := Fold(n.ledger); got.Digest() != want.Digest() {
			rt.Fatalf("L1, L6: %d of %d acts come to heads %v, forks %+v; all to %v, %+v",
				n.ledger.count(), tb.ledger.count(), got.Heads, got.Forks, want.Heads, want.Forks)
		}
	})
}

// BenchmarkWaiting has a side grow for which a ledger has no room, so that all its acts
// wait, each after the one before. The time for an act is to stay the same.
func BenchmarkWaiting(b *testing.B) {
	for _, n := range []int{64, 256, 1024} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			tb := newTableWithRecovery(b)
			joined := tb.ledger.Head(RecordOf(borealia)).Act
			begun := newNode(b, append(slices.Clone(tb.signed), tb.flood(borealia, joined, maxSides)...)...).ledger
			var side []Verified
			for before := joined; len(side) < n; before = side[len(side)-1].id {
				s := tb.written(RecordOf(borealia), before, borealia, tb.keys[borealia], on(uint64(len(side)%5+1), tb))
				tb.admit(s)
				v, err := s.verify(begun)
				if err == nil {
					_, err = begun.Admit(v)
				}
				if err != nil {
					b.Fatal(err)
				}
				side = append(side, v)
			}
			if len(begun.Waiting()) != n {
				b.Fatalf("%d acts wait", len(begun.Waiting()))
			}
			for b.Loop() {
				b.StopTimer()
				l := *begun
				l.acts, l.waiting, l.roots, l.queued = maps.Clone(begun.acts), nil, map[ActID]ActID{}, map[Chain]int{}
				for _, v := range side {
					delete(l.acts, v.id)
				}
				b.StartTimer()
				for _, v := range side {
					if kept, err := l.Admit(v); err != nil || len(kept) > 0 {
						b.Fatalf("%d acts are kept (%v)", len(kept), err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/act")
		})
	}
}

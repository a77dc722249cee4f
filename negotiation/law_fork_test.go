package negotiation

import (
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// lineOf is the specification of the line, as the package documentation words it.
func lineOf(acts map[ActID]Verified, chain Chain) []ActID {
	children := map[ActID][]ActID{}
	for _, v := range acts {
		if v.act.Chain == chain {
			children[v.act.Previous] = append(children[v.act.Previous], v.id)
		}
	}
	var settled func(ActID) bool
	settled = func(id ActID) bool {
		return acts[id].settles || slices.ContainsFunc(children[id], settled)
	}
	var line []ActID
	for at := (ActID{}); ; {
		next := children[at]
		if len(next) > 1 {
			next = slices.DeleteFunc(slices.Clone(next), func(id ActID) bool { return !settled(id) })
		}
		if len(next) != 1 {
			return line
		}
		at = next[0]
		line = append(line, at)
	}
}

// TestLawForks: whatever owners and thieves sign, with whatever keys and after
// whichever acts, all who hold the same acts come to the same; what counts is the line;
// and a key counts nowhere but where its chain has it.
func TestLawForks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		tb := newTableWithRecovery(t)
		played := mischief(tb, random, rapid.IntRange(5, 25).Draw(rt, "acts"))
		want := Fold(tb.ledger)
		for chain := range tb.ledger.chains {
			line := lineOf(tb.ledger.acts, chain)
			if got := tb.ledger.Chain(chain); !slices.EqualFunc(got, line, func(v Verified, id ActID) bool { return v.id == id }) {
				rt.Fatalf("%s: %d acts count, by the specification %d", chain, len(got), len(line))
			}
			checkKeys(rt, tb.ledger, chain)
		}
		for _, f := range want.Forks {
			if ends := len(tb.ledger.Chain(f.Chain)) == int(f.Place-1); ends != f.Frozen() {
				rt.Fatalf("%s: frozen %t at act %d, and %d acts count", f.Chain, f.Frozen(), f.Place, len(tb.ledger.Chain(f.Chain)))
			}
		}
		arrived := arrival(rt, random, tb.signed)
		if got := Fold(arrived); got.Digest() != want.Digest() {
			rt.Fatalf("L1: %d acts in another order come to %s, not %s\n%+v\n%+v", played, got.Digest(), want.Digest(), got.Forks, want.Forks)
		}
		if !slices.Equal(arrived.Tips(), tb.ledger.Tips()) {
			rt.Fatalf("L1: tips %v, not %v", arrived.Tips(), tb.ledger.Tips())
		}
		if same := func(a, b Verified) bool { return a.id == b.id }; !slices.EqualFunc(Fold(arrived).Log(), want.Log(), same) {
			rt.Fatalf("L1: the log of the same acts is in another order")
		}
		for _, head := range arrived.Tips() {
			path := arrived.Snapshot().Path(head.Chain, head.Act, 1)
			if uint64(len(path)) != head.Sequence || path[len(path)-1].id != head.Act {
				rt.Fatalf("the path to act %d of %s has %d acts", head.Sequence, head.Chain, len(path))
			}
		}
	})
}

// checkKeys demands of every act of a chain that it is signed with the key which the
// acts before it on its path have left in force.
func checkKeys(rt *rapid.T, l *Ledger, chain Chain) {
	for _, head := range l.Tips() {
		if head.Chain != chain || chain == TextChain {
			continue
		}
		var key, recovery PublicKey
		for _, v := range l.Snapshot().Path(head.Chain, head.Act, 1) {
			by := key
			switch c := v.act.Content.(type) {
			case Join:
				by, key, recovery = c.Key, c.Key, c.Recovery
			case Rotate:
				key = c.Key
			case Recover:
				by, key = recovery, c.Key
				if c.Recovery != "" {
					recovery = c.Recovery
				}
			}
			if v.SignedBy() != by {
				rt.Fatalf("%s: act %d is signed with a key that does not count there", chain, v.act.Sequence)
			}
		}
	}
}

// mischief signs acts of many kinds after random acts of random chains with random keys
// of those whom they belong to and of others, and admits what the door admits.
func mischief(tb *table, random *rand.Rand, n int) int {
	codes := []Code{aurelia, borealia, cascadia, delmare}
	var keys []ed25519.PrivateKey
	owner := map[PublicKey]Code{}
	for _, c := range codes {
		for _, k := range []ed25519.PrivateKey{privateKey(c), spare(c, "2"), spare(c, "3"), spare(c, "recovery"), spare(c, "recovery-2")} {
			keys, owner[publicOf(k)] = append(keys, k), c
		}
	}
	one := func(acts []Verified) ActID { return acts[random.IntN(len(acts))].id }
	all := func(c Chain) []Verified { return append(tb.ledger.Chain(c), tb.ledger.Beside(c)...) }
	admitted := 0
	for range n * 8 {
		if admitted == n {
			break
		}
		c := codes[random.IntN(len(codes))]
		chain := RecordOf(c)
		if random.IntN(4) == 0 {
			chain = TextChain
		}
		previous := tb.ledger.Head(chain).Act
		if random.IntN(3) == 0 || previous.IsZero() {
			previous = one(all(chain))
		}
		contents := contentsFor(tb, random, c, chain, previous)
		content := contents[random.IntN(len(contents))]
		for _, k := range keys {
			if owner[publicOf(k)] != c && random.IntN(10) > 0 {
				continue
			}
			if _, s, err := tb.after(chain, previous, c, k, content); err == nil {
				tb.admit(s)
				admitted++
				break
			}
		}
	}
	return admitted
}

// contentsFor returns what might be said after an act, much of it inadmissible.
func contentsFor(tb *table, random *rand.Rand, c Code, chain Chain, previous ActID) []Content {
	codes := []Code{aurelia, borealia, cascadia, delmare}
	other := codes[random.IntN(len(codes))]
	key := publicOf([]ed25519.PrivateKey{spare(c, "2"), spare(c, "3"), privateKey(c)}[random.IntN(3)])
	texts := append(tb.ledger.Chain(TextChain), tb.ledger.Beside(TextChain)...)
	text := texts[random.IntN(len(texts))]
	established := func(of Code) (ActID, PublicKey) {
		acts := append(tb.ledger.Chain(RecordOf(of)), tb.ledger.Beside(RecordOf(of))...)
		v := acts[random.IntN(len(acts))]
		return v.after.key.act, v.after.key.key
	}
	if chain != TextChain {
		by, _ := established(other)
		return []Content{
			on(4, tb), Receipt{text.act.Sequence, text.id}, Rotate{key}, Recover{key, ""}, Recover{key, publicOf(spare(c, "recovery-2"))},
			Recognise{other, text.id, by}, Recognise{cascadia, tb.ledger.Head(TextChain).Act, tb.ledger.last(RecordOf(cascadia)).keyAct()},
			Unknown{"endorse/1", "Endorse", []Trailer{{"About", reference(text.id)}}},
		}
	}
	act, k := established(c)
	to, toKey := established(other)
	contents := []Content{HandOver{other, toKey, to}, TakeUp{}, Rekey{k, act}, Unknown{"note/1", "Note", []Trailer{{"Note", "x"}}}}
	var recognised []ActID
	for _, by := range codes {
		for _, v := range append(tb.ledger.Chain(RecordOf(by)), tb.ledger.Beside(RecordOf(by))...) {
			if r, ok := v.act.Content.(Recognise); ok && r.Successor == c && r.Text == previous {
				recognised = append(recognised, v.id)
				break
			}
		}
	}
	if len(recognised) >= 3 {
		contents = []Content{Succeed{k, act, recognised}}
	}
	return contents
}

func (s *standing) keyAct() ActID {
	if s.key == nil {
		return ActID{1}
	}
	return s.key.act
}

// arrival returns a ledger that got the acts in random order, some more than once.
func arrival(rt *rapid.T, random *rand.Rand, acts []signed) *Ledger {
	ledger := NewLedger(ActID{})
	waiting := slices.Concat(acts, acts[:random.IntN(len(acts))])
	for len(waiting) > 0 {
		random.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
		var again []signed
		for _, s := range waiting {
			v, err := s.verify(ledger)
			switch {
			case err == nil:
				if err := ledger.Append(v); err != nil {
					rt.Fatalf("L1: appending what was verified: %v", err)
				}
			case errors.Is(err, ErrSequence):
			case errors.Is(err, ErrGap), errors.Is(err, ErrNegotiation), errors.Is(err, ErrPredecessor):
				again = append(again, s)
			default:
				rt.Fatalf("L1: a genuine act is refused: %v", err)
			}
		}
		if len(again) == len(waiting) {
			rt.Fatalf("L1: stuck with %d of %d acts", len(again), len(acts))
		}
		waiting = again
	}
	return ledger
}

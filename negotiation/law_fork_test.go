package negotiation

import (
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// lineOf is the specification of the line, and of what decides its forks, as the
// package documentation words it.
func lineOf(acts map[ActID]Verified, chain Chain) (line, decided []ActID) {
	children := map[ActID][]ActID{}
	for _, v := range acts {
		if v.act.Chain == chain {
			children[v.act.Previous] = append(children[v.act.Previous], v.id)
		}
	}
	var settlers func(ActID) []ActID
	settlers = func(id ActID) []ActID {
		var found []ActID
		if decides(acts, acts[id]) {
			found = append(found, id)
		}
		for _, child := range children[id] {
			found = append(found, settlers(child)...)
		}
		return found
	}
	for at := (ActID{}); ; line = append(line, at) {
		next := children[at]
		if len(next) == 0 {
			return line, decided
		}
		if len(next) == 1 {
			at = next[0]
			continue
		}
		by, before := ActID{}, at
		for _, child := range next {
			var others []ActID
			for _, other := range next {
				if other != child {
					others = append(others, settlers(other)...)
				}
			}
			for _, id := range settlers(child) {
				if slices.ContainsFunc(others, func(other ActID) bool { return !prevails(acts, acts[id], acts[other]) }) {
					continue
				}
				if v, first := acts[id], acts[by]; by.IsZero() || v.act.Sequence < first.act.Sequence ||
					v.act.Sequence == first.act.Sequence && string(id[:]) < string(by[:]) {
					by, at = id, child
				}
			}
		}
		if decided = append(decided, by); at == before {
			return line, decided
		}
	}
}

// decides is the specification of which acts settle.
func decides(acts map[ActID]Verified, v Verified) bool {
	switch kind := v.act.Content.Kind(); kind {
	case "recover/1", "succeed/1":
		return true
	case "rekey/1":
		return acts[v.act.Content.(Rekey).Established].act.Content.Kind() == "recover/1"
	}
	return false
}

// prevails is the specification of which settling act outranks which.
func prevails(acts map[ActID]Verified, a, b Verified) bool {
	path := func(id ActID) []ActID {
		var path []ActID
		for ; !id.IsZero(); id = acts[id].act.Previous {
			path = append(path, id)
		}
		return path
	}
	generation := func(id ActID) int {
		return len(slices.DeleteFunc(path(id), func(id ActID) bool { return acts[id].act.Content.Kind() != "recover/1" }))
	}
	cited := func(v Verified) map[Code]ActID {
		by := map[Code]ActID{}
		for _, id := range v.act.Content.(Succeed).Recognised {
			by[acts[id].act.Author] = id
		}
		return by
	}
	switch kinds := a.act.Content.Kind() + " over " + b.act.Content.Kind(); kinds {
	case "recover/1 over recover/1":
		return generation(a.id) > generation(b.id)
	case "rekey/1 over rekey/1":
		ours, theirs := a.act.Content.(Rekey).Established, b.act.Content.(Rekey).Established
		return a.act.Author == b.act.Author && generation(ours) > generation(theirs)
	case "succeed/1 over rekey/1":
		return true
	case "succeed/1 over succeed/1":
		ours, theirs, both := cited(a), cited(b), 0
		for c, id := range ours {
			if earlier, ok := theirs[c]; ok {
				if both++; id == earlier || !slices.Contains(path(id), earlier) {
					return false
				}
			}
		}
		return both > 0
	}
	return false
}

// checkLeads holds Leads against a walk from each act to the root.
func checkLeads(rt *rapid.T, acts map[ActID]Verified, state *State) {
	for tip := range acts {
		led := map[ActID]bool{}
		for at := tip; !at.IsZero(); at = acts[at].act.Previous {
			led[at] = true
		}
		for act, v := range acts {
			if state.Leads(act, tip) != led[act] {
				rt.Fatalf("act %d of %s leads to act %d of %s is %t", v.act.Sequence, v.act.Chain, acts[tip].act.Sequence, acts[tip].act.Chain, !led[act])
			}
		}
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
			line, decided := lineOf(tb.ledger.acts, chain)
			if got := tb.ledger.Chain(chain); !slices.EqualFunc(got, line, func(v Verified, id ActID) bool { return v.id == id }) {
				rt.Fatalf("%s: %d acts count, by the specification %d", chain, len(got), len(line))
			}
			if got := tb.ledger.tree(chain).forks; !slices.EqualFunc(got, decided, func(f Fork, by ActID) bool { return f.SettledBy == by }) {
				rt.Fatalf("%s: forks %+v, by the specification settled by %v", chain, got, decided)
			}
			checkKeys(rt, tb.ledger, chain)
		}
		checkLeads(rt, tb.ledger.acts, want)
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
		if admitted >= n {
			break
		}
		c := codes[random.IntN(len(codes))]
		if random.IntN(12) == 0 {
			admitted += coup(tb, random, c)
			continue
		}
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

// coup lets three participants recognise one after some act of the text, and that one
// succeed, or not yet; or else lets it recover its record and sign the text with its
// new key, if it has the chair there.
func coup(tb *table, random *rand.Rand, c Code) int {
	one := func(c Chain) Verified {
		acts := append(tb.ledger.Chain(c), tb.ledger.Beside(c)...)
		return acts[random.IntN(len(acts))]
	}
	admitted := 0
	try := func(chain Chain, previous Verified, author Code, content Content) ActID {
		for _, name := range []string{"", "2", "3", "4", "5", "recovery", "recovery-2"} {
			key := spare(author, name)
			if name == "" {
				key = privateKey(author)
			}
			if v, s, err := tb.after(chain, previous.id, author, key, content); err == nil {
				tb.admit(s)
				admitted++
				return v.id
			}
		}
		return ActID{}
	}
	text := one(TextChain)
	if head := tb.ledger.Head(TextChain).Act; random.IntN(2) == 0 {
		text = tb.ledger.acts[head]
	}
	if random.IntN(2) == 0 {
		after := one(RecordOf(c))
		if id := try(RecordOf(c), after, c, Recover{publicOf(spare(c, []string{"2", "3", "4", "5"}[random.IntN(4)])), ""}); !id.IsZero() {
			try(TextChain, text, c, Rekey{tb.ledger.acts[id].after.key.key, id})
			try(TextChain, one(TextChain), c, Rekey{tb.ledger.acts[id].after.key.key, id})
		}
		return admitted
	}
	key := one(RecordOf(c)).after.key
	var by []ActID
	for _, state := range []Code{aurelia, borealia, cascadia, delmare} {
		record := RecordOf(state)
		if end := tb.ledger.acts[tb.ledger.Head(record).Act]; len(end.act.Chain) > 0 && (len(by) < 3 && random.IntN(5) > 0) {
			if id := try(record, end, state, Recognise{c, text.id, key.act}); !id.IsZero() {
				by = append(by, id)
			}
		}
	}
	if len(by) == 3 {
		try(TextChain, text, c, Succeed{key.key, key.act, by})
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

package negotiation

import (
	"crypto/ed25519"
	"slices"
	"testing"
)

// by admits an act that follows any act of a chain, signed by hand.
func (tb *table) by(key ed25519.PrivateKey, author Code, chain Chain, previous ActID, c Content) Verified {
	tb.t.Helper()
	_, s, err := tb.after(chain, previous, author, key, c)
	if err != nil {
		tb.t.Fatalf("%s after an act of %s: %v", c.Kind(), chain, err)
	}
	return tb.admit(s)
}

// settled demands that an act settles the first fork of a chain, or, for the zero name,
// that the chain is frozen there.
func (tb *table) settled(chain Chain, by ActID) {
	tb.t.Helper()
	state := Fold(tb.ledger)
	i := slices.IndexFunc(state.Forks, func(f Fork) bool { return f.Chain == chain })
	if i < 0 || state.Forks[i].SettledBy != by {
		tb.t.Fatalf("%s is not settled by %v: forks %+v", chain, by, state.Forks)
	}
	if end := tb.ledger.Head(chain); state.Forks[i].Frozen() != (end.Sequence == state.Forks[i].Place-1) {
		tb.t.Fatalf("%s: the line ends at act %d with forks %+v", chain, end.Sequence, state.Forks)
	}
}

// inAnyOrder demands that what was admitted comes to the same, whatever came first.
func (tb *table) inAnyOrder() {
	tb.t.Helper()
	want := Fold(tb.ledger)
	orders := map[string]func([]signed){
		"backwards":    slices.Reverse[[]signed],
		"later first":  func(acts []signed) { slices.Reverse(acts[:len(acts)/2]); slices.Reverse(acts[len(acts)/2:]) },
		"the same way": func([]signed) {},
	}
	for name, order := range orders {
		waiting := slices.Clone(tb.signed)
		order(waiting)
		ledger := NewLedger(ActID{})
		for before := 0; len(waiting) != before; {
			before = len(waiting)
			waiting = slices.DeleteFunc(waiting, func(s signed) bool {
				v, err := s.verify(ledger)
				return err == nil && ledger.Append(v) == nil
			})
		}
		if got := Fold(ledger); got.Digest() != want.Digest() || len(waiting) > 0 {
			tb.t.Errorf("L1: %s: %d acts are left, forks %+v, not %+v", name, len(waiting), got.Forks, want.Forks)
		}
	}
}

// recovered lets a participant recover its record after an act, with the recovery key
// that it named when joining, to a key of its own by a name.
func (tb *table) recovered(c Code, after ActID, name string) Verified {
	tb.t.Helper()
	return tb.by(spare(c, "recovery"), c, RecordOf(c), after, Recover{publicOf(spare(c, name)), ""})
}

// TestRecoveredAgain: two recoveries on two sides are settled by one more on either,
// which the owner is told.
func TestRecoveredAgain(t *testing.T) {
	tb := newTableWithRecovery(t)
	record := RecordOf(borealia)
	joined := tb.ledger.Head(record).Act
	first := tb.recovered(borealia, joined, "2")
	_, err := tb.as(borealia).Recover(publicOf(spare(borealia, "3")), "", joined, "")
	wantFault(t, err, ErrForked) // it would freeze what counts
	second := tb.recovered(borealia, joined, "3")
	tb.settled(record, ActID{})
	_, err = tb.as(borealia).PositionOnParagraph(1, 4, For, "")
	wantFault(t, err, ErrForked)
	_, err = tb.as(borealia).Recover(publicOf(spare(borealia, "4")), "", ActID{}, "")
	wantFault(t, err, ErrForked)
	third := tb.sign(spare(borealia, "recovery"))(tb.as(borealia).Recover(publicOf(spare(borealia, "4")), "", second.ID(), ""))
	tb.settled(record, third.ID())
	if Fold(tb.ledger).Counts(first.ID()) {
		t.Error("the recovery that was outranked counts")
	}
	tb.keys[borealia] = spare(borealia, "4")
	tb.must(tb.as(borealia).PositionOnParagraph(1, 4, For, ""))
	tb.inAnyOrder()
	// Whoever has the recovery key in force on the other side can answer.
	fourth := tb.recovered(borealia, first.ID(), "5")
	tb.settled(record, ActID{})
	fifth := tb.recovered(borealia, fourth.ID(), "6")
	tb.settled(record, fifth.ID())
	tb.inAnyOrder()
}

// TestRecoveredByAnother: the owner of a record that somebody recovered to other keys
// builds recoveries of its own beside it, until these outrank.
func TestRecoveredByAnother(t *testing.T) {
	tb := newTableWithRecovery(t)
	record := RecordOf(borealia)
	joined := tb.ledger.Head(record).Act
	recovery := spare(borealia, "recovery")
	thief := tb.by(recovery, borealia, record, joined, Recover{publicOf(spare(borealia, "thief")), publicOf(spare(borealia, "thief-recovery"))})
	mine := tb.sign(recovery)(tb.as(borealia).Recover(publicOf(spare(borealia, "2")), publicOf(spare(borealia, "recovery-2")), joined, ""))
	tb.settled(record, ActID{})
	again := tb.sign(spare(borealia, "recovery-2"))(tb.as(borealia).Recover(publicOf(spare(borealia, "3")), "", mine.ID(), ""))
	tb.settled(record, again.ID())
	if Fold(tb.ledger).Counts(thief.ID()) {
		t.Error("the thief's recovery counts")
	}
	tb.inAnyOrder()
}

// TestStolenAgain: a thief of the key that a recovery has brought signs the text on
// another side; the chair recovers once more, and its next rekeying outranks that.
func TestStolenAgain(t *testing.T) {
	tb := newTableWithRecovery(t)
	start := tb.ledger.Head(TextChain).Act
	first := tb.recovered(aurelia, tb.ledger.Head(RecordOf(aurelia)).Act, "2")
	stolen := spare(aurelia, "2")
	mine := tb.sign(stolen)(tb.as(aurelia).Rekey(ActID{}, ""))
	theirs := tb.by(stolen, aurelia, TextChain, start, Rekey{publicOf(stolen), first.ID()})
	tb.settled(TextChain, ActID{})
	_, err := tb.as(aurelia).Rekey(mine.ID(), "")
	wantFault(t, err, ErrSignature) // it has signed there with that key already
	_, err = tb.as(aurelia).Rekey(start, "")
	wantFault(t, err, ErrForked)
	tb.recovered(aurelia, first.ID(), "3")
	last := tb.sign(spare(aurelia, "3"))(tb.as(aurelia).Rekey(mine.ID(), ""))
	tb.settled(TextChain, last.ID())
	if state := Fold(tb.ledger); state.Counts(theirs.ID()) || !state.Counts(mine.ID()) {
		t.Error("what the thief signed counts")
	}
	tb.keys[aurelia] = spare(aurelia, "3")
	tb.must(tb.as(aurelia).HandOver(borealia, ""))
	tb.inAnyOrder()
	// The stolen key does no more, though it was recovered.
	tb.by(stolen, aurelia, TextChain, start, Rekey{publicOf(stolen), first.ID()})
	tb.settled(TextChain, last.ID())
}

// TestTwoSuccessions: two successors, each by the word of two thirds, stop the text;
// when those whom both cite recognise one anew, it goes on.
func TestTwoSuccessions(t *testing.T) {
	tb := newTableWithRecovery(t)
	start := tb.ledger.Head(TextChain).Act
	recognise := func(successor Code, states ...Code) (by []ActID) {
		t.Helper()
		for _, c := range states {
			by = append(by, tb.must(tb.as(c).Recognise(successor, start, "")).ID())
		}
		return by
	}
	established := func(c Code) ActID { return tb.ledger.Chain(RecordOf(c))[0].ID() }
	succeed := func(c Code, by []ActID) Verified {
		t.Helper()
		return tb.by(tb.keys[c], c, TextChain, start, Succeed{publicOf(tb.keys[c]), established(c), by})
	}
	// Borealia first speaks for Cascadia, then for Delmare; Delmare the other way round.
	forCascadia := recognise(cascadia, aurelia, borealia)
	forDelmare := recognise(delmare, borealia, cascadia, delmare)
	forCascadia = append(forCascadia, recognise(cascadia, delmare)...)
	one := succeed(cascadia, forCascadia)
	other := succeed(delmare, forDelmare)
	tb.settled(TextChain, ActID{})
	_, err := tb.as(cascadia).Revise(Publication{Headline: "Next", Text: tb.edited(1, "every", "each").Text})
	wantFault(t, err, ErrForked)
	_, err = tb.as(cascadia).Succeed("")
	wantFault(t, err, ErrNotChair) // Borealia has changed its mind since

	// One of those in both recognises anew: it is not enough, and composing says so.
	recognise(cascadia, borealia)
	_, err = tb.as(cascadia).Succeed("")
	wantFault(t, err, ErrForked)
	recognise(cascadia, delmare, cascadia)
	last := tb.must(tb.as(cascadia).Succeed(""))
	if cited := last.Act().Content.(Succeed).Recognised; len(cited) != 3 || slices.Contains(cited, forCascadia[0]) {
		t.Errorf("the succession cites what the one before cites: %v", cited)
	}
	tb.settled(TextChain, last.ID())
	state := Fold(tb.ledger)
	if state.Chair != cascadia || state.Counts(one.ID()) || state.Counts(other.ID()) || state.Forks[0].SettledBy != last.ID() {
		t.Errorf("chair %s, forks %+v", state.Chair, state.Forks)
	}
	if n := len(state.Recognitions); n != 4 {
		t.Errorf("%d recognitions of four states after one act: later ones replace earlier ones", n)
	}
	_, err = tb.as(cascadia).Succeed("")
	wantFault(t, err, ErrForked) // it has
	tb.must(tb.as(cascadia).Revise(Publication{Headline: "Next", Text: tb.edited(1, "every", "each").Text}))
	tb.inAnyOrder()
}

// TestTwoChairsRekey: between chairs who have both recovered, only a successor decides.
func TestTwoChairsRekey(t *testing.T) {
	tb := newTableWithRecovery(t)
	start := tb.ledger.Head(TextChain).Act
	passed := tb.must(tb.as(aurelia).HandOver(borealia, ""))
	twice := tb.recovered(borealia, tb.recovered(borealia, tb.ledger.Head(RecordOf(borealia)).Act, "2").ID(), "3")
	tb.by(spare(borealia, "3"), borealia, TextChain, passed.ID(), Rekey{publicOf(spare(borealia, "3")), twice.ID()})
	once := tb.recovered(aurelia, tb.ledger.Head(RecordOf(aurelia)).Act, "2")
	_, err := tb.as(aurelia).Rekey(start, "")
	wantFault(t, err, ErrForked)
	tb.by(spare(aurelia, "2"), aurelia, TextChain, start, Rekey{publicOf(spare(aurelia, "2")), once.ID()})
	tb.settled(TextChain, ActID{})
	tb.keys[borealia] = spare(borealia, "3")
	for _, c := range []Code{borealia, cascadia, delmare} {
		tb.must(tb.as(c).Recognise(cascadia, start, ""))
	}
	tb.settled(TextChain, tb.must(tb.as(cascadia).Succeed("")).ID())
	tb.inAnyOrder()
}

// TestSuccessionOverRekey: the word of two thirds outranks the chair's recovery.
func TestSuccessionOverRekey(t *testing.T) {
	tb := newTableWithRecovery(t)
	start := tb.ledger.Head(TextChain).Act
	for _, c := range []Code{borealia, cascadia, delmare} {
		tb.must(tb.as(c).Recognise(cascadia, start, ""))
	}
	tb.recovered(aurelia, tb.ledger.Head(RecordOf(aurelia)).Act, "2")
	tb.sign(spare(aurelia, "2"))(tb.as(aurelia).Rekey(ActID{}, ""))
	last := tb.must(tb.as(cascadia).Succeed(""))
	tb.settled(TextChain, last.ID())
	_, err := tb.as(aurelia).Rekey(start, "")
	wantFault(t, err, ErrForked)
	tb.inAnyOrder()
}

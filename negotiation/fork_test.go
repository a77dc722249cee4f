package negotiation

import (
	"slices"
	"testing"
)

// TestForkFreezes: two acts at one place freeze a record there; recovery thaws it.
func TestForkFreezes(t *testing.T) {
	tb := newTableWithRecovery(t)
	record := RecordOf(borealia)
	key := tb.keys[borealia]
	joined := tb.ledger.Head(record).Act
	id := ProposalID{borealia, 1}
	wording := tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	tb.must(tb.as(cascadia).PositionOnProposal(id, For, ""))
	tb.publish(id)
	before := Fold(tb.ledger)

	tb.side(joined, borealia, key, on(4, tb))
	state := Fold(tb.ledger)
	f, frozen := state.Fork(record)
	if !frozen || f.Place != 2 || f.After != joined || len(f.Sides) != 2 || !slices.Contains(f.Sides, wording.ID()) {
		t.Fatalf("forks: %+v", state.Forks)
	}
	if state.Counts(wording.ID()) || len(state.Proposals) != 0 || len(state.Positions) != 0 {
		t.Errorf("a side counts: %+v %+v", state.Proposals, state.Positions)
	}
	if _, ok := state.Act(wording.ID()); !ok {
		t.Error("a side cannot be seen")
	}
	if len(state.Rejections) != 1 || state.Rejections[0].Fault != ErrForked {
		t.Errorf("a position on what does not count: %+v", state.Rejections)
	}
	if len(state.Revisions) != 2 {
		t.Errorf("a revision is undone by the fork of a record: %d", len(state.Revisions))
	}
	if head := tb.ledger.Head(record); head.Act != joined {
		t.Errorf("the line ends at act %d", head.Sequence)
	}

	// What follows on either side, or as a third one, changes nothing but the proof.
	digest := state.Digest()
	for _, side := range f.Sides {
		tb.side(side, borealia, key, on(5, tb))
	}
	if state = Fold(tb.ledger); state.Digest() != digest {
		t.Error("an act after a fork has an effect")
	}
	if tips := slices.DeleteFunc(tb.ledger.Tips(), func(h Head) bool { return h.Chain != record }); len(tips) != 2 {
		t.Errorf("tips: %v", tips)
	}
	_, err := tb.as(borealia).PositionOnParagraph(1, 4, For, "")
	wantFault(t, err, ErrForked)

	fresh := spare(borealia, "fresh")
	tb.sign(spare(borealia, "recovery"))(tb.as(borealia).Recover(publicOf(fresh), "", wording.ID(), "Two laptops had one key."))
	state = Fold(tb.ledger)
	if _, frozen := state.Fork(record); frozen || len(state.Forks) != 2 || state.Forks[0].SettledBy != tb.ledger.Head(record).Act {
		t.Errorf("forks after recovery: %+v", state.Forks)
	}
	if p, err := state.Proposal(id); err != nil || p.Status != Incorporated || len(p.Positions) != 1 || len(state.Rejections) != 0 {
		t.Errorf("what counts again has no effect: %+v, %v, %+v", p, err, state.Rejections)
	}
	if !slices.EqualFunc(state.Revisions, before.Revisions, func(a, b Revision) bool { return a.Act == b.Act }) {
		t.Error("the revisions are not what they were")
	}
	tb.keys[borealia] = fresh
	tb.must(tb.as(borealia).PositionOnParagraph(1, 4, For, ""))
	// The other copy of the key goes on; nobody is stopped by it any more.
	tb.side(joined, borealia, key, on(5, tb))
	if _, frozen := Fold(tb.ledger).Fork(record); frozen {
		t.Error("a key that was recovered from freezes the record again")
	}
}

// TestTextFork: a text that its chair has forked stops, and goes on by recovery of the
// chair's record and rekey/1.
func TestTextFork(t *testing.T) {
	tb := newTableWithRecovery(t)
	old := tb.keys[aurelia]
	first := tb.ledger.Head(TextChain).Act
	published := tb.must(tb.as(aurelia).Revise(Publication{Headline: "One", Text: tb.edited(1, "every", "each").Text}))
	proposed := tb.propose(cascadia, 2, "shall cooperate", "may cooperate")
	tb.must(tb.as(borealia).Receive(published.ID()))
	w := tb.edited(1, "every year", "every month")
	w.Headline = "On the zero draft"
	tb.must(tb.as(cascadia).Propose(w))

	other := HandOver{delmare, publicOf(tb.keys[delmare]), tb.ledger.Chain(RecordOf(delmare))[0].ID()}
	_, s, err := tb.after(TextChain, first, aurelia, old, other)
	if err != nil {
		t.Fatal(err)
	}
	tb.admit(s)
	state := Fold(tb.ledger)
	if f, frozen := state.Fork(TextChain); !frozen || f.Place != 2 || state.Chair != aurelia || len(state.Revisions) != 1 {
		t.Fatalf("forks %+v, chair %s", state.Forks, state.Chair)
	}
	if len(state.Receipts) != 0 || len(state.Rejections) != 2 || len(state.Proposals) != 1 || state.Proposals[0].ID.Number != 2 {
		t.Errorf("what is about a side counts: %+v, %+v", state.Proposals, state.Rejections)
	}
	// Numbers go on after what does not count at the moment.
	if u, err := tb.as(cascadia).Propose(w); err != nil || u.Act.Content.(Propose).Proposal.Number != 3 {
		t.Errorf("the next proposal: %v", err)
	}
	_, err = tb.as(cascadia).Withdraw(ProposalID{cascadia, 1}, "")
	wantFault(t, err, ErrUnknownProposal)
	_, err = tb.as(aurelia).HandOver(borealia, "")
	wantFault(t, err, ErrForked)
	tb.must(tb.as(aurelia).Rotate(publicOf(spare(aurelia, "2")), ""))
	_, err = tb.as(aurelia).Rekey(ActID{}, "")
	wantFault(t, err, ErrForked) // a rotation settles nothing: a thief could do it

	tb.sign(spare(aurelia, "recovery"))(tb.as(aurelia).Recover(publicOf(spare(aurelia, "3")), "", ActID{}, ""))
	tb.keys[aurelia] = spare(aurelia, "3")
	tb.must(tb.as(aurelia).Rekey(published.ID(), "The handing over was a thief's."))
	state = Fold(tb.ledger)
	if p, err := state.Proposal(ProposalID{cascadia, 1}); err != nil || p.Wording() != proposed.ID() || len(state.Receipts) != 1 || len(state.Revisions) != 2 {
		t.Errorf("after rekeying: %+v, %v, %d revisions, rejections %+v", p, err, len(state.Revisions), state.Rejections)
	}
	tb.must(tb.as(aurelia).HandOver(borealia, ""))
}

// TestJoinedByASide: who joined by a charter that is beside the line has not joined.
func TestJoinedByASide(t *testing.T) {
	tb := newTableWithRecovery(t)
	first := tb.ledger.Head(TextChain).Act
	tb.joinedLater("XEC")
	tb.must(tb.as("XEC").PositionOnParagraph(1, 4, For, ""))
	_, s, err := tb.after(TextChain, first, aurelia, tb.keys[aurelia], HandOver{delmare, publicOf(tb.keys[delmare]), tb.ledger.Chain(RecordOf(delmare))[0].ID()})
	if err != nil {
		t.Fatal(err)
	}
	tb.admit(s)
	state := Fold(tb.ledger)
	if slices.Contains(state.Joined, "XEC") || len(state.Positions) != 0 || len(state.Rejections) != 2 {
		t.Errorf("joined %v, positions %v, rejections %v", state.Joined, state.Positions, state.Rejections)
	}
	for _, r := range state.Rejections {
		if r.Fault != ErrForked {
			t.Errorf("rejected for %s", r.Fault)
		}
	}
}

// TestWordsOfOneNotJoined: words that the chair accepts from a state that joined by a charter
// beside the line are that state's, not the chair's, and are said not to count.
func TestWordsOfOneNotJoined(t *testing.T) {
	tb := newTableWithRecovery(t)
	first := tb.ledger.Head(TextChain).Act
	tb.joinedLater("XEC")
	wording := tb.propose("XEC", 1, "shall cooperate", "should cooperate")
	tb.sign(spare(aurelia, "recovery"))(tb.as(aurelia).Recover(publicOf(spare(aurelia, "2")), "", ActID{}, ""))
	tb.keys[aurelia] = spare(aurelia, "2")
	tb.must(tb.as(aurelia).Rekey(first, "The charter was a thief's."))
	u, err := tb.as(aurelia).Revise(Publication{Headline: "First reading", Text: wording.Text()})
	if err != nil {
		t.Fatal(err)
	}
	revise := u.Act.Content.(Revise)
	revise.Decisions = []Decision{{Accept, ProposalID{"XEC", 1}, wording.ID(), ""}}
	v, err := tb.forged(revise, aurelia, TextChain, "", u.Files)
	if err == nil {
		err = tb.ledger.Append(v)
	}
	if err != nil {
		t.Fatal(err)
	}
	state := Fold(tb.ledger)
	if slices.Contains(state.Joined, "XEC") || len(state.Proposals) != 0 || len(state.Revisions) != 2 {
		t.Fatalf("joined %v, proposals %v, %d revisions", state.Joined, state.Proposals, len(state.Revisions))
	}
	tb.credits("XEC (joined by a charter put aside at act 2 of the text)", "XEC/1 in rev-2 of 2026-03-01")
}

// joinedLater lets the chair name a participant more, who joins.
func (tb *table) joinedLater(c Code) {
	tb.t.Helper()
	key := privateKey(c)
	raw := string(tableCharter(tb.t).Raw()) + "[[participant]]\ncode = \"" + string(c) + "\"\nname = \"Ecla\"\nkey = \"" + string(publicOf(key)) + "\"\n"
	charter, err := ParseCharter("charter.toml", []byte(raw))
	if err != nil {
		tb.t.Fatal(err)
	}
	tb.keys[c] = key
	tb.must(tb.as(aurelia).Amend(charter, "One more", ""))
	tb.must(tb.as(c).Join(publicOf(key), ""))
}

// TestJoinedTwice: two joinings leave a record without a beginning until it is recovered.
func TestJoinedTwice(t *testing.T) {
	tb := newTableWithRecovery(t)
	first := tb.ledger.Head(RecordOf(borealia)).Act
	again, _ := tb.ledger.Act(first)
	tb.side(ActID{}, borealia, tb.keys[borealia], again.Act().Content)
	state := Fold(tb.ledger)
	if f, frozen := state.Fork(RecordOf(borealia)); !frozen || f.Place != 1 || !f.After.IsZero() || slices.Contains(state.Joined, borealia) {
		t.Fatalf("forks %+v, joined %v", state.Forks, state.Joined)
	}
	fresh := publicOf(spare(borealia, "fresh"))
	_, err := tb.as(borealia).Join(publicOf(tb.keys[borealia]), "")
	wantFault(t, err, ErrForked)
	_, err = tb.as(borealia).Recover(fresh, "", ActID{}, "")
	wantFault(t, err, ErrForked)
	tb.sign(spare(borealia, "recovery"))(tb.as(borealia).Recover(fresh, "", first, ""))
	if state := Fold(tb.ledger); !slices.Contains(state.Joined, borealia) {
		t.Errorf("after recovery: joined %v, forks %+v", state.Joined, state.Forks)
	}
}

// TestPlaces: what the door says of an act that follows no act that is here.
func TestPlaces(t *testing.T) {
	tb, other := newTableWithRecovery(t), newTableWithRecovery(t)
	record := RecordOf(borealia)
	key := tb.keys[borealia]
	joined := tb.ledger.Head(record).Act
	tb.side(joined, borealia, key, on(4, tb))
	first := other.side(joined, borealia, key, on(5, tb))
	_, second, err := other.after(record, first.ID(), borealia, key, on(4, tb))
	if err != nil {
		t.Fatal(err)
	}
	// Its predecessor is not here, though that place is taken: go further back.
	_, err = second.verify(tb.ledger)
	wantFault(t, err, ErrPredecessor)
	other.admit(second)
	_, third, err := other.after(record, other.ledger.Head(record).Act, borealia, key, on(5, tb))
	if err != nil {
		t.Fatal(err)
	}
	// It is ahead of all that is here: a gap.
	_, err = third.verify(tb.ledger)
	wantFault(t, err, ErrGap)
	for _, s := range other.signed[5:] {
		tb.admit(s)
		_, err := s.verify(tb.ledger)
		wantFault(t, err, ErrSequence)
	}
	for name, before := range map[string]ActID{"of another chain": tb.ledger.Chain(RecordOf(cascadia))[0].ID(), "of another place": first.ID()} {
		t.Run(name, func(t *testing.T) {
			a := Act{
				Negotiation: tb.ledger.Negotiation(), Chain: record, Sequence: 2, Previous: before,
				Author: borealia, Time: tb.now, Content: on(4, tb),
			}
			_, err := sign(t, key, Unsigned{Act: a}).verify(tb.ledger)
			wantFault(t, err, ErrPredecessor)
		})
	}
	if got := tb.ledger.Snapshot().Path(record, IDOf(second.payload), 1); len(got) != 3 || got[0].ID() != joined || got[1].ID() != first.ID() {
		t.Errorf("the path to the side has %d acts", len(got))
	}
	if got := tb.ledger.Snapshot().Path(record, IDOf(second.payload), 3); len(got) != 1 {
		t.Errorf("the path from place 3 has %d acts", len(got))
	}
}

// TestTipsThatMatterComeFirst: whoever tells only two of the ends of a chain tells those
// by which others learn that it is frozen, whatever stands beside it.
func TestTipsThatMatterComeFirst(t *testing.T) {
	tb := newTableWithRecovery(t)
	record := RecordOf(borealia)
	first := tb.ledger.Head(record).Act
	for range 3 {
		tb.side(first, borealia, tb.keys[borealia], on(4, tb))
	}
	told := func() (acts []ActID) {
		for _, h := range tb.ledger.Snapshot().Tips() {
			if h.Chain == record {
				acts = append(acts, h.Act)
			}
		}
		return acts
	}
	same := func(want ...ActID) {
		t.Helper()
		if got := told()[:len(want)]; slices.ContainsFunc(want, func(id ActID) bool { return !slices.Contains(got, id) }) {
			t.Errorf("told first are %v, not %v", got, want)
		}
	}
	settled := tb.recovered(borealia, first, "2")
	same(settled.ID())
	tb.keys[borealia] = spare(borealia, "2")
	one := tb.side(settled.ID(), borealia, tb.keys[borealia], on(4, tb))
	other := tb.side(settled.ID(), borealia, tb.keys[borealia], on(5, tb))
	same(one.ID(), other.ID())
	// Three recoveries level one another, two of them on one side.
	tb.recovered(borealia, one.ID(), "3")
	one = tb.recovered(borealia, settled.ID(), "4")
	side := tb.recovered(borealia, first, "5").ID()
	for range 3 {
		side = tb.side(side, borealia, spare(borealia, "5"), on(4, tb)).ID()
	}
	same(one.ID(), tb.recovered(borealia, side, "6").ID())
}

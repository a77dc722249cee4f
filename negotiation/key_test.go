package negotiation

import (
	"crypto/ed25519"
	"testing"
	"time"
)

// spare returns one more key of a participant's, by a name.
func spare(c Code, name string) ed25519.PrivateKey { return privateKey(c + Code("/"+name)) }

// after signs an act by hand that follows any act of a chain, or none, and gives it to
// the door.
func (tb *table) after(chain Chain, previous ActID, author Code, key ed25519.PrivateKey, c Content) (Verified, signed, error) {
	tb.t.Helper()
	tb.now = tb.now.Add(time.Minute)
	a := Act{Negotiation: tb.ledger.Negotiation(), Chain: chain, Sequence: 1, Previous: previous, Author: author, Time: tb.now, Content: c}
	if before, ok := tb.ledger.Act(previous); ok {
		a.Sequence = before.Act().Sequence + 1
	}
	s := sign(tb.t, key, Unsigned{Act: a})
	v, err := s.verify(tb.ledger)
	return v, s, err
}

// side admits an act that follows any act of a participant's record.
func (tb *table) side(previous ActID, author Code, key ed25519.PrivateKey, c Content) Verified {
	tb.t.Helper()
	_, s, err := tb.after(RecordOf(author), previous, author, key, c)
	if err != nil {
		tb.t.Fatalf("a side is refused: %v", err)
	}
	return tb.admit(s)
}

// sign admits what a delegation has composed, signed with a key of its own.
func (tb *table) sign(key ed25519.PrivateKey) func(Unsigned, error) Verified {
	return func(u Unsigned, err error) Verified {
		tb.t.Helper()
		if err != nil {
			tb.t.Fatalf("composing: %v", err)
		}
		return tb.admit(sign(tb.t, key, u))
	}
}

// newTableWithRecovery returns a table at which everybody named a recovery key when joining.
func newTableWithRecovery(t testing.TB) *table {
	t.Helper()
	tb := &table{t: t, ledger: NewLedger(ActID{}), keys: map[Code]ed25519.PrivateKey{}, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	text, err := CanonText("statement.en.md", []byte(tableText))
	if err != nil {
		t.Fatal(err)
	}
	codes := []Code{aurelia, borealia, cascadia, delmare}
	for _, c := range codes {
		tb.keys[c] = privateKey(c)
	}
	tb.must(ConveneWith(tableCharter(t), text, tb.now))
	for _, c := range codes {
		tb.must(tb.as(c).Join(publicOf(tb.keys[c]), publicOf(spare(c, "recovery"))))
	}
	return tb
}

func on(paragraph uint64, tb *table) TakePosition {
	return TakePosition{Subject{Paragraph: paragraph, Act: tb.ledger.Chain(TextChain)[0].ID()}, For}
}

// TestRotate: after a rotation the new key counts, and the old one for nothing more.
func TestRotate(t *testing.T) {
	tb := newTableWithRecovery(t)
	old, next := tb.keys[borealia], spare(borealia, "2")
	tb.must(tb.as(borealia).Rotate(publicOf(next), "The laptop is to be replaced."))
	if key, _ := Fold(tb.ledger).Key(borealia); key != publicOf(next) {
		t.Errorf("the key of Borealia is %s", key)
	}
	end := tb.ledger.Head(RecordOf(borealia)).Act
	_, _, err := tb.after(RecordOf(borealia), end, borealia, old, on(4, tb))
	wantFault(t, err, ErrSignature)
	tb.side(end, borealia, next, on(4, tb))
	end = tb.ledger.Head(RecordOf(borealia)).Act
	for name, c := range map[string]Content{
		"the key that it replaced": Rotate{publicOf(old)},
		"the key that it has":      Rotate{publicOf(next)},
		"the recovery key":         Rotate{publicOf(spare(borealia, "recovery"))},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tb.after(RecordOf(borealia), end, borealia, next, c)
			wantFault(t, err, ErrInadmissible)
		})
	}
	_, _, err = tb.after(RecordOf(borealia), end, borealia, spare(borealia, "recovery"), Rotate{publicOf(spare(borealia, "3"))})
	wantFault(t, err, ErrSignature)
}

// TestRecover: the recovery key alone recovers a record, also after an earlier act.
func TestRecover(t *testing.T) {
	tb := newTableWithRecovery(t)
	record := RecordOf(borealia)
	joined := tb.ledger.Head(record).Act
	stolen, recovery, fresh := tb.keys[borealia], spare(borealia, "recovery"), spare(borealia, "fresh")
	theft := tb.side(joined, borealia, stolen, on(4, tb))
	for name, key := range map[string]ed25519.PrivateKey{"the key in force": stolen, "another's recovery key": spare(cascadia, "recovery")} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tb.after(record, joined, borealia, key, Recover{publicOf(fresh), ""})
			wantFault(t, err, ErrSignature)
		})
	}
	_, _, err := tb.after(record, joined, borealia, recovery, Recover{publicOf(fresh), publicOf(recovery)})
	wantFault(t, err, ErrInadmissible)
	tb.sign(recovery)(tb.as(borealia).Recover(publicOf(fresh), publicOf(spare(borealia, "recovery-2")), joined, "Stolen."))
	state := Fold(tb.ledger)
	if state.Counts(theft.ID()) || len(state.Positions) != 0 {
		t.Errorf("what a thief signed still counts: %v", state.Positions)
	}
	if f := state.Forks; len(f) != 1 || f[0].SettledBy != tb.ledger.Head(record).Act || f[0].Place != 2 {
		t.Errorf("forks: %+v", f)
	}
	tb.keys[borealia] = fresh
	tb.must(tb.as(borealia).PositionOnParagraph(1, 4, Against, ""))
	// The old recovery key is out.
	_, _, err = tb.after(record, tb.ledger.Head(record).Act, borealia, recovery, Recover{publicOf(spare(borealia, "x")), ""})
	wantFault(t, err, ErrSignature)
	// Whoever named no recovery key has none.
	plain := newTable(t)
	_, err = plain.as(borealia).Recover(publicOf(fresh), "", ActID{}, "")
	wantFault(t, err, ErrInadmissible)
	_, err = tb.as(borealia).Recover(publicOf(spare(borealia, "y")), "", tb.ledger.Head(TextChain).Act, "")
	wantFault(t, err, ErrUnknownAct)
}

// TestRekey: a chair who has rotated its key goes on signing the text with the old one
// until rekey/1.
func TestRekey(t *testing.T) {
	tb := newTableWithRecovery(t)
	old, next := tb.keys[aurelia], spare(aurelia, "2")
	_, err := tb.as(aurelia).Rekey(ActID{}, "")
	wantFault(t, err, ErrSignature) // nothing has been rotated
	rotation := tb.must(tb.as(aurelia).Rotate(publicOf(next), ""))
	if state := Fold(tb.ledger); state.TextKey() != publicOf(old) {
		t.Errorf("the text is signed with %s before it is rekeyed", state.TextKey())
	}
	end := tb.ledger.Head(TextChain).Act
	foreign := tb.must(tb.as(borealia).Rotate(publicOf(spare(borealia, "2")), ""))
	for name, c := range map[string]struct {
		key  ed25519.PrivateKey
		c    Rekey
		want Fault
	}{
		"signed with the old key":     {old, Rekey{publicOf(next), rotation.ID()}, ErrSignature},
		"another's key":               {spare(borealia, "2"), Rekey{publicOf(spare(borealia, "2")), foreign.ID()}, ErrNotParticipant},
		"another key than the act's":  {spare(aurelia, "3"), Rekey{publicOf(spare(aurelia, "3")), rotation.ID()}, ErrNotParticipant},
		"the key that it has already": {old, Rekey{publicOf(old), tb.ledger.Chain(RecordOf(aurelia))[0].ID()}, ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tb.after(TextChain, end, aurelia, c.key, c.c)
			wantFault(t, err, c.want)
		})
	}
	tb.sign(next)(tb.as(aurelia).Rekey(ActID{}, ""))
	tb.keys[aurelia] = next
	// A thief with the old key forks the record, and has no way to the text by that.
	thief := spare(aurelia, "thief")
	side := tb.side(tb.ledger.Chain(RecordOf(aurelia))[0].ID(), aurelia, old, Rotate{publicOf(thief)})
	_, _, err = tb.after(TextChain, tb.ledger.Head(TextChain).Act, aurelia, thief, Rekey{publicOf(thief), side.ID()})
	wantFault(t, err, ErrSignature)
	if _, frozen := Fold(tb.ledger).Fork(RecordOf(aurelia)); !frozen {
		t.Error("a thief's rotation does not freeze the record")
	}
	tb.must(tb.as(aurelia).Revise(Publication{Headline: "Next", Text: tb.edited(1, "every", "each").Text}))
	_, _, err = tb.after(TextChain, tb.ledger.Head(TextChain).Act, aurelia, old, HandOver{borealia, publicOf(spare(borealia, "2")), foreign.ID()})
	wantFault(t, err, ErrSignature)
	// The chair goes to a participant who has rotated, and who rotates again before taking it up.
	tb.must(tb.as(aurelia).HandOver(borealia, ""))
	tb.sign(spare(borealia, "2"))(tb.as(borealia).Rotate(publicOf(spare(borealia, "3")), ""))
	tb.sign(spare(borealia, "3"))(tb.as(borealia).Rekey(ActID{}, ""))
	tb.sign(spare(borealia, "3"))(tb.as(borealia).TakeUp())
	if state := Fold(tb.ledger); state.Chair != borealia || state.Passing || state.TextKey() != publicOf(spare(borealia, "3")) {
		t.Errorf("chair %s, passing %t, key %s", state.Chair, state.Passing, state.TextKey())
	}
	_, _, err = tb.after(TextChain, tb.ledger.Head(TextChain).Act, aurelia, next, TakeUp{})
	wantFault(t, err, ErrNotChair)
}

// TestSucceed: two thirds of the participants make another the chair.
func TestSucceed(t *testing.T) {
	tb := newTableWithRecovery(t)
	end := tb.ledger.Head(TextChain).Act
	recognise := func(c Code) ActID { return tb.must(tb.as(c).Recognise(cascadia, ActID{}, "The chair is gone.")).ID() }
	_, err := tb.as(cascadia).Succeed("")
	wantFault(t, err, ErrNotChair)
	b, c := recognise(borealia), recognise(cascadia)
	_, err = tb.as(cascadia).Succeed("")
	wantFault(t, err, ErrNotChair) // two of four are not two thirds
	other := tb.must(tb.as(delmare).Recognise(borealia, ActID{}, "")).ID()
	joined := func(c Code) ActID { return tb.ledger.Chain(RecordOf(c))[0].ID() }
	key := publicOf(tb.keys[cascadia])
	d := recognise(delmare)
	for name, s := range map[string]struct {
		author Code
		key    ed25519.PrivateKey
		c      Succeed
		want   Fault
	}{
		"too few":               {cascadia, tb.keys[cascadia], Succeed{key, joined(cascadia), []ActID{b, c}}, ErrNotChair},
		"one twice":             {cascadia, tb.keys[cascadia], Succeed{key, joined(cascadia), []ActID{b, b, c}}, ErrNotCanonical},
		"not in order":          {cascadia, tb.keys[cascadia], Succeed{key, joined(cascadia), []ActID{c, b, d}}, ErrNotCanonical},
		"of another":            {cascadia, tb.keys[cascadia], Succeed{key, joined(cascadia), []ActID{b, c, other}}, ErrNotChair},
		"what is none":          {cascadia, tb.keys[cascadia], Succeed{key, joined(cascadia), []ActID{b, c, joined(delmare)}}, ErrNotChair},
		"another's recognition": {delmare, tb.keys[delmare], Succeed{publicOf(tb.keys[delmare]), joined(delmare), []ActID{b, c, d}}, ErrNotChair},
		"another's key":         {cascadia, tb.keys[delmare], Succeed{publicOf(tb.keys[delmare]), joined(delmare), []ActID{b, c, d}}, ErrNotParticipant},
		"signed by another":     {cascadia, tb.keys[delmare], Succeed{key, joined(cascadia), []ActID{b, c, d}}, ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tb.after(TextChain, end, s.author, s.key, s.c)
			wantFault(t, err, s.want)
		})
	}
	// Meanwhile the old chair has gone on: the recognitions name the act before that.
	late := tb.must(tb.as(aurelia).Revise(Publication{Headline: "Late", Text: tb.edited(1, "every", "each").Text}))
	tb.must(tb.as(cascadia).Succeed("Three of four wish it."))
	state := Fold(tb.ledger)
	if state.Chair != cascadia || state.Counts(late.ID()) || len(state.Revisions) != 1 || len(state.Forks) != 1 || state.Forks[0].Frozen() {
		t.Errorf("chair %s, forks %+v, %d revisions", state.Chair, state.Forks, len(state.Revisions))
	}
	tb.must(tb.as(cascadia).Revise(Publication{Headline: "In time", Text: tb.edited(1, "every", "each").Text}))
	_, _, err = tb.after(TextChain, tb.ledger.Head(TextChain).Act, aurelia, tb.keys[aurelia], HandOver{delmare, publicOf(tb.keys[delmare]), joined(delmare)})
	wantFault(t, err, ErrNotChair)
	// What the old chair signs on its own side is kept and counts for nothing.
	v, s, err := tb.after(TextChain, late.ID(), aurelia, tb.keys[aurelia], HandOver{delmare, publicOf(tb.keys[delmare]), joined(delmare)})
	if err != nil {
		t.Fatal(err)
	}
	tb.admit(s)
	if state := Fold(tb.ledger); state.Counts(v.ID()) || state.Chair != cascadia {
		t.Errorf("the old chair hands over what it no longer has: chair %s", state.Chair)
	}
}

// TestRotatedOutSuccessor: whoever has a key that a successor has replaced cannot take
// the chair with it.
func TestRotatedOutSuccessor(t *testing.T) {
	tb := newTableWithRecovery(t)
	stolen := tb.keys[cascadia]
	tb.must(tb.as(cascadia).Rotate(publicOf(spare(cascadia, "2")), ""))
	tb.keys[cascadia] = spare(cascadia, "2")
	var recognised []ActID
	for _, c := range []Code{borealia, cascadia, delmare} {
		recognised = append(recognised, tb.must(tb.as(c).Recognise(cascadia, ActID{}, "")).ID())
	}
	c := Succeed{publicOf(stolen), tb.ledger.Chain(RecordOf(cascadia))[0].ID(), recognised}
	_, _, err := tb.after(TextChain, tb.ledger.Head(TextChain).Act, cascadia, stolen, c)
	wantFault(t, err, ErrSignature)
	// A key that replaces the recognised one will do.
	tb.must(tb.as(cascadia).Rotate(publicOf(spare(cascadia, "3")), ""))
	tb.keys[cascadia] = spare(cascadia, "3")
	tb.must(tb.as(cascadia).Succeed(""))
	if state := Fold(tb.ledger); state.Chair != cascadia {
		t.Errorf("the chair is %s", state.Chair)
	}
}

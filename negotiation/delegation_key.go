package negotiation

import (
	"maps"
	"slices"
)

// checkFrozen refuses to act at the end of a chain that is frozen, saying what helps.
func (s *State) checkFrozen(c Chain) error {
	f, frozen := s.Fork(c)
	if !frozen {
		return nil
	}
	if owner, isRecord := c.Owner(); isRecord {
		return ErrForked.Because("the record of %s is forked at act %d: its key signed %d acts for that place, and nothing "+
			"from there on counts until the record is recovered with the recovery key", owner, f.Place, len(f.Sides))
	}
	return ErrForked.Because("the text is forked at act %d: the chair's key signed %d acts for that place, and nothing from "+
		"there on counts until the chair, with a record that it has recovered, signs with its new key, or two thirds of the "+
		"participants recognise a successor", f.Place, len(f.Sides))
}

// Rotate composes the change of the delegation's key, to be signed with the old one.
func (d Delegation) Rotate(key PublicKey, explanation string) (Unsigned, error) {
	return d.record(explanation, Rotate{key}, nil)
}

// Recover composes the recovery of the delegation's record, to be signed with the
// recovery key. Next is the recovery key from then on; empty for the same. It goes on
// after an act of the record, which then counts with all before it; the zero name
// is that of the last act that counts.
func (d Delegation) Recover(key, next PublicKey, after ActID, explanation string) (Unsigned, error) {
	head, err := d.place(RecordOf(d.code), after)
	if err != nil {
		return Unsigned{}, err
	}
	if head.Sequence == 0 {
		if _, frozen := d.state.Fork(head.Chain); frozen {
			return Unsigned{}, ErrForked.Because("%s has joined twice; say after which joining the record is to go on", d.code)
		}
		return Unsigned{}, ErrNotParticipant.Because("%s has not joined", d.code)
	}
	return d.settle(head, explanation, Recover{key, next})
}

// settle composes an act that may decide a fork, and refuses one that would not come to
// count: where another act settles the chain on another side, none would.
func (d Delegation) settle(head Head, explanation string, c Content) (Unsigned, error) {
	u, err := d.composeAfter(head, explanation, c, nil)
	if err != nil {
		return u, err
	}
	raw, err := FormatAct(u.Act)
	if err != nil {
		return u, err
	}
	t := *d.ledger.tree(head.Chain)
	t.line, t.beside, t.tips = slices.Clip(t.line), slices.Clip(t.beside), maps.Clone(t.tips)
	v := Verified{id: IDOf(raw), act: u.Act, settles: d.ledger.settles(c)}
	if t.add(v); !t.counts(v.id, v.act.Sequence) {
		return u, ErrForked.Because("%s has been settled on another side already, and with this act no side would count: go on after its last act", head.Chain)
	}
	return u, nil
}

// place returns the head of a chain that an act is, or the end of the line for none.
func (d Delegation) place(c Chain, id ActID) (Head, error) {
	if id.IsZero() {
		return d.ledger.Head(c), nil
	}
	v, ok := d.ledger.acts[id]
	if !ok || v.act.Chain != c {
		return Head{}, ErrUnknownAct.Because("there is no such act in %s", c)
	}
	return Head{c, v.act.Sequence, id}, nil
}

// Rekey composes the chair's first act under the key that its record has now, which
// signs it. It goes on after an act of the text chain; the zero name is that of the
// last act that counts.
func (d Delegation) Rekey(after ActID, explanation string) (Unsigned, error) {
	head, err := d.place(TextChain, after)
	if err != nil {
		return Unsigned{}, err
	}
	key := d.ledger.last(RecordOf(d.code)).key
	if key == nil {
		return Unsigned{}, ErrNotParticipant.Because("%s has not joined", d.code)
	}
	c := Rekey{key.key, key.act}
	if !d.ledger.settles(c) {
		if err := d.state.checkFrozen(TextChain); err != nil {
			return Unsigned{}, err
		}
	}
	return d.settle(head, explanation, c)
}

// Recognise composes the delegation's word that another should have the chair, going
// on after an act of the text chain; the zero name is that of the last act that counts.
func (d Delegation) Recognise(successor Code, text ActID, explanation string) (Unsigned, error) {
	head, err := d.place(TextChain, text)
	if err != nil {
		return Unsigned{}, err
	}
	key := d.ledger.last(RecordOf(successor)).key
	if key == nil {
		return Unsigned{}, ErrNotParticipant.Because("%s has not joined", successor)
	}
	return d.record(explanation, Recognise{successor, head.Act, key.act}, nil)
}

// Succeed composes the first act of a chair by succession, from the recognitions that
// count. It goes on after the act of the text chain that enough participants have named.
func (d Delegation) Succeed(explanation string) (Unsigned, error) {
	key := d.ledger.last(RecordOf(d.code)).key
	if key == nil {
		return Unsigned{}, ErrNotParticipant.Because("%s has not joined", d.code)
	}
	named := map[ActID][]ActID{} // recognitions by the act to go on after
	by := map[ActID]Code{}       // who made the newest
	var best ActID
	for _, r := range d.state.Recognitions {
		made := d.state.act(r.Act).act.Content.(Recognise)
		_, participant := d.ledger.acts[d.ledger.acts[r.Text].after.charter].charter.Participant(r.By)
		if r.Successor != d.code || !participant || !key.descends(made.Established) || by[r.Text] == r.By {
			continue
		}
		by[r.Text] = r.By
		named[r.Text] = append(named[r.Text], r.Act)
		if more := len(named[r.Text]) - len(named[best]); more > 0 || more == 0 && r.Text == d.ledger.Head(TextChain).Act {
			best = r.Text
		}
	}
	if best.IsZero() {
		return Unsigned{}, ErrNotChair.Because("no participant recognises %s as chair; it takes %d", d.code, twoThirds(d.state.Charter))
	}
	head, err := d.place(TextChain, best)
	if err != nil {
		return Unsigned{}, err
	}
	return d.settle(head, explanation, Succeed{key.key, key.act, named[best]})
}

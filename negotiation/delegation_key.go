package negotiation

import "slices"

// checkFrozen refuses to act at the end of a chain that is frozen, saying what helps.
func (s *State) checkFrozen(c Chain) error {
	f, frozen := s.Fork(c)
	if !frozen {
		return nil
	}
	what, key := "the text", "the chair's key"
	if owner, isRecord := c.Owner(); isRecord {
		what, key = "the record of "+string(owner), "its key"
	}
	return ErrForked.Because("%s is forked at act %d: %s signed %d acts for that place, and nothing from there on counts until %s",
		what, f.Place, key, len(f.Sides), s.cure(f))
}

// cure says what would settle a fork that freezes a chain.
func (s *State) cure(f Fork) string {
	settled := map[string]bool{} // by kinds of acts, on more than one side
	for id := range s.beside {
		if v := s.acts[id]; v.settles && v.act.Chain == f.Chain && v.act.Sequence >= f.Place {
			settled[v.act.Content.Kind()] = true
		}
	}
	switch {
	case settled[kindRecover]:
		return "the record, which was recovered on more than one side, is recovered once more after one of these recoveries"
	case f.Chain != TextChain:
		return "the record is recovered with the recovery key"
	case settled[kindSucceed]:
		return "two thirds of the participants recognise a successor anew, who then succeeds"
	case settled[kindRekey]:
		return "the chair recovers its record once more and signs with its new key, or two thirds of the participants recognise a successor"
	}
	return "the chair, with a record that it has recovered, signs with its new key, or two thirds of the participants recognise a successor"
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

// settle composes an act that may decide a fork. One that would not come to count is
// refused, unless it is a recovery that others can be built on: whoever has the recovery
// key in force there alone can outrank the other sides in no other way.
func (d Delegation) settle(head Head, explanation string, c Content) (Unsigned, error) {
	u, err := d.composeAfter(head, explanation, c, nil)
	if err != nil {
		return u, err
	}
	raw, err := FormatAct(u.Act)
	if err != nil {
		return u, err
	}
	v := Verified{id: IDOf(raw), act: u.Act, settles: d.ledger.settles(c)}
	v.after = d.ledger.before(u.Act).after(d.ledger, &v)
	if d.ledger.tree(head.Chain).with(d.ledger, v).counts(v.id, v.act.Sequence) {
		return u, nil
	}
	return u, d.outranked(&v)
}

// outranked says what would settle a chain in place of an act that does not.
func (d Delegation) outranked(v *Verified) error {
	if _, recovers := v.act.Content.(Recover); recovers {
		last, ok := d.recoverable(v.act)
		if !ok {
			return nil
		}
		return ErrForked.Because("the record of %s has been recovered on another side already, and with this act no side would count: "+
			"recover it once more, after the recovery at place %d there", d.code, last.act.Sequence)
	}
	if !v.settles {
		return ErrForked.Because("a key from a rotation settles nothing: recover the record with its recovery key, and sign with the key from that")
	}
	byRekey := func(r Verified) bool {
		_, rekeys := r.act.Content.(Rekey)
		return rekeys && r.act.Author == d.code
	}
	t := d.ledger.tree(TextChain)
	path := t.path(v.act.Previous, 1)
	for _, r := range slices.Concat(t.line, t.beside) {
		on := func(p Verified) bool { return p.id == r.id }
		if !r.settles || d.ledger.outranks(v, &r) || slices.ContainsFunc(path, on) || byRekey(r) {
			continue
		}
		return ErrForked.Because("%s has the chair on another side, and with this act no side would count: "+
			"two thirds of the participants recognise a successor anew, who then succeeds", r.act.Author)
	}
	return ErrForked.Because("the chair has signed on another side with a key from a recovery that is no older, and with this act " +
		"no side would count: recover the record once more, and sign with the key from that")
}

// recoverable returns the first act with the most recoveries before it after which the
// same recovery key counts as at a's place, if a recovery after it has more before it
// than a.
func (d Delegation) recoverable(a Act) (Verified, bool) {
	t := d.ledger.tree(a.Chain)
	var last Verified
	most := d.ledger.before(a).recoveries
	for _, v := range slices.Concat(t.line, t.beside) {
		if v.after.recovery == d.ledger.before(a).recovery && v.after.recoveries > most {
			last, most = v, v.after.recoveries
		}
	}
	return last, last.after != nil
}

// place returns the head of a chain that an act is, or the end of the line for none.
func (d Delegation) place(c Chain, id ActID) (Head, error) {
	if id.IsZero() {
		return d.ledger.Head(c), nil
	}
	v, ok := d.ledger.Act(id)
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
// count. It goes on after the act of the text chain that enough participants have named
// anew, or else that most have named. Where enough are newer than those that other
// successions cite, it cites these alone.
func (d Delegation) Succeed(explanation string) (Unsigned, error) {
	key := d.ledger.last(RecordOf(d.code)).key
	if key == nil {
		return Unsigned{}, ErrNotParticipant.Because("%s has not joined", d.code)
	}
	best := recognised{}
	for _, r := range d.recognised(key) {
		if r.beats(best) || !best.beats(r) && r.text == d.ledger.Head(TextChain).Act {
			best = r
		}
	}
	if best.text.IsZero() {
		return Unsigned{}, ErrNotChair.Because("no participant recognises %s as chair; it takes %d", d.code, twoThirds(d.state.Charter))
	}
	head, err := d.place(TextChain, best.text)
	if err != nil {
		return Unsigned{}, err
	}
	return d.settle(head, explanation, Succeed{key.key, key.act, best.by})
}

// recognised is who would have a delegation go on as chair after an act of the text.
type recognised struct {
	text   ActID
	by     []ActID // recognitions, by their authors' codes
	enough bool    // of them are newer than those that any succession cites
}

func (r recognised) beats(other recognised) bool {
	if r.enough != other.enough {
		return r.enough
	}
	return len(r.by) > len(other.by)
}

// recognised returns who recognises the delegation with a key that this one is or has
// replaced, by the acts of the text that they have named.
func (d Delegation) recognised(key *signingKey) []recognised {
	var all []recognised
	for _, r := range d.state.Recognitions {
		made := d.state.act(r.Act).act.Content.(Recognise)
		_, participant := d.charterAt(r.Text).Participant(r.By)
		if r.Successor != d.code || !participant || !key.descends(made.Established) {
			continue
		}
		i := slices.IndexFunc(all, func(other recognised) bool { return other.text == r.Text })
		if i < 0 {
			i, all = len(all), append(all, recognised{text: r.Text})
		}
		all[i].by = append(all[i].by, r.Act)
	}
	for i, r := range all {
		fresh := slices.DeleteFunc(slices.Clone(r.by), d.cited)
		if len(fresh) >= twoThirds(d.charterAt(r.text)) {
			all[i].by, all[i].enough = fresh, true
		}
	}
	return all
}

// charterAt returns the charter in force after an act of the text chain.
func (d Delegation) charterAt(text ActID) Charter {
	return d.ledger.acts[d.ledger.acts[text].after.charter].charter
}

// cited reports whether a succession cites this recognition or one by the same state
// that does not stand before it.
func (d Delegation) cited(recognition ActID) bool {
	t := d.ledger.tree(TextChain)
	return slices.ContainsFunc(slices.Concat(t.line, t.beside), func(v Verified) bool {
		c, succeeds := v.act.Content.(Succeed)
		return succeeds && slices.ContainsFunc(c.Recognised, func(id ActID) bool {
			return d.ledger.acts[id].act.Author == d.ledger.acts[recognition].act.Author && !d.ledger.later(recognition, id)
		})
	})
}

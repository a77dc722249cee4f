package negotiation

import "slices"

// Succeed gives its author the chair without the one who had it: two thirds of the
// participants of the charter in force, rounded up, recognise the author, each by an
// act of its own that names the act before this one. It settles the text chain, and
// prevails over each Rekey on another side; over another Succeed, when all whom both
// cite have recognised anew. That a
// recognition later comes to stand beside the line of its record does not undo it: a
// record that is forked stops nothing but itself.
type Succeed struct {
	Key         PublicKey
	Established ActID   // the author's joining, rotation or recovery
	Recognised  []ActID // by their authors' codes
}

const keyRecognised = "Recognised"

// Kind returns "succeed/1".
func (Succeed) Kind() string { return kindSucceed }

func (Succeed) bringsText() bool { return false }

func (Succeed) subject() string { return "Take up the chair by succession" }

func (c Succeed) trailers() []Trailer {
	t := []Trailer{{keyKey, string(c.Key)}, {keyEstablished, reference(c.Established)}}
	for _, id := range c.Recognised {
		t = append(t, Trailer{keyRecognised, reference(id)})
	}
	return t
}

func parseSucceed(r *trailerReader) Content {
	c := Succeed{Key: readField(r, keyKey, ParsePublicKey), Established: r.reference(keyEstablished)}
	for r.at(keyRecognised) && r.err == nil {
		c.Recognised = append(c.Recognised, r.reference(keyRecognised))
	}
	return c
}

// signedWith returns the successor's key once the succession has proved good. Nothing
// but this lets anybody besides the chair write on the text chain.
func (c Succeed) signedWith(l *Ledger, a Act) (*signingKey, error) {
	key, err := l.established(c.Established, a.Author, c.Key)
	if err != nil {
		return nil, err
	}
	charter := l.acts[l.before(a).charter].charter
	var by []Code
	for _, id := range c.Recognised {
		v := l.acts[id]
		r, ok := v.act.Content.(Recognise)
		switch _, participant := charter.Participant(v.act.Author); {
		case !ok || !participant || r.Successor != a.Author:
			return nil, ErrNotChair.Because("what is cited does not recognise %s as chair", a.Author)
		case r.Text != a.Previous:
			return nil, ErrNotChair.Because("%s recognises %s after another act of the text", v.act.Author, a.Author)
		case !key.descends(r.Established):
			return nil, ErrSignature.Because("%s recognises %s with a key that this one does not replace", v.act.Author, a.Author)
		}
		by = append(by, v.act.Author)
	}
	if !slices.IsSorted(by) || len(slices.Compact(slices.Clone(by))) != len(by) {
		return nil, ErrNotCanonical.Because("the recognitions are not one each, by the codes of those who made them")
	}
	if needed := twoThirds(charter); len(by) < needed {
		return nil, ErrNotChair.Because("%s is recognised as chair by %d of the participants; it takes %d", a.Author, len(by), needed)
	}
	return key, nil
}

// twoThirds returns how many participants make a successor.
func twoThirds(c Charter) int { return (2*len(c.Participants) + 2) / 3 }

func (Succeed) verify(*Ledger, *Verified) error { return nil }

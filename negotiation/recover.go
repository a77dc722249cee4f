package negotiation

// Recover replaces the key of its author's record when it was lost or stolen. It is
// signed with the recovery key in force at its place, and settles the record: where two
// acts follow one, the one counts that leads to it, unless the other leads to a Recover
// with as many before it. So it also undoes what a thief signed, by going on after an
// earlier act; and whoever has the recovery key in force there can answer.
type Recover struct {
	Key      PublicKey
	Recovery PublicKey // the next recovery key; empty when the same goes on
}

// Kind returns "recover/1".
func (Recover) Kind() string { return kindRecover }

func (Recover) bringsText() bool { return false }

func (Recover) subject() string { return "Recover the record" }

func (c Recover) trailers() []Trailer {
	t := []Trailer{{keyKey, string(c.Key)}}
	if c.Recovery != "" {
		t = append(t, Trailer{keyRecovery, string(c.Recovery)})
	}
	return t
}

func parseRecover(r *trailerReader) Content {
	c := Recover{Key: readField(r, keyKey, ParsePublicKey)}
	if r.at(keyRecovery) {
		c.Recovery = readField(r, keyRecovery, ParsePublicKey)
	}
	return c
}

func (c Recover) verify(l *Ledger, v *Verified) error {
	before := l.before(v.act)
	if before.key.used(c.Key) || c.Key == before.recovery {
		return ErrInadmissible.Because("the new key has been one of %s before", v.act.Author)
	}
	if c.Recovery != "" && (before.key.used(c.Recovery) || c.Recovery == before.recovery || c.Recovery == c.Key) {
		return ErrInadmissible.Because("the new recovery key has been one of %s before", v.act.Author)
	}
	return nil
}

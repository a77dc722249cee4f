package negotiation

// Rotate replaces the key that signs its author's record. It is signed with the key
// in force, and from the next place on only the new one counts. A key that has signed
// the record before never comes back.
type Rotate struct {
	Key PublicKey
}

// Kind returns "rotate/1".
func (Rotate) Kind() string { return kindRotate }

func (Rotate) bringsText() bool { return false }

func (Rotate) subject() string { return "Rotate the key" }

func (c Rotate) trailers() []Trailer { return []Trailer{{keyKey, string(c.Key)}} }

func parseRotate(r *trailerReader) Content {
	return Rotate{Key: readField(r, keyKey, ParsePublicKey)}
}

func (c Rotate) verify(l *Ledger, v *Verified) error {
	before := l.before(v.act)
	if before.key.used(c.Key) || c.Key == before.recovery {
		return ErrInadmissible.Because("the new key has been one of %s before", v.act.Author)
	}
	return nil
}

package negotiation

// Rekey lets the text chain go on under the chair's new key, which signs it. It cites
// the act of the chair's record that established that key, after the one whose key
// signed the text so far. When that act is a [Recover], Rekey settles the text chain, and
// prevails over its author's on other sides that cite a Recover with fewer before it.
type Rekey struct {
	Key         PublicKey
	Established ActID // the chair's rotate/1 or recover/1
}

const keyEstablished = "Established"

// Kind returns "rekey/1".
func (Rekey) Kind() string { return kindRekey }

func (Rekey) bringsText() bool { return false }

func (Rekey) subject() string { return "Sign for the chair with a new key" }

func (c Rekey) trailers() []Trailer {
	return []Trailer{{keyKey, string(c.Key)}, {keyEstablished, reference(c.Established)}}
}

func parseRekey(r *trailerReader) Content {
	return Rekey{Key: readField(r, keyKey, ParsePublicKey), Established: r.reference(keyEstablished)}
}

// signedWith returns the new key once it has proved to be the chair's.
func (c Rekey) signedWith(l *Ledger, a Act) (*signingKey, error) {
	now := l.before(a).key
	next, err := l.established(c.Established, a.Author, c.Key)
	if err != nil {
		return nil, err
	}
	if !next.replaced(now) {
		return nil, ErrSignature.Because("the key does not replace the one that signed the text so far")
	}
	return next, nil
}

func (Rekey) verify(*Ledger, *Verified) error { return nil }

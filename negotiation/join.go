package negotiation

// Join is the first act of a participant's record. It answers the text chain's
// act whose charter names the participant with this key. The recovery key is kept
// offline; it alone will be able to replace a key that was lost or stolen.
type Join struct {
	Charter  ActID     // the act whose charter names the participant
	Key      PublicKey // the charter's key for it; signs its record from here on
	Recovery PublicKey // may be empty
}

const (
	keyCharter  = "Charter"
	keyRecovery = "Recovery-Key"
)

// Kind returns "join/1".
func (Join) Kind() string { return kindJoin }

func (Join) bringsText() bool { return false }

func (Join) subject() string { return "Join the negotiation" }

func (c Join) trailers() []Trailer {
	t := []Trailer{{keyCharter, reference(c.Charter)}, {keyKey, string(c.Key)}}
	if c.Recovery != "" {
		t = append(t, Trailer{keyRecovery, string(c.Recovery)})
	}
	return t
}

func parseJoin(r *trailerReader) Content {
	c := Join{Charter: r.reference(keyCharter), Key: readField(r, keyKey, ParsePublicKey)}
	if r.at(keyRecovery) {
		c.Recovery = readField(r, keyRecovery, ParsePublicKey)
	}
	return c
}

func (c Join) verify(l *Ledger, v *Verified) error {
	if v.act.Sequence != 1 {
		return ErrInadmissible.Because("%s has joined already", v.act.Author)
	}
	if c.Recovery == c.Key {
		return ErrInadmissible.Because("the recovery key is the key itself")
	}
	return nil
}

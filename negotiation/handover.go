package negotiation

import "fmt"

// HandOver is the outgoing chair's act that passes the text chain to another
// participant who has joined. From its place on only that participant's key counts
// there, and only [TakeUp] may follow, or [Rekey] and [Succeed] before it.
type HandOver struct {
	To     Code
	Key    PublicKey // the incoming chair's, as its record has it
	Joined ActID     // the incoming chair's joining, rotation or recovery, which established it
}

const (
	keyTo     = "To"
	keyKey    = "Key"
	keyJoined = "Joined"
)

// Kind returns "hand-over/1".
func (HandOver) Kind() string { return kindHandOver }

func (HandOver) bringsText() bool { return false }

func (c HandOver) subject() string { return fmt.Sprintf("Hand the chair over to %s", c.To) }

func (c HandOver) trailers() []Trailer {
	return []Trailer{{keyTo, string(c.To)}, {keyKey, string(c.Key)}, {keyJoined, reference(c.Joined)}}
}

func parseHandOver(r *trailerReader) Content {
	return HandOver{
		To:     readField(r, keyTo, ParseCode),
		Key:    readField(r, keyKey, ParsePublicKey),
		Joined: r.reference(keyJoined),
	}
}

func (c HandOver) verify(l *Ledger, v *Verified) error {
	if _, err := l.established(c.Joined, c.To, c.Key); err != nil {
		return err
	}
	if c.To == v.act.Author {
		return ErrInadmissible.Because("%s has the chair already", c.To)
	}
	return nil
}

package negotiation

import "fmt"

// Recognise says in its author's record that another participant should have the
// chair, because the one who has it is gone or has forked the text. It counts for a
// [Succeed] that stands right after the act of the text chain which it names, and for
// the key that it names or one that replaced it. It can be said anew after the same act,
// for the same successor or another; then the newest counts.
type Recognise struct {
	Successor   Code
	Text        ActID // the act of the text chain after which the successor goes on
	Established ActID // the act of the successor's record that established its key
}

const (
	keySuccessor = "Successor"
	keyText      = "Text"
)

// Kind returns "recognise/1".
func (Recognise) Kind() string { return kindRecognise }

func (Recognise) bringsText() bool { return false }

func (c Recognise) subject() string { return fmt.Sprintf("Recognise %s as chair", c.Successor) }

func (c Recognise) trailers() []Trailer {
	return []Trailer{
		{keySuccessor, string(c.Successor)}, {keyText, reference(c.Text)}, {keyEstablished, reference(c.Established)},
	}
}

func parseRecognise(r *trailerReader) Content {
	return Recognise{
		Successor:   readField(r, keySuccessor, ParseCode),
		Text:        r.reference(keyText),
		Established: r.reference(keyEstablished),
	}
}

func (c Recognise) verify(l *Ledger, _ *Verified) error {
	if l.acts[c.Text].act.Chain != TextChain {
		return ErrUnknownAct.Because("what the successor is to follow is not an act of the text")
	}
	if key := l.acts[c.Established].after.key; key.act != c.Established || l.acts[c.Established].act.Author != c.Successor {
		return ErrNotParticipant.Because("what is cited does not establish a key of %s", c.Successor)
	}
	return nil
}

// A Recognition is one state's word that another should have the chair.
type Recognition struct {
	By        Code  `json:"by"`
	Successor Code  `json:"successor"`
	Text      ActID `json:"text"`
	Act       ActID `json:"act"`
}

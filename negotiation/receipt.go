package negotiation

import (
	"fmt"
	"strings"
)

// Receipt says that its author's node has received and verified an act of the
// text chain. A state without a receipt of a notice has not been served.
type Receipt struct {
	Place uint64 // of the received act in the text chain
	Of    ActID
}

const keyReceived = "Of"

// Kind returns "receipt/1".
func (Receipt) Kind() string { return kindReceipt }

func (Receipt) bringsText() bool { return false }

func (c Receipt) subject() string { return fmt.Sprintf("Receive act %d of the text", c.Place) }

func (c Receipt) trailers() []Trailer {
	return []Trailer{{keyReceived, fmt.Sprintf("%d %s", c.Place, reference(c.Of))}}
}

func parseReceipt(r *trailerReader) Content {
	return readField(r, keyReceived, func(s string) (Receipt, error) {
		place, of, _ := strings.Cut(s, " ")
		n, err := parseNumber(place)
		id, refErr := parseReference(of)
		return Receipt{Place: n, Of: id}, firstError(err, refErr)
	})
}

func (c Receipt) verify(l *Ledger, v *Verified) error {
	of := l.acts[c.Of].act
	if of.Chain != TextChain || of.Sequence != c.Place {
		return ErrUnknownAct.Because("what was received is not act %d of the text", c.Place)
	}
	return nil
}

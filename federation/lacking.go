package federation

import (
	"errors"
	"slices"
	"time"

	"concord/negotiation"
)

// lacking is an error of [Store.Receive] that says what to ask the sender for.
type lacking interface {
	error
	Lacks() []negotiation.Head
}

// mostLacking is how many things that a message lacks are asked for before the store
// tries the message again.
const mostLacking = 32

// receive has a message stored. What the store then says that it lacks is asked for
// from the sender, who holds it: as long as that gets on, for as long as one fetch
// may take.
func (l *Link) receive(from negotiation.Code, message []byte) error {
	var asked []negotiation.Head
	for until := time.Now().Add(l.cfg.FetchTimeout); ; {
		err := l.cfg.Store.Receive(l.ctx, message)
		var lacks lacking
		if !errors.As(err, &lacks) || slices.Equal(lacks.Lacks(), asked) {
			return err
		}
		asked = lacks.Lacks()
		for _, one := range asked[:min(mostLacking, len(asked))] {
			request := Request{l.cfg.Negotiation, one.Chain, one.Sequence, one.Act}
			reply, noReply := l.fetch(fetch{from: from, request: request, within: time.Until(until)})
			if noReply != nil || len(reply) == 0 || len(reply) > MaxActs || l.cfg.Store.Receive(l.ctx, reply) != nil {
				return err
			}
		}
	}
}

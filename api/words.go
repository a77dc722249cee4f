package api

import (
	"fmt"
	"strings"
	"time"

	"concord/negotiation"
)

// The values of Peer.Why and Hub.Why are those of the document; whatever else comes is
// said to be unknown.

// WhyNot says why a peer is not connected, and what can be done; "" when it is.
func (p Peer) WhyNot() string {
	switch p.Why {
	case "":
		return ""
	case "line":
		return "The line of this node is down. What is known of others is of before."
	case "never":
		return "It has never been heard. Its node has not been started yet, or is not at a hub of this node's."
	case "silent":
		return "It is silent: its node is stopped, its line is down, or what it says is withheld."
	case "key":
		return "What comes is signed with a key that is not known here. If that state has replaced its key, the act that says so is still to come; if not, ask it."
	case "refused":
		return "What comes from it is refused: " + refusal(p.LastFault) + ". Ask whoever runs that node."
	case "old":
		return "What comes is dated no later than what came before. Its clock was put back, or a hub repeats what it has kept."
	case "flood":
		return "It sends so much that brings nothing that it has to wait. It is heard again by itself."
	}
	return "It is not connected, for a reason that is not known here."
}

// refusal says what is wrong with messages that were refused for a fault.
func refusal(f negotiation.Fault) string {
	switch f {
	case negotiation.ErrSignature:
		return "the signature is not of its key"
	case negotiation.ErrNotCanonical:
		return "it is not in the form that is agreed"
	case negotiation.ErrTooLarge:
		return "it is too large"
	case negotiation.ErrNegotiation:
		return "it belongs to another negotiation"
	case negotiation.ErrForeignChain:
		return "it speaks for another state"
	}
	return fmt.Sprintf("it breaks the rule “%s”", f)
}

// Clock says by how much a peer's clock is off; "" when it is not, as far as is known.
func (p Peer) Clock() string {
	off := time.Duration(p.ClockOff) * time.Second
	switch {
	case off > 0:
		return "Its clock is " + span(off) + " ahead of this node's."
	case off < 0:
		return "Its clock is " + span(-off) + " behind this node's."
	}
	return ""
}

// Hearing says that a peer is not heard through all hubs; "" when nothing is the matter.
func (p Peer) Hearing() string {
	if p.Through >= p.Hubs {
		return ""
	}
	return fmt.Sprintf("It is heard through %d of %d hubs only: it is not at the others, or one of them withholds what it says.", p.Through, p.Hubs)
}

// Lacks says how many acts that are held here it lacks, of which chains, and Leads how many
// it holds that are lacking here; both a dash when it has not been heard since this node was
// started.
func (p Peer) Lacks() string {
	return p.distance(p.Behind, func(d Distance) uint64 { return d.Behind })
}

func (p Peer) Leads() string {
	return p.distance(p.Ahead, func(d Distance) uint64 { return d.Ahead })
}

func (p Peer) distance(all uint64, of func(Distance) uint64) string {
	if len(p.Heads) == 0 {
		return "–"
	}
	var parts []string
	for _, d := range p.Chains {
		if n := of(d); n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %s", n, d.Chain))
		}
	}
	switch len(parts) {
	case 0:
		return fmt.Sprint(all)
	case 1:
		return parts[0]
	}
	return fmt.Sprintf("%d: %s", all, strings.Join(parts, ", "))
}

// WhyNot says why a hub is not connected, and what can be done; "" when it is.
func (h Hub) WhyNot() string {
	if h.Connected {
		return ""
	}
	switch h.Why {
	case "host":
		return "Its host is not found by that name. The address may be wrong, or the name server away."
	case "refused":
		return "Nothing listens there: the hub is stopped, or the port is another."
	case "unreachable":
		return "There is no way to its host: this node's line, or one on the way, is down."
	case "silent":
		return "It does not answer: it hangs, or something on the way drops what is sent."
	case "key":
		return "What answers there has another key than the one in the invitation. The hub was set up anew, or somebody stands in between: ask whoever runs it, and do not take a new address from elsewhere."
	case "certificate":
		return "Its certificate is not one that this system trusts for that host."
	case "tls":
		return "What answers there does not speak as a hub does: the port may be another service's."
	case "credentials":
		return "It does not know this node's credentials: it was set up anew, or does not serve this state yet. Ask for a new invitation."
	case "closed":
		return "The connection was ended from the other side or on the way."
	}
	return "No reason is known."
}

package federation

import (
	"fmt"
	"strings"

	"concord/negotiation"
)

const (
	requestMagic   = "concord-fetch 2"
	maxRequestSize = 256 // bytes
)

// A Request asks a node for acts that it holds.
type Request struct {
	Negotiation negotiation.ActID
	Chain       negotiation.Chain
	From        uint64            // the first sequence number wanted, from 1
	To          negotiation.ActID // only acts that lead to this one; zero for those of the line
}

// FormatRequest returns the fetch request as it is sent, or the fault that
// would make [ParseRequest] refuse it.
func FormatRequest(r Request) ([]byte, error) {
	message := r.format()
	if _, err := ParseRequest(message); err != nil {
		return nil, err
	}
	return message, nil
}

func (r Request) format() []byte {
	message := fmt.Appendf(nil, "%s\nnegotiation %s\nchain %s\nfrom %d\n", requestMagic, r.Negotiation, r.Chain, r.From)
	if !r.To.IsZero() {
		message = fmt.Appendf(message, "act %s\n", r.To)
	}
	return message
}

// ParseRequest reads a fetch request. Faults: [negotiation.ErrTooLarge], and
// [negotiation.ErrNotCanonical] for all that FormatRequest does not write.
func ParseRequest(message []byte) (Request, error) {
	if len(message) > maxRequestSize {
		return Request{}, negotiation.ErrTooLarge.Because("fetch: %d bytes are more than %d", len(message), maxRequestSize)
	}
	lines := strings.Split(string(message), "\n")
	if len(lines) < 5 || len(lines) > 6 {
		return Request{}, malformedRequest("has four lines or five")
	}
	var r Request
	var err error
	if r.Negotiation, err = negotiation.ParseActID(strings.TrimPrefix(lines[1], "negotiation ")); err != nil {
		return Request{}, malformedRequest(err.Error())
	}
	if r.Chain, err = negotiation.ParseChain(strings.TrimPrefix(lines[2], "chain ")); err != nil {
		return Request{}, malformedRequest(err.Error())
	}
	if r.From, err = parseSequence(strings.TrimPrefix(lines[3], "from ")); err != nil {
		return Request{}, malformedRequest(err.Error())
	}
	if len(lines) == 6 {
		if r.To, err = negotiation.ParseActID(strings.TrimPrefix(lines[4], "act ")); err != nil {
			return Request{}, malformedRequest(err.Error())
		}
	}
	if string(r.format()) != string(message) {
		return Request{}, malformedRequest("is not in canonical form")
	}
	return r, nil
}

func malformedRequest(reason string) error {
	return negotiation.ErrNotCanonical.Because("fetch: %s", reason)
}

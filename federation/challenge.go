package federation

import (
	"encoding/hex"
	"fmt"
	"strings"

	"concord/negotiation"
)

const (
	challengeMagic   = "concord-challenge 1"
	maxChallengeSize = 256 // bytes
)

// A Nonce is random, and used for one [Challenge]. The zero nonce is none.
type Nonce [16]byte

// String returns 32 lower-case hexadecimal digits.
func (n Nonce) String() string { return hex.EncodeToString(n[:]) }

func parseNonce(s string) (n Nonce, err error) {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(n) || Nonce(raw) == (Nonce{}) || Nonce(raw).String() != s {
		return Nonce{}, fmt.Errorf("a nonce is %d lower-case hexadecimal digits, not all of them 0", 2*len(n))
	}
	return Nonce(raw), nil
}

// A Challenge asks a node to say now which heads it holds, so that what it said
// earlier, and somebody has kept, is no answer.
type Challenge struct {
	Negotiation negotiation.ActID
	Nonce       Nonce
}

// FormatChallenge returns the challenge as it is sent, or the fault that would make
// [ParseChallenge] refuse it.
func FormatChallenge(c Challenge) ([]byte, error) {
	message := c.format()
	if _, err := ParseChallenge(message); err != nil {
		return nil, err
	}
	return message, nil
}

func (c Challenge) format() []byte {
	return fmt.Appendf(nil, "%s\nnegotiation %s\nnonce %s\n", challengeMagic, c.Negotiation, c.Nonce)
}

// ParseChallenge reads a challenge. Faults: [negotiation.ErrTooLarge], and
// [negotiation.ErrNotCanonical] for all that FormatChallenge does not write.
func ParseChallenge(message []byte) (Challenge, error) {
	if len(message) > maxChallengeSize {
		return Challenge{}, negotiation.ErrTooLarge.Because("challenge: %d bytes are more than %d", len(message), maxChallengeSize)
	}
	lines := strings.Split(string(message), "\n")
	if len(lines) != 4 {
		return Challenge{}, malformedChallenge("has three lines")
	}
	var c Challenge
	var err error
	if c.Negotiation, err = negotiation.ParseActID(strings.TrimPrefix(lines[1], "negotiation ")); err != nil {
		return Challenge{}, malformedChallenge(err.Error())
	}
	if c.Nonce, err = parseNonce(strings.TrimPrefix(lines[2], "nonce ")); err != nil {
		return Challenge{}, malformedChallenge(err.Error())
	}
	if string(c.format()) != string(message) {
		return Challenge{}, malformedChallenge("is not in canonical form")
	}
	return c, nil
}

func malformedChallenge(reason string) error {
	return negotiation.ErrNotCanonical.Because("challenge: %s", reason)
}

package negotiation

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// An ActID names an act: the SHA-256 of its signed payload. Two encodings of
// one signature therefore carry one name, and two payloads never do.
type ActID [sha256.Size]byte

// String returns the 64 lower-case hexadecimal digits that acts are cited by.
func (id ActID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText encodes the name as String does, for JSON.
func (id ActID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (id *ActID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseActID(string(text))
	return err
}

// IsZero reports whether id names nothing.
func (id ActID) IsZero() bool { return id == ActID{} }

// ParseActID reads 64 lower-case hexadecimal digits. Anything else is
// [ErrNotCanonical].
func ParseActID(s string) (ActID, error) {
	var id ActID
	if len(s) != hex.EncodedLen(len(id)) || s != strings.ToLower(s) {
		return ActID{}, ErrNotCanonical.Because("%q is not 64 lower-case hexadecimal digits", clip(s))
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return ActID{}, ErrNotCanonical.Because("%q is not 64 lower-case hexadecimal digits", clip(s))
	}
	return id, nil
}

// A Code names a participant: an ISO 3166-1 alpha-3 code, or one of the codes
// which that standard leaves to users (AAA, QMA to QZZ, XAA to XZZ, ZZZ).
type Code string

// ParseCode reads three letters A to Z. Anything else is [ErrNotCanonical].
func ParseCode(s string) (Code, error) {
	if len(s) != 3 {
		return "", ErrNotCanonical.Because("%q is not a code of three capital letters", clip(s))
	}
	for _, b := range []byte(s) {
		if b < 'A' || b > 'Z' {
			return "", ErrNotCanonical.Because("%q is not a code of three capital letters", clip(s))
		}
	}
	return Code(s), nil
}

// A Chain names one append-only sequence of acts that has one writer: [TextChain],
// which the chair writes, or the record of one participant.
type Chain string

// TextChain is the chair's chain; its acts carry the negotiated text and the charter.
const TextChain Chain = "text"

const recordPrefix = "record/"

// RecordOf returns the chain that participant c writes.
func RecordOf(c Code) Chain { return Chain(recordPrefix + string(c)) }

// Owner returns the participant whose record this is; false for the text chain.
func (c Chain) Owner() (Code, bool) {
	code, ok := strings.CutPrefix(string(c), recordPrefix)
	return Code(code), ok
}

// CompareChains orders chains as all lists of them are: the text first, then the records by
// name.
func CompareChains(a, b Chain) int {
	_, isRecord := a.Owner()
	if _, other := b.Owner(); isRecord != other {
		return cmp.Compare(b, a) // "text" comes after "record/…"
	}
	return cmp.Compare(a, b)
}

// ParseChain reads "text" or "record/" and a participant's code. Anything else
// is [ErrNotCanonical].
func ParseChain(s string) (Chain, error) {
	if s == string(TextChain) {
		return TextChain, nil
	}
	code, ok := strings.CutPrefix(s, recordPrefix)
	if !ok {
		return "", ErrNotCanonical.Because("%q is not the name of a chain", clip(s))
	}
	if _, err := ParseCode(code); err != nil {
		return "", err
	}
	return Chain(s), nil
}

// A Head is the newest act of a chain that somebody holds.
type Head struct {
	Chain    Chain  `json:"chain"`
	Sequence uint64 `json:"sequence"` // counted from 1
	Act      ActID  `json:"act"`
}

// clip shortens what somebody sent for use in an error's text.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

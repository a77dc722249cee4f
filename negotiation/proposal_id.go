package negotiation

import (
	"fmt"
	"strings"
)

// A ProposalID is the stable, readable number of a proposal: "XCA/4" is the
// fourth that Cascadia tabled. All wordings of a proposal share it.
type ProposalID struct {
	Author Code
	Number uint64 // counted from 1
}

// String returns "XCA/4".
func (id ProposalID) String() string { return fmt.Sprintf("%s/%d", id.Author, id.Number) }

// MarshalText encodes the number as String does, for JSON.
func (id ProposalID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseProposalID reads what String returns. Anything else is [ErrNotCanonical].
func ParseProposalID(s string) (ProposalID, error) {
	code, digits, _ := strings.Cut(s, "/")
	author, err := ParseCode(code)
	if err != nil {
		return ProposalID{}, ErrNotCanonical.Because("%q is not the number of a proposal, as XCA/4 is", clip(s))
	}
	number, err := parseNumber(digits)
	if err != nil || number == 0 {
		return ProposalID{}, ErrNotCanonical.Because("%q is not the number of a proposal, as XCA/4 is", clip(s))
	}
	return ProposalID{author, number}, nil
}

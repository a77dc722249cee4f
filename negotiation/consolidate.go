package negotiation

import (
	"fmt"
	"slices"
	"strings"

	"concord/negotiation/redline"
)

// A Collision names proposals that want different words in one place.
type Collision struct {
	Proposals []ProposalID // in the order in which they were to be accepted
}

// Error returns "proposals XBO/1 and XCA/4 want different words in one place".
func (e *Collision) Error() string {
	names := make([]string, len(e.Proposals))
	for i, id := range e.Proposals {
		names[i] = id.String()
	}
	last := len(names) - 1
	return fmt.Sprintf("proposals %s and %s want different words in one place", strings.Join(names[:last], ", "), names[last])
}

// Unwrap returns [ErrCollision].
func (e *Collision) Unwrap() error { return ErrCollision }

// Consolidate returns the newest revision with all changes of some live proposals
// made. It decides nothing between them: where they want different words in one
// place the error is a [*Collision]. Other errors are [ErrUnknownProposal];
// [ErrWithdrawn], and [ErrInadmissible] for a proposal that has no words in the
// rolling text; and those of [TextOf] when the changes together do not make a text.
func (s *State) Consolidate(accept ...ProposalID) (Text, error) {
	if !s.Convened() {
		return Text{}, ErrUnknownBase.Because("there is no text yet")
	}
	names := make([]string, len(accept))
	for i, id := range accept {
		p, err := s.Proposal(id)
		switch {
		case err != nil:
			return Text{}, err
		case p.Status == Withdrawn:
			return Text{}, ErrWithdrawn.Because("proposal %s has been withdrawn", id)
		case p.Status != Live:
			return Text{}, ErrInadmissible.Because("proposal %s is %s, and has no words to take into the text", id, p.Status)
		}
		names[i] = id.String()
	}
	if c := s.collision(names); len(c) > 0 {
		at := func(id ProposalID) bool { return !slices.Contains(c, id.String()) }
		return Text{}, &Collision{slices.DeleteFunc(slices.Clone(accept), at)}
	}
	return TextOf(s.Rolling.Take(names...))
}

// RedlineTo returns the redline from the newest revision to a text that is to
// follow it. Where the text is just the revision with the changes of some proposals
// made, it is composed of their redlines, so that each of them comes out as
// incorporated; any other text is compared.
func (s *State) RedlineTo(text Text, accept ...ProposalID) redline.Redline {
	names := make([]string, len(accept))
	for i, id := range accept {
		names[i] = id.String()
	}
	if slices.Equal(text.Paragraphs(), s.Rolling.Take(names...)) {
		return s.Rolling.Redline(names...)
	}
	return redline.Compare(s.Current().Text.Paragraphs(), text.Paragraphs())
}

// collision returns those of the named proposals that stand in different
// alternatives of one dispute.
func (s *State) collision(names []string) []string {
	var colliding []string
	for _, p := range s.Rolling.Paragraphs {
		for _, segment := range p.Segments {
			if segment.Dispute == nil {
				continue
			}
			var wanted []string
			sides := 0
			for _, a := range segment.Dispute.Alternatives {
				here := slices.DeleteFunc(slices.Clone(a.Proposals), func(id string) bool { return !slices.Contains(names, id) })
				if len(here) > 0 {
					wanted, sides = append(wanted, here...), sides+1
				}
			}
			if sides > 1 {
				colliding = append(colliding, wanted...)
			}
		}
	}
	return colliding
}

package negotiation

import (
	"fmt"
	"slices"
	"strings"

	"concord/negotiation/redline"
)

// A Collision names proposals that cannot all have their way in one text.
type Collision struct {
	Proposals []ProposalID // in the order in which they were to be accepted
	Clashes   []Clash      // where
}

// Error returns "proposals XBO/1 and XCA/4 want different words in one place", or
// "… different things of one paragraph".
func (e *Collision) Error() string {
	names := namesOf(e.Proposals)
	last := len(names) - 1
	what := "words in one place"
	if slices.ContainsFunc(e.Clashes, func(c Clash) bool { return c.Over != Words }) {
		what = "things of one paragraph"
	}
	return fmt.Sprintf("proposals %s and %s want different %s", strings.Join(names[:last], ", "), names[last], what)
}

// Unwrap returns [ErrCollision].
func (e *Collision) Unwrap() error { return ErrCollision }

// Consolidate returns the newest revision with all changes of some live proposals
// made. It decides nothing between them: where they clash ([Clashes]) the error is
// a [*Collision]. Other errors are [ErrUnknownProposal];
// [ErrWithdrawn], and [ErrInadmissible] for a proposal that has no words in the
// rolling text; and those of [TextOf] when the changes together do not make a text.
func (s *State) Consolidate(accept ...ProposalID) (Text, error) {
	if !s.Convened() {
		return Text{}, ErrUnknownBase.Because("there is no text yet")
	}
	for _, id := range accept {
		p, err := s.Proposal(id)
		switch {
		case err != nil:
			return Text{}, err
		case p.Status == Withdrawn:
			return Text{}, ErrWithdrawn.Because("proposal %s has been withdrawn", id)
		case p.Status != Live:
			return Text{}, ErrInadmissible.Because("proposal %s is %s, and has no words to take into the text", id, p.Status)
		}
	}
	if clashes := s.Clashes(accept...); len(clashes) > 0 {
		clear := func(id ProposalID) bool {
			return !slices.ContainsFunc(clashes, func(c Clash) bool { return c.Has(id.String()) })
		}
		return Text{}, &Collision{slices.DeleteFunc(slices.Clone(accept), clear), clashes}
	}
	return TextOf(s.Rolling.Take(namesOf(accept)...))
}

func namesOf(ids []ProposalID) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return names
}

// RedlineTo returns the redline from the newest revision to a text that is to
// follow it. Where the text is just the revision with the changes of some proposals
// made, it is composed of their redlines, so that each of them comes out as
// incorporated; any other text is compared.
func (s *State) RedlineTo(text Text, accept ...ProposalID) redline.Redline {
	names := namesOf(accept)
	if slices.Equal(text.Paragraphs(), s.Rolling.Take(names...)) {
		return s.Rolling.Redline(names...)
	}
	return redline.Compare(s.Current().Text.Paragraphs(), text.Paragraphs())
}

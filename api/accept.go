package api

import (
	"fmt"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// An untakenError names proposals that were to be accepted although the text has
// nothing of what they ask for.
type untakenError struct {
	proposals []negotiation.ProposalID // in the order in which they were to be accepted
}

func (e *untakenError) Error() string {
	names := make([]string, len(e.proposals))
	for i, id := range e.proposals {
		names[i] = id.String()
	}
	return fmt.Sprintf("the text does not have the words of %s, so it cannot be published as accepted: leave it open or decline it, or change the text", enumerate(names))
}

func (e *untakenError) Unwrap() error { return negotiation.ErrInadmissible }

// composeRevision composes the chair's next revision. Besides the errors of
// [negotiation.Delegation.Revise] there is an [*untakenError] when an accepted
// proposal would not come out as incorporated, at least in part.
func composeRevision(now negotiation.Delegation, p negotiation.Publication) (negotiation.Unsigned, error) {
	u, err := now.Revise(p)
	if err != nil {
		return negotiation.Unsigned{}, err
	}
	st := now.State()
	passage, err := redline.NewPassage(st.Current().Text.Paragraphs(), st.RedlineTo(p.Text, p.Accept...))
	if err != nil {
		return negotiation.Unsigned{}, fmt.Errorf("api: composing a revision: %w", err)
	}
	var untaken []negotiation.ProposalID
	for _, id := range p.Accept {
		accepted, err := st.Proposal(id)
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		if !isTaken(accepted, passage) {
			untaken = append(untaken, id)
		}
	}
	if len(untaken) > 0 {
		return negotiation.Unsigned{}, &untakenError{untaken}
	}
	return u, nil
}

// isTaken reports whether a revision can call a proposal accepted.
func isTaken(p negotiation.Proposal, passage *redline.Passage) bool {
	if p.Status != negotiation.Live || p.Type == negotiation.NoChange {
		return p.Status == negotiation.Live
	}
	outcome := passage.Carry(p.Edits()).Outcome
	return outcome == redline.Incorporated || outcome == redline.InPart
}

// enumerate lists words as a sentence does: "A, B and C".
func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

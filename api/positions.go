package api

import (
	"net/http"

	"concord/negotiation"
)

// A stand is the body of a request that takes a position.
type stand struct {
	Proposal    string  `json:"proposal"` // either a proposal, as XCA/4,
	Revision    *uint64 `json:"revision"` // or a paragraph of a revision
	Paragraph   *uint64 `json:"paragraph"`
	Stance      string  `json:"stance"`
	Explanation string  `json:"explanation"`
}

// takePosition takes a position on a proposal or on a paragraph.
func (s *server) takePosition(w http.ResponseWriter, r *http.Request) error {
	body, err := readJSON[stand](r)
	if err != nil {
		return err
	}
	compose, err := body.position()
	if err != nil {
		return err
	}
	v, err := s.Node.Act(r.Context(), compose)
	if err != nil {
		return err
	}
	return s.writeAct(w, v)
}

// position returns what composes the position.
func (b stand) position() (func(negotiation.Delegation) (negotiation.Unsigned, error), error) {
	stance, err := negotiation.ParseStance(b.Stance)
	if err != nil {
		return nil, err
	}
	explanation, err := canonProse("explanation", b.Explanation)
	if err != nil {
		return nil, err
	}
	onParagraph := b.Revision != nil && b.Paragraph != nil
	if (b.Proposal != "") == onParagraph || !onParagraph && (b.Revision != nil || b.Paragraph != nil) {
		return nil, errMalformed.Because("a position is on a proposal, or on a paragraph of a revision")
	}
	if onParagraph {
		if *b.Paragraph == 0 {
			return nil, negotiation.ErrUnknownBase.Because("paragraphs are counted from 1")
		}
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.PositionOnParagraph(*b.Revision, *b.Paragraph, stance, explanation)
		}, nil
	}
	id, err := negotiation.ParseProposalID(b.Proposal)
	if err != nil {
		return nil, err
	}
	return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(id, stance, explanation)
	}, nil
}

package negotiation

import "concord/negotiation/redline"

// Diff returns the redline from one text of the record to another. Where its author
// has signed one, from a revision to the next or to a proposal that amends it, it is
// that one; others are compared, in the time of [redline.Compare].
func (s *State) Diff(from, to NamedText) redline.Redline {
	if from.Proposal == (ProposalID{}) {
		next := to.Proposal == ProposalID{} && to.Revision == from.Revision+1
		proposed := to.Proposal != ProposalID{} && to.Revision == from.Revision
		if next || proposed {
			return s.act(to.Act).redline
		}
	}
	return redline.Compare(from.Text.Paragraphs(), to.Text.Paragraphs())
}

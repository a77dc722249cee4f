package negotiation

import "fmt"

// Withdraw takes its author's own proposal back. What was withdrawn stays in the
// record; it can be tabled again under a new number.
type Withdraw struct {
	Proposal ProposalID
	Wording  ActID // the wording that was in force
}

const keyWording = "Wording"

// Kind returns "withdraw/1".
func (Withdraw) Kind() string { return kindWithdraw }

func (Withdraw) bringsText() bool { return false }

func (c Withdraw) subject() string { return fmt.Sprintf("Withdraw %s", c.Proposal) }

func (c Withdraw) trailers() []Trailer {
	return []Trailer{{keyProposal, c.Proposal.String()}, {keyWording, reference(c.Wording)}}
}

func parseWithdraw(r *trailerReader) Content {
	return Withdraw{Proposal: readField(r, keyProposal, ParseProposalID), Wording: r.reference(keyWording)}
}

func (c Withdraw) verify(l *Ledger, v *Verified) error {
	if c.Proposal.Author != v.act.Author {
		return ErrNotAuthor.Because("%s is not a proposal of %s", c.Proposal, v.act.Author)
	}
	return l.checkWording(c.Proposal, c.Wording)
}

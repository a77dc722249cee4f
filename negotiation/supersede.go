package negotiation

import "fmt"

// Supersede replaces the wording of its author's own proposal by another, which
// may be made on a later revision. The number stays.
type Supersede struct {
	Proposal ProposalID
	Replaces ActID // the wording that was in force
	Amendment
}

const keyReplaces = "Replaces"

// Kind returns "supersede/1".
func (Supersede) Kind() string { return kindSupersede }

func (Supersede) bringsText() bool { return true }

func (c Supersede) subject() string { return fmt.Sprintf("Supersede %s: %s", c.Proposal, c.Headline) }

func (c Supersede) trailers() []Trailer {
	return append([]Trailer{
		{keyProposal, c.Proposal.String()},
		{keyReplaces, reference(c.Replaces)},
	}, c.Amendment.trailers()...)
}

func parseSupersede(subject string, r *trailerReader) Content {
	c := Supersede{
		Proposal:  readField(r, keyProposal, ParseProposalID),
		Replaces:  r.reference(keyReplaces),
		Amendment: parseAmendment(r),
	}
	c.Headline = afterPrefix(subject, fmt.Sprintf("Supersede %s: ", c.Proposal))
	return c
}

func (c Supersede) verify(l *Ledger, v *Verified) error {
	if c.Proposal.Author != v.act.Author {
		return ErrNotAuthor.Because("%s is not a proposal of %s", c.Proposal, v.act.Author)
	}
	if err := l.checkWording(c.Proposal, c.Replaces); err != nil {
		return err
	}
	return c.Amendment.verify(l, v)
}

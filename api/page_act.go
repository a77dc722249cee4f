package api

import (
	"fmt"
	"net/http"
	"strings"

	"concord/negotiation"
)

// says tells an act in one sentence without a full stop.
func (f *frame) says(v negotiation.Verified) string {
	act := v.Act()
	who := f.Name(act.Author)
	switch c := act.Content.(type) {
	case negotiation.Convene:
		return who + " convened the negotiation: " + c.Title
	case negotiation.Amend:
		return who + " amended the charter: " + c.Headline
	case negotiation.Revise:
		return fmt.Sprintf("%s published revision %d: %s", who, c.Revision, c.Headline)
	case negotiation.HandOver:
		return who + " handed the chair over to " + f.Name(c.To)
	case negotiation.TakeUp:
		return who + " took up the chair"
	case negotiation.Join:
		return who + " joined the negotiation"
	case negotiation.Propose:
		return fmt.Sprintf("%s tabled %s: %s", who, c.Proposal, c.Headline)
	case negotiation.Supersede:
		return fmt.Sprintf("%s reworded %s: %s", who, c.Proposal, c.Headline)
	case negotiation.Withdraw:
		return fmt.Sprintf("%s withdrew %s", who, c.Proposal)
	case negotiation.TakePosition:
		return who + " " + c.Stance.Says() + " " + f.subjectOf(c.On)
	case negotiation.Rotate:
		return who + " rotated its key"
	case negotiation.Recover:
		return who + " recovered its record"
	case negotiation.Rekey:
		return who + " signs for the chair with a new key"
	case negotiation.Recognise:
		return who + " recognised " + f.Name(c.Successor) + " as chair"
	case negotiation.Succeed:
		return who + " took up the chair by succession"
	case negotiation.Receipt:
		return fmt.Sprintf("%s received act %d of the text", who, c.Place)
	}
	return who + ": " + act.Subject()
}

// subjectOf names what a position is on.
func (f *frame) subjectOf(on negotiation.Subject) string {
	if on.Paragraph == 0 {
		return on.Proposal.String()
	}
	for _, r := range f.State.Revisions {
		if r.Act == on.Act && on.Paragraph <= uint64(len(r.Labels)) {
			return fmt.Sprintf("%s of revision %d", r.Labels[on.Paragraph-1], r.Number)
		}
	}
	return on.String()
}

// An actContent is one act in full.
type actContent struct {
	recordEntry
	Message    string
	Previous   *recordEntry
	References []recordEntry
	Links      []actLink
	Key        negotiation.PublicKey
	Held       []Holder
}

// An actLink leads from an act to the page of what it is about.
type actLink struct{ Href, Text string }

func (s *site) actPage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	id, err := negotiation.ParseActID(strings.ToLower(r.PathValue("id")))
	if err != nil {
		return negotiation.ErrUnknownAct.Because("this is not the name of an act")
	}
	v, ok := f.State.Act(id)
	if !ok {
		return negotiation.ErrUnknownAct.Because("this node does not hold that act")
	}
	message, err := negotiation.FormatAct(v.Act())
	if err != nil {
		return fmt.Errorf("api: act %s: %w", id, err)
	}
	record := newRecord(f)
	a := actContent{recordEntry: record.entry(v), Message: string(message), Key: v.SignedBy(), Links: linksOf(f, v), Held: s.holdersOf(v)}
	if previous, ok := f.State.Act(v.Act().Previous); ok {
		entry := record.entry(previous)
		a.Previous = &entry
	}
	for _, ref := range v.Act().References() {
		if about, ok := f.State.Act(ref); ok {
			a.References = append(a.References, record.entry(about))
		}
	}
	return s.show(w, f, http.StatusOK, "act", a.Says, a)
}

// linksOf returns the pages of what an act is about.
func linksOf(f *frame, v negotiation.Verified) []actLink {
	proposal := func(id negotiation.ProposalID, wording negotiation.ActID) []actLink {
		if !f.State.HasWording(id, wording) {
			return nil // what the act is about stands below
		}
		return []actLink{{"/proposals/" + id.String(), "Proposal " + id.String()}}
	}
	switch c := v.Act().Content.(type) {
	case negotiation.Convene:
		return []actLink{{"/revisions/1", "The zero draft"}, {"/charter", "The charter"}}
	case negotiation.Revise:
		return []actLink{{fmt.Sprintf("/revisions/%d", c.Revision), fmt.Sprintf("Revision %d", c.Revision)}}
	case negotiation.Amend:
		return []actLink{{"/charter", "The charter"}}
	case negotiation.Propose:
		return proposal(c.Proposal, v.ID())
	case negotiation.Supersede:
		return proposal(c.Proposal, v.ID())
	case negotiation.Withdraw:
		return proposal(c.Proposal, c.Wording)
	case negotiation.TakePosition:
		if c.On.Paragraph == 0 {
			return proposal(c.On.Proposal, c.On.Act)
		}
		for _, rev := range f.State.Revisions {
			if rev.Act == c.On.Act {
				links := []actLink{{fmt.Sprintf("/revisions/%d", rev.Number), f.subjectOf(c.On)}}
				if label := rev.Labels[c.On.Paragraph-1]; rev.Number == f.State.Current().Number {
					links = append(links, actLink{biographyPath(label), "Biography of " + label})
				}
				return links
			}
		}
	}
	return nil
}

package negotiation

import (
	"cmp"
	"slices"
	"time"

	"concord/negotiation/redline"
)

// A Proposal is what became of one proposal so far.
type Proposal struct {
	ID          ProposalID       `json:"id"`
	Author      Code             `json:"author"`
	OnBehalfOf  string           `json:"onBehalfOf,omitempty"`
	Headline    string           `json:"headline"`
	Explanation string           `json:"explanation,omitempty"`
	Type        ProposalType     `json:"type"`
	Base        uint64           `json:"base"` // revision that the wording in force amends
	Status      Status           `json:"status"`
	Since       uint64           `json:"since,omitempty"`  // revision that gave it this status
	InPart      bool             `json:"inPart,omitempty"` // a revision has taken some of its changes
	Reason      string           `json:"reason,omitempty"` // the chair's, or the author's for withdrawing
	Wordings    []WordingInForce `json:"wordings"`         // oldest first; the last one is in force
	Positions   []Position       `json:"positions"`        // latest of each state, by state

	edits redline.Edits
}

// WordingInForce names one wording of a proposal.
type WordingInForce struct {
	Act      ActID     `json:"act"`
	Time     time.Time `json:"time"`
	Base     uint64    `json:"base"`
	Headline string    `json:"headline"`
}

// A Status says what became of a proposal; it is derived, never declared.
type Status string

// The statuses.
const (
	Live         Status = "live"          // stands in the rolling text
	Incorporated Status = "incorporated"  // the text says all that it asked for
	ToBeRevised  Status = "to-be-revised" // words that it changes are gone; its author must reword it
	Declined     Status = "declined"      // by the chair, with this wording
	Withdrawn    Status = "withdrawn"     // by its author
)

// A Position is where a state stands.
type Position struct {
	State       Code      `json:"state"`
	Stance      Stance    `json:"stance"`
	Explanation string    `json:"explanation,omitempty"`
	Time        time.Time `json:"time"`
	Act         ActID     `json:"act"`
	Of          ActID     `json:"of"`                  // the wording, or the revision
	Paragraph   uint64    `json:"paragraph,omitempty"` // of the revision, counted from 1
	Earlier     bool      `json:"earlier,omitempty"`   // on a wording that has been replaced since
}

// Wording returns the act whose wording is in force.
func (p Proposal) Wording() ActID { return p.Wordings[len(p.Wordings)-1].Act }

// Edits returns what the proposal changes in the newest revision; nothing unless it
// is live.
func (p Proposal) Edits() redline.Edits { return p.edits }

// Party returns the name under which the proposal's words stand in brackets.
func (p Proposal) Party() string { return cmp.Or(p.OnBehalfOf, string(p.Author)) }

// Proposal returns the proposal of that number, or [ErrUnknownProposal].
func (s *State) Proposal(id ProposalID) (Proposal, error) {
	i, ok := s.byID[id]
	if !ok {
		return Proposal{}, ErrUnknownProposal.Because("there is no proposal %s", id)
	}
	return s.Proposals[i], nil
}

// Amended returns the base of a proposal's wording in force, and the redline that
// its author signed.
func (s *State) Amended(p Proposal) (Revision, redline.Redline) {
	return s.Revisions[p.Base-1], s.act(p.Wording()).redline
}

// HasWording reports whether an act is one of a proposal's wordings. One that does not count
// is none, whatever proposal it names: the number may be another's.
func (s *State) HasWording(id ProposalID, wording ActID) bool {
	return s.has(id) && slices.ContainsFunc(s.Proposals[s.byID[id]].Wordings, func(w WordingInForce) bool { return w.Act == wording })
}

func (s *State) has(id ProposalID) bool {
	_, ok := s.byID[id]
	return ok
}

func (s *State) propose(v Verified, c Propose) {
	s.byID[c.Proposal] = len(s.Proposals)
	s.tabled[c.Proposal.Author]++
	s.Proposals = append(s.Proposals, Proposal{
		ID: c.Proposal, Author: v.act.Author, Status: Live, Positions: []Position{},
	})
	s.word(len(s.Proposals)-1, v, c.Amendment)
}

func (s *State) word(i int, v Verified, m Amendment) {
	base := slices.IndexFunc(s.Revisions, func(r Revision) bool { return r.Act == m.Base })
	number := uint64(base + 1)
	p := &s.Proposals[i]
	p.Headline, p.Explanation, p.Type, p.Base, p.OnBehalfOf = m.Headline, v.act.Explanation, m.Type, number, m.OnBehalfOf
	p.Wordings = append(p.Wordings, WordingInForce{v.id, v.act.Time, number, m.Headline})
}

func (p *Proposal) withdraw(v Verified) {
	p.Status, p.Reason = Withdrawn, v.act.Explanation
}

// position keeps the latest position of each state on each subject. A record is
// taken in order, so a later position of a state comes later.
func (s *State) position(v Verified, c TakePosition) {
	list := &s.Positions
	same := func(p Position) bool {
		return p.State == v.act.Author && (c.On.Paragraph == 0 || p.Of == c.On.Act && p.Paragraph == c.On.Paragraph)
	}
	if c.On.Paragraph == 0 {
		list = &s.Proposals[s.byID[c.On.Proposal]].Positions
	}
	*list = slices.DeleteFunc(*list, same)
	if c.Stance == None {
		return
	}
	*list = append(*list, Position{
		State: v.act.Author, Stance: c.Stance, Explanation: v.act.Explanation, Time: v.act.Time,
		Act: v.id, Of: c.On.Act, Paragraph: c.On.Paragraph,
		Earlier: c.On.Paragraph == 0 && c.On.Act != s.Proposals[s.byID[c.On.Proposal]].Wording(),
	})
}

package api

import (
	"cmp"
	"net/http"
	"slices"

	"concord/negotiation"
)

// A proposalSummary is a proposal in a list.
type proposalSummary struct {
	negotiation.Proposal
	Touches string // the paragraphs that it changes
	Stands  string // what became of it, in a sentence
	Stances []stanceView
}

// A stanceView is the states that take one stance.
type stanceView struct {
	Stance    negotiation.Stance
	Heading   string
	Positions []negotiation.Position
}

// statuses are the statuses of proposals in the order in which they are listed.
func statuses() []negotiation.Status {
	return []negotiation.Status{
		negotiation.Live, negotiation.ToBeRevised, negotiation.Incorporated, negotiation.Declined, negotiation.Withdrawn,
	}
}

// statusName returns what people call a status.
func statusName(s negotiation.Status) string {
	switch s {
	case negotiation.Live:
		return "Live"
	case negotiation.ToBeRevised:
		return "To be revised"
	case negotiation.Incorporated:
		return "Incorporated"
	case negotiation.Declined:
		return "Declined"
	case negotiation.Withdrawn:
		return "Withdrawn"
	}
	return string(s)
}

func (f *frame) summary(p negotiation.Proposal) proposalSummary {
	base, r := f.State.Amended(p)
	s := proposalSummary{Proposal: p, Touches: touches(base.Labels, r), Stands: f.stands(p), Stances: stancesOn(p)}
	if p.Type == negotiation.NoChange {
		s.Touches = "the text as it is"
	}
	return s
}

// groupsOf puts proposals under their statuses; a status without any is left out.
func groupsOf(f *frame, proposals []negotiation.Proposal) []proposalGroup {
	var groups []proposalGroup
	for _, status := range statuses() {
		g := proposalGroup{Status: status, Heading: statusName(status)}
		for _, p := range proposals {
			if p.Status == status {
				g.Proposals = append(g.Proposals, f.summary(p))
			}
		}
		if len(g.Proposals) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// stancesOn groups the positions on a proposal by stance.
func stancesOn(p negotiation.Proposal) []stanceView {
	var views []stanceView
	for _, v := range []stanceView{
		{Stance: negotiation.For, Heading: "For"},
		{Stance: negotiation.Against, Heading: "Against"},
		{Stance: negotiation.Reserve, Heading: "Scrutiny reservation"},
		{Stance: negotiation.Flexible, Heading: "Flexible"},
	} {
		for _, position := range p.Positions {
			if position.Stance == v.Stance {
				v.Positions = append(v.Positions, position)
			}
		}
		if len(v.Positions) > 0 {
			views = append(views, v)
		}
	}
	return views
}

// A proposalListContent is the proposals that a filter lets through.
type proposalListContent struct {
	Groups   []proposalGroup
	Status   negotiation.Status // listed alone; empty for all
	Author   negotiation.Code   // listed alone; empty for all
	Statuses []option
	Authors  []option
	Shown    int
}

// An option is one choice of a form.
type option struct {
	Value, Text string
	Chosen      bool
}

func (s *site) proposalList(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	v := proposalListContent{
		Status: negotiation.Status(r.URL.Query().Get("status")),
		Author: negotiation.Code(r.URL.Query().Get("author")),
	}
	for _, status := range statuses() {
		v.Statuses = append(v.Statuses, option{string(status), statusName(status), status == v.Status})
	}
	for _, p := range f.State.Charter.Participants {
		if slices.ContainsFunc(f.State.Proposals, func(q negotiation.Proposal) bool { return q.Author == p.Code }) {
			v.Authors = append(v.Authors, option{string(p.Code), p.Name, p.Code == v.Author})
		}
	}
	shown := slices.DeleteFunc(slices.Clone(f.State.Proposals), func(p negotiation.Proposal) bool {
		return cmp.Or(v.Status, p.Status) != p.Status || cmp.Or(v.Author, p.Author) != p.Author
	})
	v.Groups, v.Shown = groupsOf(f, shown), len(shown)
	return s.show(w, f, http.StatusOK, "proposals", "Proposals", v)
}

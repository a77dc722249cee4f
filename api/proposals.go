package api

import (
	"fmt"
	"net/http"

	"concord/negotiation"
	"concord/negotiation/redline"
)

type proposalsView struct {
	Proposals []negotiation.Proposal `json:"proposals"`
}

// proposals answers with all proposals, or those of one status or author.
func (s *server) proposals(w http.ResponseWriter, r *http.Request) error {
	status, author := r.FormValue("status"), r.FormValue("author")
	switch negotiation.Status(status) {
	case "", negotiation.Live, negotiation.Incorporated, negotiation.ToBeRevised, negotiation.Declined, negotiation.Withdrawn:
	default:
		return errMalformed.Because("status is live, incorporated, to-be-revised, declined or withdrawn, not %q", clip(status))
	}
	if err := checkAuthor(author); err != nil {
		return err
	}
	view := proposalsView{[]negotiation.Proposal{}}
	for _, p := range s.Node.State().Proposals {
		if (status == "" || string(p.Status) == status) && (author == "" || string(p.Author) == author) {
			view.Proposals = append(view.Proposals, p)
		}
	}
	return writeJSON(w, http.StatusOK, view)
}

// proposalView is a proposal with the texts and the redline of the wording in force.
type proposalView struct {
	negotiation.Proposal
	BaseText    string        `json:"baseText"`    // Markdown
	AmendedText string        `json:"amendedText"` // Markdown
	Redline     redlineView   `json:"redline"`
	Touched     []touchedView `json:"touched"`
}

// redlineView is a redline as its author signed it, and read.
type redlineView struct {
	Signed string     `json:"signed"` // the format of package redline
	Steps  []stepView `json:"steps"`
}

type stepView struct {
	Kind  redline.Kind  `json:"kind"`
	First int           `json:"first"` // paragraphs of the base, counted from 1; 0 for an insertion
	Last  int           `json:"last"`
	Runs  []redline.Run `json:"runs"`
}

// touchedView is a paragraph of the base that the redline does something with. An
// insertion stands after the paragraph named, which is 0 at the beginning.
type touchedView struct {
	Kind      redline.Kind `json:"kind"`
	Paragraph int          `json:"paragraph"`
	Label     string       `json:"label"`
}

func (s *server) proposal(w http.ResponseWriter, r *http.Request) error {
	id, err := proposalOf(r)
	if err != nil {
		return err
	}
	return s.writeProposal(w, http.StatusOK, id)
}

// proposalOf returns the proposal that the path names.
func proposalOf(r *http.Request) (negotiation.ProposalID, error) {
	name := r.PathValue("participant") + "/" + r.PathValue("number")
	id, err := negotiation.ParseProposalID(name)
	if err != nil {
		return negotiation.ProposalID{}, negotiation.ErrUnknownProposal.Because("there is no proposal %s", clip(name))
	}
	return id, nil
}

func (s *server) writeProposal(w http.ResponseWriter, status int, id negotiation.ProposalID) error {
	st := s.Node.State()
	p, err := st.Proposal(id)
	if err != nil {
		return err
	}
	view, err := viewProposal(st, p)
	if err != nil {
		return err
	}
	return writeJSON(w, status, view)
}

func viewProposal(st *negotiation.State, p negotiation.Proposal) (proposalView, error) {
	base, r := st.Amended(p)
	wording, ok := st.Act(p.Wording())
	if !ok {
		return proposalView{}, fmt.Errorf("api: proposal %s: its wording is not in the state", p.ID)
	}
	view := proposalView{
		Proposal: p, BaseText: string(base.Text.Bytes()), AmendedText: string(wording.Text().Bytes()),
		Redline: viewRedline(r), Touched: []touchedView{},
	}
	after := 0
	for _, step := range r {
		view.Touched = append(view.Touched, touched(step, after, base.Labels)...)
		if step.Kind != redline.Insert && step.Kind != redline.Move {
			after = step.To
		}
	}
	return view, nil
}

func viewRedline(r redline.Redline) redlineView {
	view := redlineView{Signed: string(redline.Format(r)), Steps: []stepView{}}
	for _, step := range r {
		shown := stepView{Kind: step.Kind, Runs: list(step.Runs)}
		if step.Kind != redline.Insert {
			shown.First, shown.Last = step.From+1, step.To
		}
		view.Steps = append(view.Steps, shown)
	}
	return view
}

func touched(step redline.Step, after int, labels []string) []touchedView {
	switch {
	case step.Kind == redline.Keep:
		return nil
	case step.Kind == redline.Insert && after == 0:
		return []touchedView{{Kind: step.Kind}}
	case step.Kind == redline.Insert:
		return []touchedView{{step.Kind, after, labels[after-1]}}
	}
	var all []touchedView
	for i := step.From; i < step.To; i++ {
		all = append(all, touchedView{step.Kind, i + 1, labels[i]})
	}
	return all
}

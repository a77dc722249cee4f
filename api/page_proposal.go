package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"concord/negotiation"
)

// A proposalContent is one proposal in full.
type proposalContent struct {
	proposalSummary
	BaseRevision negotiation.Revision
	Redline      []redlined
	Earlier      []wordingView // oldest first, without the wording in force
	Mine         bool          // this node's participant may reword and withdraw it
	Open         bool          // positions can be taken
	Stance       negotiation.Stance
	Words        string // of the explanation that is being written
	Why          string // the reason for withdrawing that is being written
	Error        string
	Tabled       string // the draft that was just tabled, for the browser to forget
}

// A wordingView is a wording that has been replaced.
type wordingView struct {
	negotiation.WordingInForce
	Redline []redlined
}

// stands says in a sentence what became of a proposal.
func (f *frame) stands(p negotiation.Proposal) string {
	part := ""
	if p.InPart {
		part = " A revision has taken some of its changes."
	}
	switch p.Status {
	case negotiation.Live:
		if p.Type == negotiation.NoChange {
			return "Live: insists on the text as it is."
		}
		return fmt.Sprintf("Live: stands in the rolling text of revision %d.%s", f.State.Current().Number, part)
	case negotiation.ToBeRevised:
		return fmt.Sprintf("To be revised: words that it changes are gone since revision %d, so %s should word it anew.%s", p.Since, f.Name(p.Author), part)
	case negotiation.Incorporated:
		return fmt.Sprintf("Incorporated: revision %d says what it asked for.", p.Since)
	case negotiation.Declined:
		return fmt.Sprintf("Declined by the chair in revision %d.", p.Since)
	case negotiation.Withdrawn:
		return "Withdrawn by " + f.Name(p.Author) + "; it stays in the record."
	}
	return ""
}

// WordingPath returns the page of the proposal that has a wording, or the act's own of a
// wording that does not count.
func (f *frame) WordingPath(id negotiation.ProposalID, wording negotiation.ActID) string {
	if f.State.HasWording(id, wording) {
		return "/proposals/" + id.String()
	}
	return "/acts/" + wording.String()
}

// isAccepted reports whether the chair has taken a proposal, as it is worded, into the
// text. Its author can then no longer reword or withdraw it.
func isAccepted(state *negotiation.State, p negotiation.Proposal) bool {
	return p.Status == negotiation.Incorporated && slices.ContainsFunc(state.Revisions, func(r negotiation.Revision) bool {
		return slices.ContainsFunc(r.Decisions, func(d negotiation.Decision) bool {
			return d.Ruling == negotiation.Accept && d.Wording == p.Wording()
		})
	})
}

// proposalAt reads which proposal a path is about.
func proposalAt(f *frame, r *http.Request) (negotiation.Proposal, error) {
	id, err := negotiation.ParseProposalID(r.PathValue("author") + "/" + r.PathValue("number"))
	if err != nil {
		return negotiation.Proposal{}, negotiation.ErrUnknownProposal.Because("this is not the number of a proposal, as XCA/4 is")
	}
	return f.State.Proposal(id)
}

func (s *site) proposalPage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	p, err := proposalAt(f, r)
	if err != nil {
		return err
	}
	v, err := s.proposalView(f, p)
	if err != nil {
		return err
	}
	v.Tabled = r.URL.Query().Get("tabled")
	return s.show(w, f, http.StatusOK, "proposal", fmt.Sprintf("%s: %s", p.ID, p.Headline), v)
}

func (s *site) proposalView(f *frame, p negotiation.Proposal) (proposalContent, error) {
	base, signed := f.State.Amended(p)
	v := proposalContent{
		proposalSummary: f.summary(p),
		BaseRevision:    base,
		Mine:            f.Acts() && p.Author == f.Me && p.Status != negotiation.Withdrawn && !isAccepted(f.State, p),
		Open:            f.Acts() && p.Status != negotiation.Withdrawn,
	}
	for _, position := range p.Positions {
		if position.State == f.Me {
			v.Stance, v.Words = position.Stance, position.Explanation
		}
	}
	var err error
	if v.Redline, err = s.redlined(base.Text, base.Labels, signed, false); err != nil {
		return v, err
	}
	for _, wording := range p.Wordings[:len(p.Wordings)-1] {
		earlier := wordingView{WordingInForce: wording}
		on, err := f.State.Revision(wording.Base)
		if err != nil {
			return v, err
		}
		act, _ := f.State.Act(wording.Act)
		if earlier.Redline, err = s.redlined(on.Text, on.Labels, act.Redline(), false); err != nil {
			return v, err
		}
		v.Earlier = append(v.Earlier, earlier)
	}
	return v, nil
}

func (s *site) withdrawSubmit(w http.ResponseWriter, r *http.Request) error {
	return s.onProposal(w, r, func(p negotiation.Proposal) composition {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Withdraw(p.ID, r.PostForm.Get("explanation"))
		}
	})
}

func (s *site) positionSubmit(w http.ResponseWriter, r *http.Request) error {
	return s.onProposal(w, r, func(p negotiation.Proposal) composition {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			stance, err := negotiation.ParseStance(r.PostForm.Get("stance"))
			if err != nil {
				return negotiation.Unsigned{}, negotiation.ErrInadmissible.Because("choose where you stand first")
			}
			if err := sameWording(d.State(), p.ID, r.PostForm.Get("wording")); err != nil {
				return negotiation.Unsigned{}, err
			}
			return d.PositionOnProposal(p.ID, stance, r.PostForm.Get("explanation"))
		}
	})
}

// A composition makes the act that a form asks for.
type composition = func(negotiation.Delegation) (negotiation.Unsigned, error)

// onProposal does what a form on a proposal's page asks for; when that is not
// possible the page says why, with all that was typed.
func (s *site) onProposal(w http.ResponseWriter, r *http.Request, compose func(negotiation.Proposal) composition) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f := s.frame(r)
	p, err := proposalAt(f, r)
	if err != nil {
		return err
	}
	here := "/proposals/" + p.ID.String()
	f.Path = here
	if err := s.perform(r.Context(), f, compose(p)); err != nil {
		status, said, err := s.explain(r, err)
		if err != nil {
			return err
		}
		v, err := s.proposalView(f, p)
		if err != nil {
			return err
		}
		v.Error = said
		if strings.HasSuffix(r.URL.Path, "/withdraw") {
			v.Why = r.PostForm.Get("explanation")
		} else {
			v.Words = r.PostForm.Get("explanation")
			v.Stance = cmp.Or(negotiation.Stance(r.PostForm.Get("stance")), v.Stance)
		}
		return s.show(w, f, status, "proposal", p.ID.String(), v)
	}
	http.Redirect(w, r, here, http.StatusSeeOther)
	return nil
}

// perform lets this node's participant act, if whoever asks is signed in.
func (s *site) perform(ctx context.Context, f *frame, compose composition) error {
	if !f.SignedIn {
		return errUnauthorized.Because("you are not signed in")
	}
	_, err := s.Node.Act(ctx, compose)
	return err
}

// sameWording demands that the wording in force is the one that a person had
// before them.
func sameWording(state *negotiation.State, id negotiation.ProposalID, seen string) error {
	p, err := state.Proposal(id)
	if err != nil {
		return err
	}
	if p.Wording().String() != seen {
		return negotiation.ErrSuperseded.Because("%s has been reworded since you opened this page; read the new wording first", id)
	}
	return nil
}

// explain tells a person why something could not be done, with the status of the
// answer. An error that is nobody's fault but this node's comes back as it is.
func (s *site) explain(r *http.Request, err error) (status int, said string, internal error) {
	fault, reason := faultOf(err)
	switch fault {
	case errInternal:
		return 0, "", err
	case errUnauthorized:
		return http.StatusUnauthorized, "You are not signed in on this node, so nothing was sent. What you wrote is still here: sign in in another tab, then send it again.", nil
	}
	p := problemOf(http.MethodGet, err)
	if fault == errDisk {
		s.Logger.ErrorContext(r.Context(), "api: request", "method", r.Method, "path", r.URL.Path, "error", err)
		return p.Status, p.Detail, nil
	}
	return p.Status, sentence(reason) + " What you wrote is still here.", nil
}

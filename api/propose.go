package api

import (
	"fmt"
	"net/http"

	"concord/negotiation"
)

// propose tables a new proposal.
func (s *server) propose(w http.ResponseWriter, r *http.Request) error {
	body, err := readJSON[amendment](r)
	if err != nil {
		return err
	}
	v, err := s.Node.Act(r.Context(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		wording, err := body.wording(d.State())
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return d.Propose(wording)
	})
	if err != nil {
		return err
	}
	tabled, ok := v.Act().Content.(negotiation.Propose)
	if !ok {
		return fmt.Errorf("api: proposing: the node did %s instead", v.Act().Content.Kind())
	}
	w.Header().Set("Location", root+"/proposals/"+tabled.Proposal.String())
	return s.writeProposal(w, http.StatusCreated, tabled.Proposal)
}

// supersede words the participant's own proposal anew.
func (s *server) supersede(w http.ResponseWriter, r *http.Request) error {
	id, err := proposalOf(r)
	if err != nil {
		return err
	}
	body, err := readJSON[amendment](r)
	if err != nil {
		return err
	}
	_, err = s.Node.Act(r.Context(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		wording, err := body.wording(d.State())
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return d.Supersede(id, wording)
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", root+"/proposals/"+id.String())
	return s.writeProposal(w, http.StatusCreated, id)
}

// withdraw takes the participant's own proposal back.
func (s *server) withdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := proposalOf(r)
	if err != nil {
		return err
	}
	body, err := readJSON[struct {
		Explanation string `json:"explanation"`
	}](r)
	if err != nil {
		return err
	}
	explanation, err := canonProse("explanation", body.Explanation)
	if err != nil {
		return err
	}
	_, err = s.Node.Act(r.Context(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Withdraw(id, explanation)
	})
	if err != nil {
		return err
	}
	return s.writeProposal(w, http.StatusOK, id)
}

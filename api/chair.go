package api

import (
	"fmt"
	"net/http"
	"slices"

	"concord/negotiation"
)

// A publication is the body of the chair's request to publish a revision.
type publication struct {
	Headline    string           `json:"headline"`
	Explanation string           `json:"explanation"`
	Accept      []string         `json:"accept"`  // proposals, as XCA/4
	Reasons     []reasonedRuling `json:"reasons"` // of what is accepted
	Decline     []reasonedRuling `json:"decline"`
	Text        *string          `json:"text"` // Markdown; made of what is accepted if left out
}

type reasonedRuling struct {
	Proposal string `json:"proposal"`
	Reason   string `json:"reason"`
}

// revise publishes the next revision.
func (s *server) revise(w http.ResponseWriter, r *http.Request) error {
	body, err := readJSON[publication](r)
	if err != nil {
		return err
	}
	v, err := s.Node.Act(r.Context(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		if d.State().Chair != s.Participant {
			return negotiation.Unsigned{}, negotiation.ErrNotChair.Because("the chair is %s", d.State().Chair)
		}
		p, err := body.read(d.State())
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return composeRevision(d, p)
	})
	if err != nil {
		return err
	}
	published, ok := v.Act().Content.(negotiation.Revise)
	if !ok {
		return fmt.Errorf("api: publishing: the node did %s instead", v.Act().Content.Kind())
	}
	rev, err := s.Node.State().Revision(published.Revision)
	if err != nil {
		return fmt.Errorf("api: publishing: the revision is not in the state: %w", err)
	}
	w.Header().Set("Location", fmt.Sprintf("%s/text?rev=%d", root, rev.Number))
	return writeJSON(w, http.StatusCreated, viewText(rev))
}

// read returns what is to be published, on a state.
func (b publication) read(st *negotiation.State) (negotiation.Publication, error) {
	headline, err := canonLine("headline", b.Headline)
	if err != nil {
		return negotiation.Publication{}, err
	}
	explanation, err := canonProse("explanation", b.Explanation)
	if err != nil {
		return negotiation.Publication{}, err
	}
	p := negotiation.Publication{Headline: headline, Explanation: explanation}
	for _, name := range b.Accept {
		id, err := negotiation.ParseProposalID(name)
		if err != nil {
			return negotiation.Publication{}, err
		}
		p.Accept = append(p.Accept, id)
	}
	if p.Reasons, err = readReasons("reasons", b.Reasons); err != nil {
		return negotiation.Publication{}, err
	}
	for id := range p.Reasons {
		if !slices.Contains(p.Accept, id) {
			return negotiation.Publication{}, errMalformed.Because("reasons: proposal %s is not among those to accept", id)
		}
	}
	if p.Decline, err = readReasons("decline", b.Decline); err != nil {
		return negotiation.Publication{}, err
	}
	if b.Text != nil {
		p.Text, err = negotiation.CanonText("text", []byte(*b.Text))
	} else {
		p.Text, err = st.Consolidate(p.Accept...)
	}
	return p, err
}

// readReasons reads a member that gives proposals, each once, with reasons that may be
// empty.
func readReasons(member string, rulings []reasonedRuling) (map[negotiation.ProposalID]string, error) {
	reasons := map[negotiation.ProposalID]string{}
	for _, ruling := range rulings {
		id, err := negotiation.ParseProposalID(ruling.Proposal)
		if err != nil {
			return nil, err
		}
		if _, twice := reasons[id]; twice {
			return nil, errMalformed.Because("%s: proposal %s is there twice", member, id)
		}
		if reasons[id] = ruling.Reason; ruling.Reason == "" {
			continue
		}
		if reasons[id], err = canonLine("reason", ruling.Reason); err != nil {
			return nil, err
		}
	}
	return reasons, nil
}

// amend puts another charter in force; the query has the headline.
func (s *server) amend(w http.ResponseWriter, r *http.Request) error {
	raw, err := readBody(r, "application/toml", "text/plain")
	if err != nil {
		return err
	}
	charter, err := negotiation.ParseCharter("charter.toml", raw)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	headline, err := canonLine("headline", query.Get("headline"))
	if err != nil {
		return err
	}
	explanation, err := canonProse("explanation", query.Get("explanation"))
	if err != nil {
		return err
	}
	v, err := s.Node.Act(r.Context(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Amend(charter, headline, explanation)
	})
	if err != nil {
		return err
	}
	return s.writeAct(w, v)
}

// handOver passes the chair to another participant.
func (s *server) handOver(w http.ResponseWriter, r *http.Request) error {
	body, err := readJSON[struct {
		To          string `json:"to"`
		Explanation string `json:"explanation"`
	}](r)
	if err != nil {
		return err
	}
	to, err := negotiation.ParseCode(body.To)
	if err != nil {
		return err
	}
	return s.explained(w, r, body.Explanation, func(d negotiation.Delegation, explanation string) (negotiation.Unsigned, error) {
		return d.HandOver(to, explanation)
	})
}

// takeUp takes up the chair that was handed over to the participant.
func (s *server) takeUp(w http.ResponseWriter, r *http.Request) error {
	v, err := s.Node.Act(r.Context(), negotiation.Delegation.TakeUp)
	if err != nil {
		return err
	}
	return s.writeAct(w, v)
}

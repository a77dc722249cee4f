package api

import (
	"net/http"

	"concord/negotiation"
)

// rekey lets the text go on under the key that the chair's record has now.
func (s *server) rekey(w http.ResponseWriter, r *http.Request) error {
	body, err := readJSON[struct {
		After       string `json:"after"`
		Explanation string `json:"explanation"`
	}](r)
	if err != nil {
		return err
	}
	return s.goingOn(w, r, body.After, body.Explanation, negotiation.Delegation.Rekey)
}

// recognise says that another participant should have the chair.
func (s *server) recognise(w http.ResponseWriter, r *http.Request) error {
	body, err := readJSON[struct {
		Successor   string `json:"successor"`
		After       string `json:"after"`
		Explanation string `json:"explanation"`
	}](r)
	if err != nil {
		return err
	}
	successor, err := negotiation.ParseCode(body.Successor)
	if err != nil {
		return err
	}
	return s.goingOn(w, r, body.After, body.Explanation, func(d negotiation.Delegation, after negotiation.ActID, explanation string) (negotiation.Unsigned, error) {
		return d.Recognise(successor, after, explanation)
	})
}

// succeed takes up the chair by the word of two thirds of the participants.
func (s *server) succeed(w http.ResponseWriter, r *http.Request) error {
	body, err := readJSON[struct {
		Explanation string `json:"explanation"`
	}](r)
	if err != nil {
		return err
	}
	return s.explained(w, r, body.Explanation, negotiation.Delegation.Succeed)
}

// goingOn is explained for an act that says after which act of the text it goes on: by
// its name, or with none after the last that counts.
func (s *server) goingOn(w http.ResponseWriter, r *http.Request, place, words string,
	compose func(negotiation.Delegation, negotiation.ActID, string) (negotiation.Unsigned, error),
) error {
	var after negotiation.ActID
	if place != "" {
		var err error
		if after, err = negotiation.ParseActID(place); err != nil {
			return err
		}
	}
	return s.explained(w, r, words, func(d negotiation.Delegation, explanation string) (negotiation.Unsigned, error) {
		if err := d.State().GoOnAfter(negotiation.TextChain, after); err != nil {
			return negotiation.Unsigned{}, err
		}
		return compose(d, after, explanation)
	})
}

// explained lets the participant act, with a person's words, and answers with the act.
func (s *server) explained(w http.ResponseWriter, r *http.Request, words string,
	compose func(negotiation.Delegation, string) (negotiation.Unsigned, error),
) error {
	explanation, err := canonProse("explanation", words)
	if err != nil {
		return err
	}
	v, err := s.Node.Act(r.Context(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return compose(d, explanation)
	})
	if err != nil {
		return err
	}
	return s.writeAct(w, v)
}

package api

import (
	"net/http"
	"slices"

	"concord/negotiation"
)

// A charterContent is the charter, and the chair's form to amend it.
type charterContent struct {
	negotiation.Charter
	Joined      map[negotiation.Code]bool
	Raw         string // as it is
	Edited      string // as the chair writes it
	Headline    string
	Explanation string
	Error       string
}

func newCharterContent(f *frame) charterContent {
	raw := string(f.State.Charter.Raw())
	v := charterContent{Charter: f.State.Charter, Raw: raw, Edited: raw, Joined: map[negotiation.Code]bool{}}
	for _, p := range f.State.Charter.Participants {
		v.Joined[p.Code] = slices.Contains(f.State.Joined, p.Code)
	}
	return v
}

func (s *site) charterPage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	return s.show(w, f, http.StatusOK, "charter", "Charter", newCharterContent(f))
}

func (s *site) charterSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f := s.frame(r)
	f.Path = "/charter"
	v := newCharterContent(f)
	v.Edited, v.Headline, v.Explanation = lines(r.PostForm.Get("charter")), r.PostForm.Get("headline"), r.PostForm.Get("explanation")
	err := s.amendCharter(r, f, v)
	if err == nil {
		http.Redirect(w, r, "/charter", http.StatusSeeOther)
		return nil
	}
	status, said, internal := s.explain(r, err)
	if internal != nil {
		return internal
	}
	v.Error = said
	return s.show(w, f, status, "charter", "Charter", v)
}

func (s *site) amendCharter(r *http.Request, f *frame, v charterContent) error {
	charter, err := negotiation.ParseCharter("charter", []byte(v.Edited))
	if err != nil {
		return err
	}
	headline, err := oneLine(v.Headline)
	if err != nil {
		return err
	}
	if headline == "" {
		return negotiation.ErrCharter.Because("say in the headline what changes")
	}
	return s.perform(r.Context(), f, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		if string(d.State().Charter.Raw()) != v.Raw {
			return negotiation.Unsigned{}, negotiation.ErrInadmissible.Because("the charter has been amended meanwhile; open the page again")
		}
		return d.Amend(charter, headline, v.Explanation)
	})
}

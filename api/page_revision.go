package api

import (
	"net/http"
	"strconv"

	"concord/negotiation"
)

// A revisionContent is a revision and what it changed.
type revisionContent struct {
	negotiation.Revision
	Before     *negotiation.Revision
	Paragraphs []paragraph
	Redline    []redlined // from the revision before
	Newest     bool
	Received   []receiptView
}

func (s *site) revisionPage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	number, err := strconv.ParseUint(r.PathValue("number"), 10, 32)
	if err != nil {
		return negotiation.ErrUnknownBase.Because("this is not the number of a revision")
	}
	revision, err := f.State.Revision(number)
	if err != nil {
		return err
	}
	v := revisionContent{Revision: revision, Newest: number == f.State.Current().Number, Paragraphs: s.paragraphs(revision)}
	for i := range v.Paragraphs {
		if v.Newest { // elsewhere, another paragraph may have the label
			v.Paragraphs[i].Biography = biographyPath(v.Paragraphs[i].Label)
		}
	}
	v.Received = receiptsOf(f, revision)
	if number > 1 {
		before, err := f.State.Revision(number - 1)
		if err != nil {
			return err
		}
		v.Before = &before
		act, _ := f.State.Act(revision.Act)
		if v.Redline, err = s.redlined(before.Text, before.Labels, act.Redline(), false); err != nil {
			return err
		}
	}
	return s.show(w, f, http.StatusOK, "revision", "Revision "+strconv.FormatUint(number, 10), v)
}

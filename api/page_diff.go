package api

import (
	"fmt"
	"net/http"
	"net/url"

	"concord/negotiation"
)

// A diffContent is the redline from one text of the record to another.
type diffContent struct {
	From, To         string
	FromHref, ToHref string // the pages of the texts
	Froms, Tos       []option
	Redline          []redlined // empty when the texts are the same
	Patch            string     // where it is as stock diff writes it
}

// diffPage shows what changed between two texts: without names, between the newest
// revision and the one before.
func (s *site) diffPage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	if !f.State.Convened() {
		return s.show(w, f, http.StatusOK, "waiting", "Waiting for the text", nil)
	}
	query := r.URL.Query()
	to, err := f.State.TextNamed(query.Get("to"))
	if err != nil {
		return err
	}
	before := query.Get("from")
	if before == "" {
		before = fmt.Sprintf("rev-%d", max(1, to.Revision-1))
		if to.Proposal != (negotiation.ProposalID{}) {
			before = fmt.Sprintf("rev-%d", to.Revision)
		}
	}
	from, err := f.State.TextNamed(before)
	if err != nil {
		return err
	}
	v := diffContent{
		From: f.textName(from), FromHref: textPath(from), Froms: f.texts(from.Name),
		To: f.textName(to), ToHref: textPath(to), Tos: f.texts(to.Name),
		Patch: root + "/text/diff?" + url.Values{"from": {from.Name}, "to": {to.Name}, "format": {"unified"}}.Encode(),
	}
	if v.Redline, err = s.redlined(from.Text, from.Labels, f.State.Diff(from, to), false); err != nil {
		return err
	}
	if len(v.Redline) == 1 && v.Redline[0].Unchanged > 0 {
		v.Redline = nil
	}
	return s.show(w, f, http.StatusOK, "diff", "What changed", v)
}

// texts are the texts of the record to choose from, revisions first and the newest of
// them on top.
func (f *frame) texts(chosen string) []option {
	var texts []option
	for i := len(f.State.Revisions); i > 0; i-- {
		name := fmt.Sprintf("rev-%d", i)
		texts = append(texts, option{name, fmt.Sprintf("Revision %d: %s", i, f.State.Revisions[i-1].Headline), name == chosen})
	}
	for _, p := range f.State.Proposals {
		name := p.ID.String()
		texts = append(texts, option{name, name + ": " + p.Headline, name == chosen})
	}
	return texts
}

// textName is what a sentence calls a text of the record.
func (f *frame) textName(t negotiation.NamedText) string {
	if t.Proposal != (negotiation.ProposalID{}) {
		return "proposal " + t.Name
	}
	return fmt.Sprintf("revision %d", t.Revision)
}

// textPath returns the page of a text of the record.
func textPath(t negotiation.NamedText) string {
	if t.Proposal != (negotiation.ProposalID{}) {
		return "/proposals/" + t.Name
	}
	return fmt.Sprintf("/revisions/%d", t.Revision)
}

package api

import (
	"fmt"
	"html/template"
	"net/http"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A provenanceContent is the provenance of the newest revision as a page shows it.
type provenanceContent struct {
	Revision   uint64
	Paragraphs []sourced
}

// A sourced paragraph is its sources.
type sourced struct {
	Label string
	Href  string
	Rows  []sourcedRow
}

type sourcedRow struct {
	negotiation.ProvenanceRow
	Source sourcePart
	Said   []template.HTML // the words, stretch by stretch
}

// A sourcePart tells an origin, with links.
type sourcePart struct {
	negotiation.Origin
	Who []contributorPart
}

type contributorPart struct {
	negotiation.Contributor
	Name string
	Href string
}

// source names those whose words an origin is.
func (f *frame) source(o negotiation.Origin) sourcePart {
	part := sourcePart{Origin: o}
	for _, c := range o.Contributors {
		name := f.Name(c.Participant)
		if c.OnBehalfOf != "" {
			name += " on behalf of " + c.OnBehalfOf
		}
		if dispute := c.Dispute(); dispute != "" {
			name += " (" + dispute + ")"
		}
		part.Who = append(part.Who, contributorPart{c, name, f.WordingPath(c.Proposal, c.Wording)})
	}
	return part
}

// Says tells how the words came in, where no proposal did.
func (p sourcePart) Says() string {
	switch p.Source {
	case negotiation.ZeroDraft:
		return "the zero draft"
	case negotiation.ChairsOwn:
		return fmt.Sprintf("the chair's own wording in revision %d", p.Revision)
	}
	return ""
}

func (s *site) provenancePage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	p := f.State.Provenance()
	v := provenanceContent{Revision: p.Revision}
	for _, row := range p.Rows {
		if n := len(v.Paragraphs); n == 0 || v.Paragraphs[n-1].Label != row.Label {
			v.Paragraphs = append(v.Paragraphs, sourced{Label: row.Label, Href: biographyPath(row.Label)})
		}
		out := sourcedRow{ProvenanceRow: row, Source: f.source(row.Origin)}
		for i, stretch := range row.Text {
			if _, _, marker := kindOf(stretch); i == 0 {
				stretch = stretch[marker:]
			}
			words, _ := s.html.Words(redline.Piece{Text: stretch})
			out.Said = append(out.Said, words)
		}
		last := &v.Paragraphs[len(v.Paragraphs)-1]
		last.Rows = append(last.Rows, out)
	}
	return s.show(w, f, http.StatusOK, "provenance", "Where the words come from", v)
}

package api

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A rollingContent is the rolling text with what stands around it.
type rollingContent struct {
	Revision   negotiation.Revision
	Title      paragraph
	Paragraphs []paragraph // all but the title
	Live       int         // proposals that stand in the text
	Pending    int         // proposals that their authors have to reword
	Groups     []proposalGroup
}

// A proposalGroup is the proposals of one status.
type proposalGroup struct {
	Status    negotiation.Status
	Heading   string
	Proposals []proposalSummary
}

func (s *site) rollingText(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	if !f.State.Convened() {
		return s.show(w, f, http.StatusOK, "waiting", "Waiting for the text", nil)
	}
	v := rollingContent{Revision: f.State.Current(), Groups: groupsOf(f, f.State.Proposals)}
	for _, p := range f.State.Proposals {
		switch p.Status {
		case negotiation.Live:
			v.Live++
		case negotiation.ToBeRevised:
			v.Pending++
		}
	}
	for _, view := range s.rollingParagraphs(f) {
		if view.Kind == negotiation.Title {
			v.Title = view
			continue
		}
		if view.Number > 0 {
			view.Biography = biographyPath(view.Label)
		}
		v.Paragraphs = append(v.Paragraphs, view)
	}
	return s.show(w, f, http.StatusOK, "text", f.State.Charter.Title, v)
}

// rollingParagraphs shows the current revision with all that is proposed for it.
func (s *site) rollingParagraphs(f *frame) []paragraph {
	r, rolling := f.State.Current(), f.State.Rolling
	shown := s.html.Paragraphs(rolling, redline.Names{
		Party:     f.attribution,
		Paragraph: func(base int) string { return r.Labels[base] },
		Block:     blockOf,
	})
	views := make([]paragraph, len(shown))
	for i, p := range rolling.Paragraphs {
		view := paragraph{ID: fmt.Sprintf("new-%d", i), Label: "new", Words: shown[i].Words, Dir: shown[i].Dir, Notes: shown[i].Notes}
		view.Kind, view.Depth, _ = kindOf(shown[i].Text)
		switch {
		case p.Base >= 0:
			view.Number, view.Label = p.Base+1, r.Labels[p.Base]
			view.ID = paragraphID(view.Label)
		case p.Segments[0].Dispute.Alternatives[1].Moved:
			view.Label = "moved"
		}
		views[i] = view
	}
	return views
}

// attribution names a party of an alternative, with links to those of the proposals
// that are its own.
func (f *frame) attribution(a redline.Alternative, party string) template.HTML {
	var b strings.Builder
	escape := template.HTMLEscapeString
	first := true
	for _, name := range a.Proposals {
		id, err := negotiation.ParseProposalID(name)
		if err != nil {
			continue
		}
		p, err := f.State.Proposal(id)
		if err != nil || p.Party() != party {
			continue
		}
		text, title := party, fmt.Sprintf("%s, proposal %s: %s", f.Name(p.Author), id, p.Headline)
		if !first {
			b.WriteString(" ")
			text = fmt.Sprintf("(/%d)", id.Number)
		}
		first = false
		fmt.Fprintf(&b, `<a href="/proposals/%s" title="%s"><bdi>%s</bdi><span class="vh"> (%s, proposal %s)</span></a>`,
			escape(name), escape(title), escape(text), escape(f.Name(p.Author)), escape(name))
	}
	if first {
		b.WriteString("<bdi>" + escape(party) + "</bdi>")
	}
	return template.HTML(b.String())
}

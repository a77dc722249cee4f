package api

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A blameContent is a text with whose each of its words is.
type blameContent struct {
	Name       string
	Href       string // the page of the text itself
	Texts      []option
	Deleted    bool // what was taken out is shown, too
	Paragraphs []paragraph
}

func (s *site) blamePage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	if !f.State.Convened() {
		return s.show(w, f, http.StatusOK, "waiting", "Waiting for the text", nil)
	}
	query := r.URL.Query()
	text, err := f.State.TextNamed(query.Get("text"))
	if err != nil {
		return err
	}
	v := blameContent{Name: f.textName(text), Href: textPath(text), Texts: f.texts(text.Name), Deleted: query.Get("deleted") == "yes"}
	blame := f.State.Blame(text, v.Deleted)
	newest := text.Proposal == negotiation.ProposalID{} && text.Revision == f.State.Current().Number
	for i, p := range blame.Paragraphs {
		view := s.blamed(f, blame, p)
		if view.ID = fmt.Sprintf("gone-%d", i); p.Number > 0 {
			view.ID = paragraphID(p.Label)
		}
		if newest && p.Number > 0 {
			view.Biography = biographyPath(p.Label)
		}
		v.Paragraphs = append(v.Paragraphs, view)
	}
	return s.show(w, f, http.StatusOK, "blame", "Word by word", v)
}

// blamed shows a paragraph with a mark on all words but those of the zero draft.
func (s *site) blamed(f *frame, blame negotiation.Blame, p negotiation.BlamedParagraph) paragraph {
	view := paragraph{Label: p.Label, Number: p.Number}
	if p.Number == 0 {
		view.Notes = []string{"taken out"}
	}
	var pieces []redline.Piece
	begun := false
	for _, w := range stretches(p.Words) {
		text := w.Text
		if !begun {
			kind, depth, marker := kindOf(text)
			text = text[marker:]
			if begun = w.Until == "" || p.Number == 0; begun {
				view.Kind, view.Depth = kind, depth
			}
		}
		words := redline.Piece{Text: strings.TrimSpace(text)}
		if words.Text != "" {
			words.Open, words.Close = f.credit(blame.Origins[w.Origin], w.Until)
		}
		before, behind, _ := strings.Cut(text, words.Text)
		pieces = append(pieces, redline.Piece{Text: before}, words, redline.Piece{Text: behind})
	}
	view.Words, view.Dir = s.html.Words(pieces...)
	return view
}

// stretches joins words with those of the same origin behind them, over white space that
// is another's: nobody sees whose that is.
func stretches(words []negotiation.BlamedWords) (joined []negotiation.BlamedWords) {
	for _, w := range words {
		n := len(joined)
		blank := strings.TrimSpace(w.Text) == ""
		switch {
		case n > 0 && joined[n-1].Until == w.Until && (blank || joined[n-1].Origin == w.Origin):
			joined[n-1].Text += w.Text
		case blank && w.Until != "":
		default:
			joined = append(joined, w)
		}
	}
	return joined
}

// credit returns what stands around words to say whose they are: nothing around those of
// the zero draft that stand.
func (f *frame) credit(o negotiation.Origin, until string) (before, behind template.HTML) {
	escape := template.HTMLEscapeString
	var who []string
	for _, c := range o.Contributors {
		href, of := fmt.Sprintf("/revisions/%d", o.Revision), fmt.Sprintf("the chair's own wording in revision %d", o.Revision)
		if o.Source == negotiation.FromProposal {
			href, of = f.WordingPath(c.Proposal, c.Wording), "proposal "+c.Proposal.String()
		}
		who = append(who, fmt.Sprintf(`<a href="%s" title="%s"><bdi>%s</bdi><span class="vh"> (%s)</span></a>`,
			escape(href), escape(f.Name(c.Participant)+", "+of), escape(c.Name()), escape(of)))
	}
	names := strings.Join(who, ", ")
	if o.Source == negotiation.ZeroDraft {
		names = ""
	}
	switch {
	case until != "":
		href := "/proposals/" + until
		if number, isRevision := strings.CutPrefix(until, "rev-"); isRevision {
			href = "/revisions/" + number
		}
		if names != "" {
			names += "; "
		}
		return `<span class="alternative"><del><span class="vh"> [deletion</span><bdi>`,
			template.HTML(`</bdi><span class="vh"> end of deletion] </span></del><span class="parties" lang="en"> – ` + names + `gone with <a href="` + escape(href) + `">` + escape(until) + `</a></span></span>`)
	case names != "":
		return `<span class="alternative">`, template.HTML(`<span class="parties" lang="en"> – ` + names + `</span></span>`)
	}
	return "", ""
}

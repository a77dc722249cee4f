package api

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
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
	for i, p := range f.State.Rolling.Paragraphs {
		view := s.rollingParagraph(f, v.Revision, p, i)
		if view.Kind == negotiation.Title {
			v.Title = view
			continue
		}
		v.Paragraphs = append(v.Paragraphs, view)
	}
	return s.show(w, f, http.StatusOK, "text", f.State.Charter.Title, v)
}

// rollingParagraph shows one paragraph with all that is proposed for it.
func (s *site) rollingParagraph(f *frame, r negotiation.Revision, p redline.Paragraph, place int) paragraph {
	view := paragraph{ID: fmt.Sprintf("new-%d", place), Label: "new"}
	line := ""
	if p.Base >= 0 {
		view.Number, view.Label = p.Base+1, r.Labels[p.Base]
		view.ID = paragraphID(view.Label)
		line = r.Text.Paragraphs()[p.Base]
	} else if n := len(p.Segments); n > 0 && p.Segments[0].Dispute != nil {
		line = p.Segments[0].Dispute.Alternatives[1].Text
	}
	var hidden int
	view.Kind, view.Depth, hidden = kindOf(line)
	var pieces []piece
	for i, segment := range p.Shown() {
		if segment.Dispute == nil {
			text := segment.Text
			if i == 0 {
				text = text[min(hidden, len(text)):]
			}
			pieces = append(pieces, piece{text: text})
			continue
		}
		view.Notes = append(view.Notes, notesOn(segment.Dispute)...)
		pieces = append(pieces, f.disputed(segment.Dispute, i == 0, hidden)...)
	}
	slices.Sort(view.Notes)
	view.Notes = slices.Compact(view.Notes)
	view.Words, view.Dir = s.markdown.words(pieces...), direction(pieces...)
	return view
}

// notesOn tells what is not plain from the words of a dispute.
func notesOn(d *redline.Dispute) []string {
	var notes []string
	for _, a := range d.Alternatives {
		if a.Moved && !a.Deleted {
			notes = append(notes, "To be moved here from elsewhere")
		}
	}
	if d.Touching {
		notes = append(notes, "Proposals touch one another here: read them together")
	}
	return notes
}

// disputed shows the wordings of one place in brackets: the revision's without a
// name, the others with those who want them. The first hidden bytes of a
// paragraph are its marker.
func (f *frame) disputed(d *redline.Dispute, begins bool, hidden int) []piece {
	before, after := d.Margins(begins)
	var pieces []piece
	if begins {
		pieces = append(pieces, piece{text: before[min(hidden, len(before)):]})
	} else {
		pieces = append(pieces, piece{text: before})
	}
	class := "alternative"
	for _, a := range d.Alternatives {
		if a.Base && a.Text == "" {
			continue
		}
		text, instruction := "", ""
		switch {
		case a.Text != "":
			text = a.Text[len(before) : len(a.Text)-len(after)]
		case a.Deleted && a.Moved:
			instruction = "move"
		case a.Deleted:
			instruction = "delete this paragraph"
		default:
			instruction = "no text"
		}
		if instruction != "" {
			instruction = `<i class="instruction">` + instruction + `</i>`
		}
		if a.Base {
			class += " standing"
		}
		pieces = append(pieces, piece{
			text:  text,
			open:  `<span class="` + class + `"><span class="bracket">[</span>` + instruction + `<bdi>`,
			close: `</bdi>` + f.attribution(a),
		})
		class = "alternative further"
	}
	return append(pieces, piece{text: after})
}

// attribution closes the bracket of an alternative: an en dash and the parties,
// each with a link to its proposal.
func (f *frame) attribution(a redline.Alternative) string {
	var b strings.Builder
	if !a.Base {
		b.WriteString(`<span class="parties"> – `)
		for i, party := range a.Parties {
			if i > 0 {
				b.WriteString(", ")
			}
			f.writeParty(&b, party, a.Proposals)
		}
		b.WriteString(`</span>`)
	}
	b.WriteString(`<span class="bracket">]</span></span>`)
	return b.String()
}

// writeParty writes a party with links to those of the proposals that are its own.
func (f *frame) writeParty(b *strings.Builder, party string, proposals []string) {
	escape := template.HTMLEscapeString
	first := true
	for _, name := range proposals {
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
		fmt.Fprintf(b, `<a href="/proposals/%s" title="%s"><bdi>%s</bdi><span class="vh"> (%s, proposal %s)</span></a>`,
			escape(name), escape(title), escape(text), escape(f.Name(p.Author)), escape(name))
	}
	if first {
		b.WriteString("<bdi>" + escape(party) + "</bdi>")
	}
}

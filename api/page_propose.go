package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A proposeContent is the form for an amendment.
type proposeContent struct {
	draft
	Fields    []changeField
	Revision  negotiation.Revision
	Newer     uint64   // the newest revision, when the draft is on an earlier one
	Others    []option // paragraphs that can be changed, too
	Groups    []option
	Types     []option
	Fresh     bool // nothing has been typed yet
	Dropped   bool // a change has just been left out
	Error     string
	Preview   *previewContent
	Old       []redlined // the wording that the draft replaces, for reference
	OldStands string
}

// A changeField is a change with what the form shows around it.
type changeField struct {
	edit
	Index   int
	Heading string
	Rows    int
}

// A previewContent is the redline of a draft as it stands, or why there is none.
type previewContent struct {
	Redline  []redlined
	Empty    bool
	Errors   []string
	Collides []string // sentences
	Warnings []string
}

func (s *site) proposeForm(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	if !f.State.Convened() {
		return s.show(w, f, http.StatusOK, "waiting", "Waiting for the text", nil)
	}
	query := r.URL.Query()
	current := f.State.Current()
	d := draft{Base: current.Number, Errors: map[string]string{}, Reword: query.Get("reword")}
	v := proposeContent{Fresh: true}
	if d.Reword != "" {
		if err := s.reword(f, &d, &v); err != nil {
			return err
		}
	}
	if query.Get("whole") == "yes" {
		d.Whole, d.Text = true, string(current.Text.Bytes())
	}
	if asked := query.Get("paragraph"); asked != "" {
		n := number(asked)
		if n < 1 || n > current.Text.Len() {
			return negotiation.ErrUnknownBase.Because("revision %d has no paragraph %s", current.Number, clip(asked))
		}
		d.change(cmp.Or(query.Get("action"), modifyParagraph), n, current.Text)
	}
	if d.Reword != "" {
		preview := s.previewOf(f, &d, current)
		v.Preview = &preview
	}
	title := "Propose an amendment"
	if d.Reword != "" {
		title = "Reword " + d.Reword
	}
	return s.showDraft(w, f, http.StatusOK, title, d, v)
}

// reword begins a draft with a proposal's wording. One that has lost its place
// begins with the text as it is, and shows the old wording beside it: taking the
// old words over would undo what the chair has changed since.
func (s *site) reword(f *frame, d *draft, v *proposeContent) error {
	id, err := negotiation.ParseProposalID(d.Reword)
	if err != nil {
		return negotiation.ErrUnknownProposal.Because("this is not the number of a proposal, as XCA/4 is")
	}
	p, err := f.State.Proposal(id)
	if err != nil {
		return err
	}
	if p.Author != f.Me {
		return negotiation.ErrNotAuthor.Because("%s is a proposal of %s", id, f.Name(p.Author))
	}
	switch {
	case p.Status == negotiation.Withdrawn:
		return negotiation.ErrWithdrawn.Because("%s has been withdrawn", id)
	case isAccepted(f.State, p):
		return negotiation.ErrInadmissible.Because("%s has been taken into revision %d", id, p.Since)
	}
	d.Headline, d.Explanation, d.OnBehalfOf = p.Headline, p.Explanation, p.OnBehalfOf
	if p.Type == negotiation.Editorial || p.Type == negotiation.NoChange {
		d.Type = p.Type // the others are told from what the new wording does
	}
	base, signed := f.State.Amended(p)
	v.OldStands = f.stands(p)
	if v.Old, err = s.redlined(base.Text, base.Labels, signed, false); err != nil {
		return err
	}
	if p.Status != negotiation.Live || p.Type == negotiation.NoChange {
		return nil
	}
	text, err := negotiation.TextOf(f.State.Rolling.Take(id.String()))
	if err != nil { // taking one alternative gives the proposal's own text
		return fmt.Errorf("api: rewording %s: %w", id, err)
	}
	changes, ok := changesOf(f.State.Current().Text, text)
	if !ok {
		d.Whole, d.Text = true, string(text.Bytes())
	}
	d.Changes = changes
	return nil
}

// showDraft shows the form with everything that was typed.
func (s *site) showDraft(w http.ResponseWriter, f *frame, status int, title string, d draft, v proposeContent) error {
	base, err := f.State.Revision(d.Base)
	if err != nil {
		return err
	}
	v.draft, v.Revision = d, base
	if newest := f.State.Current().Number; newest != base.Number {
		v.Newer = newest
	}
	for i, c := range d.Changes {
		v.Fields = append(v.Fields, newChangeField(c, i, base))
	}
	for i, label := range base.Labels {
		v.Others = append(v.Others, option{Value: fmt.Sprint(i + 1), Text: label + " " + beginning(base.Text.Body(i))})
	}
	for _, g := range f.State.Charter.Groups {
		if slices.Contains(g.Members, f.Me) {
			v.Groups = append(v.Groups, option{g.Code, g.Name, g.Code == d.OnBehalfOf})
		}
	}
	v.Types = typeOptions(d.Type)
	return s.show(w, f, status, "propose", title, v)
}

func typeOptions(chosen negotiation.ProposalType) []option {
	options := []option{
		{Value: "", Text: "As the redline shows"},
		{Value: string(negotiation.Add), Text: "Addition"},
		{Value: string(negotiation.Modify), Text: "Modification"},
		{Value: string(negotiation.Delete), Text: "Deletion"},
		{Value: string(negotiation.Move), Text: "Move"},
		{Value: string(negotiation.Editorial), Text: "Editorial: changes no meaning"},
		{Value: string(negotiation.NoChange), Text: "No change: insists on the text as it is"},
	}
	for i := range options {
		options[i].Chosen = options[i].Value == string(chosen)
	}
	return options
}

func newChangeField(c edit, index int, base negotiation.Revision) changeField {
	field := changeField{edit: c, Index: index, Rows: min(4+len(c.Text)/70+strings.Count(c.Text, "\n"), 24)}
	label := "a paragraph"
	if c.Paragraph >= 1 && c.Paragraph <= len(base.Labels) {
		label = base.Labels[c.Paragraph-1]
	}
	switch c.Action {
	case addParagraph:
		field.Heading = "New paragraph after " + label
	case deleteParagraph:
		field.Heading = "Delete " + label
	default:
		field.Heading = "Amend " + label
	}
	return field
}

// beginning returns the first words of a paragraph.
func beginning(words string) string {
	const most = 60
	runes := []rune(words)
	if len(runes) <= most {
		return words
	}
	return strings.TrimRight(string(runes[:most]), " ") + "…"
}

func (s *site) proposeSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f := s.frame(r)
	f.Path = "/propose"
	d := readDraft(r.PostForm)
	base, err := f.State.Revision(d.Base)
	if err != nil {
		return err
	}
	title := "Propose an amendment"
	if d.Reword != "" {
		title = "Reword " + d.Reword
	}
	v := proposeContent{}
	do, argument, _ := strings.Cut(r.PostForm.Get("do"), ":")
	switch do {
	case "also":
		d.change(r.PostForm.Get("also-action"), number(r.PostForm.Get("also")), base.Text)
	case "drop":
		if i := number(argument); i < len(d.Changes) {
			d.Changes = slices.Delete(d.Changes, i, i+1)
			v.Dropped = true
		}
	case "whole":
		if text, ok := d.amended(base.Text); ok {
			d.Whole, d.Text, d.Changes = true, string(text.Bytes()), nil
		}
	case "table":
		return s.table(w, r, f, title, d, base)
	}
	preview := s.previewOf(f, &d, base)
	v.Preview = &preview
	return s.showDraft(w, f, http.StatusOK, title, d, v)
}

// table tables a draft, or shows it again with the reason why not.
func (s *site) table(w http.ResponseWriter, r *http.Request, f *frame, title string, d draft, base negotiation.Revision) error {
	text, ok := d.amended(base.Text)
	if strings.TrimSpace(d.Headline) == "" {
		d.Errors["headline"] = "A proposal has a headline: what it changes, in a few words."
		ok = false
	}
	v := proposeContent{}
	status := http.StatusUnprocessableEntity
	if ok {
		id, err := s.tableText(r, f, d, text)
		if err == nil {
			kept := cmp.Or(d.Reword, "new")
			http.Redirect(w, r, "/proposals/"+id.String()+"?tabled="+kept, http.StatusSeeOther)
			return nil
		}
		var internal error
		if status, v.Error, internal = s.explain(r, err); internal != nil {
			return internal
		}
	}
	preview := s.previewOf(f, &d, base)
	v.Preview = &preview
	return s.showDraft(w, f, status, title, d, v)
}

// tableText lets the participant propose, or reword its proposal.
func (s *site) tableText(r *http.Request, f *frame, d draft, text negotiation.Text) (negotiation.ProposalID, error) {
	var id negotiation.ProposalID
	headline, err := oneLine(d.Headline)
	if err != nil {
		return id, err
	}
	w := negotiation.Wording{
		Headline: headline, Explanation: d.Explanation, Type: d.Type, Base: d.Base, OnBehalfOf: d.OnBehalfOf, Text: text,
	}
	err = s.perform(r.Context(), f, func(now negotiation.Delegation) (negotiation.Unsigned, error) {
		if d.Reword != "" {
			if id, err = negotiation.ParseProposalID(d.Reword); err != nil {
				return negotiation.Unsigned{}, err
			}
			return now.Supersede(id, w)
		}
		u, err := now.Propose(w)
		if c, ok := u.Act.Content.(negotiation.Propose); ok {
			id = c.Proposal
		}
		return u, err
	})
	return id, err
}

// oneLine brings a headline into the form that acts have.
func oneLine(s string) (string, error) {
	return negotiation.CanonProse(strings.Join(strings.Fields(s), " "))
}

// preview answers with the redline of the form as it stands, a part of a page.
func (s *site) preview(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if !s.authorised(r) {
		return errUnauthorized.Because("you are not signed in")
	}
	f := s.frame(r)
	d := readDraft(r.PostForm)
	base, err := f.State.Revision(d.Base)
	if err != nil {
		return err
	}
	return s.write(w, http.StatusOK, "propose", "preview", s.previewOf(f, &d, base))
}

// previewOf compares a draft with its base, and with what else is proposed.
func (s *site) previewOf(f *frame, d *draft, base negotiation.Revision) previewContent {
	var v previewContent
	text, ok := d.amended(base.Text)
	if !ok {
		for i, c := range d.Changes {
			if c.Error != "" {
				v.Errors = append(v.Errors, newChangeField(c, i, base).Heading+": "+c.Error)
			}
		}
		if said := d.Errors["text"]; said != "" {
			v.Errors = append(v.Errors, said)
		}
		return v
	}
	r := redline.Compare(base.Text.Paragraphs(), text.Paragraphs())
	if v.Empty = r.Empty(); v.Empty {
		return v
	}
	shown, err := s.redlined(base.Text, base.Labels, r, false)
	if err != nil { // it was made from this base
		v.Errors = append(v.Errors, "The redline cannot be shown.")
		return v
	}
	v.Redline = shown
	if base.Number == f.State.Current().Number {
		v.Collides = collisionsWith(f, r, d.Reword)
	}
	known := map[string]bool{}
	for _, warning := range base.Text.Warnings() {
		known[warning.Word] = true
	}
	for _, warning := range text.Warnings() {
		if !known[warning.Word] {
			v.Warnings = append(v.Warnings, fmt.Sprintf("“%s”: %s.", warning.Word, warning.Reason))
		}
	}
	return v
}

package api

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A consolidateContent is the chair's table: first a decision on each open proposal,
// then the text that they come to.
type consolidateContent struct {
	Revision    negotiation.Revision
	Decisions   []decisionView
	Second      bool // the text is shown
	Text        string
	Edited      string // what the chair made of the text, where the decisions come to another
	Redline     []redlined
	Becomes     []becoming
	Untaken     []negotiation.ProposalID // accepted, but the text has nothing of them
	Collisions  []string
	Headline    string
	Explanation string
	Errors      map[string]string
	Error       string
	Others      []option // to whom the chair can be handed over
}

// A decisionView is an open proposal and what the chair decides on it.
type decisionView struct {
	proposalSummary
	Redline []redlined
	Ruling  string // accept, decline, or leave
	Reason  string
	Seen    string // the wording that the chair has before it
}

// A becoming says what becomes of a proposal in the revision that is being prepared.
type becoming struct {
	ID       negotiation.ProposalID
	Headline string
	Outcome  string
}

const (
	acceptProposal  = "accept"
	declineProposal = "decline"
	leaveProposal   = "leave"
)

// awaits reports whether a proposal waits for a decision.
func awaits(p negotiation.Proposal) bool {
	return p.Status == negotiation.Live || p.Status == negotiation.ToBeRevised
}

func (s *site) consolidateForm(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	if !f.State.Convened() {
		return s.show(w, f, http.StatusOK, "waiting", "Waiting for the text", nil)
	}
	v, err := s.consolidateView(f, nil)
	if err != nil {
		return err
	}
	return s.show(w, f, http.StatusOK, "consolidate", "Consolidate", v)
}

// consolidateContent lists the open proposals with the decisions of a form; form is
// nil when there is none yet.
func (s *site) consolidateView(f *frame, form func(string) string) (consolidateContent, error) {
	if !f.State.Convened() {
		return consolidateContent{}, negotiation.ErrUnknownBase.Because("this node has no text yet")
	}
	v := consolidateContent{Revision: f.State.Current(), Errors: map[string]string{}}
	for _, p := range f.State.Proposals {
		if !awaits(p) {
			continue
		}
		base, signed := f.State.Amended(p)
		shown, err := s.redlined(base.Text, base.Labels, signed, false)
		if err != nil {
			return v, err
		}
		d := decisionView{proposalSummary: f.summary(p), Redline: shown, Ruling: leaveProposal, Seen: p.Wording().String()}
		if form != nil {
			name := p.ID.String()
			if ruling := form("ruling " + name); ruling == acceptProposal || ruling == declineProposal {
				d.Ruling = ruling
			}
			d.Reason = form("reason " + name)
			if seen := form("wording " + name); seen != "" && seen != d.Seen && d.Ruling != leaveProposal {
				v.Error = fmt.Sprintf("%s has been reworded since you opened this page. Read its new wording and decide again; your other decisions are kept.", name)
				d.Ruling = leaveProposal
			}
		}
		v.Decisions = append(v.Decisions, d)
	}
	for _, code := range f.State.Joined {
		if code != f.State.Chair {
			v.Others = append(v.Others, option{Value: string(code), Text: f.Name(code)})
		}
	}
	return v, nil
}

// chosen returns the proposals with one ruling, in order.
func (v consolidateContent) chosen(ruling string) []negotiation.ProposalID {
	var ids []negotiation.ProposalID
	for _, d := range v.Decisions {
		if d.Ruling == ruling {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

func (s *site) consolidateSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	f := s.frame(r)
	f.Path = "/consolidate"
	v, err := s.consolidateView(f, r.PostForm.Get)
	if err != nil {
		return err
	}
	v.Headline, v.Explanation = r.PostForm.Get("headline"), r.PostForm.Get("explanation")
	do := r.PostForm.Get("do")
	text, edited := lines(r.PostForm.Get("text")), lines(r.PostForm.Get("edited"))
	compiled := v.compile(f.State)
	stale := number(r.PostForm.Get("base")) != int(v.Revision.Number)
	switch {
	case stale:
		v.Error = fmt.Sprintf("Revision %d has been published since you opened this page. Your decisions are kept; look at them again on the new text.", v.Revision.Number)
	case v.Error != "" || do == "decide":
	case do == "keep" && edited != "":
		v.Second, v.Text, edited, text = true, edited, "", ""
	case text == "" || do == "text":
		v.Second, v.Text = true, compiled
	default:
		v.Second, v.Text, text = true, text, ""
	}
	if v.Edited = cmp.Or(text, edited); v.Edited == compiled || v.Edited == v.Text {
		v.Edited = ""
	}
	status := http.StatusOK
	if v.Second && do == "publish" {
		if status, err = s.publish(r, f, &v); err != nil {
			return err
		}
		if status == http.StatusSeeOther {
			http.Redirect(w, r, fmt.Sprintf("/revisions/%d", v.Revision.Number+1), http.StatusSeeOther)
			return nil
		}
	}
	if v.Second {
		if err := s.foresee(f.State, &v); err != nil {
			return err
		}
	}
	return s.show(w, f, status, "consolidate", "Consolidate", v)
}

// compile returns the text of the accepted proposals. Where they collide the first
// of them prevails, and the chair is told.
func (v *consolidateContent) compile(state *negotiation.State) string {
	var names []string
	for _, id := range v.chosen(acceptProposal) {
		names = append(names, id.String())
	}
	if text, err := negotiation.TextOf(state.Rolling.Take(names...)); err == nil {
		return string(text.Bytes())
	}
	// Changes that are good one by one can make no text together: the chair has
	// the lines before it, and is told what is wrong with them.
	return strings.Join(state.Rolling.Take(names...), "\n\n") + "\n"
}

// foresee computes what publishing the text as it is would come to.
func (s *site) foresee(state *negotiation.State, v *consolidateContent) error {
	v.Collisions = collisionsAmong(state, v.chosen(acceptProposal))
	text, err := negotiation.CanonText("text", []byte(v.Text))
	if err != nil {
		v.Errors["text"] = reasonIn(err, 0)
		return nil
	}
	base := v.Revision.Text.Paragraphs()
	chair := state.RedlineTo(text, v.chosen(acceptProposal)...)
	if v.Redline, err = s.redlined(v.Revision.Text, v.Revision.Labels, chair, false); err != nil {
		return err
	}
	passage, err := redline.NewPassage(base, chair)
	if err != nil {
		return fmt.Errorf("api: foreseeing a revision: %w", err)
	}
	for _, d := range v.Decisions {
		v.Becomes = append(v.Becomes, becoming{d.ID, d.Headline, d.foreseen(passage)})
		if d.Ruling == acceptProposal && !isTaken(d.Proposal, passage) {
			v.Untaken = append(v.Untaken, d.ID)
		}
	}
	return nil
}

// foreseen says what becomes of a proposal when the text is published.
func (d decisionView) foreseen(passage *redline.Passage) string {
	switch {
	case d.Ruling == declineProposal:
		return "declined"
	case d.Type == negotiation.NoChange && d.Ruling == acceptProposal:
		return "accepted: the text stays as it is"
	case d.Type == negotiation.NoChange:
		return "stays live"
	case d.Status == negotiation.ToBeRevised:
		return "still to be revised by its author"
	}
	switch passage.Carry(d.Edits()).Outcome {
	case redline.Incorporated:
		return "incorporated"
	case redline.InPart:
		return "incorporated in part; the rest stays live"
	case redline.ToBeRevised:
		return "to be revised by its author: words that it changes are gone"
	}
	return "stays live"
}

// publish publishes the revision, or says in v why not. The status is 303 when it
// is published.
func (s *site) publish(r *http.Request, f *frame, v *consolidateContent) (int, error) {
	text, err := negotiation.CanonText("text", []byte(v.Text))
	if err != nil {
		v.Errors["text"] = reasonIn(err, 0)
	}
	headline, headErr := oneLine(v.Headline)
	if headErr != nil || headline == "" {
		v.Errors["headline"] = "A revision has a headline: what it brings, in a few words."
	}
	if len(v.Errors) > 0 {
		return http.StatusUnprocessableEntity, nil
	}
	p := negotiation.Publication{
		Headline: headline, Explanation: v.Explanation, Text: text,
		Accept: v.chosen(acceptProposal), Reasons: map[negotiation.ProposalID]string{}, Decline: map[negotiation.ProposalID]string{},
	}
	if v.Error = v.reasons(p); v.Error != "" {
		return http.StatusUnprocessableEntity, nil
	}
	err = s.perform(r.Context(), f, func(now negotiation.Delegation) (negotiation.Unsigned, error) {
		if now.State().Current().Number != v.Revision.Number {
			return negotiation.Unsigned{}, negotiation.ErrNumber.Because("another revision has been published meanwhile")
		}
		for _, d := range v.Decisions {
			if d.Ruling == leaveProposal {
				continue
			}
			if err := sameWording(now.State(), d.ID, d.Seen); err != nil {
				return negotiation.Unsigned{}, err
			}
		}
		return composeRevision(now, p)
	})
	if err == nil {
		return http.StatusSeeOther, nil
	}
	status, said, internal := s.explain(r, err)
	v.Error = said
	return status, internal
}

// reasons enters the chair's reasons in a publication, or says what is wrong with one.
func (v *consolidateContent) reasons(p negotiation.Publication) string {
	for _, d := range v.Decisions {
		reason, err := oneLine(d.Reason)
		switch {
		case err != nil:
			return fmt.Sprintf("The reason on %s: %s", d.ID, sentence(err.Error()))
		case d.Ruling == declineProposal:
			p.Decline[d.ID] = reason
		case reason != "" && d.Ruling == leaveProposal:
			return fmt.Sprintf("There is a reason on %s, which is left open: only what is accepted or declined has one in the record. Decide on it, or take the reason out.", d.ID)
		case reason != "":
			p.Reasons[d.ID] = reason
		}
	}
	return ""
}

func (s *site) handOverSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if r.PostForm.Get("sure") != "yes" {
		return negotiation.ErrInadmissible.Because("handing over the chair was not confirmed: tick the box beside the button")
	}
	to, err := negotiation.ParseCode(r.PostForm.Get("to"))
	if err != nil {
		return negotiation.ErrNotParticipant.Because("choose to whom the chair is handed over")
	}
	return s.thenConsolidate(w, r, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.HandOver(to, r.PostForm.Get("explanation"))
	})
}

func (s *site) takeUpSubmit(w http.ResponseWriter, r *http.Request) error {
	return s.thenConsolidate(w, r, negotiation.Delegation.TakeUp)
}

func (s *site) thenConsolidate(w http.ResponseWriter, r *http.Request, compose composition) error {
	if err := s.perform(r.Context(), s.frame(r), compose); err != nil {
		return err
	}
	http.Redirect(w, r, "/consolidate", http.StatusSeeOther)
	return nil
}

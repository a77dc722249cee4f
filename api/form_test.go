package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

func TestProposeForm(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XCA").visit(t)
	form := url.Values{
		"base": {"1"}, "action": {"modify", "add"}, "paragraph": {"6", "6"},
		"words":    {"1. Each State shall name two points of contact.", "1. A register is kept.\n\n1. It is public."},
		"headline": {"Two points of contact"}, "explanation": {"One may be ill."}, "do": {"redline"},
	}
	status, page := v.post("/propose", form)
	if status != http.StatusOK || !strings.Contains(page, "<ins>") || !strings.Contains(page, "One may be ill.") {
		t.Fatalf("without scripts there is no redline, or what was typed is gone (status %d)", status)
	}
	checkPage(t, page)
	form.Set("do", "table")
	if status, page = v.post("/propose", form); status != http.StatusOK || !strings.Contains(page, "Proposal XCA/5") {
		t.Fatalf("tabling answers %d: %s", status, page)
	}
	p, err := tb.State().Proposal(negotiation.ProposalID{Author: "XCA", Number: 5})
	if err != nil || p.Headline != "Two points of contact" || p.Explanation != "One may be ill." {
		t.Errorf("what was tabled is %+v, %v", p, err)
	}
	if got := strings.Join(tb.State().Rolling.Take("XCA/5"), "\n"); !strings.Contains(got, "two points") || !strings.Contains(got, "It is public.") {
		t.Errorf("the proposal's text is %q; both changes should be in it", got)
	}
}

func TestProposeFormKeepsWhatWasTyped(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XCA").visit(t)
	form := url.Values{
		"base": {"1"}, "action": {"modify"}, "paragraph": {"6"}, "words": {"1. Each <b>State</b>."},
		"headline": {""}, "explanation": {"Because."}, "do": {"table"},
	}
	before := tb.State().Digest()
	status, page := v.post("/propose", form)
	for _, want := range []string{"Each &lt;b&gt;State", "Because.", `id="change-error-0"`, `id="headline-error"`} {
		if status != http.StatusUnprocessableEntity || !strings.Contains(page, want) {
			t.Errorf("a text that cannot be accepted answers %d, without %q", status, want)
		}
	}
	v.post("/sign-out", nil)
	form.Set("words", "1. Each State names one.")
	form.Set("headline", "One")
	if status, page = v.post("/propose", form); status != http.StatusUnauthorized || !strings.Contains(page, "Each State names one.") || !strings.Contains(page, "not signed in") {
		t.Errorf("tabling when signed out answers %d; want 401 and everything typed", status)
	}
	if tb.State().Digest() != before {
		t.Error("a proposal that was refused has changed the state")
	}
}

func TestReword(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XCA").visit(t)
	_, page := v.get("/propose?reword=XCA/1")
	if !strings.Contains(page, "1. States may cooperate on a voluntary basis to prevent harm.</textarea>") {
		t.Error("rewording does not begin with the proposal's words")
	}
	status, page := v.post("/propose", url.Values{
		"base": {"1"}, "reword": {"XCA/1"}, "action": {"modify"}, "paragraph": {"5"},
		"words": {"1. States may cooperate to prevent harm."}, "headline": {"Leave it to each"}, "do": {"table"},
	})
	if status != http.StatusOK || !strings.Contains(page, "Leave it to each") {
		t.Errorf("rewording answers %d", status)
	}
	if p, err := tb.State().Proposal(negotiation.ProposalID{Author: "XCA", Number: 1}); err != nil || len(p.Wordings) != 3 {
		t.Errorf("the proposal has %d wordings, want 3 (%v)", len(p.Wordings), err)
	}
}

func TestPositionAndWithdrawal(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XBO").visit(t)
	id := negotiation.ProposalID{Author: "XCA", Number: 1}
	p, err := tb.State().Proposal(id)
	if err != nil {
		t.Fatal(err)
	}
	stale := url.Values{"stance": {"for"}, "wording": {p.Wordings[0].Act.String()}, "explanation": {"Now I see."}}
	if status, page := v.post("/proposals/XCA/1/position", stale); status != http.StatusConflict || !strings.Contains(page, "Now I see.") {
		t.Errorf("a position on a wording that was replaced meanwhile answers %d; want 409 and the words kept", status)
	}
	stale.Set("wording", p.Wording().String())
	if status, page := v.post("/proposals/XCA/1/position", stale); status != http.StatusOK || !strings.Contains(page, "Now I see.") {
		t.Errorf("taking a position answers %d", status)
	}
	p, _ = tb.State().Proposal(id)
	if !slices.ContainsFunc(p.Positions, func(q negotiation.Position) bool { return q.Stance == negotiation.For && !q.Earlier }) {
		t.Error("the position was not taken")
	}
	if status, _ := v.post("/proposals/XCA/1/withdraw", nil); status != http.StatusForbidden {
		t.Errorf("withdrawing another state's proposal answers %d, want 403", status)
	}
	if status, page := v.post("/proposals/XBO/1/withdraw", url.Values{"explanation": {"Enough."}}); status != http.StatusOK || !strings.Contains(page, "Withdrawn by Borealia") {
		t.Errorf("withdrawing answers %d", status)
	}
}

func TestConsolidate(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XAU").visit(t)
	form := url.Values{"base": {"1"}, "do": {"text"}}
	for _, p := range tb.State().Proposals {
		form.Set("wording "+p.ID.String(), p.Wording().String())
	}
	form.Set("ruling XBO/1", "accept")
	form.Set("ruling XCA/1", "accept")
	form.Set("ruling XBO/3", "decline")
	form.Set("reason XBO/3", "Not a text.")
	form.Set("reason XBO/1", "Not every State  can promise it.")
	status, page := v.post("/consolidate", form)
	for _, want := range []string{"XBO/1 and XCA/1 want different words", "States should cooperate", "declined", "to be revised by its author"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("the text that decisions come to (status %d) does not say %q", status, want)
		}
	}
	checkPage(t, page)
	form.Set("ruling XCA/1", "leave")
	form.Set("text", strings.Replace(sceneText, "States shall cooperate", "States should cooperate", 1))
	form.Set("do", "publish")
	if status, page = v.post("/consolidate", form); status != http.StatusUnprocessableEntity || !strings.Contains(page, `id="headline-error"`) {
		t.Errorf("publishing without a headline answers %d", status)
	}
	form.Set("headline", "First round")
	form.Set("reason XCA/1", "Left as it is.")
	if status, page = v.post("/consolidate", form); status != http.StatusUnprocessableEntity || !strings.Contains(page, "There is a reason on XCA/1, which is left open") || !strings.Contains(page, "Left as it is.") {
		t.Errorf("a reason that the record has no place for answers %d, or is not kept", status)
	}
	form.Del("reason XCA/1")
	if status, page = v.post("/consolidate", form); status != http.StatusOK || !strings.Contains(page, "Revision 2: <bdi>First round") {
		t.Fatalf("publishing answers %d", status)
	}
	checkPage(t, page)
	for _, want := range []string{"XBO/1</a>: <bdi>Not every State can promise it.", "XBO/3</a>: <bdi>Not a text."} {
		if !strings.Contains(page, want) {
			t.Errorf("the revision's page does not have the reason %q", want)
		}
	}
	if _, page = v.get("/provenance"); !strings.Contains(page, "Why: <bdi>Not every State can promise it.") {
		t.Error("the provenance does not have the reason of accepting")
	}
	for id, want := range map[negotiation.ProposalID]negotiation.Status{
		{Author: "XBO", Number: 1}: negotiation.Incorporated, {Author: "XAU", Number: 1}: negotiation.Incorporated,
		{Author: "XBO", Number: 3}: negotiation.Declined, {Author: "XCA", Number: 1}: negotiation.ToBeRevised,
		{Author: "XCA", Number: 2}: negotiation.Live,
	} {
		if p, err := tb.State().Proposal(id); err != nil || p.Status != want {
			t.Errorf("%s is %s, want %s (%v)", id, p.Status, want, err)
		}
	}
	if status, page = v.post("/consolidate", form); status != http.StatusOK || !strings.Contains(page, "Revision 2 has been published since") {
		t.Errorf("publishing on a revision that is not the newest answers %d and does not say so", status)
	}
	if status, _ = tb.seat("XBO").visit(t).post("/consolidate", url.Values{
		"base": {"2"}, "text": {sceneText}, "headline": {"Usurped"}, "do": {"publish"},
	}); status != http.StatusForbidden {
		t.Errorf("a revision by somebody who is not the chair answers %d, want 403", status)
	}
}

func TestHandOver(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XAU").visit(t)
	if status, _ := v.post("/chair/hand-over", url.Values{"to": {"XBO"}}); status != http.StatusConflict || tb.State().Chair != "XAU" {
		t.Errorf("handing over without confirming answers %d; the chair is %s", status, tb.State().Chair)
	}
	if status, _ := v.post("/chair/hand-over", url.Values{"to": {"XBO"}, "sure": {"yes"}}); status != http.StatusOK || tb.State().Chair != "XBO" {
		t.Errorf("handing over answers %d; the chair is %s", status, tb.State().Chair)
	}
	w := tb.seat("XBO").visit(t)
	if _, page := w.get("/consolidate"); !strings.Contains(page, "Take up the chair") {
		t.Error("the incoming chair is not asked to take it up")
	}
	if status, _ := w.post("/chair/take-up", nil); status != http.StatusOK || tb.State().Passing {
		t.Errorf("taking up answers %d", status)
	}
}

// decisions returns the chair's form with every wording seen, and its rulings.
func decisions(tb *table, rulings ...string) url.Values {
	form := url.Values{"base": {"1"}}
	for _, p := range tb.State().Proposals {
		form.Set("wording "+p.ID.String(), p.Wording().String())
	}
	for i := 0; i < len(rulings); i += 2 {
		form.Set("ruling "+rulings[i], rulings[i+1])
	}
	return form
}

// What is published as accepted comes out as incorporated, at least in part.
func TestOnlyWhatIsTakenIsAccepted(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XAU").visit(t)
	form := decisions(tb, "XBO/1", "accept", "XCA/1", "accept")
	form.Set("text", strings.Replace(sceneText, "States shall cooperate", "States should cooperate", 1))
	form.Set("headline", "Both")
	form.Set("do", "publish")
	status, page := v.post("/consolidate", form)
	if status != http.StatusConflict || !strings.Contains(page, "does not have the words of XCA/1, so it cannot be published as accepted") || len(tb.State().Revisions) != 1 {
		t.Errorf("publishing what collides as accepted answers %d", status)
	}
	checkPage(t, page)
	form.Set("ruling XCA/1", "decline")
	if status, _ = v.post("/consolidate", form); status != http.StatusOK || len(tb.State().Revisions) != 2 {
		t.Errorf("declining the one that is not taken answers %d", status)
	}
}

func TestARevisionChangesOrDecides(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XAU").visit(t)
	form := decisions(tb)
	form.Set("text", string(textOf(t, sceneText).Bytes()))
	form.Set("headline", "Nothing")
	form.Set("do", "publish")
	if status, page := v.post("/consolidate", form); status != http.StatusUnprocessableEntity || !strings.Contains(page, "A revision changes the text, or decides on a proposal") {
		t.Errorf("publishing nothing answers %d", status)
	}
	form.Set("ruling XBO/3", "decline")
	if status, _ := v.post("/consolidate", form); status != http.StatusOK || len(tb.State().Revisions) != 2 {
		t.Errorf("a revision that only declines answers %d", status)
	}
	if status, page := v.post("/charter", url.Values{"charter": {string(tb.State().Charter.Raw())}, "headline": {"Nothing"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "The charter is as it was") {
		t.Errorf("a charter that changes nothing answers %d", status)
	}
}

// The text that the chair has edited goes with every button.
func TestEditedTextIsKept(t *testing.T) {
	const edited = "We will meet again in three years."
	tb := scene(t)
	v := tb.seat("XAU").visit(t)
	keeps := func(page, where string) {
		t.Helper()
		if !strings.Contains(page, "name=\"edited\"") || !strings.Contains(page, edited) || !strings.Contains(page, "Keep my edited text") {
			t.Errorf("the edited text is lost %s", where)
		}
		checkPage(t, page)
	}
	form := decisions(tb, "XBO/1", "accept")
	form.Set("text", strings.Replace(sceneText, "We will meet again in two years.", edited, 1))
	form.Set("do", "decide")
	_, page := v.post("/consolidate", form)
	keeps(page, "on the way back to the decisions")
	form.Set("edited", form.Get("text"))
	form.Del("text")
	form.Set("do", "text")
	_, page = v.post("/consolidate", form)
	keeps(page, "when the text is compiled anew")
	if !strings.Contains(page, "States should cooperate") || !strings.Contains(page, "in two years.\n</textarea>") {
		t.Error("the text that the decisions come to is not shown")
	}
	form.Set("do", "keep")
	if _, page = v.post("/consolidate", form); !strings.Contains(page, edited+"\n</textarea>") {
		t.Error("the edited text does not come back")
	}
	form.Set("text", form.Get("edited"))
	form.Del("edited")
	form.Set("do", "publish")
	form.Set("ruling XCA/2", "accept")
	form.Set("wording XCA/2", form.Get("wording XCA/1"))
	_, page = v.post("/consolidate", form)
	keeps(page, "when a proposal has been reworded")
}

func TestRefusedFormsKeepWhatWasTyped(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XBO").visit(t)
	_, page := v.post("/proposals/XCA/1/position", url.Values{"stance": {"for"}, "wording": {"0"}, "explanation": {"Now I see."}})
	for _, want := range []string{">Now I see.</textarea>", `data-path="/proposals/XCA/1"`, `autofocus><p>XCA/1 has been reworded`} {
		if !strings.Contains(page, want) {
			t.Errorf("a refused position comes back without %s", want)
		}
	}
	if main := page[strings.Index(page, "<main"):]; strings.Index(main, `role="alert"`) > strings.Index(main, "<h1>") {
		t.Error("why a position was refused does not stand at the top")
	}
	_, page = v.post("/proposals/XCA/1/withdraw", url.Values{"explanation": {"Not mine."}})
	if strings.Contains(page, `name="explanation" rows="3" dir="auto">Not mine.`) {
		t.Error("the reason for a withdrawal comes back as that for a position")
	}
	v.post("/sign-out", nil)
	for from, want := range map[string]string{
		"/proposals/XCA/1/position": "Proposal XCA/1", "/proposals/XCA/1/withdraw": "Proposal XCA/1",
		"/preview": "Propose an amendment", "/chair/hand-over": "Consolidate", "/chair/take-up": "Consolidate", "/sign-out": "Rolling text",
	} {
		if status, page := v.get(from); status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("opening %s answers %d; want %q", from, status, want)
		}
	}
}

// Rewording leaves the type to the redline, shows it, and is offered where the
// record allows it.
func TestRewordIsOffered(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XCA").visit(t)
	_, page := v.get("/propose?reword=XCA/2")
	if !strings.Contains(page, `<option value="" selected>`) || !strings.Contains(page, "water supply</bdi>") && !strings.Contains(page, "water supply;</bdi>") {
		t.Error("rewording an addition holds on to its type, or does not show its redline")
	}
	accepted, declined := negotiation.ProposalID{Author: "XCA", Number: 2}, negotiation.ProposalID{Author: "XCA", Number: 1}
	tb.publish(t, "Round", strings.Replace(sceneText, "   - hospitals", "   - water supply;\n\n   - hospitals", 1), []negotiation.ProposalID{accepted}, map[negotiation.ProposalID]string{declined: ""})
	if _, page = v.get("/proposals/XCA/2"); strings.Contains(page, "Reword it") || strings.Contains(page, "Withdraw it") {
		t.Error("an accepted proposal is offered to be reworded or withdrawn")
	}
	if status, _ := v.get("/propose?reword=XCA/2"); status != http.StatusConflict {
		t.Errorf("rewording an accepted proposal begins with %d", status)
	}
	if _, page = v.get("/proposals/XCA/1"); !strings.Contains(page, "To reword it is to table it again.") {
		t.Error("it is not said that rewording tables a declined proposal again")
	}
}

func TestTheNewChairIsTold(t *testing.T) {
	tb := scene(t)
	tb.seat("XAU").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.HandOver("XBO", "") })
	v := tb.seat("XBO").visit(t)
	for name, path := range allPages(tb.State()) {
		_, page := v.get(path)
		told := strings.Index(page, "You have been handed the chair: take it up")
		if button := strings.Index(page, "Take up the chair</button>"); told < 0 || button < 0 || button > strings.Index(page, "<h1") {
			t.Errorf("page %s does not tell the new chair, or has no button at the top", name)
		}
	}
	if _, page := tb.seat("XCA").visit(t).get("/"); strings.Contains(page, "handed the chair:") {
		t.Error("another state is told to take up the chair")
	}
}

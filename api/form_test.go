package api

import (
	"net/http"
	"net/url"
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
	if p, _ = tb.State().Proposal(id); len(p.Standing(negotiation.For)) != 1 {
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
	if status, page = v.post("/consolidate", form); status != http.StatusOK || !strings.Contains(page, "Revision 2: <bdi>First round") {
		t.Fatalf("publishing answers %d", status)
	}
	checkPage(t, page)
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

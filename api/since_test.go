package api

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"concord/negotiation"
)

// tips returns the acts that nothing at a table follows.
func (tb *table) tips() (names []negotiation.ActID) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	for _, tip := range tb.ledger.Tips() {
		names = append(names, tip.Act)
	}
	return names
}

// outage returns a scene in which Borealia has been alone: it reworded one proposal of its
// own, and took a position; meanwhile a revision took the words of another of its own. The
// link is still down.
func outage(t testing.TB) *table {
	t.Helper()
	tb := scene(t)
	since := time.Date(2026, 3, 2, 14, 2, 0, 0, time.UTC)
	o := Outage{Number: 1, Since: since, Before: tb.tips()}
	reworded := tb.seat("XBO").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Supersede(negotiation.ProposalID{Author: "XBO", Number: 2}, negotiation.Wording{
			Headline: "Reports every second year", Base: 1, Text: textOf(t, strings.ReplaceAll(sceneText, "every year", "every second year")),
		})
	})
	stood := tb.seat("XBO").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(negotiation.ProposalID{Author: "XCA", Number: 2}, negotiation.For, "")
	})
	tb.setLink(Link{Address: "nats://hub.example:4222", Down: true, Unsent: []negotiation.ActID{reworded.ID(), stood.ID()}, Outages: []Outage{o}})
	return tb
}

// over ends the outage, in which others have acted.
func (tb *table) over(t testing.TB) {
	t.Helper()
	tb.seat("XCA").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(negotiation.ProposalID{Author: "XBO", Number: 1}, negotiation.Against, hostile)
	})
	tb.publish(t, "Cooperation as each State sees fit", strings.ReplaceAll(sceneText, "States shall cooperate in good faith", "States may cooperate on a voluntary basis"),
		[]negotiation.ProposalID{{Author: "XCA", Number: 1}}, map[negotiation.ProposalID]string{{Author: "XCA", Number: 2}: "It found no support."})
	link := tb.Link()
	back := link.Outages[0].Since.Add(98 * time.Minute)
	link.Outages[0].Back, link.Outages[0].After = &back, tb.tips()
	link.Connected, link.Down, link.Unsent = true, false, nil
	tb.setLink(link)
}

func TestSincePages(t *testing.T) {
	tb := outage(t)
	v := tb.seat("XBO").visit(t)
	golden := func(name, path string) {
		t.Helper()
		status, page := v.get(path)
		if status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
		checkPage(t, page)
		checkGolden(t, name, path, page)
	}
	golden("down-proposal", "/proposals/XBO/2")
	golden("down-status", "/status")
	for _, path := range []string{"/", "/proposals", "/record", "/proposals/XCA/2"} {
		if _, page := v.get(path); !strings.Contains(page, ">not yet sent</span>") || !strings.Contains(page, "Not yet sent: 2 acts of yours.") {
			t.Errorf("%s does not say what is not sent yet", path)
		}
	}
	golden("down-since", "/since")

	tb.over(t)
	golden("since", "/since")
	const noticed = `<b>While the line was down</b> (2 March 2026, 14:02 – 15:40 UTC): 2 acts arrived; 2 acts of yours went out.`
	_, page := v.get("/proposals")
	if !strings.Contains(page, noticed) || !strings.Contains(page, "<li>XBO/1 is to be revised: revision 2 has other words where it changes OP1, from XCA/1 (Cascadia).</li>") {
		t.Errorf("the notice does not say what happened:\n%s", page)
	}
	if strings.Contains(page, "not yet sent") {
		t.Error("what has been sent is said not to be")
	}
	if _, page = v.post("/since", url.Values{"outage": {"1"}, "next": {"/record?chain=text"}}); strings.Contains(page, noticed) || !strings.Contains(page, `<option value="text" selected>`) {
		t.Errorf("after the notice was put away the page is\n%s", page)
	}
	if _, page = v.get("/since"); strings.Contains(page, noticed) || !strings.Contains(page, "XBO/1 is to be revised") {
		t.Error("what happened cannot be read any more once the notice was put away")
	}
	link := tb.Link()
	later := link.Outages[0].Back.Add(time.Minute)
	link.Outages = append(link.Outages, Outage{Number: 2, Since: later, Back: &later, Off: true, Before: tb.tips(), After: tb.tips()})
	tb.setLink(link)
	if _, page = v.get("/"); !strings.Contains(page, "<b>While this node was off</b> (2 March 2026, 15:41 – 15:41 UTC): nothing arrived.") {
		t.Error("of the next outage there is no notice")
	}
	for path, want := range map[string]int{"/since?outage=7": 404, "/since?outage=x": 404, "/since?time=x": 400, "/since?heads=x": 400, "/since?time=2026-03-02T09:00:00Z&outage=1": 400} {
		status, page := v.get(path)
		if status != want {
			t.Errorf("%s answers %d, want %d", path, status, want)
		}
		checkPage(t, page)
	}
	if status, _ := v.post("/since", url.Values{"outage": {"-1"}}); status != http.StatusNotFound {
		t.Errorf("putting away a notice that there is not answers %d, want 404", status)
	}
}

// What is not sent yet is told over the API, and what passed by.
func TestSince(t *testing.T) {
	tb := outage(t)
	before := tb.Link().Outages[0].Before
	tb.over(t)
	s := &seats{readDocument(t), map[negotiation.Code]*httptest.Server{}, map[string]bool{}, ""}
	s.servers["XBO"] = tb.seat("XBO").serve(t)
	var heads []string
	for _, id := range before {
		heads = append(heads, id.String())
	}
	for query, want := range map[string][]string{
		"":                                   {`"number":1`, `"before":"live","after":"to-be-revised"`, `"reason":"It found no support."`},
		"?outage=1":                          {`"number":1`, `"back":"2026-03-02T15:40:00Z"`},
		"?heads=" + strings.Join(heads, ","): {`{"sent":["`, `XBO/1 is to be revised`},
		"?time=2026-03-02T09:00:00Z":         {`{"sent":[],"acts":["`},
	} {
		answer, body := s.request(t, "XBO", http.MethodGet, "/api/v1/since"+query, nil, nil)
		if answer.StatusCode != http.StatusOK {
			t.Errorf("since%s answers %d: %s", query, answer.StatusCode, body)
		}
		for _, words := range want {
			if !strings.Contains(string(body), words) {
				t.Errorf("since%s does not say %s:\n%s", query, words, body)
			}
		}
	}
	for query, want := range map[string]int{
		"?heads=" + strings.Repeat("0", 64): 404, "?heads=" + strings.Repeat(heads[0]+",", mostHeads) + heads[0]: 400, "?outage=2": 404,
	} {
		if answer, body := s.request(t, "XBO", http.MethodGet, "/api/v1/since"+query, nil, nil); answer.StatusCode != want {
			t.Errorf("since%.40s answers %d, want %d: %s", query, answer.StatusCode, want, body)
		}
	}
}

// The marks of what is not sent yet go by themselves, and the notice comes.
func TestLiveOutage(t *testing.T) {
	tb := outage(t)
	hs := tb.seat("XBO").serve(t)
	w := startBrowser(t).enter(hs)
	w.visit(hs.URL + "/record")
	w.until("document.querySelectorAll('#acts .not-sent').length === 2 && document.querySelector('#line').textContent.includes('The line is down')")
	w.eval("window.stayed = true")
	tb.over(t)
	w.until("document.querySelectorAll('.not-sent').length === 0 && document.querySelector('#line').textContent.includes('2 acts of yours went out')")
	w.eval("window.left = true; document.querySelector('#line button').click()")
	w.until("!window.left && document.readyState === 'complete' && location.pathname === '/record' && document.querySelector('#line').textContent.trim() === ''")
	if said := w.complaints(); len(said) > 0 {
		t.Errorf("the browser complains: %s", said)
	}
}

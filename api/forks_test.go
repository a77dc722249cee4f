package api

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

// spareKey is another key of a participant's, by a name.
func spareKey(code negotiation.Code, name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name + " key of " + string(code)))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicOf(key ed25519.PrivateKey) negotiation.PublicKey {
	return negotiation.PublicKeyOf(key.Public().(ed25519.PublicKey))
}

// A shownFork is a fork as the API shows it.
type shownFork struct {
	Chain, SettledBy string
	Place            int
	Frozen           bool
	Sides            []shownSide
}

type shownSide struct {
	Act      shownAct
	SignedBy string
}

type shownAct struct {
	ID      string
	Verdict negotiation.Verdict
}

// fork lets XDE, of whom there are two nodes with one key, join and then act at one
// place of its record on each. It returns both acts.
func (tb *table) fork(t testing.TB) (sides []negotiation.Verified) {
	t.Helper()
	tb.seat("XDE").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Join(publicKeyOf("XDE"), publicOf(spareKey("XDE", "recovery")))
	})
	position := func(stance negotiation.Stance) composing {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.PositionOnParagraph(1, 3, stance, "")
		}
	}
	return tb.atOnePlace(t, "XDE", position(negotiation.For), position(negotiation.Against))
}

type composing = func(negotiation.Delegation) (negotiation.Unsigned, error)

// atOnePlace lets a participant compose several acts as things stand, and sign all.
func (tb *table) atOnePlace(t testing.TB, code negotiation.Code, acts ...composing) (sides []negotiation.Verified) {
	t.Helper()
	tb.mu.Lock()
	defer tb.mu.Unlock()
	var composed []negotiation.Unsigned
	for _, compose := range acts {
		u, err := compose(tb.ledger.As(code, tb.now))
		if err != nil {
			t.Fatal(err)
		}
		composed = append(composed, u)
	}
	for _, u := range composed {
		v, err := tb.sign(code, u)
		if err != nil {
			t.Fatal(err)
		}
		sides = append(sides, v)
	}
	return sides
}

// settle lets XDE recover its record.
func (tb *table) settle(t testing.TB) negotiation.Verified {
	t.Helper()
	tb.mu.Lock()
	tb.keys = map[negotiation.Code]ed25519.PrivateKey{"XDE": spareKey("XDE", "recovery")}
	tb.mu.Unlock()
	return tb.seat("XDE").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Recover(publicOf(spareKey("XDE", "new")), "", negotiation.ActID{}, "Two nodes had one key.")
	})
}

func TestForksAreShown(t *testing.T) {
	tb, s := serveAll(t)
	forks := func() []shownFork {
		t.Helper()
		_, raw := s.request(t, "XAU", "GET", root+"/forks", nil, nil)
		var shown struct{ Forks []shownFork }
		if err := json.Unmarshal(raw, &shown); err != nil {
			t.Fatal(err)
		}
		return shown.Forks
	}
	verdict := func(id negotiation.ActID) (a shownAct) {
		t.Helper()
		_, raw := s.request(t, "XAU", "GET", root+"/acts/"+id.String(), nil, nil)
		if err := json.Unmarshal(raw, &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	if got := forks(); len(got) != 0 {
		t.Fatalf("forks before there is one: %+v", got)
	}
	sides := tb.fork(t)
	got := forks()
	if len(got) != 1 || got[0].Chain != "record/XDE" || got[0].Place != 2 || !got[0].Frozen || len(got[0].Sides) != 2 {
		t.Fatalf("the fork is shown as %+v", got)
	}
	for _, side := range got[0].Sides {
		if side.SignedBy != string(publicKeyOf("XDE")) || side.Act.Verdict.Outcome != "beside" || side.Act.Verdict.Fault != negotiation.ErrForked ||
			!slices.ContainsFunc(sides, func(v negotiation.Verified) bool { return v.ID().String() == side.Act.ID }) {
			t.Errorf("a side is shown as %+v", side)
		}
	}
	if _, raw := s.request(t, "XAU", "GET", root+"/status", nil, nil); !strings.Contains(string(raw), `"forks":[{"chain":"record/XDE","place":2,`) {
		t.Errorf("the status does not have the fork: %s", raw)
	}
	if resp, raw := s.request(t, "XDE", "POST", root+"/positions", nil, []byte(`{"on": {"revision": 1, "paragraph": 3}, "stance": "for"}`)); resp.StatusCode < 400 {
		t.Errorf("the owner of a frozen record can go on: %s", raw)
	}

	settled := tb.settle(t)
	if got = forks(); len(got) != 1 || got[0].Frozen || got[0].SettledBy != settled.ID().String() || len(got[0].Sides) != 3 {
		t.Errorf("the settled fork is shown as %+v", got)
	}
	if a := verdict(sides[0].ID()); a.Verdict.Outcome != "beside" {
		t.Errorf("an act that was left beside has the verdict %+v", a.Verdict)
	}
	if a := verdict(settled.ID()); a.Verdict.Outcome != "accepted" {
		t.Errorf("what settles has the verdict %+v", a.Verdict)
	}
}

func TestForksAreEvents(t *testing.T) {
	tb := convene(t)
	hs := tb.seat("XAU").serve(t)
	events := listen(t, t.Context(), hs.URL)
	document := readDocument(t)
	expect := func(settled bool) {
		t.Helper()
		for {
			e := next(t, events)
			if e.name != "fork" {
				continue
			}
			var f struct {
				Chain, SettledBy string
				Place            int
			}
			var data any
			if err := json.Unmarshal([]byte(e.data), &data); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(e.data), &f); err != nil {
				t.Fatal(err)
			}
			for _, bad := range document.check(map[string]any{"$ref": "#/components/schemas/Fork"}, data, "fork") {
				t.Error(bad)
			}
			if f.Chain != "record/XDE" || f.Place != 2 || (f.SettledBy != "") != settled {
				t.Errorf("the event has %+v", f)
			}
			return
		}
	}
	next(t, events) // how things stand before
	tb.fork(t)
	expect(false)
	tb.settle(t)
	expect(true)
}

func TestForkedPages(t *testing.T) {
	tb := scene(t)
	sides := tb.fork(t)
	other, owner := tb.seat("XAU").visit(t), tb.seat("XDE").visit(t)
	page := func(v visitor, path string) string {
		t.Helper()
		status, got := v.get(path)
		if status != http.StatusOK {
			t.Fatalf("%s answers %d", path, status)
		}
		checkPage(t, got)
		return got
	}
	const note = "The record of Delmare is forked at act 2"
	for _, path := range allPages(tb.State()) {
		if got := page(other, path); !strings.Contains(got, note) {
			t.Errorf("%s does not say that a record is forked", path)
		}
	}
	for name, path := range map[string]string{
		"forked-record": "/record?chain=record/XDE", "forked-act": "/acts/" + sides[0].ID().String(), "forked-status": "/status",
	} {
		checkGolden(t, name, path, page(other, path))
	}
	const recover = "concord key recover"
	if got := page(owner, "/record?chain=record/XDE"); !strings.Contains(got, recover) {
		t.Error("the owner of a forked record is not told how to recover it")
	}
	if got := page(other, "/record?chain=record/XDE"); strings.Contains(got, recover) {
		t.Error("somebody is told to recover another's record")
	}

	tb.settle(t)
	if got := page(other, "/"); strings.Contains(got, "forked") {
		t.Error("a settled fork is an alert still")
	}
	checkGolden(t, "settled-record", "/record?chain=record/XDE", page(other, "/record?chain=record/XDE"))
}

// TestForkedText: what the chair and the others are told of a forked text.
func TestForkedText(t *testing.T) {
	tb := scene(t)
	handOver := func(to negotiation.Code) composing {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.HandOver(to, "") }
	}
	before := tb.State().Revisions[0].Act.String()
	tb.atOnePlace(t, "XAU", handOver("XBO"), handOver("XCA"))
	for code, want := range map[negotiation.Code]string{"XAU": "concord chair rekey", "XCA": "concord chair recognise"} {
		_, got := tb.seat(code).visit(t).get("/record?chain=text")
		checkPage(t, got)
		if !strings.Contains(got, "The text is forked at act 2") || !strings.Contains(got, want) {
			t.Errorf("%s is not told of the forked text, or not to use %s", code, want)
		}
	}
	// Through the API as by the command, what is put aside is chosen, never implied.
	s := &seats{readDocument(t), map[negotiation.Code]*httptest.Server{"XCA": tb.seat("XCA").serve(t)}, map[string]bool{}, ""}
	recognise := func(body string) (int, string) {
		resp, raw := s.request(t, "XCA", "POST", root+"/chair/recognise", nil, []byte(body))
		return resp.StatusCode, string(raw)
	}
	if status, said := recognise(`{"successor": "XCA"}`); status != http.StatusConflict || !strings.Contains(said, "before the fork act 1, "+before[:16]) {
		t.Errorf("recognising a successor without saying after which act: %d %s", status, said)
	}
	if status, said := recognise(`{"successor": "XCA", "after": "` + before + `"}`); status != http.StatusCreated {
		t.Errorf("recognising a successor before the fork: %d %s", status, said)
	}
}

// TestForkedWords: words that the chair has accepted from what is now a side of a fork are
// shown as their author's, as not counting, and lead to the act that worded them.
func TestForkedWords(t *testing.T) {
	tb, s := serveAll(t)
	tb.seat("XDE").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Join(publicKeyOf("XDE"), publicOf(spareKey("XDE", "recovery")))
	})
	theirs, err := tb.ledger.As("XDE", tb.now).PositionOnParagraph(1, 3, negotiation.For, "")
	if err != nil {
		t.Fatal(err)
	}
	before := string(tb.State().Current().Text.Bytes())
	text := strings.Replace(before, "shall", "should", 1)
	wording := tb.seat("XDE").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Propose(negotiation.Wording{Headline: "Should", Base: 1, Text: textOf(t, text)})
	})
	tb.publish(t, "First reading", text, []negotiation.ProposalID{{Author: "XDE", Number: 1}}, nil)
	tb.mu.Lock()
	_, err = tb.sign("XDE", theirs)
	tb.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}

	visitor := tb.seat("XAU").visit(t)
	words := tb.State().Provenance().Rows
	i := slices.IndexFunc(words, func(r negotiation.ProvenanceRow) bool { return r.Origin.Source == negotiation.FromProposal })
	if i < 0 {
		t.Fatalf("the words of a side are nobody's: %+v", words)
	}
	link := `href="/acts/` + wording.ID().String() + `"`
	for _, path := range []string{"/revisions/2", "/biography?paragraph=" + words[i].Label} {
		if _, got := visitor.get(path); !strings.Contains(got, "<li><b>Accepted</b> <a "+link+">XDE/1</a>") {
			t.Errorf("%s does not lead from the decision to the act that worded what was accepted:\n%s", path, got)
		}
	}
	if _, got := visitor.get("/acts/" + wording.ID().String()); strings.Contains(got, `href="/proposals/`) {
		t.Errorf("the page of an act that does not count leads to a proposal:\n%s", got)
	}
	for _, path := range []string{"/blame", "/provenance", "/biography?paragraph=" + words[i].Label} {
		status, got := visitor.get(path)
		checkPage(t, got)
		if status != http.StatusOK || !strings.Contains(got, "(record frozen at act 2)") || !strings.Contains(got, link) {
			t.Errorf("%s answers %d, and does not say whose the words of a side are:\n%s", path, status, got)
		}
	}
	for path, want := range map[string]string{
		"/text/blame": `"beside":"frozen","fork":2`, "/text/provenance": `"beside":"frozen","fork":2`,
		"/text/provenance?format=csv": "XDE (record frozen at act 2)", "/text/provenance?format=markdown": "XDE (record frozen at act 2)",
	} {
		if _, raw := s.request(t, "XBO", "GET", root+path, nil, nil); !strings.Contains(string(raw), want) {
			t.Errorf("%s does not say whose the words of a side are: %s", path, raw)
		}
	}
}

package api

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"concord/negotiation"
)

// close lets the chair take back that the negotiation is public.
func (tb *table) close(t testing.TB) {
	t.Helper()
	tb.seat("XAU").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		charter, err := negotiation.ParseCharter("charter", bytes.Replace(d.State().Charter.Raw(), []byte("public = true"), []byte("public = false"), 1))
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return d.Amend(charter, "Behind closed doors", "")
	})
}

// A negotiation that the charter does not make public is read with the token alone.
func TestNotPublic(t *testing.T) {
	tb := scene(t)
	tb.close(t)
	hs := tb.seat("XBO").serve(t)
	stranger := visitor{t, http.DefaultClient, hs.URL}
	for path := range readDocument(t).Paths {
		status, body := stranger.get(root + strings.NewReplacer("{participant}", "XCA", "{number}", "1", "{id}", "0").Replace(path))
		open := path == "/status" || path == "/openapi.json"
		if _, reads := readDocument(t).Paths[path]["get"]; reads && !open && (status != http.StatusUnauthorized || !strings.Contains(body, "unauthorized")) {
			t.Errorf("%s answers a stranger %d, want a problem 401", path, status)
		} else if open && status != http.StatusOK {
			t.Errorf("%s answers a stranger %d, want 200", path, status)
		}
	}
	for name, path := range allPages(tb.State()) {
		status, page := stranger.get(path)
		if name == "sign-in" {
			if status != http.StatusOK {
				t.Errorf("the page to sign in answers a stranger %d", status)
			}
		} else if status != http.StatusUnauthorized || !strings.Contains(page, `name="next" value="/`) {
			t.Errorf("%s answers a stranger %d; want 401 and the form to sign in", path, status)
		}
		if strings.Contains(page, "cooperat") || strings.Contains(page, "Behind closed doors") {
			t.Errorf("%s tells a stranger what is negotiated", path)
		}
		checkPage(t, page)
	}
	if status, page := stranger.post("/propose", url.Values{"base": {"1"}, "paragraph": {"5"}, "action": {"modify"}, "words": {"x"}}); status != http.StatusUnauthorized || strings.Contains(page, "faith") {
		t.Errorf("a form answers a stranger %d", status)
	}
	if status, _ := stranger.get("/static/app.css"); status != http.StatusOK {
		t.Errorf("the style sheet answers a stranger %d", status)
	}
	v := tb.seat("XCA").visit(t)
	if status, page := v.get("/"); status != http.StatusOK || !strings.Contains(page, "cooperate") {
		t.Errorf("whoever has signed in gets %d, and no text", status)
	}
}

// A request under a name that is not the node's is told nothing of the negotiation.
func TestForeignNameIsToldNothing(t *testing.T) {
	hs := scene(t).seat("XBO").serve(t)
	r, err := http.NewRequest(http.MethodGet, hs.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "evil.example"
	status, page := visitor{t, http.DefaultClient, hs.URL}.read(http.DefaultClient.Do(r))
	if status != http.StatusMisdirectedRequest || strings.Contains(page, "cooperation") {
		t.Errorf("a foreign name gets %d and %s", status, page)
	}
}

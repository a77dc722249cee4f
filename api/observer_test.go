package api

import (
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var postedForm = regexp.MustCompile(`<form[^>]*method="post"[^>]*action="([^"]*)"`)

// On an observer's node everything can be read, and there is nothing to write with.
func TestObserverShowsNoForms(t *testing.T) {
	tb := scene(t)
	signedIn := tb.seat("").visit(t)
	stranger := visitor{t, http.DefaultClient, signedIn.base}
	for name, path := range allPages(tb.State()) {
		for _, v := range []visitor{signedIn, stranger} {
			status, page := v.get(path)
			checkPage(t, page)
			if !strings.Contains(page, "Observer – read-only replica") {
				t.Errorf("%s does not say that the node is an observer's", path)
			}
			if writes := strings.HasPrefix(name, "propose") || name == "consolidate"; writes != (status == http.StatusForbidden) {
				t.Errorf("%s answers %d", path, status)
			}
			for _, form := range postedForm.FindAllStringSubmatch(page, -1) {
				if form[1] != "/sign-out" && name != "sign-in" {
					t.Errorf("%s has a form for %s", path, form[1])
				}
			}
			if strings.Contains(page, `href="/propose`) || strings.Contains(page, `href="/consolidate`) {
				t.Errorf("%s leads to what is not there", path)
			}
		}
		if _, page := stranger.get(path); strings.Contains(page, `href="/sign-in`) {
			t.Errorf("%s offers to sign in, and that is for nothing", path)
		}
	}
	_, page := stranger.get("/status")
	checkGolden(t, "observer-status", "/status", page)
}

func TestObserverRefusesToAct(t *testing.T) {
	tb := scene(t)
	before := len(tb.State().Log())
	v := tb.seat("").visit(t)
	for path, operations := range readDocument(t).Paths {
		if _, writes := operations["post"]; !writes {
			continue
		}
		path = root + strings.NewReplacer("{participant}", "XCA", "{number}", "1").Replace(path)
		for _, authorized := range []bool{true, false} {
			r, err := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(`{"headline": "x"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			if authorized {
				authorize(r)
			}
			status, body := v.read(http.DefaultClient.Do(r))
			if status != http.StatusForbidden || !strings.Contains(body, `"urn:concord:problem:read-only"`) || !strings.Contains(body, "Nothing was stored.") {
				t.Errorf("%s answers %d %s", path, status, body)
			}
		}
	}
	for _, path := range []string{
		"/propose", "/preview", "/proposals/XCA/1/withdraw", "/proposals/XCA/1/position", "/consolidate", "/charter", "/chair/hand-over", "/chair/take-up",
	} {
		if status, page := v.post(path, url.Values{}); status != http.StatusForbidden || !strings.Contains(page, "nobody acts") {
			t.Errorf("the form at %s answers %d", path, status)
		}
	}
	if after := len(tb.State().Log()); after != before {
		t.Errorf("%d acts were made", after-before)
	}
}

// The token of an observer's node is for reading what is not public.
func TestObserverOfWhatIsNotPublic(t *testing.T) {
	tb := scene(t)
	tb.close(t)
	v := tb.seat("").visit(t)
	stranger := visitor{t, http.DefaultClient, v.base}
	for _, path := range slices.Sorted(maps.Values(allPages(tb.State()))) {
		if status, page := stranger.get(path); strings.Contains(page, "faith") || status == http.StatusOK && !strings.HasPrefix(path, "/sign-in") {
			t.Errorf("%s answers a stranger %d", path, status)
		}
	}
	if status, page := v.get("/"); status != http.StatusOK || !strings.Contains(page, "faith") {
		t.Errorf("whoever has signed in gets %d, and no text", status)
	}
	if status, _ := v.post("/sign-out", nil); status != http.StatusUnauthorized {
		t.Errorf("whoever signs out is led on to %d, want the form to sign in", status)
	}
}

func TestNodeIsSomebodys(t *testing.T) {
	for _, c := range []Config{{Participant: "XBO", Observer: "archive"}, {}} {
		c.Node, c.Token, c.Logger = scene(t).seat("XBO"), token, slog.New(slog.DiscardHandler)
		if _, err := New(c); err == nil {
			t.Errorf("a node of %q and %q is served", c.Participant, c.Observer)
		}
	}
}

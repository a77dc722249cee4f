package api

import (
	"net/http"
	"strings"
	"testing"
)

// As HTML a text is a fragment, of which nothing but words that were proposed
// comes from outside.
func TestTextAsHTML(t *testing.T) {
	_, s := serveAll(t)
	body := []byte(`{"headline": "Emphasis", "changes": [{"paragraph": 2, "text": "We, the *participating* States \\<b>,"}]}`)
	if resp, raw := s.request(t, "XBO", "POST", root+"/proposals", nil, body); resp.StatusCode != http.StatusCreated {
		t.Fatalf("status %d, %s", resp.StatusCode, raw)
	}
	for path, want := range map[string][]string{
		"/text?format=html":         {"<em>Recognizing</em>", "We, the participating States,", "OP2(a)"},
		"/text/rolling?format=html": {"<em>Recognizing</em>", "<em>participating</em>", "&lt;b&gt;", "XBO"},
	} {
		resp, raw := s.request(t, "XBO", "GET", root+path, nil, nil)
		if got := resp.Header.Get("Content-Type"); got != htmlType {
			t.Errorf("%s: Content-Type %q", path, got)
		}
		for _, words := range want {
			if !strings.Contains(string(raw), words) {
				t.Errorf("%s: %q is not in\n%s", path, words, raw)
			}
		}
		for _, never := range []string{"<html", "<b>", "<script", "style="} {
			if strings.Contains(string(raw), never) {
				t.Errorf("%s: %q is in\n%s", path, never, raw)
			}
		}
	}
}

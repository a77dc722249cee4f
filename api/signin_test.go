package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"concord/negotiation"
)

func TestSignIn(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XCA").visit(t)
	if _, page := v.get("/"); !strings.Contains(page, "Sign out") || !strings.Contains(page, "Amend") {
		t.Error("after signing in the text has no way to amend it, or to sign out")
	}
	if status, page := v.post("/sign-out", nil); status != http.StatusOK || strings.Contains(page, "Amend<") {
		t.Errorf("after signing out the text can still be amended (status %d)", status)
	}
	status, page := v.post("/sign-in", url.Values{"token": {"not the token of this node"}, "next": {"/record"}})
	if status != http.StatusUnauthorized || !strings.Contains(page, `value="/record"`) {
		t.Errorf("a wrong token answers %d; want 401 and the form again, with where to go on", status)
	}
	if status, page := v.post("/sign-in", url.Values{"token": {token}, "next": {"/record"}}); status != http.StatusOK || !strings.Contains(page, "Record of acts") {
		t.Errorf("signing in does not go on to the page that was asked for (status %d)", status)
	}
}

func TestSignInCookie(t *testing.T) {
	tb := scene(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	cookies := map[string]*http.Cookie{}
	for _, code := range []negotiation.Code{"XAU", "XBO"} {
		hs := tb.seat(code).serve(t)
		answer, err := client.Get(hs.URL + "/sign-in?token=" + token)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || len(answer.Cookies()) != 1 {
			t.Fatalf("the link answers %d with %d cookies; a redirect would not bring a strict cookie back", answer.StatusCode, len(answer.Cookies()))
		}
		c := answer.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, token) {
			t.Errorf("the cookie is %v; want HttpOnly, SameSite=Strict and no token in it", c)
		}
		cookies[c.Name] = c
	}
	if len(cookies) != 2 {
		t.Error("two nodes on one host share a cookie, and log one another out")
	}
	hs := tb.seat("XAU").serve(t)
	for _, c := range cookies {
		r, err := http.NewRequest(http.MethodPost, hs.URL+"/preview", strings.NewReader("base=1"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(c)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		want := http.StatusUnauthorized
		if strings.Contains(c.Name, "xau") {
			want = http.StatusOK
		}
		if answer.StatusCode != want {
			t.Errorf("with cookie %s the node of XAU answers %d, want %d", c.Name, answer.StatusCode, want)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for next, want := range map[string]string{
		"/record?page=2": "/record?page=2", "": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/\n/x": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("signing in with next=%q goes on to %q, want %q", next, got, want)
		}
	}
}

// Behind a proxy that speaks TLS the cookie never goes without it.
func TestCookieIsSecureBehindTLS(t *testing.T) {
	hs := scene(t).seat("XCA").serve(t)
	for proto, want := range map[string]bool{"": false, "http": false, "https": true} {
		r, err := http.NewRequest(http.MethodGet, hs.URL+"/sign-in?token="+token, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-Proto", proto)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if cookies := answer.Cookies(); len(cookies) != 1 || cookies[0].Secure != want {
			t.Errorf("with X-Forwarded-Proto %q the cookies are %v, want Secure %t", proto, cookies, want)
		}
	}
}

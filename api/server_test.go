package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"concord/negotiation"
)

func TestNewRefusesAShortToken(t *testing.T) {
	c := Config{Node: convene(t).seat("XAU"), Participant: "XAU", Token: "short", Logger: slog.New(slog.DiscardHandler)}
	if _, err := New(c); err == nil {
		t.Error("a token that can be guessed is accepted")
	}
	c.Node, c.Token = nil, token
	if _, err := New(c); err == nil {
		t.Error("a server without a node is accepted")
	}
}

// A body of 10 MB is refused, whether it says its size or not, and little of it is read.
func TestTooLargeBodyIsRefusedUnread(t *testing.T) {
	tb, s := serveAll(t)
	before := tb.State().Digest()
	huge := bytes.Repeat([]byte("x"), 10<<20)
	resp, _ := s.request(t, "XBO", "POST", "/api/v1/proposals", nil, huge)
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that says it has 10 MB: status %d", resp.StatusCode)
	}

	server, err := New(Config{Node: tb.seat("XBO"), Participant: "XBO", Token: token, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	endless := &counting{}
	r := authorize(httptest.NewRequest("POST", "http://localhost/api/v1/proposals", io.MultiReader(strings.NewReader(`{"text":"`), endless)))
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = -1
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || faultIn(t, w.Body.Bytes()) != negotiation.ErrTooLarge {
		t.Errorf("a body that does not end: status %d, %s", w.Code, w.Body)
	}
	if endless.read > 2<<20 {
		t.Errorf("%d bytes were read of it", endless.read)
	}
	if tb.State().Digest() != before {
		t.Error("something was stored")
	}
}

// counting is a body that does not end, and counts what is read of it.
type counting struct{ read int }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	c.read += len(p)
	return len(p), nil
}

func faultIn(t *testing.T, raw []byte) negotiation.Fault {
	t.Helper()
	var p problem
	if err := json.Unmarshal(raw, &struct {
		Fault *negotiation.Fault `json:"fault"`
	}{&p.Fault}); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return p.Fault
}

// A text over its own limit, in a body that is not over the body's.
func TestTooLargeTextIsRefused(t *testing.T) {
	_, s := serveAll(t)
	body, err := json.Marshal(map[string]string{"headline": "Long", "text": "# T\n\n" + strings.Repeat("word ", 100_000)})
	if err != nil {
		t.Fatal(err)
	}
	resp, raw := s.request(t, "XBO", "POST", "/api/v1/proposals", nil, body)
	if resp.StatusCode != http.StatusRequestEntityTooLarge || faultIn(t, raw) != negotiation.ErrTooLarge {
		t.Errorf("status %d, %s", resp.StatusCode, raw)
	}
}

func TestInvalidUTF8IsRefusedWithItsLine(t *testing.T) {
	_, s := serveAll(t)
	resp, raw := s.request(t, "XBO", "POST", "/api/v1/proposals", nil, []byte("{\"headline\":\n\"caf\xe9\", \"changes\": [{\"delete\": 5}]}"))
	var p struct {
		Fault negotiation.Fault
		Line  int
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusBadRequest || p.Fault != errNotUTF8 || p.Line != 2 {
		t.Errorf("status %d, %s", resp.StatusCode, raw)
	}
}

func TestOnlyOwnHostNamesAreAnswered(t *testing.T) {
	hs := convene(t).seat("XAU").serve(t)
	for host, own := range map[string]bool{
		"localhost": true, "LOCALHOST:8080": true, "kaz.localhost:1": true, "localhost.": true,
		"127.0.0.1": true, "127.8.9.1:80": true, "[::1]:80": true, "[::1]": true, "concord.example": true, "Concord.Example:443": true,
		"evil.example": false, "127.0.0.1.evil.example": false, "notlocalhost": false, "localhost.evil.example:80": false,
		"10.0.0.1": false, "[::ffff:127.0.0.1]:80": true, "": false,
	} {
		r := httptest.NewRequest("GET", "/api/v1/status", nil)
		r.Host = host
		w := httptest.NewRecorder()
		hs.Config.Handler.ServeHTTP(w, r)
		if answered := w.Code == http.StatusOK; answered != own {
			t.Errorf("host %q: status %d", host, w.Code)
		}
		if !own && faultIn(t, w.Body.Bytes()) != errMisdirected {
			t.Errorf("host %q: %s", host, w.Body)
		}
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	hs := convene(t).seat("XAU").serve(t)
	for _, path := range []string{"/", "/api/v1/status", "/api/v1/nothing", "/nothing"} {
		resp, err := http.Get(hs.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		for name, want := range map[string]string{
			"Content-Security-Policy":    contentSecurity,
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	hs := convene(t).seat("XAU").serve(t)
	for _, path := range []string{"/", "/api/v1/text", "/api/v1/openapi.json", "/api/v1/events", "/api/v1/text?rev=9"} {
		head, err := http.Head(hs.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		head.Body.Close()
		if path == "/api/v1/events" {
			if head.StatusCode != http.StatusOK || head.Header.Get("Content-Type") != eventsType {
				t.Errorf("HEAD %s: %d %s", path, head.StatusCode, head.Header)
			}
			continue
		}
		get, err := http.Get(hs.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		get.Body.Close()
		if head.StatusCode != get.StatusCode || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %s, GET: %d %s", path, head.StatusCode, head.Header, get.StatusCode, get.Header)
		}
	}
}

// failing is a node whose disk is full, or that is broken.
type failing struct {
	seat
	panics bool
}

func (f failing) Act(context.Context, func(negotiation.Delegation) (negotiation.Unsigned, error)) (negotiation.Verified, error) {
	if f.panics {
		panic("a bug with a secret")
	}
	return negotiation.Verified{}, io.ErrShortWrite
}

func TestOwnFaultsAreLoggedAndNotTold(t *testing.T) {
	for _, panics := range []bool{false, true} {
		var log bytes.Buffer
		server, err := New(Config{
			Node: failing{convene(t).seat("XBO"), panics}, Participant: "XBO", Token: token,
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		r := authorize(httptest.NewRequest("POST", "http://localhost/api/v1/chair/take-up", nil))
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code != http.StatusInternalServerError || faultIn(t, w.Body.Bytes()) != errInternal {
			t.Errorf("status %d, %s", w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), "short write") {
			t.Errorf("the cause is told: %s", w.Body)
		}
		if !strings.Contains(log.String(), "short write") && !strings.Contains(log.String(), "secret") {
			t.Errorf("the cause is not logged: %s", &log)
		}
	}
}

// A full is a node whose disk takes nothing.
type full struct{ seat }

func (full) Act(context.Context, func(negotiation.Delegation) (negotiation.Unsigned, error)) (negotiation.Verified, error) {
	return negotiation.Verified{}, fmt.Errorf("repository: writing: %w", &fs.PathError{Op: "write", Path: "/srv/data", Err: syscall.ENOSPC})
}

// A full disk is named to whoever acts, and its place to whoever reads the log; what was
// typed is kept.
func TestDiskFullIsSaid(t *testing.T) {
	var log bytes.Buffer
	server, err := New(Config{
		Node: full{scene(t).seat("XBO")}, Participant: "XBO", Token: token, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{
		"/api/v1/chair/take-up":     "",
		"/proposals/XCA/1/position": url.Values{"stance": {"for"}, "wording": {"0"}, "explanation": {"Now I see."}}.Encode(),
	} {
		log.Reset()
		r := authorize(httptest.NewRequest("POST", "http://localhost"+path, strings.NewReader(body)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		told := html.UnescapeString(w.Body.String())
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(told, "There is no room on this node's disk. ") ||
			!strings.Contains(told, "look whether it is in the record") || strings.Contains(told, "Nothing was stored") {
			t.Errorf("%s: status %d, %s", path, w.Code, told)
		}
		if strings.Contains(told, "srv") || !strings.Contains(log.String(), "srv") {
			t.Errorf("%s tells its caller %s and the log %q", path, told, &log)
		}
		if body != "" && !strings.Contains(told, ">Now I see.</textarea>") {
			t.Errorf("%s does not keep what was typed: %s", path, told)
		}
	}
}

// A node that has joined but not heard of the text yet answers, too.
func TestEmptyNodeAnswers(t *testing.T) {
	tb := &table{ledger: negotiation.NewLedger(negotiation.ActID{}), changed: make(chan struct{})}
	tb.state = negotiation.Fold(tb.ledger)
	s := &seats{readDocument(t), map[negotiation.Code]*httptest.Server{"XBO": tb.seat("XBO").serve(t)}, map[string]bool{}, ""}
	for path, want := range map[string]int{
		"/negotiation": 200, "/status": 200, "/link": 200, "/acts": 200, "/proposals": 200,
		"/text": 404, "/text/rolling": 404, "/text?rev=1": 404,
	} {
		if resp, raw := s.request(t, "XBO", "GET", root+path, nil, nil); resp.StatusCode != want {
			t.Errorf("%s: status %d, %s", path, resp.StatusCode, raw)
		}
	}
	resp, raw := s.request(t, "XBO", "POST", root+"/proposals", nil, []byte(`{"headline": "x", "changes": [{"delete": 1}]}`))
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("proposing before there is a text: status %d, %s", resp.StatusCode, raw)
	}
}

package api

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

// allPages are the pages of a scene, by the name of their golden file.
func allPages(state *negotiation.State) map[string]string {
	return map[string]string{
		"text": "/", "proposals": "/proposals", "proposals-live-XBO": "/proposals?status=live&author=XBO",
		"proposal": "/proposals/XCA/1", "proposal-hostile": "/proposals/XBO/3", "proposal-withdrawn": "/proposals/XCA/4",
		"propose": "/propose?paragraph=5", "propose-whole": "/propose?whole=yes", "propose-add": "/propose?paragraph=8&action=add",
		"consolidate": "/consolidate", "revision": "/revisions/1", "record": "/record", "record-chain": "/record?chain=record/XCA&receipts=yes",
		"act": "/acts/" + state.Proposals[0].Wording().String(), "charter": "/charter", "status": "/status", "biography": "/biography?paragraph=OP1", "provenance": "/provenance",
		"blame": "/blame?text=XCA/1&deleted=yes", "diff": "/diff?from=XBO/1&to=XCA/1", "record-asked": "/record?participant=XCA&paragraph=OP1&since=rev-1", "sign-in": "/sign-in?next=/record",
	}
}

// A visitor is somebody's browser without scripts.
type visitor struct {
	t      testing.TB
	client *http.Client
	base   string
}

// visit returns a visitor of a participant's pages who is signed in through the
// link that the demonstration prints.
func (s seat) visit(t testing.TB) visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := visitor{t, &http.Client{Jar: jar}, s.serve(t).URL}
	if status, _ := v.get("/sign-in?token=" + token); status != http.StatusOK {
		t.Fatalf("signing in leads to status %d, want the text", status)
	}
	return v
}

func (v visitor) get(path string) (int, string) {
	v.t.Helper()
	return v.read(v.client.Get(v.base + path))
}

func (v visitor) post(path string, form url.Values) (int, string) {
	v.t.Helper()
	return v.read(v.client.PostForm(v.base+path, form))
}

func (v visitor) read(answer *http.Response, err error) (int, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

var (
	longHash  = regexp.MustCompile(`[0-9a-f]{64}`)
	shortHash = regexp.MustCompile(`>[0-9a-f]{8}([0-9a-f]{8})?<`)
)

func TestPages(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XAU").visit(t)
	for name, path := range allPages(tb.State()) {
		t.Run(name, func(t *testing.T) {
			status, got := v.get(path)
			if status != http.StatusOK {
				t.Fatalf("%s answers %d", path, status)
			}
			checkPage(t, got)
			checkGolden(t, name, path, got)
		})
	}
}

// checkGolden holds a page against the file of that name, but for the names of acts.
func checkGolden(t *testing.T, name, path, got string) {
	t.Helper()
	got = shortHash.ReplaceAllString(longHash.ReplaceAllString(got, "HASH"), ">HASH<")
	golden := filepath.Join("testdata", "pages", name+".html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from %s; see the difference with -update and git diff", path, golden)
	}
}

// checkPage demands of a page what holds for all: balanced elements, one main
// heading, nothing that the content security policy forbids, nothing from
// elsewhere, a name for each field, no identifier twice, and that nobody's words
// have become elements.
func checkPage(t *testing.T, page string) {
	t.Helper()
	void := []string{"meta", "link", "input", "br", "img"}
	var open []string
	count := map[string]int{}
	ids := map[string]bool{}
	labelled := regexp.MustCompile(`for="([^"]+)"`).FindAllStringSubmatch(page, -1)
	z := xml.NewDecoder(strings.NewReader(page))
	z.Strict, z.Entity = false, xml.HTMLEntity
	for {
		raw, err := z.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		switch token := raw.(type) {
		case xml.StartElement:
			name := token.Name.Local
			count[name]++
			attributes := map[string]string{}
			for _, a := range token.Attr {
				key := a.Name.Local
				attributes[key] = a.Value
				if strings.HasPrefix(key, "on") || key == "style" {
					t.Errorf("<%s> has an attribute %s, which the content security policy forbids", name, key)
				}
				if key == "id" && ids[a.Value] {
					t.Errorf("two elements are called %s", a.Value)
				}
				if (key == "href" || key == "src" || key == "action") && !isOwn(a.Value) && attributes["rel"] == "" && name != "a" {
					t.Errorf("<%s %s=%q> is from elsewhere", name, key, a.Value)
				}
			}
			ids[attributes["id"]] = attributes["id"] != ""
			if name == "script" && attributes["src"] != "/static/app.js" {
				t.Errorf("a script of src %q has come into the page", attributes["src"])
			}
			field := name == "select" || name == "textarea" || name == "input" && attributes["type"] != "hidden"
			byID := slices.ContainsFunc(labelled, func(m []string) bool { return m[1] == attributes["id"] })
			if field && !byID && attributes["aria-label"] == "" && !slices.Contains(open, "label") {
				t.Errorf("<%s name=%q> has no label", name, attributes["name"])
			}
			if !slices.Contains(void, name) {
				open = append(open, name)
			}
		case xml.EndElement:
			name := token.Name.Local
			if n := len(open); n == 0 || open[n-1] != name {
				t.Fatalf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v are not closed", open)
	}
	if count["h1"] != 1 || count["main"] != 1 || count["style"] > 0 || count["img"] > 0 || count["script"] != 1 {
		t.Errorf("the page has the elements %v; want one h1, one main, one script, no style, no img", count)
	}
}

func isOwn(address string) bool {
	return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") || strings.HasPrefix(address, "#") || address == "data:,"
}

// A charter's title and a participant's name are words, too.
func TestHostileCharter(t *testing.T) {
	tb := scene(t)
	tb.seat("XAU").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		raw := bytes.Replace(d.State().Charter.Raw(), []byte(`name = "Borealia"`), []byte(`name = '''<img src=x onerror=alert(1)>" '''`), 1)
		raw = regexp.MustCompile(`(?m)^title = .*$`).ReplaceAll(raw, []byte(`title = '<script>alert(2)</script>'`))
		charter, err := negotiation.ParseCharter("charter", bytes.ReplaceAll(raw, []byte(`'''`), []byte(`'`)))
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return d.Amend(charter, hostile, hostile)
	})
	v := tb.seat("XBO").visit(t)
	for name, path := range allPages(tb.State()) {
		t.Run(name, func(t *testing.T) {
			_, got := v.get(path)
			checkPage(t, got)
		})
	}
}

func TestErrorPages(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XAU").visit(t)
	for path, want := range map[string]int{
		"/nothing": 404, "/propose?paragraph=999": 404, "/propose?paragraph=x": 404, "/proposals/XCA/99": 404, "/proposals/x/y": 404, "/revisions/9": 404, "/revisions/x": 404,
		"/acts/00": 404, "/biography": 404, "/biography?paragraph=OP99": 404, "/propose?reword=XCA/1": 403, "/record?chain=x": 409, "/static/../page.go": 404,
		"/blame?text=rev-9": 404, "/blame?text=x": 404, "/diff?from=XZZ/1": 404, "/record?paragraph=OP99": 404, "/record?since=x": 400, "/record?participant=XZZ": 403,
	} {
		status, got := v.get(path)
		if status != want {
			t.Errorf("%s answers %d, want %d", path, status, want)
		}
		checkPage(t, got)
	}
}

// TestAuditPages: the pages say who put words into a text, as the chair has decided.
func TestAuditPages(t *testing.T) {
	tb := scene(t)
	revised := strings.NewReplacer("States shall cooperate", "States should at once cooperate", "ninety", "sixty", "1. States shall report on these measures every year.\n\n", "").Replace(sceneText)
	tb.publish(t, hostile, revised, []negotiation.ProposalID{{Author: "XBO", Number: 1}, {Author: "XAU", Number: 1}}, map[negotiation.ProposalID]string{{Author: "XCA", Number: 1}: hostile})
	v := tb.seat("XBO").visit(t)
	for path, says := range map[string][]string{
		"/biography?paragraph=op1": {
			">shall</bdi>", ">should at once</bdi>", `Borealia (<a href="/proposals/XBO/1">XBO/1</a>, in part), Aurelia (<a href="/proposals/XAU/1">XAU/1</a>, in part)`,
			"Aurelia, the chair&#39;s own wording in revision 2", "Declined", "Borealia</b> opposes XCA/1",
		},
		"/blame": {
			`<span class="alternative">should<span class="parties" lang="en"> – <a href="/proposals/XBO/1" title="Borealia, proposal XBO/1"><bdi>XBO</bdi>`,
			`<span class="alternative">at once<span class="parties" lang="en"> – <a href="/revisions/2" title="Aurelia, the chair&#39;s own wording in revision 2"><bdi>XAU</bdi>`,
			`href="/biography?paragraph=OP1"`,
		},
		"/blame?deleted=yes": {
			`<bdi>States shall report on these measures every year.</bdi><span class="vh"> end of deletion] </span></del>`, `<p class="note">taken out</p>`,
			`<bdi>shall</bdi><span class="vh"> end of deletion] </span></del><span class="parties" lang="en"> – gone with <a href="/revisions/2">rev-2</a>`,
		},
		"/blame?text=rev-1":                     {`<p class="words" dir="ltr">States shall cooperate in good faith to prevent harm.</p>`},
		"/diff":                                 {"From <a href=\"/revisions/1\">revision 1</a> to <a href=\"/revisions/2\">revision 2</a>", ">shall</bdi>", ">should at once</bdi>", ">sixty</bdi>", "format=unified&amp;from=rev-1&amp;to=rev-2"},
		"/diff?to=XCA/2":                        {"revision 1</a> to <a href=\"/proposals/XCA/2\">proposal XCA/2", "water supply"},
		"/diff?from=rev-2&to=rev-2":             {"the two texts are the same"},
		"/record?paragraph=OP2&since=rev-2":     {"1 act, newest first", "published revision 2"},
		"/record?participant=XCA&paragraph=op1": {"2 acts, newest first", "Cascadia reworded XCA/1", `<option value="XCA" selected>`},
		"/provenance":                           {"<bdi>at once</bdi>", "<bdi>should</bdi>", "the zero draft", `href="/biography?paragraph=OP3%28b%29"`},
	} {
		status, page := v.get(path)
		if status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
		checkPage(t, page)
		for _, words := range says {
			if !strings.Contains(page, words) {
				t.Errorf("%s does not say %s:\n%s", path, words, page)
			}
		}
	}
}

// A node that has not received anything yet has all its pages.
func TestWaiting(t *testing.T) {
	ledger := negotiation.NewLedger(negotiation.ActID{})
	tb := &table{ledger: ledger, state: negotiation.Fold(ledger), changed: make(chan struct{})}
	v := tb.seat("XDE").visit(t)
	for _, path := range []string{"/", "/proposals", "/propose", "/consolidate", "/record", "/charter", "/status", "/provenance", "/blame", "/diff"} {
		status, page := v.get(path)
		if status != http.StatusOK {
			t.Errorf("%s answers %d before anything has come", path, status)
		}
		checkPage(t, page)
	}
	for _, path := range []string{"/propose", "/preview", "/consolidate"} {
		if status, _ := v.post(path, url.Values{"base": {"1"}}); status != http.StatusNotFound {
			t.Errorf("posting to %s before there is a text answers %d, want 404", path, status)
		}
	}
}

func TestIcon(t *testing.T) {
	v := scene(t).seat("XAU").visit(t)
	for _, path := range []string{"/favicon.ico", "/static/icon.svg"} {
		if status, icon := v.get(path); status != http.StatusOK || !strings.HasPrefix(icon, "<svg") {
			t.Errorf("%s answers %d and no icon", path, status)
		}
	}
}

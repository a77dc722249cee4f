package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"concord/negotiation"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata/requests")

// seats are the nodes of one table, each with its server. Every answer that they
// give is held against the OpenAPI document.
type seats struct {
	document document
	servers  map[negotiation.Code]*httptest.Server
	granted  map[string]bool // the operations that were seen to succeed
	location string          // that the last answer named
}

func serveAll(t testing.TB) (*table, *seats) {
	t.Helper()
	tb := convene(t)
	s := &seats{readDocument(t), map[negotiation.Code]*httptest.Server{}, map[string]bool{}, ""}
	for _, code := range []negotiation.Code{"XAU", "XBO", "XCA", "XDE"} {
		s.servers[code] = tb.seat(code).serve(t)
	}
	return tb, s
}

// request asks a seat's node with its token; JSON unless header says otherwise.
func (s *seats) request(t testing.TB, code negotiation.Code, method, target string, header http.Header, body []byte) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.servers[code].URL+target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	authorize(r)
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if op, _, ok := s.document.find(method, r.URL.Path); ok && resp.StatusCode < 300 {
		s.granted[op.ID] = true
	}
	if resp.StatusCode == http.StatusInternalServerError {
		t.Errorf("%s %s: %s", method, target, answer)
	}
	for _, bad := range s.document.faults(r, body, resp, answer) {
		t.Errorf("%s %s: %s", method, target, bad)
	}
	return resp, answer
}

// faults returns what an answer, or a request that was granted, has against the document.
func (d document) faults(r *http.Request, body []byte, resp *http.Response, got []byte) []string {
	mediaType, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return []string{"the answer has no media type"}
	}
	op, template, ok := d.find(r.Method, r.URL.Path)
	if !ok { // no route: a problem all the same
		return d.checkJSON(d.Components.Responses["Problem"], mediaType, got)
	}
	documented, ok := op.Responses[fmt.Sprint(resp.StatusCode)]
	if !ok {
		return []string{fmt.Sprintf("status %d is not documented for %s", resp.StatusCode, template)}
	}
	if name, ok := strings.CutPrefix(documented.Ref, "#/components/responses/"); ok {
		documented = d.Components.Responses[name]
	}
	bad := d.checkJSON(documented, mediaType, got)
	if resp.StatusCode < 300 && len(body) > 0 {
		sent, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		bad = append(bad, d.checkJSON(answer{Content: op.RequestBody.Content}, sent, body)...)
	}
	return bad
}

func (d document) checkJSON(documented answer, mediaType string, raw []byte) []string {
	content, ok := documented.Content[mediaType]
	if !ok {
		return []string{mediaType + " is not documented here"}
	}
	if !strings.HasSuffix(mediaType, "json") {
		return nil
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return []string{err.Error()}
	}
	return d.check(content.Schema, value, "body")
}

// Each file in testdata/requests is a table of its own. Its sections come in
// pairs: what is asked,
//
//	-- XBO POST /api/v1/proposals > id status --
//
// with header fields, an empty line and a body, all of which may be left out; and
// what is answered: the status, the Location, and the JSON, of which only the
// members after ">" are kept. Names of acts are shortened to "…"; {location} is the
// Location of the answer before.
func TestRequests(t *testing.T) {
	files, err := filepath.Glob("testdata/requests/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no requests", err)
	}
	granted := map[string]bool{
		"listen":     true, // the one that does not end; see TestEventsTellWhatAnotherNodeDid
		"rekeyChair": true, // after a rotation, which the API does not do; see TestRekey
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			script, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, s := serveAll(t)
			for i := 0; i+1 < len(script.Files); i += 2 {
				asked, want := script.Files[i], &script.Files[i+1]
				got := s.ask(t, asked)
				if *update {
					want.Data = got
				} else if !bytes.Equal(got, want.Data) {
					t.Errorf("%s\ngot:\n%swant:\n%s", asked.Name, got, want.Data)
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(script), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			maps.Copy(granted, s.granted)
		})
	}
	for path, operations := range readDocument(t).Paths {
		for method, op := range operations {
			if !granted[op.ID] {
				t.Errorf("no script has %s %s succeed", method, path)
			}
		}
	}
}

var actName = regexp.MustCompile(`[0-9a-f]{64}`)

// ask sends one request of a script and prints the answer.
func (s *seats) ask(t *testing.T, asked txtar.File) []byte {
	t.Helper()
	line, keep, picks := strings.Cut(asked.Name, " > ")
	fields := strings.Fields(line)
	if len(fields) != 3 {
		t.Fatalf("%q is not a request", asked.Name)
	}
	header, body := cutHeader(asked.Data)
	target := strings.ReplaceAll(fields[2], "{location}", s.location)
	resp, raw := s.request(t, negotiation.Code(fields[0]), fields[1], target, header, body)
	s.location = resp.Header.Get("Location")
	var out bytes.Buffer
	fmt.Fprintln(&out, resp.StatusCode)
	for _, name := range []string{"Location", "Link", "Allow", "WWW-Authenticate"} {
		if value := resp.Header.Get(name); value != "" {
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	if !strings.Contains(resp.Header.Get("Content-Type"), "json") {
		out.Write(raw)
	} else {
		members := map[string]any{}
		if err := json.Unmarshal(raw, &members); err != nil {
			t.Fatal(err)
		}
		for name := range members {
			if picks && !slices.Contains(strings.Fields(keep), name) {
				delete(members, name)
			}
		}
		e := json.NewEncoder(&out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(members); err != nil {
			t.Fatal(err)
		}
	}
	return actName.ReplaceAll(out.Bytes(), []byte("…"))
}

var headerField = regexp.MustCompile(`^([A-Z][A-Za-z-]*): ?(.*)\n`)

func cutHeader(data []byte) (http.Header, []byte) {
	header := http.Header{}
	for {
		m := headerField.FindSubmatch(data)
		if m == nil {
			break
		}
		header[string(m[1])] = []string{string(m[2])}
		data = data[len(m[0]):]
	}
	return header, bytes.TrimPrefix(data, []byte("\n"))
}

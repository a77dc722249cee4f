package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A pipe stands for the record: it says which version was asked for, gives back what it was
// sent, and then does what a test wants.
type pipe struct {
	then func(ctx context.Context, w io.Writer) error // nil for nothing
}

func (p pipe) Advertise(ctx context.Context, version int, w io.Writer) error {
	return p.UploadPack(ctx, version, strings.NewReader("refs"), w)
}

func (p pipe) UploadPack(ctx context.Context, version int, request io.Reader, w io.Writer) error {
	raw, err := io.ReadAll(io.LimitReader(request, 4<<20))
	if err != nil {
		return fmt.Errorf("git request: reading: %w", err)
	}
	if _, err := fmt.Fprintf(w, "%d %s", version, raw); err != nil || p.then == nil {
		return err
	}
	return p.then(ctx, w)
}

// gitNode starts a node with this record for git; its charter closes it unless it is public.
func gitNode(t *testing.T, public bool, git Git) (*httptest.Server, *Server) {
	t.Helper()
	tb := convene(t)
	if !public {
		tb.close(t)
	}
	server, err := New(Config{Node: tb.seat("XAU"), Git: git, Participant: "XAU", Token: token, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	hs := httptest.NewServer(server)
	t.Cleanup(hs.Close)
	return hs, server
}

// A reply is what a server said to a request.
type reply struct {
	Code   int
	Header http.Header
	Body   string
}

// ask sends a request over a connection, with the host that it names.
func ask(t *testing.T, hs *httptest.Server, r *http.Request) reply {
	t.Helper()
	r.RequestURI, r.URL.Host = "", strings.TrimPrefix(hs.URL, "http://")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

func gitPost(body []byte) *http.Request {
	r := httptest.NewRequest("POST", "http://localhost/record.git/git-upload-pack", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/x-git-upload-pack-request")
	return r
}

const refsAddress = "http://localhost/record.git/info/refs?service=git-upload-pack"

// TestGitNeedsTheTokenToReadWhatIsClosed: as a password, whatever the name, or a bearer
// token; and nothing else here is opened by a password, or asks a browser for one.
func TestGitNeedsTheTokenToReadWhatIsClosed(t *testing.T) {
	for _, public := range []bool{false, true} {
		hs, _ := gitNode(t, public, pipe{})
		for name, c := range map[string]struct {
			set  func(*http.Request)
			open bool
		}{
			"nothing":                {func(*http.Request) {}, false},
			"the token":              {func(r *http.Request) { r.SetBasicAuth("x", token) }, true},
			"without a name":         {func(r *http.Request) { r.SetBasicAuth("", token) }, true},
			"as a bearer":            {func(r *http.Request) { authorize(r) }, true},
			"another's":              {func(r *http.Request) { r.SetBasicAuth("x", token+"x") }, false},
			"the token as the name":  {func(r *http.Request) { r.SetBasicAuth(token, "") }, false},
			"an empty password":      {func(r *http.Request) { r.SetBasicAuth("x", "") }, false},
			"what is no credentials": {func(r *http.Request) { r.Header.Set("Authorization", "Basic ????") }, false},
		} {
			for _, r := range []*http.Request{httptest.NewRequest("GET", refsAddress, nil), gitPost([]byte("0000"))} {
				c.set(r)
				w := ask(t, hs, r)
				if want := c.open || public; want != (w.Code == http.StatusOK) || !want && w.Code != http.StatusUnauthorized {
					t.Errorf("public %v, %s %s with %s: status %d", public, r.Method, r.URL.Path, name, w.Code)
				}
				if asks := w.Header.Get("WWW-Authenticate"); (w.Code == http.StatusUnauthorized) != (asks == `Basic realm="concord"`) {
					t.Errorf("public %v, %s with %s: asks for %q", public, r.URL.Path, name, asks)
				}
			}
		}
		for _, path := range []string{"/", "/record", "/record.git", "/api/v1/acts", "/status"} {
			r := httptest.NewRequest("GET", "http://localhost"+path, nil)
			r.SetBasicAuth("x", token)
			w := ask(t, hs, r)
			if !public && w.Code != http.StatusUnauthorized {
				t.Errorf("%s: a password opens it: status %d", path, w.Code)
			}
			if strings.Contains(w.Header.Get("WWW-Authenticate"), "Basic") {
				t.Errorf("%s makes a browser ask for a password", path)
			}
		}
		w := ask(t, hs, func() *http.Request {
			r := httptest.NewRequest("POST", "http://localhost/api/v1/chair/take-up", nil)
			r.SetBasicAuth("x", token)
			return r
		}())
		if w.Code != http.StatusUnauthorized {
			t.Errorf("a password lets one write: status %d", w.Code)
		}
	}
}

// TestGitIsReadOnly: nobody pushes, with the token or without.
func TestGitIsReadOnly(t *testing.T) {
	hs, _ := gitNode(t, false, pipe{})
	for _, address := range []string{"info/refs?service=git-receive-pack", "git-receive-pack"} {
		for _, method := range []string{"GET", "POST"} {
			if (method == "POST") != (address == "git-receive-pack") {
				continue
			}
			for _, signed := range []bool{false, true} {
				r := httptest.NewRequest(method, "http://localhost/record.git/"+address, nil)
				if signed {
					r.SetBasicAuth("x", token)
				}
				if w := ask(t, hs, r); w.Code != http.StatusForbidden || !strings.HasPrefix(w.Header.Get("Content-Type"), "text/plain") {
					t.Errorf("%s %s: status %d, %s", method, address, w.Code, w.Body)
				}
			}
		}
	}
}

func TestGitAnswersAsGitExpects(t *testing.T) {
	hs, _ := gitNode(t, true, pipe{})
	for header, version := range map[string]string{
		"": "0", "version=1": "1", "version=2": "2", "version=7": "0", "version=1:version=2": "2", "version=-2": "0", "other:version=2:x=y": "2",
	} {
		r := httptest.NewRequest("GET", refsAddress, nil)
		r.Header.Set("Git-Protocol", header)
		w := ask(t, hs, r)
		if w.Body != version+" refs" || w.Header.Get("Content-Type") != "application/x-git-upload-pack-advertisement" {
			t.Errorf("%q: %s, %s", header, w.Body, w.Header)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, "0000")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	post := func(body []byte, headers ...string) reply {
		r := gitPost(body)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return ask(t, hs, r)
	}
	if w := post(packed.Bytes(), "Content-Encoding", "gzip"); w.Body != "0 0000" || w.Header.Get("Content-Type") != "application/x-git-upload-pack-result" {
		t.Errorf("compressed: %d %s %s", w.Code, w.Body, w.Header)
	}
	for name, c := range map[string]struct {
		w    reply
		want int
	}{
		"not compressed":     {post([]byte("0000"), "Content-Encoding", "gzip"), 400},
		"half of it":         {post(packed.Bytes()[:packed.Len()-9], "Content-Encoding", "gzip"), 400},
		"another coding":     {post(packed.Bytes(), "Content-Encoding", "br"), 415},
		"another type":       {post([]byte("0000"), "Content-Type", "text/plain"), 415},
		"too large":          {post(make([]byte, maxBody+1)), 413},
		"no service":         {ask(t, hs, httptest.NewRequest("GET", "http://localhost/record.git/info/refs", nil)), 400},
		"two services":       {ask(t, hs, httptest.NewRequest("GET", refsAddress+"&service=git-receive-pack", nil)), 400},
		"a file of the repo": {ask(t, hs, httptest.NewRequest("GET", "http://localhost/record.git/objects/info/packs", nil)), 404},
		"above it":           {ask(t, hs, httptest.NewRequest("GET", "http://localhost/record.git/%2e%2e/token", nil)), 404},
		"GET of a pack":      {ask(t, hs, httptest.NewRequest("GET", "http://localhost/record.git/git-upload-pack", nil)), 405},
	} {
		if c.w.Code != c.want || !strings.HasPrefix(c.w.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: status %d, want %d: %s", name, c.w.Code, c.want, c.w.Body)
		}
	}
	r := gitPost([]byte("0000"))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := ask(t, hs, r); w.Code != http.StatusForbidden {
		t.Errorf("from a page of another site: status %d", w.Code)
	}
	r = gitPost([]byte("0000"))
	r.Host = "evil.example"
	if w := ask(t, hs, r); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("under another name: status %d", w.Code)
	}
	hs, _ = gitNode(t, true, nil)
	if w := ask(t, hs, httptest.NewRequest("GET", refsAddress, nil)); w.Code != http.StatusNotFound {
		t.Errorf("a node without a record for git: status %d", w.Code)
	}
}

// TestGitFailsInTheOpen: what fails before anything is said gets a status, what fails then
// breaks the connection, so that no half pack is taken for a whole one.
func TestGitFailsInTheOpen(t *testing.T) {
	broken := errors.New("a disk that breaks")
	hs, _ := gitNode(t, true, pipe{func(context.Context, io.Writer) error { return broken }})
	resp, err := http.Get(hs.URL + "/record.git/info/refs?service=git-upload-pack")
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if err == nil {
		t.Error("half an answer came as a whole one")
	}
	hs, _ = gitNode(t, true, nothing{})
	if w := ask(t, hs, httptest.NewRequest("GET", refsAddress, nil)); w.Code != http.StatusInternalServerError || strings.Contains(w.Body, "disk") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}

// nothing is a record that cannot be read.
type nothing struct{}

func (nothing) Advertise(context.Context, int, io.Writer) error {
	return errors.New("a disk that breaks")
}
func (nothing) UploadPack(context.Context, int, io.Reader, io.Writer) error { return nil }

// TestPacksOutliveTheDeadline: an answer goes on past the deadlines of the server as long as
// the client takes it.
func TestPacksOutliveTheDeadline(t *testing.T) {
	const deadline = 50 * time.Millisecond
	_, server := gitNode(t, true, pipe{func(_ context.Context, w io.Writer) error {
		<-time.After(3 * deadline)
		_, err := io.WriteString(w, " and more")
		return err
	}})
	hs := httptest.NewUnstartedServer(server)
	hs.Config.ReadTimeout, hs.Config.WriteTimeout = deadline, deadline
	hs.Start()
	defer hs.Close()
	if w := ask(t, hs, httptest.NewRequest("GET", refsAddress, nil)); w.Body != "0 refs and more" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

// TestRecordPageSaysWhereToClone: by the name that it was asked under.
func TestRecordPageSaysWhereToClone(t *testing.T) {
	for _, public := range []bool{false, true} {
		hs, _ := gitNode(t, public, pipe{})
		r := authorize(httptest.NewRequest("GET", "http://localhost/record", nil))
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Host = "xau.localhost:8420"
		w := ask(t, hs, r)
		if !strings.Contains(w.Body, "<pre>git clone https://xau.localhost:8420/record.git</pre>") {
			t.Errorf("public %v: %s", public, w.Body)
		}
		if strings.Contains(w.Body, "which is the token of this node") == public {
			t.Errorf("public %v: what is said of the token is not so", public)
		}
	}
}

// TestPacksAreLimitedAndEnd: so many are answered at a time; a client that goes, and a
// server that closes, end theirs.
func TestPacksAreLimitedAndEnd(t *testing.T) {
	began := make(chan struct{}, maxPacksOfOne)
	ended := make(chan error, maxPacksOfOne)
	hs, server := gitNode(t, true, pipe{func(ctx context.Context, w io.Writer) error {
		began <- struct{}{}
		var err error
		for line := bytes.Repeat([]byte("x"), 64<<10); err == nil; {
			_, err = w.Write(line)
			if ctx.Err() != nil {
				err = ctx.Err()
			}
		}
		ended <- err
		return err
	}})
	post := func() (*http.Response, error) {
		r := gitPost([]byte("0000"))
		out, err := http.NewRequest("POST", hs.URL+r.URL.Path, r.Body)
		if err != nil {
			return nil, err
		}
		out.Header = r.Header
		return http.DefaultClient.Do(out)
	}
	var open []*http.Response
	for range maxPacksOfOne {
		resp, err := post()
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, resp)
		<-began
	}
	open[0].Body.Close()
	if err := <-ended; err == nil {
		t.Error("the work went on for a client that had gone")
	}
	server.Close()
	for _, resp := range open[1:] {
		go io.Copy(io.Discard, resp.Body) // until the server ends it
	}
	for range open[1:] {
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("after the server closed: %v", err)
		}
	}
}

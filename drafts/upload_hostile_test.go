package drafts

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// pkt writes lines as pkt-lines; "0000" and "0001" are the marks.
func pkt(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		if line == "0000" || line == "0001" {
			b.WriteString(line)
			continue
		}
		fmt.Fprintf(&b, "%04x%s\n", len(line)+5, line)
	}
	return b.String()
}

// fetch2 is a fetch of version 2 with these arguments.
func fetch2(arguments ...string) string {
	lines := append([]string{"command=fetch", "agent=git/2.39.5", "object-format=sha1", "0001"}, arguments...)
	return pkt(append(lines, "0000")...)
}

func ask(t testing.TB, r *Repository, version int, request io.Reader) string {
	t.Helper()
	var answer bytes.Buffer
	if err := r.UploadPack(t.Context(), version, request, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.String()
}

// TestPrivateIsNeverGiven: whichever way a client asks for what is private, knowing its
// name, it gets git's refusal and not a byte of a pack; nor is it told that it is here.
func TestPrivateIsNeverGiven(t *testing.T) {
	r, _ := played(t)
	private := secrets(t, r)
	private["missing"] = plumbing.NewHash(strings.Repeat("12", 20))
	public := r.commits[r.ledger.Head("record/XBO").Act]
	private["public tree"] = public.tree // public, but not to be asked for by itself
	text := r.commits[r.ledger.Head("text").Act].commit.String()
	for what, id := range private {
		hex := id.String()
		for name, request := range map[string]struct {
			version int
			body    string
		}{
			"version 0":            {0, pkt("want "+hex+" side-band-64k multi_ack_detailed", "0000", "done")},
			"version 1":            {1, pkt("want "+hex, "0000", "done")},
			"behind a public one":  {0, pkt("want "+text+" include-tag allow-any-sha1-in-want", "want "+hex, "0000", "done")},
			"version 2":            {2, fetch2("want "+hex, "done")},
			"2, behind public one": {2, fetch2("want "+text, "want "+hex, "include-tag", "done")},
			"a ref, version 2":     {2, fetch2("want-ref refs/private/draft", "done")},
			"deepen":               {2, fetch2("want "+text, "deepen 1", "done")},
			"deepen, version 0":    {0, pkt("want "+text, "deepen 1", "0000", "done")},
			"shallow":              {0, pkt("want "+text, "shallow "+hex, "0000", "done")},
			"shallow, version 2":   {2, fetch2("want "+text, "shallow "+hex, "done")},
			"deepen-not":           {2, fetch2("want "+text, "deepen-not refs/private/draft", "done")},
			"filter":               {2, fetch2("want "+text, "filter sparse:oid="+hex, "done")},
			"filter, version 0":    {0, pkt("want "+text+" filter", "filter sparse:oid="+hex, "0000", "done")},
			"object-info":          {2, pkt("command=object-info", "0001", "size", "oid "+hex, "0000")},
			"packfile-uris":        {2, fetch2("want "+text, "packfile-uris https", "done")},
			"sideband-all":         {2, fetch2("sideband-all", "want "+text, "done")},
		} {
			answer := ask(t, r, request.version, strings.NewReader(request.body))
			if !strings.HasPrefix(answer[4:], "ERR ") || strings.Contains(answer, "PACK") || len(answer) > 200 {
				t.Errorf("%s by %s: %.300q", what, name, answer)
			}
		}
		if what == "public tree" {
			continue
		}
		for version, request := range map[int]string{
			0: pkt("want "+text+" multi_ack_detailed", "0000", "have "+hex, "0000"),
			2: fetch2("want "+text, "have "+hex),
		} {
			if answer := ask(t, r, version, strings.NewReader(request)); strings.Contains(answer, hex) || !strings.Contains(answer, "NAK") {
				t.Errorf("%s: version %d tells whether it is here: %q", what, version, answer)
			}
		}
	}
}

// TestIncludeTag: tags come along with what they are of when asked for, and only those of
// acts.
func TestIncludeTag(t *testing.T) {
	r, _ := played(t)
	secrets(t, r)
	text := r.commits[r.ledger.Head("text").Act].commit.String()
	without, err := r.selected(t, fetch2("want "+text, "done"))
	if err != nil {
		t.Fatal(err)
	}
	with, err := r.selected(t, fetch2("want "+text, "include-tag", "done"))
	if err != nil {
		t.Fatal(err)
	}
	if len(with)-len(without) != 2 {
		t.Errorf("%d tags came along, the acts have 2", len(with)-len(without))
	}
}

// selected returns what the pack of an answer would have.
func (r *Repository) selected(t *testing.T, request string) ([]plumbing.Hash, error) {
	t.Helper()
	o, err := r.offer(t.Context())
	if err != nil {
		return nil, err
	}
	u := &upload{offer: o, in: newPacketReader(strings.NewReader(request)), out: &packetWriter{w: io.Discard}, wants: idSet{}, haves: idSet{}}
	if send, err := u.command(); err != nil || !send {
		return nil, errors.Join(err, errors.New("no pack follows"))
	}
	return r.gallery.missing(u.offer, u.wants, u.haves, u.includeTag).objects, nil
}

// TestBrokenRequests: what is no request is refused, and costs little.
func TestBrokenRequests(t *testing.T) {
	r, _ := played(t)
	text := r.commits[r.ledger.Head("text").Act].commit.String()
	unknown := func(n int, word string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(pkt(fmt.Sprintf("%s%x", word, sha1.Sum([]byte{byte(i), byte(i >> 8), byte(i >> 16)}))))
		}
		return b.String()
	}
	known := strings.Repeat(pkt("have "+text), 50_000)
	for name, c := range map[string]struct {
		version int
		body    string
		want    string // how the answer begins, behind its length
	}{
		"a length of letters":      {0, "zzzz", "ERR "},
		"a negative length":        {0, "-001", "ERR "},
		"a length of two":          {2, "0002", "ERR "},
		"a length too large":       {2, "ffff" + strings.Repeat("x", 70_000), "ERR "},
		"half a length":            {0, "00", "ERR "},
		"half a line":              {0, "0032want " + text[:10], "ERR "},
		"nothing behind a length":  {2, "0014", "ERR "},
		"half a request":           {2, pkt("command=fetch", "0001", "want "+text), "ERR "},
		"a want without a name":    {0, pkt("want ", "0000", "done"), "ERR "},
		"a want of 64 digits":      {0, pkt("want "+strings.Repeat("1", 64), "0000", "done"), "ERR "},
		"an unknown command":       {2, pkt("command=push", "0000"), "ERR "},
		"two commands":             {2, pkt("command=fetch", "command=ls-refs", "0000"), "ERR "},
		"another hash":             {2, pkt("command=ls-refs", "object-format=sha256", "0000"), "ERR "},
		"NUL in a line":            {2, pkt("command=fetch\x00", "0000"), "ERR "},
		"many prefixes":            {2, pkt("command=ls-refs", "0001") + strings.Repeat(pkt("ref-prefix a"), maxPrefixes+1) + "0000", "ERR "},
		"many wants":               {0, unknown(50_000, "want ") + "0000", "ERR "},
		"one want many times":      {0, strings.Repeat(pkt("want "+text), 1000) + "0000" + pkt("0000"), "NAK"},
		"many unknown haves":       {0, pkt("want "+text+" multi_ack_detailed", "0000") + unknown(50_000, "have ") + "0000", "NAK"},
		"many unknown haves in v2": {2, pkt("command=fetch", "0001", "want "+text) + unknown(50_000, "have ") + "0000", "acknowledgments"},
		"one have many times":      {0, pkt("want "+text+" multi_ack_detailed", "0000") + known + "0000", "ACK " + text + " common"},
		"more than a request has":  {0, pkt("want "+text, "0000") + strings.Repeat(known, 3), "ERR "},
	} {
		t.Run(name, func(t *testing.T) {
			ask(t, r, c.version, strings.NewReader("0000")) // what is cached is cached
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			answer := ask(t, r, c.version, strings.NewReader(c.body))
			runtime.ReadMemStats(&after)
			if len(answer) < 4 || !strings.HasPrefix(answer[4:], c.want) || strings.Contains(answer, "PACK") || len(answer) > 300 {
				t.Errorf("%.300q, want %s", answer, c.want)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20+4*uint64(len(c.body)) {
				t.Errorf("%d bytes were taken to answer %d", grown, len(c.body))
			}
		})
	}
	for version := range 3 {
		if answer := ask(t, r, version, strings.NewReader("0000")); answer != "" {
			t.Errorf("version %d: to the question whether it may, git is told %q", version, answer)
		}
	}
}

// TestCompressedBomb: a small body that unpacks to 64 MiB is read as far as a request may go.
func TestCompressedBomb(t *testing.T) {
	r, _ := played(t)
	url := gitServer(t, r)
	text := r.commits[r.ledger.Head("text").Act].commit.String()
	line := []byte(strings.Repeat(pkt("want "+text), 1000))
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 64 << 20 / len(line) {
		z.Write(line)
	}
	z.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/git-upload-pack", &bomb)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Encoding", "gzip")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	runtime.ReadMemStats(&after)
	if err != nil || !bytes.HasPrefix(answer[min(4, len(answer)):], []byte("ERR ")) {
		t.Errorf("%q, %v", answer, err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8*maxRequest {
		t.Errorf("%d bytes were taken", grown)
	}
}

// A reader that fails stands for a connection that breaks, or a body that is not as it says.
type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestUploadPassesOnWhatReadingSays(t *testing.T) {
	r, _ := played(t)
	broken := errors.New("broken")
	var answer bytes.Buffer
	request := io.MultiReader(strings.NewReader(pkt("command=fetch", "0001")), failingReader{broken})
	if err := r.UploadPack(t.Context(), 2, request, &answer); !errors.Is(err, broken) || answer.Len() > 0 {
		t.Errorf("%v, and answered %q", err, &answer)
	}
}

// TestUploadStops: who cannot take more, or has gone, ends the work.
func TestUploadStops(t *testing.T) {
	r := long(t, 5)
	text := r.commits[r.ledger.Head("text").Act].commit.String()
	full := &limitedWriter{left: 600}
	if err := r.UploadPack(t.Context(), 2, strings.NewReader(fetch2("want "+text, "done")), full); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("writing to who takes nothing more: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Advertise(t.Context(), 0, io.Discard); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed repository: %v", err)
	}
}

// A limitedWriter takes so many bytes.
type limitedWriter struct{ left int }

func (w *limitedWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// FuzzUploadPack: no request crashes the node, gets what is private, or is answered at
// length without asking for a pack.
func FuzzUploadPack(f *testing.F) {
	r, _ := played(f)
	text := r.commits[r.ledger.Head("text").Act].commit.String()
	f.Add(0, pkt("want "+text+" side-band-64k multi_ack_detailed include-tag", "0000", "have "+text, "0000", "done"))
	f.Add(1, pkt("want "+text, "0000", "done"))
	f.Add(2, fetch2("want "+text, "have "+text, "thin-pack", "ofs-delta", "include-tag"))
	f.Add(2, fetch2("want "+text, "done"))
	f.Add(2, pkt("command=ls-refs", "0001", "peel", "symrefs", "ref-prefix refs/heads/", "0000"))
	f.Fuzz(func(t *testing.T, version int, request string) {
		var answer bytes.Buffer
		if err := r.UploadPack(t.Context(), version, strings.NewReader(request), &answer); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(answer.String(), "PACK") && answer.Len() > 4096+2*len(request) {
			t.Errorf("%d bytes in answer to %d", answer.Len(), len(request))
		}
	})
}

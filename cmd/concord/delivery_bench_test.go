package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"concord/negotiation"
)

// BenchmarkDelivery measures how long a proposal takes from the POST on one node to each
// of 27 others: verified, on that node's disk, and in the state that its API shows. In
// turns with it the same commit goes with stock git, as fast as that can: git push to a
// bare repository, and a git fetch in each of 27 clones, two or all at a time, over
// file:// and HTTP. Neither git nor its clones sync what they store, nor verify it.
func BenchmarkDelivery(b *testing.B) {
	if _, err := exec.LookPath("git"); err != nil {
		b.Skip("git is not installed")
	}
	f := newFleet(b, 28)
	author := f.nodes[1]
	var ways []*gitWay
	others := len(f.nodes) - 1
	for _, scheme := range []string{"file", "http"} {
		ways = append(ways, newGitWay(b, author, scheme, 2, others), newGitWay(b, author, scheme, others, others))
	}
	var firsts, lasts []time.Duration
	for i := 0; b.Loop(); i++ {
		quiesce(b)
		first, last := f.deliver(author, i)
		firsts, lasts = append(firsts, first), append(lasts, last)
		for _, way := range ways {
			quiesce(b)
			way.deliver(b)
		}
	}
	report := func(name string, times []time.Duration) {
		b.ReportMetric(milliseconds(quantile(times, 0.5)), name+"-p50-ms")
		b.ReportMetric(milliseconds(quantile(times, 0.99)), name+"-p99-ms")
	}
	report("first", firsts)
	report("last", lasts)
	for i := 0; i < len(ways); i += 2 {
		some, all := ways[i], ways[i+1]
		first := min(quantile(some.firsts, 0.5), quantile(all.firsts, 0.5))
		last := min(quantile(some.lasts, 0.5), quantile(all.lasts, 0.5))
		b.ReportMetric(milliseconds(first), some.scheme+"-first-p50-ms")
		b.ReportMetric(milliseconds(last), some.scheme+"-last-p50-ms")
		b.ReportMetric(float64(first)/float64(quantile(firsts, 0.5)), some.scheme+"-first/first")
		b.ReportMetric(float64(last)/float64(quantile(lasts, 0.5)), some.scheme+"-last/last")
	}
	b.ReportMetric(0, "ns/op") // which says nothing: it has all of this in it
}

// quiesce waits until what has been written before is on disk, so that nothing that is
// measured pays for it.
func quiesce(b *testing.B) {
	b.Helper()
	if err := exec.CommandContext(b.Context(), "sync").Run(); err != nil {
		b.Fatal(err)
	}
}

// deliver tables a proposal on a node, and returns after how long the first and the last
// of the others shows it.
func (f *fleet) deliver(author *servedNode, i int) (first, last time.Duration) {
	f.Helper()
	chain := negotiation.RecordOf(author.node.code)
	place := uint64(0)
	for _, h := range author.node.State().Heads {
		if h.Chain == chain {
			place = h.Sequence + 1
		}
	}
	var waiting sync.WaitGroup
	var mu sync.Mutex
	var shown []time.Time
	for _, s := range f.nodes {
		if s == author {
			continue
		}
		waiting.Go(func() {
			if err := f.await(s, func(st *negotiation.State) bool { return reaches(st, chain, place) }); err != nil {
				f.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			shown = append(shown, time.Now())
		})
	}
	begin := time.Now()
	f.post(author, "/proposals", fmt.Sprintf(`{"headline": "Matter %d", "changes": [{"paragraph": %d, "text": "1. States shall cooperate in this matter %d times a year."}]}`, i, 3+i%60, i))
	waiting.Wait()
	return shown[0].Sub(begin), shown[len(shown)-1].Sub(begin)
}

// post has a node act through its API.
func (f *fleet) post(s *servedNode, path, body string) {
	f.Helper()
	request, err := http.NewRequestWithContext(f.Context(), http.MethodPost, "http://"+s.address+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token.reveal())
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		f.Fatal(err)
	}
	defer answer.Body.Close()
	if said, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusCreated {
		f.Fatalf("%s %s: %v\n%s", path, answer.Status, err, said)
	}
}

// A gitWay is a bare repository with clones of it, to which the acts of a record go.
type gitWay struct {
	scheme string
	atOnce int // fetches at a time
	from   string
	to     string // URL of the bare repository
	ref    string
	clones []string

	firsts, lasts []time.Duration
}

func newGitWay(b *testing.B, author *servedNode, scheme string, atOnce, clones int) *gitWay {
	b.Helper()
	dir := b.TempDir()
	bare := filepath.Join(dir, "bare.git")
	w := &gitWay{scheme: scheme, atOnce: atOnce, from: author.node.repository.Dir(), to: "file://" + bare, ref: "refs/heads/" + string(negotiation.RecordOf(author.node.code))}
	w.git(b, "clone", "--quiet", "--mirror", w.from, bare)
	w.git(b, "-C", bare, "config", "http.receivepack", "true")
	if scheme == "http" {
		backend := strings.TrimSpace(w.git(b, "--exec-path")) + "/git-http-backend"
		server := httptest.NewServer(&cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1"}})
		b.Cleanup(server.Close)
		w.to = server.URL + "/bare.git"
	}
	for i := range clones {
		clone := filepath.Join(dir, fmt.Sprint(i))
		w.git(b, "clone", "--quiet", "--bare", w.to, clone)
		w.clones = append(w.clones, clone)
	}
	return w
}

func (w *gitWay) git(b *testing.B, args ...string) string {
	b.Helper()
	var said bytes.Buffer
	command := exec.CommandContext(b.Context(), "git", append([]string{"-c", "gc.auto=0", "-c", "maintenance.auto=false"}, args...)...)
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		b.Errorf("git %s: %v\n%s", args, err, &said)
	}
	return string(out)
}

// deliver pushes what is new, and fetches it in every clone.
func (w *gitWay) deliver(b *testing.B) {
	b.Helper()
	begin := time.Now()
	w.git(b, "-C", w.from, "push", "--quiet", w.to, w.ref)
	var fetching sync.WaitGroup
	var mu sync.Mutex
	var done []time.Time
	places := make(chan struct{}, w.atOnce)
	for _, clone := range w.clones {
		places <- struct{}{}
		fetching.Go(func() {
			w.git(b, "-C", clone, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", w.to, w.ref+":"+w.ref)
			mu.Lock()
			done = append(done, time.Now())
			mu.Unlock()
			<-places
		})
	}
	fetching.Wait()
	w.firsts, w.lasts = append(w.firsts, done[0].Sub(begin)), append(w.lasts, done[len(done)-1].Sub(begin))
}

package drafts

import (
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkClone has stock git clone a record of 1,000 acts from here and, in the same run,
// from git's own server; the ratio is what this one takes of that one's time.
func BenchmarkClone(b *testing.B) {
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		b.Skip("git is not installed")
	}
	backend := filepath.Join(strings.TrimSpace(string(path)), "git-http-backend")
	if _, err := exec.LookPath(backend); err != nil {
		b.Skip("git-http-backend is not installed")
	}
	dir, name := generated(b, 1000)
	r := open(b, dir, name)
	theirs := httptest.NewServer(&cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + r.Dir(), "GIT_HTTP_EXPORT_ALL=1"}})
	defer theirs.Close()
	ours := gitServer(b, r)
	clone := func(url string) time.Duration {
		start := time.Now()
		if out, err := exec.Command("git", "clone", "--quiet", "--mirror", url, filepath.Join(b.TempDir(), "clone.git")).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		return time.Since(start)
	}
	first := clone(ours)
	var here, there time.Duration
	for b.Loop() {
		here += clone(ours)
		there += clone(theirs.URL)
	}
	b.ReportMetric(float64(first.Milliseconds()), "first-ms")
	b.ReportMetric(float64(here.Milliseconds())/float64(b.N), "clone-ms")
	b.ReportMetric(float64(there.Milliseconds())/float64(b.N), "git-ms")
	b.ReportMetric(float64(here)/float64(there), "ratio")
}

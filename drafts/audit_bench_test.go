package drafts

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"concord/negotiation"
)

// BenchmarkLoad opens a record of 10,000 acts, and verifies it on the way.
func BenchmarkLoad(b *testing.B) {
	dir, _ := generated(b, 10_000)
	var state *negotiation.State
	for b.Loop() {
		var err error
		if state, err = Load(dir, negotiation.ActID{}); err != nil {
			b.Fatal(err)
		}
	}
	var now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&now)
	runtime.KeepAlive(state)
	b.ReportMetric(float64(now.HeapAlloc)/(1<<20), "MB-kept")
	b.ReportMetric(float64(now.Sys)/(1<<20), "MB-most")
}

// BenchmarkPacked reads and audits a record of 10,000 acts that stock git has packed, and
// says how much memory the process took in all.
func BenchmarkPacked(b *testing.B) {
	needGit(b)
	dir, _ := generated(b, 10_000)
	packed := filepath.Join(b.TempDir(), "packed.git")
	stockGit(b, ".", "clone", "--quiet", "--mirror", "--no-local", dir, packed)
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := Load(packed, negotiation.ActID{}); err != nil {
				b.Fatal(err)
			}
		}
		reportMost(b)
	})
	b.Run("audit", func(b *testing.B) {
		for b.Loop() {
			if report, err := Audit(b.Context(), packed, negotiation.ActID{}, new(Progress)); err != nil || !report.OK() {
				b.Fatal(report, err)
			}
		}
		reportMost(b)
	})
}

// reportMost reports the most memory that the process has had from the system.
func reportMost(b *testing.B) {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	b.ReportMetric(float64(now.Sys)/(1<<20), "MB-most")
}

// BenchmarkAuditAgainstGit verifies a record of 10,000 acts, and lets git check the
// signatures of 200 of them in the same run; "times-git" is how much longer git takes an act.
func BenchmarkAuditAgainstGit(b *testing.B) {
	if _, err := exec.LookPath("git"); err != nil {
		b.Skip("git is not installed")
	}
	const acts, sample = 10_000, 200
	dir, _ := generated(b, acts)
	for b.Loop() {
		report, err := Audit(b.Context(), dir, negotiation.ActID{}, new(Progress))
		if err != nil || !report.OK() || report.Acts != acts {
			b.Fatal(report, err)
		}
	}
	ours := b.Elapsed().Seconds() / float64(b.N) / acts
	began := time.Now()
	out, err := exec.Command("git", "-C", dir, "log", "--all", "--format=%G?", "-n", "200").Output()
	git := time.Since(began).Seconds() / sample
	if good := len(out) / len("G\n"); err != nil || good != sample {
		b.Fatalf("git found %d good signatures: %v", good, err)
	}
	b.ReportMetric(git/ours, "times-git")
	b.ReportMetric(git*1000, "git-ms/act")
	b.ReportMetric(ours*1000, "ms/act")
}

// BenchmarkAuditScript lets docs/audit.sh check a record of 1,000 acts.
func BenchmarkAuditScript(b *testing.B) {
	audit := scriptOf(b)
	dir, _ := generated(b, 1000)
	for b.Loop() {
		if out, code := audit(b, dir); code != 0 {
			b.Fatalf("exit code %d\n%s", code, out)
		}
	}
}

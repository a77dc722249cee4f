package drafts

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func stockGit(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func needGit(t testing.TB) {
	t.Helper()
	for _, name := range []string{"git", "ssh-keygen"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

// TestLawL3 lets stock git judge a repository: law L3, and what the design
// promises an auditor.
func TestLawL3(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	if out := stockGit(t, r.Dir(), "fsck", "--strict", "--no-dangling"); out != "" {
		t.Errorf("git fsck --strict: %s", out)
	}
	log := stockGit(t, r.Dir(), "log", "--all", "--show-signature", "--format=%H %G? %an %s")
	if n := strings.Count(log, `Good "git" signature for `); n != len(r.State().Log()) {
		t.Errorf("git finds %d good signatures on %d acts:\n%s", n, len(r.State().Log()), log)
	}
	for _, v := range r.State().Log() {
		id := r.commits[v.ID()].commit.String()
		signers := filepath.Join(r.Dir(), signersFile+".d", string(v.Act().Chain))
		stockGit(t, r.Dir(), "-c", "gpg.ssh.allowedSignersFile="+signers, "verify-commit", id)
	}
	for _, tag := range []string{"rev-1", "rev-2"} {
		stockGit(t, r.Dir(), "verify-tag", tag)
	}

	clone := filepath.Join(t.TempDir(), "clone")
	stockGit(t, ".", "clone", "--quiet", r.Dir(), clone)
	if text := stockGit(t, clone, "show", "HEAD:statement.en.md"); text != string(r.State().Current().Text.Bytes()) {
		t.Errorf("the clone has another text:\n%s", text)
	}
}

// TestGitDiffIsRedline: git's word diff from base to proposal is the redline.
func TestGitDiffIsRedline(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	for _, p := range r.State().Proposals {
		base, _ := r.State().Amended(p)
		diff := stockGit(t, r.Dir(), "diff", "--word-diff=plain",
			r.commits[base.Act].commit.String(), r.commits[p.Wording()].commit.String())
		want := map[uint64]string{
			1: "1. States [-shall cooperate.-]{+should cooperate, on a voluntary basis.+}",
			2: "1. States shall meet [-every-]{+twice a+} year.",
		}[p.ID.Number]
		if !strings.Contains(diff, want) {
			t.Errorf("%s: git diff does not say %q:\n%s", p.ID, want, diff)
		}
	}
}

package drafts

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

// TestEvidenceTravels: both sides of forked chains, and the tags of revisions on them, are
// cloned with git and taken from a bundle, and come to the same there.
func TestEvidenceTravels(t *testing.T) {
	needGit(t)
	r := recoverable(t)
	thief := copyOf(t, r)
	mustSign(t, r, borealia, borealia, positionOn(3, "This."))
	mustSign(t, thief, borealia, borealia, positionOn(3, "That."))
	mustSign(t, thief, borealia, borealia, positionOn(2, "And more."))
	mustSign(t, r, aurelia, aurelia, revision(t, "every year", "each year"))
	mustSign(t, thief, aurelia, aurelia, revision(t, "every year", "twice a year"))
	bring(t, thief, r)
	if n := len(refsIn(t, r, "refs/evidence")); n < 4 {
		t.Fatalf("%d refs of evidence; a test of nothing", n)
	}
	clone := filepath.Join(t.TempDir(), "clone.git")
	stockGit(t, ".", "clone", "--quiet", "--mirror", gitServer(t, r), clone)
	if out := stockGit(t, clone, "fsck", "--strict", "--no-dangling"); out != "" {
		t.Errorf("git fsck --strict: %s", out)
	}
	public := strings.Fields(stockGit(t, clone, "for-each-ref", "--format=%(refname)"))
	if want := refsIn(t, r, "refs"); !slices.Equal(public, want) {
		t.Errorf("the clone has the refs %q, not %q", public, want)
	}
	byGit := filepath.Join(t.TempDir(), "git.bundle")
	stockGit(t, clone, "bundle", "create", "--quiet", byGit, "--all")
	for _, path := range []string{export(t, r, Basis{}), byGit} {
		to := open(t, t.TempDir(), negotiation.ActID{})
		if taken := imported(t, to, path); taken != len(r.commits) {
			t.Errorf("%d acts were taken of %d", taken, len(r.commits))
		}
		if to.State().Digest() != r.State().Digest() || !slices.Equal(to.Heads(), r.Heads()) {
			t.Error("the node is not where the other one is")
		}
		if refs, want := refsIn(t, to, "refs"), refsIn(t, r, "refs"); !slices.Equal(refs, want) {
			t.Errorf("the node has the refs %q, not %q", refs, want)
		}
	}
}

package drafts

import (
	"errors"
	"io/fs"
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

// TestEvidence: what a fork's proof has is enough for stock git, and is no more than
// what leads to the two acts.
func TestEvidence(t *testing.T) {
	r := recoverable(t)
	record, name := negotiation.RecordOf(borealia), r.State().Negotiation
	path := filepath.Join(t.TempDir(), "proof.bundle")
	if _, err := Evidence(t.Context(), r.Dir(), name, "", path); !errors.Is(err, ErrNoFork) {
		t.Fatalf("evidence where nothing is forked: %v", err)
	}
	thief := copyOf(t, r)
	mine := mustSign(t, r, borealia, borealia, positionOn(3, "Mine."))
	mustSign(t, r, borealia, borealia, positionOn(4, "After mine."))
	his := mustSign(t, thief, borealia, borealia, positionOn(3, "The thief's."))
	bring(t, thief, r)
	if _, err := Evidence(t.Context(), r.Dir(), name, negotiation.TextChain, path); !errors.Is(err, ErrNoFork) {
		t.Fatalf("evidence of a chain that is not forked: %v", err)
	}
	forks, err := Evidence(t.Context(), r.Dir(), name, record, path)
	if err != nil || len(forks) != 1 || len(forks[0]) != 2 {
		t.Fatalf("evidence of a fork: %v, %v", forks, err)
	}
	for _, side := range forks[0] {
		if id := side.Act.ID(); id != mine.ID() && id != his.ID() {
			t.Errorf("a side is %s", id)
		}
		if !strings.Contains(side.Signer, string(publicOf(borealia))) {
			t.Errorf("a side is said to be signed by %s", side.Signer)
		}
	}
	if _, err := Evidence(t.Context(), r.Dir(), name, record, path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file is written over: %v", err)
	}
	needGit(t)
	heads := stockGit(t, ".", "bundle", "list-heads", path)
	var want []string
	for _, side := range forks[0] {
		want = append(want, side.Commit+" "+side.Ref)
	}
	got := strings.Split(strings.TrimSpace(heads), "\n")
	if slices.Sort(want); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("the proof has %q, want %q", got, want)
	}
}

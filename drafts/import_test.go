package drafts

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// export exports and returns the file.
func export(t testing.TB, r *Repository, basis Basis) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "record.bundle")
	if _, err := Export(t.Context(), r.Dir(), basis, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// imported imports what must not be refused, and returns how many acts were taken.
func imported(t testing.TB, r *Repository, path string) (taken int) {
	t.Helper()
	report, err := r.Import(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report {
		if c.Err != nil || c.Refused > 0 {
			t.Errorf("%s: %d acts refused: %v", c.Chain, c.Refused, c.Err)
		}
		taken += c.Taken
	}
	return taken
}

// TestExport: stock git verifies, clones and fetches a bundle, and what is private is not
// in it.
func TestExport(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	private := secrets(t, r)
	path := export(t, r, Basis{})
	stockGit(t, r.Dir(), "bundle", "verify", path)
	clone := filepath.Join(t.TempDir(), "clone")
	stockGit(t, ".", "clone", "--quiet", path, clone)
	if out := stockGit(t, clone, "fsck", "--strict", "--no-dangling"); out != "" {
		t.Errorf("git fsck --strict: %s", out)
	}
	if text := stockGit(t, clone, "show", "HEAD:statement.en.md"); text != string(r.State().Current().Text.Bytes()) {
		t.Errorf("the clone has another text:\n%s", text)
	}
	b, err := OpenBundle(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for what, id := range private {
		if _, found, _ := b.find(id); found {
			t.Errorf("the private %s is in the bundle", what)
		}
	}
	for _, ref := range b.refs {
		if !isPublic(ref.name) && ref.name != "HEAD" || strings.Contains(ref.name, "mine") || strings.Contains(ref.name, "note") {
			t.Errorf("the bundle names %s", ref.name)
		}
	}
	if _, err := Export(t.Context(), r.Dir(), Basis{}, path); !errors.Is(err, os.ErrExist) {
		t.Errorf("writing over a file: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("beside the bundle is left %v, %v", left, err)
	}
}

// TestExportSince: a bundle on top of another, or of a revision, has what is new alone,
// and stock git and a node take it where the earlier one was taken.
func TestExportSince(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	first := export(t, r, Basis{})
	clone := filepath.Join(t.TempDir(), "clone.git")
	stockGit(t, ".", "clone", "--quiet", "--mirror", first, clone)
	before := publicIDs(t, r.Dir())
	if _, err := Export(t.Context(), r.Dir(), Basis{Bundle: first}, filepath.Join(t.TempDir(), "none")); !errors.Is(err, ErrNothingNew) {
		t.Errorf("with nothing new: %v", err)
	}
	act(t, r, borealia, proposal(t, "Go on", "every year", "each year"))
	second := export(t, r, Basis{Bundle: first})
	b, err := OpenBundle(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if news := len(publicIDs(t, r.Dir())) - len(before); len(b.pack.index) != news {
		t.Errorf("the second bundle has %d objects, %d are new", len(b.pack.index), news)
	}
	stockGit(t, clone, "bundle", "verify", second)
	stockGit(t, clone, "fetch", "--quiet", second, "+refs/*:refs/*")
	if here, there := stockGit(t, clone, "rev-parse", "record/XBO"), stockGit(t, r.Dir(), "rev-parse", "record/XBO"); here != there {
		t.Errorf("git is at %s, not %s", here, there)
	}
	if out := stockGit(t, clone, "fsck", "--strict", "--no-dangling"); out != "" {
		t.Errorf("git fsck --strict: %s", out)
	}

	to := open(t, t.TempDir(), r.State().Negotiation)
	if report, err := to.Import(t.Context(), second); err != nil || report[0].Err == nil {
		t.Errorf("the second bundle without the first: %+v, %v", report, err)
	}
	imported(t, to, first)
	if n := imported(t, to, second); n != 1 {
		t.Errorf("%d acts were taken from the second bundle, want 1", n)
	}
	if to.State().Digest() != r.State().Digest() {
		t.Error("with both bundles a node is not where the other one is")
	}

	sinceRevision := export(t, r, Basis{Tag: "rev-2"})
	stockGit(t, clone, "bundle", "verify", sinceRevision)
	if n := imported(t, to, sinceRevision); n != 0 {
		t.Errorf("%d acts were taken again", n)
	}
	for _, basis := range []Basis{{Tag: "rev-9"}, {Bundle: filepath.Join(t.TempDir(), "none")}} {
		if _, err := Export(t.Context(), r.Dir(), basis, filepath.Join(t.TempDir(), "x")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("since %v: %v", basis, err)
		}
	}
	other := export(t, long(t, 1), Basis{})
	if _, err := Export(t.Context(), r.Dir(), Basis{Bundle: other}, filepath.Join(t.TempDir(), "x")); !errors.Is(err, ErrOtherRecord) {
		t.Errorf("since a bundle of another record: %v", err)
	}
}

// TestImport: what stock git bundled, in whichever way, is taken by a new node as the acts
// that they are, and again is nothing new.
func TestImport(t *testing.T) {
	needGit(t)
	r := long(t, 40)
	mirror := filepath.Join(t.TempDir(), "git.bundle")
	stockGit(t, r.Dir(), "bundle", "create", "--quiet", mirror, "--all")
	clone := filepath.Join(t.TempDir(), "clone")
	stockGit(t, ".", "clone", "--quiet", r.Dir(), clone)
	cloned := filepath.Join(t.TempDir(), "clone.bundle")
	stockGit(t, clone, "bundle", "create", "--quiet", cloned, "--all")
	for name, path := range map[string]string{
		"ours": export(t, r, Basis{}), "git's": mirror, "git's of a clone": cloned,
		"reference deltas": bundleOf(t, r, "--window=50 --depth=200"),
	} {
		to := open(t, t.TempDir(), negotiation.ActID{})
		if n := imported(t, to, path); n != len(r.State().Log()) {
			t.Errorf("%s: %d acts were taken, want %d", name, n, len(r.State().Log()))
		}
		if to.State().Digest() != r.State().Digest() {
			t.Errorf("%s: the node is not where the other one is", name)
		}
		if n := count(t, to); n != count(t, r) {
			t.Errorf("%s: the node has %d files of objects, the other one %d", name, n, count(t, r))
		}
		if n := imported(t, to, path); n != 0 {
			t.Errorf("%s: %d acts were taken again", name, n)
		}
		if out := stockGit(t, to.Dir(), "fsck", "--strict", "--no-dangling"); out != "" {
			t.Errorf("%s: git fsck --strict: %s", name, out)
		}
	}
	// A thin one, for what is here.
	to := open(t, t.TempDir(), negotiation.ActID{})
	imported(t, to, mirror)
	act(t, r, borealia, proposal(t, "Go on", "every year", "each year"))
	thin := filepath.Join(t.TempDir(), "thin.bundle")
	stockGit(t, r.Dir(), "bundle", "create", "--quiet", thin, "record/XBO", "^record/XBO~1")
	if n := imported(t, to, thin); n != 1 || to.State().Digest() != r.State().Digest() {
		t.Errorf("thin: %d acts were taken", n)
	}
}

// TestImportRefuses: acts that do not verify are refused by the door, with what follows
// them, and leave nothing; those of other chains are taken.
func TestImportRefuses(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	to := open(t, t.TempDir(), r.State().Negotiation)
	imported(t, to, export(t, r, Basis{}))
	before := count(t, to)

	// A stranger's commit at the head of a record, an honest act of another beside it.
	head := r.commits[r.ledger.Head("record/XBO").Act]
	stranger := objects{}
	forged, err := stranger.add(object{plumbing.CommitObject, []byte("tree " + head.tree.String() + "\nparent " + head.commit.String() +
		"\nauthor XBO <xbo@concord.invalid> 1772357400 +0000\ncommitter XBO <xbo@concord.invalid> 1772357400 +0000\n\nI agree to everything\n")})
	if err != nil {
		t.Fatal(err)
	}
	honest, _ := act(t, r, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(negotiation.ProposalID{Author: borealia, Number: 1}, negotiation.Against, "")
	})
	put(t, r, stranger, map[string]plumbing.Hash{"refs/heads/record/XBO": forged})
	path := filepath.Join(t.TempDir(), "forged.bundle")
	stockGit(t, r.Dir(), "bundle", "create", "--quiet", path, "--branches", "--tags")
	report, err := to.Import(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report {
		bad := c.Chain == "record/XBO"
		if bad != (c.Err != nil) || bad != (c.Refused == 1) || bad && !errors.Is(c.Err, negotiation.ErrNotCanonical) {
			t.Errorf("%s: %+v", c.Chain, c)
		}
	}
	if !to.Holds(negotiation.Head{Chain: "record/XAU", Sequence: honest.Act().Sequence, Act: honest.ID()}) {
		t.Error("one bad record kept another from being taken")
	}
	if n := count(t, to); n != before+1 {
		t.Errorf("%d files of objects were left, want that of the honest act", n-before)
	}

	// Another negotiation altogether.
	before = count(t, to)
	report, err = to.Import(t.Context(), export(t, long(t, 2), Basis{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report {
		if c.Err == nil || c.Taken > 0 || c.Refused == 0 {
			t.Errorf("%s of another negotiation: %+v", c.Chain, c)
		}
	}
	if count(t, to) != before {
		t.Error("another negotiation left something behind")
	}
}

// TestImportDamaged: a bundle with any one byte changed is refused whole, or what verifies
// of it is what was there.
func TestImportDamaged(t *testing.T) {
	r, _ := played(t)
	raw, err := os.ReadFile(export(t, r, Basis{}))
	if err != nil {
		t.Fatal(err)
	}
	acts := map[negotiation.ActID]bool{}
	for _, v := range r.State().Log() {
		acts[v.ID()] = true
	}
	for at := 0; at < len(raw); at += 1 + len(raw)/60 {
		damaged := bytes.Clone(raw)
		damaged[at] ^= 0x04
		path := filepath.Join(t.TempDir(), "damaged.bundle")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		to := open(t, t.TempDir(), r.State().Negotiation)
		if _, err := to.Import(t.Context(), path); err != nil {
			if _, named := negotiation.FaultOf(err); !named {
				t.Errorf("byte %d: an error without a name: %v", at, err)
			}
			if count(t, to) > 0 {
				t.Errorf("byte %d: refused, and yet something was left", at)
			}
		}
		for _, v := range to.State().Log() {
			if !acts[v.ID()] {
				t.Errorf("byte %d: an act came in that nobody signed", at)
			}
		}
		to.Close()
	}
}

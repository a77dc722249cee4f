package drafts

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// TestMend: what is damaged or gone in a node's repository comes back from another copy,
// whichever kind of copy that is, and the record is then the one that it was.
func TestMend(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	want, name := r.State().Digest(), r.ledger.Negotiation()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "whole.bundle")
	if _, err := Export(t.Context(), r.Dir(), Basis{}, bundle); err != nil {
		t.Fatal(err)
	}
	copies := map[string]string{"a bundle": bundle, "a clone": stockClone(t, r.Dir()), "a mirror": stockClone(t, r.Dir(), "--mirror"), "a node's own": r.Dir()}
	wording := r.commits[r.State().Proposals[0].Wording()]
	second := r.commits[r.ledger.Chain(negotiation.RecordOf(borealia))[1].ID()]
	blob := plumbing.NewHash(stockGit(t, r.Dir(), "rev-parse", wording.commit.String()+":statement.en.md")[:40])
	tag := r.commits[r.State().Current().Act].tag
	remove := func(dir string, id plumbing.Hash) error { return os.Remove(filepath.Join(dir, objectPath(id))) }
	for what, break_ := range map[string]func(dir string) error{
		"a commit is gone":    func(dir string) error { return remove(dir, second.commit) },
		"a tree is gone":      func(dir string) error { return remove(dir, wording.tree) },
		"a text is gone":      func(dir string) error { return remove(dir, blob) },
		"a tag is gone":       func(dir string) error { return remove(dir, tag) },
		"a tag's ref is gone": func(dir string) error { return os.Remove(filepath.Join(dir, "refs/tags/rev-1")) },
		"a commit is empty":   func(dir string) error { return os.Truncate(filepath.Join(dir, objectPath(second.commit)), 0) },
		"a text is another": func(dir string) error {
			return copyFile(filepath.Join(dir, objectPath(tag)), filepath.Join(dir, objectPath(blob)))
		},
		"all objects are gone": func(dir string) error { return emptied(filepath.Join(dir, "objects")) },
		"a ref is torn": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "refs/heads/record/XBO"), []byte("12"), 0o600)
		},
	} {
		for kind, path := range copies {
			t.Run(what+", "+kind, func(t *testing.T) {
				dir := copied(t, r.Dir())
				if err := break_(dir); err != nil {
					t.Fatal(err)
				}
				if again, err := Open(dir, name); !errors.Is(err, ErrMissing) && !errors.Is(err, ErrDamaged) {
					t.Fatalf("opened though it is damaged: %v, %v", again, err)
				}
				mended, err := Mend(t.Context(), dir, path)
				if err != nil || mended == 0 {
					t.Fatalf("%d mended, %v", mended, err)
				}
				again, err := Open(dir, name)
				if err != nil {
					t.Fatal(err)
				}
				defer again.Close()
				if again.State().Digest() != want {
					t.Error("the record is another now")
				}
				stockGit(t, dir, "fsck", "--strict", "--no-dangling")
				if more, err := Mend(t.Context(), dir, path); !errors.Is(err, ErrInUse) {
					t.Errorf("mended under a node that runs: %d, %v", more, err)
				}
			})
		}
	}
}

func emptied(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Mkdir(dir, 0o700)
}

// TestMendTakesNothingElse: a copy that does not have what is lacking, or has it damaged,
// changes nothing.
func TestMendTakesNothingElse(t *testing.T) {
	r, _ := played(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	lost := objectPath(r.commits[r.ledger.Chain(negotiation.RecordOf(borealia))[1].ID()].commit)
	dir, other := copied(t, r.Dir()), copied(t, r.Dir())
	if err := errors.Join(os.Remove(filepath.Join(dir, lost)), os.Remove(filepath.Join(other, lost))); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"gone there, too": nil, "damaged there": []byte("x")} {
		if content != nil {
			lay(t, filepath.Join(other, lost), content)
		}
		if mended, err := Mend(t.Context(), dir, other); mended != 0 || err != nil || there(filepath.Join(dir, lost)) {
			t.Errorf("%s: %d mended, %v", name, mended, err)
		}
	}
}

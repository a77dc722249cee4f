package drafts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

func copied(t testing.TB, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy.git")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestBorrowedObjects: a clone that takes objects from another repository is read, over as
// many as git reads, and is not one to write in.
func TestBorrowedObjects(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	want := r.State().Digest()
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	stockGit(t, root, "clone", "--quiet", "--mirror", "--shared", r.Dir(), at("shared.git"))
	stockGit(t, root, "clone", "--quiet", "--mirror", "--shared", at("shared.git"), at("twice.git"))
	stockGit(t, root, "clone", "--quiet", "--shared", at("shared.git"), at("clone"))
	stockGit(t, root, "clone", "--quiet", "--mirror", "--no-local", "--reference", r.Dir(), r.Dir(), at("reference.git"))
	stockGit(t, root, "clone", "--quiet", "--mirror", "--no-local", r.Dir(), at("packed.git"))
	borrowing := func(name string, lines ...string) string {
		stockGit(t, root, "clone", "--quiet", "--mirror", "--shared", r.Dir(), at(name))
		if err := os.WriteFile(filepath.Join(at(name), alternatesFile), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return at(name)
	}
	borrowing("relative.git", "# of the packed one", "", "../../packed.git/objects")
	borrowing("circle.git", at("circle.git/objects"), "objects", "../../other.git/objects", at("packed.git/objects"))
	borrowing("other.git", "../../circle.git/objects")
	for _, name := range []string{"shared.git", "twice.git", "clone", "reference.git", "relative.git", "circle.git", "other.git"} {
		if report, err := Audit(t.Context(), at(name), negotiation.ActID{}, new(Progress)); err != nil || !report.OK() || report.StateDigest != want {
			t.Errorf("%s: %v, findings %v", name, err, report.Findings)
		}
		if name == "clone" {
			continue
		}
		if state, err := Load(at(name), negotiation.ActID{}); err != nil || state.Digest() != want {
			t.Errorf("%s: loading: %v", name, err)
		}
		if _, err := Open(at(name), negotiation.ActID{}); !errors.Is(err, ErrBorrows) {
			t.Errorf("%s: opening it to write: %v", name, err)
		}
	}

	borrowing("deep0.git", at("packed.git/objects"))
	for i := range maxBorrowing {
		borrowing(fmt.Sprintf("deep%d.git", i+1), at(fmt.Sprintf("deep%d.git/objects", i)))
	}
	for name, c := range map[string]struct {
		dir  string
		want negotiation.Fault
	}{
		"too deep":         {at(fmt.Sprintf("deep%d.git", maxBorrowing)), negotiation.ErrTooLarge},
		"too large":        {borrowing("large.git", strings.Repeat("x", maxSmallFile)), negotiation.ErrTooLarge},
		"no objects there": {borrowing("odd.git", at("packed.git")), ErrFormat},
	} {
		if _, err := Audit(t.Context(), c.dir, negotiation.ActID{}, new(Progress)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	report := audited(t, borrowing("gone.git", at("nowhere/objects")))
	if report.OK() || !strings.Contains(report.Findings[0].Reason, at("nowhere")) {
		t.Errorf("what it borrows from is gone: %v", report.Findings)
	}
}

// TestOnlyFilesAreRead: neither a device nor a pipe, nor what a link leads to, is read as
// a part of a record; nor is what no memory holds.
func TestOnlyFilesAreRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are neither pipes nor devices among the files of Windows")
	}
	r, _ := played(t)
	head := r.commits[r.ledger.Head(negotiation.TextChain).Act].commit.String()
	files := []string{
		"refs/heads/zero", "refs/heads/text", "packed-refs", "HEAD", "config", alternatesFile,
		"objects/pack/pack-1.idx", "objects/" + head[:2] + "/" + head[2:],
	}
	pipe := func(path string) {
		if out, err := exec.Command("mkfifo", path).CombinedOutput(); err != nil {
			t.Skipf("mkfifo: %v %s", err, out)
		}
	}
	link := func(to string) func(string) {
		return func(path string) {
			if err := os.Symlink(to, path); err != nil {
				t.Fatal(err)
			}
		}
	}
	huge := func(path string) {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Truncate(1<<40), f.Close()); err != nil {
			t.Skipf("no file can be made that is larger than the disk: %v", err)
		}
	}
	for _, name := range files {
		for kind, lay := range map[string]func(string){"a pipe": pipe, "a device": link("/dev/zero"), "a link": link(r.Dir() + "/HEAD"), "huge": huge} {
			if kind == "huge" && strings.HasPrefix(name, "objects/pack") {
				continue // an index is read as far as it makes sense
			}
			dir := copied(t, r.Dir())
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			lay(path)
			known := func(err error) bool {
				return errors.Is(err, ErrDamaged) || errors.Is(err, negotiation.ErrTooLarge)
			}
			report, err := Audit(t.Context(), dir, negotiation.ActID{}, new(Progress))
			found := slices.ContainsFunc(report.Damage, func(d Damage) bool { return d.Fault == ErrDamaged || d.Fault == negotiation.ErrTooLarge })
			if !known(err) && (!found || report.OK()) {
				t.Errorf("%s is %s: %v, damage %v", name, kind, err, report.Damage)
			}
			beside := name == "refs/heads/zero" || strings.HasPrefix(name, "objects/pack") // nothing needs it
			if _, err := Load(dir, negotiation.ActID{}); !known(err) && !(beside && err == nil) {
				t.Errorf("%s is %s: loading: %v", name, kind, err)
			}
			r, err := Open(dir, negotiation.ActID{}) // may set right what it can
			if err == nil {
				err = r.Close()
			}
			if err != nil && !known(err) && !errors.Is(err, ErrBorrows) && !errors.Is(err, ErrMissing) {
				t.Errorf("%s is %s: opening: %v", name, kind, err)
			}
		}
	}
}

// TestRepositoriesOfOtherFormats are refused by that name.
func TestRepositoriesOfOtherFormats(t *testing.T) {
	needGit(t)
	for name, line := range map[string]string{
		"SHA-256": "[extensions]\n\tobjectFormat = sha256\n", "a table of refs": "[extensions]\n\trefStorage = reftable\n",
		"what nobody knows": "[extensions]\n\tnew = true\n",
	} {
		dir := filepath.Join(t.TempDir(), "other.git")
		stockGit(t, ".", "init", "--quiet", "--bare", dir)
		if err := os.WriteFile(filepath.Join(dir, "config"), []byte("[core]\n\trepositoryformatversion = 1\n\tbare = true\n"+line), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Audit(t.Context(), dir, negotiation.ActID{}, new(Progress)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

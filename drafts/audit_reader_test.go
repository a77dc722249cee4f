package drafts

import (
	"errors"
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

// TestBorrowedObjects: a clone that takes objects from another repository is refused by
// that name, and is read when it is whole.
func TestBorrowedObjects(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	dir := filepath.Join(t.TempDir(), "shared.git")
	stockGit(t, ".", "clone", "--quiet", "--mirror", "--shared", r.Dir(), dir)
	report := audited(t, dir)
	if report.OK() || len(report.Damage) != 1 || report.Damage[0].Fault != ErrFormat || !strings.Contains(report.Damage[0].Reason, alternatesFile) {
		t.Errorf("damage %v", report.Damage)
	}
	if _, err := Load(dir, negotiation.ActID{}); !errors.Is(err, ErrFormat) {
		t.Errorf("loading: %v", err)
	}
	if _, err := Open(dir, negotiation.ActID{}); !errors.Is(err, ErrFormat) {
		t.Errorf("opening it to write: %v", err)
	}
	stockGit(t, dir, "repack", "-adq")
	removed(t, dir, alternatesFile)
	if state, err := Load(dir, negotiation.ActID{}); err != nil || state.Digest() != r.State().Digest() {
		t.Errorf("made whole: %v", err)
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
				return errors.Is(err, ErrDamaged) || errors.Is(err, ErrFormat) || errors.Is(err, negotiation.ErrTooLarge)
			}
			unread := kind == "huge" && (name == "HEAD" || name == "config")
			report, err := Audit(t.Context(), dir, negotiation.ActID{}, new(Progress))
			found := slices.ContainsFunc(report.Damage, func(d Damage) bool { return known(d.Fault) })
			if !known(err) && (!found || report.OK()) && !unread {
				t.Errorf("%s is %s: %v, damage %v", name, kind, err, report.Damage)
			}
			beside := unread || name == "refs/heads/zero" || strings.HasPrefix(name, "objects/pack") // nothing needs it
			if _, err := Load(dir, negotiation.ActID{}); !known(err) && !(beside && err == nil) {
				t.Errorf("%s is %s: loading: %v", name, kind, err)
			}
			r, err := Open(dir, negotiation.ActID{}) // may set right what it can
			if err == nil {
				err = r.Close()
			}
			if err != nil && !known(err) && !errors.Is(err, ErrMissing) {
				t.Errorf("%s is %s: opening: %v", name, kind, err)
			}
		}
	}
}

// TestRepositoriesOfOtherFormats are refused by that name.
func TestRepositoriesOfOtherFormats(t *testing.T) {
	needGit(t)
	for name, lay := range map[string]func(dir string) string{
		"SHA-256": func(dir string) string {
			stockGit(t, ".", "init", "--quiet", "--bare", "--object-format=sha256", dir)
			tree := strings.TrimSpace(stockGit(t, dir, "write-tree"))
			commit := stockGit(t, dir, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", "-m", "A", tree)
			stockGit(t, dir, "update-ref", "refs/heads/text", strings.TrimSpace(commit))
			return "SHA-256"
		},
		"a table of refs": func(dir string) string {
			stockGit(t, ".", "init", "--quiet", "--bare", dir)
			if err := os.Mkdir(filepath.Join(dir, "reftable"), 0o700); err != nil {
				t.Fatal(err)
			}
			return "reftable"
		},
	} {
		dir := filepath.Join(t.TempDir(), "other.git")
		says := lay(dir)
		report := audited(t, dir)
		if report.OK() || len(report.Damage) != 1 || report.Damage[0].Fault != ErrFormat || !strings.Contains(report.Damage[0].Reason, says) {
			t.Errorf("%s: damage %v", name, report.Damage)
		}
	}
}

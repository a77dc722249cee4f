package drafts

import (
	"compress/zlib"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"concord/negotiation"
)

// The corpus of repositories as git, disks and hands leave them. Each case is a copy of a
// good one to which one thing was done, and what concord verify and docs/audit.sh then say
// by their exit codes: 0 when nothing is wrong, 1 when something is, 2 when there is no
// record.
type laid struct {
	do   func(t *testing.T, dir string) string // returns what is judged instead of dir, or ""
	want int
}

func TestDisks(t *testing.T) {
	script := scriptOf(t)
	r, _ := played(t)
	corpus := map[string]laid{}
	for _, more := range []map[string]laid{goodDisks(), besideDisks(), damagedObjects(), damagedPacks(), forgedPacks(), namesakes(), damagedRefs(r), oddLayouts(), incompleteDisks(), noRecords(), configured()} {
		maps.Copy(corpus, more)
	}
	if len(corpus) < 150 {
		t.Errorf("the corpus has %d repositories", len(corpus))
	}
	for name, c := range corpus {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copied(t, r.Dir())
			if other := c.do(t, dir); other != "" {
				dir = other
			}
			report, err := Audit(t.Context(), dir, negotiation.ActID{}, new(Progress))
			code := 0
			switch {
			case err != nil:
				code = 2
			case !report.OK():
				code = 1
			}
			if code != c.want {
				t.Errorf("Audit: %d, want %d: %v, damage %v, findings %v", code, c.want, err, report.Damage, report.Findings)
			}
			if out, code := script(t, dir); code != c.want {
				t.Errorf("docs/audit.sh: exit code %d, want %d\n%s", code, c.want, out)
			}
		})
	}
}

// git returns a case in which stock git does something in the repository.
func byGit(want int, args ...string) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		stockGit(t, dir, args...)
		return ""
	}}
}

// byHand returns a case in which files are written.
func byHand(want int, files map[string]string) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		for name, content := range files {
			lay(t, filepath.Join(dir, filepath.FromSlash(name)), []byte(content))
		}
		return ""
	}}
}

func lay(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// stockClone clones a repository with stock git, and returns where.
func stockClone(t *testing.T, dir string, args ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "clone")
	stockGit(t, ".", append(append([]string{"clone", "--quiet"}, args...), "file://"+filepath.ToSlash(dir), to)...)
	return to
}

// committed makes a commit of somebody's own in a clone.
func committed(t *testing.T, dir string) {
	t.Helper()
	lay(t, filepath.Join(dir, "run.sh"), []byte("echo\n"))
	if err := errors.Join(os.Chmod(filepath.Join(dir, "run.sh"), 0o700), os.Symlink("run.sh", filepath.Join(dir, "link"))); err != nil {
		t.Skip(err)
	}
	stockGit(t, dir, "checkout", "--quiet", "-b", "mine")
	stockGit(t, dir, "add", ".")
	stockGit(t, dir, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "Mine")
}

func goodDisks() map[string]laid {
	then := func(steps ...[]string) laid {
		return laid{do: func(t *testing.T, dir string) string {
			for _, args := range steps {
				stockGit(t, dir, args...)
			}
			return ""
		}}
	}
	clone := func(args ...string) laid {
		return laid{do: func(t *testing.T, dir string) string { return stockClone(t, dir, args...) }}
	}
	beside := func(change func(t *testing.T, dir string)) laid {
		return laid{do: func(t *testing.T, dir string) string {
			dir = stockClone(t, dir)
			change(t, dir)
			return dir
		}}
	}
	return map[string]laid{
		"as it is":              then(),
		"gc'ed":                 byGit(0, "gc", "--quiet"),
		"repacked with deltas":  byGit(0, "repack", "-adfq", "--depth=50", "--window=50"),
		"packed and loose":      byGit(0, "repack", "-aq"),
		"an index of version 1": byGit(0, "-c", "pack.indexVersion=1", "repack", "-adq"),
		"an index of packs":     then([]string{"repack", "-adq"}, []string{"multi-pack-index", "write"}),
		"packed deep":           then([]string{"repack", "-adfq", "--depth=4000", "--window=250"}),
		"packed to be fetched":  then([]string{"-c", "repack.writeBitmaps=true", "repack", "-adq"}),
		"packed refs":           byGit(0, "pack-refs", "--all"),
		"a clone":               clone(),
		"a bare clone":          clone("--bare"),
		"a mirror":              clone("--mirror"),
		"a local clone": {do: func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "clone")
			stockGit(t, ".", "clone", "--quiet", dir, to)
			return to
		}},
		"a bundle, unpacked": {do: func(t *testing.T, dir string) string {
			to := t.TempDir()
			stockGit(t, dir, "bundle", "create", "--quiet", filepath.Join(to, "all.bundle"), "--all")
			stockGit(t, to, "clone", "--quiet", "--mirror", "all.bundle", "clone.git")
			return filepath.Join(to, "clone.git")
		}},
		"fetched twice": beside(func(t *testing.T, dir string) {
			stockGit(t, dir, "fetch", "--quiet", "origin", "+refs/*:refs/remotes/second/*")
		}),
		"put aside": beside(func(t *testing.T, dir string) {
			lay(t, filepath.Join(dir, "charter.toml"), []byte("x"))
			stockGit(t, dir, "-c", "user.name=A", "-c", "user.email=a@example.org", "stash", "--quiet")
		}),
		"a working tree of a clone": {do: func(t *testing.T, dir string) string {
			tree := filepath.Join(t.TempDir(), "tree")
			stockGit(t, stockClone(t, dir), "worktree", "add", "--quiet", "--detach", tree)
			return tree
		}},
		"commits of somebody's own": beside(committed),
		"a broken index":            beside(func(t *testing.T, dir string) { lay(t, filepath.Join(dir, ".git", "index"), []byte("DIRC")) }),
		"a log of refs that lies": beside(func(t *testing.T, dir string) {
			lay(t, filepath.Join(dir, ".git", "logs", "HEAD"), []byte(strings.Repeat("1", 40)+" "+strings.Repeat("2", 40)+" A <a@b> 1 +0000\tx\n"))
		}),
		"an object to which nothing leads": byGit(0, "hash-object", "-w", "HEAD"),
		"a large object beside": {do: func(t *testing.T, dir string) string {
			path := filepath.Join(t.TempDir(), "large")
			chance := rand.NewChaCha8([32]byte{})
			raw, err := io.ReadAll(io.LimitReader(chance, 2<<20))
			if err != nil {
				t.Fatal(err)
			}
			lay(t, path, raw)
			stockGit(t, dir, "hash-object", "-w", path)
			return ""
		}},
		"a torn graph of commits": {do: func(t *testing.T, dir string) string {
			stockGit(t, dir, "commit-graph", "write", "--reachable")
			damage(t, filepath.Join(dir, "objects/info/commit-graph"), -30)
			return ""
		}},
		"what a crash left":        byHand(0, map[string]string{"objects/tmp_obj_1": "x", "objects/aa/tmp_obj_2": "", "refs/heads/x.lock": "", "objects/aa/cruft": "x"}),
		"a replaced commit":        then([]string{"replace", "refs/heads/text", "refs/heads/record/XBO"}),
		"a branch of somebody's":   byGit(0, "branch", "mine", "text"),
		"a note":                   byGit(0, "update-ref", "refs/notes/mine", "refs/heads/text"),
		"a ref that names another": byGit(0, "symbolic-ref", "refs/heads/mine", "refs/heads/text"),
		"a pack without an index":  byHand(0, map[string]string{"objects/pack/pack-1.pack": "PACK"}),
		"an index without a pack":  byHand(0, map[string]string{"objects/pack/pack-1.idx": "IDX"}),
		"a pack that is hidden":    byHand(0, map[string]string{"objects/pack/.x.pack": "x", "objects/pack/.x.idx": "x"}),
		"notes to git on a pack":   byHand(0, map[string]string{"objects/pack/pack-1.keep": "", "objects/pack/pack-1.rev": "x", "objects/pack/multi-pack-index": "x", "objects/info/packs": "P x\n"}),
		"objects set apart":        byHand(0, map[string]string{"objects/incoming-1/ab/" + strings.Repeat("1", 38): "x", "objects/AB/" + strings.Repeat("1", 38): "x"}),
		"an object packed lightly": looseCase(0, func(string) []byte { return deflated([]byte("blob 2\x00x\n"), zlib.NoCompression) }),
		"a graft": {do: func(t *testing.T, dir string) string {
			lay(t, filepath.Join(dir, "info/grafts"), []byte(stockGit(t, dir, "rev-parse", "text")))
			return ""
		}},
	}
}

package drafts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// configured are repositories that tell git how to read them.
func configured() map[string]laid {
	tells := func(want int, key, value string, then func(t *testing.T, dir string)) laid {
		return laid{want: want, do: func(t *testing.T, dir string) string {
			stockGit(t, dir, "config", key, value)
			then(t, dir)
			return ""
		}}
	}
	faulty := func(t *testing.T, dir string) {
		set := objects{}
		tree := strings.TrimSpace(stockGit(t, dir, "rev-parse", "text^{tree}"))
		if _, err := set.add(object{plumbing.CommitObject, []byte("tree " + tree + "\nauthor A 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n")}); err != nil {
			t.Fatal(err)
		}
		layDown(t, dir, set)
	}
	nothing := func(*testing.T, string) {}
	config := func(lines string) laid { return byHand(0, map[string]string{"config": lines}) }
	head := func(line string) laid { return byHand(0, map[string]string{"HEAD": line}) }
	return map[string]laid{
		"git is to overlook a fault":  tells(0, "fsck.missingEmail", "ignore", faulty),
		"git is to mind what is none": tells(0, "fsck.nothingThatGitKnows", "error", nothing),
		"git is to replace an act":    tells(0, "core.useReplaceRefs", "true", func(t *testing.T, dir string) { stockGit(t, dir, "replace", "text", "record/XBO") }),
		"git is to replace a forgery": tells(1, "core.useReplaceRefs", "true", func(t *testing.T, dir string) {
			good := strings.TrimSpace(stockGit(t, dir, "rev-parse", "refs/heads/text"))
			forged := strings.TrimSpace(stockGit(t, dir, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", "-p", good, "-m", "Forged", "text^{tree}"))
			stockGit(t, dir, "update-ref", "refs/heads/text", forged)
			stockGit(t, dir, "replace", forged, good)
		}),
		"another working tree is torn": {do: func(t *testing.T, dir string) string {
			stockGit(t, dir, "worktree", "add", "--quiet", "--detach", filepath.Join(t.TempDir(), "tree"), "text")
			lay(t, filepath.Join(dir, "worktrees", "tree", "HEAD"), []byte("torn\n"))
			return ""
		}},
		"no configuration":           {do: func(t *testing.T, dir string) string { removed(t, dir, "config"); return "" }},
		"a torn configuration":       config("[core\n"),
		"a configuration of zeros":   config(strings.Repeat("\x00", 100)),
		"a configuration elsewhere":  config("[include]\n\tpath = /nowhere/\x01\n\tpath = config\n"),
		"a version of git's":         config("[core]\n\trepositoryformatversion = 7\n"),
		"a setting that is none":     config("[core]\n\tbare = perhaps\n\tcompression = 77\n\tbigFileThreshold = x\n"),
		"an extension nobody has":    config("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tnew = true\n"),
		"an extension of no matter":  config("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpreciousObjects = true\n\trelativeWorktrees = true\n"),
		"settings of a working tree": config("[core]\n\trepositoryformatversion = 1\n\tworktree = /nowhere\n[extensions]\n\tworktreeConfig = true\n"),
		"objects called SHA-256":     config("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"),
		"an unborn HEAD":             head("ref: refs/heads/none\n"),
		"HEAD at nothing":            head(strings.Repeat("1", 40) + "\n"),
		"HEAD at no branch":          head("ref: refs/tags/rev-1\n"),
		"HEAD is torn":               head("ref"),
		"HEAD is empty":              head(""),
	}
}

// oddLayouts are repositories that git does not make so.
func oddLayouts() map[string]laid {
	all := map[string]laid{}
	object := "objects/ab/" + strings.Repeat("1", 38)
	pipe := func(t *testing.T, path string) {
		if out, err := exec.Command("mkfifo", path).CombinedOutput(); err != nil {
			t.Skipf("mkfifo: %v %s", err, out)
		}
	}
	for _, name := range []string{"HEAD", "config", "packed-refs", "refs", "objects", "refs/heads/text", "refs/heads/x", "refs/heads/.x", "refs/x",
		object, "objects/ab", "objects/pack", "objects/pack/x.pack", "objects/pack/x.idx", "objects/pack/x", alternatesFile} {
		for kind, lay := range map[string]func(t *testing.T, path string){
			"a link": func(t *testing.T, path string) {
				if err := os.Symlink(filepath.Join(t.TempDir(), "nowhere"), path); err != nil {
					t.Skip(err)
				}
			},
			"a link to itself moved": func(t *testing.T, path string) {
				to := filepath.Join(t.TempDir(), "there")
				if err := os.Rename(path+".was", to); err != nil {
					to = filepath.Dir(path)
				}
				if err := os.Symlink(to, path); err != nil {
					t.Skip(err)
				}
			},
			"a pipe": pipe,
		} {
			all[name+" is "+kind] = replaced(1, name, lay)
		}
	}
	folder := func(t *testing.T, path string) {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"HEAD", "config", "packed-refs", object, "objects/ab/x", "objects/pack/x.pack", "objects/pack/x.idx", alternatesFile} {
		all[name+" is a folder"] = replaced(1, name, folder)
	}
	for _, name := range []string{"refs/heads/x", "refs/heads/record/x", "objects/x", "objects/pack/x", "objects/abc"} {
		all[name+" is a folder"] = replaced(0, name, folder)
	}
	file := func(t *testing.T, path string) { lay(t, path, []byte("x\n")) }
	for _, name := range []string{"refs", "refs/heads", "objects", "objects/pack", "objects/ab", "reftable", alternatesFile} {
		all[name+" is a file"] = replaced(1, name, file)
	}
	for _, name := range []string{"objects/info", "objects/info/http-alternates", "objects/x", "shallow", "index", "worktrees", "logs", "info"} {
		all[name+" is a file"] = replaced(0, name, file)
	}
	all["nothing is borrowed"] = byHand(1, map[string]string{alternatesFile: ""})
	all["a borrower of one line"] = byHand(1, map[string]string{alternatesFile: "/nowhere\r\n"})
	return all
}

// replaced returns a case in which something else is laid where a file or folder was.
func replaced(want int, name string, lay func(t *testing.T, path string)) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path, path+".was"); err == nil {
			defer os.RemoveAll(path + ".was")
		}
		lay(t, path)
		return ""
	}}
}

// incompleteDisks are clones that lack something on purpose.
func incompleteDisks() map[string]laid {
	return map[string]laid{
		"a shallow clone": {want: 1, do: func(t *testing.T, dir string) string {
			return stockClone(t, dir, "--depth=2", "--no-single-branch")
		}},
		"a clone that is called shallow": {do: func(t *testing.T, dir string) string {
			lay(t, filepath.Join(dir, "shallow"), []byte(stockGit(t, dir, "rev-parse", "text")))
			return ""
		}},
		"a partial clone": {want: 1, do: func(t *testing.T, dir string) string {
			stockGit(t, dir, "config", "uploadpack.allowFilter", "true")
			dir = stockClone(t, dir, "--bare", "--filter=blob:none")
			return dir
		}},
		"a clone that borrows": {want: 1, do: func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "clone")
			stockGit(t, ".", "clone", "--quiet", "--shared", dir, to)
			return to
		}},
		"a clone that borrowed": {do: func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "clone.git")
			stockGit(t, ".", "clone", "--quiet", "--mirror", "--shared", dir, to)
			stockGit(t, to, "repack", "-adq")
			removed(t, to, alternatesFile)
			return to
		}},
		"a clone with references": {want: 1, do: func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "clone.git")
			stockGit(t, ".", "clone", "--quiet", "--mirror", "--no-local", "--reference", dir, dir, to)
			return to
		}},
	}
}

// noRecords are folders in which there is none, and ways to one.
func noRecords() map[string]laid {
	gone := func(name string) laid {
		return laid{want: 2, do: func(t *testing.T, dir string) string { removed(t, dir, name); return "" }}
	}
	// tree makes a working tree whose files tell where the repository is.
	tree := func(want int, files map[string]string) laid {
		return laid{want: want, do: func(t *testing.T, dir string) string {
			at := filepath.Join(filepath.Dir(dir), "tree")
			for name, content := range files {
				lay(t, filepath.Join(at, filepath.FromSlash(name)), []byte(strings.NewReplacer("DIR", dir, "BASE", filepath.Base(dir)).Replace(content)))
			}
			return at
		}}
	}
	return map[string]laid{
		"an empty repository": {want: 2, do: func(t *testing.T, _ string) string {
			dir := filepath.Join(t.TempDir(), "empty.git")
			stockGit(t, ".", "init", "--quiet", "--bare", dir)
			return dir
		}},
		"a damaged repository of other things": {want: 2, do: func(t *testing.T, _ string) string {
			dir := filepath.Join(t.TempDir(), "empty.git")
			stockGit(t, ".", "init", "--quiet", "--bare", dir)
			lay(t, filepath.Join(dir, "objects/ab", strings.Repeat("1", 38)), nil)
			return dir
		}},
		"HEAD is gone":             gone("HEAD"),
		"the objects are gone":     gone("objects"),
		"the refs are gone":        gone("refs"),
		"a folder with no history": {want: 2, do: func(t *testing.T, _ string) string { return t.TempDir() }},
		"nothing at all":           {want: 2, do: func(t *testing.T, dir string) string { return filepath.Join(dir, "nothing") }},
		"a folder beside a record's": {want: 2, do: func(t *testing.T, dir string) string {
			lay(t, filepath.Join(dir, "within", "a"), nil)
			return filepath.Join(dir, "within")
		}},
		"a link to a record": {do: func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(dir, to); err != nil {
				t.Skip(err)
			}
			return to
		}},
		"a tree elsewhere":               tree(0, map[string]string{".git": "gitdir: DIR\n"}),
		"a tree elsewhere, without feed": tree(0, map[string]string{".git": "gitdir: DIR"}),
		"a tree elsewhere, with more":    tree(0, map[string]string{".git": "gitdir: DIR\nmore\n"}),
		"a tree of nothing":              tree(2, map[string]string{".git": "gitdir: /nowhere\n"}),
		"a tree of a file":               tree(2, map[string]string{".git": "gitdir: DIR/HEAD\n"}),
		"a tree that does not tell":      tree(2, map[string]string{".git": "DIR\n"}),
		"a tree with an empty .git":      tree(2, map[string]string{".git": ""}),
		"a tree with a return":           tree(2, map[string]string{".git": "gitdir: DIR\r\n"}),
		"a tree with a zero":             tree(0, map[string]string{".git": "gitdir: DIR\x00x\n"}),
		"a tree with a long line":        tree(2, map[string]string{".git": "gitdir: DIR" + strings.Repeat("x", 1<<20) + "\n"}),
		"a tree with a link":             {want: 1, do: func(t *testing.T, dir string) string { return linkedTree(t, dir, ".git") }},
		"a tree in common":               tree(0, map[string]string{".git": "gitdir: own\n", "own/commondir": "../../BASE\n", "own/HEAD": ""}),
		"in common with nothing":         tree(2, map[string]string{".git": "gitdir: own\n", "own/commondir": "nowhere\n"}),
		"in common with itself":          tree(2, map[string]string{"commondir": "\n", "HEAD": ""}),
		"in common at a record":          byHand(2, map[string]string{"commondir": "/nowhere\n"}),
		"in common by a link": {want: 1, do: func(t *testing.T, dir string) string {
			linkedTree(t, dir, "commondir")
			return filepath.Join(filepath.Dir(dir), "tree")
		}},
		"within .git": {do: func(t *testing.T, dir string) string {
			return filepath.Join(stockClone(t, dir), ".git")
		}},
		"within a working tree": {want: 2, do: func(t *testing.T, dir string) string {
			to := stockClone(t, dir)
			lay(t, filepath.Join(to, "within", "a"), nil)
			return filepath.Join(to, "within")
		}},
		"the folder of a working tree": {do: func(t *testing.T, dir string) string {
			stockGit(t, dir, "worktree", "add", "--quiet", "--detach", filepath.Join(t.TempDir(), "tree"), "text")
			return filepath.Join(dir, "worktrees", "tree")
		}},
	}
}

// linkedTree makes a working tree in which a link leads to the repository.
func linkedTree(t *testing.T, dir, name string) string {
	t.Helper()
	at := filepath.Join(filepath.Dir(dir), "tree")
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(at, name)); err != nil {
		t.Skip(err)
	}
	return at
}

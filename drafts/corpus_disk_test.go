package drafts

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

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
	for _, more := range []map[string]laid{goodDisks(), damagedObjects(), damagedPacks(), damagedRefs(r), incompleteDisks(), noRecords(), configured()} {
		maps.Copy(corpus, more)
	}
	if len(corpus) < 50 {
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
		"packed refs":           byGit(0, "pack-refs", "--all"),
		"a clone":               clone(),
		"a bare clone":          clone("--bare"),
		"a mirror":              clone("--mirror"),
		"a clone that borrows": {do: func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "clone")
			stockGit(t, ".", "clone", "--quiet", "--shared", dir, to)
			return to
		}},
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
		"what a crash left":         byHand(0, map[string]string{"objects/tmp_obj_1": "x", "objects/aa/tmp_obj_2": "", "refs/heads/x.lock": "", "objects/aa/cruft": "x"}),
		"a replaced commit":         then([]string{"replace", "refs/heads/text", "refs/heads/record/XBO"}),
		"a branch of somebody's":    byGit(0, "branch", "mine", "text"),
		"a note":                    byGit(0, "update-ref", "refs/notes/mine", "refs/heads/text"),
		"a ref that names another":  byGit(0, "symbolic-ref", "refs/heads/mine", "refs/heads/text"),
		"an unborn HEAD":            byHand(0, map[string]string{"HEAD": "ref: refs/heads/none\n"}),
		"a pack without an index":   byHand(0, map[string]string{"objects/pack/pack-1.pack": "PACK"}),
		"an extension of no matter": byHand(0, map[string]string{"config": "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpreciousObjects = true\n"}),
		"an object packed lightly":  looseCase(0, func(string) []byte { return deflated([]byte("blob 2\x00x\n"), zlib.NoCompression) }),
		"a graft": {do: func(t *testing.T, dir string) string {
			lay(t, filepath.Join(dir, "info/grafts"), []byte(stockGit(t, dir, "rev-parse", "text")))
			return ""
		}},
	}
}

func deflated(raw []byte, level int) []byte {
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, level)
	if err != nil {
		panic(err)
	}
	z.Write(raw)
	z.Close()
	return out.Bytes()
}

// looseCase returns a case in which the blob "x\n", to which nothing leads, has another
// file than git would write.
func looseCase(want int, file func(name string) []byte) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		id, err := object{plumbing.BlobObject, []byte("x\n")}.id()
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, filepath.FromSlash(objectPath(id)))
		lay(t, name, file(name))
		return ""
	}}
}

// raw returns a case with an object of any content, of its name, to which nothing leads.
func raw(want int, kind plumbing.ObjectType, body string) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		set := objects{}
		if _, err := set.add(object{kind, []byte(body)}); err != nil {
			t.Fatal(err)
		}
		layDown(t, dir, set)
		return ""
	}}
}

func damagedObjects() map[string]laid {
	x := []byte("blob 2\x00x\n")
	file := func(content []byte) laid { return looseCase(1, func(string) []byte { return content }) }
	flipped := deflated(x, 6)
	flipped[len(flipped)-6] ^= 1
	level := deflated(x, 6)
	level[1] ^= 0x40
	tree, who := "tree "+plumbing.ComputeHash(plumbing.TreeObject, nil).String()+"\n", "A <a@b> 1 +0000\n"
	blob := plumbing.ComputeHash(plumbing.BlobObject, []byte("x\n"))
	return map[string]laid{
		"a damaged object":               file(flipped),
		"an object without content":      file(nil),
		"an object broken off":           file(flipped[:len(flipped)-5]),
		"bytes behind an object":         file(append(deflated(x, 6), 'x')),
		"a head that does not add up":    file(level),
		"an object of another size":      file(deflated([]byte("blob 3\x00x\n"), 6)),
		"a size with a zero before it":   file(deflated([]byte("blob 02\x00x\n"), 6)),
		"an object of no kind":           file(deflated([]byte("text 2\x00x\n"), 6)),
		"an object under another's name": file(deflated([]byte("blob 2\x00y\n"), 6)),
		"a commit without an author":     raw(1, plumbing.CommitObject, tree+"committer "+who+"\nx\n"),
		"a commit that its settings let pass": {want: 1, do: func(t *testing.T, dir string) string {
			stockGit(t, dir, "config", "fsck.missingAuthor", "ignore")
			return raw(1, plumbing.CommitObject, tree+"committer "+who+"\nx\n").do(t, dir)
		}},
		"a remote's name for another chain": byGit(0, "symbolic-ref", "refs/remotes/mine/text", "refs/heads/record/XBO"),
		"settings of git fsck":              byGit(0, "config", "fsck.missingAuthor", "ignore"),
		"a commit with an odd time":         raw(1, plumbing.CommitObject, tree+"author A <a@b> 01 +0000\ncommitter "+who+"\nx\n"),
		"a commit with a zero byte":         raw(1, plumbing.CommitObject, tree+"author "+who+"committer "+who+"\nx\x00\n"),
		"a commit like git's":               raw(0, plumbing.CommitObject, tree+"author "+who+"committer "+who+"encoding latin1\n\nx\n"),
		"a tree with .git":                  raw(1, plumbing.TreeObject, "100644 .GIT\x00"+string(blob[:])),
		"a tree with git~1":                 raw(1, plumbing.TreeObject, "100644 git~1 .\x00"+string(blob[:])),
		"a tree out of order":               raw(1, plumbing.TreeObject, "100644 b\x00"+string(blob[:])+"100644 a\x00"+string(blob[:])),
		"a tree with an odd mode":           raw(1, plumbing.TreeObject, "100664 a\x00"+string(blob[:])),
		"a tree with a link":                raw(0, plumbing.TreeObject, "120000 a\x00"+string(blob[:])),
		"a tree of what is not there":       raw(0, plumbing.TreeObject, "100644 a\x00"+strings.Repeat("1", 20)),
		"a tag without a type":              raw(1, plumbing.TagObject, "object "+blob.String()+"\ntag x\ntagger "+who+"\nx\n"),
		"a tag of a blob":                   raw(0, plumbing.TagObject, "object "+blob.String()+"\ntype blob\ntag x\ntagger "+who+"\nx\n"),
		"a link among the objects":          linked("objects/ab/" + strings.Repeat("1", 38)),
		"a link in the folder of the refs":  linked("refs/heads/x"),
	}
}

func linked(name string) laid {
	return laid{want: 1, do: func(t *testing.T, dir string) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(dir, "HEAD"), path); err != nil {
			t.Skip(err)
		}
		return ""
	}}
}

// damage changes one byte of a file, counted from its end when at is negative.
func damage(t *testing.T, path string, at int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(content)
	}
	content[at] ^= 1
	lay(t, path, content)
}

// packedAs returns a case in which a repository is packed and then something is done to
// the pack and its index.
func packedAs(want int, change func(pack, index []byte) (_, _ []byte)) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		stockGit(t, dir, "repack", "-adfq", "--depth=50", "--window=50")
		names, err := packFiles(dir)
		if err != nil || len(names) != 1 {
			t.Fatalf("%v, %v", names, err)
		}
		name := strings.TrimSuffix(names[0], ".pack")
		pack, err := os.ReadFile(name + ".pack")
		if err != nil {
			t.Fatal(err)
		}
		index, err := os.ReadFile(name + ".idx")
		if err != nil {
			t.Fatal(err)
		}
		pack, index = change(pack, index)
		lay(t, name+".pack", pack)
		lay(t, name+".idx", index)
		return ""
	}}
}

// summedUp puts the right sum at the end of a pack or of an index.
func summedUp(b []byte) []byte {
	sum := sha1.Sum(b[:len(b)-sha1.Size])
	return append(b[:len(b)-sha1.Size], sum[:]...)
}

func damagedPacks() map[string]laid {
	const names = 8 + 256*4
	change := func(f func(pack, index []byte)) laid {
		return packedAs(1, func(pack, index []byte) (_, _ []byte) {
			f(pack, index)
			return pack, index
		})
	}
	sumsAt := func(index []byte) int { return names + int(binary.BigEndian.Uint32(index[names-4:]))*sha1.Size }
	return map[string]laid{
		"a damaged pack":       change(func(pack, _ []byte) { pack[len(pack)/2] ^= 1 }),
		"a damaged sum":        change(func(pack, _ []byte) { pack[len(pack)-1] ^= 1 }),
		"a damaged index":      change(func(_, index []byte) { index[names+3] ^= 1 }),
		"an index of another":  change(func(_, index []byte) { index[len(index)-30] ^= 1; summedUp(index) }),
		"an index that counts": change(func(_, index []byte) { index[names-1]++; summedUp(index) }),
		"sums of other bytes":  change(func(_, index []byte) { index[sumsAt(index)] ^= 1; summedUp(index) }),
		"a place elsewhere":    change(func(_, index []byte) { index[len(index)-2*sha1.Size-1] ^= 1; summedUp(index) }),
		"a place outside":      change(func(_, index []byte) { index[len(index)-2*sha1.Size-4] |= 0x7f; summedUp(index) }),
		"a pack broken off":    packedAs(1, func(pack, index []byte) (_, _ []byte) { return pack[:len(pack)-40], index }),
		"an index broken off":  packedAs(1, func(pack, index []byte) (_, _ []byte) { return pack, index[:len(index)-40] }),
		"an empty index":       packedAs(1, func(pack, index []byte) (_, _ []byte) { return pack, nil }),
		"a bomb beside": {want: 1, do: func(t *testing.T, dir string) string {
			addPack(t, dir, maxBeside+1)
			return ""
		}},
		"a large object in a pack": {do: func(t *testing.T, dir string) string {
			addPack(t, dir, maxBeside)
			return ""
		}},
	}
}

// addPack adds a pack with a blob of so many zero bytes.
func addPack(t *testing.T, dir string, size int) {
	t.Helper()
	var f forger
	f.put(3, size, nil, make([]byte, size))
	_, pack, _ := bytes.Cut(f.bundle(), []byte("\n\n"))
	path := filepath.Join(dir, "objects/pack/pack-1.pack")
	lay(t, path, pack)
	stockGit(t, dir, "index-pack", path)
}

func damagedRefs(r *Repository) map[string]laid {
	nowhere := strings.Repeat("1", 40) + "\n"
	head := r.commits[r.ledger.Head(negotiation.TextChain).Act].commit.String()
	ref := func(name, content string) laid { return byHand(1, map[string]string{name: content}) }
	return map[string]laid{
		"a torn ref":                  ref("refs/heads/mine", head[:12]),
		"an empty ref":                ref("refs/heads/mine", ""),
		"a ref to nothing":            ref("refs/private/mine", nowhere),
		"a branch that is a tree":     {want: 1, do: func(t *testing.T, dir string) string { pointed(t, dir, "text^{tree}"); return "" }},
		"a tag that is a tree":        byGit(0, "update-ref", "refs/tags/mine", "text^{tree}"),
		"a name that git refuses":     ref("refs/heads/a..b", head+"\n"),
		"a packed name git refuses":   ref("packed-refs", "# pack-refs with: \n"+head+" refs/heads/a..b\n"),
		"a chain's ref torn":          ref("refs/heads/record/XBO", head[:12]),
		"a chain's ref empty":         ref("refs/heads/record/XBO", ""),
		"a chain's ref, symbolic":     ref("refs/heads/record/XBO", "ref: refs/heads/text\n"),
		"a chain's ref to nothing":    ref("refs/heads/record/XBO", nowhere),
		"a ref that names nothing":    ref("refs/remotes/origin/HEAD", "ref: refs/remotes/origin/text\n"),
		"a space before the digits":   ref("refs/heads/mine", " "+head+"\n"),
		"words behind the digits":     byHand(0, map[string]string{"refs/heads/mine": head + " and more\n"}),
		"HEAD at nothing":             ref("HEAD", nowhere),
		"HEAD at a commit":            byHand(0, map[string]string{"HEAD": head + "\n"}),
		"HEAD at no branch":           ref("HEAD", "ref: refs/tags/rev-1\n"),
		"packed refs broken off":      ref("packed-refs", "# pack-refs with: peeled\n"+head+" refs/heads/x\n"+head[:12]),
		"a tag of the record is gone": {want: 1, do: func(t *testing.T, dir string) string { removed(t, dir, "refs/tags/rev-1"); return "" }},
	}
}

func pointed(t *testing.T, dir, at string) {
	t.Helper()
	lay(t, filepath.Join(dir, "refs/heads/mine"), []byte(stockGit(t, dir, "rev-parse", at)))
}

func removed(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
		t.Fatal(err)
	}
}

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
	return map[string]laid{
		"git is to overlook a fault":  tells(1, "fsck.missingEmail", "ignore", faulty),
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
		"HEAD is a pipe":   piped("HEAD"),
		"config is a pipe": piped("config"),
	}
}

func piped(name string) laid {
	return laid{want: 2, do: func(t *testing.T, dir string) string {
		removed(t, dir, name)
		if out, err := exec.Command("mkfifo", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Skipf("mkfifo: %v %s", err, out)
		}
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
		"a lender that is gone": {want: 1, do: func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "clone.git")
			stockGit(t, ".", "clone", "--quiet", "--mirror", "--shared", dir, to)
			removed(t, dir, "objects")
			return to
		}},
		"a lender that is damaged": {want: 1, do: func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "clone.git")
			stockGit(t, ".", "clone", "--quiet", "--mirror", "--shared", dir, to)
			looseCase(1, func(string) []byte { return nil }).do(t, dir)
			return to
		}},
	}
}

func noRecords() map[string]laid {
	gone := func(name string) laid {
		return laid{want: 2, do: func(t *testing.T, dir string) string { removed(t, dir, name); return "" }}
	}
	config := func(lines string) laid { return byHand(2, map[string]string{"config": lines}) }
	return map[string]laid{
		"an empty repository": {want: 2, do: func(t *testing.T, _ string) string {
			dir := filepath.Join(t.TempDir(), "empty.git")
			stockGit(t, ".", "init", "--quiet", "--bare", dir)
			return dir
		}},
		"HEAD is gone":             gone("HEAD"),
		"the objects are gone":     gone("objects"),
		"the refs are gone":        gone("refs"),
		"HEAD is torn":             byHand(2, map[string]string{"HEAD": "ref"}),
		"a version of git's":       config("[core]\n\trepositoryformatversion = 7\n"),
		"an extension nobody has":  config("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tnew = true\n"),
		"objects called SHA-256":   config("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"),
		"a torn configuration":     config("[core\n"),
		"a folder with no history": {want: 2, do: func(t *testing.T, _ string) string { return t.TempDir() }},
		"a folder beside a record's": {want: 2, do: func(t *testing.T, dir string) string {
			lay(t, filepath.Join(dir, "within", "a"), nil)
			return filepath.Join(dir, "within")
		}},
	}
}

package drafts

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

var disks = flag.Int("disks", 10, "how many repositories altered at random Audit and docs/audit.sh are asked about")

// TestScriptAgreesOnDisks alters files of repositories at random, and demands that Audit and
// docs/audit.sh say the same of each.
func TestScriptAgreesOnDisks(t *testing.T) {
	script := scriptOf(t)
	random := rand.New(rand.NewPCG(7, uint64(*disks)))
	r, _ := played(t)
	bases := []string{r.Dir(), copied(t, r.Dir()), copied(t, r.Dir()), stockClone(t, r.Dir())}
	stockGit(t, bases[1], "repack", "-adfq", "--depth=50", "--window=50")
	stockGit(t, bases[2], "-c", "pack.indexVersion=1", "repack", "-aq")
	for _, dir := range bases[1:3] {
		stockGit(t, dir, "pack-refs", "--all")
	}
	for i := range *disks {
		base, seed := bases[random.IntN(len(bases))], random.Uint64()
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			dir, random := copied(t, base), rand.New(rand.NewPCG(seed, 1))
			for range 1 + random.IntN(2) {
				mishap(t, random, dir)
			}
			report, err := Audit(t.Context(), dir, negotiation.ActID{}, new(Progress))
			want := map[bool]int{true: 0, false: 1}[report.OK()]
			if err != nil {
				want = 2
			}
			if out, code := script(t, dir); code != want {
				t.Errorf("docs/audit.sh: exit code %d, want %d: %v, damage %v, findings %v\n%s", code, want, err, report.Damage, report.Findings, out)
			}
		})
	}
}

// one returns one of several, at random.
func one[T any](random *rand.Rand, of ...T) T { return of[random.IntN(len(of))] }

// writeOver writes a file where it can be.
func writeOver(path string, content []byte) {
	if os.MkdirAll(filepath.Dir(path), 0o700) == nil {
		os.Remove(path)
		os.WriteFile(path, content, 0o600)
	}
}

// mishap does something to a repository. What cannot be done is left.
func mishap(t *testing.T, random *rand.Rand, dir string) {
	var files, all []string
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && path != dir {
			all = append(all, path)
			if entry.Type().IsRegular() {
				files = append(files, path)
			}
		}
		return nil
	})
	pick := func(from []string) string {
		kind := one(random, "refs", "packed-refs", "objects", ".pack", ".idx", "HEAD", "")
		if i := slices.IndexFunc(from, func(path string) bool { return strings.Contains(path, kind) && random.IntN(5) == 0 }); i >= 0 {
			return from[i]
		}
		return one(random, from...)
	}
	path, other, any := pick(files), pick(files), pick(all)
	content, _ := os.ReadFile(path)
	at := random.IntN(len(content) + 1)
	raw, _ := os.ReadFile(filepath.Join(dir, "refs/heads/text"))
	head := strings.TrimSpace(string(raw))
	digits := strings.Repeat(one(random, "0", "1", "a", "A"), 40)
	said := one(random, head, head+"\n", head+"\x00\n", head+"\n\n", "\n"+head, head+" x", digits, digits+"\n", "ref: refs/heads/text\n", "ref: refs/x", "ref: HEAD\n", "ref: refs/x\x00", "", "\n", "x")
	name := one(random, "heads/x", "heads/text", "heads/record/XBO", "heads/record/XCA", "tags/rev-1", "remotes/a/text", "remotes/a/b/text", "remotes/text", "evidence/text/1", "evidence/tags/1",
		"evidence/record/XBO/x/y", "heads/a..b", "heads/.a", "heads/a.lock", "heads/a b", "heads/text/x", "heads.lock/x", "x@{", "\xff", "é", "-x", "@", "a=b", "'", "\"", "\\")
	within := filepath.Join(dir, "refs", filepath.FromSlash(name))
	what := random.IntN(15)
	t.Logf("%d: %s, %s, %s, at %d, %q says %q", what, path, other, any, at, name, said)
	switch what {
	case 0, 1:
		if at < len(content) {
			content[at] ^= 1 << random.IntN(8)
		}
		writeOver(path, content)
		if what == 1 {
			sumUp(path, content)
		}
	case 2:
		writeOver(path, content[:at])
	case 3:
		writeOver(path, append(content, said...))
	case 4:
		os.Rename(path, other)
	case 5:
		os.RemoveAll(any)
	case 6:
		os.Rename(any, any+one(random, ".lock", "x", " ", ".", "\n", ".idx", ".pack", "~"))
	case 7:
		os.Rename(any, filepath.Join(filepath.Dir(any), "."+filepath.Base(any)))
	case 8:
		os.RemoveAll(any)
		os.Symlink(other, any)
	case 9:
		os.RemoveAll(any)
		os.Mkdir(any, 0o700)
	case 10:
		os.RemoveAll(any)
		exec.Command("mkfifo", any).Run()
	case 11:
		writeOver(within, []byte(said))
	case 12:
		lines := bytes.SplitAfter(content, []byte("\n"))
		i, j := random.IntN(len(lines)), random.IntN(len(lines))
		lines[i], lines[j] = lines[j], one(random, lines[i], append(bytes.Clone(lines[j]), lines[i]...))
		writeOver(path, bytes.Join(lines, nil))
	case 13:
		packed, _ := os.ReadFile(filepath.Join(dir, "packed-refs"))
		writeOver(filepath.Join(dir, "packed-refs"), append(packed, (said+" refs/"+name+"\n")...))
	case 14: // an object of its name, or nearly
		o := object{one(random, plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject), content[:at]}
		id, _ := o.id()
		packed := deflated(append(o.header(), o.body...), random.IntN(10))
		packed[random.IntN(len(packed))] ^= byte(one(random, 0, 0, 0, 1<<random.IntN(8)))
		writeOver(filepath.Join(dir, filepath.FromSlash(objectPath(id))), packed)
		writeOver(one(random, within, filepath.Join(dir, "x")), []byte(id.String()+"\n"))
	}
}

// sumUp sets the sums in a pack or an index right, and in the index of the pack.
func sumUp(path string, content []byte) {
	index, of := strings.CutSuffix(path, ".pack")
	if !of && !strings.HasSuffix(path, ".idx") || len(content) < 60 {
		return
	}
	content = summedUp(content)
	writeOver(path, content)
	if raw, err := os.ReadFile(index + ".idx"); of && err == nil && len(raw) > 60 {
		copy(raw[len(raw)-40:], content[len(content)-20:])
		writeOver(index+".idx", summedUp(raw))
	}
}

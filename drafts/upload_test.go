package drafts

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// gitServer serves a repository to stock git as the api package does, and counts the
// bytes of its answers.
func gitServer(t testing.TB, r *Repository) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	version := func(q *http.Request) int {
		var v int
		fmt.Sscanf(q.Header.Get("Git-Protocol"), "version=%d", &v)
		return v
	}
	mux.HandleFunc("GET /info/refs", func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		if err := r.Advertise(q.Context(), version(q), w); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /git-upload-pack", func(w http.ResponseWriter, q *http.Request) {
		body := io.Reader(q.Body)
		if q.Header.Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(q.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = unpacked
		}
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		if err := r.UploadPack(q.Context(), version(q), body, w); err != nil {
			t.Error(err)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// publicIDs returns the names of all objects that stock git reaches from the public refs.
func publicIDs(t *testing.T, dir string) []string {
	t.Helper()
	return ids(stockGit(t, dir, "rev-list", "--objects", "--glob=refs/heads/text", "--glob=refs/heads/record", "--tags", "--glob=refs/evidence"))
}

func ids(out string) (list []string) {
	for line := range strings.Lines(out) {
		id, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// secrets puts a draft under a private ref, as a node keeps it, and returns the names of
// its commit, tree, blob and tag.
func secrets(t *testing.T, r *Repository) map[string]plumbing.Hash {
	t.Helper()
	blob, err := object{plumbing.BlobObject, []byte("a draft that nobody is to see\n")}.id()
	if err != nil {
		t.Fatal(err)
	}
	set := objects{}
	tree, err := set.addTree(map[string][]byte{"draft.md": []byte("a draft that nobody is to see\n")})
	if err != nil {
		t.Fatal(err)
	}
	head := r.commits[r.ledger.Head(negotiation.TextChain).Act].commit
	id, err := set.add(object{plumbing.CommitObject, fmt.Appendf(nil,
		"tree %s\nparent %s\nauthor A <a@concord.invalid> 1 +0000\ncommitter A <a@concord.invalid> 1 +0000\n\na draft\n", tree, head)})
	if err != nil {
		t.Fatal(err)
	}
	tag, err := set.add(object{plumbing.TagObject, fmt.Appendf(nil, "object %s\ntype commit\ntag mine\ntagger A <a@concord.invalid> 1 +0000\n\nmine\n", id)})
	if err != nil {
		t.Fatal(err)
	}
	note, err := set.add(object{plumbing.TagObject, fmt.Appendf(nil, "object %s\ntype commit\ntag note\ntagger A <a@concord.invalid> 1 +0000\n\na note on a public act\n", head)})
	if err != nil {
		t.Fatal(err)
	}
	put(t, r, set, map[string]plumbing.Hash{
		"refs/private/draft": id, "refs/heads/draft": id, "refs/tags/mine": tag, "refs/tags/note": note, "refs/private/blob": blob,
	})
	return map[string]plumbing.Hash{"commit": id, "tree": tree, "blob": blob, "tag": tag, "note": note}
}

// put puts objects and refs into a repository, past its door.
func put(t *testing.T, r *Repository, set objects, refs map[string]plumbing.Hash) {
	t.Helper()
	st, err := r.store.objectStage(set)
	if err == nil {
		err = r.store.put(st)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range refs {
		if err := r.store.makeDir(path.Dir(name)); err != nil {
			t.Fatal(err)
		}
		if err := r.store.put(stage{files: []placing{placeRef(name, at)}}); err != nil {
			t.Fatal(err)
		}
	}
}

var protocols = []string{"0", "1", "2"}

// TestClone: stock git clones the public refs and exactly what they lead to, in each
// version of the protocol, from loose objects and from packed ones.
func TestClone(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	private := secrets(t, r)
	url := gitServer(t, r)
	want := publicIDs(t, r.Dir())
	want = slices.DeleteFunc(want, func(id string) bool {
		return id == private["commit"].String() || id == private["tree"].String() || id == private["blob"].String() ||
			id == private["tag"].String() || id == private["note"].String()
	})
	clones := func(t *testing.T) {
		for _, version := range protocols {
			clone := filepath.Join(t.TempDir(), "clone.git")
			stockGit(t, ".", "-c", "protocol.version="+version, "clone", "--quiet", "--mirror", url, clone)
			if out := stockGit(t, clone, "fsck", "--strict", "--no-dangling"); out != "" {
				t.Errorf("version %s: git fsck --strict: %s", version, out)
			}
			has := ids(stockGit(t, clone, "cat-file", "--batch-all-objects", "--batch-check"))
			if !slices.Equal(has, want) {
				t.Errorf("version %s: the clone has %d objects, the public refs lead to %d", version, len(has), len(want))
			}
			refs := stockGit(t, clone, "for-each-ref", "--format=%(refname)")
			if refs != "refs/heads/record/XAU\nrefs/heads/record/XBO\nrefs/heads/text\nrefs/tags/rev-1\nrefs/tags/rev-2\n" {
				t.Errorf("version %s: the refs are\n%s", version, refs)
			}
			if head := stockGit(t, clone, "symbolic-ref", "HEAD"); head != "refs/heads/text\n" {
				t.Errorf("version %s: HEAD is %s", version, head)
			}
			stockGit(t, clone, "-c", "gpg.ssh.allowedSignersFile="+filepath.Join(r.Dir(), signersFile), "verify-tag", "rev-2")
		}
	}
	t.Run("loose", clones)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	stockGit(t, r.Dir(), "gc", "--quiet")
	again := open(t, r.Dir(), r.State().Negotiation)
	url = gitServer(t, again)
	t.Run("packed", clones)
}

// TestLsRemote: what is listed is public, with and without a pattern, and peeled.
func TestLsRemote(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	secrets(t, r)
	url := gitServer(t, r)
	var first string
	for _, version := range protocols {
		list := stockGit(t, ".", "-c", "protocol.version="+version, "ls-remote", "--symref", url)
		if strings.Contains(list, "private") || strings.Contains(list, "draft") || strings.Contains(list, "mine") || strings.Contains(list, "note") {
			t.Errorf("version %s lists what is private:\n%s", version, list)
		}
		for _, want := range []string{"ref: refs/heads/text\tHEAD\n", "\trefs/heads/record/XBO\n", "\trefs/tags/rev-2^{}\n"} {
			if !strings.Contains(list, want) {
				t.Errorf("version %s does not list %q:\n%s", version, want, list)
			}
		}
		if first == "" {
			first = list
		}
		if list != first {
			t.Errorf("version %s lists\n%s\nand another\n%s", version, list, first)
		}
		if one := stockGit(t, ".", "-c", "protocol.version="+version, "ls-remote", url, "rev-1"); !strings.HasSuffix(one, "\trefs/tags/rev-1\n") {
			t.Errorf("version %s lists as rev-1: %s", version, one)
		}
	}
}

// TestFetch: of a record that has gone on, only what is new travels, even when the client
// has a history of its own besides.
func TestFetch(t *testing.T) {
	needGit(t)
	r := long(t, 30)
	url := gitServer(t, r)
	for _, version := range protocols {
		clone := filepath.Join(t.TempDir(), "clone")
		stockGit(t, ".", "clone", "--quiet", url, clone)
		for i := range 40 {
			stockGit(t, clone, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "-m", fmt.Sprint(i))
		}
		before := publicIDs(t, r.Dir())
		v, _ := act(t, r, borealia, proposal(t, "One more "+version, "every year", "every "+version+" years"))
		id := v.Act().Content.(negotiation.Propose).Proposal
		act(t, r, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			text, err := d.State().Consolidate(id)
			if err != nil {
				return negotiation.Unsigned{}, err
			}
			return d.Revise(negotiation.Publication{Headline: "Reading " + version, Text: text, Accept: []negotiation.ProposalID{id}})
		})
		news := len(publicIDs(t, r.Dir())) - len(before)
		trace := filepath.Join(t.TempDir(), "packet.trace")
		cmd := exec.Command("git", "-C", clone, "-c", "protocol.version="+version, "-c", "fetch.unpackLimit=1", "fetch", "--quiet", "--tags")
		cmd.Env = append(os.Environ(), "GIT_TRACE2_EVENT="+trace)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("version %s: %v\n%s", version, err, out)
		}
		if out := stockGit(t, clone, "fsck", "--strict", "--no-dangling"); out != "" {
			t.Errorf("version %s: git fsck --strict: %s", version, out)
		}
		for _, ref := range []string{"text", "record/XBO"} {
			if here, there := stockGit(t, clone, "rev-parse", "origin/"+ref), stockGit(t, r.Dir(), "rev-parse", ref); here != there {
				t.Errorf("version %s: %s is %s, not %s", version, ref, here, there)
			}
		}
		if got := newestPack(t, clone); got != news {
			t.Errorf("version %s: %d objects travelled, %d are new", version, got, news)
		}
	}
}

// TestCloneWhileActing: whoever clones or exports while acts arrive gets a whole record, as it
// stood at one instant.
func TestCloneWhileActing(t *testing.T) {
	needGit(t)
	r := long(t, 3)
	r.store.disk = unsynced{}
	url := gitServer(t, r)
	stop := make(chan struct{})
	var acting sync.WaitGroup
	for _, c := range []negotiation.Code{aurelia, borealia} {
		acting.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				stance := []negotiation.Stance{negotiation.For, negotiation.Against}[i%2]
				_, _, err := r.Sign(c, keyOf(c), actTime(100+i), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
					return d.PositionOnProposal(negotiation.ProposalID{Author: borealia, Number: uint64(1 + i%3)}, stance, "")
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 6 {
		clone := filepath.Join(t.TempDir(), "clone.git")
		if i%2 == 0 {
			stockGit(t, ".", "-c", "protocol.version="+protocols[i/2], "clone", "--quiet", "--mirror", url, clone)
		} else {
			stockGit(t, ".", "clone", "--quiet", "--mirror", export(t, r, Basis{}), clone)
		}
		if out := stockGit(t, clone, "fsck", "--strict", "--no-dangling"); out != "" {
			t.Errorf("git fsck --strict: %s", out)
		}
		if _, err := Load(clone, r.State().Negotiation); err != nil {
			t.Errorf("the clone does not verify: %v", err)
		}
	}
	close(stop)
	acting.Wait()
}

// newestPack returns how many objects the newest pack of a clone has.
func newestPack(t *testing.T, clone string) int {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(clone, ".git/objects/pack/*.idx"))
	if err != nil || len(packs) == 0 {
		t.Fatalf("no packs: %v", err)
	}
	newest := slices.MaxFunc(packs, func(a, b string) int {
		x, err := os.Stat(a)
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.Stat(b)
		if err != nil {
			t.Fatal(err)
		}
		return x.ModTime().Compare(y.ModTime())
	})
	return len(regexp.MustCompile(`(?m)^[0-9a-f]{40} (commit|tree|blob|tag) `).FindAllString(stockGit(t, clone, "verify-pack", "-v", newest), -1))
}

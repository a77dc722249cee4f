package drafts

import (
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// The corpus of hostile acts. Each case is one act that is wrong in one way, and the
// fault that the door has for it. Where a repository can hold it, it is also laid into one
// behind the program's back, and Audit and docs/audit.sh must both find it.
type hostile struct {
	name string
	f    forgery
	want negotiation.Fault

	wire  string            // why only a message can hold it; "" when a repository can
	found negotiation.Fault // what Audit says, where it is another fault than the door's
	hides bool              // acts that others build on cannot be found for it
}

// A scene is a negotiation in which hostile acts are tried.
type scene struct {
	r       *Repository
	text    negotiation.Head     // the newest revision
	base    negotiation.Verified // the same
	joined  negotiation.ActID    // Borealia's joining
	wording negotiation.ActID    // of XBO/1, by Borealia

	receipt  negotiation.Receipt // what Borealia could say next
	withdraw negotiation.Withdraw
}

// staged returns a negotiation of Aurelia, in the chair, Borealia, and Cascadia, whom the
// charter names and who has not joined.
func staged(t testing.TB) scene {
	t.Helper()
	r := convened(t, charterWith(t, publicOf(cascadia)))
	first := negotiation.ProposalID{Author: borealia, Number: 1}
	act(t, r, borealia, proposal(t, "Voluntary basis", "shall cooperate", "should cooperate, on a voluntary basis"))
	act(t, r, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(first, negotiation.For, "")
	})
	act(t, r, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		text, err := d.State().Consolidate(first)
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return d.Revise(negotiation.Publication{Headline: "First reading", Text: text, Accept: []negotiation.ProposalID{first}})
	})
	act(t, r, borealia, proposal(t, "Twice", "every year", "twice a year"))
	return sceneOf(t, r)
}

func sceneOf(t testing.TB, r *Repository) scene {
	t.Helper()
	s := scene{r: r, joined: r.ledger.Chain(negotiation.RecordOf(borealia))[0].ID()}
	revision := r.State().Current()
	s.base, _ = r.ledger.Act(revision.Act)
	s.text = negotiation.Head{Chain: negotiation.TextChain, Sequence: s.base.Act().Sequence, Act: s.base.ID()}
	s.wording = r.State().Proposals[0].Wording()
	s.receipt = negotiation.Receipt{Place: s.text.Sequence, Of: s.text.Act}
	s.withdraw = negotiation.Withdraw{Proposal: negotiation.ProposalID{Author: borealia, Number: 2}, Wording: r.State().Proposals[1].Wording()}
	return s
}

// handedOver returns a scene on which Aurelia has passed the chair to Borealia, who has
// taken it up if taken says so.
func handedOver(t testing.TB, taken bool) scene {
	t.Helper()
	s := staged(t)
	act(t, s.r, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.HandOver(borealia, "") })
	if taken {
		act(t, s.r, borealia, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.TakeUp() })
	}
	return sceneOf(t, s.r)
}

// A family is hostile acts of one kind, on one scene.
type family struct {
	name  string
	scene func(testing.TB) scene
	cases func(testing.TB, scene) []hostile
}

func families() []family {
	return append(onOneScene(),
		family{"key", rekeyedScene, hostileKeys},
		family{"after handing over", func(t testing.TB) scene { return handedOver(t, true) }, hostileAfterHandover},
		family{"while the chair is passed", func(t testing.TB) scene { return handedOver(t, false) }, hostileWhilePassing},
	)
}

func onOneScene() []family {
	return []family{
		{"signature", staged, hostileSignatures},
		{"message", staged, hostileMessages},
		{"commit", staged, hostileCommits},
		{"place", staged, hostilePlaces},
		{"tree", staged, hostileTrees},
		{"content", staged, hostileContents},
		{"charter", staged, hostileCharters},
		{"tag", staged, hostileTags},
	}
}

// borealia fills in what a case leaves open: Borealia's record, written and signed by
// Borealia, with a receipt.
func (s scene) borealia(f forgery) forgery {
	if f.chain == "" {
		f.chain = negotiation.RecordOf(borealia)
	}
	if f.author == "" {
		f.author = borealia
	}
	if f.by == "" {
		f.by = f.author
	}
	if f.content == nil {
		f.content = s.receipt
	}
	return f
}

// TestHostile shows each hostile act to the door (laws L4 and L9).
func TestHostile(t *testing.T) {
	kinds := 0
	for _, fam := range families() {
		t.Run(fam.name, func(t *testing.T) {
			s := fam.scene(t)
			cases := fam.cases(t, s)
			kinds += len(cases)
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) { refuses(t, s.r, forge(t, s.r, s.borealia(c.f)), c.want) })
			}
		})
	}
	if kinds < 40 {
		t.Errorf("the corpus has %d hostile acts", kinds)
	}
}

// TestHostileAtRest lays each hostile act into a repository with nothing but files, and
// demands that Audit and docs/audit.sh find it.
func TestHostileAtRest(t *testing.T) {
	audit := scriptOf(t)
	for _, fam := range families() {
		s := fam.scene(t)
		if report, err := Audit(t.Context(), s.r.Dir(), negotiation.ActID{}, new(Progress)); err != nil || !report.OK() {
			t.Fatalf("%s: the scene itself: %v, %v", fam.name, report.Findings, err)
		}
		if out, code := audit(t, s.r.Dir()); code != 0 {
			t.Fatalf("%s: docs/audit.sh on the scene itself: exit code %d\n%s", fam.name, code, out)
		}
		for _, c := range fam.cases(t, s) {
			if c.wire != "" {
				continue
			}
			t.Run(fam.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				dir := smuggled(t, s.r, forge(t, s.r, s.borealia(c.f)))
				checkFound(t, dir, c)
				out, code := audit(t, dir)
				if code != 1 {
					t.Errorf("docs/audit.sh: exit code %d, want 1\n%s", code, out)
				}
			})
		}
	}
}

// checkFound demands that Audit finds the case, and nothing but it.
func checkFound(t *testing.T, dir string, c hostile) {
	t.Helper()
	report, err := Audit(t.Context(), dir, negotiation.ActID{}, new(Progress))
	if err != nil {
		t.Fatal(err)
	}
	want := c.want
	if c.found != "" {
		want = c.found
	}
	if len(report.Findings) != 1 && !c.hides || len(report.Findings) == 0 || report.Findings[0].Fault != want {
		t.Errorf("Audit finds %v, want the fault %q alone", report.Findings, want)
	}
}

// smuggled returns a copy of a repository with the acts of a message in it, unverified.
func smuggled(t testing.TB, r *Repository, message []byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy.git")
	if err := os.CopyFS(dir, os.DirFS(r.Dir())); err != nil {
		t.Fatal(err)
	}
	p, err := parseParcel(message)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range p.acts {
		set := objects{}
		for _, o := range act {
			id, err := set.add(o)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case o.kind == plumbing.CommitObject:
				pointRef(t, dir, headsPrefix+string(p.chain), id)
			case o.kind == plumbing.TagObject:
				_, rest, _ := strings.Cut(string(o.body), "\ntag ")
				name, _, _ := strings.Cut(rest, "\n")
				if name != "" {
					pointRef(t, dir, tagsPrefix+name, id)
				}
			}
		}
		layDown(t, dir, set)
	}
	return dir
}

// scriptOf returns how docs/audit.sh is run: its output and exit code.
func scriptOf(t testing.TB) func(testing.TB, string) (string, int) {
	t.Helper()
	for _, name := range []string{"bash", "git", "ssh-keygen", "awk"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	return func(t testing.TB, dir string) (string, int) {
		out, err := exec.Command("bash", filepath.Join("..", "docs", "audit.sh"), dir).CombinedOutput()
		if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
			return string(out), failed.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		return string(out), 0
	}
}

// replace returns a change of words that must be there.
func replace(old, new string) func(string) string {
	return func(s string) string {
		if !strings.Contains(s, old) {
			panic(fmt.Sprintf("there is no %q in\n%s", old, s))
		}
		return strings.Replace(s, old, new, 1)
	}
}

// explained gives an act an explanation.
func explained(s string) func(*negotiation.Act) {
	return func(a *negotiation.Act) { a.Explanation = s }
}

// FuzzReceive throws altered messages at the door, the hostile ones first.
func FuzzReceive(f *testing.F) {
	s := staged(f)
	for _, fam := range onOneScene() {
		for _, c := range fam.cases(f, s) {
			f.Add(forge(f, s.r, s.borealia(c.f)))
		}
	}
	digest := s.r.State().Digest()
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := s.r.Receive(context.Background(), raw)
		if s.r.State().Digest() != digest {
			t.Fatalf("an altered message changed the state (error %v)", err)
		}
	})
}

// layDown writes loose objects behind the program's back.
func layDown(t testing.TB, dir string, set objects) {
	t.Helper()
	for id, o := range set {
		hex := id.String()
		name := filepath.Join(dir, "objects", hex[:2], hex[2:])
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		z := zlib.NewWriter(f)
		fmt.Fprintf(z, "%s %d\x00%s", o.kind, len(o.body), o.body)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// pointRef points a ref behind the program's back.
func pointRef(t testing.TB, dir, name string, id plumbing.Hash) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

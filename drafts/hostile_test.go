package drafts

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

const cascadia = negotiation.Code("XCA")

// A forgery is an act that somebody signs by hand, without asking whether it is
// admissible. What is zero is filled in as an honest author would.
type forgery struct {
	by      negotiation.Code // whose key signs
	chain   negotiation.Chain
	author  negotiation.Code
	content negotiation.Content
	files   map[string][]byte
	tree    plumbing.Hash                  // in place of the one that files make
	objects []object                       // that come besides
	act     func(*negotiation.Act)         // changes what the act says
	message func(string) string            // changes how it says it
	commit  func(*commit)                  // changes the commit before it is signed
	payload func(string) string            // changes the bytes that are signed
	sign    func(payload []byte) []byte    // in place of an honest signature
	body    func(string) string            // changes the commit after it is signed
	tag     func(name string, tag *object) // changes the tag after it is signed
}

func sumsOf(files map[string][]byte) []negotiation.FileSum {
	var sums []negotiation.FileSum
	for _, path := range slices.Sorted(maps.Keys(files)) {
		sums = append(sums, negotiation.FileSum{Path: path, SHA256: sha256.Sum256(files[path])})
	}
	return sums
}

// forge returns the message of a forged act, at the next place of its chain in r.
func forge(t testing.TB, r *Repository, f forgery) []byte {
	t.Helper()
	head := r.ledger.Head(f.chain)
	a := negotiation.Act{
		Negotiation: r.ledger.Negotiation(), Chain: f.chain, Sequence: head.Sequence + 1, Previous: head.Act,
		Author: f.author, Time: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Content: f.content, Files: sumsOf(f.files),
	}
	honest := a
	if f.act != nil {
		f.act(&a)
	}
	message, err := negotiation.FormatAct(a)
	if err != nil {
		t.Fatal(err)
	}
	c := commit{author: a.Author, at: a.Time, message: message, tree: f.tree}
	if c.parents, err = r.parentsOf(a); err != nil {
		if c.parents, err = r.parentsOf(honest); err != nil {
			c.parents = []plumbing.Hash{r.commits[head.Act].commit}
		}
	}
	if f.message != nil {
		c.message = []byte(f.message(string(message)))
	}
	set := objects{}
	if f.tree.IsZero() && len(f.files) > 0 {
		c.tree, err = set.addTree(f.files)
	} else if f.tree.IsZero() {
		c.tree, err = r.treeBefore(honest)
	}
	if err != nil {
		t.Fatal(err)
	}
	if f.commit != nil {
		f.commit(&c)
	}
	sealed := object{plumbing.CommitObject, f.seal(t, c)}
	act := []object{sealed}
	if name, ok := a.Tag(); ok {
		id, err := sealed.id()
		if err != nil {
			t.Fatal(err)
		}
		raw := tagPayload(name, id, a)
		tag := object{plumbing.TagObject, append(raw, signatureOf(t, f.by, raw)...)}
		if f.tag != nil {
			f.tag(name, &tag)
		}
		act = append(act, tag)
	}
	for _, o := range set {
		act = append(act, o)
	}
	return parcel{f.chain, a.Sequence, [][]object{append(act, f.objects...)}}.format()
}

// seal returns the commit object.
func (f forgery) seal(t testing.TB, c commit) []byte {
	t.Helper()
	payload, err := c.payload()
	if err != nil {
		t.Fatal(err)
	}
	if f.payload != nil {
		payload = []byte(f.payload(string(payload)))
	}
	signature := signatureOf(t, f.by, payload)
	if f.sign != nil {
		signature = f.sign(payload)
	}
	head, message, _ := strings.Cut(string(payload), "\n\n")
	if len(signature) > 0 {
		head += "\ngpgsig " + strings.ReplaceAll(strings.TrimSuffix(string(signature), "\n"), "\n", "\n ")
	}
	body := head + "\n\n" + message
	if f.body != nil {
		body = f.body(body)
	}
	return []byte(body)
}

// charterWith returns a charter that names Cascadia, too, with this key.
func charterWith(t testing.TB, key negotiation.PublicKey) negotiation.Charter {
	t.Helper()
	raw := fmt.Sprintf("%s[[participant]]\ncode = \"XCA\"\nname = \"State XCA\"\nkey = %q\n", charterOf(t).Raw(), key)
	charter, err := negotiation.ParseCharter("charter.toml", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return charter
}

func convened(t testing.TB, charter negotiation.Charter) *Repository {
	t.Helper()
	r := open(t, t.TempDir(), negotiation.ActID{})
	act(t, r, aurelia, func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charter, textOf(t, zeroDraft), time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	})
	for _, c := range []negotiation.Code{aurelia, borealia} {
		act(t, r, c, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(c), "") })
	}
	return r
}

// refuses demands that a message is refused with a fault and leaves nothing behind.
func refuses(t *testing.T, r *Repository, message []byte, want negotiation.Fault) {
	t.Helper()
	digest, objects := r.State().Digest(), count(t, r)
	if err := r.Receive(context.Background(), message); !errors.Is(err, want) {
		t.Errorf("receiving: error %v, not fault %q", err, want)
	}
	if r.State().Digest() != digest || count(t, r) != objects {
		t.Error("a refused message left something behind")
	}
}

func TestFileAndDirectory(t *testing.T) {
	files := map[string][]byte{"d": []byte("x"), "d/x": []byte("y")}
	_, err := negotiation.FormatAct(negotiation.Act{
		Negotiation: negotiation.ActID{1}, Chain: "record/XBO", Sequence: 2, Previous: negotiation.ActID{2}, Author: borealia,
		Time: time.Unix(1e9, 0), Content: negotiation.Unknown{Name: "endorse/1", Subject: "Endorse"}, Files: sumsOf(files),
	})
	if !errors.Is(err, negotiation.ErrNotCanonical) {
		t.Errorf("a file and a directory of one name: %v", err)
	}
}

// TestJoiningInAnothersName: only a charter on the text chain says which key joins.
func TestJoiningInAnothersName(t *testing.T) {
	r := convened(t, charterWith(t, publicOf(cascadia)))
	thief := negotiation.Code("ZZZ")
	bait := forge(t, r, forgery{by: borealia, chain: negotiation.RecordOf(borealia), author: borealia,
		content: negotiation.Unknown{Name: "note/1", Subject: "Note"},
		files:   map[string][]byte{"charter.toml": charterWith(t, publicOf(thief)).Raw()}})
	if err := r.Receive(context.Background(), bait); err != nil {
		t.Fatal(err)
	}
	for name, cited := range map[string]negotiation.ActID{
		"a charter in a record": r.ledger.Head(negotiation.RecordOf(borealia)).Act,
		"an act without one":    r.ledger.Chain(negotiation.RecordOf(aurelia))[0].ID(),
		"the true charter":      r.ledger.Head(negotiation.TextChain).Act,
	} {
		t.Run(name, func(t *testing.T) {
			refuses(t, r, forge(t, r, forgery{by: thief, chain: negotiation.RecordOf(cascadia), author: cascadia,
				content: negotiation.Join{Charter: cited, Key: publicOf(thief)}}), negotiation.ErrNotParticipant)
		})
	}
	act(t, r, cascadia, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(cascadia), "") })
}

// TestPlaceOne: nobody but the chair who convened can begin the text chain.
func TestPlaceOne(t *testing.T) {
	from, messages := played(t)
	r := open(t, t.TempDir(), from.State().Negotiation)
	thief := negotiation.Code("ZZZ")
	raw := fmt.Sprintf("title = \"A\"\nchair = %q\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n[[participant]]\ncode = %q\nname = \"Z\"\nkey = %q\n", thief, thief, publicOf(thief))
	files := map[string][]byte{"charter.toml": []byte(raw), "statement.en.md": []byte(zeroDraft)}
	other, _, err := open(t, t.TempDir(), negotiation.ActID{}).Sign(thief, keyOf(thief), time.Now(), func(negotiation.Delegation) (negotiation.Unsigned, error) {
		charter, err := negotiation.ParseCharter("charter.toml", []byte(raw))
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return negotiation.ConveneWith(charter, textOf(t, zeroDraft), time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]negotiation.Content{
		"unknown": negotiation.Unknown{Name: "begin/1", Subject: "Begin"},
		"revise":  negotiation.Revise{Headline: "x", Revision: 1},
		"amend":   negotiation.Amend{Headline: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := negotiation.FormatAct(negotiation.Act{
				Negotiation: r.ledger.Negotiation(), Chain: negotiation.TextChain, Sequence: 1, Author: thief,
				Time: time.Now(), Content: content, Files: sumsOf(files),
			})
			if !errors.Is(err, negotiation.ErrNotCanonical) {
				t.Errorf("an act of this kind can stand at place 1: %v", err)
			}
		})
	}
	if other.ID() == r.ledger.Negotiation() {
		t.Fatal("another convening has the same name")
	}
	if err := r.Receive(context.Background(), messages[0]); err != nil {
		t.Errorf("the true convening: %v", err)
	}
}

// TestNewerText: what a newer chair does is kept and passed on, and what builds on
// it is not understood; nothing breaks, also after a restart.
func TestNewerText(t *testing.T) {
	r, _ := played(t)
	act(t, r, borealia, proposal(t, "Each", "every year", "each year"))
	other := textOf(t, "# Other\n\nQuite another text.\n\n1. One.\n")
	files := map[string][]byte{"charter.toml": charterOf(t).Raw(), "statement.en.md": other.Bytes()}
	if err := r.Receive(context.Background(), forge(t, r, forgery{by: aurelia, chain: negotiation.TextChain, author: aurelia,
		content: negotiation.Unknown{Name: "correct/1", Subject: "Correct"}, files: files})); err != nil {
		t.Fatal(err)
	}
	if err := r.Receive(context.Background(), forge(t, r, forgery{by: aurelia, chain: negotiation.TextChain, author: aurelia,
		content: negotiation.Revise{Headline: "After it", Revision: 9}, files: files})); err != nil {
		t.Fatalf("a revision that builds on what is not understood: %v", err)
	}
	state := r.State()
	if len(state.NotUnderstood) != 2 || len(state.Revisions) != 2 {
		t.Errorf("not understood: %v; %d revisions", state.NotUnderstood, len(state.Revisions))
	}
	_, _, err := r.Sign(aurelia, keyOf(aurelia), time.Now(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Revise(negotiation.Publication{Headline: "Blindly", Text: other})
	})
	if !errors.Is(err, negotiation.ErrInadmissible) {
		t.Errorf("revising what is not understood: %v", err)
	}
	act(t, r, borealia, proposal(t, "Still", "every year", "this year"))
	digest := r.State().Digest()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if again := open(t, r.Dir(), state.Negotiation); again.State().Digest() != digest {
		t.Error("the state is another after a restart")
	}
}

// TestPackedByGit: somebody's git gc packs refs and objects, and nothing is lost.
func TestPackedByGit(t *testing.T) {
	needGit(t)
	r, _ := played(t)
	digest := r.State().Digest()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	stockGit(t, r.Dir(), "gc", "--quiet", "--prune=now")
	again := open(t, r.Dir(), r.State().Negotiation)
	if again.State().Digest() != digest {
		t.Fatal("after git gc the state is another")
	}
	act(t, again, borealia, proposal(t, "Go on", "every year", "each year"))
	digest = again.State().Digest()
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if third := open(t, r.Dir(), r.State().Negotiation); third.State().Digest() != digest {
		t.Error("a packed ref counts before the newer loose one")
	}
}

// TestClosed: a closed repository, which another process may have opened, is not
// written any more.
func TestClosed(t *testing.T) {
	r, messages := played(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Sign(borealia, keyOf(borealia), time.Now(), proposal(t, "Late", "every", "each")); !errors.Is(err, ErrClosed) {
		t.Errorf("signing: %v", err)
	}
	if err := r.Receive(context.Background(), messages[0]); !errors.Is(err, ErrClosed) {
		t.Errorf("receiving: %v", err)
	}
}

// TestWriteFailsTwice: while the disk fails nothing is taken, and when it is back
// the repository goes on by itself from what was acknowledged.
func TestWriteFailsTwice(t *testing.T) {
	for _, broken := range []string{"objects", "refs/heads/record", signersFile + ".d"} {
		t.Run(strings.ReplaceAll(broken, "/", " "), func(t *testing.T) {
			r := convened(t, charterWith(t, publicOf(cascadia)))
			digest := r.State().Digest()
			dir := r.Dir() + "/" + broken
			if err := os.Rename(dir, dir+".away"); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir, []byte("in the way"), 0o600); err != nil { // a file stands where a directory belongs
				t.Fatal(err)
			}
			join := func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(cascadia), "") }
			for range 2 {
				if _, _, err := r.Sign(cascadia, keyOf(cascadia), time.Now(), join); err == nil {
					t.Fatal("an act was acknowledged that is not on disk")
				}
				if r.State().Digest() != digest {
					t.Fatal("an act that was not acknowledged counts")
				}
			}
			if err := errors.Join(os.Remove(dir), os.Rename(dir+".away", dir)); err != nil {
				t.Fatal(err)
			}
			if err := r.Vouch(); err != nil {
				t.Fatalf("with the disk back: %v", err)
			}
			_, complete := r.State().Key(cascadia)
			if wanted := broken == "refs/heads/record"; complete != wanted {
				t.Fatalf("the act that was not acknowledged counts: %t; that all of it but the ref was on disk: %t", complete, wanted)
			}
			if !complete {
				act(t, r, cascadia, join)
			}
			digest = r.State().Digest()
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if again := open(t, r.Dir(), r.State().Negotiation); again.State().Digest() != digest {
				t.Error("what was acknowledged is not what is read back")
			}
		})
	}
}

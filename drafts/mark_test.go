package drafts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"concord/negotiation"
)

func Example_marks() {
	m := marks{
		"text":       {sequence: 1, act: negotiation.ActID{1}},
		"record/XAU": {sequence: 12, act: negotiation.ActID{2}},
	}
	fmt.Printf("%s", m.format("64768 131077"))
	// Output:
	// concord-marks 1
	// file 64768 131077
	// record/XAU 12 0200000000000000000000000000000000000000000000000000000000000000 0000000000000000000000000000000000000000
	// text 1 0100000000000000000000000000000000000000000000000000000000000000 0000000000000000000000000000000000000000
}

// TestMarksDamaged: marks that are not what was written are none.
func TestMarksDamaged(t *testing.T) {
	whole := marks{"text": {sequence: 3, act: negotiation.ActID{1}}}.format("1 2")
	if _, file, ok := parseMarks(whole); !ok || file != "1 2" {
		t.Fatal("what was written is not read")
	}
	for i := range whole {
		if _, _, ok := parseMarks(whole[:i]); ok && i != len("concord-marks 1\nfile 1 2\n") {
			t.Errorf("cut off after %d bytes, it is believed", i)
		}
	}
	if _, _, ok := parseMarks(append(whole, "text 4\n"...)); ok {
		t.Error("with something added, it is believed")
	}
}

// TestCrashBeforeRef: an act that was signed, and is on disk but for the ref, is
// completed when the repository is opened.
func TestCrashBeforeRef(t *testing.T) {
	for name, all := range map[string]bool{"one act": false, "the whole record": true} {
		t.Run(name, func(t *testing.T) {
			r, _ := played(t)
			digest := r.State().Digest()
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			ref := filepath.Join(r.Dir(), "refs", "heads", "record", "XBO")
			acts := r.ledger.Chain(negotiation.RecordOf(borealia))
			var err error
			if all {
				err = os.Remove(ref)
			} else {
				err = os.WriteFile(ref, []byte(r.commits[acts[len(acts)-2].ID()].commit.String()+"\n"), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			again := open(t, r.Dir(), r.State().Negotiation)
			if again.State().Digest() != digest {
				t.Fatal("the act is not there")
			}
			act(t, again, borealia, proposal(t, "Go on", "every year", "each year"))
			reopened(t, again)
		})
	}
}

// behindItself returns a repository that has lost the last act of XBO, which it has
// signed, and the message that brings it back.
func behindItself(t *testing.T) (*Repository, []byte) {
	t.Helper()
	r, messages := played(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	acts := r.ledger.Chain(negotiation.RecordOf(borealia))
	lost, before := r.commits[acts[len(acts)-1].ID()].commit, r.commits[acts[len(acts)-2].ID()].commit
	if err := os.WriteFile(filepath.Join(r.Dir(), "refs", "heads", "record", "XBO"), []byte(before.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(r.store.path(objectPath(lost))); err != nil {
		t.Fatal(err)
	}
	return open(t, r.Dir(), r.State().Negotiation), messages[len(messages)-1]
}

// TestLawL10: a place that was used is not used again, even when the act that was
// signed there is lost: the key is not even asked.
func TestLawL10(t *testing.T) {
	r, message := behindItself(t)
	_, _, err := r.Sign(borealia, &fickle{Signer: keyOf(borealia)}, r.State().Current().Time, proposal(t, "Again", "every year", "each year"))
	if !errors.Is(err, negotiation.ErrBehind) || !strings.Contains(err.Error(), "act 5 of record/XBO") {
		t.Errorf("signing behind the own mark: %v", err)
	}
	act(t, r, aurelia, proposal(t, "Aurelia has all of its own", "every year", "each year"))
	if err := r.Receive(context.Background(), message); err != nil {
		t.Fatal(err)
	}
	act(t, r, borealia, proposal(t, "Go on", "every year", "each year"))
	reopened(t, r)
}

// TestCopied: a repository that was copied or restored, or has lost its marks, signs
// nothing before somebody has vouched that it has all.
func TestCopied(t *testing.T) {
	for name, disturb := range map[string]func(dir string) error{
		"copied": func(dir string) error {
			return errors.Join(os.Rename(dir, dir+".original"), os.CopyFS(dir, os.DirFS(dir+".original")))
		},
		"without its marks": func(dir string) error { return os.Remove(filepath.Join(dir, marksFile)) },
		"with damaged marks": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, marksFile), []byte("concord-marks 1\nfile"), 0o600)
		},
		"with empty marks": func(dir string) error { return os.Truncate(filepath.Join(dir, marksFile), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := played(t)
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if name, _ := os.Stat(filepath.Join(r.Dir(), marksFile)); fileID(name) == noFileID {
				t.Skip("this system does not tell files apart")
			}
			if err := disturb(r.Dir()); err != nil {
				t.Fatal(err)
			}
			again := open(t, r.Dir(), r.State().Negotiation)
			if again.Vouched() {
				t.Error("it is taken for untouched")
			}
			_, _, err := again.Sign(borealia, keyOf(borealia), r.State().Current().Time, proposal(t, "Again", "every year", "each year"))
			if !errors.Is(err, negotiation.ErrBehind) {
				t.Errorf("signing: %v", err)
			}
			if err := again.Vouch(); err != nil {
				t.Fatal(err)
			}
			act(t, again, borealia, proposal(t, "Go on", "every year", "each year"))
			if again = reopened(t, again); !again.Vouched() {
				t.Error("that somebody vouched is forgotten")
			}
			act(t, again, borealia, proposal(t, "And on", "every year", "any year"))
		})
	}
}

// TestMoved: a repository that was moved as a whole is the one that it was.
func TestMoved(t *testing.T) {
	r, _ := played(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(r.Dir(), elsewhere); err != nil {
		t.Fatal(err)
	}
	act(t, open(t, elsewhere, r.State().Negotiation), borealia, proposal(t, "Go on", "every year", "each year"))
}

// TestHealed: an object that is cut off or empty is not taken for there when it comes
// again.
func TestHealed(t *testing.T) {
	for name, size := range map[string]int64{"empty": 0, "cut off": 20} {
		t.Run(name, func(t *testing.T) {
			from, messages := played(t)
			to := open(t, t.TempDir(), from.State().Negotiation)
			for _, m := range messages[:3] {
				if err := to.Receive(context.Background(), m); err != nil {
					t.Fatal(err)
				}
			}
			p, err := parseParcel(messages[3])
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range p.acts[0] {
				id, err := o.id()
				if err != nil {
					t.Fatal(err)
				}
				st, err := to.store.objectStage(objects{id: o})
				if err := errors.Join(err, to.store.put(st), os.Truncate(to.store.path(objectPath(id)), size)); err != nil {
					t.Fatal(err)
				}
			}
			for _, m := range messages[3:] {
				if err := to.Receive(context.Background(), m); err != nil {
					t.Fatal(err)
				}
			}
			if again := reopened(t, to); again.State().Digest() != from.State().Digest() {
				t.Error("the receiver has another state")
			}
		})
	}
}

// TestClearedAway: what a crash leaves is gone after opening, at any depth.
func TestClearedAway(t *testing.T) {
	r, _ := played(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	left := []string{
		"objects/" + temporary + "left", "objects/aa/" + temporary + "left", "refs/heads/record/" + temporary + "left",
		"objects/aa/" + strings.Repeat("b", 38), "refs/heads/record/XZZ", "refs/tags/rev-9",
	}
	for _, path := range left {
		if err := os.MkdirAll(filepath.Dir(r.store.path(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		content := []byte("half")
		if !strings.Contains(path, temporary) {
			content = nil
		}
		if err := os.WriteFile(r.store.path(path), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, r.Dir(), r.State().Negotiation)
	for _, path := range left {
		if _, err := os.Stat(r.store.path(path)); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
}

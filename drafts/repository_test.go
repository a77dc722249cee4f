package drafts

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"concord/negotiation"
)

const (
	aurelia  = negotiation.Code("XAU")
	borealia = negotiation.Code("XBO")
)

const zeroDraft = "# A statement\n\n*Mindful* of threats,\n\n1. States shall cooperate.\n\n1. States shall meet every year.\n"

func keyOf(c negotiation.Code) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(c))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicOf(c negotiation.Code) negotiation.PublicKey {
	return negotiation.PublicKeyOf(keyOf(c).Public().(ed25519.PublicKey))
}

func signatureOf(t testing.TB, c negotiation.Code, payload []byte) []byte {
	t.Helper()
	signature, err := negotiation.Sign(keyOf(c), negotiation.ActNamespace, payload)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func charterOf(t testing.TB) negotiation.Charter {
	t.Helper()
	raw := "title = \"A statement\"\nchair = \"XAU\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n"
	for _, c := range []negotiation.Code{aurelia, borealia} {
		raw += fmt.Sprintf("[[participant]]\ncode = %q\nname = \"State %s\"\nkey = %q\n", c, c, publicOf(c))
	}
	charter, err := negotiation.ParseCharter("charter.toml", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return charter
}

func textOf(t testing.TB, raw string) negotiation.Text {
	t.Helper()
	text, err := negotiation.CanonText("statement.en.md", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func open(t testing.TB, dir string, name negotiation.ActID) *Repository {
	t.Helper()
	r, err := Open(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// actTime returns the time of the act that so many come before.
func actTime(acts int) time.Time { return time.Date(2026, 3, 1, 9, acts, 0, 0, time.UTC) }

// act signs one act and returns it with the message that carries it.
func act(t testing.TB, r *Repository, c negotiation.Code, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) (negotiation.Verified, []byte) {
	t.Helper()
	v, message, err := r.Sign(c, keyOf(c), actTime(len(r.State().Log())), compose)
	if err != nil {
		t.Fatal(err)
	}
	return v, message
}

func proposal(t testing.TB, headline, old, new string) func(negotiation.Delegation) (negotiation.Unsigned, error) {
	return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		current := d.State().Current()
		return d.Propose(negotiation.Wording{
			Headline: headline, Base: current.Number,
			Explanation: "Reasons were given.\n\nProposal: XAU/9",
			Text:        textOf(t, strings.Replace(string(current.Text.Bytes()), old, new, 1)),
		})
	}
}

// played returns a repository with a short negotiation, and all messages in order.
func played(t testing.TB) (*Repository, [][]byte) {
	t.Helper()
	r := open(t, t.TempDir(), negotiation.ActID{})
	var messages [][]byte
	do := func(c negotiation.Code, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) {
		t.Helper()
		_, m := act(t, r, c, compose)
		messages = append(messages, m)
	}
	do(aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charterOf(t), textOf(t, zeroDraft), time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	})
	for _, c := range []negotiation.Code{aurelia, borealia} {
		do(c, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(c), "") })
	}
	do(borealia, proposal(t, "Voluntary basis", "shall cooperate", "should cooperate, on a voluntary basis"))
	do(borealia, proposal(t, "Twice", "every year", "twice a year"))
	do(aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(negotiation.ProposalID{Author: borealia, Number: 1}, negotiation.For, "")
	})
	do(aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		text, err := d.State().Consolidate(negotiation.ProposalID{Author: borealia, Number: 1})
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return d.Revise(negotiation.Publication{Headline: "First reading", Text: text, Accept: []negotiation.ProposalID{{Author: borealia, Number: 1}}})
	})
	do(borealia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Receive(d.State().Current().Act)
	})
	do(borealia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Withdraw(negotiation.ProposalID{Author: borealia, Number: 2}, "Once is enough.")
	})
	return r, messages
}

func count(t testing.TB, r *Repository) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(r.Dir(), "objects"), func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCarriedOver(t *testing.T) {
	from, messages := played(t)
	to := open(t, t.TempDir(), from.State().Negotiation)
	for i, m := range messages {
		if err := to.Receive(context.Background(), m); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if got, want := to.State().Digest(), from.State().Digest(); got != want {
		t.Fatalf("the receiver has digest %s, the author %s", got, want)
	}
	objects := count(t, to)
	for _, m := range messages {
		if err := to.Receive(context.Background(), m); err != nil {
			t.Errorf("the same message again: %v", err)
		}
	}
	if count(t, to) != objects {
		t.Error("repeated messages left something behind")
	}
	if count(t, from) != objects {
		t.Errorf("the author has %d objects, the receiver %d", count(t, from), objects)
	}
}

// TestCatchUp: a newcomer gets everything from the messages that Acts cuts.
func TestCatchUp(t *testing.T) {
	from, _ := played(t)
	to := open(t, t.TempDir(), from.State().Negotiation)
	for round := 0; to.State().Digest() != from.State().Digest(); round++ {
		if round > 10 {
			t.Fatal("the newcomer does not get level")
		}
		have := map[negotiation.Chain]uint64{}
		for _, h := range to.Heads() {
			have[h.Chain] = h.Sequence
		}
		for _, h := range from.Heads() {
			m, err := from.Acts(context.Background(), h.Chain, have[h.Chain]+1, negotiation.ActID{})
			if err != nil {
				t.Fatal(err)
			}
			if m == nil {
				continue
			}
			if err := to.Receive(context.Background(), m); err != nil && !errors.Is(err, negotiation.ErrGap) {
				t.Fatal(err)
			}
		}
	}
	if m, err := from.Acts(context.Background(), "record/XZZ", 1, negotiation.ActID{}); m != nil || err != nil {
		t.Errorf("acts of nobody: %q, %v", m, err)
	}
}

func TestReopen(t *testing.T) {
	r, _ := played(t)
	digest := r.State().Digest()
	if _, err := Open(r.Dir(), r.State().Negotiation); !errors.Is(err, ErrInUse) {
		t.Errorf("opening what is open: %v, want ErrInUse", err)
	}
	if err := os.Remove(filepath.Join(r.Dir(), "concord.lock")); err != nil && runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	if _, err := Open(r.Dir(), r.State().Negotiation); !errors.Is(err, ErrInUse) {
		t.Errorf("opening what is open, after somebody has deleted its lock: %v, want ErrInUse", err)
	}
	for range 20 { // whatever the order of the refs
		if state, err := Load(r.Dir(), negotiation.ActID{}); err != nil || state.Digest() != digest {
			t.Fatalf("loading without naming the negotiation: %v", err)
		}
	}
	if state, err := Load(r.Dir(), r.State().Negotiation); err != nil || state.Digest() != digest {
		t.Errorf("reading what is open: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(r.Dir(), "objects", temporary+"left")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, r.Dir(), r.State().Negotiation)
	if again.State().Digest() != digest {
		t.Error("what was acknowledged is not what is read back")
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("what a crash left is still there")
	}
	act(t, again, borealia, proposal(t, "Go on", "every year", "each year"))
	if _, err := Load(r.Dir(), negotiation.ActID{1}); !errors.Is(err, negotiation.ErrNegotiation) {
		t.Errorf("the repository of another negotiation: %v", err)
	}
}

// TestSignRefuses: an act that is not admissible leaves nothing behind.
func TestSignRefuses(t *testing.T) {
	r, _ := played(t)
	digest, objects := r.State().Digest(), count(t, r)
	_, _, err := r.Sign(borealia, keyOf(borealia), time.Now(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Withdraw(negotiation.ProposalID{Author: borealia, Number: 2}, "")
	})
	if !errors.Is(err, negotiation.ErrWithdrawn) {
		t.Errorf("withdrawing twice: %v", err)
	}
	_, _, err = r.Sign(borealia, keyOf(aurelia), time.Now(), proposal(t, "With a stolen name", "every", "each"))
	if !errors.Is(err, negotiation.ErrSignature) {
		t.Errorf("signing with another's key: %v", err)
	}
	if r.State().Digest() != digest || count(t, r) != objects {
		t.Error("a refused act left something behind")
	}
	act(t, r, borealia, proposal(t, "Go on", "every year", "each year"))
}

// TestWriteFails: when the disk fails, the act is not acknowledged and the node
// goes on from what the disk has.
func TestWriteFails(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("running as root: a directory in the way stands in for a read-only one")
	}
	r, _ := played(t)
	digest := r.State().Digest()
	ref := filepath.Join(r.Dir(), "refs", "heads", "record", "XBO")
	good, err := os.ReadFile(ref)
	if err != nil {
		t.Fatal(err)
	}
	objects := filepath.Join(r.Dir(), "objects")
	if err := os.Rename(objects, objects+".away"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Sign(borealia, keyOf(borealia), time.Now(), proposal(t, "Lost", "every year", "each year")); err == nil {
		t.Error("an act was acknowledged that is not on disk")
	}
	if err := os.RemoveAll(objects); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(objects+".away", objects); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(ref); err != nil || string(now) != string(good) {
		t.Errorf("the ref moved: %q, %v", now, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if again := open(t, r.Dir(), r.State().Negotiation); again.State().Digest() != digest {
		t.Error("what was acknowledged before the failure is not there")
	}
}

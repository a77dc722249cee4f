package drafts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"concord/negotiation"
)

// recovery is the key that XBO keeps offline, and fresh the one that it goes on with.
const (
	recovery = negotiation.Code("recovery of XBO")
	fresh    = negotiation.Code("fresh key of XBO")
)

type composer = func(negotiation.Delegation) (negotiation.Unsigned, error)

// mustSign signs an act of a participant's with a key.
func mustSign(t testing.TB, r *Repository, c, key negotiation.Code, compose composer) negotiation.Verified {
	t.Helper()
	v, _, err := r.Sign(c, keyOf(key), time.Date(2026, 3, 1, 9, len(r.State().Log()), 0, 0, time.UTC), compose)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func positionOn(paragraph uint64, why string) composer {
	return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnParagraph(1, paragraph, negotiation.For, why)
	}
}

func revision(t testing.TB, old, new string) composer {
	return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		text := strings.Replace(string(d.State().Current().Text.Bytes()), old, new, 1)
		return d.Revise(negotiation.Publication{Headline: "Next", Text: textOf(t, text)})
	}
}

// recoverable returns a repository in which everybody has joined with a recovery key.
func recoverable(t testing.TB) *Repository {
	t.Helper()
	r := open(t, t.TempDir(), negotiation.ActID{})
	mustSign(t, r, aurelia, aurelia, func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charterOf(t), textOf(t, zeroDraft), time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	})
	for _, c := range []negotiation.Code{aurelia, borealia} {
		mustSign(t, r, c, c, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Join(publicOf(c), publicOf("recovery of "+c))
		})
	}
	mustSign(t, r, borealia, borealia, positionOn(2, "Together."))
	return r
}

// bring gives a repository what another holds, until it has all.
func bring(t testing.TB, from, to *Repository) {
	t.Helper()
	missing := func(h negotiation.Head) bool { return !to.Holds(h) }
	for rounds := 0; slices.ContainsFunc(from.Heads(), missing); rounds++ {
		if rounds > 20 {
			t.Fatalf("%v are not taken", slices.DeleteFunc(from.Heads(), to.Holds))
		}
		for _, tip := range from.Heads() {
			for place := uint64(1); place <= tip.Sequence && missing(tip); {
				m, err := from.Acts(context.Background(), tip.Chain, place, tip.Act)
				if err != nil {
					t.Fatal(err)
				}
				if err = receiveFrom(t, from, to, m); errors.Is(err, negotiation.ErrGap) {
					break
				} else if err != nil && !errors.Is(err, negotiation.ErrForked) { // then it waits
					t.Fatal(err)
				}
				p, err := parseParcel(m)
				if err != nil {
					t.Fatal(err)
				}
				place += uint64(len(p.acts))
			}
		}
	}
}

// copyOf returns a second repository with the same acts, as somebody makes who has a
// copy of the key.
func copyOf(t testing.TB, r *Repository) *Repository {
	t.Helper()
	c := open(t, t.TempDir(), r.State().Negotiation)
	bring(t, r, c)
	if err := c.Vouch(); err != nil {
		t.Fatal(err)
	}
	return c
}

// cloned returns a copy of a repository on a file system in memory.
func cloned(t testing.TB, r *Repository) *Repository {
	t.Helper()
	dir := filepath.Join(inMemory(t), "copy.git")
	if err := os.CopyFS(dir, os.DirFS(r.Dir())); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir, r.State().Negotiation)
	if err := c.Vouch(); err != nil {
		t.Fatal(err)
	}
	return c
}

// refsIn returns the refs of a repository with what stock git says of each.
func refsIn(t *testing.T, r *Repository, prefix string) []string {
	t.Helper()
	return strings.Fields(stockGit(t, r.Dir(), "for-each-ref", "--format=%(refname)", prefix))
}

// checkWhole lets stock git judge all acts of a repository, and opens it again.
func checkWhole(t *testing.T, r *Repository) *Repository {
	t.Helper()
	needGit(t)
	if out := stockGit(t, r.Dir(), "fsck", "--strict", "--no-dangling"); out != "" {
		t.Errorf("git fsck --strict: %s", out)
	}
	if out := stockGit(t, r.Dir(), "fsck", "--unreachable"); strings.Contains(out, "commit") || strings.Contains(out, "tag") {
		t.Errorf("acts or tags that no ref leads to:\n%s", out)
	}
	for _, v := range r.State().Log() {
		signers := filepath.Join(r.Dir(), signersFile+".d", string(v.Act().Chain))
		stockGit(t, r.Dir(), "-c", "gpg.ssh.allowedSignersFile="+signers, "verify-commit", r.commits[v.ID()].commit.String())
	}
	digest, tips := r.State().Digest(), r.Heads()
	if state, err := Load(r.Dir(), r.State().Negotiation); err != nil || state.Digest() != digest {
		t.Errorf("what is on disk comes to something else: %v", err)
	}
	again := reopened(t, r)
	if again.State().Digest() != digest || !slices.Equal(again.Heads(), tips) {
		t.Errorf("after opening again: tips %v, were %v", again.Heads(), tips)
	}
	return again
}

// TestTwoSides: a record that was forked with two copies of one key is frozen by
// everybody who learns of both sides, with proof that stock git accepts; the recovery key
// thaws it everywhere.
func TestTwoSides(t *testing.T) {
	mine := recoverable(t)
	thief := copyOf(t, mine)
	first := mustSign(t, mine, borealia, borealia, positionOn(3, "Mine."))
	mustSign(t, thief, borealia, borealia, positionOn(3, "The thief's."))
	mustSign(t, thief, borealia, borealia, positionOn(4, "The thief's."))
	one, other := open(t, t.TempDir(), mine.State().Negotiation), open(t, t.TempDir(), mine.State().Negotiation)
	bring(t, mine, one)
	bring(t, thief, one)
	bring(t, thief, other)
	bring(t, mine, other)
	bring(t, other, mine)
	record := negotiation.RecordOf(borealia)
	for _, r := range []*Repository{one, other, mine} {
		f, frozen := r.State().Fork(record)
		if !frozen || f.Place != 3 || len(f.Sides) != 2 || r.State().Digest() != one.State().Digest() {
			t.Fatalf("forks %+v", r.State().Forks)
		}
		got := refsIn(t, r, "refs/evidence")
		for _, tip := range r.Heads() {
			// With fewer digits a thief could have two acts share one ref.
			if ref := fmt.Sprintf("refs/evidence/%s/%.32s", record, tip.Act); tip.Chain == record && !slices.Contains(got, ref) {
				t.Errorf("no ref %s among %v", ref, got)
			}
		}
		if len(got) != 2 {
			t.Errorf("evidence: %v", got)
		}
		if end := strings.TrimSpace(stockGit(t, r.Dir(), "rev-parse", "refs/heads/record/XBO")); end != r.commits[f.After].commit.String() {
			t.Errorf("the ref of the frozen record is at %s", end)
		}
	}
	one, other, mine = checkWhole(t, one), checkWhole(t, other), checkWhole(t, mine)
	if _, _, err := mine.Sign(borealia, keyOf(borealia), time.Now(), positionOn(4, "")); !errors.Is(err, negotiation.ErrForked) {
		t.Errorf("acting in a frozen record: %v", err)
	}

	mustSign(t, mine, borealia, recovery, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Recover(publicOf(fresh), "", first.ID(), "A laptop was stolen.")
	})
	mustSign(t, mine, borealia, fresh, positionOn(4, "Mine again."))
	mustSign(t, thief, borealia, borealia, positionOn(4, "Still here."))
	for _, r := range []*Repository{one, other} {
		bring(t, mine, r)
		bring(t, thief, r)
	}
	bring(t, thief, mine)
	for _, r := range []*Repository{one, other, mine} {
		state := r.State()
		if _, frozen := state.Fork(record); frozen || len(state.Forks) != 1 || state.Digest() != one.State().Digest() {
			t.Errorf("after recovery: forks %+v", state.Forks)
		}
		if len(state.Positions) != 3 || !state.Counts(first.ID()) {
			t.Errorf("after recovery: positions %+v", state.Positions)
		}
		if got := refsIn(t, r, "refs/evidence"); len(got) != 1 {
			t.Errorf("evidence after recovery: %v", got)
		}
		checkWhole(t, r)
	}
}

// TestTextSides: the two sides of a forked text keep their revisions, each with its
// tag, whichever counts.
func TestTextSides(t *testing.T) {
	needGit(t)
	r := recoverable(t)
	thief := copyOf(t, r)
	mine := mustSign(t, r, aurelia, aurelia, revision(t, "every", "each"))
	mustSign(t, thief, aurelia, aurelia, revision(t, "shall cooperate", "may cooperate"))
	if got := refsIn(t, r, "refs/tags"); len(got) != 2 {
		t.Errorf("tags: %v", got)
	}
	bring(t, thief, r)
	if got := refsIn(t, r, "refs/tags"); !slices.Equal(got, []string{"refs/tags/rev-1"}) {
		t.Errorf("tags of a frozen text: %v", got)
	}
	if got := refsIn(t, r, "refs/evidence/tags"); len(got) != 2 {
		t.Errorf("tags of the sides: %v", got)
	}
	for _, tag := range refsIn(t, r, "refs/evidence/tags") {
		stockGit(t, r.Dir(), "verify-tag", tag)
	}
	r = checkWhole(t, r)
	mustSign(t, r, aurelia, "recovery of XAU", func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Recover(publicOf("fresh key of XAU"), "", negotiation.ActID{}, "")
	})
	mustSign(t, r, aurelia, "fresh key of XAU", func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Rekey(mine.ID(), "")
	})
	if got := stockGit(t, r.Dir(), "rev-parse", "rev-2^{commit}"); strings.TrimSpace(got) != r.commits[mine.ID()].commit.String() {
		t.Errorf("rev-2 is %s", got)
	}
	mustSign(t, r, aurelia, "fresh key of XAU", revision(t, "of threats", "of all threats"))
	newcomer := open(t, t.TempDir(), r.State().Negotiation)
	bring(t, r, newcomer)
	if newcomer.State().Digest() != r.State().Digest() {
		t.Error("a newcomer comes to something else")
	}
	checkWhole(t, newcomer)
	checkWhole(t, r)
}

// TestSecondEncoding: a commit that is wrapped otherwise, of an act that is here, is
// passed over; nobody is accused.
func TestSecondEncoding(t *testing.T) {
	r, messages := played(t)
	digest, objects := r.State().Digest(), count(t, r)
	p, err := parseParcel(messages[3])
	if err != nil {
		t.Fatal(err)
	}
	wrapped := bytes.Replace(p.acts[0][0].body, []byte("\n U1NIU"), []byte("\n  U1NIU"), 1)
	p.acts[0][0].body = wrapped
	if err := r.Receive(context.Background(), p.format()); err != nil && !errors.Is(err, negotiation.ErrNotCanonical) {
		t.Errorf("a second encoding: %v", err)
	}
	if r.State().Digest() != digest || count(t, r) != objects || len(r.State().Forks) > 0 {
		t.Error("a second encoding left something behind")
	}
}

// A sided trial is a repository that is to learn of other sides, and what it comes to.
type sided struct {
	base, thief *Repository
	want        string // the digest with both sides
}

func newSided(t *testing.T) sided {
	t.Helper()
	s := sided{base: recoverable(t)}
	s.thief = copyOf(t, s.base)
	mustSign(t, s.thief, borealia, borealia, positionOn(3, "The thief's."))
	mustSign(t, s.thief, aurelia, aurelia, revision(t, "shall cooperate", "may cooperate"))
	mustSign(t, s.base, borealia, borealia, positionOn(3, "Mine."))
	mustSign(t, s.base, aurelia, aurelia, revision(t, "every", "each"))
	both := copyOf(t, s.base)
	bring(t, s.thief, both)
	s.want = both.State().Digest()
	return s
}

// learn gives r the other sides, and returns what was acknowledged.
func (s sided) learn(t *testing.T, r *Repository) (acked []negotiation.Head) {
	t.Helper()
	acked = s.base.Heads()
	for _, tip := range s.thief.Heads() {
		m, err := s.thief.Acts(context.Background(), tip.Chain, 1, tip.Act)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Receive(context.Background(), m); err == nil {
			acked = append(acked, tip)
		}
	}
	return acked
}

// check demands what was acknowledged, and that the rest can come again.
func (s sided) check(t *testing.T, r *Repository, acked []negotiation.Head) *Repository {
	t.Helper()
	for _, h := range acked {
		if !r.Holds(h) {
			t.Fatalf("act %d of %s was acknowledged and is lost", h.Sequence, h.Chain)
		}
	}
	bring(t, s.thief, r)
	if r = reopened(t, r); r.State().Digest() != s.want {
		t.Fatal("both sides come to something else")
	}
	return r
}

// TestForkOnAFailingDisk: whichever step of taking another side fails, and whenever the
// power does, nothing that was acknowledged is lost, and the repository goes on.
func TestForkOnAFailingDisk(t *testing.T) {
	needGit(t)
	s := newSided(t)
	whole := newLossy(t, s.base.Dir(), 0)
	r := cloned(t, s.base)
	r.store.disk = whole
	s.learn(t, r)
	chance := rand.New(rand.NewPCG(20260301, 0))
	for k := 1; k <= whole.steps; k++ {
		t.Run(fmt.Sprint("step ", k), func(t *testing.T) {
			r := cloned(t, s.base)
			r.store.disk, _ = failing(k, syscall.EIO, false)
			acked := s.learn(t, r)
			r = s.check(t, r, acked)
			if k%9 == 0 {
				checkWhole(t, r)
			}
		})
		t.Run(fmt.Sprint("power ", k), func(t *testing.T) {
			r := cloned(t, s.base)
			dying := newLossy(t, r.Dir(), k)
			r.store.disk = dying
			acked := s.learn(t, r)
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			s.check(t, open(t, dying.remains(t, chance), s.base.State().Negotiation), acked)
		})
	}
}

// TestRecoveryOnAFailingDisk: whichever step of recovering a record fails, it is
// recovered once: trying again does not settle it twice.
func TestRecoveryOnAFailingDisk(t *testing.T) {
	s := newSided(t)
	bring(t, s.thief, s.base)
	record := negotiation.RecordOf(borealia)
	mine, _ := s.base.State().Fork(record)
	settle := func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Recover(publicOf(fresh), "", mine.Sides[0], "")
	}
	for k, failed := 1, true; failed; k++ {
		r := cloned(t, s.base)
		r.store.disk, _ = failing(k, syscall.EIO, false)
		_, _, err := r.Sign(borealia, keyOf(recovery), time.Now(), settle)
		failed = err != nil
		r = reopened(t, r)
		if _, frozen := r.State().Fork(record); frozen {
			if !failed {
				t.Fatalf("failing at step %d: a recovery that was acknowledged is lost", k)
			}
			mustSign(t, r, borealia, recovery, settle)
		}
		if _, frozen := r.State().Fork(record); frozen {
			t.Fatalf("failing at step %d: the record has been settled twice", k)
		}
		mustSign(t, r, borealia, fresh, positionOn(4, "Mine again."))
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMarkBeside: a repository whose newest act has been put beside the line by a
// recovery elsewhere goes on at places that it has used, after what counts.
func TestMarkBeside(t *testing.T) {
	r := recoverable(t)
	elsewhere := copyOf(t, r)
	for range 3 {
		mustSign(t, r, borealia, borealia, positionOn(3, "Mine."))
	}
	mustSign(t, elsewhere, borealia, recovery, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Recover(publicOf(fresh), "", negotiation.ActID{}, "The node was lost.")
	})
	bring(t, elsewhere, r)
	mustSign(t, r, borealia, fresh, positionOn(4, "Found again."))
	mustSign(t, reopened(t, r), borealia, fresh, positionOn(4, "And again."))
}

// TestRecoverWhatIsLost: acts that were signed here, and that nobody has any more, do not
// keep the owner from recovering the record.
func TestRecoverWhatIsLost(t *testing.T) {
	r := recoverable(t)
	before := r.ledger.Chain(negotiation.RecordOf(borealia))
	mustSign(t, r, borealia, borealia, positionOn(3, "Lost."))
	lost := r.commits[r.ledger.Head(negotiation.RecordOf(borealia)).Act].commit
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	end := r.commits[before[len(before)-1].ID()].commit
	if err := errors.Join(
		os.WriteFile(r.store.path("refs/heads/record/XBO"), []byte(end.String()+"\n"), 0o600),
		os.Remove(r.store.path(objectPath(lost))),
	); err != nil {
		t.Fatal(err)
	}
	r = open(t, r.Dir(), r.State().Negotiation)
	if _, _, err := r.Sign(borealia, keyOf(borealia), time.Now(), positionOn(3, "Again.")); !errors.Is(err, negotiation.ErrBehind) {
		t.Errorf("signing at a place that was used: %v", err)
	}
	mustSign(t, r, borealia, recovery, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Recover(publicOf(fresh), "", negotiation.ActID{}, "The disk has lost what nobody else has.")
	})
	mustSign(t, r, borealia, fresh, positionOn(3, "Again."))
	reopened(t, r)
}

// TestThiefOfTheRecoveryKey: where a thief has the recovery key, too, and answers each
// recovery, the record is frozen for all, with proof that stock git accepts of both sides;
// nothing that was signed on either is taken for the state's consent.
func TestThiefOfTheRecoveryKey(t *testing.T) {
	mine := recoverable(t)
	thief := copyOf(t, mine)
	record, before := negotiation.RecordOf(borealia), mine.State()
	speak := func(r *Repository, key negotiation.Code) (last negotiation.ActID) {
		for _, compose := range []composer{
			positionOn(3, map[*Repository]string{mine: "Mine.", thief: "The thief's."}[r]),
			func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Receive(before.Current().Act) },
			func(d negotiation.Delegation) (negotiation.Unsigned, error) {
				return d.Recognise(borealia, negotiation.ActID{}, "")
			},
		} {
			last = mustSign(t, r, borealia, key, compose).ID()
		}
		return last
	}
	side := speak(mine, borealia)
	speak(thief, borealia)
	for _, round := range []string{"first", "second", "third"} {
		bring(t, thief, mine)
		mustSign(t, mine, borealia, recovery, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Recover(publicOf("my "+negotiation.Code(round)), "", side, "")
		})
		if _, frozen := mine.State().Fork(record); frozen {
			t.Fatalf("the %s recovery does not settle what the thief has not answered yet", round)
		}
		side = speak(mine, "my "+negotiation.Code(round))
		mustSign(t, thief, borealia, recovery, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Recover(publicOf("the thief's "+negotiation.Code(round)), "", negotiation.ActID{}, "")
		})
		speak(thief, "the thief's "+negotiation.Code(round))
	}
	one, other := open(t, t.TempDir(), before.Negotiation), open(t, t.TempDir(), before.Negotiation)
	for _, from := range []*Repository{mine, thief} {
		bring(t, from, one)
	}
	for _, from := range []*Repository{thief, mine} {
		bring(t, from, other)
	}
	bring(t, thief, mine)
	bring(t, one, thief)
	for _, r := range []*Repository{mine, thief, one, other} {
		state := r.State()
		if f, frozen := state.Fork(record); !frozen || f.Place != 3 || len(f.Sides) != 2 || state.Digest() != one.State().Digest() {
			t.Fatalf("forks %+v", state.Forks)
		}
		if len(state.Positions) != len(before.Positions) || len(state.Receipts) != len(before.Receipts) || len(state.Recognitions) != 0 {
			t.Errorf("what a frozen record says is taken for consent: %+v, %+v, %+v", state.Positions, state.Receipts, state.Recognitions)
		}
		if got := refsIn(t, r, "refs/evidence/record/XBO"); len(got) != 2 {
			t.Errorf("evidence: %v", got)
		}
		if _, _, err := r.Sign(borealia, keyOf("my third"), time.Now(), positionOn(4, "")); !errors.Is(err, negotiation.ErrForked) {
			t.Errorf("acting in a frozen record: %v", err)
		}
	}
	path := filepath.Join(t.TempDir(), "proof.bundle")
	forks, err := Evidence(t.Context(), one.Dir(), before.Negotiation, record, path)
	if err != nil || len(forks) != 1 || len(forks[0]) != 2 {
		t.Fatalf("evidence: %v, %v", forks, err)
	}
	for _, r := range []*Repository{mine, one, other} {
		checkWhole(t, r) // git verify-commit of every act, with the keys in force
	}
}

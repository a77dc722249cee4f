package drafts

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"errors"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// A wilful key signs with another nonce than the one that RFC 8032 derives, as whoever
// has an ed25519 key can: its signatures are as good as the others.
type wilful struct {
	ed25519.PrivateKey
	nonce byte
}

func (k wilful) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = k.nonce
	nonce := ed25519.NewKeyFromSeed(seed)
	point, public := nonce.Public().(ed25519.PublicKey), k.Public().(ed25519.PublicKey)
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	hash := sha512.Sum512(slices.Concat(point, public, message))
	s := new(big.Int).Mul(littleEndian(hash[:]), scalar(k.PrivateKey))
	s.Add(s, scalar(nonce)).Mod(s, order)
	last := s.FillBytes(make([]byte, 32))
	slices.Reverse(last)
	return slices.Concat(point, last), nil
}

// scalar returns the secret number of a key (RFC 8032, section 5.1.5).
func scalar(key ed25519.PrivateKey) *big.Int {
	hash := sha512.Sum512(key.Seed())
	hash[0], hash[31] = hash[0]&248, hash[31]&127|64
	return littleEndian(hash[:32])
}

func littleEndian(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// receiveFrom gives a message to a repository, and what it then lacks from another.
func receiveFrom(t testing.TB, from, to *Repository, message []byte) error {
	t.Helper()
	for tries := 0; ; tries++ {
		err := to.Receive(t.Context(), message)
		var lacks *lacking
		if !errors.As(err, &lacks) || tries > 20 {
			return err
		}
		for _, one := range lacks.Lacks() {
			m, err := from.Acts(t.Context(), one.Chain, one.Sequence, one.Act)
			if err != nil {
				t.Fatal(err)
			}
			if m == nil {
				t.Fatalf("who holds the act does not have %v", one)
			}
			if err := to.Receive(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Halves are two repositories that hold one act with different signatures, and the
// repositories of who has signed it.
type halves struct {
	one, other   *Repository
	mine, copied *Repository
	by           negotiation.Code
	twice        negotiation.Verified
}

// halved returns such after a participant has signed an act twice.
func halved(t testing.TB, r *Repository, by negotiation.Code, compose composer) halves {
	t.Helper()
	h := halves{one: copyOf(t, r), other: copyOf(t, r), mine: r, copied: copyOf(t, r), by: by}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var one []byte
	var err error
	if h.twice, one, err = h.mine.Sign(by, keyOf(by), at, compose); err != nil {
		t.Fatal(err)
	}
	twin, other, err := h.copied.Sign(by, wilful{keyOf(by), 1}, at, compose)
	if err != nil {
		t.Fatal(err)
	}
	if twin.ID() != h.twice.ID() || h.commitIn(h.mine) == h.commitIn(h.copied) {
		t.Fatal("that is not one act with two signatures: this tests nothing")
	}
	for r, m := range map[*Repository][]byte{h.one: one, h.other: other} {
		if err := r.Receive(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h halves) commitIn(r *Repository) plumbing.Hash { return r.commits[h.twice.ID()].commit }

// about returns an act of another participant's about an act that was signed twice.
func about(v negotiation.Verified) composer {
	if v.Act().Chain == negotiation.TextChain {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Receive(v.ID()) }
	}
	return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(negotiation.ProposalID{Author: v.Act().Author, Number: 1}, negotiation.For, "")
	}
}

// twinned returns repositories that hold all, after one participant has signed an act
// twice, another has acted on each, and the first has gone on after the second: an act of
// a record, and a revision, which has a tag.
func twinned(t testing.TB) map[string]halves {
	t.Helper()
	all := map[string]halves{}
	for name, scene := range map[string]struct {
		by          negotiation.Code
		twice, next composer
	}{
		"a proposal": {cascadia, proposal(t, "Voluntary basis", "shall cooperate", "should cooperate"), positionOn(3, "Next.")},
		"a revision": {aurelia, revision(t, "every year", "each year"), revision(t, "each year", "twice a year")},
	} {
		r := convened(t, charterWith(t, publicOf(cascadia)))
		mustSign(t, r, cascadia, cascadia, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(cascadia), "") })
		h := halved(t, r, scene.by, scene.twice)
		others := slices.DeleteFunc([]negotiation.Code{aurelia, borealia, cascadia}, func(c negotiation.Code) bool { return c == scene.by })
		mustSign(t, h.one, others[0], others[0], about(h.twice))
		mustSign(t, h.other, others[1], others[1], about(h.twice))
		mustSign(t, h.copied, scene.by, scene.by, scene.next)
		for _, r := range []*Repository{h.one, h.other, h.mine} {
			for _, from := range []*Repository{h.copied, h.one, h.other} {
				bring(t, from, r)
			}
		}
		bring(t, h.one, h.copied)
		all[name] = h
	}
	return all
}

// TestTwins: an act that was signed in two ways splits nobody. Who holds the one takes
// what is about the other, with nothing that tells of a fork; who comes later takes both;
// and stock git, Audit and docs/audit.sh find every act verified.
func TestTwins(t *testing.T) {
	audit := scriptOf(t)
	for name, h := range twinned(t) {
		t.Run(name, func(t *testing.T) {
			late := copyOf(t, h.other)
			for which, r := range map[string]*Repository{"one": h.one, "other": h.other, "its author": h.mine, "its author's copy": h.copied, "late": late} {
				state := r.State()
				if state.Digest() != h.one.State().Digest() || len(state.Forks) > 0 || len(state.Rejections) > 0 {
					t.Fatalf("%s: forks %v, rejections %v", which, state.Forks, state.Rejections)
				}
				if h.commitIn(r) != h.commitIn(h.mine) && h.commitIn(r) != h.commitIn(h.copied) {
					t.Errorf("%s has a third commit", which)
				}
				r = checkWhole(t, r)
				for _, id := range []plumbing.Hash{h.commitIn(h.mine), h.commitIn(h.copied)} {
					if !r.commits[h.twice.ID()].has(id) {
						t.Errorf("%s does not have the commit %s after opening again", which, id)
					}
					stockGit(t, r.Dir(), "verify-commit", id.String())
				}
				checkSound(t, audit, which, r.Dir())
			}
		})
	}
}

// checkSound demands that Audit and docs/audit.sh find nothing in a record.
func checkSound(t *testing.T, audit func(testing.TB, string) (string, int), which, dir string) {
	t.Helper()
	if report := audited(t, dir); !report.OK() {
		t.Errorf("%s: Audit finds %v", which, report.Findings)
	}
	if out, code := audit(t, dir); code != 0 {
		t.Errorf("%s: docs/audit.sh: exit code %d\n%s", which, code, out)
	}
}

// TestTwinsTravel: clones, mirrors and bundles of such a record are whole, and whoever
// holds either commit of the act can take a bundle.
func TestTwinsTravel(t *testing.T) {
	audit := scriptOf(t)
	for name, h := range twinned(t) {
		t.Run(name, func(t *testing.T) {
			for which, r := range map[string]*Repository{"one": h.one, "other": h.other} {
				server := gitServer(t, r)
				mirror, clone := filepath.Join(t.TempDir(), "mirror.git"), filepath.Join(t.TempDir(), "clone")
				stockGit(t, ".", "clone", "--quiet", "--mirror", server, mirror)
				stockGit(t, ".", "clone", "--quiet", server, clone)
				checkSound(t, audit, which+"'s mirror", mirror)
				checkSound(t, audit, which+"'s clone", clone)
				byGit := filepath.Join(t.TempDir(), "git.bundle")
				stockGit(t, clone, "bundle", "create", "--quiet", byGit, "--all")
				for _, path := range []string{export(t, r, Basis{}), byGit} {
					fresh := open(t, t.TempDir(), negotiation.ActID{})
					if taken := imported(t, fresh, path); taken != len(r.commits) {
						t.Errorf("%d acts were taken of %d", taken, len(r.commits))
					}
					if fresh.State().Digest() != r.State().Digest() {
						t.Error("who takes all from a bundle is not where its maker is")
					}
				}
			}
		})
	}
}

// TestTagOfTwin: a revision goes on with its tag where the tag is of another commit than
// the one that the chair goes on after, and nothing else leads to that commit.
func TestTagOfTwin(t *testing.T) {
	audit := scriptOf(t)
	h := halved(t, convened(t, charterWith(t, publicOf(cascadia))), aurelia, revision(t, "every year", "each year"))
	mustSign(t, h.copied, aurelia, aurelia, revision(t, "each year", "twice a year"))
	bring(t, h.copied, h.one)
	for again := range 2 {
		r := h.one
		if again > 0 {
			r = checkWhole(t, r)
		}
		server := gitServer(t, r)
		mirror, clone := filepath.Join(t.TempDir(), "mirror.git"), filepath.Join(t.TempDir(), "clone")
		stockGit(t, ".", "clone", "--quiet", "--mirror", server, mirror)
		stockGit(t, ".", "clone", "--quiet", server, clone)
		for _, dir := range []string{r.Dir(), mirror, clone} {
			checkSound(t, audit, dir, dir)
			stockGit(t, dir, "rev-parse", "--verify", "--quiet", "refs/tags/rev-2")
		}
		bring(t, r, open(t, t.TempDir(), r.State().Negotiation))
		imported(t, open(t, t.TempDir(), negotiation.ActID{}), export(t, r, Basis{}))
	}
}

// TestTwinsInBundles: a bundle with acts that are about one commit of an act is taken by
// whoever holds the other.
func TestTwinsInBundles(t *testing.T) {
	r := convened(t, charterWith(t, publicOf(cascadia)))
	h := halved(t, r, aurelia, revision(t, "every year", "each year"))
	mustSign(t, h.one, borealia, borealia, about(h.twice))
	mustSign(t, h.mine, aurelia, aurelia, positionOn(3, ""))
	bring(t, h.mine, h.one)
	if taken := imported(t, h.other, export(t, h.one, Basis{})); taken != 2 {
		t.Errorf("%d acts were taken of 2", taken)
	}
	if h.other.State().Digest() != h.one.State().Digest() {
		t.Error("who holds the other commit is not where the bundle's maker is")
	}
	checkWhole(t, h.other)
}

// TestFalseTwins: an act whose commit has as a parent what only looks like another commit
// of the act there is refused, by the door, on opening, by Audit and by docs/audit.sh;
// and nothing is kept of it.
func TestFalseTwins(t *testing.T) {
	audit := scriptOf(t)
	s := staged(t)
	of := s.r.commits[s.text.Act]
	body := s.r.commitBody(of.commit)
	c, err := decodeCommit(body)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := c.payload()
	if err != nil {
		t.Fatal(err)
	}
	blob := unarmoured(signatureOf(t, aurelia, payload))
	signedAs := func(signature []byte) object {
		return object{plumbing.CommitObject, forgery{by: aurelia, sign: func([]byte) []byte { return signature }}.seal(t, c)}
	}
	later := c
	later.at = c.at.Add(time.Second)
	for name, k := range map[string]struct {
		twin object
		want negotiation.Fault
	}{
		"wrapped at 64 columns": {signedAs(armoured(blob, 64)), negotiation.ErrSignature},
		"malleated":             {signedAs(armoured(malleated(blob), 70)), negotiation.ErrSignature},
		"of another key":        {signedAs(signatureOf(t, borealia, payload)), negotiation.ErrSignature},
		"not signed":            {signedAs(nil), negotiation.ErrSignature},
		"of another time":       {object{plumbing.CommitObject, forgery{by: aurelia}.seal(t, later)}, negotiation.ErrNotCanonical},
		"not canonical":         {object{plumbing.CommitObject, []byte(strings.Replace(string(body), "+0000\ncommitter", "-0000\ncommitter", 1))}, negotiation.ErrNotCanonical},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := k.twin.id()
			if err != nil {
				t.Fatal(err)
			}
			message := forge(t, s.r, s.borealia(forgery{commit: func(c *commit) {
				c.parents[slices.Index(c.parents, of.commit)] = id
			}}))
			refuses(t, s.r, message, negotiation.ErrGap)
			supply := parcel{negotiation.TextChain, s.text.Sequence, [][]object{{k.twin}}}.format()
			if err := s.r.Receive(t.Context(), supply); err == nil {
				refuses(t, s.r, message, k.want)
			} else if !errors.Is(err, negotiation.ErrNotCanonical) {
				t.Errorf("what only looks like the act: %v", err)
			}
			dir := smuggled(t, s.r, message)
			layDown(t, dir, objects{id: k.twin})
			checkFound(t, dir, hostile{want: k.want})
			if _, err := Load(dir, negotiation.ActID{}); !errors.Is(err, k.want) {
				t.Errorf("Load: %v, want fault %q", err, k.want)
			}
			if out, code := audit(t, dir); code != 1 {
				t.Errorf("docs/audit.sh: exit code %d, want 1\n%s", code, out)
			}
		})
	}
}

// TestForeignTwin: a commit of an act by another key than the one in force there is no
// twin, though only a ref leads to it.
func TestForeignTwin(t *testing.T) {
	s := staged(t)
	c, err := decodeCommit(s.r.commitBody(s.r.commits[s.wording].commit))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "copy.git")
	if err := os.CopyFS(dir, os.DirFS(s.r.Dir())); err != nil {
		t.Fatal(err)
	}
	foreign := objects{}
	id, err := foreign.add(object{plumbing.CommitObject, forgery{by: aurelia}.seal(t, c)})
	if err != nil {
		t.Fatal(err)
	}
	layDown(t, dir, foreign)
	pointRef(t, dir, evidenceRef(negotiation.RecordOf(borealia), s.wording), id)
	checkFound(t, dir, hostile{want: negotiation.ErrSignature})
	if _, err := Load(dir, negotiation.ActID{}); !errors.Is(err, negotiation.ErrSignature) {
		t.Errorf("Load: %v", err)
	}
	if out, code := scriptOf(t)(t, dir); code != 1 {
		t.Errorf("docs/audit.sh: exit code %d, want 1\n%s", code, out)
	}
}

// TestTwinsAreBounded: of what a hostile signer makes, only what an act names is kept.
func TestTwinsAreBounded(t *testing.T) {
	r := convened(t, charterWith(t, publicOf(cascadia)))
	h := halved(t, r, aurelia, revision(t, "every year", "each year"))
	c, err := decodeCommit(h.one.commitBody(h.commitIn(h.one)))
	if err != nil {
		t.Fatal(err)
	}
	objects := count(t, h.one)
	for nonce := range byte(50) {
		body := forgery{sign: func(payload []byte) []byte {
			signature, err := negotiation.Sign(wilful{keyOf(aurelia), nonce + 2}, negotiation.ActNamespace, payload)
			if err != nil {
				t.Fatal(err)
			}
			return signature
		}, by: aurelia}.seal(t, c)
		m := parcel{negotiation.TextChain, h.twice.Act().Sequence, [][]object{{{plumbing.CommitObject, body}}}}.format()
		if err := h.one.Receive(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.one.awaits) > 0 || len(h.one.commits[h.twice.ID()].twins) > 0 || count(t, h.one) != objects {
		t.Errorf("commits that nothing names are kept: %v, %v", h.one.awaits, h.one.commits[h.twice.ID()])
	}
	_, message, err := h.other.Sign(borealia, keyOf(borealia), time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), about(h.twice))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := h.one.Receive(t.Context(), message); !errors.Is(err, negotiation.ErrGap) {
			t.Fatal(err)
		}
	}
	if n := len(h.one.awaits[negotiation.RecordOf(borealia)].twins); n != 1 || count(t, h.one) != objects {
		t.Errorf("%d commits are waited for; one is lacking", n)
	}
	if err := receiveFrom(t, h.other, h.one, message); err != nil {
		t.Fatal(err)
	}
	if len(h.one.awaits) > 0 {
		t.Error("what has come is waited for")
	}
}

// TestTwinsOfWhatWaits: twins are taken of an act that waits, by one that waits with it
// and by one for which it is kept; they come to disk with these, and not before.
func TestTwinsOfWhatWaits(t *testing.T) {
	for name, needs := range map[string]func(h halves, next negotiation.Verified) (negotiation.Verified, *Repository){
		"another's act is about it": func(h halves, _ negotiation.Verified) (negotiation.Verified, *Repository) {
			return mustSign(t, h.other, aurelia, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
				text := strings.Replace(string(d.State().Current().Text.Bytes()), "shall cooperate", "should cooperate", 1)
				return d.Revise(negotiation.Publication{Headline: "Accepted", Text: textOf(t, text), Accept: []negotiation.ProposalID{{Author: borealia, Number: 1}}})
			}), h.other
		},
		"its author recovers the record": func(h halves, next negotiation.Verified) (negotiation.Verified, *Repository) {
			return mustSign(t, h.copied, borealia, recovery, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
				return d.Recover(publicOf(fresh), "", next.ID(), "")
			}), h.copied
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := recoverable(t)
			flooded, late := copyOf(t, r), copyOf(t, r)
			messages := flood(t, r, 150)
			give := func(r *Repository, messages [][]byte) {
				for _, m := range messages {
					if err := r.Receive(t.Context(), m); err != nil && !errors.Is(err, negotiation.ErrForked) {
						t.Fatal(err)
					}
				}
			}
			give(flooded, messages)
			give(late, messages[75:])
			h := halved(t, r, borealia, proposal(t, "Softer", "shall cooperate", "should cooperate"))
			next := mustSign(t, h.copied, borealia, borealia, positionOn(3, "Next."))
			twin, objects := h.commitIn(h.copied), count(t, flooded)
			message := func(from *Repository, v negotiation.Verified) []byte {
				m, err := from.Acts(t.Context(), v.Act().Chain, v.Act().Sequence, v.ID())
				if err != nil || m == nil {
					t.Fatal(err)
				}
				return m
			}
			for _, m := range [][]byte{message(h.mine, h.twice), message(h.copied, next)} {
				if err := receiveFrom(t, h.copied, flooded, m); !errors.Is(err, negotiation.ErrForked) {
					t.Fatalf("what has no room does not wait: %v", err)
				}
			}
			if count(t, flooded) != objects || len(flooded.awaits) > 0 {
				t.Errorf("of what waits something is on disk, or lacking: %v", flooded.awaits)
			}
			needing, with := needs(h, next)
			if err := receiveFrom(t, with, flooded, message(with, needing)); err != nil {
				t.Fatal(err)
			}
			if !flooded.Holds(negotiation.Head{Chain: needing.Act().Chain, Sequence: needing.Act().Sequence, Act: needing.ID()}) {
				t.Fatal("an act is not taken because what it needs has waited")
			}
			bring(t, h.copied, with)
			bring(t, h.mine, with)
			give(with, messages[:75])
			for again := range 2 {
				bring(t, with, flooded)
				if flooded.State().Digest() != with.State().Digest() {
					t.Error("L1: who was flooded is somewhere else")
				}
				if !flooded.commits[h.twice.ID()].has(twin) || flooded.commitBody(twin) == nil {
					t.Errorf("the commit that others name is not kept: %s", twin)
				}
				if again == 0 {
					flooded = checkWhole(t, flooded)
				}
			}
			if report := audited(t, flooded.Dir()); len(report.Findings) > 0 || len(report.Damage) > 0 {
				t.Errorf("Audit finds %v, %v", report.Findings, report.Damage)
			}
			path := filepath.Join(t.TempDir(), "all.bundle")
			stockGit(t, flooded.Dir(), "bundle", "create", "--quiet", path, "--all")
			for _, r := range []*Repository{late, open(t, t.TempDir(), flooded.State().Negotiation)} {
				report, err := r.Import(t.Context(), path)
				if err != nil || r.State().Digest() != flooded.State().Digest() {
					t.Errorf("after importing a bundle: %+v, %v", report, err)
				}
				for _, c := range report {
					if c.Refused > 0 && !errors.Is(c.Err, negotiation.ErrForked) || c.Refused == 0 && c.Err != nil {
						t.Errorf("import: %+v", c)
					}
				}
				checkWhole(t, r)
			}
		})
	}
}

// TestTwinOfWhatIsLost: when the act that is here can no longer be read, one that names a
// twin of it is not taken, nobody is blamed, and the repository goes on once it can be.
func TestTwinOfWhatIsLost(t *testing.T) {
	h := halved(t, convened(t, charterWith(t, publicOf(cascadia))), aurelia, revision(t, "every year", "each year"))
	_, message, err := h.other.Sign(borealia, keyOf(borealia), time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), about(h.twice))
	if err != nil {
		t.Fatal(err)
	}
	lost := h.commitIn(h.one).String()
	path := filepath.Join(h.one.Dir(), "objects", lost[:2], lost[2:])
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	err = receiveFrom(t, h.other, h.one, message)
	if _, fault := negotiation.FaultOf(err); err == nil || fault {
		t.Fatalf("an act is taken whose parent cannot be written, or its sender blamed: %v", err)
	}
	err = h.one.Receive(t.Context(), message)
	if _, fault := negotiation.FaultOf(err); err == nil || fault {
		t.Fatalf("a repository that cannot be read takes an act, or blames its sender: %v", err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if err := receiveFrom(t, h.other, h.one, message); err != nil {
		t.Fatal(err)
	}
	if h.one.State().Digest() != h.other.State().Digest() {
		t.Error("who lost an act for a while is somewhere else")
	}
	checkWhole(t, h.one)
}

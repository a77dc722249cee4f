package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

// open opens the repository of a data directory, which need not be where it was.
func (p pair) open(dir string) *drafts.Repository {
	p.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		p.Fatal(err)
	}
	id, err := dataDir(abs).identity()
	if err != nil {
		p.Fatal(err)
	}
	r, err := drafts.Open(dataDir(abs).repository(), id.negotiation)
	if err == nil {
		err = r.Vouch()
	}
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { r.Close() })
	return r
}

// sign signs an act in a repository, and gives it to others.
func (p pair) sign(r *drafts.Repository, code string, compose func(negotiation.Delegation) (negotiation.Unsigned, error), to ...*drafts.Repository) negotiation.Verified {
	p.Helper()
	key, err := dataDir(filepath.Dir(r.Dir())).key(p.Context(), &passphrases{})
	if err != nil {
		p.Fatal(err)
	}
	v, message, err := r.Sign(negotiation.Code(strings.ToUpper(code)), key, time.Now(), compose)
	if err != nil {
		p.Fatal(err)
	}
	for _, other := range to {
		if err := other.Receive(p.Context(), message); err != nil {
			p.Fatal(err)
		}
	}
	return v
}

// fork has as many copies of a data directory sign one act each, for one place.
func (p pair) fork(code string, copies int, compose func(copy int) func(negotiation.Delegation) (negotiation.Unsigned, error)) (sides []negotiation.Verified) {
	p.Helper()
	var from []*drafts.Repository
	for i := range copies {
		name := fmt.Sprintf("%s-%d", code, i)
		if err := os.CopyFS(name, os.DirFS(code)); err != nil {
			p.Fatal(err)
		}
		from = append(from, p.open(name))
	}
	r := p.open(code)
	for i, one := range from {
		sides = append(sides, p.sign(one, code, compose(i), r))
	}
	if err := r.Close(); err != nil {
		p.Fatal(err)
	}
	return sides
}

// joined has XBO join, without a node.
func (p pair) joined() {
	p.Helper()
	xau, xbo := p.open("xau"), p.open("xbo")
	text, err := xau.Acts(p.Context(), negotiation.TextChain, 1, negotiation.ActID{})
	if err == nil {
		err = xbo.Receive(p.Context(), text)
	}
	if err != nil {
		p.Fatal(err)
	}
	p.sign(xbo, "xbo", func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		key, recovery := strings.TrimSpace(read(p.T, "xbo.pub")), strings.TrimSpace(read(p.T, "xbo-recovery.pub"))
		return d.Join(negotiation.PublicKey(key), negotiation.PublicKey(recovery))
	}, xau)
	for _, r := range []*drafts.Repository{xau, xbo} {
		if err := r.Close(); err != nil {
			p.Fatal(err)
		}
	}
}

// says runs concord and demands an exit code and words, on stdout or stderr.
func (p pair) says(want int, words []string, args ...string) {
	p.Helper()
	var out bytes.Buffer
	if code := mainWith(args, strings.NewReader(""), &out, &out); code != want {
		p.Fatalf("concord %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, want, &out)
	}
	for _, w := range words {
		if !strings.Contains(out.String(), w) {
			p.Errorf("concord %s does not say %q:\n%s", strings.Join(args, " "), w, &out)
		}
	}
}

// TestManySides: where a thief has made many sides of a record, its owner is told what each
// choice puts aside, and goes on after any of them.
func TestManySides(t *testing.T) {
	p := newPair(t)
	p.joined()
	p.concord("keygen", "--no-passphrase", "fresh")
	sides := p.fork("xbo", 16, func(i int) func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.PositionOnParagraph(1, 2, negotiation.For, fmt.Sprintf("reason %d", i))
		}
	})
	before := fmt.Sprintf("%.16s", sides[0].Act().Previous)
	recover := []string{"key", "recover", "--dir", "xbo", "--recovery-key", "xbo-recovery.key", "--new-key", "fresh.key"}
	p.says(1, []string{"record/XBO is forked at act 2", "--after " + before, "all 16 acts are put aside"}, recover...)
	p.says(0, []string{"Recover the record: act 3 of record/XBO", "Put aside for good, 15 of record/XBO"}, append(recover, "--after", sides[3].ID().String())...)
}

// TestForkedText: whoever settles a forked text is told between what, and what that
// puts aside.
func TestForkedText(t *testing.T) {
	p := newPair(t)
	p.joined()
	p.concord("keygen", "--no-passphrase", "fresh")
	sides := p.fork("xau", 2, func(i int) func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			raw := bytes.Replace(d.State().Charter.Raw(), []byte("72h"), fmt.Appendf(nil, "%dh", 24*(i+4)), 1)
			charter, err := negotiation.ParseCharter("charter", raw)
			if err != nil {
				return negotiation.Unsigned{}, err
			}
			return d.Amend(charter, fmt.Sprintf("Version %d", i), "")
		}
	})
	p.concord("key", "recover", "--dir", "xau", "--recovery-key", "xau-recovery.key", "--new-key", "fresh.key")
	choice := []string{"text is forked at act 2", "Side 2 of 2", fmt.Sprintf("act 2, %.16s: ", sides[1].ID())}
	p.says(1, choice, "chair", "rekey", "--dir", "xau")
	p.says(1, choice, "chair", "recognise", "--dir", "xau", "XAU")
	if said := p.concord("chair", "recognise", "--dir", "xau", "--after", sides[1].ID().String(), "XAU"); strings.Contains(said, "Put aside") {
		t.Errorf("recognising a successor puts nothing aside yet; it says:\n%s", said)
	}
	p.says(0, []string{"Put aside for good, 1 of text", fmt.Sprintf("act 2, %.16s:", sides[0].ID())},
		"chair", "rekey", "--dir", "xau", "--after", sides[1].ID().String())
}

// TestLevelledRecovery: whoever recovers a record that a thief of its recovery key has
// recovered before is told that this does not count yet, and what does.
func TestLevelledRecovery(t *testing.T) {
	p := newPair(t)
	p.joined()
	for _, name := range []string{"thief", "fresh"} {
		p.concord("keygen", "--no-passphrase", name)
	}
	r := p.open("xbo")
	joined := r.State().Heads
	at := fmt.Sprintf("%.16s", joined[len(joined)-1].Act)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	recover := func(key, next, after string) []string {
		return []string{"key", "recover", "--dir", "xbo", "--new-key", key + ".key", "--recovery-key", next, "--after", after}
	}
	p.says(0, nil, append(recover("thief", "xbo-recovery.key", at), "--new-recovery", "thief-recovery.pub")...)
	p.says(0, []string{"does not count yet", "recover once more", "--after "}, append(recover("fresh", "xbo-recovery.key", at), "--new-recovery", "fresh-recovery.pub")...)
}

// TestForkedWords: words that the chair has accepted from what is now a side of a fork are
// told as their author's, and as not counting.
func TestForkedWords(t *testing.T) {
	p := newPair(t)
	p.joined()
	text, err := negotiation.CanonText("statement.md", []byte("# A statement\n\n1. States should cooperate.\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS("copies/xbo", os.DirFS("xbo")); err != nil {
		t.Fatal(err)
	}
	xau, thief := p.open("xau"), p.open("copies/xbo")
	p.sign(p.open("xbo"), "xbo", func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Propose(negotiation.Wording{Headline: "Should", Base: 1, Text: text})
	}, xau)
	p.sign(xau, "xau", func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Revise(negotiation.Publication{Headline: "First reading", Text: text, Accept: []negotiation.ProposalID{{Author: "XBO", Number: 1}}})
	})
	p.sign(thief, "xbo", takes(negotiation.For), xau)
	const whose = "XBO (record frozen at act 2)"
	p.says(0, []string{"XBO/1 by " + whose}, "blame", "--dir", "xau")
	p.says(0, []string{"words of XBO/1 by " + whose, "accepted XBO/1"}, "biography", "--dir", "xau", "OP1")
	p.says(0, []string{"| " + whose + " | XBO/1 in rev-2 of "}, "provenance", "--dir", "xau")
	p.says(0, []string{`"` + whose + `","XBO/1 in rev-2 of `}, "provenance", "--dir", "xau", "--format", "csv")
	p.says(0, []string{`"beside": "frozen"`, `"fork": 2`}, "provenance", "--dir", "xau", "--format", "json")
}

// flood has as many thieves of a participant's key sign one act each after what a
// repository holds, and returns these as they are sent.
func (p pair) flood(from *drafts.Repository, code string, sides int) (acts [][]byte) {
	p.Helper()
	key, err := dataDir(code).key(p.Context(), &passphrases{})
	if err != nil {
		p.Fatal(err)
	}
	signs := func(i int) (message []byte, err error) {
		thief, err := drafts.Open(filepath.Join(p.TempDir(), "thief.git"), from.State().Negotiation)
		if err != nil {
			return nil, err
		}
		defer thief.Close()
		for _, h := range from.Heads() {
			m, err := from.Acts(p.Context(), h.Chain, 1, h.Act)
			if err != nil {
				return nil, err
			}
			if err := thief.Receive(p.Context(), m); err != nil {
				return nil, err
			}
		}
		if err := thief.Vouch(); err != nil {
			return nil, err
		}
		_, message, err = thief.Sign(negotiation.Code(strings.ToUpper(code)), key, time.Now(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.PositionOnParagraph(1, 2, negotiation.For, fmt.Sprintf("reason %d", i))
		})
		return message, err
	}
	for i := range sides {
		m, err := signs(i)
		if err != nil {
			p.Fatal(err)
		}
		acts = append(acts, m)
	}
	return acts
}

// TestRestoredUnderAFlood: a node that was restored can sign again although nobody has
// the same sides of its record, of which a thief has made more than any node keeps.
func TestRestoredUnderAFlood(t *testing.T) {
	p := newPair(t)
	p.joined()
	p.concord("keygen", "--no-passphrase", "fresh")
	xau, xbo := p.open("xau"), p.open("xbo")
	before := xbo.State().Heads
	acts := p.flood(xbo, "xbo", 70)
	for i := range acts {
		for r, m := range map[*drafts.Repository][]byte{xau: acts[i], xbo: acts[len(acts)-1-i]} {
			if err := r.Receive(t.Context(), m); err != nil && !errors.Is(err, negotiation.ErrForked) {
				t.Fatal(err)
			}
		}
	}
	if slices.Equal(xau.Heads(), xbo.Heads()) {
		t.Fatal("both nodes keep the same sides: this tests nothing")
	}
	for _, r := range []*drafts.Repository{xau, xbo} {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove("xbo/repository.git/concord.marks"); err != nil {
		t.Fatal(err)
	}
	p.start("xau", 0)
	guest := p.start("xbo", time.Hour)
	p.until(guest, "another node is level with the one that was restored", guest.repository.Vouched)
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	p.says(0, []string{"Recover the record: act 2 of record/XBO"}, "key", "recover", "--dir", "xbo", "--recovery-key", "xbo-recovery.key",
		"--new-key", "fresh.key", "--after", fmt.Sprintf("%.16s", before[len(before)-1].Act))
}

package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"concord/drafts"
	"concord/federation"
	"concord/negotiation"
)

// A wilful key signs with another nonce than the one that RFC 8032 derives, as whoever
// has an ed25519 key can: its signatures are as good as the others.
type wilful struct{ ed25519.PrivateKey }

func (k wilful) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	nonce := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
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

// A quartet is four states' repositories, and what each is joined with.
type quartet struct {
	*testing.T
	repositories map[negotiation.Code]*drafts.Repository
	links        map[negotiation.Code]*federation.Link
	signed       int
}

var quartetCodes = []negotiation.Code{"XAU", "XBO", "XCA", "XDE"}

func keyOf(c negotiation.Code) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(c))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicOf(c negotiation.Code) negotiation.PublicKey { return publicKey(keyOf(c)) }

// newQuartet returns four repositories in which all four have joined.
func newQuartet(t *testing.T) quartet {
	t.Helper()
	q := quartet{T: t, repositories: map[negotiation.Code]*drafts.Repository{}, links: map[negotiation.Code]*federation.Link{}}
	raw := "title = \"A statement\"\nchair = \"XAU\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n"
	for _, c := range quartetCodes {
		raw += fmt.Sprintf("[[participant]]\ncode = %q\nname = \"State\"\nkey = %q\n", c, publicOf(c))
	}
	charter, err := negotiation.ParseCharter("charter.toml", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	text, err := negotiation.CanonText("statement.md", []byte("# A statement\n\n1. States shall cooperate.\n"))
	if err != nil {
		t.Fatal(err)
	}
	var messages [][]byte
	for _, c := range quartetCodes {
		r := q.open()
		q.repositories[c] = r
		for _, m := range messages {
			q.give(r, m)
		}
		if c == "XAU" {
			_, m := q.sign(r, c, keyOf(c), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
				return negotiation.ConveneWith(charter, text, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
			})
			messages = append(messages, m)
		}
		_, m := q.sign(r, c, keyOf(c), func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(c), "") })
		messages = append(messages, m)
	}
	for _, r := range q.repositories {
		for _, m := range messages {
			q.give(r, m)
		}
	}
	return q
}

func (q *quartet) open() *drafts.Repository {
	q.Helper()
	r, err := drafts.Open(q.TempDir(), negotiation.ActID{})
	if err == nil {
		err = r.Vouch()
	}
	if err != nil {
		q.Fatal(err)
	}
	q.Cleanup(func() { r.Close() })
	return r
}

func (q *quartet) sign(r *drafts.Repository, c negotiation.Code, key crypto.Signer, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) (negotiation.Verified, []byte) {
	q.Helper()
	v, m, err := r.Sign(c, key, time.Date(2026, 3, 1, 10, q.signed, 0, 0, time.UTC), compose)
	if err != nil {
		q.Fatal(err)
	}
	q.signed++
	return v, m
}

func (q *quartet) give(r *drafts.Repository, message []byte) {
	q.Helper()
	if err := r.Receive(q.Context(), message); err != nil {
		q.Fatal(err)
	}
}

// twice has a state sign one act with two signatures.
func (q *quartet) twice(c negotiation.Code, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) (v negotiation.Verified, one, other []byte) {
	q.Helper()
	r, copy := q.repositories[c], q.open()
	for _, tip := range r.Heads() {
		m, err := r.Acts(q.Context(), tip.Chain, 1, tip.Act)
		if err != nil {
			q.Fatal(err)
		}
		q.give(copy, m)
	}
	v, one = q.sign(r, c, keyOf(c), compose)
	q.signed--
	twin, other := q.sign(copy, c, wilful{keyOf(c)}, compose)
	if twin.ID() != v.ID() || string(one) == string(other) {
		q.Fatal("the two signatures are not of one act, or not two: this tests nothing")
	}
	return v, one, other
}

// join joins the four over NATS.
func (q *quartet) join() {
	q.Helper()
	secret := federation.HubSecret{1}
	name := q.repositories["XAU"].State().Negotiation
	for _, c := range quartetCodes {
		var carrier federation.Carrier = federation.Hub{Listen: "127.0.0.1:0", Secret: secret}
		if c != "XAU" {
			carrier = federation.Leaf{URL: q.links["XAU"].HubURL(), Seed: secret.Seed(name, c)}
		}
		link, err := federation.Open(q.Context(), federation.Config{
			Negotiation: name, Code: c, Store: q.repositories[c], Carrier: carrier, HeadsEvery: 100 * time.Millisecond,
			Participants: func() []negotiation.Code { return quartetCodes },
			Sign: func(message []byte) ([]byte, error) {
				return negotiation.Sign(keyOf(c), negotiation.HeadsNamespace, message)
			},
			Verify: func(by negotiation.Code, message, signature []byte) error {
				return negotiation.VerifySignature(publicOf(by), negotiation.HeadsNamespace, message, signature)
			},
		})
		if err != nil {
			q.Fatal(err)
		}
		q.links[c] = link
		q.Cleanup(link.Close)
	}
}

// converge waits until everybody holds some acts.
func (q *quartet) converge(acts ...negotiation.Verified) {
	q.Helper()
	ctx, cancel := context.WithTimeout(q.Context(), patience)
	defer cancel()
	for c, r := range q.repositories {
		for _, v := range acts {
			head := negotiation.Head{Chain: v.Act().Chain, Sequence: v.Act().Sequence, Act: v.ID()}
			for changed := r.Changed(); !r.Holds(head); changed = r.Changed() {
				if r.Holds(head) {
					break
				}
				select {
				case <-changed:
				case <-ctx.Done():
					q.Fatalf("L6: %s does not get act %d of %s: %+v", c, head.Sequence, head.Chain, q.links[c].Peers())
				}
			}
		}
	}
	for c, r := range q.repositories {
		if r.State().Digest() != q.repositories["XAU"].State().Digest() || len(r.State().Forks) > 0 {
			q.Errorf("L1: %s holds the same acts, and they come to something else; forks %v", c, r.State().Forks)
		}
	}
}

// proposeShould proposes another verb.
func proposeShould(d negotiation.Delegation) (negotiation.Unsigned, error) {
	text, err := negotiation.CanonText("statement.md", []byte(strings.Replace(string(d.State().Current().Text.Bytes()), "shall", "should", 1)))
	if err != nil {
		return negotiation.Unsigned{}, err
	}
	return d.Propose(negotiation.Wording{Headline: "Should", Base: 1, Text: text})
}

// TestTwins: a state that signs one act in two ways, and gives one half of the others
// the one and the other half the other, splits nobody: neither those who act on it nor
// those who come later.
func TestTwins(t *testing.T) {
	q := newQuartet(t)
	proposal, one, other := q.twice("XCA", proposeShould)
	q.give(q.repositories["XBO"], one)
	q.give(q.repositories["XAU"], other)
	on := func(why string) func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.PositionOnProposal(negotiation.ProposalID{Author: "XCA", Number: 1}, negotiation.For, why)
		}
	}
	bo, _ := q.sign(q.repositories["XBO"], "XBO", keyOf("XBO"), on("It is mild."))
	au, _ := q.sign(q.repositories["XAU"], "XAU", keyOf("XAU"), on("It is short."))
	ca, _ := q.sign(q.repositories["XCA"], "XCA", keyOf("XCA"), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnParagraph(1, 2, negotiation.For, "")
	})
	q.join()
	q.converge(proposal, bo, au, ca)
	de, message := q.sign(q.repositories["XDE"], "XDE", keyOf("XDE"), on("It is late."))
	if err := q.links["XDE"].Announce(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	q.converge(de)
	for c, l := range q.links {
		for _, p := range l.Peers() {
			if p.Faults > 0 {
				t.Errorf("%s blames %s for %d messages: %s", c, p.Code, p.Faults, p.LastFault)
			}
		}
	}
}

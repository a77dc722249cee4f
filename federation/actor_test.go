package federation

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"concord/negotiation"
)

// simulated are the participants of a simulation; the first has the chair.
var simulated = func() (codes []negotiation.Code) {
	for i := range 28 {
		codes = append(codes, negotiation.Code([]byte{'X', 'A' + byte(i/26), 'A' + byte(i%26)}))
	}
	return codes
}()

var simulatedStart = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// simulatedKeys are those that were derived already, by what they are derived from.
var simulatedKeys sync.Map

func simulatedKey(code negotiation.Code, number int) ed25519.PrivateKey {
	name := fmt.Sprint(code, " ", number)
	key, ok := simulatedKeys.Load(name)
	if !ok {
		seed := make([]byte, ed25519.SeedSize)
		copy(seed, name)
		key, _ = simulatedKeys.LoadOrStore(name, ed25519.NewKeyFromSeed(seed))
	}
	return key.(ed25519.PrivateKey)
}

func publicKey(key ed25519.PrivateKey) negotiation.PublicKey {
	return negotiation.PublicKeyOf(key.Public().(ed25519.PublicKey))
}

// sign makes a document of an act.
func sign(u negotiation.Unsigned, key crypto.Signer) *document {
	message, err := negotiation.FormatAct(u.Act)
	if err != nil {
		panic(err)
	}
	payload := append([]byte("simulated\n\n"), message...)
	signature, err := negotiation.Sign(key, negotiation.ActNamespace, payload)
	if err != nil {
		panic(err)
	}
	return newDocument(payload, signature, u.Files, slices.Sorted(maps.Keys(u.Files)))
}

// begunNegotiation is what every simulation begins with: the convening and 28 joins.
var begunNegotiation = sync.OnceValue(func() []*document {
	var b strings.Builder
	fmt.Fprintf(&b, "title = \"A statement\"\nchair = %q\nlanguages = [\"en\"]\n\n[rules]\nshortest_silence = \"72h\"\n", simulated[0])
	for _, code := range simulated {
		fmt.Fprintf(&b, "\n[[participant]]\ncode = %q\nname = %q\nkey = %q\n", code, "State "+code, publicKey(simulatedKey(code, 0)))
	}
	charter, err := negotiation.ParseCharter("charter.toml", []byte(b.String()))
	if err != nil {
		panic(err)
	}
	text, err := negotiation.CanonText("draft.md", []byte("# A statement\n\n1. States shall cooperate.\n2. States should share.\n3. States may meet.\n"))
	if err != nil {
		panic(err)
	}
	u, err := negotiation.ConveneWith(charter, text, simulatedStart)
	if err != nil {
		panic(err)
	}
	v := newVault(negotiation.ActID{}, newSeals(), []*document{sign(u, simulatedKey(simulated[0], 0))}, 1)
	for _, code := range simulated {
		key := simulatedKey(code, 0)
		if u, err = v.ledger.As(code, simulatedStart).Join(publicKey(key), publicKey(simulatedKey(code, 99))); err != nil {
			panic(err)
		}
		if err := v.take(sign(u, key)); err != nil {
			panic(err)
		}
	}
	return v.disk
})

// anew signs as its key does, but with a nonce of its own choice: both signatures of
// one message are valid and canonical.
type anew struct{ key ed25519.PrivateKey }

func (a anew) Public() crypto.PublicKey { return a.key.Public() }

func (a anew) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	nonce := ed25519.NewKeyFromSeed(slices.Repeat([]byte{7}, ed25519.SeedSize))
	r := nonce.Public().(ed25519.PublicKey)
	hash := sha512.Sum512(slices.Concat(r, a.key.Public().(ed25519.PublicKey), message))
	s := new(big.Int).Mul(littleEndian(hash[:]), scalarOf(a.key))
	s.Add(s, scalarOf(nonce))
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	encoded := s.Mod(s, order).FillBytes(make([]byte, 32))
	slices.Reverse(encoded)
	return slices.Concat(r, encoded), nil
}

func littleEndian(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// scalarOf is the secret scalar of a key (RFC 8032, 5.1.5).
func scalarOf(key ed25519.PrivateKey) *big.Int {
	hash := sha512.Sum512(key.Seed())
	hash[0] &= 248
	hash[31] = hash[31]&127 | 64
	return littleEndian(hash[:32])
}

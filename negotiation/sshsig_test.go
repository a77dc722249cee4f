package negotiation

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestSignReferee lets ssh-keygen judge what Sign makes and lets
// VerifySignature judge what ssh-keygen makes.
func TestSignReferee(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not installed")
	}
	dir := t.TempDir()
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public := PublicKeyOf(private.Public().(ed25519.PublicKey))
	message := []byte("States should cooperate.\n")

	signers := filepath.Join(dir, "allowed_signers")
	signature := filepath.Join(dir, "signature")
	write(t, signers, "KAZ "+string(public)+"\n")
	write(t, signature, mustSign(t, private, ActNamespace, message))
	verify := exec.Command(keygen, "-Y", "verify", "-f", signers, "-I", "KAZ", "-n", ActNamespace, "-s", signature)
	verify.Stdin, err = os.Open(writeTemp(t, dir, message))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := verify.CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen refuses our signature: %v\n%s", err, out)
	}

	keyFile := filepath.Join(dir, "theirs")
	if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", keyFile).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	file := writeTemp(t, dir, message)
	if out, err := exec.Command(keygen, "-Y", "sign", "-f", keyFile, "-n", ActNamespace, file).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen -Y sign: %v\n%s", err, out)
	}
	theirs, err := ParsePublicKey(read(t, keyFile+".pub"))
	if err != nil {
		t.Fatal(err)
	}
	if err := VerifySignature(theirs, ActNamespace, message, []byte(read(t, file+".sig"))); err != nil {
		t.Errorf("we refuse ssh-keygen's signature: %v", err)
	}
	if err := VerifySignature(theirs, HeadsNamespace, message, []byte(read(t, file+".sig"))); err == nil {
		t.Error("a signature made for one purpose verifies for another")
	}
}

func TestVerifySignatureRefuses(t *testing.T) {
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public := PublicKeyOf(private.Public().(ed25519.PublicKey))
	message := []byte("message")
	good := mustSign(t, private, ActNamespace, message)

	other := ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), 1))
	for name, bad := range map[string]string{
		"empty":            "",
		"no end":           good[:len(good)-5],
		"wrapped anew":     armourBegin + good[len(armourBegin):len(armourBegin)+64] + "\n" + good[len(armourBegin)+64:],
		"trailing bytes":   good + "\n",
		"another key":      mustSign(t, other, ActNamespace, message),
		"another purpose":  mustSign(t, private, HeadsNamespace, message),
		"another message":  mustSign(t, private, ActNamespace, []byte("massage")),
		"carriage returns": armourBegin[:len(armourBegin)-1] + "\r\n" + good[len(armourBegin):],
	} {
		if err := VerifySignature(public, ActNamespace, message, []byte(bad)); err == nil {
			t.Errorf("%s: accepted", name)
		} else if f, _ := FaultOf(err); f != ErrSignature {
			t.Errorf("%s: fault %q, want %q", name, f, ErrSignature)
		}
	}
	if err := VerifySignature(public, ActNamespace, message, []byte(good)); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// An agent holds keys elsewhere: as absent, it has none any more.
type agent struct {
	public crypto.PublicKey
	absent error
}

func (a agent) Public() crypto.PublicKey { return a.public }

func (a agent) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, a.absent }

func TestSignWithAKeyHeldElsewhere(t *testing.T) {
	gone := errors.New("the agent is gone")
	public := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public()
	if _, err := Sign(agent{public, gone}, ActNamespace, nil); !errors.Is(err, gone) {
		t.Errorf("an agent that is gone: error %v, want its own", err)
	}
	other := &rsa.PublicKey{N: big.NewInt(3233), E: 17}
	if signature, err := Sign(agent{other, nil}, ActNamespace, nil); err == nil {
		t.Errorf("an RSA key signed: %s", signature)
	}
}

// smallOrderKeys returns the encodings of the points of small order.
func smallOrderKeys(t testing.TB) []ed25519.PublicKey {
	t.Helper()
	var keys []ed25519.PublicKey
	for _, digits := range smallOrder {
		for _, sign := range []byte{0, 0x80} {
			key, err := hex.DecodeString(digits)
			if err != nil {
				t.Fatal(err)
			}
			key[31] |= sign
			keys = append(keys, key)
		}
	}
	return keys
}

// TestSmallOrder works out that the table has the points with 8·P = 0, all eight, in every
// encoding; shows that without a private key there are signatures under each, and that none
// is taken for a key.
func TestSmallOrder(t *testing.T) {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	number := func(n *big.Int) *big.Int { return n.Mod(n, p) }
	product := func(a *big.Int, more ...*big.Int) *big.Int {
		a = new(big.Int).Set(a)
		for _, b := range more {
			number(a.Mul(a, b))
		}
		return a
	}
	sum := func(a, b *big.Int) *big.Int { return number(new(big.Int).Add(a, b)) }
	less := func(a, b *big.Int) *big.Int { return number(new(big.Int).Sub(a, b)) }
	inverse := func(a *big.Int) *big.Int { return new(big.Int).ModInverse(a, p) }
	one := big.NewInt(1)
	d := number(product(big.NewInt(-121665), inverse(big.NewInt(121666))))
	points := map[string]bool{}
	for _, digits := range smallOrder {
		raw, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(raw)
		y := new(big.Int).SetBytes(raw)
		if again := new(big.Int).Add(y, p); again.BitLen() <= 255 {
			raw = again.FillBytes(raw)
			slices.Reverse(raw)
			if !slices.Contains(smallOrder[:], hex.EncodeToString(raw)) {
				t.Errorf("%s has another encoding, %x", digits, raw)
			}
		}
		number(y)
		x := new(big.Int).ModSqrt(product(less(product(y, y), one), inverse(sum(product(d, y, y), one))), p)
		if x == nil {
			t.Errorf("%s is no point", digits)
			continue
		}
		points[fmt.Sprint(x, y)], points[fmt.Sprint(less(p, x), y)] = true, true
		for range 3 {
			k := product(d, x, x, y, y)
			x, y = product(x, y, big.NewInt(2), inverse(sum(one, k))), product(sum(product(y, y), product(x, x)), inverse(less(one, k)))
		}
		if x.Sign() != 0 || y.Cmp(one) != 0 {
			t.Errorf("%s: 8·P is (%d, %d)", digits, x, y)
		}
	}
	if len(points) != 8 {
		t.Errorf("%d points, want 8", len(points))
	}
	nothing := append([]byte{1}, make([]byte, ed25519.SignatureSize-1)...) // R is 0, and s is
	for _, key := range smallOrderKeys(t) {
		n := 0
		for n < 1000 && !ed25519.Verify(key, fmt.Append(nil, n), nothing) {
			n++
		}
		if n == 1000 {
			t.Errorf("%x: nothing was signed in %d tries", key, n)
		}
		if _, err := ParsePublicKey(string(PublicKeyOf(key))); !errors.Is(err, ErrNotCanonical) {
			t.Errorf("%x is taken for a key: %v", key, err)
		}
	}
}

func FuzzParsePublicKey(f *testing.F) {
	f.Add(string(PublicKeyOf(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey))) + " comment")
	for _, key := range smallOrderKeys(f) {
		f.Add(string(PublicKeyOf(key)))
	}
	f.Add("ssh-ed25519 AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		key, err := ParsePublicKey(s)
		if err != nil {
			return
		}
		if again, err := ParsePublicKey(string(key)); err != nil || again != key {
			t.Errorf("ParsePublicKey(%q) = %q, %v", key, again, err)
		}
	})
}

func mustSign(t testing.TB, key crypto.Signer, namespace string, message []byte) string {
	t.Helper()
	signature, err := Sign(key, namespace, message)
	if err != nil {
		t.Fatal(err)
	}
	return string(signature)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func writeTemp(t *testing.T, dir string, b []byte) string {
	t.Helper()
	name := filepath.Join(dir, "message")
	write(t, name, string(b))
	return name
}

package drafts

import (
	"crypto"
	"errors"
	"io"
	"testing"
	"time"

	"concord/negotiation"
)

// A fickle key is held by somebody else, who signs so many times and then no more.
type fickle struct {
	crypto.Signer
	left int
}

var errFickle = errors.New("no more")

func (k *fickle) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if k.left--; k.left < 0 {
		return nil, errFickle
	}
	return k.Signer.Sign(rand, digest, opts)
}

// TestSignWithoutAnswer: a key that fails half way, with the act signed and its tag
// not, leaves no act behind, and the same act can be done later.
func TestSignWithoutAnswer(t *testing.T) {
	r := open(t, t.TempDir(), negotiation.ActID{})
	convene := func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charterOf(t), textOf(t, zeroDraft), time.Now())
	}
	for signatures := range 2 {
		if _, _, err := r.Sign(aurelia, &fickle{keyOf(aurelia), signatures}, time.Now(), convene); !errors.Is(err, errFickle) {
			t.Fatalf("after %d signatures: error %v, want the key's own", signatures, err)
		}
		if heads := r.State().Heads; len(heads) > 0 {
			t.Fatalf("after %d signatures: there is %v", signatures, heads)
		}
	}
	if _, _, err := r.Sign(aurelia, &fickle{keyOf(aurelia), 2}, time.Now(), convene); err != nil {
		t.Errorf("when the key answers again: %v", err)
	}
}

package drafts

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"os"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/hash"
)

// TestCollision: what names objects reports the collision that is publicly known, of the
// first 320 bytes of two PDF files (Stevens et al. 2017, shattered.io). Nobody has made one of
// two git objects, whose names cover their kind and length: inside one, the same bytes
// collide no more, and the two are told apart as any others.
func TestCollision(t *testing.T) {
	var files [2][]byte
	for i, name := range []string{"testdata/shattered-1.base64", "testdata/shattered-2.base64"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if files[i], err = base64.StdEncoding.DecodeString(string(bytes.ReplaceAll(raw, []byte("\n"), nil))); err != nil {
			t.Fatal(err)
		}
		h := hash.New(crypto.SHA1)
		h.Write(files[i])
		detector, ok := h.(interface {
			CollisionResistantSum([]byte) ([]byte, bool)
		})
		if !ok {
			t.Fatal("the hash of objects detects no collisions")
		}
		if _, collides := detector.CollisionResistantSum(nil); !collides {
			t.Errorf("%s: the collision is not detected", name)
		}
	}
	one, err := object{plumbing.BlobObject, files[0]}.id()
	if err != nil {
		t.Fatal(err)
	}
	two, err := object{plumbing.BlobObject, files[1]}.id()
	if err != nil || one == two {
		t.Errorf("as git objects: %s and %s, %v", one, two, err)
	}
}

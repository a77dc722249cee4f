package drafts

import (
	"crypto"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/hash"

	"concord/negotiation"
)

// An object is one git object, whole and undeltified.
type object struct {
	kind plumbing.ObjectType // commit, tree, blob or tag
	body []byte
}

// header is what git puts before the body, in the name and on disk.
func (o object) header() []byte { return fmt.Appendf(nil, "%s %d\x00", o.kind, len(o.body)) }

// id returns the object's git name. An object made to collide with another under
// SHA-1 is refused with [negotiation.ErrTree].
func (o object) id() (plumbing.Hash, error) {
	h := hash.New(crypto.SHA1)
	h.Write(o.header())
	h.Write(o.body)
	detector, ok := h.(interface {
		CollisionResistantSum([]byte) ([]byte, bool)
	})
	if !ok {
		return plumbing.Hash(h.Sum(nil)), nil
	}
	sum, collides := detector.CollisionResistantSum(nil)
	if collides {
		return plumbing.ZeroHash, negotiation.ErrTree.Because("a %s is made to collide with another under SHA-1", o.kind)
	}
	return plumbing.Hash(sum), nil
}

// objects are the git objects that one act brings, by name.
type objects map[plumbing.Hash]object

func (set objects) add(o object) (plumbing.Hash, error) {
	id, err := o.id()
	if err == nil {
		set[id] = o
	}
	return id, err
}

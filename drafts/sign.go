package drafts

import (
	"crypto"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// Sign lets a participant act: compose says what, on the ledger as it is now; the
// act is signed, goes through the same door as any other, and is on disk when Sign
// returns it with the message that carries it to others. An error from compose or
// from the key, or the [negotiation.Fault] that the door finds, leaves everything as
// it was. So does [negotiation.ErrBehind], when the repository may lack acts that the
// participant has signed.
func (r *Repository) Sign(as negotiation.Code, key crypto.Signer, at time.Time,
	compose func(negotiation.Delegation) (negotiation.Unsigned, error),
) (negotiation.Verified, []byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(); err != nil {
		return negotiation.Verified{}, nil, err
	}
	u, err := compose(r.ledger.As(as, at))
	if err != nil {
		return negotiation.Verified{}, nil, err
	}
	if err := r.maySign(u.Act); err != nil {
		return negotiation.Verified{}, nil, err
	}
	act, err := r.seal(u, key)
	if err != nil {
		return negotiation.Verified{}, nil, err
	}
	in, err := unpack(act)
	if err != nil {
		return negotiation.Verified{}, nil, err
	}
	v, err := r.sign(&in)
	if err != nil {
		return negotiation.Verified{}, nil, err
	}
	head := negotiation.Head{Chain: v.Act().Chain, Sequence: v.Act().Sequence, Act: v.ID()}
	if err := r.settle(); err != nil && !r.durable.Load().Holds(head) { // the failure may have come after all was on disk
		return negotiation.Verified{}, nil, err
	}
	if len(v.Act().Files) > 0 { // of which the others have most already
		if act, err = r.pack(v); err != nil {
			return negotiation.Verified{}, nil, err
		}
	}
	return v, parcel{head.Chain, head.Sequence, [][]object{act}}.format(), nil
}

// seal makes the signed commit of an act, with all objects of its tree and its tag.
func (r *Repository) seal(u negotiation.Unsigned, key crypto.Signer) ([]object, error) {
	message, err := negotiation.FormatAct(u.Act)
	if err != nil {
		return nil, err
	}
	c := commit{author: u.Act.Author, at: u.Act.Time, message: message}
	if c.parents, err = r.parentsOf(u.Act); err != nil {
		return nil, err
	}
	set := objects{}
	if len(u.Act.Files) > 0 {
		c.tree, err = set.addTree(u.Files)
	} else {
		c.tree, err = r.treeBefore(u.Act)
	}
	if err != nil {
		return nil, err
	}
	payload, err := c.payload()
	if err != nil {
		return nil, err
	}
	signature, err := negotiation.Sign(key, negotiation.ActNamespace, payload)
	if err != nil {
		return nil, err
	}
	body, err := c.encode(signature)
	if err != nil {
		return nil, err
	}
	sealed := object{plumbing.CommitObject, body}
	act := []object{sealed}
	if name, ok := u.Act.Tag(); ok {
		id, err := sealed.id()
		if err != nil {
			return nil, err
		}
		tag := tagPayload(name, id, u.Act)
		if signature, err = negotiation.Sign(key, negotiation.ActNamespace, tag); err != nil {
			return nil, err
		}
		act = append(act, object{plumbing.TagObject, append(tag, signature...)})
	}
	for _, o := range set {
		act = append(act, o)
	}
	return act, nil
}

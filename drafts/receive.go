package drafts

import (
	"context"
	"errors"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// Receive takes an acts message from outside. Acts that are here already, in whatever
// encoding of their signatures, are passed over; another act at a place that is taken is
// the other side of a fork, and kept like any. The others are verified one after the other; those before the first that
// does not verify are kept, and that one's error, a [negotiation.Fault], is returned:
// [negotiation.ErrGap] when something before it has yet to come. When Receive
// returns, what it took is on disk.
func (r *Repository) Receive(ctx context.Context, message []byte) error {
	p, err := parseParcel(message)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(); err != nil {
		return err
	}
	taken := false
	for i, act := range p.acts {
		if err = ctx.Err(); err != nil {
			break
		}
		var in incoming
		if in, err = unpack(act); err != nil {
			break
		}
		if in.act.Chain != p.chain {
			err = negotiation.ErrForeignChain.Because("an act of %s came as one of %s", in.act.Chain, p.chain)
			break
		}
		if in.act.Sequence != p.from+uint64(i) {
			err = negotiation.ErrNotCanonical.Because("act %d came as act %d", in.act.Sequence, p.from+uint64(i))
			break
		}
		if _, err = r.take(in, false); errors.Is(err, negotiation.ErrSequence) {
			err = nil // it is here
			continue
		}
		if err != nil {
			break
		}
		taken = true
	}
	if !taken {
		return err
	}
	return errors.Join(r.settle(), err)
}

// take admits an act, and has it written in the next round. The caller holds mu.
func (r *Repository) take(in incoming, signed bool) (negotiation.Verified, error) {
	end := r.ledger.Head(in.act.Chain)
	v, err := r.admit(in)
	if err != nil {
		return v, err
	}
	straight := v.Act().Previous == end.Act && r.ledger.Head(in.act.Chain).Act == v.ID()
	if signed {
		r.marks[in.act.Chain] = mark{in.act.Sequence, v.ID(), in.id}
		r.vouched = true // or maySign has seen the very first act
	}
	r.noteSigner(v)
	return v, r.next.add(in, v.ID(), signed, straight)
}

// Acts returns an acts message with acts of a chain from a place on, as many as fit one
// message comfortably: those that lead to an act, or with the zero name those that
// count; nil when there are none.
func (r *Repository) Acts(ctx context.Context, chain negotiation.Chain, from uint64, to negotiation.ActID) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(); err != nil {
		return nil, err
	}
	if to.IsZero() {
		to = r.durable.Load().End(chain).Act
	}
	acts := r.durable.Load().Path(chain, to, from)
	if from == 0 || len(acts) == 0 {
		return nil, nil
	}
	p := parcel{chain: chain, from: from}
	size := 0
	for _, v := range acts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		act, err := r.pack(v)
		if err != nil {
			return nil, err
		}
		for _, o := range act {
			size += len(o.body) + len("commit 1048576\n\n")
		}
		if len(p.acts) > 0 && size > softMessage || len(p.acts) == maxActs {
			break
		}
		p.acts = append(p.acts, act)
	}
	return p.format(), nil
}

// pack returns the objects that an act brings: its commit, its tag, and what of its
// tree stands in no parent's tree.
func (r *Repository) pack(v negotiation.Verified) ([]object, error) {
	k := r.commits[v.ID()]
	body, err := r.read(plumbing.CommitObject, k.commit)
	if err != nil {
		return nil, err
	}
	act := []object{{plumbing.CommitObject, body}}
	if !k.tag.IsZero() {
		if body, err = r.read(plumbing.TagObject, k.tag); err != nil {
			return nil, err
		}
		act = append(act, object{plumbing.TagObject, body})
	}
	if len(v.Act().Files) == 0 {
		return act, nil
	}
	known := map[plumbing.Hash]bool{}
	parents := v.Act().References()
	if !v.Act().Previous.IsZero() {
		parents = append(parents, v.Act().Previous)
	}
	for _, id := range parents {
		if err := r.walkTree(r.commits[id].tree, func(id plumbing.Hash, _ object) { known[id] = true }); err != nil {
			return nil, err
		}
	}
	return act, r.walkTree(k.tree, func(id plumbing.Hash, o object) {
		if !known[id] {
			act, known[id] = append(act, o), true
		}
	})
}

// walkTree visits the objects of a tree on disk, each tree before what is in it.
func (r *Repository) walkTree(root plumbing.Hash, visit func(plumbing.Hash, object)) error {
	body, err := r.read(plumbing.TreeObject, root)
	if err != nil {
		return err
	}
	visit(root, object{plumbing.TreeObject, body})
	entries, err := decodeTree(body)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.isDir() {
			if err := r.walkTree(e.id, visit); err != nil {
				return err
			}
			continue
		}
		if body, err = r.read(plumbing.BlobObject, e.id); err != nil {
			return err
		}
		visit(e.id, object{plumbing.BlobObject, body})
	}
	return nil
}

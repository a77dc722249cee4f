package drafts

import (
	"context"
	"errors"
	"maps"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// Receive takes an acts message from outside. Acts that are here already, in whatever
// encoding of their signatures, are passed over; another act at a place that is taken is
// the other side of a fork, and kept like any. The others are verified one after the other; those before the first that
// does not verify are kept, and that one's error, a [negotiation.Fault], is returned:
// [negotiation.ErrGap] when something before it has yet to come. If that is a twin (see the
// package documentation), the error has a method Lacks() []negotiation.Head that says
// which, as [Repository.Acts] is asked for it. When Receive returns, what it took is on
// disk. Where a chain has as many sides as are kept without need, acts of one more wait in
// memory until something needs them, and the fault is [negotiation.ErrForked]; see
// [negotiation.Ledger.Admit].
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
	taken, waits := false, error(nil)
	for i, act := range p.acts {
		if err = ctx.Err(); err != nil {
			break
		}
		var in incoming
		if in, err = p.unpack(i, act); err != nil {
			break
		}
		var n int
		if n, err = r.take(&in); errors.Is(err, negotiation.ErrSequence) {
			err = nil // it is here
			r.supply(&in)
			continue
		}
		if err != nil {
			if lacks := (*lacking)(nil); errors.As(err, &lacks) {
				r.await(&in, lacks)
			}
			break
		}
		if n == 0 {
			waits = negotiation.ErrForked.Because("%s has too many sides: act %d of one more waits until something needs it", p.chain, in.act.Sequence)
		}
		taken = taken || n > 0
	}
	if err == nil {
		err = waits
	}
	if !taken {
		return err
	}
	return errors.Join(r.settle(), err)
}

// unpack decodes one of the acts of a parcel, which says where it stands.
func (p parcel) unpack(i int, act []object) (incoming, error) {
	in, err := unpack(act)
	switch {
	case err != nil:
		return in, err
	case in.act.Chain != p.chain:
		return in, negotiation.ErrForeignChain.Because("an act of %s came as one of %s", in.act.Chain, p.chain)
	case in.act.Sequence != p.from+uint64(i):
		return in, negotiation.ErrNotCanonical.Because("act %d came as act %d", in.act.Sequence, p.from+uint64(i))
	}
	return in, nil
}

// take admits an act from outside, and has what is kept by it written in the next round:
// the act, after those that have waited for it, or nothing. It returns how many that
// are. The caller holds mu.
func (r *Repository) take(in *incoming) (int, error) {
	end := r.ledger.Head(in.act.Chain)
	v, err := r.verify(in)
	if err != nil {
		return 0, err
	}
	k, err := in.placed()
	if err != nil {
		return 0, err
	}
	acts, err := r.ledger.Admit(v)
	if err != nil {
		return 0, err
	}
	if r.awaits[in.act.Chain].by == v.ID() {
		delete(r.awaits, in.act.Chain)
	}
	r.waiting[v.ID()] = waiting{*in, k, v}
	for _, v := range acts {
		w := r.waiting[v.ID()]
		delete(r.waiting, v.ID())
		r.note(&w.incoming, v, w.kept)
		if err := r.enter(&w.incoming, v, false, end); err != nil {
			return 0, err
		}
	}
	if len(acts) == 0 {
		still := map[negotiation.ActID]bool{}
		for _, v := range r.ledger.Waiting() {
			still[v.ID()] = true
		}
		maps.DeleteFunc(r.waiting, func(id negotiation.ActID, _ waiting) bool { return !still[id] })
	}
	return len(acts), nil
}

// sign admits an act that was signed here, whatever its chain has beside its line, and
// has it written in the next round. The caller holds mu.
func (r *Repository) sign(in *incoming) (negotiation.Verified, error) {
	end := r.ledger.Head(in.act.Chain)
	v, err := r.admit(in)
	if err != nil {
		return v, err
	}
	r.marks[in.act.Chain] = mark{in.act.Sequence, v.ID(), in.id}
	r.vouched = true // or maySign has seen the very first act
	return v, r.enter(in, v, true, end)
}

// enter has an act that the ledger keeps now written in the next round. End was the end
// of its chain's line before.
func (r *Repository) enter(in *incoming, v negotiation.Verified, signed bool, end negotiation.Head) error {
	r.noteSigner(v)
	straight := v.Act().Previous == end.Act && v.Act().Chain == end.Chain && r.ledger.Head(end.Chain).Act == v.ID() && !r.bypasses(in)
	twins, err := r.twinsOf(in)
	if err == nil {
		err = r.next.add(in, v.ID(), twins, signed, straight)
	}
	if err != nil {
		r.abandon(err)
	}
	return err
}

// Acts returns an acts message with acts of a chain from a place on, as many as fit one
// message comfortably: those that lead to an act, or with the zero name those that
// count; nil when there are none. For what another repository's [Repository.Receive]
// lacks it returns that commit of the act.
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
		return r.twinMessage(chain, from, to), nil
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
		if err := r.walkTree(r.commits[id].tree, known, func(plumbing.ObjectType, plumbing.Hash) error { return nil }); err != nil {
			return nil, err
		}
	}
	err = r.walkTree(k.tree, known, func(kind plumbing.ObjectType, id plumbing.Hash) error {
		body, err := r.read(kind, id)
		act = append(act, object{kind, body})
		return err
	})
	return act, err
}

// walkTree visits the objects of a tree on disk that are not known, each tree before what
// is in it, and knows them from then on.
func (r *Repository) walkTree(root plumbing.Hash, known map[plumbing.Hash]bool, visit func(plumbing.ObjectType, plumbing.Hash) error) error {
	if known[root] {
		return nil
	}
	known[root] = true
	if err := visit(plumbing.TreeObject, root); err != nil {
		return err
	}
	body, err := r.read(plumbing.TreeObject, root)
	if err != nil {
		return err
	}
	entries, err := decodeTree(body)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case e.isDir():
			err = r.walkTree(e.id, known, visit)
		case !known[e.id]:
			known[e.id] = true
			err = visit(plumbing.BlobObject, e.id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

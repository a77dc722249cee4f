package drafts

import (
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// A twin is a commit of an act that is here already: the same payload, with another
// signature by the same key. See the package documentation.
type twin struct {
	of        negotiation.ActID
	id        plumbing.Hash
	signature []byte // the rest is as in the commit that is here
}

// keepTwin notes a commit of an act that is here.
func (r *Repository) keepTwin(of negotiation.ActID, id plumbing.Hash) {
	if k := r.commits[of]; !k.has(id) {
		k.twins = append(k.twins, id)
		r.commits[of] = k
	}
}

// lacking is [negotiation.ErrGap]: an act names, as its parents in git, commits that are
// not here, in the places of acts that are.
type lacking struct {
	chain negotiation.Chain // of the act that names them
	place uint64
	acts  []lackedTwin
}

// A lackedTwin is a commit that is not here, and the act that it should be of.
type lackedTwin struct {
	commit plumbing.Hash
	of     negotiation.Verified
}

// Error says which act it is about, for a log.
func (e *lacking) Error() string {
	of := e.acts[0].of.Act()
	return fmt.Sprintf("%s: act %d names act %d of %s with another signature than the one that is here",
		e.chain, e.place, of.Sequence, of.Chain)
}

// Unwrap returns the fault.
func (e *lacking) Unwrap() error { return negotiation.ErrGap }

// Lacks returns what is to be asked for with [Repository.Acts], each at its place, and
// handed to [Repository.Receive], before the act is tried again.
func (e *lacking) Lacks() []negotiation.Head {
	var heads []negotiation.Head
	for _, l := range e.acts {
		heads = append(heads, negotiation.Head{Chain: l.of.Act().Chain, Sequence: l.of.Act().Sequence, Act: commitName(l.commit)})
	}
	return heads
}

// commitName is how a commit is asked for where acts are asked for by name: its name in
// git, and zeros behind.
func commitName(id plumbing.Hash) (name negotiation.ActID) {
	copy(name[:], id[:])
	return name
}

// commitNamed returns the commit that is asked for by a name.
func commitNamed(name negotiation.ActID) plumbing.Hash {
	return plumbing.Hash(name[:len(plumbing.Hash{})])
}

// has reports whether a commit of the act is here.
func (k kept) has(id plumbing.Hash) bool { return id == k.commit || slices.Contains(k.twins, id) }

// twinOf returns the signature of the commit of that name, after checking that it is one
// of the act v; nil when it is not here.
func (r *Repository) twinOf(id plumbing.Hash, v negotiation.Verified) (signature []byte, err error) {
	if body := r.commitBody(id); body != nil {
		return checkTwin(body, v)
	}
	for _, w := range r.waiting {
		for _, t := range w.incoming.twins {
			if t.id == id && t.of == v.ID() {
				return t.signature, nil
			}
		}
	}
	return r.awaited(id, v)
}

// twinsOf returns the twins that an act brings, made from the commits of their acts,
// which are on disk or on their way there.
func (r *Repository) twinsOf(in *incoming) (objects, error) {
	twins := objects{}
	for _, t := range in.twins {
		like := r.commitBody(r.commits[t.of].commit)
		if like == nil {
			return nil, fmt.Errorf("repository: the commit %s, which was here, cannot be read", r.commits[t.of].commit)
		}
		c, err := decodeCommit(like)
		if err != nil {
			return nil, err
		}
		body, err := c.encode(t.signature)
		if err != nil {
			return nil, err
		}
		twins[t.id] = object{plumbing.CommitObject, body}
	}
	return twins, nil
}

// bypasses reports whether an act follows a twin of the one before it in its chain.
func (r *Repository) bypasses(in *incoming) bool {
	return !in.act.Previous.IsZero() && in.commit.parents[0] != r.commits[in.act.Previous].commit
}

// checkTwin demands that a commit has the payload of the act v, and a signature by the
// same key, which it returns.
func checkTwin(body []byte, v negotiation.Verified) (signature []byte, err error) {
	c, err := decodeCommit(body)
	if err != nil {
		return nil, err
	}
	payload, err := c.payload()
	if err != nil {
		return nil, err
	}
	if negotiation.IDOf(payload) != v.ID() {
		return nil, errOtherParents
	}
	return c.signature, negotiation.VerifySignature(v.SignedBy(), negotiation.ActNamespace, payload, c.signature)
}

var errOtherParents = negotiation.ErrNotCanonical.Because("the commit's parents are not the acts that its message names")

// commitBody returns a commit that is on disk, or on its way there; nil when it is not.
func (r *Repository) commitBody(id plumbing.Hash) []byte {
	for _, w := range []*round{r.next, r.flight} {
		if w == nil {
			continue
		}
		if o, ok := w.objects[id]; ok && o.kind == plumbing.CommitObject {
			return o.body
		}
	}
	body, err := r.read(plumbing.CommitObject, id)
	if err != nil {
		return nil
	}
	return body
}

// The awaited are the twins that one act of a chain names and that are not here, with
// their signatures once these have come; the rest is as in the act that is here.
type awaited struct {
	by    negotiation.ActID
	twins map[plumbing.Hash]awaitedTwin
}

type awaitedTwin struct {
	of        negotiation.ActID
	signature []byte // nil until it has come
	fault     error  // of what came in its place: nothing that names it is an act
}

// await remembers, for the one act of its chain that was refused last, which twins it
// lacks. So no more is kept of what an owner can sign than some act names.
func (r *Repository) await(in *incoming, lacks *lacking) {
	w := awaited{in.name, map[plumbing.Hash]awaitedTwin{}}
	if before := r.awaits[in.act.Chain]; before.by == in.name {
		w = before
	}
	for _, l := range lacks.acts {
		if _, known := w.twins[l.commit]; !known {
			w.twins[l.commit] = awaitedTwin{of: l.of.ID()}
		}
	}
	r.awaits[in.act.Chain] = w
}

// supply takes the signature of a commit of an act that is here, if an act waits for it.
func (r *Repository) supply(in *incoming) {
	for _, w := range r.awaits {
		t, ok := w.twins[in.id]
		if !ok || t.signature != nil {
			continue
		}
		if v, here := r.actOf(t.of); here {
			t.signature, t.fault = checkTwin(in.body, v)
			w.twins[in.id] = t
		}
	}
}

// awaited returns the signature of a commit of an act that has come; nil when none has.
func (r *Repository) awaited(id plumbing.Hash, v negotiation.Verified) ([]byte, error) {
	for _, w := range r.awaits {
		if t := w.twins[id]; t.of == v.ID() && (t.signature != nil || t.fault != nil) {
			return t.signature, t.fault
		}
	}
	return nil, nil
}

// twinMessage returns an acts message with the one commit of that name of an act at a
// place of a chain; nil when it is not here.
func (r *Repository) twinMessage(chain negotiation.Chain, place uint64, name negotiation.ActID) []byte {
	id, held := commitNamed(name), r.durable.Load()
	if name.IsZero() || commitName(id) != name {
		return nil
	}
	for _, v := range slices.Concat(held.Chain(chain), held.Beside(chain)) {
		if v.Act().Sequence != place || !r.commits[v.ID()].has(id) {
			continue
		}
		if body, err := r.read(plumbing.CommitObject, id); err == nil {
			return parcel{v.Act().Chain, v.Act().Sequence, [][]object{{{plumbing.CommitObject, body}}}}.format()
		}
	}
	return nil
}

package drafts

import (
	"bytes"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// An incoming act is a decoded commit with the objects that came with it. Nothing
// about it is believed until [Repository.verify].
type incoming struct {
	commit  commit
	act     negotiation.Act
	id      plumbing.Hash
	body    []byte
	brought objects             // of its tree, by the sender; none when read back from disk
	tag     []byte              // of a revision
	sealed  *negotiation.Sealed // once its signature has been checked
}

func newIncoming(body []byte, id plumbing.Hash) (incoming, error) {
	in := incoming{id: id, body: body, brought: objects{}}
	var err error
	if in.commit, err = decodeCommit(body); err != nil {
		return incoming{}, err
	}
	in.act, err = negotiation.ParseAct(in.commit.message)
	return in, err
}

// unpack decodes the objects of one act of a message; the first is its commit.
func unpack(act []object) (incoming, error) {
	id, err := act[0].id()
	if err != nil {
		return incoming{}, err
	}
	in, err := newIncoming(act[0].body, id)
	if err != nil {
		return incoming{}, err
	}
	for _, o := range act[1:] {
		if o.kind == plumbing.TagObject && in.tag == nil {
			in.tag = o.body
			continue
		}
		have := len(in.brought)
		if _, err := in.brought.add(o); err != nil {
			return incoming{}, err
		}
		if len(in.brought) == have {
			return incoming{}, negotiation.ErrTree.Because("an object came twice with one act")
		}
	}
	return in, nil
}

// readAct reads one act back from disk.
func (r *Repository) readAct(id plumbing.Hash) (incoming, error) {
	body, err := r.read(plumbing.CommitObject, id)
	if err != nil {
		return incoming{}, err
	}
	in, err := newIncoming(body, id)
	if err != nil {
		return incoming{}, err
	}
	if name, ok := in.act.Tag(); ok {
		payload, err := in.commit.payload()
		if err != nil {
			return incoming{}, err
		}
		if in.tag, err = r.readTag(in, negotiation.IDOf(payload), name); err != nil {
			return incoming{}, err
		}
	}
	return in, nil
}

// readTag reads the tag of the act of that name, whether it counts or stands beside the line.
func (r *Repository) readTag(in incoming, act negotiation.ActID, name string) ([]byte, error) {
	for _, ref := range []string{evidenceTag(act), tagsPrefix + name} {
		id, there := r.refs[ref]
		if !there {
			continue
		}
		tag, err := r.read(plumbing.TagObject, id)
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(tag, []byte("object "+in.id.String()+"\n")) {
			return tag, nil
		}
	}
	return nil, ErrMissing.Because("the tag %s of the act is not there", name)
}

// verify is the one door through which bytes become an act. It decides by all
// rules, of git's form here and of the negotiation in its ledger, and changes nothing.
func (r *Repository) verify(in incoming) (negotiation.Verified, error) {
	c, a := in.commit, in.act
	if a.Author != c.author || !a.Time.Equal(c.at) {
		return negotiation.Verified{}, negotiation.ErrNotCanonical.Because("git's author or date is not the act's")
	}
	sealed, err := r.unseal(in)
	if err != nil {
		return negotiation.Verified{}, err
	}
	var files map[string][]byte
	met := []plumbing.Hash{}
	if len(a.Files) > 0 {
		files, met, err = readTree(c.tree, func(kind plumbing.ObjectType, id plumbing.Hash) ([]byte, error) {
			return r.find(in, kind, id)
		})
		if err != nil {
			return negotiation.Verified{}, err
		}
		if root, err := (objects{}).addTree(files); err != nil || root != c.tree {
			return negotiation.Verified{}, negotiation.ErrTree.Because("the act's tree is not the one that its files make")
		}
	}
	v, err := r.ledger.Verify(sealed, files)
	if err != nil {
		return negotiation.Verified{}, err
	}
	if err := r.checkParents(c, a); err != nil {
		return negotiation.Verified{}, err
	}
	for id := range in.brought {
		if !slices.Contains(met, id) {
			return negotiation.Verified{}, negotiation.ErrTree.Because("an object came with the act that is no part of it")
		}
	}
	name, tagged := a.Tag()
	if tagged != (in.tag != nil) {
		return negotiation.Verified{}, negotiation.ErrTree.Because("a revision comes with its tag, and nothing else does")
	}
	if tagged {
		return v, checkTag(in.tag, name, in.id, v)
	}
	return v, nil
}

// unseal checks an act's place, and its signature unless that has been done.
func (r *Repository) unseal(in incoming) (negotiation.Sealed, error) {
	if in.sealed != nil {
		return *in.sealed, nil // its place is for the ledger
	}
	payload, err := in.commit.payload()
	if err != nil {
		return negotiation.Sealed{}, err
	}
	if err := r.ledger.CheckPlace(negotiation.IDOf(payload), in.act); err != nil {
		return negotiation.Sealed{}, err
	}
	return negotiation.Unseal(payload, in.commit.signature)
}

// find returns an object that came with the act, or that was here before.
func (r *Repository) find(in incoming, kind plumbing.ObjectType, id plumbing.Hash) ([]byte, error) {
	if o, ok := in.brought[id]; ok {
		if o.kind != kind {
			return nil, negotiation.ErrTree.Because("a %s stands where a %s belongs", o.kind, kind)
		}
		return o.body, nil
	}
	for _, w := range []*round{r.next, r.flight} {
		if w == nil {
			continue
		}
		if o, ok := w.objects[id]; ok && o.kind == kind {
			return o.body, nil
		}
	}
	for _, w := range r.waiting {
		if o, ok := w.brought[id]; ok && o.kind == kind {
			return o.body, nil
		}
	}
	body, err := r.read(kind, id)
	if err != nil {
		return nil, negotiation.ErrTree.Because("a %s of the act's tree is missing", kind)
	}
	return body, nil
}

// checkParents demands the parents that the act's message implies and, of an act
// without files, its first parent's tree.
func (r *Repository) checkParents(c commit, a negotiation.Act) error {
	want, err := r.parentsOf(a)
	if err != nil {
		return err
	}
	if !slices.Equal(c.parents, want) {
		return negotiation.ErrNotCanonical.Because("the commit's parents are not the acts that its message names")
	}
	if len(a.Files) > 0 {
		return nil
	}
	if tree, err := r.treeBefore(a); err != nil {
		return err
	} else if tree != c.tree {
		return negotiation.ErrTree.Because("an act without texts has the tree of the act before it")
	}
	return nil
}

// treeBefore returns the tree of the first parent of an act.
func (r *Repository) treeBefore(a negotiation.Act) (plumbing.Hash, error) {
	first := a.Previous
	if refs := a.References(); first.IsZero() && len(refs) > 0 {
		first = refs[0]
	}
	k, ok := r.at(first)
	if !ok {
		return plumbing.ZeroHash, negotiation.ErrTree.Because("an act without texts has the tree of the act before it")
	}
	return k.tree, nil
}

// parentsOf returns the commits of the acts that an act follows.
func (r *Repository) parentsOf(a negotiation.Act) ([]plumbing.Hash, error) {
	var parents []plumbing.Hash
	ids := a.References()
	if !a.Previous.IsZero() {
		ids = append([]negotiation.ActID{a.Previous}, ids...)
	}
	for _, id := range ids {
		k, ok := r.at(id)
		if !ok {
			return nil, negotiation.ErrGap.Because("an act that is cited is not here")
		}
		parents = append(parents, k.commit)
	}
	return parents, nil
}

// admit verifies an act and adds it to the ledger. The caller holds mu.
func (r *Repository) admit(in incoming) (negotiation.Verified, error) {
	v, err := r.verify(in)
	if err != nil {
		return negotiation.Verified{}, err
	}
	k, err := in.placed()
	if err != nil {
		return negotiation.Verified{}, err
	}
	if err := r.ledger.Append(v); err != nil {
		return negotiation.Verified{}, err
	}
	r.commits[v.ID()] = k
	return v, nil
}

// placed says where the act stands in git.
func (in incoming) placed() (kept, error) {
	k := kept{commit: in.id, tree: in.commit.tree}
	if in.tag == nil {
		return k, nil
	}
	var err error
	k.tag, err = object{plumbing.TagObject, in.tag}.id()
	return k, err
}

// at returns where an act stands in git, or would if it did not wait.
func (r *Repository) at(id negotiation.ActID) (kept, bool) {
	if w, waits := r.waiting[id]; waits {
		return w.kept, true
	}
	k, here := r.commits[id]
	return k, here
}

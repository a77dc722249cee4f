package drafts

import (
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
	tagged  plumbing.Hash       // the commit that the tag is of: this one, or at rest a twin
	sealed  *negotiation.Sealed // once its signature has been checked

	name  negotiation.ActID // once it has been looked at
	twins []twin            // of acts that are here, which it names and which are not
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
			in.tag, in.tagged = o.body, id
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
		if err := r.readTag(&in, negotiation.IDOf(payload), name); err != nil {
			return incoming{}, err
		}
	}
	return in, nil
}

// readTag reads the tag of the act of that name, whether it counts or stands beside the
// line. It is of this commit of the act or, when no ref leads to such a one, of a twin.
func (r *Repository) readTag(in *incoming, act negotiation.ActID, name string) error {
	for _, ref := range []string{evidenceTag(act), tagsPrefix + name} {
		id, there := r.refs[ref]
		if !there {
			continue
		}
		tag, err := r.read(plumbing.TagObject, id)
		if err != nil {
			return err
		}
		commit, ok := tagTarget(tag)
		if ok && (commit == in.id || in.tag == nil && r.isOf(commit, act)) {
			in.tag, in.tagged = tag, commit
		}
	}
	if in.tag == nil {
		return ErrMissing.Because("the tag %s of the act is not there", name)
	}
	return nil
}

// isOf reports whether a commit on disk has the payload of an act.
func (r *Repository) isOf(id plumbing.Hash, act negotiation.ActID) bool {
	payload, ok := payloadOf(r.commitBody(id))
	return ok && negotiation.IDOf(payload) == act
}

// verify is the one door through which bytes become an act. It decides by all
// rules, of git's form here and of the negotiation in its ledger, and changes nothing.
func (r *Repository) verify(in *incoming) (negotiation.Verified, error) {
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
	if err := r.checkParents(in); err != nil {
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
		return v, r.verifyTag(in, name, v)
	}
	return v, nil
}

// verifyTag demands that the act's tag is the signed tag of one of its commits.
func (r *Repository) verifyTag(in *incoming, name string, v negotiation.Verified) error {
	if in.tagged != in.id {
		if _, err := r.twinOf(in.tagged, v); err != nil {
			return err
		}
	}
	return checkTag(in.tag, name, in.tagged, v)
}

// unseal checks an act's place, and its signature unless that has been done.
func (r *Repository) unseal(in *incoming) (negotiation.Sealed, error) {
	if in.sealed != nil {
		in.name = in.sealed.ID()
		return *in.sealed, nil // its place is for the ledger
	}
	payload, err := in.commit.payload()
	if err != nil {
		return negotiation.Sealed{}, err
	}
	in.name = negotiation.IDOf(payload)
	if err := r.ledger.CheckPlace(in.name, in.act); err != nil {
		return negotiation.Sealed{}, err
	}
	return negotiation.Unseal(payload, in.commit.signature)
}

// find returns an object that came with the act, or that was here before.
func (r *Repository) find(in *incoming, kind plumbing.ObjectType, id plumbing.Hash) ([]byte, error) {
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

// checkParents demands the parents that the act's message implies, each a commit of the
// act in its place, and, of an act without files, its first parent's tree. It notes
// the twins among them; when some are not here, it returns a [lacking].
func (r *Repository) checkParents(in *incoming) error {
	named := namedBy(in.act)
	if len(in.commit.parents) != len(named) {
		return errOtherParents
	}
	lacks := &lacking{chain: in.act.Chain, place: in.act.Sequence}
	for i, parent := range in.commit.parents {
		k, here := r.at(named[i])
		if !here {
			return errNotHere
		}
		if k.has(parent) {
			continue
		}
		v, _ := r.actOf(named[i])
		signature, err := r.twinOf(parent, v)
		if err != nil {
			return err
		}
		if signature == nil {
			lacks.acts = append(lacks.acts, lackedTwin{parent, v})
			continue
		}
		in.twins = append(in.twins, twin{named[i], parent, signature})
	}
	if len(in.act.Files) == 0 {
		if err := r.checkSameTree(in); err != nil {
			return err
		}
	}
	if len(lacks.acts) > 0 {
		return lacks
	}
	return nil
}

// checkSameTree demands the tree of its first parent of an act.
func (r *Repository) checkSameTree(in *incoming) error {
	if tree, err := r.treeBefore(in.act); err != nil {
		return err
	} else if tree != in.commit.tree {
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
	for _, id := range namedBy(a) {
		k, ok := r.at(id)
		if !ok {
			return nil, errNotHere
		}
		parents = append(parents, k.commit)
	}
	return parents, nil
}

var errNotHere = negotiation.ErrGap.Because("an act that is cited is not here")

// namedBy returns the acts whose commits are the parents of an act's, in order.
func namedBy(a negotiation.Act) []negotiation.ActID {
	if a.Previous.IsZero() {
		return a.References()
	}
	return append([]negotiation.ActID{a.Previous}, a.References()...)
}

// admit verifies an act and adds it to the ledger. The caller holds mu.
func (r *Repository) admit(in *incoming) (negotiation.Verified, error) {
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
	r.note(in, v, k)
	return v, nil
}

// note says where an act that the ledger keeps now stands in git, and which twins it has
// brought.
func (r *Repository) note(in *incoming, v negotiation.Verified, k kept) {
	r.commits[v.ID()] = k
	for _, t := range in.twins {
		r.keepTwin(t.of, t.id)
	}
	if r.bypasses(in) {
		k := r.commits[in.act.Previous]
		k.bypassed = true
		r.commits[in.act.Previous] = k
	}
}

// placed says where the act stands in git.
func (in incoming) placed() (kept, error) {
	k := kept{commit: in.id, tree: in.commit.tree}
	if in.tag == nil {
		return k, nil
	}
	if in.tagged != in.id { // so that what is passed on has its tag
		k.commit, k.twins = in.tagged, []plumbing.Hash{in.id}
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

// actOf returns an act that is here, also one that waits.
func (r *Repository) actOf(id negotiation.ActID) (negotiation.Verified, bool) {
	if w, waits := r.waiting[id]; waits {
		return w.verified, true
	}
	return r.ledger.Act(id)
}

package drafts

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// A gallery is what of a repository may be given to whoever may read its acts: what the
// public refs lead to. It learns of objects only by walking from those refs, so that what
// is reachable from a private one alone is not there to be asked for. It may be used by
// any number of goroutines.
type gallery struct {
	dir string

	mu      sync.Mutex                        // guards all below
	commits map[plumbing.Hash]links           // that a public ref has led to
	trees   map[plumbing.Hash][]plumbing.Hash // the objects of each of their trees, itself first
	tags    map[ref]plumbing.Hash             // the commits of tags of acts
}

// links are what a commit leads to.
type links struct {
	parents []plumbing.Hash
	tree    plumbing.Hash
}

// An idSet is a set of objects, by name.
type idSet map[plumbing.Hash]struct{}

func (s idSet) add(id plumbing.Hash) { s[id] = struct{}{} }

func (s idSet) has(id plumbing.Hash) bool {
	_, ok := s[id]
	return ok
}

// An offer is what the public refs lead to at one instant.
type offer struct {
	refs    []ref                           // by name
	peeled  map[plumbing.Hash]plumbing.Hash // the commit of each tag among them
	commits idSet                           // all that they lead to
}

// has reports whether id names one of the commits and tags that are offered.
func (o offer) has(id plumbing.Hash) bool {
	_, tag := o.peeled[id]
	return tag || o.commits.has(id)
}

// peel returns the commit that a tag is of, or id itself.
func (o offer) peel(id plumbing.Hash) plumbing.Hash {
	if commit, tag := o.peeled[id]; tag {
		return commit
	}
	return id
}

func newGallery(dir string) *gallery {
	return &gallery{
		dir:     dir,
		commits: map[plumbing.Hash]links{},
		trees:   map[plumbing.Hash][]plumbing.Hash{},
		tags:    map[ref]plumbing.Hash{},
	}
}

// look returns what refs that were read together lead to. A tag that is not the one of an
// act there is somebody's own, and left out.
func (g *gallery) look(ctx context.Context, refs []ref) (offer, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	from, err := openFolder(g.dir)
	if err != nil {
		return offer{}, err
	}
	o := offer{peeled: map[plumbing.Hash]plumbing.Hash{}, commits: idSet{}}
	for _, r := range refs {
		if isTag(r.name) {
			continue
		}
		if err := g.walk(ctx, from, r.id); err != nil {
			return offer{}, err
		}
		g.reach(o.commits, r.id)
		o.refs = append(o.refs, r)
	}
	for _, r := range refs {
		if !isTag(r.name) {
			continue
		}
		commit, ok, err := g.tagged(from, r)
		if err != nil {
			return offer{}, err
		}
		if ok && o.commits.has(commit) {
			o.peeled[r.id] = commit
			o.refs = append(o.refs, r)
		}
	}
	slices.SortFunc(o.refs, func(a, b ref) int { return strings.Compare(a.name, b.name) })
	return o, nil
}

// tagged returns the commit of a tag; false when the act there, if it is one that a public
// ref leads to, does not come with it. The caller holds mu.
func (g *gallery) tagged(from source, tag ref) (plumbing.Hash, bool, error) {
	if commit, known := g.tags[tag]; known {
		return commit, true, nil
	}
	o, err := from.object(tag.id)
	if err != nil {
		return plumbing.ZeroHash, false, err
	}
	commit, ok := tagTarget(o.body)
	if _, public := g.commits[commit]; !ok || !public || o.kind != plumbing.TagObject {
		return commit, false, nil
	}
	body, err := readFrom(from, plumbing.CommitObject, commit)
	if err != nil {
		return commit, false, err
	}
	in, err := newIncoming(body, commit)
	if err != nil {
		return commit, false, err
	}
	payload, err := in.commit.payload()
	if err != nil {
		return commit, false, err
	}
	name, comes := in.act.Tag()
	named := tag.name == tagsPrefix+name || tag.name == evidenceTag(negotiation.IDOf(payload))
	if !comes || !named || !bytes.HasPrefix(o.body, tagPayload(name, commit, in.act)) {
		return commit, false, nil
	}
	g.tags[tag] = commit
	return commit, true, nil
}

// tagTarget returns what a tag is of, if that is a commit.
func tagTarget(body []byte) (plumbing.Hash, bool) {
	rest, ok := bytes.CutPrefix(body, []byte("object "))
	if !ok || len(rest) < 40 || !bytes.HasPrefix(rest[40:], []byte("\ntype commit\n")) || !plumbing.IsHash(string(rest[:40])) {
		return plumbing.ZeroHash, false
	}
	return plumbing.NewHash(string(rest[:40])), true
}

// walk learns of a commit and of all that it leads to. The caller holds mu.
func (g *gallery) walk(ctx context.Context, from source, id plumbing.Hash) error {
	commits, trees := map[plumbing.Hash]links{}, map[plumbing.Hash][]plumbing.Hash{}
	for waiting := []plumbing.Hash{id}; len(waiting) > 0; {
		id, waiting = waiting[len(waiting)-1], waiting[:len(waiting)-1]
		if _, known := g.commits[id]; known {
			continue
		}
		if _, met := commits[id]; met {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		body, err := readFrom(from, plumbing.CommitObject, id)
		if err != nil {
			return err
		}
		c, err := linksOf(body)
		if err != nil {
			return err
		}
		if g.trees[c.tree] == nil && trees[c.tree] == nil {
			if trees[c.tree], err = listTree(from, nil, c.tree, 1); err != nil {
				return err
			}
		}
		commits[id] = c
		waiting = append(waiting, c.parents...)
	}
	maps.Copy(g.commits, commits) // only now: what is known is known with all that it leads to
	maps.Copy(g.trees, trees)
	return nil
}

// reach adds to a set the commits that one leads to. The caller holds mu.
func (g *gallery) reach(set idSet, id plumbing.Hash) {
	for waiting := []plumbing.Hash{id}; len(waiting) > 0; {
		id, waiting = waiting[len(waiting)-1], waiting[:len(waiting)-1]
		if !set.has(id) {
			set.add(id)
			waiting = append(waiting, g.commits[id].parents...)
		}
	}
}

// A selection is what one side lacks.
type selection struct {
	commits idSet
	objects []plumbing.Hash // all, each once: commits and tags before what is in their trees
	edge    idSet           // commits that the side has, and that lead from what it lacks
}

// missing returns exactly what wants lead to and haves do not; both are of the offer. With
// withTags it also has the tags of commits that are selected.
func (g *gallery) missing(o offer, wants, haves idSet, withTags bool) selection {
	g.mu.Lock()
	defer g.mu.Unlock()
	had, known := idSet{}, idSet{}
	for id := range haves {
		known.add(id)
		g.reach(had, o.peel(id))
	}
	for id := range had {
		for _, id := range g.trees[g.commits[id].tree] {
			known.add(id)
		}
	}
	s := selection{commits: idSet{}, edge: idSet{}}
	for id := range wants {
		g.leadingFrom(&s, had, o.peel(id))
	}
	var inside []plumbing.Hash
	add := func(to *[]plumbing.Hash, id plumbing.Hash) {
		if !known.has(id) {
			known.add(id)
			*to = append(*to, id)
		}
	}
	for id := range o.peeled {
		_, wanted := wants[id]
		if wanted || withTags && s.commits.has(o.peeled[id]) {
			add(&s.objects, id)
		}
	}
	for _, id := range s.objects {
		for _, id := range g.trees[g.commits[id].tree] {
			add(&inside, id)
		}
	}
	s.objects = append(s.objects, inside...)
	return s
}

// leadingFrom adds the commits that one leads to and that are not had. The caller holds mu.
func (g *gallery) leadingFrom(s *selection, had idSet, id plumbing.Hash) {
	if had.has(id) {
		return
	}
	for waiting := []plumbing.Hash{id}; len(waiting) > 0; {
		id, waiting = waiting[len(waiting)-1], waiting[:len(waiting)-1]
		if s.commits.has(id) {
			continue
		}
		s.commits.add(id)
		s.objects = append(s.objects, id)
		for _, parent := range g.commits[id].parents {
			if had.has(parent) {
				s.edge.add(parent)
			} else {
				waiting = append(waiting, parent)
			}
		}
	}
}

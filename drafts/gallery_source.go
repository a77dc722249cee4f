package drafts

import (
	"bytes"
	"errors"
	"maps"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"concord/negotiation"
)

// isPublic reports whether a ref may be given away: the chains, evidence of a fork, and
// tags. What is none of these is private, whatever its name.
func isPublic(name string) bool {
	_, chain := chainOf(name)
	return chain || isTag(name)
}

func isTag(name string) bool {
	return strings.HasPrefix(name, tagsPrefix) || strings.HasPrefix(name, evidenceTags)
}

// publicRefs reads the public refs of the repository in dir as they stood together, also
// while a node moves them.
func publicRefs(dir string) ([]ref, error) {
	folder := &folder{dir: dir}
	all, err := folder.refs()
	for range 100 {
		var again map[string]plumbing.Hash
		if err == nil {
			again, err = folder.refs()
		}
		if err != nil || maps.Equal(all, again) {
			break
		}
		all = again
	}
	var refs []ref
	for name, id := range all {
		if isPublic(name) {
			refs = append(refs, ref{name, id})
		}
	}
	return refs, err
}

// An objectSource reads the objects of a repository. It is for one goroutine.
type objectSource struct{ storer.EncodedObjectStorer }

// sourceCache is how many bytes of objects a source keeps as bases of others.
const sourceCache = 4 << 20

// openObjects returns the objects of the repository in dir, as they are now.
func openObjects(dir string) (objectSource, error) {
	files, err := openStorage(dir, sourceCache)
	return objectSource{files}, err
}

// read returns an object after checking that it has its name. The error is [ErrMissing]
// or [ErrDamaged].
func (s objectSource) read(kind plumbing.ObjectType, id plumbing.Hash) (object, error) {
	encoded, err := s.EncodedObject(kind, id)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return object{}, ErrMissing.Because("object %s is not there", id)
	}
	if err != nil {
		return object{}, ErrDamaged.Because("object %s cannot be read: %v", id, err)
	}
	body, err := contents(encoded)
	if err != nil {
		return object{}, ErrDamaged.Because("object %s cannot be read: %v", id, err)
	}
	o := object{encoded.Type(), body}
	if is, err := o.id(); err != nil || is != id {
		return object{}, ErrDamaged.Because("object %s is damaged", id)
	}
	return o, nil
}

// linksOf reads what a commit leads to.
func linksOf(body []byte) (links, error) {
	var c links
	for i := 0; ; i++ {
		line, rest, _ := bytes.Cut(body, []byte("\n"))
		word, digits, _ := strings.Cut(string(line), " ")
		body = rest
		switch id := plumbing.NewHash(digits); {
		case i == 0 && word == "tree" && plumbing.IsHash(digits):
			c.tree = id
		case i == 0:
			return links{}, negotiation.ErrNotCanonical.Because("a commit has no tree")
		case word == "parent" && plumbing.IsHash(digits):
			c.parents = append(c.parents, id)
		default:
			return c, nil
		}
	}
}

// listTree appends the objects of a tree, itself first.
func listTree(source objectSource, list []plumbing.Hash, root plumbing.Hash, depth int) ([]plumbing.Hash, error) {
	if depth > maxTreeDepth {
		return nil, negotiation.ErrTree.Because("a tree is too deep")
	}
	o, err := source.read(plumbing.TreeObject, root)
	if err != nil {
		return nil, err
	}
	entries, err := decodeTree(o.body)
	if err != nil {
		return nil, err
	}
	list = append(list, root)
	for _, e := range entries {
		if !e.isDir() {
			list = append(list, e.id)
		} else if list, err = listTree(source, list, e.id, depth+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

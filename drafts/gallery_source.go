package drafts

import (
	"bytes"
	"maps"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

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
func listTree(from source, list []plumbing.Hash, root plumbing.Hash, depth int) ([]plumbing.Hash, error) {
	if depth > maxTreeDepth {
		return nil, negotiation.ErrTree.Because("a tree is too deep")
	}
	body, err := readFrom(from, plumbing.TreeObject, root)
	if err != nil {
		return nil, err
	}
	entries, err := decodeTree(body)
	if err != nil {
		return nil, err
	}
	list = append(list, root)
	for _, e := range entries {
		if !e.isDir() {
			list = append(list, e.id)
		} else if list, err = listTree(from, list, e.id, depth+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

package drafts

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"concord/negotiation"
)

const (
	maxTreeFiles = 256
	maxTreeDepth = 3
)

// addTree adds the trees and blobs of files, and returns the name of the root.
func (set objects) addTree(files map[string][]byte) (plumbing.Hash, error) {
	var entries []treeEntry
	below := map[string]map[string][]byte{}
	for path, content := range files {
		dir, rest, nested := strings.Cut(path, "/")
		if nested {
			if below[dir] == nil {
				below[dir] = map[string][]byte{}
			}
			below[dir][rest] = content
			continue
		}
		id, err := set.add(object{plumbing.BlobObject, content})
		if err != nil {
			return plumbing.ZeroHash, err
		}
		entries = append(entries, treeEntry{filemode.Regular, path, id})
	}
	for dir, files := range below {
		id, err := set.addTree(files)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		entries = append(entries, treeEntry{filemode.Dir, dir, id})
	}
	return set.add(object{plumbing.TreeObject, encodeTree(entries)})
}

// A treeEntry is one line of a git tree.
type treeEntry struct {
	mode filemode.FileMode // Regular or Dir; nothing else stands in an act's tree
	name string
	id   plumbing.Hash
}

func (e treeEntry) isDir() bool { return e.mode == filemode.Dir }

// sortKey orders entries as git does: a directory as if its name ended in "/".
func (e treeEntry) sortKey() string {
	if e.isDir() {
		return e.name + "/"
	}
	return e.name
}

func encodeTree(entries []treeEntry) []byte {
	slices.SortFunc(entries, func(a, b treeEntry) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	var b bytes.Buffer
	for _, e := range entries {
		mode := "100644 "
		if e.isDir() {
			mode = "40000 "
		}
		b.WriteString(mode + e.name + "\x00")
		b.Write(e.id[:])
	}
	return b.Bytes()
}

// decodeTree reads a tree object of plain files and directories, in git's order
// and spelling. All else is [negotiation.ErrTree].
func decodeTree(raw []byte) ([]treeEntry, error) {
	var entries []treeEntry
	for rest := raw; len(rest) > 0; {
		head, tail, ok := bytes.Cut(rest, []byte{0})
		if !ok || len(tail) < len(plumbing.Hash{}) || len(entries) == maxTreeFiles {
			return nil, negotiation.ErrTree.Because("the act's tree is not well-formed or has more than %d entries", maxTreeFiles)
		}
		mode, name, _ := strings.Cut(string(head), " ")
		e := treeEntry{name: name, id: plumbing.Hash(tail[:len(plumbing.Hash{})])}
		switch mode {
		case "100644":
			e.mode = filemode.Regular
		case "40000":
			e.mode = filemode.Dir
		default:
			return nil, negotiation.ErrTree.Because("%q in the act's tree is neither a plain file nor a directory", name)
		}
		entries = append(entries, e)
		rest = tail[len(plumbing.Hash{}):]
	}
	if !bytes.Equal(encodeTree(slices.Clone(entries)), raw) {
		return nil, negotiation.ErrTree.Because("the act's tree is not in git's order")
	}
	return entries, nil
}

// readTree collects the files below a tree, with the names of all objects met.
// get returns an object by name.
func readTree(root plumbing.Hash, get func(plumbing.ObjectType, plumbing.Hash) ([]byte, error)) (map[string][]byte, []plumbing.Hash, error) {
	files := map[string][]byte{}
	var met []plumbing.Hash
	total := 0
	var walk func(id plumbing.Hash, prefix string, depth int) error
	walk = func(id plumbing.Hash, prefix string, depth int) error {
		raw, err := get(plumbing.TreeObject, id)
		if err != nil {
			return err
		}
		entries, err := decodeTree(raw)
		if err != nil {
			return err
		}
		if len(entries) == 0 || depth > maxTreeDepth {
			return negotiation.ErrTree.Because("the act's tree is empty in places, or too deep")
		}
		met = append(met, id)
		for _, e := range entries {
			if e.isDir() {
				if err := walk(e.id, prefix+e.name+"/", depth+1); err != nil {
					return err
				}
				continue
			}
			content, err := get(plumbing.BlobObject, e.id)
			if err != nil {
				return err
			}
			if total += len(content); total > negotiation.MaxFiles || len(files) == maxTreeFiles {
				return negotiation.ErrTooLarge.Because("the act's files are too many or have more than %d bytes", negotiation.MaxFiles)
			}
			if _, twice := files[prefix+e.name]; twice {
				return negotiation.ErrTree.Because("%q stands twice in the act's tree", prefix+e.name)
			}
			files[prefix+e.name] = content
			met = append(met, e.id)
		}
		return nil
	}
	return files, met, walk(root, "", 1)
}

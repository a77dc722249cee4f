package drafts

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// rawTree is a tree of entries as somebody writes them by hand.
func rawTree(t testing.TB, entries ...string) (plumbing.Hash, object) {
	t.Helper()
	o := object{plumbing.TreeObject, []byte(strings.Join(entries, ""))}
	id, err := o.id()
	if err != nil {
		t.Fatal(err)
	}
	return id, o
}

// hostileTrees are trees that no act may have, or not this one.
func hostileTrees(t testing.TB, s scene) []hostile {
	blob := object{plumbing.BlobObject, []byte("x\n")}
	blobID, err := blob.id()
	if err != nil {
		t.Fatal(err)
	}
	x, other := string(blobID[:]), object{plumbing.BlobObject, []byte("y\n")}
	note := negotiation.Unknown{Name: "note/1", Subject: "Note"}
	one := map[string][]byte{"a.md": blob.body}
	nested := map[string][]byte{"d/a.md": blob.body}
	deep := map[string][]byte{"a/b/c.md": blob.body}
	with := func(name string, files map[string][]byte, objects []object, entries ...string) hostile {
		id, tree := rawTree(t, entries...)
		return hostile{name: name, want: negotiation.ErrTree, f: forgery{content: note, files: files, tree: id, objects: append(objects, tree)}}
	}
	dir := func(entries ...string) (string, object) {
		id, tree := rawTree(t, entries...)
		return string(id[:]), tree
	}
	inner, innerTree := dir("100644 a.md\x00" + x)
	empty, emptyTree := dir()
	c, cTree := dir("100644 c.md\x00" + x)
	b, bTree := dir("40000 b\x00" + c)
	deepest, deepestTree := dir("40000 e\x00" + b)
	missing := strings.Repeat("\x01", 20)
	return []hostile{
		with("a symbolic link", one, []object{blob}, "120000 a.md\x00"+x),
		with("an executable file", one, []object{blob}, "100755 a.md\x00"+x),
		with("a submodule", one, []object{blob}, "100644 a.md\x00"+x, "160000 m\x00"+missing),
		with("a directory .git", one, []object{blob, innerTree}, "40000 .git\x00"+inner, "100644 a.md\x00"+x),
		with("a file .git", one, []object{blob}, "100644 .git\x00"+x, "100644 a.md\x00"+x),
		with("a file ..", one, []object{blob}, "100644 ..\x00"+x, "100644 a.md\x00"+x),
		with("a file more", one, []object{blob}, "100644 a.md\x00"+x, "100644 b.md\x00"+x),
		with("a hidden file", one, []object{blob}, "100644 .hidden\x00"+x, "100644 a.md\x00"+x),
		with("a file of another name", one, []object{blob}, "100644 b.md\x00"+x),
		with("a slash in a name", nested, []object{blob}, "100644 d/a.md\x00"+x),
		with("two files of one name", one, []object{blob}, "100644 a.md\x00"+x, "100644 a.md\x00"+x),
		with("two directories of one name", nested, []object{blob, innerTree}, "40000 d\x00"+inner, "40000 d\x00"+inner),
		with("a file and a directory of one name", one, []object{blob, innerTree}, "100644 a.md\x00"+x, "40000 a.md\x00"+inner),
		with("names that are not in order", map[string][]byte{"a.md": blob.body, "b.md": blob.body}, []object{blob}, "100644 b.md\x00"+x, "100644 a.md\x00"+x),
		with("a mode with a zero before it", nested, []object{blob, innerTree}, "040000 d\x00"+inner),
		with("an empty directory", one, []object{blob, emptyTree}, "100644 a.md\x00"+x, "40000 d\x00"+empty),
		with("a file where a directory belongs", nested, []object{blob}, "40000 d\x00"+x),
		with("a directory where a file belongs", one, []object{blob, innerTree}, "100644 a.md\x00"+inner),
		with("directories too deep", deep, []object{blob, cTree, bTree, deepestTree}, "40000 a\x00"+deepest),
		with("a tree cut short", one, []object{blob}, "100644 a.md\x00"+x[:10]),
		with("a blob that is missing", one, nil, "100644 a.md\x00"+missing),
		with("another content than was signed", map[string][]byte{"a.md": []byte("y\n")}, []object{blob}, "100644 a.md\x00"+x),
		with("bytes behind the last entry", one, []object{blob}, "100644 a.md\x00"+x+"1"),
		{name: "another act's tree", want: negotiation.ErrTree, f: forgery{tree: s.r.commits[s.joined].tree}},
		{name: "no tree at all", want: negotiation.ErrTree, f: forgery{content: note, files: one, tree: plumbing.NewHash(strings.Repeat("01", 20))}},
		{name: "files in an act that has none", want: negotiation.ErrTree, f: forgery{message: func(m string) string {
			return m + "File: a.md " + strings.Repeat("0", 64) + "\n"
		}}},
		{name: "files that are not in order", want: negotiation.ErrNotCanonical, f: forgery{content: note, files: map[string][]byte{"a.md": blob.body, "b.md": blob.body},
			message: func(m string) string {
				lines := strings.SplitAfter(m, "\n")
				slices.Reverse(lines[len(lines)-3 : len(lines)-1])
				return strings.Join(lines, "")
			}}},
		{name: "a path that leaves the tree", want: negotiation.ErrTree, f: forgery{content: note, files: one, message: replace("File: a.md", "File: ../a.md")}},
		{name: "an object besides", want: negotiation.ErrTree, f: forgery{objects: []object{other}}, wire: "at rest it is an object to which nothing leads"},
	}
}

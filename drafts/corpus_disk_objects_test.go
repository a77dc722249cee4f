package drafts

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

func deflated(raw []byte, level int) []byte {
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, level)
	if err != nil {
		panic(err)
	}
	z.Write(raw)
	z.Close()
	return out.Bytes()
}

// looseCase returns a case in which the blob "x\n", to which nothing leads, has another
// file than git would write.
func looseCase(want int, file func(name string) []byte) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		id, err := object{plumbing.BlobObject, []byte("x\n")}.id()
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, filepath.FromSlash(objectPath(id)))
		lay(t, name, file(name))
		return ""
	}}
}

// raw returns a case with an object of any content, of its name, to which nothing leads.
func raw(want int, kind plumbing.ObjectType, body string) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		set := objects{}
		if _, err := set.add(object{kind, []byte(body)}); err != nil {
			t.Fatal(err)
		}
		layDown(t, dir, set)
		return ""
	}}
}

// besideDisks have whole objects of no act's, which nobody judges, whatever git fsck says.
func besideDisks() map[string]laid {
	tree, who := "tree "+plumbing.ComputeHash(plumbing.TreeObject, nil).String()+"\n", "A <a@b> 1 +0000\n"
	blob := plumbing.ComputeHash(plumbing.BlobObject, []byte("x\n"))
	entry := func(mode, name string) string { return mode + " " + name + "\x00" + string(blob[:]) }
	commit := func(body string) laid { return raw(0, plumbing.CommitObject, body) }
	listing := func(body string) laid { return raw(0, plumbing.TreeObject, body) }
	return map[string]laid{
		"a commit like git's":           commit(tree + "author " + who + "committer " + who + "encoding latin1\n\nx\n"),
		"a commit without an author":    commit(tree + "committer " + who + "\nx\n"),
		"a commit with an odd time":     commit(tree + "author A <a@b> 01 +0000\ncommitter " + who + "\nx\n"),
		"a commit with a zero byte":     commit(tree + "author " + who + "committer " + who + "\nx\x00\n"),
		"a commit of nothing":           commit(""),
		"a commit whose tree is a blob": commit("tree " + blob.String() + "\nauthor " + who + "committer " + who + "\nx\n"),
		"a tree with .git":              listing(entry("100644", ".GIT")),
		"a tree with git~1":             listing(entry("100644", "git~1 .")),
		"a tree out of order":           listing(entry("100644", "b") + entry("100644", "a")),
		"a tree with two of one name":   listing(entry("100644", "a") + entry("100644", "a")),
		"a tree with an odd mode":       listing(entry("100664", "a")),
		"a tree with a mode of zeros":   listing(entry("000", "a")),
		"a tree with a link":            listing(entry("120000", "a")),
		"a tree of what is not there":   listing("100644 a\x00" + strings.Repeat("1", 20)),
		"a tree of a module":            listing(entry("160000", "a")),
		"a tree broken off":             listing("100644 a"),
		"a tree of modules not there":   listing("100644 .gitmodules\x00" + strings.Repeat("1", 20)),
		"a tree whose modules are odd":  listing(entry("100644", ".gitmodules")),
		"a link for .gitmodules":        listing(entry("120000", ".gitmodules")),
		"a link for GITMOD~1":           listing(entry("120000", "GITMOD~1")),
		"attributes without end": {do: func(t *testing.T, dir string) string {
			set := objects{}
			attributes, err := set.add(object{plumbing.BlobObject, []byte(strings.Repeat("x", 4000) + " -text\n")})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := set.add(object{plumbing.TreeObject, []byte("100644 .gitattributes\x00" + string(attributes[:]))}); err != nil {
				t.Fatal(err)
			}
			layDown(t, dir, set)
			return ""
		}},
		"modules from anywhere": {do: func(t *testing.T, dir string) string {
			set := objects{}
			modules, err := set.add(object{plumbing.BlobObject, []byte("[submodule \"../x\"]\n\tpath = x\n\turl = -u./evil\n")})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := set.add(object{plumbing.TreeObject, []byte("100644 .gitmodules\x00" + string(modules[:]))}); err != nil {
				t.Fatal(err)
			}
			layDown(t, dir, set)
			return ""
		}},
		"a tag without a type": raw(0, plumbing.TagObject, "object "+blob.String()+"\ntag x\ntagger "+who+"\nx\n"),
		"a tag of a blob":      raw(0, plumbing.TagObject, "object "+blob.String()+"\ntype blob\ntag x\ntagger "+who+"\nx\n"),
		"a tag that lies": {do: func(t *testing.T, dir string) string {
			at := strings.TrimSpace(stockGit(t, dir, "rev-parse", "text"))
			return raw(0, plumbing.TagObject, "object "+at+"\ntype tree\ntag x\ntagger "+who+"\nx\n").do(t, dir)
		}},
	}
}

func damagedObjects() map[string]laid {
	x := []byte("blob 2\x00x\n")
	file := func(content []byte) laid { return looseCase(1, func(string) []byte { return content }) }
	flipped := deflated(x, 6)
	flipped[len(flipped)-6] ^= 1
	level := deflated(x, 6)
	level[1] ^= 0x40
	zeros := deflated(append([]byte("blob 33554433\x00"), make([]byte, maxBeside+1)...), 9)
	return map[string]laid{
		"a damaged object":               file(flipped),
		"an object without content":      file(nil),
		"an object broken off":           file(flipped[:len(flipped)-5]),
		"bytes behind an object":         file(append(deflated(x, 6), 'x')),
		"a head that does not add up":    file(level),
		"an object of another size":      file(deflated([]byte("blob 3\x00x\n"), 6)),
		"an object that goes on":         file(deflated([]byte("blob 1\x00x\n"), 6)),
		"a size with a zero before it":   file(deflated([]byte("blob 02\x00x\n"), 6)),
		"a size with a sign before it":   file(deflated([]byte("blob +2\x00x\n"), 6)),
		"an object of no size":           file(deflated([]byte("blob \x00x\n"), 6)),
		"an object of no kind":           file(deflated([]byte("text 2\x00x\n"), 6)),
		"an object of another kind":      file(deflated([]byte("tree 2\x00x\n"), 6)),
		"an object of a pack's kind":     file(deflated([]byte("ofs-delta 2\x00x\n"), 6)),
		"an object under another's name": file(deflated([]byte("blob 2\x00y\n"), 6)),
		"an object that is plain":        file(x),
		"a bomb, loose":                  file(zeros),
		"a loose one is damaged, a packed one not": {want: 1, do: func(t *testing.T, dir string) string {
			looseCase(0, func(string) []byte { return deflated(x, 6) }).do(t, dir)
			stockGit(t, dir, "tag", "x", plumbing.ComputeHash(plumbing.BlobObject, x[7:]).String())
			stockGit(t, dir, "repack", "-aq")
			return file(flipped).do(t, dir)
		}},
	}
}

// damage changes one byte of a file, counted from its end when at is negative.
func damage(t *testing.T, path string, at int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(content)
	}
	content[at] ^= 1
	lay(t, path, content)
}

// packedAs returns a case in which a repository is packed and then something is done to
// the pack and its index.
func packedAs(want int, change func(pack, index []byte) (_, _ []byte)) laid {
	return laid{want: want, do: func(t *testing.T, dir string) string {
		stockGit(t, dir, "repack", "-adfq", "--depth=50", "--window=50")
		names, err := packFiles(dir)
		if err != nil || len(names) != 1 {
			t.Fatalf("%v, %v", names, err)
		}
		name := strings.TrimSuffix(names[0], ".pack")
		pack, err := os.ReadFile(name + ".pack")
		if err != nil {
			t.Fatal(err)
		}
		index, err := os.ReadFile(name + ".idx")
		if err != nil {
			t.Fatal(err)
		}
		pack, index = change(pack, index)
		lay(t, name+".pack", pack)
		lay(t, name+".idx", index)
		return ""
	}}
}

// summedUp puts the right sum at the end of a pack or of an index.
func summedUp(b []byte) []byte {
	sum := sha1.Sum(b[:len(b)-sha1.Size])
	return append(b[:len(b)-sha1.Size], sum[:]...)
}

func damagedPacks() map[string]laid {
	const names = 8 + 256*4
	change := func(f func(pack, index []byte)) laid {
		return packedAs(1, func(pack, index []byte) (_, _ []byte) {
			f(pack, index)
			return pack, index
		})
	}
	sumsAt := func(index []byte) int { return names + int(binary.BigEndian.Uint32(index[names-4:]))*sha1.Size }
	return map[string]laid{
		"a damaged pack":       change(func(pack, _ []byte) { pack[len(pack)/2] ^= 1 }),
		"a damaged sum":        change(func(pack, _ []byte) { pack[len(pack)-1] ^= 1 }),
		"a pack of version 4":  change(func(pack, _ []byte) { pack[7] = 4; summedUp(pack) }),
		"a pack that counts":   change(func(pack, _ []byte) { pack[11]++; summedUp(pack) }),
		"a damaged index":      change(func(_, index []byte) { index[names+3] ^= 1 }),
		"an index of another":  change(func(_, index []byte) { index[len(index)-30] ^= 1; summedUp(index) }),
		"an index that counts": change(func(_, index []byte) { index[names-1]++; summedUp(index) }),
		"a table that counts":  change(func(_, index []byte) { index[8+3]++; summedUp(index) }),
		"sums of other bytes":  change(func(_, index []byte) { index[sumsAt(index)] ^= 1; summedUp(index) }),
		"a place elsewhere":    change(func(_, index []byte) { index[len(index)-2*sha1.Size-1] ^= 1; summedUp(index) }),
		"a place outside":      change(func(_, index []byte) { index[len(index)-2*sha1.Size-4] |= 0x7f; summedUp(index) }),
		"a place far outside":  change(func(_, index []byte) { index[len(index)-2*sha1.Size-4] |= 0x80; summedUp(index) }),
		"names out of order": change(func(_, index []byte) {
			first, second := index[names:names+sha1.Size], index[names+sha1.Size:names+2*sha1.Size]
			for i := range first {
				first[i], second[i] = second[i], first[i]
			}
			summedUp(index)
		}),
		"an index of version 3": change(func(_, index []byte) { index[7] = 3; summedUp(index) }),
		"an index with more": packedAs(1, func(pack, index []byte) (_, _ []byte) {
			more := append(bytes.Clone(index[:len(index)-2*sha1.Size]), make([]byte, 8)...)
			return pack, summedUp(append(more, index[len(index)-2*sha1.Size:]...))
		}),
		"bytes between objects and sum": packedAs(1, func(pack, index []byte) (_, _ []byte) {
			pack = summedUp(append(pack, 0))
			copy(index[len(index)-2*sha1.Size:], pack[len(pack)-sha1.Size:])
			return pack, summedUp(index)
		}),
		"a pack broken off":   packedAs(1, func(pack, index []byte) (_, _ []byte) { return pack[:len(pack)-40], index }),
		"an index broken off": packedAs(1, func(pack, index []byte) (_, _ []byte) { return pack, index[:len(index)-40] }),
		"an empty index":      packedAs(1, func(pack, index []byte) (_, _ []byte) { return pack, nil }),
		"an empty pack":       packedAs(1, func(pack, index []byte) (_, _ []byte) { return nil, index }),
		"a bomb beside": {want: 1, do: func(t *testing.T, dir string) string {
			addPack(t, dir, maxBeside+1)
			return ""
		}},
		"a large object in a pack": {do: func(t *testing.T, dir string) string {
			addPack(t, dir, maxBeside)
			return ""
		}},
		"a pack twice": {do: func(t *testing.T, dir string) string {
			addPack(t, dir, 10)
			for _, end := range []string{".pack", ".idx"} {
				if err := copyFile(filepath.Join(dir, "objects/pack/pack-1"+end), filepath.Join(dir, "objects/pack/other"+end)); err != nil {
					t.Fatal(err)
				}
			}
			return ""
		}},
	}
}

// addPack adds a pack with a blob of so many zero bytes.
func addPack(t *testing.T, dir string, size int) {
	t.Helper()
	var f forger
	f.put(3, size, nil, make([]byte, size))
	_, pack, _ := bytes.Cut(f.bundle(), []byte("\n\n"))
	path := filepath.Join(dir, "objects/pack/pack-1.pack")
	lay(t, path, pack)
	stockGit(t, dir, "index-pack", path)
}

package drafts

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// named adds an entry to a pack, which the index will call by the name of what it makes.
func (f *forger) named(names *[]plumbing.Hash, made []byte, kind byte, size int, base, body []byte) {
	*names = append(*names, plumbing.ComputeHash(plumbing.BlobObject, made))
	f.put(kind, size, base, body)
}

// back returns how git writes in a pack that a delta's base stands so many bytes before it.
func back(n int) []byte {
	out := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		out = append([]byte{0x80 | byte(n&0x7f)}, out...)
	}
	return out
}

// indexOf writes the index that git would of a pack whose objects have these names.
func (f *forger) indexOf(pack []byte, names []plumbing.Hash) []byte {
	type place struct {
		id         plumbing.Hash
		start, end int
	}
	var places []place
	for i, id := range names {
		end := len(pack) - sha1.Size
		if i+1 < len(f.starts) {
			end = f.starts[i+1]
		}
		places = append(places, place{id, f.starts[i], end})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(bytes.Compare(a.id[:], b.id[:]), a.start-b.start) })
	index := []byte("\xfftOc\x00\x00\x00\x02")
	for first := range 256 {
		n := 0
		for _, p := range places {
			if int(p.id[0]) <= first {
				n++
			}
		}
		index = binary.BigEndian.AppendUint32(index, uint32(n))
	}
	for _, p := range places {
		index = append(index, p.id[:]...)
	}
	for _, p := range places {
		index = binary.BigEndian.AppendUint32(index, crc32.ChecksumIEEE(pack[p.start:p.end]))
	}
	for _, p := range places {
		index = binary.BigEndian.AppendUint32(index, uint32(p.start))
	}
	index = append(index, pack[len(pack)-sha1.Size:]...)
	return summedUp(append(index, make([]byte, sha1.Size)...))
}

// forgedPacks are packs that no git has written, with the indexes that they should have.
func forgedPacks() map[string]laid {
	blob := bytes.Repeat([]byte("x"), 1000)
	same := append(sizes(1000, 1000), 0x80|0x30, 1000&0xff, 1000>>8)
	forged := func(want int, fill func(f *forger, names *[]plumbing.Hash)) laid {
		return laid{want: want, do: func(t *testing.T, dir string) string {
			var f forger
			var names []plumbing.Hash
			fill(&f, &names)
			_, pack, _ := bytes.Cut(f.bundle(), []byte("\n\n"))
			lay(t, filepath.Join(dir, "objects/pack/forged.pack"), pack)
			lay(t, filepath.Join(dir, "objects/pack/forged.idx"), f.indexOf(pack, names))
			return ""
		}}
	}
	tower := func(deep int) func(f *forger, names *[]plumbing.Hash) {
		return func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, 3, len(blob), nil, blob)
			made := blob
			for i := range deep { // each has two more bytes than the one before
				more := []byte{byte(i), byte(i >> 8)}
				delta := append(sizes(uint64(len(made)), uint64(len(made)+2)), 0x80|0x30, byte(len(made)), byte(len(made)>>8), 2)
				made = append(bytes.Clone(made), more...)
				f.named(names, made, offsetDelta, len(delta)+2, back(f.Len()+packHeader-f.starts[len(f.starts)-1]), append(delta, more...))
			}
		}
	}
	id := plumbing.ComputeHash(plumbing.BlobObject, blob)
	return map[string]laid{
		"a forged pack":       forged(0, func(f *forger, names *[]plumbing.Hash) { f.named(names, blob, 3, len(blob), nil, blob) }),
		"a pack of nothing":   forged(0, func(*forger, *[]plumbing.Hash) {}),
		"a tower of 5 deltas": forged(0, tower(5)),
		"a tower of deltas":   forged(0, tower(6000)),
		"an object twice in a pack": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, 3, len(blob), nil, blob)
			f.named(names, blob, 3, len(blob), nil, blob)
		}),
		"a delta of its base itself": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, 3, len(blob), nil, blob)
			f.named(names, blob, offsetDelta, len(same), back(f.Len()), same)
		}),
		"a delta before its base": forged(0, func(f *forger, names *[]plumbing.Hash) {
			delta := append(sizes(1000, 1), 1, 'y')
			f.named(names, []byte("y"), referenceDelta, len(delta), id[:], delta)
			f.named(names, blob, 3, len(blob), nil, blob)
		}),
		"a delta of nothing": forged(1, func(f *forger, names *[]plumbing.Hash) {
			delta := append(sizes(1000), 0x80, 0x80, 0)
			f.named(names, blob, 3, len(blob), nil, blob)
			f.named(names, nil, offsetDelta, len(delta), back(f.Len()), delta)
		}),
		"a delta of three bytes": forged(1, func(f *forger, names *[]plumbing.Hash) {
			delta := sizes(1000, 0)
			f.named(names, blob, 3, len(blob), nil, blob)
			f.named(names, nil, offsetDelta, len(delta), back(f.Len()), delta)
		}),
		"a delta of what is elsewhere": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, referenceDelta, len(same), bytes.Repeat([]byte{1}, 20), same)
		}),
		"a delta of itself": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, referenceDelta, len(same), id[:], same)
		}),
		"a delta that is larger than what it makes": forged(0, func(f *forger, names *[]plumbing.Hash) {
			delta := append(sizes(1000, 1<<20), bytes.Repeat([]byte{1, 'y'}, 1<<20)...)
			f.named(names, blob, 3, len(blob), nil, blob)
			f.named(names, bytes.Repeat([]byte("y"), 1<<20), offsetDelta, len(delta), back(f.Len()), delta)
		}),
		"a delta that is larger than any object": forged(0, func(f *forger, names *[]plumbing.Hash) {
			delta := append(sizes(1000, 20<<20), bytes.Repeat([]byte{1, 'y'}, 20<<20)...)
			f.named(names, blob, 3, len(blob), nil, blob)
			f.named(names, bytes.Repeat([]byte("y"), 20<<20), offsetDelta, len(delta), back(f.Len()), delta)
		}),
		"an entry of no kind": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, 5, len(blob), nil, blob)
		}),
		"an entry of another size": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, 3, len(blob)+1, nil, blob)
		}),
		"a size of many bytes": forged(0, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, nil, 0xb, 0, []byte{0x80, 0x80, 0}, nil)
		}),
		"a size of too many bytes": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, nil, 0xb, 0, append(bytes.Repeat([]byte{0x80}, 9), 0), nil)
		}),
		"bytes between two entries": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, 3, len(blob), nil, blob)
			f.WriteByte(0)
			f.named(names, []byte("y"), 3, 1, nil, []byte("y"))
		}),
		"an entry that nobody names": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, 3, len(blob), nil, blob)
			f.put(3, 1, nil, []byte("y"))
		}),
		"an entry by another's name": forged(1, func(f *forger, names *[]plumbing.Hash) {
			f.named(names, blob, 3, 1, nil, []byte("y"))
		}),
	}
}

// namesakes have a pack of the name that docs/audit.sh gives to what it makes of the loose objects.
func namesakes() map[string]laid {
	looseName := func(t *testing.T, dir string) string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(dir, "objects/[0-9a-f][0-9a-f]/*"))
		if err != nil || len(found) == 0 {
			t.Fatal(found, err)
		}
		slices.Sort(found)
		var names strings.Builder
		for _, path := range found {
			names.WriteString(filepath.Base(filepath.Dir(path)) + filepath.Base(path) + "\n")
		}
		cmd := exec.Command("git", "-C", dir, "pack-objects", "-q", "--window=0", "--compression=1", filepath.Join(t.TempDir(), "loose"))
		cmd.Stdin = strings.NewReader(names.String())
		sum, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, "objects/pack/loose-"+strings.TrimSpace(string(sum)))
	}
	return map[string]laid{
		"a damaged pack of the script's name": {want: 1, do: func(t *testing.T, dir string) string {
			var f forger
			var ids []plumbing.Hash
			f.named(&ids, []byte("x"), 3, 1, nil, []byte("x"))
			_, pack, _ := bytes.Cut(f.bundle(), []byte("\n\n"))
			pack[packHeader+1] ^= 1 // where the deflated object begins
			index := f.indexOf(summedUp(pack), ids)
			name := looseName(t, dir)
			lay(t, name+".pack", pack)
			lay(t, name+".idx", index)
			return ""
		}},
		"the pack of all acts has the script's name": {do: func(t *testing.T, dir string) string {
			stockGit(t, dir, "repack", "-adq")
			packed, err := packFiles(dir)
			if err != nil || len(packed) != 1 {
				t.Fatal(packed, err)
			}
			stockGit(t, dir, "hash-object", "-w", "HEAD")
			name, was := looseName(t, dir), strings.TrimSuffix(packed[0], ".pack")
			if err := errors.Join(os.Rename(was+".pack", name+".pack"), os.Rename(was+".idx", name+".idx")); err != nil {
				t.Fatal(err)
			}
			return ""
		}},
	}
}

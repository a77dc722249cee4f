package drafts

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// maxPackIndex bounds the index of a pack, in bytes: of as many objects as a pack may have,
// and room for what git adds.
const maxPackIndex = maxPackObjects*(sha1.Size+4+4+8) + 4096

// A packIndex says where the objects of a pack stand, in the order of the pack.
type packIndex struct {
	pack    plumbing.Hash // the sum of the pack that it is of
	checked bool          // it has sums of what is compressed, too
	places  []packPlace
}

// A packPlace is where one object begins.
type packPlace struct {
	id    plumbing.Hash
	start int64
	sum   uint32 // CRC-32 of what stands there, up to the next
}

// parseIndex reads the index of a pack, of version 1 or 2 (gitformat-pack, "pack-*.idx
// files"). What it says of the pack is not believed yet. The error is [ErrDamaged].
func parseIndex(raw []byte) (packIndex, error) {
	bad := func(what string) (packIndex, error) {
		return packIndex{}, ErrDamaged.Because("the index of a pack %s", what)
	}
	const fan, sums = 256 * 4, 2 * sha1.Size
	version, body := 1, raw
	if rest, second := bytes.CutPrefix(raw, []byte("\xfftOc")); second {
		if len(rest) < 4 || binary.BigEndian.Uint32(rest) != 2 {
			return bad("is of a version that is not read")
		}
		version, body = 2, rest[4:]
	}
	if len(body) < fan+sums {
		return bad("is broken off")
	}
	if sum := sha1.Sum(raw[:len(raw)-sha1.Size]); !bytes.Equal(sum[:], raw[len(raw)-sha1.Size:]) {
		return bad("is damaged: the sum at its end is another")
	}
	count := int(binary.BigEndian.Uint32(body[fan-4:]))
	rest := body[fan : len(body)-sums]
	if count > maxPackObjects || len(rest) < count*(sha1.Size+4) {
		return bad("cannot have the objects that it says")
	}
	index := packIndex{pack: plumbing.Hash(body[len(body)-sums:][:sha1.Size]), checked: version == 2, places: make([]packPlace, count)}
	var ok bool
	if version == 1 {
		ok = index.placeFirst(rest)
	} else {
		ok = index.placeSecond(rest)
	}
	if !ok {
		return bad("does not say of each object where it is")
	}
	first := 0 // bytes of names that the table at the front has been checked for
	for i, p := range index.places {
		if i > 0 && bytes.Compare(index.places[i-1].id[:], p.id[:]) >= 0 {
			return bad("is not in order")
		}
		for ; first < int(p.id[0]); first++ {
			ok = ok && binary.BigEndian.Uint32(body[first*4:]) == uint32(i)
		}
	}
	for ; first < 256; first++ {
		ok = ok && binary.BigEndian.Uint32(body[first*4:]) == uint32(count)
	}
	if !ok {
		return bad("does not count what it has")
	}
	slices.SortFunc(index.places, func(a, b packPlace) int { return cmp.Compare(a.start, b.start) })
	return index, nil
}

// placeFirst reads the places of version 1: of each object its offset and its name.
func (x packIndex) placeFirst(b []byte) bool {
	const each = 4 + sha1.Size
	if len(b) != len(x.places)*each {
		return false
	}
	for i := range x.places {
		at := b[i*each:]
		x.places[i] = packPlace{id: plumbing.Hash(at[4:each]), start: int64(binary.BigEndian.Uint32(at))}
	}
	return true
}

// placeSecond reads those of version 2: all names, all sums, all offsets, then those that
// take more than 31 bits.
func (x packIndex) placeSecond(b []byte) bool {
	n := len(x.places)
	if len(b) < n*(sha1.Size+4+4) {
		return false
	}
	names, sums, starts, large := b[:n*sha1.Size], b[n*sha1.Size:], b[n*(sha1.Size+4):], b[n*(sha1.Size+8):]
	used := 0 // of those, in turn
	for i := range x.places {
		p := packPlace{
			id: plumbing.Hash(names[i*sha1.Size:][:sha1.Size]), sum: binary.BigEndian.Uint32(sums[i*4:]),
			start: int64(binary.BigEndian.Uint32(starts[i*4:])),
		}
		if at := int(p.start &^ (1 << 31)); p.start>>31 != 0 {
			if at != used || len(large) < 8*used+8 {
				return false
			}
			p.start = int64(binary.BigEndian.Uint64(large[at*8:]))
			used++
		}
		x.places[i] = p
	}
	return len(large) == 8*used
}

package drafts

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

const (
	// maxObject bounds an object of a pack, in bytes: nothing larger fits an act.
	maxObject = MaxMessage
	// maxPackObjects bounds how many objects a pack has.
	maxPackObjects = 1 << 20
	// maxDeltaDepth bounds how many deltas make one object; git makes 50, and used to make 250.
	maxDeltaDepth = 256
	// maxUnpacked bounds all bytes that are made while a pack is indexed.
	maxUnpacked = 4 << 30
	// packCache is how many bytes of objects are kept as bases of others.
	packCache = 8 << 20

	packHeader  = 12
	packTrailer = sha1.Size
)

// A pack is the objects of a pack file (gitformat-pack), by name. It keeps where they
// are, and makes them when they are asked for. It is not safe for concurrent use.
type pack struct {
	file    io.ReaderAt
	end     int64 // where its objects end
	most    int   // bounds an object, in bytes
	deepest int   // bounds how many deltas make one
	entries []packEntry
	index   map[plumbing.Hash]int
	outside lookup // finds bases that are not in the pack

	inflater
	recent map[int][]byte // contents of entries
	cached int            // bytes in recent
}

// A lookup finds an object by its name; false when it is not there.
type lookup func(plumbing.Hash) (object, bool)

// A packEntry is one object where it stands.
type packEntry struct {
	start, data int64               // where its head and its compressed bytes begin; data is 0 until its head is read
	end         int64               // where they end; 0 until they are read
	size        int                 // of what is compressed there
	kind        plumbing.ObjectType // of the object; known of a delta once it is named or made
	base        int                 // what a delta is for: an entry, or one of those below
	baseID      plumbing.Hash       // its name, where the pack gives that
	depth       int                 // deltas that make the object
	named       bool
}

const (
	noBase      = -1 // the object is whole
	unknownBase = -2 // an object of some name
	outsideBase = -3 // an object that is not in the pack
)

// readPack indexes the pack between two places of a file: every object is made once,
// within bounds, and named; unpacked bounds the bytes that are made for all. The error is
// [ErrBundle] when the pack is broken or exceeds a bound, [negotiation.ErrTree] when an
// object is made to collide with another under SHA-1, and [negotiation.ErrGap] when a base
// is neither there nor outside.
func readPack(ctx context.Context, file io.ReaderAt, from, to, unpacked int64, outside lookup) (*pack, error) {
	count, err := checkPack(file, from, to)
	if err != nil {
		return nil, err
	}
	p := &pack{
		file: file, end: to - packTrailer, most: maxObject, deepest: maxDeltaDepth, outside: outside, inflater: inflater{budget: unpacked},
		entries: make([]packEntry, 0, count), index: make(map[plumbing.Hash]int, count), recent: map[int][]byte{},
	}
	if err := p.scan(ctx, count, from+packHeader); err != nil {
		return nil, err
	}
	if err := p.nameDeltas(ctx); err != nil {
		return nil, err
	}
	p.budget = math.MaxInt64 // what is asked for from here on is for who asks to bound
	return p, nil
}

// checkPack checks a pack's head and its sum, and returns the number of its objects.
func checkPack(file io.ReaderAt, from, to int64) (int, error) {
	if to-from < packHeader+packTrailer {
		return 0, ErrBundle.Because("its pack is broken off")
	}
	var head [packHeader]byte
	var trailer [packTrailer]byte
	if _, err := file.ReadAt(head[:], from); err != nil {
		return 0, fmt.Errorf("bundle: reading: %w", err)
	}
	if version := binary.BigEndian.Uint32(head[4:]); string(head[:4]) != "PACK" || version != 2 && version != 3 {
		return 0, ErrBundle.Because("it has no pack that can be read")
	}
	const smallest = 9 // bytes of an empty object: its head and an empty zlib stream
	count := int64(binary.BigEndian.Uint32(head[8:]))
	if count > maxPackObjects || count > (to-from-packHeader-packTrailer)/smallest {
		return 0, ErrBundle.Because("its pack cannot have the %d objects that it says", count)
	}
	sum := sha1.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, from, to-from-packTrailer)); err != nil {
		return 0, fmt.Errorf("bundle: reading: %w", err)
	}
	if _, err := file.ReadAt(trailer[:], to-packTrailer); err != nil {
		return 0, fmt.Errorf("bundle: reading: %w", err)
	}
	if !bytes.Equal(sum.Sum(nil), trailer[:]) {
		return 0, ErrBundle.Because("its pack is damaged or broken off: the sum at its end is another")
	}
	return int(count), nil
}

// nameDeltas makes and names what is made of deltas. A base can stand behind what is made
// of it, so this takes as many rounds as deltas stand on one another, at most.
func (p *pack) nameDeltas(ctx context.Context) error {
	var waiting []int
	for i, e := range p.entries {
		if !e.named {
			waiting = append(waiting, i)
		}
	}
	for round := 0; len(waiting) > 0; round++ {
		if round > 2*maxDeltaDepth { // each depth can take one for the pack and one for what is outside
			return ErrBundle.Because("its pack has deltas that stand on one another in a circle or too deep")
		}
		var left []int
		for _, i := range waiting {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !p.findBase(i) {
				left = append(left, i)
				continue
			}
			o, err := p.contents(i)
			if err != nil {
				return err
			}
			if err := p.name(i, o.body); err != nil {
				return err
			}
		}
		if len(left) == len(waiting) && !p.lookOutside(left) {
			return errNoBase
		}
		waiting = left
	}
	return nil
}

// findBase reports whether what a delta is for has been named, and takes its kind over.
func (p *pack) findBase(i int) bool {
	e := &p.entries[i]
	if e.base == unknownBase {
		at, found := p.index[e.baseID]
		if !found {
			return false
		}
		e.base = at
	}
	if e.base >= 0 {
		base := p.entries[e.base]
		e.kind, e.depth = base.kind, base.depth+1
		return base.named
	}
	return true
}

// lookOutside finds bases that are not in the pack, and reports whether there was one.
func (p *pack) lookOutside(waiting []int) bool {
	any := false
	for _, i := range waiting {
		e := &p.entries[i]
		if e.base != unknownBase {
			continue
		}
		if o, found := p.outside(e.baseID); found {
			e.base, e.kind, e.depth, any = outsideBase, o.kind, 1, true
		}
	}
	return any
}

// name gives an entry the name that its contents have.
func (p *pack) name(i int, body []byte) error {
	e := &p.entries[i]
	id, err := object{e.kind, body}.id()
	if err != nil {
		return err
	}
	e.named = true
	if _, twice := p.index[id]; !twice {
		p.index[id] = i
	}
	return nil
}

// find returns the object of that name; false when the pack has none.
func (p *pack) find(id plumbing.Hash) (object, bool, error) {
	i, found := p.index[id]
	if !found {
		return object{}, false, nil
	}
	o, err := p.contents(i)
	return o, err == nil, err
}

// contents makes the object of an entry.
func (p *pack) contents(i int) (object, error) {
	if p.entries[i].depth > p.deepest {
		return object{}, p.tooDeep()
	}
	o, deltas, err := p.foundation(i)
	for _, at := range slices.Backward(deltas) {
		if err != nil {
			return object{}, err
		}
		if o.body, err = p.applyAt(at, o.body); err == nil {
			p.entries[at].kind = o.kind
			p.keep(at, o.body)
		}
	}
	return o, err
}

// foundation returns the nearest object that an entry is made of, and the deltas, its
// own first, that make it of that.
func (p *pack) foundation(i int) (o object, deltas []int, err error) {
	for len(deltas) <= p.deepest {
		e, err := p.entry(i)
		if err != nil {
			return object{}, nil, err
		}
		if body, ok := p.recent[i]; ok {
			return object{e.kind, body}, deltas, nil
		}
		switch e.base {
		case noBase:
			body, err := p.inflateAt(i)
			if err == nil && len(deltas) > 0 {
				p.keep(i, body)
			}
			return object{e.kind, body}, deltas, err
		case outsideBase:
			o, found := p.outside(e.baseID)
			if !found {
				err = errNoBase
			}
			return o, append(deltas, i), err
		case unknownBase:
			base, found := p.index[e.baseID]
			if !found {
				return object{}, nil, errNoBase
			}
			deltas, i = append(deltas, i), base
		default:
			deltas, i = append(deltas, i), e.base
		}
	}
	return object{}, nil, p.tooDeep()
}

// entry returns an entry with its head.
func (p *pack) entry(i int) (packEntry, error) {
	if p.entries[i].data == 0 {
		e, err := p.readHead(newPackReader(p.file, p.entries[i].start, p.end))
		if err != nil {
			return packEntry{}, err
		}
		p.entries[i] = e
	}
	return p.entries[i], nil
}

// applyAt makes the object of an entry from its base.
func (p *pack) applyAt(at int, base []byte) ([]byte, error) {
	delta, err := p.inflateAt(at)
	if err != nil {
		return nil, err
	}
	size, ok := deltaTarget(delta)
	if !ok || size > uint64(p.most) {
		return nil, p.tooLarge(size)
	}
	if err := p.spend(int(size)); err != nil {
		return nil, err
	}
	return applyDelta(base, delta, int(size))
}

// keep holds on to contents that others may be made of.
func (p *pack) keep(at int, body []byte) {
	if _, kept := p.recent[at]; kept {
		return
	}
	if p.cached += len(body); p.cached > packCache {
		clear(p.recent)
		p.cached = len(body)
	}
	p.recent[at] = body
}

var errNoBase = negotiation.ErrGap.Because("the bundle builds on objects that are neither in it nor here")

func (p *pack) tooDeep() error {
	return ErrBundle.Because("its pack has an object that is made of more than %d deltas", p.deepest)
}

func (p *pack) tooLarge(size uint64) error {
	return ErrBundle.Because("its pack has an object of %d bytes; the most is %d", size, p.most)
}

package drafts

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// The ways in which a pack has an object as a delta; below are the types of whole ones.
const (
	offsetDelta    = 6
	referenceDelta = 7
)

// scan finds where the objects stand from a place on, and names those that are whole.
func (p *pack) scan(ctx context.Context, count int, from int64) error {
	in := newPackReader(p.file, from, p.end)
	for i := range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, err := p.readHead(in)
		if err != nil {
			return err
		}
		body, err := p.inflate(in, e.size)
		if err != nil {
			return err
		}
		p.entries = append(p.entries, e)
		if e.base != noBase {
			continue
		}
		if err := p.name(i, body); err != nil {
			return err
		}
		p.keep(i, body)
	}
	if in.at != p.end {
		return ErrBundle.Because("its pack goes on behind its last object")
	}
	return nil
}

// readHead reads the head of one entry: type and size, and of a delta its base.
func (p *pack) readHead(in *packReader) (packEntry, error) {
	e := packEntry{start: in.at, base: noBase}
	first, err := in.ReadByte()
	size := uint64(first & 0x0f)
	for b, shift := first, 4; err == nil && b&0x80 != 0; shift += 7 {
		if shift > 60 {
			return e, ErrBundle.Because("its pack has an object whose size is out of bounds")
		}
		b, err = in.ReadByte()
		size |= uint64(b&0x7f) << shift
	}
	if err != nil {
		return e, brokenPack(err)
	}
	kind, most := plumbing.ObjectType(first>>4&7), uint64(p.most)
	if kind.IsDelta() {
		most = 8*most + 2*maxDeltaSize // an instruction has at most 8 bytes, and makes one
	}
	if size > most {
		return e, p.tooLarge(size)
	}
	e.size = int(size)
	switch kind {
	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
		e.kind = kind
	case offsetDelta:
		e.base, err = p.readOffset(in, e.start)
	case referenceDelta:
		e.base = unknownBase
		if _, err = io.ReadFull(in, e.baseID[:]); err != nil {
			err = brokenPack(err)
		}
	default:
		err = ErrBundle.Because("its pack has an object of no type that git knows")
	}
	e.data = in.at
	return e, err
}

// readOffset returns which of the entries stands as far before start as is said.
func (p *pack) readOffset(in *packReader, start int64) (int, error) {
	var back int64
	for i := 0; ; i++ {
		b, err := in.ReadByte()
		if err != nil {
			return 0, brokenPack(err)
		}
		if back = back<<7 | int64(b&0x7f); b&0x80 == 0 {
			break
		}
		if back++; i == 6 {
			return 0, ErrBundle.Because("its pack has a delta whose base is out of bounds")
		}
	}
	i, found := slices.BinarySearchFunc(p.entries, start-back, func(e packEntry, at int64) int { return cmp.Compare(e.start, at) })
	if !found {
		return 0, ErrBundle.Because("its pack has a delta whose base is not where it says")
	}
	return i, nil
}

// inflateAt reads what is compressed at an entry.
func (p *pack) inflateAt(i int) ([]byte, error) {
	in := newPackReader(p.file, p.entries[i].data, p.end)
	body, err := p.inflate(in, p.entries[i].size)
	p.entries[i].end = in.at
	return body, err
}

// An inflater reads compressed bytes, and no more than its budget of them.
type inflater struct {
	budget int64
	zlib   io.ReadCloser
}

// spend takes n bytes off the budget.
func (z *inflater) spend(n int) error {
	if z.budget -= int64(n); z.budget < 0 {
		return ErrBundle.Because("its pack unpacks to more bytes than are made of one")
	}
	return nil
}

// inflate reads one zlib stream of exactly size bytes, which the caller finds bearable, and
// nothing behind it.
func (z *inflater) inflate(in io.Reader, size int) ([]byte, error) {
	if err := z.spend(size); err != nil {
		return nil, err
	}
	var err error
	if z.zlib == nil {
		z.zlib, err = zlib.NewReader(in)
	} else {
		err = z.zlib.(zlib.Resetter).Reset(in, nil)
	}
	if err != nil {
		return nil, brokenPack(err)
	}
	body, err := readSized(z.zlib, size)
	if err != nil {
		return nil, brokenPack(err)
	}
	if n, err := io.ReadFull(z.zlib, make([]byte, 1)); n > 0 || !errors.Is(err, io.EOF) {
		return nil, ErrBundle.Because("its pack has an object of another size than it says")
	}
	return body, nil
}

// readSized reads exactly so many bytes. Of many, it believes only those that come.
func readSized(in io.Reader, size int) ([]byte, error) {
	if size <= maxObject {
		body := make([]byte, size)
		_, err := io.ReadFull(in, body)
		return body, err
	}
	var body bytes.Buffer
	n, err := body.ReadFrom(io.LimitReader(in, int64(size)))
	if err == nil && n < int64(size) {
		err = io.ErrUnexpectedEOF
	}
	return body.Bytes(), err
}

// brokenPack says what a failure to read means: the file's, or the pack's.
func brokenPack(err error) error {
	if file := (*fs.PathError)(nil); errors.As(err, &file) {
		return fmt.Errorf("bundle: reading: %w", err)
	}
	return ErrBundle.Because("its pack is broken: %v", err)
}

// A packReader reads a piece of a file byte by byte, and knows where it is.
type packReader struct {
	buffer *bufio.Reader
	at     int64
}

func newPackReader(file io.ReaderAt, from, to int64) *packReader {
	return &packReader{bufio.NewReader(io.NewSectionReader(file, from, to-from)), from}
}

// ReadByte implements [io.ByteReader], so that nothing is read ahead past a stream.
func (r *packReader) ReadByte() (byte, error) {
	b, err := r.buffer.ReadByte()
	if err == nil {
		r.at++
	}
	return b, err
}

// Read implements [io.Reader].
func (r *packReader) Read(p []byte) (int, error) {
	n, err := r.buffer.Read(p)
	r.at += int64(n)
	return n, err
}

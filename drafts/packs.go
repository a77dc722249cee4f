package drafts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

const (
	// maxBeside bounds an object that stands in a repository beside the acts, in bytes.
	maxBeside = 32 << 20
	// maxMaking bounds the bytes that are made for one object of an act, with what it is
	// made of.
	maxMaking = 512 << 20
)

// onDisk is a file that is opened whenever some of it is read, and so never held.
type onDisk string

// ReadAt implements [io.ReaderAt].
func (name onDisk) ReadAt(b []byte, at int64) (int, error) {
	file, err := os.Open(string(name))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return file.ReadAt(b, at)
}

// packFiles returns the packs in a repository that have an index, in order; git passes
// over others, too. Names with a dot before are of no pack.
func packFiles(dir string) ([]string, error) {
	folder := filepath.Join(dir, "objects", "pack")
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		base, indexed := strings.CutSuffix(entry.Name(), ".idx")
		if name := filepath.Join(folder, base+".pack"); indexed && base != "" && base[0] != '.' && there(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// openPack opens a pack of a repository by its index. That an object has the name by which
// the index calls it is left to who asks for it. The error is [ErrDamaged], or the disk's.
func openPack(name string) (*pack, packIndex, error) {
	raw, err := readRegular(strings.TrimSuffix(name, ".pack")+".idx", maxPackIndex)
	if err != nil {
		return nil, packIndex{}, err
	}
	index, err := parseIndex(raw)
	if err != nil {
		return nil, packIndex{}, err
	}
	info, err := os.Lstat(name)
	if err != nil {
		return nil, packIndex{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, packIndex{}, notRegular(name)
	}
	var head [packHeader]byte
	var sum plumbing.Hash
	file, end := onDisk(name), info.Size()-packTrailer
	if end < packHeader {
		return nil, packIndex{}, ErrDamaged.Because("a pack is broken off")
	}
	if _, err := file.ReadAt(head[:], 0); err != nil {
		return nil, packIndex{}, err
	}
	if _, err := file.ReadAt(sum[:], end); err != nil {
		return nil, packIndex{}, err
	}
	version, count := binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[8:])
	if string(head[:4]) != "PACK" || version != 2 && version != 3 || int(count) != len(index.places) || sum != index.pack {
		return nil, packIndex{}, ErrDamaged.Because("a pack is not the one that its index is of")
	}
	p := &pack{
		file: file, end: end, most: maxBeside, deepest: int(count), outside: func(plumbing.Hash) (object, bool) { return object{}, false },
		entries: make([]packEntry, count), index: make(map[plumbing.Hash]int, count),
		inflater: inflater{budget: math.MaxInt64}, recent: map[int][]byte{},
	}
	for i, at := range index.places {
		if at.start < packHeader || at.start >= end {
			return nil, packIndex{}, ErrDamaged.Because("the index of a pack says of an object that it is where the pack is not")
		}
		p.entries[i], p.index[at.id] = packEntry{start: at.start}, i
	}
	return p, index, nil
}

// openPacks opens the packs of a repository, those that can be. The caller holds mu.
func (f *folder) openPacks() {
	f.looked = true
	names, err := packFiles(f.dir)
	f.broken = err
	for _, name := range names {
		p, _, err := openPack(name)
		if err == nil {
			f.packs = append(f.packs, p)
		} else if f.broken == nil {
			f.broken = fmt.Errorf("pack %s: %w", filepath.Base(name), err)
		}
	}
}

// packed returns a packed object; [fs.ErrNotExist] when it is not there.
func (f *folder) packed(id plumbing.Hash) (object, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.looked {
		f.openPacks()
	}
	for _, p := range f.packs {
		p.budget = maxMaking
		o, found, err := p.find(id)
		switch {
		case err != nil:
			return object{}, damagedIn(id, err)
		case found && len(o.body) > MaxMessage:
			return object{}, tooLarge(id)
		case found:
			return o, nil
		}
	}
	if f.broken != nil {
		return object{}, f.broken
	}
	return object{}, fs.ErrNotExist
}

// damagedIn says of an error in reading a pack which object it is that is damaged.
func damagedIn(id plumbing.Hash, err error) error {
	if fault, ok := negotiation.FaultOf(err); ok && (fault == ErrBundle || fault == negotiation.ErrGap) {
		return ErrDamaged.Because("object %s cannot be read from its pack: %s", id, strings.TrimPrefix(innermost(err), "its pack "))
	}
	return err
}

package drafts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing"
)

// Mend puts right what is damaged or missing in the repository in dir, of objects that its
// refs lead to, of torn refs of chains and of lost refs of tags, as far as another copy of the record has it: a
// bundle, a clone or another node's repository at path. An object is taken for what its
// name says alone, and [Open] verifies every act afterwards. It returns how many objects
// and refs were put right; all are on disk then. [ErrInUse] when a node has the repository
// open; what [OpenBundle] says of a bundle that cannot be read.
func Mend(ctx context.Context, dir, path string) (mended int, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return 0, fmt.Errorf("repository: mending: %w", err)
	}
	lock, err := lockDir(dir, filepath.Join(dir, "concord.lock"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	own, err := openFolder(dir)
	if err != nil {
		return 0, err
	}
	copy, done, err := openCopy(ctx, path, own)
	if err != nil {
		return 0, err
	}
	defer done()
	refs, damage, err := own.readRefs()
	if err != nil {
		return 0, fmt.Errorf("repository: mending: %w", err)
	}
	theirs, err := copy.refs()
	if err != nil {
		return 0, err
	}
	var torn stage
	for name, id := range theirs {
		if _, here := refs[name]; isTag(name) && !here {
			torn.files, refs[name] = append(torn.files, placeRef(name, id)), id
		}
		for _, d := range damage {
			if _, ours := chainOf(d.Where); ours && d.Where == ofClone(name) {
				torn.files, refs[d.Where] = append(torn.files, placeRef(d.Where, id)), id
			}
		}
	}
	s := newStore(dir)
	if mended, err = s.mendObjects(ctx, refs, own, copy); err != nil || len(torn.files) == 0 {
		return mended, err
	}
	return mended + len(torn.files), s.put(torn)
}

// openCopy opens a bundle, whose deltas may be for what is here, or a repository.
func openCopy(ctx context.Context, path string, own source) (source, func(), error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return openSource(ctx, path)
	}
	b, err := openBundle(ctx, path, func(id plumbing.Hash) (object, bool) {
		o, err := own.object(id)
		return o, err == nil
	})
	if err != nil {
		return nil, nil, err
	}
	return &bundled{bundle: b}, func() { b.Close() }, nil // it was only read
}

// mendObjects writes those objects to which refs lead that own lacks and a copy has.
func (s *store) mendObjects(ctx context.Context, refs map[string]plumbing.Hash, own, copy source) (mended int, err error) {
	const atOnce = 256
	set, seen := objects{}, idSet{}
	write := func() error {
		st, err := s.objectStage(set)
		if err == nil {
			err = s.put(st)
		}
		mended, set = mended+len(st.files), objects{}
		return err
	}
	var waiting []plumbing.Hash
	for _, id := range refs {
		waiting = append(waiting, id)
	}
	for len(waiting) > 0 {
		id := waiting[len(waiting)-1]
		if waiting = waiting[:len(waiting)-1]; seen.has(id) {
			continue
		}
		if seen.add(id); ctx.Err() != nil {
			return mended, ctx.Err()
		}
		o, err := own.object(id)
		if errors.Is(err, ErrMissing) || errors.Is(err, ErrDamaged) {
			if o, err = copy.object(id); err == nil {
				if err = checkName(o, id); err == nil {
					set[id] = o
				}
			}
		}
		if err != nil {
			continue // Open says what is still wrong
		}
		waiting = append(waiting, leadsTo(o)...)
		if len(set) == atOnce {
			if err := write(); err != nil {
				return mended, err
			}
		}
	}
	return mended, write()
}

// leadsTo returns the objects to which one of a record leads; of what no record has, none.
func leadsTo(o object) (ids []plumbing.Hash) {
	switch o.kind {
	case plumbing.CommitObject:
		if c, err := linksOf(o.body); err == nil {
			ids = append(c.parents, c.tree)
		}
	case plumbing.TreeObject:
		entries, _ := decodeTree(o.body)
		for _, e := range entries {
			ids = append(ids, e.id)
		}
	case plumbing.TagObject:
		if id, ok := tagTarget(o.body); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

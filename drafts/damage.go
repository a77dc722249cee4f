package drafts

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// Damage is what in a repository is not as git makes it, whether an act depends on it or
// not: what git fsck --strict finds in objects and refs.
type Damage struct {
	Where  string            `json:"where"` // an object's name in git, a ref's, or a file
	Fault  negotiation.Fault `json:"fault"`
	Reason string            `json:"reason"`
}

// ofChain reports whether it is a chain's ref that is damaged, or one whose name is gone.
func (d Damage) ofChain() bool {
	_, chain := chainOfRef(d.Where)
	return chain || d.Where == "packed-refs"
}

// sortedDamage returns what is wrong in a fixed order, as much as a report lists.
func sortedDamage(all []Damage) []Damage {
	slices.SortFunc(all, func(a, b Damage) int {
		return cmp.Or(strings.Compare(a.Where, b.Where), strings.Compare(a.Reason, b.Reason))
	})
	all = slices.Compact(all)
	return append([]Damage{}, all[:min(len(all), maxDamage)]...)
}

const (
	// maxDamage bounds how much damage a report lists.
	maxDamage = 1000
	// maxInspected bounds all bytes of objects that are made to judge them.
	maxInspected = 4 << 30
)

// An inspection judges every object that a repository has, and all copies of it, as git
// fsck does: whole, of its name, in git's form, and leading to what is there.
type inspection struct {
	ctx  context.Context
	jobs chan func()
	left atomic.Int64 // bytes that may still be made

	mu     sync.Mutex // guards all below
	nodes  map[plumbing.Hash]node
	bad    map[plumbing.Hash]bool // objects that are damaged
	damage []Damage
}

// A node is an object with those that it leads to.
type node struct {
	kind plumbing.ObjectType
	to   []link
}

// A link leads to an object of some kind.
type link struct {
	id   plumbing.Hash
	kind plumbing.ObjectType
}

// inspect returns what is wrong with the objects of a repository, with those of others
// that it borrows from, and with where its refs lead. It reads on all cores.
func (f *folder) inspect(ctx context.Context, refs map[string]plumbing.Hash) ([]Damage, error) {
	in := &inspection{ctx: ctx, jobs: make(chan func(), 64), nodes: map[plumbing.Hash]node{}, bad: map[plumbing.Hash]bool{}}
	in.left.Store(maxInspected)
	var workers, readers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for job := range in.jobs {
				job()
			}
		})
	}
	errs := make([]error, len(f.shelves))
	for i, s := range f.shelves {
		readers.Go(func() { errs[i] = in.shelf(s) })
	}
	readers.Wait()
	close(in.jobs)
	workers.Wait()
	for _, err := range append(errs, ctx.Err()) {
		if err != nil {
			return nil, err
		}
	}
	if in.left.Load() < 0 {
		return in.damage, nil
	}
	refs, err := in.head(f.dir, refs)
	if err != nil {
		return nil, err
	}
	in.follow(refs)
	return in.damage, nil
}

// head adds to refs what HEAD leads to by itself. Otherwise HEAD names a branch, which need
// not be there.
func (in *inspection) head(dir string, refs map[string]plumbing.Hash) (map[string]plumbing.Hash, error) {
	raw, err := readRegular(filepath.Join(dir, "HEAD"), maxSmallFile)
	if err != nil {
		return nil, err
	}
	id, target := parseRef(raw)
	if !id.IsZero() {
		refs = maps.Clone(refs)
		refs["HEAD"] = id
	} else if !strings.HasPrefix(target, headsPrefix) {
		in.note("HEAD", ErrDamaged.Because("HEAD names %q, which is no branch", target))
	}
	return refs, nil
}

// note takes down what is wrong.
func (in *inspection) note(where string, err error) {
	fault, ok := negotiation.FaultOf(err)
	if !ok {
		fault = ErrDamaged
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.damage = append(in.damage, Damage{where, fault, innermost(err)}); plumbing.IsHash(where) {
		in.bad[plumbing.NewHash(where)] = true
	}
}

// shelf judges the objects of one repository.
func (in *inspection) shelf(s *shelf) error {
	names, err := packFiles(s.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		in.pack(name)
	}
	return filepath.WalkDir(filepath.Join(s.dir, "objects"), func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		dir, file := filepath.Split(path)
		id := filepath.Base(dir) + file
		switch {
		case !entry.IsDir() && !entry.Type().IsRegular():
			in.note(path, notRegular(path))
		case !entry.IsDir() && len(file) == 38 && plumbing.IsHash(id):
			in.jobs <- func() { in.loose(s, plumbing.NewHash(id)) }
		}
		return in.ctx.Err()
	})
}

func (in *inspection) loose(s *shelf, id plumbing.Hash) {
	if in.left.Load() < 0 {
		return
	}
	o, err := s.loose(id, maxBeside)
	if os.IsNotExist(err) { // git has packed it meanwhile
		return
	}
	in.judge(id, o, err)
}

// pack judges a pack, its index, and all objects that are in it.
func (in *inspection) pack(name string) {
	p, index, err := openPack(name)
	if err == nil {
		_, err = checkPack(p.file, 0, p.end+packTrailer)
	}
	if err != nil {
		in.note(name, fmt.Errorf("pack %s: %w", filepath.Base(name), err))
		return
	}
	p.budget = maxInspected
	for i, at := range index.places {
		if in.ctx.Err() != nil || in.left.Load() < 0 {
			return
		}
		next := p.end
		if i+1 < len(index.places) {
			next = index.places[i+1].start
		}
		sum := crc32.NewIEEE()
		if _, err := io.Copy(sum, io.NewSectionReader(p.file, at.start, next-at.start)); err != nil || index.checked && sum.Sum32() != at.sum {
			in.note(at.id.String(), ErrDamaged.Because("object %s is not in its pack as the index says", at.id))
			continue
		}
		o, err := p.contents(i)
		if err != nil {
			err = damagedIn(at.id, err)
		}
		if len(o.body) > maxObject {
			in.judge(at.id, o, err) // before the next is made
			continue
		}
		in.jobs <- func() { in.judge(at.id, o, err) }
	}
}

// judge takes down one copy of an object.
func (in *inspection) judge(id plumbing.Hash, o object, err error) {
	size := int64(len(o.body))
	if left := in.left.Add(-size); left < 0 {
		if left+size >= 0 {
			in.note("objects", negotiation.ErrTooLarge.Because("the objects of the repository have more than %d bytes; verify a clone of the record alone", int64(maxInspected)))
		}
		return
	}
	if err == nil {
		err = checkName(o, id)
	}
	var to []link
	if err == nil {
		to, err = formOf(o)
	}
	if err != nil {
		in.note(id.String(), err)
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.nodes[id] = node{o.kind, to}
}

// follow demands that all is there to which refs lead, and of the kind that belongs there.
func (in *inspection) follow(refs map[string]plumbing.Hash) {
	type step struct {
		link
		from string
	}
	var waiting []step
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		kind := plumbing.AnyObject
		if strings.HasPrefix(name, headsPrefix) {
			kind = plumbing.CommitObject
		}
		waiting = append(waiting, step{link{refs[name], kind}, "ref " + name})
	}
	for id, n := range in.nodes {
		for _, to := range n.to {
			if other, there := in.nodes[to.id]; there && other.kind != to.kind {
				in.note(id.String(), ErrDamaged.Because("object %s takes %s for a %s; it is a %s", id, to.id, to.kind, other.kind))
			}
		}
	}
	seen := map[plumbing.Hash]bool{}
	for len(waiting) > 0 {
		at := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		n, there := in.nodes[at.id]
		switch {
		case !there && !in.bad[at.id]:
			in.note(at.id.String(), ErrMissing.Because("object %s is not there, and %s leads to it", at.id, at.from))
		case there && at.kind == plumbing.CommitObject && n.kind != at.kind && strings.HasPrefix(at.from, "ref "):
			in.note(strings.TrimPrefix(at.from, "ref "), ErrDamaged.Because("%s leads to a %s, not to a commit", at.from, n.kind))
		}
		if seen[at.id] {
			continue
		}
		seen[at.id] = true
		for _, to := range n.to {
			if !seen[to.id] {
				waiting = append(waiting, step{to, "object " + at.id.String()})
			}
		}
	}
}

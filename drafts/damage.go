package drafts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// Damage is what in a repository is not as git makes it, whether an act depends on it or
// not.
type Damage struct {
	Where  string            `json:"where"` // an object's name in git, a ref's, a file's, or "objects" or "refs"
	Fault  negotiation.Fault `json:"fault"`
	Reason string            `json:"reason"`
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
	// maxInspections bounds how many objects are judged, each copy of one.
	maxInspections = 1 << 20
)

// Where under refs and objects git has only files, only folders, and objects.
var (
	forFiles   = regexp.MustCompile(`(?s)^objects/([0-9a-f]{2}/.*|pack/.*\.(pack|idx))$`)
	forFolders = regexp.MustCompile(`^objects/([0-9a-f]{2}|pack)$`)
	forObjects = regexp.MustCompile(`^objects/[0-9a-f]{2}/[0-9a-f]{38}$`)
)

// list returns the names of the loose objects of a repository, and what in its folders of
// refs and objects is not as git makes it.
func (f *folder) list(ctx context.Context) (loose []plumbing.Hash, damage []Damage, err error) {
	look := func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return ctx.Err()
		}
		rel, _ := filepath.Rel(f.dir, path) // both begin alike
		name := filepath.ToSlash(rel)
		note := func(err error) { damage = append(damage, Damage{name, ErrDamaged, innermost(err)}) }
		switch {
		case err != nil:
			note(ErrDamaged.Because("%s cannot be read: %v", path, err))
		case !entry.IsDir() && !entry.Type().IsRegular():
			note(notRegular(path))
		case entry.IsDir() && forFiles.MatchString(name), !entry.IsDir() && forFolders.MatchString(name):
			note(ErrDamaged.Because("git makes no such folder or file: %s", path))
		case forObjects.MatchString(name):
			loose = append(loose, plumbing.NewHash(filepath.Base(filepath.Dir(path))+entry.Name()))
		}
		return ctx.Err()
	}
	for _, root := range []string{"refs", "objects"} {
		if err := filepath.WalkDir(filepath.Join(f.dir, root), look); err != nil {
			return nil, nil, err
		}
	}
	return loose, damage, nil
}

// An inspection judges every object that a repository has, and all copies of it: each is
// whole, and has the name that it goes by. What it says is for the acts' rules.
type inspection struct {
	ctx   context.Context
	jobs  chan func()
	left  atomic.Int64 // bytes that may still be made
	count int          // of objects

	mu     sync.Mutex // guards all below
	damage []Damage
}

// inspect returns what is wrong with the objects of a repository, of which the loose ones
// are listed. It reads on all cores.
func (f *folder) inspect(ctx context.Context, loose []plumbing.Hash) ([]Damage, error) {
	in := &inspection{ctx: ctx, jobs: make(chan func(), 64), count: len(loose)}
	in.left.Store(maxInspected)
	packs, err := packFiles(f.dir)
	if err != nil {
		return nil, err
	}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for job := range in.jobs {
				job()
			}
		})
	}
	for _, name := range packs {
		in.pack(name)
	}
	for _, id := range loose {
		if in.ends() {
			break
		}
		in.jobs <- func() { in.loose(f, id) }
	}
	close(in.jobs)
	workers.Wait()
	return in.damage, ctx.Err()
}

// ends reports whether nothing more is to be judged.
func (in *inspection) ends() bool {
	return in.ctx.Err() != nil || in.left.Load() < 0 || in.count > maxInspections
}

// note takes down what is wrong.
func (in *inspection) note(where string, err error) {
	fault, ok := negotiation.FaultOf(err)
	if !ok {
		fault = ErrDamaged
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.damage = append(in.damage, Damage{where, fault, innermost(err)})
}

func (in *inspection) loose(f *folder, id plumbing.Hash) {
	if in.ends() {
		return
	}
	o, err := f.loose(id, maxBeside)
	if errors.Is(err, fs.ErrNotExist) { // git has packed it meanwhile
		return
	}
	in.judge(id, o, err)
}

// pack judges a pack, its index, and all objects that are in it, as git verify-pack does.
func (in *inspection) pack(name string) {
	p, index, err := openPack(name)
	if err == nil {
		_, err = checkPack(p.file, 0, p.end+packTrailer)
	}
	if err != nil {
		in.note(name, fmt.Errorf("pack %s: %w", filepath.Base(name), err))
		return
	}
	if in.count += len(index.places); in.count > maxInspections {
		in.note("objects", negotiation.ErrTooLarge.Because("the repository has more than %d objects; verify a clone of the record alone", maxInspections))
		return
	}
	p.budget = 16 * maxInspected // an object can be made several times, for others
	end := int64(packHeader)
	for i, at := range index.places {
		if in.ends() {
			return
		}
		o, err := p.contents(i)
		next := p.end
		if i+1 < len(index.places) {
			next = index.places[i+1].start
		}
		sum := crc32.NewIEEE()
		if _, copied := io.Copy(sum, io.NewSectionReader(p.file, at.start, next-at.start)); copied != nil ||
			at.start != end || p.entries[i].end != next || index.checked && sum.Sum32() != at.sum {
			err = cmp.Or(err, error(ErrDamaged.Because("object %s is not in its pack as the index says", at.id)))
		}
		end = next
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

// judge takes down what is wrong with one copy of an object.
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
	if err != nil {
		in.note(id.String(), err)
	}
}

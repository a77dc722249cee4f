package drafts

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"concord/negotiation"
)

// ErrInUse says that another process has the repository open.
var ErrInUse = errors.New("the data directory is in use by another process")

// ErrClosed says that the repository has been closed.
var ErrClosed = errors.New("the repository is closed")

// A Repository keeps the acts of one negotiation in a bare git repository. Its
// methods may be called from any number of goroutines.
type Repository struct {
	lock    *os.File
	durable atomic.Pointer[negotiation.Snapshot] // what is on disk, and therefore shown

	// Who writes a round uses it without mu; otherwise whoever holds mu does.
	store *store

	mu      sync.Mutex // guards all below
	objects storer.Storer
	ledger  *negotiation.Ledger // all that was admitted: ahead of the disk by next and flight
	commits map[negotiation.ActID]kept
	marks   marks   // of all that was signed; on disk like the ledger
	vouched bool    // the marks can be relied upon
	signers signers // of the ledger
	next    *round  // that has not begun
	flight  *round  // that is being written; nil while none is
	failed  bool    // a write failed: the ledger may be ahead of the disk
	closed  bool
	// What gather goes by: who waited for the last round or for the next when it
	// ended, and how long it took.
	expected int
	took     time.Duration

	changed chan struct{} // closed and replaced at every change of durable
	landed  sync.Cond     // on mu: a round has got another caller, or is done
}

// kept says where an act stands in git.
type kept struct {
	commit plumbing.Hash
	tree   plumbing.Hash
}

// Open opens the repository in dir, and makes it where there is none. It verifies
// every act that it has. A repository of another negotiation than the one named is
// refused; the zero name takes any. One process at a time may have it open: [ErrInUse].
func Open(dir string, name negotiation.ActID) (*Repository, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("repository: opening: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("repository: opening: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, "concord.lock"))
	if err != nil {
		return nil, err
	}
	r := newRepository(dir)
	r.lock = lock
	if err := r.open(name); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return r, nil
}

func newRepository(dir string) *Repository {
	r := &Repository{store: newStore(dir), next: newRound(), changed: make(chan struct{})}
	r.landed.L = &r.mu
	return r
}

// Load returns what the acts in the repository in dir come to, and changes nothing
// there. It may be called while another process has the repository open.
func Load(dir string, name negotiation.ActID) (*negotiation.State, error) {
	r := newRepository(dir)
	heads, err := r.openObjects()
	if err != nil {
		return nil, err
	}
	if err := r.load(name, heads); err != nil {
		return nil, err
	}
	return negotiation.Fold(r.ledger), nil
}

// Close releases the repository. Acts under way are written first.
func (r *Repository) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	for r.flight != nil || len(r.next.acts) > 0 || r.next.signs {
		r.landed.Wait()
	}
	return r.lock.Close()
}

// Dir returns where the repository is, for stock git.
func (r *Repository) Dir() string { return r.store.dir }

// State returns what the acts on disk come to. After an act it is computed when
// somebody asks first.
func (r *Repository) State() *negotiation.State { return r.durable.Load().State() }

// Heads returns the newest act of each chain.
func (r *Repository) Heads() []negotiation.Head { return r.durable.Load().Heads() }

// Holds reports whether head's act stands at head's place of its chain.
func (r *Repository) Holds(head negotiation.Head) bool {
	acts := r.durable.Load().Chain(head.Chain)
	return head.Sequence > 0 && head.Sequence <= uint64(len(acts)) && acts[head.Sequence-1].ID() == head.Act
}

// Changed returns a channel that is closed when the state is no longer what
// [Repository.State] returned before the call.
func (r *Repository) Changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// open makes the repository whole and reads it. The caller holds mu, or is alone.
func (r *Repository) open(name negotiation.ActID) (err error) {
	if err := r.store.prepare(); err != nil {
		return err
	}
	if r.marks, r.vouched, err = r.store.readMarks(); err != nil {
		return err
	}
	heads, err := r.openObjects()
	if err != nil {
		return err
	}
	raised := maps.Clone(heads)
	r.raise(raised)
	if err = r.load(name, raised); err != nil && !maps.Equal(raised, heads) {
		raised = heads // what the marks lead to does not verify
		err = r.load(name, heads)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(r.checkLost(), r.restoreSigners(), r.store.moveRefs(heads, raised)); err != nil {
		return err
	}
	r.publish(r.ledger.Snapshot())
	return nil
}

// checkLost demands that what was acknowledged before is still there.
func (r *Repository) checkLost() error {
	before := r.durable.Load()
	if before == nil {
		return nil
	}
	for _, h := range before.Heads() {
		if acts := r.ledger.Chain(h.Chain); uint64(len(acts)) < h.Sequence || acts[h.Sequence-1].ID() != h.Act {
			return fmt.Errorf("repository: %s: acts that were acknowledged are not on the disk any more", h.Chain)
		}
	}
	return nil
}

// openObjects opens git's objects, and returns where the chains' refs point.
func (r *Repository) openObjects() (map[negotiation.Chain]plumbing.Hash, error) {
	repo, err := git.PlainOpen(r.store.dir)
	if err != nil {
		return nil, fmt.Errorf("repository: opening: %w", err)
	}
	r.objects = repo.Storer
	return r.chainRefs()
}

// load reads and verifies all acts that lead to heads. The caller holds mu, or is
// alone.
func (r *Repository) load(name negotiation.ActID, heads map[negotiation.Chain]plumbing.Hash) (err error) {
	r.ledger = negotiation.NewLedger(name)
	r.commits = map[negotiation.ActID]kept{}
	waiting := map[negotiation.Chain][]plumbing.Hash{} // newest first
	for chain, head := range heads {
		if waiting[chain], err = r.walk(chain, head); err != nil {
			return err
		}
	}
	return r.replay(waiting)
}

// replay admits the acts of all chains in an order in which each finds what it is about.
func (r *Repository) replay(waiting map[negotiation.Chain][]plumbing.Hash) error {
	for len(waiting) > 0 {
		progress := false
		var gap error
		for chain, ids := range waiting {
			for len(ids) > 0 {
				in, err := r.readAct(ids[len(ids)-1])
				if err == nil {
					_, err = r.admit(in)
				}
				if errors.Is(err, negotiation.ErrGap) {
					gap = err
					break
				}
				if err != nil {
					return fmt.Errorf("repository: %s: an act does not verify: %w", chain, err)
				}
				ids, progress = ids[:len(ids)-1], true
			}
			if waiting[chain] = ids; len(ids) == 0 {
				delete(waiting, chain)
			}
		}
		if !progress && gap != nil {
			return fmt.Errorf("repository: the record is incomplete: %w", gap)
		}
	}
	return nil
}

// chainRefs returns where the chains' refs point.
func (r *Repository) chainRefs() (map[negotiation.Chain]plumbing.Hash, error) {
	heads := map[negotiation.Chain]plumbing.Hash{}
	root := filepath.Join(r.store.dir, "refs", "heads")
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		chain, err := negotiation.ParseChain(filepath.ToSlash(rel))
		if err != nil {
			return nil // a branch that somebody made with stock git is none of ours
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		digits := strings.TrimSpace(string(raw))
		if !plumbing.IsHash(digits) {
			return fmt.Errorf("ref %s is torn", rel)
		}
		heads[chain] = plumbing.NewHash(digits)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("repository: reading refs: %w", err)
	}
	return heads, r.packedRefs(heads)
}

// packedRefs adds the chains whose refs somebody's git has packed away; a loose ref
// is the newer one.
func (r *Repository) packedRefs(heads map[negotiation.Chain]plumbing.Hash) error {
	raw, err := os.ReadFile(filepath.Join(r.store.dir, "packed-refs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("repository: reading refs: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		digits, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		branch, ok := strings.CutPrefix(name, "refs/heads/")
		chain, err := negotiation.ParseChain(branch)
		if !ok || err != nil || !plumbing.IsHash(digits) {
			continue // a comment, a tag, or a branch that is none of ours
		}
		if _, loose := heads[chain]; !loose {
			heads[chain] = plumbing.NewHash(digits)
		}
	}
	return nil
}

// walk returns the commits of a chain, newest first.
func (r *Repository) walk(chain negotiation.Chain, id plumbing.Hash) ([]plumbing.Hash, error) {
	var ids []plumbing.Hash
	for {
		raw, err := r.read(plumbing.CommitObject, id)
		if err != nil {
			return nil, err
		}
		in, err := newIncoming(raw, id)
		if err != nil {
			return nil, fmt.Errorf("repository: %s: %w", chain, err)
		}
		ids = append(ids, id)
		if in.act.Sequence == 1 || len(in.commit.parents) == 0 {
			return ids, nil
		}
		id = in.commit.parents[0]
	}
}

// read returns an object's content after checking that it has its name.
func (r *Repository) read(kind plumbing.ObjectType, id plumbing.Hash) ([]byte, error) {
	encoded, err := r.objects.EncodedObject(kind, id)
	if err != nil {
		return nil, fmt.Errorf("repository: reading %s %s: %w", kind, id, err)
	}
	body, err := contents(encoded)
	if err != nil {
		return nil, err
	}
	if is, err := (object{kind, body}).id(); err != nil || is != id {
		return nil, fmt.Errorf("repository: %s %s is damaged", kind, id)
	}
	return body, nil
}

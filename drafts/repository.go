package drafts

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// ErrInUse says that another process has the repository open.
var ErrInUse = errors.New("the data directory is in use by another process")

// ErrClosed says that the repository has been closed.
var ErrClosed = errors.New("the repository is closed")

// A Repository keeps the acts of one negotiation in a bare git repository. Its
// methods may be called from any number of goroutines.
type Repository struct {
	lock    lock
	gallery *gallery
	durable atomic.Pointer[negotiation.Snapshot] // what is on disk, and therefore shown

	// Who writes a round uses it without mu; otherwise whoever holds mu does.
	store *store

	mu      sync.Mutex // guards all below
	source  source
	refs    map[string]plumbing.Hash // as they were when it was opened
	ledger  *negotiation.Ledger      // all that was admitted: ahead of the disk by next and flight
	commits map[negotiation.ActID]kept
	waiting map[negotiation.ActID]waiting // those that wait in the ledger; never on disk
	awaits  map[negotiation.Chain]awaited // what they or others name and is not here; nor that
	marks   marks                         // of all that was signed; on disk like the ledger
	vouched bool                          // the marks can be relied upon
	signers signers                       // of the ledger
	next    *round                        // that has not begun
	flight  *round                        // that is being written; nil while none is
	failed  bool                          // a write failed: the ledger may be ahead of the disk
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
	tag    plumbing.Hash   // of that commit; zero when it has none
	twins  []plumbing.Hash // other commits of it, which acts that are here name

	bypassed bool // an act of its chain follows a twin of it
}

// waiting is an act that waits until something needs it; see [negotiation.Ledger.Admit].
type waiting struct {
	incoming
	kept
	verified negotiation.Verified
}

// Open opens the repository in dir, and makes it where there is none. It verifies
// every act that it has. A repository of another negotiation than the one named is
// refused; the zero name takes any. So is one that was cloned with --shared or
// --reference: [ErrFormat]. One process at a time may have it open: [ErrInUse].
func Open(dir string, name negotiation.ActID) (*Repository, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("repository: opening: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("repository: opening: %w", err)
	}
	lock, err := lockDir(dir, filepath.Join(dir, "concord.lock"))
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
	r := &Repository{store: newStore(dir), gallery: newGallery(dir), next: newRound(), changed: make(chan struct{})}
	r.landed.L = &r.mu
	return r
}

// Load returns what the acts in the repository in dir come to, and changes nothing
// there. It may be called while another process has the repository open. A clone that
// borrows objects from other repositories (--shared, --reference) is [ErrFormat].
func Load(dir string, name negotiation.ActID) (*negotiation.State, error) {
	return newRepository(dir).fold(name)
}

// fold reads and verifies what is on disk.
func (r *Repository) fold(name negotiation.ActID) (*negotiation.State, error) {
	if err := r.openObjects(); err != nil {
		return nil, err
	}
	if err := r.load(name, tipsOf(r.refs)); err != nil {
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

// Heads returns the acts that none follows: of each chain one, unless it is forked; see
// [negotiation.Ledger.Tips]. Until something changes it is the same slice each time, which
// nobody may change.
func (r *Repository) Heads() []negotiation.Head { return r.durable.Load().Tips() }

// Holds reports whether head's act need not come again: it stands on disk at head's
// place of its chain, whether it counts or not, or it has come and waits here until
// something needs it.
func (r *Repository) Holds(head negotiation.Head) bool {
	if r.durable.Load().Holds(head) {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w, waits := r.waiting[head.Act]
	return waits && w.act.Chain == head.Chain && w.act.Sequence == head.Sequence
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
	if err := checkBorrowing(r.store.dir); err != nil {
		return fmt.Errorf("repository: opening: %w", err)
	}
	if err := r.store.prepare(); err != nil {
		return err
	}
	if r.marks, r.vouched, err = r.store.readMarks(); err != nil {
		return err
	}
	if err := r.openObjects(); err != nil {
		return err
	}
	tips := tipsOf(r.refs)
	raised := r.raise(tips)
	if err = r.load(name, raised); err != nil && !maps.EqualFunc(raised, tips, slices.Equal) {
		err = r.load(name, tips) // what the marks lead to does not verify
	}
	if err != nil {
		return err
	}
	held := r.ledger.Snapshot()
	all := func(negotiation.Chain) bool { return true }
	if err := errors.Join(r.checkLost(), r.restoreSigners(), r.store.align(r.refs, r.refsOf(held, held.Chains()...), all)); err != nil {
		return err
	}
	r.publish(held)
	return nil
}

// checkLost demands that what was acknowledged before is still there.
func (r *Repository) checkLost() error {
	before := r.durable.Load()
	if before == nil {
		return nil
	}
	for _, h := range before.Tips() {
		if _, there := r.ledger.Act(h.Act); !there {
			return fmt.Errorf("repository: %s: acts that were acknowledged are not on the disk any more", h.Chain)
		}
	}
	return nil
}

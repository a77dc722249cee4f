package drafts

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// openObjects opens git's objects, and reads the refs.
func (r *Repository) openObjects() error {
	folder, err := openFolder(r.store.dir)
	if err != nil {
		return err
	}
	r.source = folder
	r.refs, err = folder.refs()
	return err
}

// tipsOf returns the commits that refs of chains lead to, of what counts and of what
// stands beside it.
func tipsOf(refs map[string]plumbing.Hash) map[negotiation.Chain][]plumbing.Hash {
	tips := map[negotiation.Chain][]plumbing.Hash{}
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		if chain, ours := chainOf(name); ours {
			tips[chain] = append(tips[chain], refs[name])
		}
	}
	return tips
}

// load reads and verifies all acts that lead to tips. The caller holds mu, or is alone.
func (r *Repository) load(name negotiation.ActID, tips map[negotiation.Chain][]plumbing.Hash) error {
	r.ledger = negotiation.NewLedger(name)
	r.commits, r.waiting = map[negotiation.ActID]kept{}, map[negotiation.ActID]waiting{}
	r.awaits = map[negotiation.Chain]awaited{}
	var gap, fault error
	r.replay(walk(context.Background(), r.source, tips, func() {}), func(f *found, err error) bool {
		switch {
		case errors.Is(err, negotiation.ErrGap), errors.Is(err, negotiation.ErrPredecessor):
			gap = cmp.Or(gap, err) // what it lacks may be what fails
		case errors.Is(err, negotiation.ErrTree): // what was written had verified
			fault = fmt.Errorf("repository: %w", ErrDamaged.Because("%s: act %d is not as it was written: %s", f.chain, f.act.Sequence, innermost(err)))
		case err != nil:
			fault = fmt.Errorf("repository: %s: an act does not verify: %w", f.chain, err)
		}
		return fault == nil
	})
	if gap != nil {
		gap = fmt.Errorf("repository: the record is incomplete: %w", gap)
	}
	return cmp.Or(fault, gap)
}

// A found act is one that a chain's refs lead to, decoded and unsealed.
type found struct {
	incoming
	chain negotiation.Chain // whose refs lead to it
	err   error             // why it could not be decoded or unsealed, or is not there
}

// walk returns the acts that the tips of chains lead to, those of each chain oldest
// first, the text chain first and then the records by name. Chains are read, and acts
// decoded and unsealed, on all cores; counted hears of each. When the context ends,
// what has been found so far is returned.
func walk(ctx context.Context, from source, tips map[negotiation.Chain][]plumbing.Hash, counted func()) []*found {
	type job struct {
		f   *found
		raw []byte
	}
	jobs := make(chan job, 64)
	var decoders, walkers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		decoders.Go(func() {
			for j := range jobs {
				j.f.decode(j.raw)
				counted()
			}
		})
	}
	chains := slices.SortedFunc(maps.Keys(tips), negotiation.CompareChains)
	acts := make([][]*found, len(chains))
	for i, chain := range chains {
		walkers.Go(func() {
			seen := map[plumbing.Hash]bool{}
			for _, id := range tips[chain] {
				raw, err := readFrom(from, plumbing.CommitObject, id)
				for !id.IsZero() && !seen[id] && ctx.Err() == nil {
					seen[id] = true
					f := &found{incoming: incoming{id: id}, chain: chain, err: err}
					acts[i] = append(acts[i], f)
					if err != nil {
						break
					}
					jobs <- job{f, raw}
					id, raw, err = before(from, chain, raw)
				}
			}
			slices.Reverse(acts[i])
		})
	}
	walkers.Wait()
	close(jobs)
	decoders.Wait()
	return slices.Concat(acts...)
}

// before returns the commit of the act before one in its chain: its first parent of that
// chain, or else, where the act says that it follows another, its first. It is zero for an
// act that begins a chain.
func before(from source, chain negotiation.Chain, commit []byte) (plumbing.Hash, []byte, error) {
	head, message, _ := bytes.Cut(commit, []byte("\n\n"))
	var first plumbing.Hash
	var firstRaw []byte
	var firstErr error
	for line := range bytes.Lines(head) {
		digits, ok := bytes.CutPrefix(line, []byte("parent "))
		if !ok {
			continue
		}
		id := plumbing.NewHash(string(bytes.TrimSpace(digits)))
		raw, err := readFrom(from, plumbing.CommitObject, id)
		if err == nil && bytes.Contains(raw, []byte("\nChain: "+string(chain)+"\n")) {
			return id, raw, nil
		}
		if first.IsZero() {
			first, firstRaw, firstErr = id, raw, err
		}
	}
	if !bytes.Contains(message, []byte("\nPrevious: ")) {
		return plumbing.ZeroHash, nil, nil
	}
	return first, firstRaw, firstErr
}

// decode reads the commit and checks its signature, by whichever key made it.
func (f *found) decode(raw []byte) {
	if f.commit, f.err = decodeCommit(raw); f.err != nil {
		return
	}
	payload, err := f.commit.payload()
	if err != nil {
		f.err = err
		return
	}
	sealed, err := negotiation.Unseal(payload, f.commit.signature)
	if err != nil {
		f.err = err
		f.act, _ = negotiation.ParseAct(f.commit.message) // for those who say what is wrong with it
		return
	}
	f.sealed, f.act = &sealed, sealed.Act()
	f.commit.message, f.commit.signature = nil, nil // the act says the same
}

// replay enters acts in the ledger in an order in which each finds what it is about,
// the same at each time. Judged hears of each, with the error when it was not entered, and
// says whether to go on; an act that waits for one which failed is [negotiation.ErrGap].
// Acts that are here already are passed over. It empties acts as it goes.
func (r *Repository) replay(acts []*found, judged func(*found, error) bool) {
	byCommit := make(map[plumbing.Hash]int, len(acts))
	byName := make(map[negotiation.ActID]int, len(acts))
	for i, f := range acts {
		byCommit[f.id] = i
		if f.sealed != nil {
			byName[f.sealed.ID()] = i
		}
	}
	waits := make([]int, len(acts)) // for how many others
	followers := make([][]int32, len(acts))
	for i, f := range acts {
		for _, at := range f.needs(byCommit, byName) {
			waits[i]++
			followers[at] = append(followers[at], int32(i))
		}
	}
	var ready []int
	for i := len(acts) - 1; i >= 0; i-- {
		if waits[i] == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		i := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		if !judged(acts[i], r.enterFound(acts[i])) {
			return
		}
		acts[i] = nil
		for _, next := range slices.Backward(followers[i]) {
			if waits[next]--; waits[next] == 0 {
				ready = append(ready, int(next))
			}
		}
	}
}

// needs returns which acts, of those found, one follows or is about, each once.
func (f *found) needs(byCommit map[plumbing.Hash]int, byName map[negotiation.ActID]int) []int {
	var needs []int
	self := byCommit[f.id]
	add := func(at int, ok bool) {
		if ok && at != self && !slices.Contains(needs, at) {
			needs = append(needs, at)
		}
	}
	for _, parent := range f.commit.parents {
		at, ok := byCommit[parent]
		add(at, ok)
	}
	if f.sealed == nil {
		return needs
	}
	for _, id := range append(f.act.References(), f.act.Previous) {
		at, ok := byName[id]
		add(at, ok)
	}
	return needs
}

// enterFound reads what belongs to an act and enters it.
func (r *Repository) enterFound(f *found) error {
	if f.err != nil {
		return f.err
	}
	if f.act.Chain != f.chain {
		return negotiation.ErrForeignChain.Because("an act of %s stands in %s", f.act.Chain, f.chain)
	}
	if v, here := r.ledger.Act(f.sealed.ID()); here {
		if r.commits[v.ID()].has(f.id) {
			return nil
		}
		_, err := r.twinOf(f.id, v)
		return err
	}
	if name, ok := f.act.Tag(); ok {
		if err := r.readTag(&f.incoming, f.sealed.ID(), name); err != nil {
			return err
		}
	}
	_, err := r.admit(&f.incoming)
	return err
}

// read returns an object's content after checking that it has its name.
func (r *Repository) read(kind plumbing.ObjectType, id plumbing.Hash) ([]byte, error) {
	return readFrom(r.source, kind, id)
}

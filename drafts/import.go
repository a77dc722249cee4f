package drafts

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// Imported says what became of one chain of a bundle.
type Imported struct {
	Chain   negotiation.Chain
	Had     int   // acts that were here already
	Taken   int   // acts that were not, and are now on disk
	Refused int   // acts that were not taken
	Err     error // why the first of them was not; nil when none was refused
}

// Import takes the acts of a bundle that concord export or git bundle create made. Each
// goes through the door of [Repository.Receive]: what does not verify, and what follows
// it, is refused, and leaves nothing behind. An error is of the bundle as a whole, as of
// [OpenBundle], or of this node's disk; nothing was taken in the first case.
func (r *Repository) Import(ctx context.Context, path string) ([]Imported, error) {
	from, err := openFolder(r.store.dir)
	if err != nil {
		return nil, err
	}
	b, err := openBundle(ctx, path, func(id plumbing.Hash) (object, bool) {
		o, err := from.object(id)
		return o, err == nil
	})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	held, met := r.held(), idSet{}
	var strands []*strand
	for _, at := range b.refs {
		chain, ok := chainOfRef(at.name)
		if !ok || met.has(at.id) {
			continue
		}
		s := &strand{Imported: Imported{Chain: chain}}
		if err := s.follow(ctx, b, at.id, held, met); err != nil {
			return nil, err
		}
		strands = append(strands, s)
	}
	if err := r.weave(ctx, b, strands); err != nil {
		return nil, err
	}
	return summed(strands), nil
}

// ofClone returns the name that a ref of a clone has where it was cloned from.
func ofClone(name string) string {
	if remote, ok := strings.CutPrefix(name, "refs/remotes/"); ok {
		_, branch, _ := strings.Cut(remote, "/")
		return headsPrefix + branch
	}
	return name
}

// summed returns what became of each chain: of its line and of what stands beside it.
func summed(strands []*strand) []Imported {
	var report []Imported
	for _, s := range strands {
		i := slices.IndexFunc(report, func(c Imported) bool { return c.Chain == s.Chain })
		if i < 0 {
			report = append(report, s.Imported)
			continue
		}
		c := &report[i]
		c.Had, c.Taken, c.Refused = c.Had+s.Had, c.Taken+s.Taken, c.Refused+s.Refused
		if c.Err == nil {
			c.Err = s.Err
		}
	}
	return report
}

// holdings are the acts that are here, and their commits.
type holdings struct {
	acts    map[negotiation.ActID]bool
	commits idSet
	coming  map[negotiation.ActID]bool // acts that are not here and that a strand has
}

func (r *Repository) held() holdings {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := holdings{map[negotiation.ActID]bool{}, idSet{}, map[negotiation.ActID]bool{}}
	for id, k := range r.commits {
		h.acts[id] = true
		h.commits.add(k.commit)
		for _, id := range k.twins {
			h.commits.add(id)
		}
	}
	return h
}

// A strand is the acts of one chain that a bundle has and this node has not.
type strand struct {
	Imported
	next   []thread // in order
	broken error    // why what comes behind them is no act; nil when nothing does
}

// A thread is one act of a strand.
type thread struct {
	id       plumbing.Hash
	act      negotiation.ActID
	sequence uint64
	parents  []plumbing.Hash
	names    []negotiation.ActID // the acts that these are of
}

// follow goes back along a chain from a commit, as far as the bundle has it and no other
// strand does.
func (s *strand) follow(ctx context.Context, b *Bundle, id plumbing.Hash, held holdings, met idSet) error {
	for first := true; !met.has(id); first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		o, found, err := b.find(id)
		switch {
		case err != nil:
			return err
		case !found && first && !held.commits.has(id):
			s.broken, s.Refused = errNoBase, 1
			fallthrough
		case !found:
			slices.Reverse(s.next)
			return nil
		}
		met.add(id)
		parents := s.take(o, id, held)
		if len(parents) == 0 {
			break
		}
		id = parents[0]
	}
	slices.Reverse(s.next)
	return nil
}

// take notes one commit, in front of those noted before, and returns its parents.
func (s *strand) take(o object, id plumbing.Hash, held holdings) []plumbing.Hash {
	in, err := newIncoming(o.body, id)
	var payload []byte
	if err == nil {
		payload, err = in.commit.payload()
	}
	switch {
	case err != nil || o.kind != plumbing.CommitObject:
		if err == nil {
			err = negotiation.ErrNotCanonical.Because("it is no commit")
		}
		s.broken, s.Refused, s.next = err, s.Refused+len(s.next)+1, nil
		c, _ := linksOf(o.body)
		return c.parents
	case held.acts[negotiation.IDOf(payload)]:
		s.Had++
	case held.coming[negotiation.IDOf(payload)]: // a twin
	default:
		held.coming[negotiation.IDOf(payload)] = true
		s.next = append(s.next, thread{id, negotiation.IDOf(payload), in.act.Sequence, in.commit.parents, namedBy(in.act)})
	}
	if in.act.Sequence == 1 {
		return nil // what it is about is of another chain
	}
	return in.commit.parents
}

// weave passes the acts of all strands through the door, each behind those that it
// names. After an act that is refused, the rest of its strand is not tried.
func (r *Repository) weave(ctx context.Context, b *Bundle, strands []*strand) error {
	for _, run := range order(strands) {
		acts := run.acts
		for len(acts) > 0 && run.of.Err == nil {
			message, n, err := b.message(run.of.Chain, acts)
			if err != nil {
				return err
			}
			acts = acts[n:]
			err = r.receiveFrom(ctx, b, message)
			switch fault, ok := negotiation.FaultOf(err); {
			case fault == negotiation.ErrForked:
				// They have no room, and those that follow may need them.
			case err != nil && !ok:
				return err
			default:
				run.of.Err = err
			}
		}
	}
	for _, s := range strands {
		s.Taken = r.holding(s.next)
		if s.Refused += len(s.next) - s.Taken; s.Err == nil && s.Taken < len(s.next) {
			s.Err = errNoRoom
		}
		if s.Err == nil {
			s.Err = s.broken
		}
	}
	return nil
}

// errNoRoom says of acts that they wait, or have had to make room for others that do.
var errNoRoom = negotiation.ErrForked.Because("acts of too many sides wait until something needs them")

// A run is consecutive acts of a strand that nothing of another has to come between.
type run struct {
	of   *strand
	acts []thread
}

// order lays the acts of strands one behind another, so that none comes before a parent.
func order(strands []*strand) []run {
	coming := map[negotiation.ActID]bool{}
	for _, s := range strands {
		for _, t := range s.next {
			coming[t.act] = true
		}
	}
	waits := func(id negotiation.ActID) bool { return coming[id] }
	var runs []run
	rest := make([][]thread, len(strands))
	for i, s := range strands {
		rest[i] = s.next
	}
	for progress := true; progress; {
		progress = false
		for i, s := range strands {
			n := 0
			for n < len(rest[i]) && !slices.ContainsFunc(rest[i][n].names, waits) {
				delete(coming, rest[i][n].act)
				n++
			}
			if n > 0 {
				runs, rest[i], progress = append(runs, run{s, rest[i][:n]}), rest[i][n:], true
			}
		}
	}
	return runs
}

// holding returns how many of the acts are here.
func (r *Repository) holding(acts []thread) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range acts {
		if _, here := r.ledger.Act(t.act); here {
			n++
		}
	}
	return n
}

// message returns an acts message with the first of the acts, as many as fit comfortably.
func (b *Bundle) message(chain negotiation.Chain, acts []thread) (message []byte, n int, err error) {
	p := parcel{chain: chain, from: acts[0].sequence}
	size := 0
	for _, t := range acts {
		act, err := b.parcelled(t)
		if err != nil {
			return nil, 0, err
		}
		for _, o := range act {
			size += len(o.body)
		}
		if len(p.acts) > 0 && size > softMessage || len(p.acts) == maxActs {
			break
		}
		p.acts = append(p.acts, act)
	}
	return p.format(), len(p.acts), nil
}

// parcelled returns what the bundle has of an act: its commit, its tag, and of its tree
// what is in no tree of its parents there. What it lacks may be here; the door finds out.
func (b *Bundle) parcelled(t thread) ([]object, error) {
	commit, _, err := b.find(t.id)
	if err != nil {
		return nil, err
	}
	in, err := newIncoming(commit.body, t.id)
	if err != nil {
		return nil, err
	}
	act := []object{commit}
	if name, tagged := in.act.Tag(); tagged {
		tag, found, err := b.tag(name, t.act)
		if err != nil {
			return nil, err
		}
		if found {
			act = append(act, tag)
			if act[0], err = b.taggedTwin(commit, tag, t.act); err != nil {
				return nil, err
			}
		}
	}
	if len(in.act.Files) == 0 {
		return act, nil
	}
	known := idSet{}
	for _, id := range t.parents {
		parent, found, err := b.find(id)
		if err != nil {
			return nil, err
		}
		if c, err := linksOf(parent.body); found && err == nil {
			if err := b.tree(c.tree, known, 1, nil); err != nil {
				return nil, err
			}
		}
	}
	size := 0
	err = b.tree(in.commit.tree, known, 1, func(o object) error {
		if act, size = append(act, o), size+len(o.body); size > MaxMessage || len(act) > 2*maxTreeFiles {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return act, err
}

// tag returns the tag of an act; of one beside a line it stands with the evidence.
func (b *Bundle) tag(name string, act negotiation.ActID) (object, bool, error) {
	id, named := b.ref(evidenceTag(act))
	if !named {
		if id, named = b.ref(tagsPrefix + name); !named {
			return object{}, false, nil
		}
	}
	o, found, err := b.find(id)
	return o, found && o.kind == plumbing.TagObject, err
}

// errEnough ends the gathering of an act that the door refuses anyhow, as too large.
var errEnough = errors.New("enough")

// tree makes what the bundle has of a tree known, and visits what was not; with no visit, it
// does not read files.
func (b *Bundle) tree(id plumbing.Hash, known idSet, depth int, visit func(object) error) error {
	if known.has(id) {
		return nil
	}
	known.add(id)
	o, found, err := b.find(id)
	if err != nil || !found {
		return err
	}
	if visit != nil {
		if err := visit(o); err != nil {
			return err
		}
	}
	if o.kind != plumbing.TreeObject || depth > maxTreeDepth {
		return nil
	}
	entries, err := decodeTree(o.body)
	if err != nil {
		return nil // the door says so
	}
	for _, e := range entries {
		if visit == nil && !e.isDir() {
			known.add(e.id)
			continue
		}
		if err := b.tree(e.id, known, depth+1, visit); err != nil {
			return err
		}
	}
	return nil
}

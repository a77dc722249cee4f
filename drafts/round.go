package drafts

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// A round is what goes to disk together: the acts that were admitted while the round
// before was being written, or the first since. One caller writes it for all.
type round struct {
	objects objects
	tags    map[string]plumbing.Hash // by ref
	signers map[string][]byte        // files of keys, by path
	signs   bool                     // the marks are to be written
	acts    map[negotiation.ActID]standing
	refs    map[int]map[string]plumbing.Hash // by step

	crooked map[negotiation.Chain]bool // chains with acts that do not just go on at the line's end
	aligned map[string]plumbing.Hash   // refs of these chains as they are to be in the end

	callers int  // who wait for it
	led     bool // one of them is about to write it
	done    bool
	err     error // why nothing of it is acknowledged
}

// standing says by which step of a round the ref of a chain leads to an act.
type standing struct {
	chain negotiation.Chain
	step  int
}

func newRound() *round {
	return &round{
		objects: objects{},
		tags:    map[string]plumbing.Hash{},
		signers: map[string][]byte{},
		acts:    map[negotiation.ActID]standing{},
		refs:    map[int]map[string]plumbing.Hash{},
		crooked: map[negotiation.Chain]bool{},
	}
}

// firstSigned is the first step of acts that are signed here, and of what cites them:
// their refs move after the marks.
const firstSigned = 1 << 20

// add adds an act that the ledger has admitted as id. Its ref moves in a step after
// those of the acts of other chains that it cites, so that refs on disk never lead to
// an act without what it is about. An act that does not go straight on at the end of its
// chain's line gets a ref of its own; when all refs are there, they are aligned.
func (w *round) add(in *incoming, id negotiation.ActID, twins objects, signed, straight bool) error {
	step := 0
	if signed {
		step, w.signs = firstSigned, true
	}
	for _, cited := range append(in.act.References(), in.act.Previous) {
		before := w.acts[cited]
		if before.chain != "" && before.chain != in.act.Chain {
			before.step++
		}
		step = max(step, before.step)
	}
	w.acts[id] = standing{in.act.Chain, step}
	if w.refs[step] == nil {
		w.refs[step] = map[string]plumbing.Hash{}
	}
	ref := headsPrefix + string(in.act.Chain)
	if !straight {
		w.crooked[in.act.Chain] = true
	}
	if w.crooked[in.act.Chain] {
		before := evidenceRef(in.act.Chain, in.act.Previous)
		if slices.Contains(in.commit.parents, w.refs[step][before]) { // this one leads to it
			delete(w.refs[step], before)
		}
		ref = evidenceRef(in.act.Chain, id)
	}
	w.refs[step][ref] = in.id
	if name, ok := in.act.Tag(); ok {
		tag, err := w.objects.add(object{plumbing.TagObject, in.tag})
		if err != nil {
			return err
		}
		if ref = tagsPrefix + name; w.crooked[in.act.Chain] {
			ref = evidenceTag(id)
		}
		w.tags[ref] = tag
	}
	maps.Copy(w.objects, in.brought)
	maps.Copy(w.objects, twins)
	w.objects[in.id] = object{plumbing.CommitObject, in.body}
	return nil
}

// write puts a round on disk: objects, tags, the refs of acts from elsewhere, the
// marks, the refs of acts that were signed here.
func (s *store) write(w *round, m marks) error {
	objects, err := s.objectStage(w.objects)
	if err != nil {
		return err
	}
	for path, content := range w.signers {
		if err := s.replace(path, content); err != nil {
			return err
		}
	}
	if err := s.makeRefDirs(w); err != nil {
		return err
	}
	stages := []stage{objects}
	if len(w.tags) > 0 {
		var tags stage
		for name, id := range w.tags {
			tags.files = append(tags.files, placeRef(name, id))
		}
		stages = append(stages, tags)
	}
	marked := !w.signs
	for _, step := range slices.Sorted(maps.Keys(w.refs)) {
		if step >= firstSigned && !marked {
			stages, marked = append(stages, stage{files: []placing{placeMarks(m)}}), true
		}
		var refs stage
		for name, id := range w.refs[step] {
			refs.files = append(refs.files, placeRef(name, id))
		}
		stages = append(stages, refs)
	}
	if !marked {
		stages = append(stages, stage{files: []placing{placeMarks(m)}})
	}
	if err := s.put(stages...); err != nil {
		return err
	}
	s.noteSynced(objects)
	if len(w.crooked) == 0 {
		return nil
	}
	now, err := (&folder{dir: s.dir}).refs()
	if err != nil {
		return err
	}
	return s.align(now, w.aligned, func(c negotiation.Chain) bool { return w.crooked[c] })
}

// settle returns when all that was admitted so far is on disk, or none of it is
// acknowledged: then the repository has been read again from what the disk has. One
// of those who wait writes for all. The caller holds mu, which is free in between.
func (r *Repository) settle() error {
	w := r.next
	w.callers++
	r.landed.Broadcast()
	for !w.done && (r.flight != nil || w.led) {
		r.landed.Wait()
	}
	if w.done {
		return w.err
	}
	w.led = true
	if r.gather(w); w.done {
		return w.err
	}
	r.flight, r.next = w, newRound()
	held, m, began := r.ledger.Snapshot(), maps.Clone(r.marks), time.Now()
	w.aligned = r.refsOf(held, slices.Collect(maps.Keys(w.crooked))...)
	r.mu.Unlock()
	err := r.store.write(w, m)
	r.mu.Lock()
	r.flight, w.done = nil, true
	r.expected, r.took = w.callers+r.next.callers, time.Since(began)
	if err == nil {
		r.publish(held)
	} else {
		r.abandon(fmt.Errorf("repository: an act before it could not be written: %w", err))
		w.err = errors.Join(err, r.ready())
	}
	r.landed.Broadcast()
	return w.err
}

// gather lets those join a round who waited for the last one, and are likely to come
// back at once: it waits for half as long as that one took, at most. The caller holds
// mu, which is free in between.
func (r *Repository) gather(w *round) {
	if w.callers >= r.expected {
		return
	}
	late := false
	timer := time.AfterFunc(r.took/2, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		late = true
		r.landed.Broadcast()
	})
	defer timer.Stop()
	for w.callers < r.expected && !late {
		r.landed.Wait()
	}
}

// ready returns nil when acts can be taken: after a failed write the repository is
// read again first, when nothing is being written. The caller holds mu, which may be free
// in between.
func (r *Repository) ready() error {
	for r.failed && r.flight != nil {
		r.landed.Wait()
	}
	if r.closed {
		return ErrClosed
	}
	if !r.failed {
		return nil
	}
	if err := r.open(r.durable.Load().State().Negotiation); err != nil {
		if _, fault := negotiation.FaultOf(err); fault {
			err = errors.New(err.Error()) // of this disk, and not of whoever sent what is to be taken
		}
		return fmt.Errorf("repository: reading again after a failed write: %w", err)
	}
	r.failed = false
	return nil
}

// abandon gives up what was admitted and not written: all of it may build on what
// could not be. The caller holds mu.
func (r *Repository) abandon(err error) {
	r.next.done, r.next.err = true, err
	r.next, r.failed = newRound(), true
}

// publish shows what is on disk to all. The caller holds mu.
func (r *Repository) publish(held *negotiation.Snapshot) {
	r.durable.Store(held)
	close(r.changed)
	r.changed = make(chan struct{})
}

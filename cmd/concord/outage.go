package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"concord/negotiation"
)

// outagesFile is where a node keeps when it heard no other node. It may be deleted.
const outagesFile = "outages.json"

const (
	mostOutages = 20      // that are kept
	maxOutages  = 1 << 20 // bytes of the file

	// settled is how long after another node was heard again all that is to come may be
	// unknown: every node says every two seconds what it holds.
	settled = 5 * time.Second
	// settling is how long a node is waited for that tells of acts and does not bring them.
	settling = time.Minute
	// brief is an outage that nobody is told of who has not acted in it.
	brief = time.Minute
)

// outages are the times in which this node heard no other.
type outages struct {
	Heard time.Time          `json:"heard,omitzero"` // when another node was heard last
	Sent  []negotiation.Head `json:"sent,omitempty"` // how far others had told of own chains, when last looked
	List  []outage           `json:"outages"`        // oldest first; the last one may not have ended

	tips  []negotiation.Head // held when last looked
	ended []negotiation.Head // of own chains, when another node was heard again
}

// An outage is a time in which no other node was heard.
type outage struct {
	Number uint64              `json:"number"`          // counted from 1
	Since  time.Time           `json:"since"`           // when one was heard last
	Back   time.Time           `json:"back,omitzero"`   // when one was heard again; zero while none is
	Off    bool                `json:"off"`             // this node did not run when it began
	Before []negotiation.ActID `json:"before"`          // the tips that were held when it began, of own chains those that others had told of
	After  []negotiation.ActID `json:"after,omitempty"` // when all had come of which those heard tell, of own chains those at Back; empty until then
}

// A look is how a node stands at one instant.
type look struct {
	now     time.Time
	slept   bool      // the machine has stood still since the look before
	heard   time.Time // when another node was heard last; zero for never since the start
	reached bool      // another node is heard
	level   bool      // nothing is lacking here of which those that are heard tell
	tips    []negotiation.Head
	own     []negotiation.Head // of tips, those of the chains that this node writes
	sent    []negotiation.Head // of these chains, how far others have told of them
}

// begun returns the outage that has not ended.
func (o *outages) begun() *outage {
	if n := len(o.List); n > 0 && len(o.List[n-1].After) == 0 {
		return &o.List[n-1]
	}
	return nil
}

// start begins an outage, unless none has ever been heard: at a look, what was held is
// what the look before saw. What others had not told of by then waits to go out.
func (o *outages) start(off bool) {
	before := namesWith(o.tips, o.Sent)
	if o.begun() != nil || len(before) == 0 || o.Heard.IsZero() {
		return
	}
	number := uint64(1)
	if n := len(o.List); n > 0 {
		number = o.List[n-1].Number + 1
	}
	o.List = append(o.List, outage{Number: number, Since: o.Heard, Off: off, Before: before})
	o.List = o.List[max(0, len(o.List)-mostOutages):]
}

// take takes in how the node stands, and reports whether anything has begun or ended.
func (o *outages) take(l look) (changed bool) {
	heard := o.Heard
	if l.heard.After(heard) {
		heard = l.heard.UTC()
	}
	if !l.slept { // else it has been heard since
		o.Heard = heard
	}
	if begun := o.begun() != nil; !l.reached || l.slept {
		o.start(false)
		changed = !begun && o.begun() != nil
	}
	if now := o.begun(); now != nil {
		switch {
		case !l.reached:
			changed = changed || !now.Back.IsZero()
			now.Back = time.Time{}
		case now.Back.IsZero():
			now.Back, changed = l.now.UTC(), true
			o.ended = l.own
		case l.level && l.now.Sub(now.Back) >= settled, l.now.Sub(now.Back) >= settling:
			now.After, changed = namesWith(l.tips, o.ended), true
		}
	}
	changed = changed || !slices.Equal(o.Sent, l.sent)
	o.Heard, o.Sent, o.tips = heard, l.sent, l.tips
	return changed
}

// namesWith returns the names of tips, with others in place of the tips of their chains.
// One without an act says that there is none of its chain.
func namesWith(tips, others []negotiation.Head) (names []negotiation.ActID) {
	for _, tip := range tips {
		if !slices.ContainsFunc(others, func(h negotiation.Head) bool { return h.Chain == tip.Chain }) {
			names = append(names, tip.Act)
		}
	}
	for _, h := range others {
		if !h.Act.IsZero() {
			names = append(names, h.Act)
		}
	}
	return names
}

// worth reports whether people want to know of an outage that has ended. Where a node was
// only started again, its acts had not to wait.
func (o outage) worth(state *negotiation.State, code negotiation.Code) bool {
	absence, err := state.Absence(o.Before, o.After, code)
	lasted := o.Back.Sub(o.Since)
	return err == nil && (lasted >= brief && len(absence.Acts) > 0 || lasted >= settled && len(absence.Sent) > 0)
}

func namesOf(tips []negotiation.Head) []negotiation.ActID {
	names := make([]negotiation.ActID, len(tips))
	for i, tip := range tips {
		names[i] = tip.Act
	}
	return names
}

// readOutages reads what a node has kept; none when there is nothing that can be read.
func (d dataDir) readOutages() (outages, error) {
	info, err := os.Lstat(d.file(outagesFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return outages{}, nil
	case err != nil:
		return outages{}, fmt.Errorf("reading when no other node was heard: %w", err)
	case !info.Mode().IsRegular() || info.Size() > maxOutages:
		return outages{}, fmt.Errorf("reading when no other node was heard: %s is not what a node writes", outagesFile)
	}
	raw, err := os.ReadFile(d.file(outagesFile))
	if err != nil {
		return outages{}, fmt.Errorf("reading when no other node was heard: %w", err)
	}
	var o outages
	if err := json.Unmarshal(raw, &o); err != nil {
		return outages{}, fmt.Errorf("reading when no other node was heard: %s is not what a node writes", outagesFile)
	}
	for i, one := range o.List {
		last := i == len(o.List)-1
		if len(o.List) > mostOutages || len(one.Before) == 0 || len(one.After) == 0 && !last || i > 0 && one.Number <= o.List[i-1].Number || one.Since.IsZero() {
			return outages{}, fmt.Errorf("reading when no other node was heard: %s is not what a node writes", outagesFile)
		}
	}
	return o, nil
}

// write replaces what is kept. It may be lost in a crash.
func (o outages) write(d dataDir) error {
	raw, err := json.MarshalIndent(o, "", "\t")
	if err != nil {
		return fmt.Errorf("keeping when no other node was heard: %w", err)
	}
	return d.keep(outagesFile, append(raw, '\n'))
}

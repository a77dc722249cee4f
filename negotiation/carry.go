package negotiation

import (
	"sync"

	"concord/negotiation/redline"
)

// carriedOver remembers what does not change: passages by the revision that they
// lead to, and what each wording has become there. It is shared by the states of a
// ledger, which any number of readers may have.
type carriedOver struct {
	mu       sync.Mutex
	passages map[ActID]*redline.Passage
	wordings map[[2]ActID]redline.Carried  // by wording and revision
	credits  map[[2]ActID][][]redline.Span // by wording and revision: the words of the one in the other
	edits    map[ActID]redline.Edits       // of a wording on its own base
	claims   map[ActID]claims              // of a wording

	rolled ActID                // the revision that was rolled last; none when there is no table
	table  *redline.Table       // of it
	laid   map[ProposalID]ActID // the wordings on the table
}

func newCarriedOver() *carriedOver {
	return &carriedOver{
		passages: map[ActID]*redline.Passage{},
		wordings: map[[2]ActID]redline.Carried{},
		credits:  map[[2]ActID][][]redline.Span{},
		edits:    map[ActID]redline.Edits{},
		claims:   map[ActID]claims{},
	}
}

// step returns what edits of a wording become on the revision after base.
func (c *carriedOver) step(wording ActID, edits redline.Edits, base []string, revision Verified) redline.Carried {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := [2]ActID{wording, revision.id}
	if step, ok := c.wordings[key]; ok {
		return step
	}
	passage, ok := c.passages[revision.id]
	if !ok {
		var err error
		if passage, err = redline.NewPassage(base, revision.redline); err != nil { // the door has applied it to this base
			panic("negotiation: a verified redline does not apply: " + err.Error())
		}
		c.passages[revision.id] = passage
	}
	c.wordings[key] = passage.Carry(edits)
	return c.wordings[key]
}

// credit returns which words of a revision are those of a wording that was carried
// over to the revision before it, base.
func (c *carriedOver) credit(wording ActID, edits redline.Edits, base []string, revision Verified) [][]redline.Span {
	key := [2]ActID{wording, revision.id}
	c.mu.Lock()
	spans, ok := c.credits[key]
	c.mu.Unlock()
	if ok {
		return spans
	}
	spans, err := edits.Contribution(base, revision.redline) // folding does not wait for this
	if err != nil {                                          // the door has applied it to this base
		panic("negotiation: a verified redline does not apply: " + err.Error())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.credits[key] = spans
	return spans
}

// editsOf returns the edits that a wording makes to its own base.
func (c *carriedOver) editsOf(wording Verified, base []string) redline.Edits {
	c.mu.Lock()
	defer c.mu.Unlock()
	edits, ok := c.edits[wording.id]
	if !ok {
		var err error
		if edits, err = wording.redline.Edits(base); err != nil { // the door has applied it to this base
			panic("negotiation: a verified redline does not apply: " + err.Error())
		}
		c.edits[wording.id] = edits
	}
	return edits
}

// roll returns the rolling text of a revision and the proposals that are live there. Only
// paragraphs for which others are live than the last time are worked out again.
func (c *carriedOver) roll(revision Revision, live []*Proposal) redline.Document {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.table == nil || c.rolled != revision.Act {
		c.rolled, c.table, c.laid = revision.Act, redline.NewTable(revision.Text.Paragraphs()), map[ProposalID]ActID{}
	}
	stand := make(map[ProposalID]bool, len(live))
	for _, p := range live {
		stand[p.ID] = true
		if c.laid[p.ID] != p.Wording() {
			c.laid[p.ID] = p.Wording()
			c.table.Put(redline.Proposal{ID: p.ID.String(), Parties: []string{p.Party()}, Edits: p.edits})
		}
	}
	for id := range c.laid {
		if !stand[id] {
			delete(c.laid, id)
			c.table.Remove(id.String())
		}
	}
	return c.table.Document()
}

// carryOver settles every proposal's status and computes the rolling text.
func (s *State) carryOver() {
	if !s.Convened() {
		return
	}
	var live []*Proposal
	for i := range s.Proposals {
		p := &s.Proposals[i]
		if p.Status == Withdrawn || s.rule(p) {
			continue
		}
		fate := s.carry(p)
		p.Status, p.Since, p.InPart, p.edits = fate.status, fate.since, fate.inPart, fate.edits
		if p.Status == Live && !p.edits.Empty() {
			live = append(live, p)
		}
	}
	s.Rolling = s.carried.roll(s.Current(), live)
}

// rule applies the chair's decisions on the wording in force, and reports whether
// one settles the proposal by itself: to decline, or to accept that nothing changes.
func (s *State) rule(p *Proposal) bool {
	settled := false
	for _, r := range s.Revisions {
		for _, d := range r.Decisions {
			if d.Wording != p.Wording() {
				continue
			}
			switch {
			case d.Ruling == Decline:
				p.Status, p.Since, p.Reason, settled = Declined, r.Number, d.Reason, true
			case p.Type == NoChange:
				p.Status, p.Since, settled = Incorporated, r.Number, true
			}
		}
	}
	return settled
}

// A fate is what a proposal has come to on the newest revision.
type fate struct {
	status Status
	since  uint64
	inPart bool
	edits  redline.Edits
}

// carry takes the wording in force from its base to the newest revision.
func (s *State) carry(p *Proposal) fate {
	return s.carryTo(s.act(p.Wording()), p.Type, p.Base, uint64(len(s.Revisions)))
}

// carryTo takes a wording from its base to a later revision, one revision after the
// other.
func (s *State) carryTo(wording Verified, t ProposalType, from, to uint64) fate {
	base := s.Revisions[from-1].Text.Paragraphs()
	f := fate{status: Live, edits: s.carried.editsOf(wording, base)}
	if t == NoChange {
		return f
	}
	for _, r := range s.Revisions[from:to] {
		step := s.carried.step(wording.id, f.edits, base, s.act(r.Act))
		f.edits, base = step.Edits, r.Text.Paragraphs()
		switch step.Outcome {
		case redline.InPart:
			f.inPart = true
		case redline.Incorporated:
			f.status, f.since, f.edits = Incorporated, r.Number, redline.Edits{}
			return f
		case redline.ToBeRevised:
			f.status, f.since, f.edits = ToBeRevised, r.Number, redline.Edits{}
			return f
		}
	}
	return f
}

// taken returns the revision by which the chair has taken a proposal, as it is
// worded, into the text.
func (s *State) taken(p *Proposal) (uint64, bool) {
	for _, r := range s.Revisions {
		for _, d := range r.Decisions {
			if d.Ruling != Accept || d.Wording != p.Wording() {
				continue
			}
			if f := s.carry(p); p.Type == NoChange || f.status == Incorporated {
				return r.Number, true
			}
		}
	}
	return 0, false
}

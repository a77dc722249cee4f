package negotiation

import (
	"slices"

	"concord/negotiation/redline"
)

// carriedOver remembers what does not change: passages by the revision that they
// lead to, and what each wording has become there.
type carriedOver struct {
	passages map[ActID]*redline.Passage
	wordings map[[2]ActID]redline.Carried // by wording and revision
}

// carryOver settles every proposal's status and computes the rolling text.
func (s *State) carryOver(l *Ledger) {
	if !s.Convened() {
		return
	}
	var live []redline.Proposal
	for i := range s.Proposals {
		p := &s.Proposals[i]
		if p.Status == Withdrawn || s.rule(p) {
			continue
		}
		p.edits = s.carry(l, p)
		if p.Status == Live && !p.edits.Empty() {
			live = append(live, redline.Proposal{ID: p.ID.String(), Parties: []string{p.Party()}, Edits: p.edits})
		}
	}
	s.Rolling = redline.Rolling(s.Current().Text.Paragraphs(), live)
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

// carry takes the wording in force from its base to the newest revision, one
// revision after the other, and sets the status that it comes to.
func (s *State) carry(l *Ledger, p *Proposal) redline.Edits {
	wording, base := s.acts[p.Wording()], s.Revisions[p.Base-1].Text.Paragraphs()
	edits, err := wording.redline.Edits(base)
	if err != nil { // the door has applied it to this base
		panic("negotiation: a verified redline does not apply: " + err.Error())
	}
	if p.Type == NoChange {
		return edits
	}
	for _, r := range s.Revisions[p.Base:] {
		key := [2]ActID{wording.id, r.Act}
		step, ok := l.carried.wordings[key]
		if !ok {
			step = l.passage(r.Act, base).Carry(edits)
			l.carried.wordings[key] = step
		}
		edits, base = step.Edits, r.Text.Paragraphs()
		switch step.Outcome {
		case redline.InPart:
			p.InPart = true
		case redline.Incorporated:
			p.Status, p.Since = Incorporated, r.Number
			return redline.Edits{}
		case redline.ToBeRevised:
			p.Status, p.Since = ToBeRevised, r.Number
			return redline.Edits{}
		}
	}
	return edits
}

// passage returns the way from a text to the revision after it.
func (l *Ledger) passage(revision ActID, before []string) *redline.Passage {
	if p, ok := l.carried.passages[revision]; ok {
		return p
	}
	p, err := redline.NewPassage(before, l.acts[revision].redline)
	if err != nil { // the door has applied it to this base
		panic("negotiation: a verified redline does not apply: " + err.Error())
	}
	l.carried.passages[revision] = p
	return p
}

// Standing returns the states that take a stance on the wording in force, by code.
func (p Proposal) Standing(stance Stance) []Code {
	var codes []Code
	for _, q := range p.Positions {
		if q.Stance == stance && !q.Earlier {
			codes = append(codes, q.State)
		}
	}
	slices.Sort(codes)
	return codes
}

package negotiation

import (
	"fmt"
	"maps"
	"slices"

	"concord/negotiation/redline"
)

// happenedTo says what happened to a proposal of the participant's own.
func (n *newsroom) happenedTo(was, p Proposal) []Happening {
	happened := n.standing(was, p)
	for _, position := range p.Positions {
		said := position.Stance.Says() + " " + p.ID.String()
		if i := slices.IndexFunc(was.Positions, func(q Position) bool { return q.State == position.State }); i >= 0 {
			switch q := was.Positions[i]; {
			case q.Act == position.Act:
				continue
			case q.Stance != position.Stance:
				said = fmt.Sprintf("now %s (before: %s)", said, q.Stance)
			}
		}
		if position.State != n.of {
			happened = append(happened, n.by(position.Act, NewPosition, "%s %s.", n.name(position.State), said))
		}
	}
	for _, v := range n.come {
		c, ok := v.act.Content.(TakePosition)
		if ok && c.Stance == None && c.On.Paragraph == 0 && c.On.Proposal == p.ID && !slices.ContainsFunc(p.Positions, func(q Position) bool { return q.State == v.act.Author }) {
			happened = append(happened, n.by(v.id, NewPosition, "%s no longer takes a position on %s.", n.name(v.act.Author), p.ID))
		}
	}
	return append(happened, n.met(p)...)
}

// standing says what has become of a proposal of the participant's own. What it did
// itself, reword or withdraw it, is no news to it.
func (n *newsroom) standing(was, p Proposal) []Happening {
	newer := n.newer()
	if len(newer) == 0 || len(was.Wordings) > 0 && was.Wording() != p.Wording() || was.Status != Live {
		return nil
	}
	last := newer[len(newer)-1]
	cause := last
	if p.Since > 0 {
		cause = n.now.Revisions[p.Since-1]
	}
	h := n.by(cause.Act, NewStatus, "")
	for _, d := range cause.Decisions {
		if d.Wording == p.Wording() && d.Reason != "" {
			h.Reason = d.Reason
		}
	}
	switch p.Status {
	case ToBeRevised:
		h.Says = fmt.Sprintf("%s is to be revised: revision %d has other words where it changes %s%s.", p.ID, p.Since, enumerated(n.now.touched(p)), n.taking(cause, p))
	case Incorporated:
		h.Says = fmt.Sprintf("%s is incorporated: revision %d says what it asked for.", p.ID, p.Since)
	case Declined:
		h.Says = fmt.Sprintf("%s declined %s in revision %d.", n.name(cause.Chair), p.ID, p.Since)
	case Live:
		if p.Base >= last.Number {
			return nil
		}
		h.What, h.Says, h.Reason = CarriedOver, fmt.Sprintf("%s stands in the rolling text of revision %d.", p.ID, last.Number), ""
		if p.InPart && !was.InPart {
			h.What, h.Says = TakenInPart, fmt.Sprintf("%s is taken in part; the rest stands in the rolling text of revision %d.", p.ID, last.Number)
		}
	default:
		return nil
	}
	return []Happening{h}
}

// taking says which of the proposals that a revision has accepted touch the paragraphs
// that p does.
func (n *newsroom) taking(r Revision, p Proposal) string {
	var taken []string
	mine := n.now.touched(p)
	for _, d := range r.Decisions {
		other, err := n.now.Proposal(d.Proposal)
		if d.Ruling != Accept || err != nil || other.ID == p.ID {
			continue
		}
		if slices.ContainsFunc(n.now.touched(other), func(label string) bool { return slices.Contains(mine, label) }) {
			taken = append(taken, fmt.Sprintf("%s (%s)", other.ID, n.name(other.Author)))
		}
	}
	if len(taken) == 0 {
		return ""
	}
	return ", from " + enumerated(taken)
}

// touched returns the labels of the paragraphs that the wording in force of a proposal
// changes, in the revision that it amends.
func (s *State) touched(p Proposal) []string {
	base, r := s.Amended(p)
	var labels []string
	for _, step := range r {
		switch step.Kind {
		case redline.Keep:
		case redline.Insert:
			labels = append(labels, "a new paragraph")
		default:
			labels = append(labels, base.Labels[step.From:step.To]...)
		}
	}
	return slices.Compact(labels)
}

// A meeting is where two live proposals have to do with one another.
type meeting struct{ collides, same []string } // labels, each once

// meetings returns how the live proposals of an author meet those of others.
func (s *State) meetings(author Code) map[ProposalID]map[ProposalID]meeting {
	if !s.Convened() {
		return nil
	}
	var live []redline.Proposal
	ids := map[string]ProposalID{}
	for _, p := range s.Proposals {
		if p.Status == Live {
			live, ids[p.ID.String()] = append(live, redline.Proposal{ID: p.ID.String(), Edits: p.edits}), p.ID
		}
	}
	found := map[ProposalID]map[ProposalID]meeting{}
	meet := func(a, b string, note func(*meeting)) {
		mine, other := ids[a], ids[b]
		if mine.Author != author || other.Author == author {
			return
		}
		if found[mine] == nil {
			found[mine] = map[ProposalID]meeting{}
		}
		m := found[mine][other]
		note(&m)
		found[mine][other] = m
	}
	labels := s.Current().Labels
	for _, clash := range Clashes(s.Rolling, live) {
		for i, side := range clash.Sides {
			for j, against := range clash.Sides {
				for _, a := range side {
					for _, b := range against {
						if i != j {
							meet(a, b, func(m *meeting) { m.collides = addOnce(m.collides, labels[clash.Paragraph]) })
						}
					}
				}
			}
		}
	}
	for _, p := range s.Rolling.Paragraphs {
		label := "a new paragraph"
		if p.Base >= 0 {
			label = labels[p.Base]
		}
		for _, a := range alternativesOf(p) {
			for _, mine := range a.Proposals {
				for _, other := range a.Proposals {
					meet(mine, other, func(m *meeting) { m.same = addOnce(m.same, label) })
				}
			}
		}
	}
	return found
}

// alternativesOf returns all that somebody wants otherwise in a paragraph.
func alternativesOf(p redline.Paragraph) (all []redline.Alternative) {
	disputes := []*redline.Dispute{p.Fate}
	for _, segment := range p.Segments {
		disputes = append(disputes, segment.Dispute)
	}
	for _, d := range disputes {
		if d != nil {
			all = append(all, d.Alternatives[1:]...)
		}
	}
	return all
}

func addOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// met says how other proposals have come into, or gone out of, the way of one.
func (n *newsroom) met(p Proposal) (happened []Happening) {
	before, now := n.meetsBefore[p.ID], n.meets[p.ID]
	others := map[ProposalID]bool{}
	for id := range before {
		others[id] = true
	}
	for id := range now {
		others[id] = true
	}
	for _, id := range slices.SortedFunc(maps.Keys(others), compareProposals) {
		other, err := n.now.Proposal(id)
		if err != nil {
			continue
		}
		who, m := n.name(other.Author), now[id]
		_, known := n.before.acts[other.Wording()]
		add := func(what Turn, format string, args ...any) {
			h := n.by(n.cause(other), what, format, args...)
			h.Other = id
			happened = append(happened, h)
		}
		switch collided := len(before[id].collides) > 0; {
		case len(m.collides) > 0 && !known:
			add(Collides, "%s of %s wants other words than %s in %s.", id, who, p.ID, enumerated(m.collides))
		case collided && len(m.collides) == 0 && p.Status == Live:
			add(NoCollision, "%s of %s no longer stands in the way of %s: it is %s.", id, who, p.ID, n.nowIs(other))
		}
		if len(m.same) > 0 && len(before[id].same) == 0 {
			add(SameWords, "%s of %s asks for the same words as %s in %s.", id, who, p.ID, enumerated(m.same))
		}
	}
	return happened
}

// nowIs says what a proposal that collided has become.
func (n *newsroom) nowIs(p Proposal) string {
	if p.Status == Live {
		return "reworded, or the text has changed"
	}
	return nameOfStatus(p.Status)
}

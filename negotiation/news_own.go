package negotiation

import (
	"fmt"
	"slices"
	"strings"
)

// own says what became of acts of the participant's own other than its proposals: those
// that have no effect any more, positions whose object has changed, and revisions for
// which proposals came too late.
func (n *newsroom) own() []Happening {
	happened := []Happening{}
	beforehand := n.before.WithoutEffect()
	for _, v := range n.now.log() {
		rejection, none := n.without[v.id]
		if _, already := beforehand[v.id]; none && !already && v.act.Author == n.of {
			h := n.by(v.id, WithoutForce, "What you signed has no effect (%s): %s.", v.act.Subject(), rejection.Reason)
			h.Reason = ""
			happened = append(happened, h)
		}
	}
	for _, p := range n.now.Proposals {
		if p.Author != n.of {
			happened = append(happened, n.onProposal(p)...)
		}
	}
	for _, position := range n.now.Positions {
		if position.State == n.of {
			happened = append(happened, n.onParagraph(position)...)
		}
	}
	return append(happened, n.unseen()...)
}

// onProposal says what changed under the participant's position on a proposal of
// another.
func (n *newsroom) onProposal(p Proposal) []Happening {
	i, known := n.before.byID[p.ID]
	mine := slices.IndexFunc(p.Positions, func(q Position) bool { return q.State == n.of })
	if !known || mine < 0 {
		return nil
	}
	was, stance := n.before.Proposals[i], p.Positions[mine].Stance
	about := fmt.Sprintf("%s of %s, which %s", p.ID, n.name(p.Author), youTake(stance))
	var h Happening
	switch {
	case p.Positions[mine].Earlier && p.Positions[mine].Of == was.Wording() && p.Status != Withdrawn:
		h = n.by(p.Wording(), PositionOn, "%s, has a new wording, on which you have no position yet.", about)
	case p.Status == was.Status:
		return nil
	case p.Since > 0:
		h = n.by(n.cause(p), PositionOn, "%s, is %s with revision %d.", about, nameOfStatus(p.Status), p.Since)
	default:
		h = n.by(n.cause(p), PositionOn, "%s, is %s.", about, nameOfStatus(p.Status))
	}
	if h.Other = p.ID; p.Reason != "" {
		h.Reason = p.Reason
	}
	return []Happening{h}
}

// cause returns the act by which a proposal is what it is: that of the revision that
// gave it its status, that which withdrew it, or its wording.
func (n *newsroom) cause(p Proposal) ActID {
	if p.Since > 0 {
		return n.now.Revisions[p.Since-1].Act
	}
	for _, v := range n.come {
		if c, ok := v.act.Content.(Withdraw); ok && c.Proposal == p.ID && p.Status == Withdrawn {
			return v.id
		}
	}
	return p.Wording()
}

// onParagraph says when a newer revision has changed a paragraph on which the
// participant has a position.
func (n *newsroom) onParagraph(position Position) []Happening {
	number := n.now.revisionOf(position.Of)
	if number == 0 {
		return nil
	}
	i := int(position.Paragraph) - 1
	d := n.now.descentAt(number, i)
	for _, r := range n.newer() {
		if r.Number > number && len(d.changes(r.Number, n.now.act(r.Act).redline)) > 0 {
			label := n.now.Revisions[number-1].Labels[i]
			return []Happening{n.by(r.Act, PositionOn, "%s of revision %d, which %s, has other words in revision %d.", label, number, youTake(position.Stance), r.Number)}
		}
	}
	return nil
}

// unseen returns the proposals that were made on an earlier revision than the
// participant's own newest, and came after it.
func (n *newsroom) unseen() (happened []Happening) {
	if !n.before.Convened() || n.before.Current().Chair != n.of {
		return nil
	}
	mine := n.before.Current()
	for _, p := range n.now.Proposals {
		if _, known := n.before.acts[p.Wording()]; known || p.Author == n.of || p.Base >= mine.Number || p.Status == Withdrawn {
			continue
		}
		h := n.by(p.Wording(), Unseen, "%s of %s, on revision %d, came after you had published revision %d, and is %s.", p.ID, n.name(p.Author), p.Base, mine.Number, nameOfStatus(p.Status))
		h.Other = p.ID
		happened = append(happened, h)
	}
	return happened
}

// procedure says what has become of the chair, of the charter, and of chains that forked.
func (n *newsroom) procedure() []Happening {
	happened := []Happening{}
	for _, v := range n.come {
		if _, none := n.without[v.id]; none {
			continue
		}
		who := n.name(v.act.Author)
		switch c := v.act.Content.(type) {
		case Amend:
			happened = append(happened, n.by(v.id, NewCharter, "%s amended the charter: %s.", who, c.Headline))
		case HandOver:
			happened = append(happened, n.by(v.id, NewChair, "%s handed the chair over to %s.", who, n.name(c.To)))
		case TakeUp:
			happened = append(happened, n.by(v.id, NewChair, "%s took up the chair.", who))
		case Succeed:
			happened = append(happened, n.by(v.id, NewChair, "%s took up the chair by succession.", who))
		case Recognise:
			happened = append(happened, n.by(v.id, NewChair, "%s recognised %s as chair.", who, n.name(c.Successor)))
		}
	}
	for _, f := range n.now.Forks {
		same := func(g Fork) bool {
			return g.Chain == f.Chain && g.Place == f.Place && g.SettledBy == f.SettledBy
		}
		if slices.ContainsFunc(n.before.Forks, same) {
			continue
		}
		if f.Frozen() {
			happened = append(happened, n.by(f.Sides[len(f.Sides)-1], NewFork, "%s is forked at act %d: nothing from there on counts.", f.Chain, f.Place))
		} else {
			happened = append(happened, n.by(f.SettledBy, NewFork, "The fork of %s at act %d is settled.", f.Chain, f.Place))
		}
	}
	return happened
}

// youTake words a stance of the participant's own as what it does with what it is on.
func youTake(s Stance) string {
	switch s {
	case For:
		return "you support"
	case Against:
		return "you oppose"
	case Reserve:
		return "you reserve your position on"
	}
	return "you are flexible on"
}

func nameOfStatus(s Status) string { return strings.ReplaceAll(string(s), "-", " ") }

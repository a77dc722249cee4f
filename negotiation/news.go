package negotiation

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// News is what acts of others have brought to one participant since it knew less:
// while its line was down, say.
type News struct {
	Acts       []ActID         `json:"acts"`       // that have come, in the order of the log; without receipts
	Proposals  []ProposalNews  `json:"proposals"`  // of the participant's own, by number, to which something happened
	Own        []Happening     `json:"own"`        // what became of other acts of its own
	Procedure  []Happening     `json:"procedure"`  // the chair, the charter and forks
	Paragraphs []ParagraphNews `json:"paragraphs"` // of the newest revision that acts have touched, then those that are gone
}

// ProposalNews is what happened to one proposal of the participant's.
type ProposalNews struct {
	ID       ProposalID  `json:"id"`
	Headline string      `json:"headline"`
	Before   Status      `json:"before"` // live for one that was tabled since
	After    Status      `json:"after"`
	Happened []Happening `json:"happened"` // its status first, then positions by state, then other proposals
}

// A Happening is one thing that an act has brought about.
type Happening struct {
	What   Turn       `json:"what"`
	Act    ActID      `json:"act"`              // that brought it about
	By     Code       `json:"by"`               // the author of that act
	Time   time.Time  `json:"time"`             // of that act, by its author's clock
	Other  ProposalID `json:"other,omitzero"`   // the proposal of another that it is about, if it is
	Says   string     `json:"says"`             // what happened, in a sentence
	Reason string     `json:"reason,omitempty"` // that the author gave
}

// A Turn says what kind of thing has happened.
type Turn string

// What happens to proposals of one's own, to other acts of one's own, and in procedure.
const (
	NewStatus    Turn = "status"    // the proposal is no longer what it was
	TakenInPart  Turn = "in-part"   // a revision has taken some of its changes
	CarriedOver  Turn = "carried"   // it stands in a newer revision's rolling text
	NewPosition  Turn = "position"  // a state has taken, changed or taken back a position on it
	Collides     Turn = "collision" // a proposal wants other words in the same place, and did not before
	NoCollision  Turn = "clear"     // one that did no longer does
	SameWords    Turn = "same"      // a proposal asks for the same words in a place, and did not before
	WithoutForce Turn = "no-effect" // an act of one's own has no effect
	PositionOn   Turn = "subject"   // what one's own position is on has changed
	Unseen       Turn = "unseen"    // a proposal that one's own revision could not take into account
	NewChair     Turn = "chair"
	NewCharter   Turn = "charter"
	NewFork      Turn = "fork" // found, or settled
)

// ParagraphNews is which acts of others have touched one paragraph ([State.LogOf] says
// what touches).
type ParagraphNews struct {
	Label    string  `json:"label"`
	Number   int     `json:"number"`   // in the newest revision, counted from 1; 0 if it is gone
	Reworded bool    `json:"reworded"` // a revision has changed it, or taken it out
	Acts     []ActID `json:"acts"`     // in the order of the log
}

// NewsSince returns what has come to a participant since it knew no more than before,
// a state of the same negotiation as [State.AsOf] returns it. It takes time in the number
// of acts, twice that of [Clashes], and that of [State.Blame].
func (s *State) NewsSince(before *State, of Code) News {
	n := newsroom{before: before, now: s, of: of, without: s.WithoutEffect()}
	for _, v := range s.log() {
		if _, known := before.acts[v.id]; !known && v.act.Author != of {
			n.come = append(n.come, v)
		}
	}
	n.meetsBefore, n.meets = before.meetings(of), s.meetings(of)
	news := News{Acts: []ActID{}, Proposals: []ProposalNews{}, Own: n.own(), Procedure: n.procedure(), Paragraphs: n.paragraphs()}
	for _, v := range n.come {
		if _, receipt := v.act.Content.(Receipt); !receipt {
			news.Acts = append(news.Acts, v.id)
		}
	}
	for _, p := range s.Proposals {
		if p.Author != of {
			continue
		}
		was := Proposal{Status: Live, Base: p.Base}
		if i, known := before.byID[p.ID]; known {
			was = before.Proposals[i]
		}
		if happened := n.happenedTo(was, p); len(happened) > 0 {
			news.Proposals = append(news.Proposals, ProposalNews{p.ID, p.Headline, was.Status, p.Status, happened})
		}
	}
	return news
}

// A newsroom compares two states for one participant.
type newsroom struct {
	before, now        *State
	of                 Code
	come               []Verified // acts of others, in the order of the log
	without            map[ActID]Rejection
	meetsBefore, meets map[ProposalID]map[ProposalID]meeting
}

// by returns what an act has brought about.
func (n *newsroom) by(act ActID, what Turn, format string, args ...any) Happening {
	v := n.now.act(act)
	return Happening{What: what, Act: act, By: v.act.Author, Time: v.act.Time, Says: fmt.Sprintf(format, args...), Reason: v.act.Explanation}
}

// name returns what the charter calls a participant, or the code itself.
func (n *newsroom) name(c Code) string {
	if p, ok := n.now.Charter.Participant(c); ok {
		return p.Name
	}
	return string(c)
}

// newer returns the revisions that have come since.
func (n *newsroom) newer() []Revision {
	return slices.DeleteFunc(slices.Clone(n.now.Revisions), func(r Revision) bool {
		_, known := n.before.acts[r.Act]
		return known
	})
}

// enumerated returns "a", "a and b" or "a, b and c".
func enumerated(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

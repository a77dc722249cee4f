package negotiation

import (
	"fmt"
	"slices"
	"time"

	"concord/negotiation/redline"
)

// A Biography is all that the record has on one paragraph of the text, and on those
// that it was split off from or that were joined to it.
type Biography struct {
	Label     string          `json:"label"`     // its last
	Number    int             `json:"number"`    // in the newest revision, counted from 1; 0 if it is gone
	Stages    []Stage         `json:"stages"`    // by revision, oldest first
	Proposals []ProposalForIt `json:"proposals"` // that changed it or whose words it has or had, by author and number
	Positions []PositionTaken `json:"positions"` // on it and on these, all that were ever taken, in the order of the log
}

// A Stage is what one revision made of the paragraph, or decided about it; a revision
// that did neither has no stage.
type Stage struct {
	Revision  uint64         `json:"revision"`
	Act       ActID          `json:"act"`
	Time      time.Time      `json:"time"`
	Chair     Code           `json:"chair"`
	Headline  string         `json:"headline"`
	Reason    string         `json:"reason,omitempty"` // the chair's explanation of the revision
	Changes   []SignedChange `json:"changes"`          // none where it stands as before, and in the zero draft
	Wordings  []PastWording  `json:"wordings"`         // one; several before a join; none once it is gone
	Origins   []Origin       `json:"origins"`          // of its words that the revision brought in
	Decisions []Decision     `json:"decisions"`        // on the proposals of the biography, and on wordings beside a line whose words came in
}

// A PastWording is how a paragraph stood in a revision.
type PastWording struct {
	Number   int    `json:"number"` // in the revision, counted from 1
	Label    string `json:"label"`
	Markdown string `json:"markdown"`
}

// A ProposalForIt is a proposal that is part of a biography.
type ProposalForIt struct {
	ID         ProposalID `json:"id"`
	Author     Code       `json:"author"`
	OnBehalfOf string     `json:"onBehalfOf,omitempty"`
	Status     Status     `json:"status"`
	Since      uint64     `json:"since,omitempty"`  // revision that gave it this status
	InPart     bool       `json:"inPart,omitempty"` // a revision has taken some of its changes
	Reason     string     `json:"reason,omitempty"` // the chair's, or the author's for withdrawing
	Wordings   []Asked    `json:"wordings"`         // oldest first
}

// Asked is what one wording of a proposal asks for.
type Asked struct {
	Act         ActID          `json:"act"`
	Time        time.Time      `json:"time"`
	Base        uint64         `json:"base"` // the revision that it amends
	Headline    string         `json:"headline"`
	Explanation string         `json:"explanation,omitempty"`
	Type        ProposalType   `json:"type"`
	Changes     []SignedChange `json:"changes"` // of the paragraph
}

// A SignedChange is one step of a redline, as its author signed it.
type SignedChange struct {
	Kind redline.Kind  `json:"kind"`
	Runs []redline.Run `json:"runs"`
}

// A PositionTaken is one position that a state took at one time.
type PositionTaken struct {
	State       Code      `json:"state"`
	On          string    `json:"on"` // "XCA/4", or "OP3 of revision 2"
	Stance      Stance    `json:"stance"`
	Explanation string    `json:"explanation,omitempty"`
	Time        time.Time `json:"time"`
	Act         ActID     `json:"act"`
	Stands      bool      `json:"stands"` // the state has not replaced it since, or taken it back
}

// Biography returns the biography of the paragraph of a label, in any case of letters:
// of the newest revision or, where none has it there, of the last revision in which one
// had. The error is [ErrUnknownBase]. It takes time in the number of acts, and that of
// [State.Blame].
func (s *State) Biography(label string) (Biography, error) {
	d, err := s.descentOf(label)
	if err != nil {
		return Biography{}, err
	}
	proposals := s.touching(d)
	b := Biography{Stages: s.stages(d, proposals), Proposals: []ProposalForIt{}, Positions: s.positionsOn(d, proposals)}
	place := d.place(s.traced())
	b.Number, b.Label = 1+place.Index[len(s.Revisions)-1], s.labelOf(place, s.Current().Labels)
	past := map[string]bool{}
	for _, stage := range b.Stages {
		for _, w := range stage.Wordings {
			past[w.Markdown] = true
		}
	}
	for _, p := range s.Proposals {
		if proposals[p.ID] {
			b.Proposals = append(b.Proposals, s.forIt(p, d, past))
		}
	}
	return b, nil
}

func (s *State) stages(d descent, proposals map[ProposalID]bool) []Stage {
	origins := d.origins(s.traced())
	stages := []Stage{}
	for k, r := range s.Revisions {
		stage := Stage{
			Revision: r.Number, Act: r.Act, Time: r.Time, Chair: r.Chair, Headline: r.Headline, Reason: r.Reason,
			Changes: []SignedChange{}, Wordings: []PastWording{}, Origins: append([]Origin{}, origins[r.Number]...), Decisions: []Decision{},
		}
		for _, i := range d.places[k] {
			stage.Wordings = append(stage.Wordings, PastWording{i + 1, r.Labels[i], r.Text.blocks[i].line})
		}
		if k > 0 {
			stage.Changes = signedChanges(d.changes(r.Number, s.act(r.Act).redline))
		}
		for _, decision := range r.Decisions {
			credited := func(o Origin) bool { return o.follows(decision) }
			if proposals[decision.Proposal] || slices.ContainsFunc(stage.Origins, credited) {
				stage.Decisions = append(stage.Decisions, decision)
			}
		}
		if k == 0 && len(stage.Wordings) > 0 || len(stage.Changes)+len(stage.Decisions) > 0 {
			stages = append(stages, stage)
		}
	}
	return stages
}

// forIt returns what a proposal asks for a paragraph that reads, or has read, as past
// says.
func (s *State) forIt(p Proposal, d descent, past map[string]bool) ProposalForIt {
	out := ProposalForIt{
		ID: p.ID, Author: p.Author, OnBehalfOf: p.OnBehalfOf, Status: p.Status, Since: p.Since, InPart: p.InPart, Reason: p.Reason,
		Wordings: []Asked{},
	}
	for _, w := range p.Wordings {
		v, m, _ := s.amendment(w.Act)
		asked := Asked{
			Act: w.Act, Time: w.Time, Base: w.Base, Headline: w.Headline, Explanation: v.act.Explanation, Type: m.Type,
		}
		steps := d.steps(w.Base, v.redline)
		for _, step := range v.redline { // what is now the paragraph may have been a new one in the proposal
			if step.Kind == redline.Insert && len(step.Runs) > 0 && past[step.Runs[0].Text] {
				steps = append(steps, step)
			}
		}
		asked.Changes = signedChanges(steps)
		out.Wordings = append(out.Wordings, asked)
	}
	return out
}

func signedChanges(r redline.Redline) []SignedChange {
	changes := []SignedChange{}
	for _, step := range r {
		changes = append(changes, SignedChange{step.Kind, append([]redline.Run{}, step.Runs...)})
	}
	return changes
}

func (s *State) positionsOn(d descent, proposals map[ProposalID]bool) []PositionTaken {
	stands := map[ActID]bool{}
	for _, p := range s.Positions {
		stands[p.Act] = true
	}
	for _, p := range s.Proposals {
		for _, position := range p.Positions {
			stands[position.Act] = true
		}
	}
	taken := []PositionTaken{}
	effective := s.effective()
	for _, v := range s.log() {
		c, ok := v.act.Content.(TakePosition)
		if !ok || !effective(v) || !s.touches(v, d, proposals) {
			continue
		}
		on := c.On.Proposal.String()
		if c.On.Paragraph > 0 {
			number := s.revisionOf(c.On.Act)
			on = fmt.Sprintf("%s of revision %d", s.Revisions[number-1].Labels[c.On.Paragraph-1], number)
		}
		taken = append(taken, PositionTaken{
			State: v.act.Author, On: on, Stance: c.Stance, Explanation: v.act.Explanation, Time: v.act.Time, Act: v.id, Stands: stands[v.id],
		})
	}
	return taken
}

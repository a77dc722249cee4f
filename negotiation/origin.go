package negotiation

import (
	"fmt"
	"slices"
	"time"

	"concord/negotiation/redline"
)

// An Origin is how words came into a text. It follows from signed acts alone: from
// the chair's redlines, from the proposals that the chair names as accepted, and from
// the redlines that these carry.
type Origin struct {
	Source       Source        `json:"source"`
	Revision     uint64        `json:"revision,omitempty"` // that brought them in; 0 while they are only proposed
	Act          ActID         `json:"act"`                // that published it; of a proposal that is asked about, its wording
	Time         time.Time     `json:"time"`               // of that act, says its author
	Contributors []Contributor `json:"contributors"`       // all whose words they are, in the order of the chair's decisions
}

// follows reports whether a decision is about one of the wordings that the words are of.
func (o Origin) follows(d Decision) bool {
	return slices.ContainsFunc(o.Contributors, func(c Contributor) bool { return c.Wording == d.Wording })
}

// A Source says whose words the words of an [Origin] are.
type Source string

// The sources. Words that come with a revision are those of the proposals that the
// chair accepts with it and whose own changes contain them; all others are the chair's.
const (
	ZeroDraft    Source = "zero-draft"
	FromProposal Source = "proposal"
	ChairsOwn    Source = "chair"
)

// A Contributor is who worded something, and where.
type Contributor struct {
	Participant Code       `json:"participant"`
	OnBehalfOf  string     `json:"onBehalfOf,omitempty"`
	Proposal    ProposalID `json:"proposal,omitzero"` // none of the zero draft and the chair's own words
	Wording     ActID      `json:"wording,omitzero"`  // the act that tabled the words
	Time        time.Time  `json:"time"`              // of the act in which they first stood, says its author
	InPart      bool       `json:"inPart,omitempty"`  // the revision took only some of the proposal's changes, or took them changed
	Beside      Beside     `json:"beside,omitempty"`  // empty while the wording counts
	Fork        uint64     `json:"fork,omitempty"`    // of a wording that does not count: the place at which its record or, for NotJoined, the text is forked
}

// A Beside says why a wording does not count that the chair has accepted. It proves who
// signed the words, and is nobody's consent to anything.
type Beside string

// The ways in which a wording, or what it rests on, can stand beside a line.
const (
	Frozen    Beside = "frozen"     // the record is frozen at the fork; the wording may yet count
	PutAside  Beside = "put-aside"  // the fork was settled, and another side counts
	NotJoined Beside = "not-joined" // its author joined by a charter that a settled fork of the text has put aside
)

// Name returns for whom the contributor speaks: "XBO", or "COAST (XCA)" for a group; of a
// wording that does not count also what [Contributor.Dispute] says, as in
// "XBO (record frozen at act 2)".
func (c Contributor) Name() string {
	name := string(c.Participant)
	if c.OnBehalfOf != "" {
		name = c.OnBehalfOf + " (" + name + ")"
	}
	if dispute := c.Dispute(); dispute != "" {
		name += " (" + dispute + ")"
	}
	return name
}

// Dispute says why the wording does not count, "record frozen at act 2", "put aside by a
// fork at act 2" or "joined by a charter put aside at act 2 of the text", and nothing while
// it counts.
func (c Contributor) Dispute() string {
	switch c.Beside {
	case Frozen:
		return fmt.Sprintf("record frozen at act %d", c.Fork)
	case PutAside:
		return fmt.Sprintf("put aside by a fork at act %d", c.Fork)
	case NotJoined:
		return fmt.Sprintf("joined by a charter put aside at act %d of the text", c.Fork)
	}
	return ""
}

// A tracing is a text with the origin of every word.
type tracing struct {
	history *redline.History
	origins [][]Origin // by step and part
	trace   []redline.Traced
}

func (t *tracing) origin(w redline.Words) Origin { return t.origins[w.Since][w.Part] }

// steps returns how many steps lead to the text.
func (t *tracing) steps() int { return len(t.origins) - 1 }

// trace returns the tracing of revision number, along the redlines that the chair
// has signed. It takes time in the size of these, of the text for each of them, and
// one comparison for each proposal accepted, which the ledger remembers.
func (s *State) trace(number int) tracing {
	if number == 0 {
		return tracing{history: redline.NewHistory(nil)}
	}
	t := s.retrace(number)
	t.trace = t.history.Trace()
	return t
}

// retrace is trace without the places, for who adds a step.
func (s *State) retrace(number int) tracing {
	first := s.Revisions[0]
	t := tracing{history: redline.NewHistory(first.Text.Paragraphs()), origins: [][]Origin{{chairs(ZeroDraft, first)}}}
	for _, r := range s.Revisions[1:number] {
		t.add(s.act(r.Act).redline)
		p := parts{origins: []Origin{chairs(ChairsOwn, r)}, sets: [][]int{nil}}
		p.contributors, p.words = s.credits(r)
		t.history.Divide(p.of)
		t.origins = append(t.origins, p.origins)
	}
	return t
}

// parts are the origins of the words that one revision brings in. Part 0 is the chair's
// own words.
type parts struct {
	contributors []Contributor
	words        [][][]redline.Span // of each contributor, by paragraph
	origins      []Origin
	sets         [][]int // for each origin, the indices of its contributors
}

// of returns the part that the word at a byte of a paragraph is of.
func (p *parts) of(paragraph, at int) int {
	var set []int
	for i, words := range p.words {
		here := func(s redline.Span) bool { return s.Start <= at && at < s.End }
		if slices.ContainsFunc(words[paragraph], here) {
			set = append(set, i)
		}
	}
	part := slices.IndexFunc(p.sets, func(known []int) bool { return slices.Equal(known, set) })
	if part >= 0 {
		return part
	}
	chair := p.origins[0]
	origin := Origin{Source: FromProposal, Revision: chair.Revision, Act: chair.Act, Time: chair.Time}
	for _, i := range set {
		origin.Contributors = append(origin.Contributors, p.contributors[i])
	}
	p.origins, p.sets = append(p.origins, origin), append(p.sets, set)
	return len(p.origins) - 1
}

func (t *tracing) add(r redline.Redline) {
	if err := t.history.Add(r); err != nil { // the door has applied it to this text
		panic("negotiation: a verified redline does not apply: " + err.Error())
	}
}

func chairs(source Source, r Revision) Origin {
	return Origin{
		Source: source, Revision: r.Number, Act: r.Act, Time: r.Time,
		Contributors: []Contributor{{Participant: r.Chair, Time: r.Time}},
	}
}

// credits returns whose proposals a revision accepts, and which words of it each of
// them brings in. A fork takes from nobody what it has worded: what stands beside the
// line of its record is credited, too, and says so.
func (s *State) credits(r Revision) (contributors []Contributor, words [][][]redline.Span) {
	before := r.Number - 1
	base := s.Revisions[before-1].Text.Paragraphs()
	for _, d := range r.Decisions {
		wording, m, from := s.amendment(d.Wording)
		beside, fork := s.besides(d.Wording)
		worded := beside != "" && !wording.beyond || s.HasWording(d.Proposal, d.Wording)
		if d.Ruling != Accept || !worded || from == 0 || from > before {
			continue // it is about what is no wording of a revision before this one
		}
		f := s.carryTo(wording, m.Type, from, before)
		if f.edits.Empty() {
			continue
		}
		step := s.carried.step(wording.id, f.edits, base, s.act(r.Act))
		words = append(words, s.carried.credit(wording.id, f.edits, base, s.act(r.Act)))
		contributors = append(contributors, Contributor{
			Participant: wording.act.Author, OnBehalfOf: m.OnBehalfOf, Proposal: d.Proposal, Wording: wording.id,
			Time: wording.act.Time, InPart: f.inPart || step.Outcome != redline.Incorporated,
			Beside: beside, Fork: fork,
		})
	}
	return contributors, words
}

// besides returns why an act of a record does not count that stands beside its line, or
// whose author joined by a charter beside the text's, and the place of the fork; nothing
// of any other act.
func (s *State) besides(id ActID) (Beside, uint64) {
	v := s.act(id)
	if !s.beside[id] {
		if _, joined := s.keys[v.act.Author]; joined {
			return "", 0
		}
		for v.act.Sequence > 1 {
			v = s.act(v.act.Previous)
		}
		c, joins := v.act.Content.(Join)
		if !joins || !s.beside[c.Charter] {
			return "", 0
		}
		return NotJoined, s.leaves(c.Charter).Sequence // settled: else nothing of the text that can cite the act counts
	}
	side := s.leaves(id)
	if f, frozen := s.Fork(side.Chain); frozen && f.Place == side.Sequence {
		return Frozen, f.Place
	}
	return PutAside, side.Sequence
}

// leaves returns the first act beside the line on the way to one that is beside it.
func (s *State) leaves(id ActID) Act {
	a := s.act(id).act
	for s.beside[a.Previous] {
		a = s.act(a.Previous).act
	}
	return a
}

// amendment returns the act that words a proposal, what it says of its amendment, and
// the number of the revision that it amends.
func (s *State) amendment(wording ActID) (v Verified, m Amendment, base uint64) {
	v = s.act(wording)
	switch c := v.act.Content.(type) {
	case Propose:
		m = c.Amendment
	case Supersede:
		m = c.Amendment
	}
	return v, m, s.revisionOf(m.Base)
}

// revisionOf returns the number of the revision that an act published; 0 for any
// other act.
func (s *State) revisionOf(act ActID) uint64 {
	return uint64(1 + slices.IndexFunc(s.Revisions, func(r Revision) bool { return r.Act == act }))
}

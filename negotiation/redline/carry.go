package redline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Outcome is what became of a proposal when its base was revised.
type Outcome uint8

// The outcomes.
const (
	Applies      Outcome = iota // every change of it applies to the new text
	Incorporated                // the new text has every change of it
	InPart                      // the new text has some, the others apply
	ToBeRevised                 // the place of some change is gone
)

var outcomeNames = [...]string{"applies", "incorporated", "in part", "to be revised"}

// String returns "applies", "incorporated", "in part" or "to be revised".
func (o Outcome) String() string {
	if int(o) >= len(outcomeNames) {
		return fmt.Sprintf("outcome %d", uint8(o))
	}
	return outcomeNames[o]
}

// MarshalText encodes o as String does, for JSON.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Carried is a proposal's edits after a passage.
type Carried struct {
	Outcome Outcome
	Edits   Edits           // what applies to the new text; empty if the proposal is to be revised
	Changes []CarriedChange // every change of the proposal, in the order of the old text
}

// A CarriedChange is one change of a proposal, and what became of it.
type CarriedChange struct {
	Outcome   Outcome `json:"outcome"`           // applies, incorporated, or to be revised because its place is gone
	Paragraph int     `json:"paragraph"`         // of the old text, or the one after the gap of an insertion; from 0
	Before    string  `json:"before,omitempty"`  // the words that it replaces
	After     string  `json:"after,omitempty"`   // the words that it puts there
	Inserts   bool    `json:"inserts,omitempty"` // it puts a new or moved paragraph there
	Deletes   bool    `json:"deletes,omitempty"` // it takes out the paragraph
	Moves     bool    `json:"moves,omitempty"`   // and inserts it elsewhere
}

// Carry returns what becomes of edits of the old text. Each change is judged by
// itself, against the old text and the chair's changes of it:
//
//   - One that overlaps nothing that the chair changed, or only white space that
//     the chair wrapped, applies. It follows its paragraph through moves, splits
//     and joins.
//   - One whose place the chair made to read just as the proposal wants it is
//     satisfied.
//   - One that only wraps lines differently is dropped where it does not apply.
//   - Any other is gone, and so is one right beside a paragraph break that the
//     chair made or took away. It is never bent to fit.
//
// A passage that changes nothing returns the edits as they are, and one that
// does exactly what the proposal does incorporates it. What becomes of one
// proposal does not depend on any other. It takes time in the size of the
// edits and of the paragraphs that they change.
func (p *Passage) Carry(e Edits) Carried {
	c := carrying{Passage: p, edits: e, stands: p.standing(e), arrives: map[int]bool{}, hunks: map[int][]Hunk{}}
	for i, in := range e.Inserted {
		if in.From != none && c.stands[i] != none {
			c.arrives[in.From] = true
		}
	}
	for rest := e.Paragraphs; len(rest) > 0; {
		n := c.together(rest)
		c.paragraphs(rest[:n])
		rest = rest[n:]
	}
	c.insertions()
	return c.result()
}

// carrying is the state of one Carry.
type carrying struct {
	*Passage
	edits   Edits
	stands  []int        // of standing
	arrives map[int]bool // the paragraphs moved by edits that stand where these move them

	out     Edits
	hunks   map[int][]Hunk // that apply, by paragraph of next
	changes []CarriedChange
}

func (c *carrying) result() Carried {
	for i, hunks := range c.hunks {
		slices.SortStableFunc(hunks, func(a, b Hunk) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
		})
		if hunks = normal(c.next[i], hunks); len(hunks) > 0 {
			c.out.Paragraphs = append(c.out.Paragraphs, ParagraphEdit{Index: i, Hunks: hunks})
		}
	}
	c.out.settle()
	slices.SortStableFunc(c.changes, func(a, b CarriedChange) int { return cmp.Compare(a.Paragraph, b.Paragraph) })
	done := Carried{Outcome: Applies, Edits: c.out, Changes: c.changes}
	became := func(o Outcome) bool {
		return slices.ContainsFunc(c.changes, func(change CarriedChange) bool { return change.Outcome == o })
	}
	switch {
	case became(ToBeRevised):
		done.Outcome, done.Edits = ToBeRevised, Edits{}
	case c.out.Empty() && !c.edits.Empty():
		done.Outcome = Incorporated
	case became(Incorporated):
		done.Outcome = InPart
	}
	return done
}

// record notes what became of the deletion, or the hunks, of an edit.
func (c *carrying) record(o Outcome, e ParagraphEdit) {
	if e.Deleted {
		c.changes = append(c.changes, CarriedChange{Outcome: o, Paragraph: e.Index, Before: c.base[e.Index], Deletes: true, Moves: e.Moved})
	}
	for _, h := range e.Hunks {
		c.recordHunk(o, e.Index, h)
	}
}

// recordHunk notes what became of a hunk, unless it only wraps lines.
func (c *carrying) recordHunk(o Outcome, paragraph int, h Hunk) {
	old := c.base[paragraph] + Break
	if !h.wraps(old) {
		c.changes = append(c.changes, CarriedChange{Outcome: o, Paragraph: paragraph, Before: old[h.Start:h.End], After: h.Text})
	}
}

// together returns how many of the next edits are judged at once: those of
// paragraphs that the chair joined.
func (c *carrying) together(edits []ParagraphEdit) int {
	at := c.at[edits[0].Index]
	n := 1
	for c.grounds[at].Kind == Join && n < len(edits) && c.at[edits[n].Index] == at && !edits[0].Deleted && !edits[n].Deleted {
		n++
	}
	return n
}

// paragraphs carries over what edits do to the paragraphs of one ground.
func (c *carrying) paragraphs(edits []ParagraphEdit) {
	e := edits[0]
	g := &c.grounds[c.at[e.Index]]
	unchanged := g.Kind == Keep || g.Kind == Move && len(g.hunks) == 0
	applies := func() {
		c.record(Applies, e)
		e.Index = g.first + e.Index - g.From
		c.out.Paragraphs = append(c.out.Paragraphs, e)
	}
	switch {
	case e.Moved && g.Kind == Move:
		if !c.arrives[e.Index] {
			c.record(ToBeRevised, e)
			return
		}
		c.record(Incorporated, e)
	case e.Deleted && !e.Moved && g.Kind == Delete:
		c.record(Incorporated, e)
	case e.Deleted && unchanged && (g.Kind == Keep || !e.Moved):
		applies()
	case e.Deleted || g.Kind == Delete:
		c.record(ToBeRevised, e)
	case unchanged && (!joins(c.base[e.Index], e.Hunks) || c.adjoin(g.only(e.Index))):
		applies()
	default:
		c.carryHunks(g, edits)
	}
}

// carryHunks sweeps the hunks of edits and the chair's together, and sorts out
// which apply, which are satisfied and which are gone.
func (c *carrying) carryHunks(g *ground, edits []ParagraphEdit) {
	if g.Kind == Keep {
		i := edits[0].Index
		g = g.only(i)
		g.before = c.base[i : i+1]
		g.after = g.before
	}
	old := strings.Join(g.before, Break) + Break
	var chair, party Proposal
	var placed []placedHunk
	for _, h := range g.hunks {
		placed = append(placed, placedHunk{h, &chair})
	}
	type origin struct {
		paragraph int
		hunk      Hunk
	}
	var origins []origin // of the party's hunks, in their order
	starts, arrivals := offsets(g.before), offsets(g.after)
	for _, e := range edits {
		start := starts[e.Index-g.From]
		for _, h := range e.Hunks {
			placed = append(placed, placedHunk{Hunk{h.Start + start, h.End + start, h.Text}, &party})
			origins = append(origins, origin{e.Index, h})
		}
	}
	before, behind := g.breaks(old)
	shift := 0
	for _, cl := range clusters(old, placed) {
		theirs := cl.count(&chair) > 0
		agreed := theirs && cl.agree(old, &party, &chair)
		applies := !theirs && !before[cl.end] && !behind[cl.start] && (cl.end < len(old) || c.adjoin(g))
		if theirs && !cl.wraps && cl.wrappedBy(old, &chair) {
			grown := len(cl.text(old, &chair)) - (cl.end - cl.start)
			c.place(g, arrivals, Hunk{cl.start + shift, cl.end + shift + grown, cl.text(old, &party)})
			shift += grown
			for range cl.count(&party) {
				c.recordHunk(Applies, origins[0].paragraph, origins[0].hunk)
				origins = origins[1:]
			}
			continue
		}
		for _, h := range cl.hunks {
			if h.proposal == &chair {
				shift += len(h.Text) - (h.End - h.Start)
				continue
			}
			from := origins[0]
			origins = origins[1:]
			outcome := ToBeRevised
			switch {
			case applies:
				outcome = Applies
				c.place(g, arrivals, Hunk{h.Start + shift, h.End + shift, h.Text})
			case agreed:
				outcome = Incorporated
			}
			c.recordHunk(outcome, from.paragraph, from.hunk)
		}
	}
}

// breaks returns the bytes of old right before and right behind which the chair made
// or took away a paragraph break, so that it is unsure on which side of it a change
// that ends or begins there belongs.
func (g *ground) breaks(old string) (before, behind map[int]bool) {
	before, behind = map[int]bool{}, map[int]bool{}
	for _, h := range g.hunks {
		if strings.Contains(old[h.Start:h.End]+h.Text, Break) {
			before[h.Start], behind[h.End] = true, true
		}
	}
	return before, behind
}

// only returns the ground of one paragraph that g keeps or moves.
func (g *ground) only(i int) *ground {
	return &ground{Step: Step{g.Kind, i, i + 1, nil}, first: g.first + i - g.From}
}

// adjoin reports whether what stood behind the last paragraph of g still does.
func (p *Passage) adjoin(g *ground) bool {
	if g.To == len(p.base) {
		return false
	}
	next := &p.grounds[p.at[g.To]]
	return next.Gives() > 0 && next.first+g.To-next.From == g.first+g.Gives()
}

// place puts a hunk that applies, at its bytes of what g gives, into the paragraph
// there. Each begins at one of some offsets.
func (c *carrying) place(g *ground, offsets []int, h Hunk) {
	after, _ := slices.BinarySearch(offsets, h.Start+1)
	i := after - 1
	if i < len(g.after) {
		h.Start -= offsets[i]
		h.End -= offsets[i]
		c.hunks[g.first+i] = append(c.hunks[g.first+i], h)
	}
}

// insertions carries over the paragraphs that the edits insert.
func (c *carrying) insertions() {
	gap, place := none, 0
	for i, in := range c.edits.Inserted {
		if in.Gap != gap {
			gap, place = in.Gap, c.gaps[in.Gap]
		}
		outcome := Applies
		switch at := c.stands[i]; {
		case at != none:
			outcome = Incorporated
			place = max(place, at+1)
		case place == none || in.From != none && c.grounds[c.at[in.From]].Kind == Move:
			outcome = ToBeRevised
		}
		c.changes = append(c.changes, CarriedChange{Outcome: outcome, Paragraph: in.Gap, After: in.Text, Inserts: true, Moves: in.From != none})
		if outcome == Applies {
			if in.From != none {
				in.From = c.continued[in.From]
			}
			in.Gap = place
			c.out.Inserted = append(c.out.Inserted, in)
		}
	}
}

// standing returns for each insertion of e the paragraph of next that has the
// same words, among those that the chair put in its gap; none if there is none.
func (p *Passage) standing(e Edits) []int {
	at := make([]int, len(e.Inserted))
	gap, from, to := none, 0, 0
	for i, in := range e.Inserted {
		at[i] = none
		if in.Gap != gap {
			gap = in.Gap
			if from, to = 0, 0; p.around[gap] != none {
				from, to = p.freshFrom[p.around[gap]], p.freshTo[p.around[gap]]
			}
		}
		equals := p.newcomers[newcomerOf(in.Text, in.From)]
		n, _ := slices.BinarySearch(equals, from)
		if n < len(equals) && equals[n] < to && (in.From == none || p.next[equals[n]] == in.Text || p.movedAs(in)) {
			at[i], from = equals[n], equals[n]+1
		}
	}
	return at
}

// movedAs reports whether the chair, who moved the same paragraph as in does,
// changed in it what in changes, and perhaps more.
func (p *Passage) movedAs(in Insertion) bool {
	old := p.base[in.From]
	var chair, mover Proposal
	var placed []placedHunk
	for _, h := range p.grounds[p.at[in.From]].hunks {
		placed = append(placed, placedHunk{h, &chair})
	}
	for _, h := range hunksBetween(old, in.Text) {
		placed = append(placed, placedHunk{h, &mover})
	}
	return !slices.ContainsFunc(clusters(old, placed), func(c cluster) bool {
		return c.count(&mover) > 0 && !c.agree(old, &mover, &chair)
	})
}

package redline

import (
	"cmp"
	"fmt"
	"reflect"
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
	Edits   Edits  // what applies to the new text; empty if the proposal is to be revised
	Gone    []Loss // the changes whose place is gone, in the order of the old text
}

// A Loss is a change whose place is gone.
type Loss struct {
	Paragraph int    `json:"paragraph"`         // of the old text, or the one after the gap of an insertion
	Before    string `json:"before,omitempty"`  // the words that it would replace
	After     string `json:"after,omitempty"`   // the words that it would put there
	Deletes   bool   `json:"deletes,omitempty"` // it would take out the paragraph
}

// Carry returns what becomes of edits of the old text. Each change is judged by
// itself, against the old text and the chair's changes of it:
//
//   - One that overlaps nothing that the chair changed applies. It follows its
//     paragraph through moves, splits and joins.
//   - One whose place the chair made to read just as the proposal wants it is
//     satisfied.
//   - Any other is gone, and so is one right beside a paragraph break that the
//     chair made or took away. It is never bent to fit.
//
// A passage that changes nothing returns the edits as they are, and one that
// does exactly what the proposal does incorporates it. What becomes of one
// proposal does not depend on any other. It takes time in the size of the
// edits and of the paragraphs that they change.
func (p *Passage) Carry(e Edits) Carried {
	c := carrying{Passage: p, edits: e, stands: p.standing(e), hunks: map[int][]Hunk{}}
	for _, edit := range e.Paragraphs {
		c.paragraph(edit)
	}
	c.insertions()
	return c.result()
}

// carrying is the state of one Carry.
type carrying struct {
	*Passage
	edits  Edits
	stands []int // of standing

	out       Edits
	hunks     map[int][]Hunk // that apply, by paragraph of next
	satisfied int
	gone      []Loss
}

func (c *carrying) result() Carried {
	for i, hunks := range c.hunks {
		slices.SortStableFunc(hunks, func(a, b Hunk) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
		})
		if hunks = normal(c.next[i], hunks); len(hunks) > 0 {
			c.out.Paragraphs = append(c.out.Paragraphs, ParagraphEdit{Index: i, Hunks: hunks, Kind: Change})
		}
	}
	c.out.settle()
	switch {
	case len(c.gone) > 0:
		slices.SortStableFunc(c.gone, func(a, b Loss) int { return cmp.Compare(a.Paragraph, b.Paragraph) })
		return Carried{Outcome: ToBeRevised, Gone: c.gone}
	case c.satisfied == 0:
		return Carried{Outcome: Applies, Edits: c.out}
	case c.out.Empty():
		return Carried{Outcome: Incorporated}
	}
	return Carried{Outcome: InPart, Edits: c.out}
}

// lose records the changes of an edit as gone.
func (c *carrying) lose(e ParagraphEdit) {
	if e.Deleted {
		c.gone = append(c.gone, Loss{Paragraph: e.Index, Before: c.base[e.Index], Deletes: true})
	}
	for _, h := range e.Hunks {
		c.loseHunk(e.Index, h)
	}
}

func (c *carrying) loseHunk(paragraph int, h Hunk) {
	c.gone = append(c.gone, Loss{Paragraph: paragraph, Before: c.base[paragraph][h.Start:h.End], After: h.Text})
}

// paragraph carries over what e does to one paragraph.
func (c *carrying) paragraph(e ParagraphEdit) {
	g := &c.grounds[c.at[e.Index]]
	place := g.first + e.Index - g.From // of an unchanged paragraph
	unchanged := g.Kind == Keep || g.Kind == Move && len(g.hunks) == 0
	switch {
	case g.Kind == Move && e.Kind == Move:
		i := slices.IndexFunc(c.edits.Inserted, func(in Insertion) bool { return in.From == e.Index })
		if i < 0 || c.stands[i] == none {
			c.lose(e)
			return
		}
		c.satisfied++
	case g.Kind == Move && (e.Kind == Split || e.Kind == Join):
		c.lose(e)
	case unchanged && (!e.Deleted || g.Kind == Keep || e.Kind == Delete):
		e.Index = place
		c.out.Paragraphs = append(c.out.Paragraphs, e)
	case g.Kind == Delete && e.Deleted && e.Kind != Move:
		c.satisfied++
	case g.Kind == e.Kind && (g.Kind == Split || g.Kind == Join) && c.agrees(g):
		c.satisfied++
	case e.Deleted || g.Kind == Delete || g.Kind == Split && e.Kind == Split || g.Kind == Join && e.Kind == Join:
		c.lose(e)
	default:
		c.carryHunks(g, e)
	}
}

// agrees reports whether the edits do with the paragraphs of g what the chair
// did with them.
func (c *carrying) agrees(g *ground) bool {
	of := func(e Edits) []ParagraphEdit {
		lo, _ := slices.BinarySearchFunc(e.Paragraphs, g.From, byIndex)
		hi, _ := slices.BinarySearchFunc(e.Paragraphs, g.To, byIndex)
		return e.Paragraphs[lo:hi]
	}
	return reflect.DeepEqual(of(c.edits), of(c.chair))
}

func byIndex(e ParagraphEdit, i int) int { return cmp.Compare(e.Index, i) }

// carryHunks sweeps the hunks of e and the chair's together, and sorts out
// which apply, which are satisfied and which are gone.
func (c *carrying) carryHunks(g *ground, e ParagraphEdit) {
	old := strings.Join(g.before, lineBreak)
	start := offset(g.before, e.Index-g.From)
	var chair, party Proposal
	var placed []placedHunk
	for _, h := range g.hunks {
		placed = append(placed, placedHunk{h, &chair, g.Kind})
	}
	for _, h := range e.Hunks {
		placed = append(placed, placedHunk{Hunk{h.Start + start, h.End + start, h.Text}, &party, e.Kind})
	}
	shift := 0
	for _, cl := range clusters(placed) {
		mine, theirs := 0, 0
		for _, h := range cl.hunks {
			if h.proposal == &party {
				mine++
			} else {
				theirs++
			}
		}
		agreed := theirs > 0 && cl.text(old, &party) == cl.text(old, &chair)
		applies := theirs == 0 && !g.breaks(old, cl.start, cl.end)
		for _, h := range cl.hunks {
			switch {
			case h.proposal == &chair:
				shift += len(h.Text) - (h.End - h.Start)
			case applies:
				c.place(g, Hunk{h.Start + shift, h.End + shift, h.Text})
			case agreed:
				c.satisfied++
			default:
				c.loseHunk(e.Index, Hunk{h.Start - start, h.End - start, h.Text})
			}
		}
	}
}

// breaks reports whether the chair made or took away a paragraph break right
// beside the bytes [start, end) of old, so that it is unsure on which side of
// it a change of them belongs.
func (g *ground) breaks(old string, start, end int) bool {
	return slices.ContainsFunc(g.hunks, func(h Hunk) bool {
		return (h.Start == end || h.End == start) && strings.Contains(old[h.Start:h.End]+h.Text, lineBreak)
	})
}

// place puts a hunk that applies, at its bytes of what g gives, into the
// paragraph there.
func (c *carrying) place(g *ground, h Hunk) {
	for i, text := range g.after {
		if h.Start <= len(text) {
			c.hunks[g.first+i] = append(c.hunks[g.first+i], h)
			return
		}
		h.Start -= len(text) + len(lineBreak)
		h.End -= len(text) + len(lineBreak)
	}
}

// insertions carries over the paragraphs that the edits insert.
func (c *carrying) insertions() {
	gap, place := none, 0
	for i, in := range c.edits.Inserted {
		if in.Gap != gap {
			gap, place = in.Gap, c.gaps[in.Gap]
		}
		switch at := c.stands[i]; {
		case at != none:
			c.satisfied++
			place = max(place, at+1)
		case place == none || in.From != none && c.grounds[c.at[in.From]].Kind == Move:
			c.gone = append(c.gone, Loss{Paragraph: in.Gap, After: in.Text})
		default:
			if in.From != none {
				in.From = slices.Index(c.lineage, in.From)
			}
			in.Gap = place
			c.out.Inserted = append(c.out.Inserted, in)
		}
	}
}

// standing returns for each insertion of e the paragraph of next that is the
// same, among those that the chair put in its gap; none if there is none.
func (p *Passage) standing(e Edits) []int {
	at := make([]int, len(e.Inserted))
	gap, from := none, 0
	for i, in := range e.Inserted {
		at[i] = none
		place := p.around(in.Gap)
		if place == none {
			continue
		}
		if in.Gap != gap {
			gap, from = in.Gap, place
			for from > 0 && p.fresh[from-1].is {
				from--
			}
		}
		for k := from; k < len(p.fresh) && (k < place || p.fresh[k].is); k++ {
			if p.next[k] == in.Text && p.fresh[k].moved == e.movedTo(in) {
				at[i], from = k, k+1
				break
			}
		}
	}
	return at
}

// around returns the place of a gap. Of a gap whose neighbours were both moved
// away it is the place of the next one, so that what the chair put there is
// found.
func (p *Passage) around(gap int) int {
	for gap < len(p.base) && p.gaps[gap] == none && p.grounds[p.at[gap]].Kind == Move {
		gap++
	}
	return p.gaps[gap]
}

// movedTo returns the paragraph that e moves by inserting in; none if in is
// not the end of a move.
func (e Edits) movedTo(in Insertion) int {
	if e.kind(in.From) != Move {
		return none
	}
	return in.From
}

// kind returns the kind of the edit of paragraph i; Keep if there is none.
func (e Edits) kind(i int) Kind {
	at, found := slices.BinarySearchFunc(e.Paragraphs, i, byIndex)
	if !found {
		return Keep
	}
	return e.Paragraphs[at].Kind
}

// traced returns in with From only if e moves or splits that paragraph: a split
// that leaves the words of its paragraph as they are is an insertion.
func (e Edits) traced(in Insertion) Insertion {
	if k := e.kind(in.From); k != Move && k != Split {
		in.From = none
	}
	return in
}

package negotiation

import (
	"cmp"
	"slices"
	"strings"

	"concord/negotiation/redline"
)

// A Clash is one place of the rolling text where proposals cannot all have their
// way.
type Clash struct {
	Paragraph int    // of the revision, counted from 0
	Over      Matter // what the sides disagree on

	// Sides are two or more; each is the IDs of proposals that want the same
	// there, sorted. Over Existence the first wants the paragraph out; over Moving
	// the first moves it; over Breaks the first splits or joins.
	Sides [][]string
}

// Has reports whether a proposal is on one of the sides.
func (c Clash) Has(id string) bool {
	return slices.ContainsFunc(c.Sides, func(side []string) bool { return slices.Contains(side, id) })
}

// A Matter is what proposals that clash disagree on.
type Matter string

// The matters.
const (
	Words     Matter = "words"     // different words in one place
	Existence Matter = "existence" // one takes the paragraph out that another changes or moves
	Place     Matter = "place"     // they move the paragraph to different places, or with different words
	Moving    Matter = "moving"    // one moves the paragraph, and changes the same words as another
	Breaks    Matter = "breaks"    // one splits or joins what another moves, or joins it to one that is taken out or has something put before it
)

// Clashes returns where some of the proposals in a rolling text clash, by
// paragraph. Who moves a paragraph clashes with who changes its words only where
// the move changes them, too. It takes time in the size of the rolling text.
func Clashes(rolling redline.Document, proposals []redline.Proposal) []Clash {
	f := clashFinder{edits: make(map[string]redline.Edits, len(proposals))}
	for _, p := range proposals {
		f.edits[p.ID] = p.Edits
	}
	for _, p := range rolling.Paragraphs {
		f.take(p)
	}
	slices.SortStableFunc(f.found, func(a, b Clash) int { return cmp.Compare(a.Paragraph, b.Paragraph) })
	return f.found
}

// A clashFinder goes through the paragraphs of a rolling text.
type clashFinder struct {
	edits   map[string]redline.Edits // of the proposals in question
	joining []string                 // who joins the paragraph before to what follows
	between []string                 // who puts a paragraph before what follows
	last    int                      // the paragraph of the revision that was taken last
	found   []Clash
}

func (f *clashFinder) take(p redline.Paragraph) {
	if p.Base < 0 {
		f.between = append(f.between, f.known(p.Segments[0].Dispute.Alternatives[1])...)
		return
	}
	var out, movers, changing, breaking, joining []string
	for _, segment := range p.Segments {
		if segment.Dispute == nil {
			continue
		}
		var sides [][]string
		base := segment.Dispute.Alternatives[0].Text
		for _, a := range segment.Dispute.Alternatives[1:] {
			who := f.known(a)
			sides = append(sides, who)
			changing = append(changing, who...)
			if strings.Contains(base+a.Text, redline.Break) {
				breaking = append(breaking, who...)
			}
			if strings.HasSuffix(base, redline.Break) && !strings.HasSuffix(a.Text, redline.Break) {
				joining = append(joining, who...)
			}
		}
		f.add(p.Base, Words, sides...)
	}
	if p.Fate != nil {
		for _, a := range p.Fate.Alternatives[1:] {
			if a.Moved {
				movers = f.known(a)
			} else {
				out = f.known(a)
			}
		}
	}
	gone := slices.Concat(out, movers)
	f.add(p.Base, Existence, out, slices.Concat(changing, movers))
	f.add(p.Base, Place, f.byDestination(p.Base, movers)...)
	f.add(p.Base, Breaks, breaking, movers)
	f.addReworded(p, movers, changing)
	f.add(f.last, Breaks, f.joining, without(slices.Concat(gone, f.between), f.joining))
	f.joining, f.between, f.last = joining, nil, p.Base
}

// known returns who of the proposals in question wants an alternative.
func (f *clashFinder) known(a redline.Alternative) []string {
	return slices.DeleteFunc(slices.Clone(a.Proposals), func(id string) bool {
		_, ok := f.edits[id]
		return !ok
	})
}

// byDestination groups those who move a paragraph by what they make of it.
func (f *clashFinder) byDestination(paragraph int, movers []string) [][]string {
	var places []redline.Insertion
	var sides [][]string
	for _, id := range movers {
		for _, in := range f.edits[id].Inserted {
			if in.From != paragraph {
				continue
			}
			i := slices.IndexFunc(places, func(p redline.Insertion) bool { return p.Gap == in.Gap && p.Text == in.Text })
			if i < 0 {
				i = len(places)
				places, sides = append(places, in), append(sides, nil)
			}
			sides[i] = append(sides[i], id)
		}
	}
	return sides
}

// addReworded takes up the clashes of those who move a paragraph with other words
// and those who change its words where it stands.
func (f *clashFinder) addReworded(p redline.Paragraph, movers, changing []string) {
	base := []string{baseOf(p)}
	var moved, all []redline.Proposal
	for _, id := range movers {
		for _, in := range f.edits[id].Inserted {
			if in.From != p.Base || in.Text == base[0] {
				continue
			}
			if edits, err := redline.Compare(base, []string{in.Text}).Edits(base); err == nil {
				moved = append(moved, redline.Proposal{ID: id, Edits: edits})
			}
		}
	}
	if len(moved) == 0 {
		return
	}
	slices.Sort(changing)
	for _, id := range slices.Compact(changing) {
		for _, edit := range f.edits[id].Paragraphs {
			if edit.Index == p.Base {
				edit.Index = 0
				all = append(all, redline.Proposal{ID: id, Edits: redline.Edits{Paragraphs: []redline.ParagraphEdit{edit}}})
			}
		}
	}
	for _, m := range moved {
		both := append(slices.Clone(all), m)
		for _, clash := range Clashes(redline.Rolling(base, both), both) {
			if clash.Has(m.ID) {
				f.add(p.Base, Moving, []string{m.ID}, without(slices.Concat(clash.Sides...), []string{m.ID}))
			}
		}
	}
}

// baseOf returns the words that the revision has for a paragraph.
func baseOf(p redline.Paragraph) string {
	var b strings.Builder
	for _, segment := range p.Segments {
		if segment.Dispute != nil {
			b.WriteString(segment.Dispute.Alternatives[0].Text)
		} else {
			b.WriteString(segment.Text)
		}
	}
	return strings.TrimSuffix(b.String(), redline.Break)
}

// add takes up a clash if there is more than one side to it.
func (f *clashFinder) add(paragraph int, over Matter, sides ...[]string) {
	sides = slices.DeleteFunc(slices.Clone(sides), func(side []string) bool { return len(side) == 0 })
	if len(sides) < 2 {
		return
	}
	for i, side := range sides {
		side = slices.Clone(side)
		slices.Sort(side)
		sides[i] = slices.Compact(side)
	}
	f.found = append(f.found, Clash{paragraph, over, sides})
}

// without returns ids but for the others.
func without(ids, others []string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(others, id) })
}

// Clashes returns where live proposals clash when they are accepted together.
func (s *State) Clashes(accept ...ProposalID) []Clash {
	var proposals []redline.Proposal
	for _, id := range accept {
		if p, err := s.Proposal(id); err == nil && p.Status == Live {
			proposals = append(proposals, redline.Proposal{ID: id.String(), Edits: p.edits})
		}
	}
	return Clashes(s.Rolling, proposals)
}

package redline

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Take returns the text with the alternatives of the named proposals taken.
// Take() is the base, and Take with one proposal is exactly that proposal's
// text. Where two of several collide in a dispute, that dispute goes to the one
// named first. A paragraph that one proposal moves and others edit is moved with
// their edits, but for those that overlap what the move itself changes. It takes
// time in the size of the document.
func (d Document) Take(ids ...string) []string { return d.Edits(ids...).Apply(d.base()) }

// Redline returns the redline that leads from the base to Take of the same
// proposals. It consists of their own edits, so that whoever carries the
// proposals over it finds each of them, where a comparison of the two texts may
// explain them by other edits. It takes time as [Edits.Redline] does.
func (d Document) Redline(ids ...string) Redline { return d.Edits(ids...).Redline(d.base()) }

// Edits returns the edits of the base that Take makes: those of the named
// proposals, without what loses a dispute. It takes time in the size of the
// document.
func (d Document) Edits(ids ...string) Edits {
	rank := make(ranking, len(ids))
	for i := len(ids) - 1; i >= 0; i-- {
		rank[ids[i]] = i
	}
	return d.choose(rank.choose, rank)
}

// choose returns the edits that a choice makes of every dispute.
func (d Document) choose(choice func(*Dispute) []wish, rank ranking) Edits {
	var e Edits
	movers := map[int]string{} // who has its way with a paragraph that is moved
	hunks := map[int][]Hunk{}  // what others change in it
	for _, p := range d.Paragraphs {
		if p.Base == none {
			continue
		}
		edit, editor := p.edited(choice, rank)
		if p.Fate != nil {
			if gone := choice(p.Fate); len(gone) > 0 {
				moved := p.Fate.moves(gone[0])
				if moved {
					movers[p.Base] = gone[0].proposal
					hunks[p.Base] = edit.Hunks
				}
				if moved || editor == nobody || rank[gone[0].proposal] < editor {
					edit = ParagraphEdit{Index: p.Base, Deleted: true, Moved: moved}
				}
			}
		}
		if edit.Deleted || len(edit.Hunks) > 0 {
			e.Paragraphs = append(e.Paragraphs, edit)
		}
	}
	base := d.base()
	gap := 0
	for _, p := range d.Paragraphs {
		if p.Base != none {
			gap = p.Base + 1
			continue
		}
		in, ok := taken(choice(p.Segments[0].Dispute), movers)
		if !ok {
			continue
		}
		in.Gap, in.dispute = gap, p.Segments[0].Dispute
		if in.From != none {
			in.hunks, _ = movedWith(base[in.From], in.Text, hunks[in.From])
			in.Text = replace(base[in.From], in.hunks)
		}
		e.Inserted = append(e.Inserted, in)
	}
	e.part(base)
	return e
}

// moves reports whether a wish in the fate of a paragraph moves it.
func (d *Dispute) moves(w wish) bool {
	return slices.ContainsFunc(d.Alternatives, func(a Alternative) bool {
		return a.Moved && slices.ContainsFunc(a.wishes, func(b wish) bool { return b.proposal == w.proposal })
	})
}

// movedWith returns what changes in a paragraph that is moved: what the move
// changes itself, and the hunks of others but for those that overlap it. It
// reports whether there are any of these, or any that split or join the paragraph,
// which a move cannot.
func movedWith(base, moved string, others []Hunk) (hunks []Hunk, overlap bool) {
	var mover, other Proposal
	var placed []placedHunk
	for _, h := range hunksBetween(base, moved) {
		placed = append(placed, placedHunk{h, &mover})
	}
	for _, h := range others {
		if h.End > len(base) || strings.Contains(h.Text, Break) {
			overlap = true
			continue
		}
		placed = append(placed, placedHunk{h, &other})
	}
	for _, c := range clusters(base, placed) {
		mine := c.count(&mover) > 0
		overlap = overlap || mine && c.count(&other) > 0 && !c.agree(base, &mover, &other)
		for _, h := range c.hunks {
			if !mine || h.proposal == &mover {
				hunks = append(hunks, h.Hunk)
			}
		}
	}
	return hunks, overlap
}

// hunksBetween returns the hunks that lead from one wording of a paragraph to
// another.
func hunksBetween(old, new string) []Hunk {
	if old == new {
		return nil
	}
	w := work(exactWork)
	a, b := Tokens(old), Tokens(new)
	return bytesOf(a, b, w.matchTokens(a, b).hunks(a, b))
}

// part drops what joins a paragraph to one that is deleted.
func (e *Edits) part(base []string) {
	for i := range e.Paragraphs {
		p := &e.Paragraphs[i]
		if i+1 < len(e.Paragraphs) && e.Paragraphs[i+1].Index == p.Index+1 && e.Paragraphs[i+1].Deleted && joins(base[p.Index], p.Hunks) &&
			!strings.HasSuffix(p.Hunks[len(p.Hunks)-1].Text, Break) { // which puts the break back
			p.Hunks = p.Hunks[:len(p.Hunks)-1]
		}
	}
	e.Paragraphs = slices.DeleteFunc(e.Paragraphs, func(p ParagraphEdit) bool { return !p.Deleted && len(p.Hunks) == 0 })
}

// base returns the text that the proposals of d are for.
func (d Document) base() []string {
	text := []string{}
	for _, p := range d.Paragraphs {
		if p.Base == none {
			continue
		}
		var whole strings.Builder
		for _, s := range p.Segments {
			whole.WriteString(s.base())
		}
		text = append(text, strings.TrimSuffix(whole.String(), Break))
	}
	return text
}

// A ranking gives the proposals to be taken their rank; the least comes first.
type ranking map[string]int

// nobody is a rank behind all others.
const nobody = math.MaxInt

// choose returns what the proposals do at d that have their way there: those
// behind the alternative of the one with the least rank, which comes first. Who
// only wraps lines comes behind all that want other words, and wraps them beside
// these.
func (rank ranking) choose(d *Dispute) []wish {
	var chosen, wraps []wish
	for _, a := range d.Alternatives {
		ranked := rank.sorted(a.wishes)
		switch {
		case a.Base:
			wraps = ranked
		case len(ranked) > 0 && (len(chosen) == 0 || rank[ranked[0].proposal] < rank[chosen[0].proposal]):
			chosen = ranked
		}
	}
	if len(chosen) == 0 {
		return wraps
	}
	for _, w := range wraps {
		chosen[0].hunks = beside(chosen[0].hunks, w.hunks)
	}
	return chosen
}

// sorted returns the wishes of the proposals to be taken, by their rank.
func (rank ranking) sorted(wishes []wish) []wish {
	ranked := slices.DeleteFunc(slices.Clone(wishes), func(w wish) bool {
		_, ok := rank[w.proposal]
		return !ok
	})
	slices.SortFunc(ranked, func(a, b wish) int { return cmp.Compare(rank[a.proposal], rank[b.proposal]) })
	return ranked
}

// beside returns hunks with those of others that overlap none of them.
func beside(hunks, others []Hunk) []Hunk {
	all := slices.Clone(hunks)
	for _, h := range others {
		if !slices.ContainsFunc(hunks, func(g Hunk) bool { return g.Start < h.End && h.Start < g.End }) {
			all = append(all, h)
		}
	}
	slices.SortStableFunc(all, func(a, b Hunk) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	return all
}

// taken returns the insertion of a new paragraph by those who have their way,
// if it is taken. One that moves it there comes before others; who moves a
// paragraph that another deletes or moves elsewhere has not its way.
func taken(chosen []wish, movers map[int]string) (Insertion, bool) {
	var found Insertion
	ok := false
	for _, c := range chosen {
		from := c.insertion.From
		switch {
		case from == none && !ok:
			found, ok = c.insertion, true
		case from != none && movers[from] == c.proposal && (!ok || found.From == none):
			found, ok = c.insertion, true
		}
	}
	return found, ok
}

// edited returns what becomes of the words of a paragraph of the base, and the
// least rank of those who change them; nobody if none does.
func (p Paragraph) edited(choice func(*Dispute) []wish, rank ranking) (ParagraphEdit, int) {
	e, editor := ParagraphEdit{Index: p.Base}, nobody
	for _, s := range p.Segments {
		d := s.Dispute
		if d == nil {
			d = s.wraps
		}
		if d == nil {
			continue
		}
		chosen := choice(d)
		if len(chosen) == 0 {
			continue
		}
		e.Hunks = append(e.Hunks, chosen[0].hunks...)
		if s.Dispute != nil {
			editor = min(editor, rank[chosen[0].proposal])
		}
	}
	return e, editor
}

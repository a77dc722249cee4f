package redline

import (
	"cmp"
	"slices"
	"strings"
)

// Take returns the text with the alternatives of the named proposals taken.
// Take() is the base, and Take with one proposal is exactly that proposal's
// text. Where two of several collide in a dispute, that dispute goes to the one
// named first. (A move is a deletion and an insertion: if it loses the first
// to a proposal that changes the paragraph, the paragraph stands in both
// places.) It takes time in the size of the document.
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
	var e Edits
	gap, owner := 0, ""
	for _, p := range d.Paragraphs {
		if p.Base == none {
			if in, ok := p.taken(rank); ok {
				in.Gap = gap
				e.Inserted = append(e.Inserted, in)
			}
			continue
		}
		gap = p.Base + 1
		edit, by := p.edited(rank)
		if !edit.Deleted && len(edit.Hunks) == 0 {
			continue
		}
		e.Paragraphs = append(e.Paragraphs, edit)
		if by != owner {
			e.part()
		}
		owner = by
	}
	return e
}

// part makes the last edit, if it is of a join and stands right behind another
// proposal's join, and that one, changes and deletions: together they may look
// like a join that nobody wants.
func (e *Edits) part() {
	last := len(e.Paragraphs) - 1
	lo := last
	for lo > 0 && e.Paragraphs[lo].Kind == Join && e.Paragraphs[lo-1].Kind == Join && e.Paragraphs[lo-1].Index == e.Paragraphs[lo].Index-1 {
		lo--
	}
	if lo == last {
		return
	}
	for i := range e.Paragraphs[lo:] {
		p := &e.Paragraphs[lo+i]
		p.Kind = Change
		if p.Deleted {
			p.Kind = Delete
		}
	}
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
		text = append(text, whole.String())
	}
	return text
}

// A ranking gives the proposals to be taken their rank; the least comes first.
type ranking map[string]int

// choose returns what the proposals do at d that have their way there: those
// behind the alternative of the one with the least rank, which comes first.
func (rank ranking) choose(d *Dispute) []wish {
	var chosen []wish
	for _, a := range d.Alternatives {
		var ranked []wish
		for _, c := range a.wishes {
			if _, ok := rank[c.proposal]; ok {
				ranked = append(ranked, c)
			}
		}
		slices.SortFunc(ranked, func(a, b wish) int { return cmp.Compare(rank[a.proposal], rank[b.proposal]) })
		if len(ranked) > 0 && (len(chosen) == 0 || rank[ranked[0].proposal] < rank[chosen[0].proposal]) {
			chosen = ranked
		}
	}
	return chosen
}

// taken returns the insertion of a new paragraph, if it is taken. Where several
// proposals insert it, one that moves it there or splits it off comes before
// others.
func (p Paragraph) taken(rank ranking) (Insertion, bool) {
	chosen := rank.choose(p.Segments[0].Dispute)
	if len(chosen) == 0 {
		return Insertion{}, false
	}
	i := slices.IndexFunc(chosen, func(c wish) bool { return c.insertion.From != none })
	return chosen[max(i, 0)].insertion, true
}

// edited returns what becomes of a paragraph of the base. It is a split or a
// join only if one proposal alone has made all of it. Of those who take the
// paragraph out, one that moves it comes first. The owner is the proposal, or
// the last of several, that has its way.
func (p Paragraph) edited(rank ranking) (e ParagraphEdit, owner string) {
	e.Index = p.Base
	for _, s := range p.Segments {
		if s.Dispute == nil {
			continue
		}
		chosen := rank.choose(s.Dispute)
		if len(chosen) == 0 {
			continue
		}
		first := chosen[0]
		if first.edit.Deleted {
			return ParagraphEdit{Index: p.Base, Deleted: true, Kind: outright(chosen)}, first.proposal
		}
		e.Hunks = append(e.Hunks, first.edit.Hunks...)
		if len(chosen) == 1 && (owner == "" || owner == first.proposal && e.Kind == first.edit.Kind) {
			e.Kind = first.edit.Kind
		} else {
			e.Kind = Change
		}
		owner = first.proposal
	}
	return e, owner
}

// outright returns the kind of the edit by which those who want a paragraph out
// take it out.
func outright(chosen []wish) Kind {
	switch {
	case slices.ContainsFunc(chosen, func(c wish) bool { return c.edit.Kind == Move }):
		return Move
	case len(chosen) > 1:
		return Delete
	}
	return chosen[0].edit.Kind
}

package redline

import (
	"cmp"
	"slices"
	"strings"
)

// Edits is what a redline does to its base in the form in which edits are
// merged and carried over: it does not depend on who computed the redline. A
// move is a deletion and an insertion; a split changes its paragraph to one of
// the parts and inserts the others, a join changes one of its paragraphs and
// deletes the others (see [Redline.Lineage] for which).
//
// Edits belong to the base that they were made for. Functions that are given
// another base may panic.
type Edits struct {
	Paragraphs []ParagraphEdit // by ascending Index, at most one for each
	Inserted   []Insertion     // by ascending Gap
}

// A ParagraphEdit is what happens to one paragraph of the base.
type ParagraphEdit struct {
	Index int // of the paragraph, counted from 0

	// Deleted says that the paragraph is taken out. Otherwise Hunks are what
	// changes in it: ascending, with at least one word or other token between
	// two of them. Those of [Document.Edits] may touch.
	Deleted bool
	Hunks   []Hunk

	Kind Kind // of the step: Change, Delete, Move, Split or Join
}

// A Hunk replaces the bytes [Start, End) of a paragraph by Text. It begins and
// ends where tokens do, in the old paragraph and in the new.
type Hunk struct {
	Start, End int
	Text       string
}

// An Insertion is a new paragraph in the gap before base paragraph Gap; the
// gap after the last one is the number of paragraphs. Where the paragraphs
// before a gap are deleted or moved away by the same edits, the insertion stands
// after them.
type Insertion struct {
	Gap  int
	Text string
	From int // the base paragraph that was moved here, or split off from; -1 for words that are new
}

// Empty reports whether e changes nothing.
func (e Edits) Empty() bool { return len(e.Paragraphs) == 0 && len(e.Inserted) == 0 }

// Edits brings r into its normal form. The error is that of [Redline.Apply].
// It takes time in the size of base and r.
func (r Redline) Edits(base []string) (Edits, error) {
	if _, err := r.Apply(base); err != nil {
		return Edits{}, err
	}
	var e Edits
	gap := 0
	for _, s := range r {
		e.add(s, gap)
		if s.Kind != Insert && s.Kind != Move {
			gap = s.To
		}
	}
	e.settle()
	return e, nil
}

// add takes up a step that stands in the given gap, or begins there.
func (e *Edits) add(s Step, gap int) {
	if s.Kind == Keep {
		return
	}
	before, after := s.sides()
	switch s.Kind {
	case Insert:
		e.Inserted = append(e.Inserted, Insertion{gap, after[0], none})
	case Delete:
		e.Paragraphs = append(e.Paragraphs, ParagraphEdit{Index: s.From, Deleted: true, Kind: Delete})
	case Move:
		e.Paragraphs = append(e.Paragraphs, ParagraphEdit{Index: s.From, Deleted: true, Kind: Move})
		e.Inserted = append(e.Inserted, Insertion{gap, after[0], s.From})
	default:
		old, new := s.main()
		for i := range before {
			p := ParagraphEdit{Index: s.From + i, Deleted: i != old, Kind: s.Kind}
			if i == old {
				p.Hunks = s.between(before, after, old, new)
			}
			if p.Deleted || len(p.Hunks) > 0 {
				e.Paragraphs = append(e.Paragraphs, p)
			}
		}
		for i, text := range after {
			switch {
			case i < new:
				e.Inserted = append(e.Inserted, Insertion{s.From, text, s.From})
			case i > new:
				e.Inserted = append(e.Inserted, Insertion{s.To, text, s.From})
			}
		}
	}
}

// settle brings the parts of e into order.
func (e *Edits) settle() {
	slices.SortFunc(e.Paragraphs, func(a, b ParagraphEdit) int { return cmp.Compare(a.Index, b.Index) })
	gone := map[int]bool{}
	for _, p := range e.Paragraphs {
		gone[p.Index] = p.Deleted && p.Kind != Join
	}
	for i, in := range e.Inserted {
		for gone[in.Gap] {
			in.Gap++
		}
		e.Inserted[i] = in
	}
	slices.SortStableFunc(e.Inserted, func(a, b Insertion) int { return cmp.Compare(a.Gap, b.Gap) })
}

// Apply returns the text that the redline of e gives. base is the one that e
// was made for. It takes time in the size of the texts.
func (e Edits) Apply(base []string) []string {
	text := make([]string, 0, len(base)+len(e.Inserted))
	in, ps := e.Inserted, e.Paragraphs
	for i := range len(base) + 1 {
		for ; len(in) > 0 && in[0].Gap == i; in = in[1:] {
			text = append(text, in[0].Text)
		}
		switch {
		case i == len(base):
		case len(ps) > 0 && ps[0].Index == i:
			if !ps[0].Deleted {
				text = append(text, replace(base[i], ps[0].Hunks))
			}
			ps = ps[1:]
		default:
			text = append(text, base[i])
		}
	}
	return text
}

// replace returns the paragraph with the hunks made.
func replace(old string, hunks []Hunk) string {
	var b strings.Builder
	at := 0
	for _, h := range hunks {
		b.WriteString(old[at:h.Start])
		b.WriteString(h.Text)
		at = h.End
	}
	b.WriteString(old[at:])
	return b.String()
}

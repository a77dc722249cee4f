package redline

import (
	"cmp"
	"slices"
	"strings"
)

// Edits is what a redline does to its base in the form in which edits are
// merged and carried over: it does not depend on who computed the redline. A
// move is a deletion and an insertion. A split is a hunk that inserts a [Break],
// a join one that deletes it.
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

	// Deleted says that the paragraph is taken out, because it is moved to the
	// place of an insertion or for good. Otherwise Hunks are what changes in it:
	// ascending, with at least one word or other token between two of them,
	// unless one of them only wraps lines. Those of [Document.Edits] may touch.
	Deleted bool
	Moved   bool
	Hunks   []Hunk
}

// A Hunk replaces the bytes [Start, End) of a paragraph by Text. It begins and
// ends where tokens do, in the old paragraph and in the new. The old paragraph
// ends with a [Break] here: a hunk that takes in the Break joins the paragraph
// to the next one. A Break in Text begins another paragraph.
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
	From int // the base paragraph that was moved here; -1 for words that are new

	hunks   []Hunk   // from base paragraph From to Text, where they were put together; nil where comparing tells
	dispute *Dispute // whose decision it is; nil if it is none
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
	switch s.Kind {
	case Keep:
	case Insert:
		_, after := s.sides()
		e.Inserted = append(e.Inserted, Insertion{Gap: gap, Text: after[0], From: none})
	case Delete:
		e.Paragraphs = append(e.Paragraphs, ParagraphEdit{Index: s.From, Deleted: true})
	case Move:
		_, after := s.sides()
		e.Paragraphs = append(e.Paragraphs, ParagraphEdit{Index: s.From, Deleted: true, Moved: true})
		e.Inserted = append(e.Inserted, Insertion{Gap: gap, Text: after[0], From: s.From})
	default:
		before, _ := s.sides()
		for i, hunks := range distribute(before, s.hunks(false)) {
			if len(hunks) > 0 {
				e.Paragraphs = append(e.Paragraphs, ParagraphEdit{Index: s.From + i, Hunks: hunks})
			}
		}
	}
}

// distribute gives each of some paragraphs its share of the hunks that are made
// in all of them, joined with Breaks. One that goes beyond a Break is cut behind
// it, and leaves its words in the first paragraph.
func distribute(paragraphs []string, hunks []Hunk) [][]Hunk {
	out := make([][]Hunk, len(paragraphs))
	at := 0 // where the paragraph begins
	for i, p := range paragraphs {
		end := at + len(p) + len(Break)
		for len(hunks) > 0 && hunks[0].Start < end {
			h := hunks[0]
			hunks = hunks[1:]
			if h.End > end {
				hunks = slices.Insert(slices.Clone(hunks), 0, Hunk{Start: end, End: h.End})
				h.End = end
			}
			out[i] = append(out[i], Hunk{h.Start - at, h.End - at, h.Text})
		}
		at = end
	}
	return out
}

// joins reports whether hunks of a paragraph take in the Break behind it.
func joins(paragraph string, hunks []Hunk) bool {
	n := len(hunks)
	return n > 0 && hunks[n-1].End > len(paragraph)
}

// settle brings the parts of e into order.
func (e *Edits) settle() {
	slices.SortFunc(e.Paragraphs, func(a, b ParagraphEdit) int { return cmp.Compare(a.Index, b.Index) })
	behind := map[int]int{} // the gap behind paragraphs that are gone
	for _, p := range slices.Backward(e.Paragraphs) {
		if p.Deleted {
			behind[p.Index] = cmp.Or(behind[p.Index+1], p.Index+1)
		}
	}
	for i := range e.Inserted {
		in := &e.Inserted[i]
		in.Gap = cmp.Or(behind[in.Gap], in.Gap)
	}
	slices.SortStableFunc(e.Inserted, func(a, b Insertion) int { return cmp.Compare(a.Gap, b.Gap) })
}

// Apply returns the text that the redline of e gives. base is the one that e
// was made for. Where a paragraph is joined to the next, what is inserted
// between the two stands behind both. It takes time in the size of the texts.
func (e Edits) Apply(base []string) []string {
	text := make([]string, 0, len(base)+len(e.Inserted))
	for _, b := range e.bundles(base) {
		for _, in := range b.ahead {
			text = append(text, in.Text)
		}
		text = append(text, b.texts()...)
	}
	return text
}

// A bundle is paragraphs of the base that become one text: one of them, or
// several that are joined.
type bundle struct {
	ahead []Insertion // what stands before it
	from  int         // the first paragraph
	base  []string
	edits []*ParagraphEdit // one for each of base; nil if it stands as it is
}

// bundles returns the whole base as bundles. The last has no paragraphs.
func (e Edits) bundles(base []string) []bundle {
	bundles := make([]bundle, 0, len(base)+1)
	in, ps := e.Inserted, e.Paragraphs
	for i := 0; i <= len(base); {
		b := bundle{from: i}
		for ; len(in) > 0 && in[0].Gap <= i; in = in[1:] {
			b.ahead = append(b.ahead, in[0])
		}
		for joined := true; i < len(base) && joined; i++ {
			var edit *ParagraphEdit
			if len(ps) > 0 && ps[0].Index == i {
				edit, ps = &ps[0], ps[1:]
			}
			b.base = append(b.base, base[i])
			b.edits = append(b.edits, edit)
			joined = edit != nil && joins(base[i], edit.Hunks) && !(len(ps) > 0 && ps[0].Index == i+1 && ps[0].Deleted)
		}
		bundles = append(bundles, b)
		if b.base == nil {
			break
		}
	}
	return bundles
}

// deleted reports whether nothing becomes of b.
func (b bundle) deleted() bool { return len(b.edits) == 1 && b.edits[0] != nil && b.edits[0].Deleted }

// hunks returns the hunks of b, in its paragraphs joined with Breaks.
func (b bundle) hunks() []Hunk {
	var hunks []Hunk
	at := 0
	for i, p := range b.base {
		if b.edits[i] != nil {
			for _, h := range b.edits[i].Hunks {
				hunks = append(hunks, Hunk{h.Start + at, h.End + at, h.Text})
			}
		}
		at += len(p) + len(Break)
	}
	return hunks
}

// texts returns the paragraphs that become of b.
func (b bundle) texts() []string {
	if len(b.base) == 0 || b.deleted() {
		return nil
	}
	whole := replace(strings.Join(b.base, Break)+Break, b.hunks())
	return strings.Split(strings.TrimSuffix(whole, Break), Break)
}

// replace returns the paragraph with the hunks made.
func replace(old string, hunks []Hunk) string {
	if len(hunks) == 0 {
		return old
	}
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

package redline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// A Proposal is what [Rolling] lays beside others.
type Proposal struct {
	ID      string   // differs from those of the others
	Parties []string // who want it
	Edits   Edits    // against the base of the rolling text
}

// A Document is the rolling text: a base with all that is proposed for it.
type Document struct {
	Paragraphs []Paragraph `json:"paragraphs"`
}

// A Paragraph of the rolling text is one of the base, or a new one that is
// proposed.
type Paragraph struct {
	Base     int       `json:"base"` // its index in the base, from 0; -1 for a new one
	Segments []Segment `json:"segments"`

	// Fate is there where somebody wants the paragraph out: its first alternative
	// is that it stands, as the segments have it; the others are that it does not,
	// or stands elsewhere. They have no words.
	Fate *Dispute `json:"fate,omitempty"`
}

// A Segment is a stretch of words that nobody disputes, or a dispute.
type Segment struct {
	Text    string   `json:"text,omitempty"` // empty where there is a dispute
	Dispute *Dispute `json:"dispute,omitempty"`

	wraps *Dispute // over the white space that Text is, which nobody is shown
}

// A Dispute is a place for which there are several wordings.
type Dispute struct {
	// Alternatives are the wordings, each once. The base's is the first. The
	// others are ordered by the number of their parties, most first, then by
	// the parties' names, then by their words.
	Alternatives []Alternative `json:"alternatives"`

	// Touching says that the same sentence, or the place right beside it, holds
	// another dispute with other proposals. Nothing overlaps, so both stand; a
	// person should look.
	Touching bool `json:"touching,omitempty"`
}

// An Alternative is one wording of a dispute.
type Alternative struct {
	Text      string   `json:"text"`                // empty where nothing shall stand; a [Break] is a paragraph break
	Parties   []string `json:"parties,omitempty"`   // who want it, sorted
	Proposals []string `json:"proposals,omitempty"` // sorted; by their ID
	Base      bool     `json:"base,omitempty"`      // the wording of the base
	Deleted   bool     `json:"deleted,omitempty"`   // there shall be no such paragraph
	Moved     bool     `json:"moved,omitempty"`     // the paragraph is moved away from here, or (all its proposals say) to here

	wishes []wish  // of its proposals; for the base, of those that wrap it differently
	spaced [2]bool // for display: white space is taken off its beginning, off its end
}

// A wish is what one proposal does at the place of a dispute: it edits, or takes
// out or inserts a paragraph.
type wish struct {
	proposal  string
	parties   []string
	hunks     []Hunk
	insertion Insertion
}

// Rolling lays proposals on their common base beside one another. The result
// is the same for any order of the proposals, and a paragraph of it depends
// only on the edits of that paragraph or gap.
//
// Edits that overlap (that replace a common token, insert inside what another
// replaces, or insert in one place) become one dispute, in which equal results
// are one alternative. That somebody wants the whole paragraph out is a dispute
// around those over its words. Paragraphs inserted in one gap do not overlap: those
// of each proposal stand in its order, equal ones of several become one with all
// their parties, and where no order is given they are ordered like alternatives.
// Only where orders contradict one another does a paragraph stand more than once.
//
// It takes time in the size of base and edits, times the logarithm of the number
// of edits in one paragraph or gap. A [Table] keeps the result while proposals come and
// go.
func Rolling(base []string, proposals []Proposal) Document {
	t := NewTable(base)
	for _, p := range proposals {
		t.Put(p)
	}
	return t.Document()
}

// An owned edit is one proposal's edit of a paragraph.
type owned struct {
	proposal *Proposal
	edit     ParagraphEdit
}

// rolled returns paragraph i of the base with all edits of it.
func rolled(i int, base string, edits []owned) Paragraph {
	p := Paragraph{Base: i}
	var fate *Dispute
	fates := wordings{}
	var placed []placedHunk
	for _, o := range edits {
		if o.edit.Deleted {
			if fate == nil {
				fate = newDispute(fates, "")
			}
			fate.want(fates, o.proposal, wish{}, Alternative{Deleted: true, Moved: o.edit.Moved})
		}
		for _, h := range o.edit.Hunks {
			placed = append(placed, placedHunk{h, o.proposal})
		}
	}
	if fate != nil {
		fate.sort()
		p.Fate = fate
	}
	p.Segments = segments(base, placed)
	return p
}

// segments returns a paragraph of the base with all changes of its words.
func segments(base string, placed []placedHunk) []Segment {
	if len(placed) == 0 {
		return []Segment{{Text: base}}
	}
	var segs []Segment
	old, at := base+Break, 0
	for _, c := range clusters(old, placed) {
		d := c.dispute(old)
		if len(d.Alternatives) == 1 && len(d.Alternatives[0].wishes) == 0 {
			continue
		}
		if c.start > at {
			segs = append(segs, Segment{Text: old[at:c.start]})
		}
		if len(d.Alternatives) == 1 {
			segs = append(segs, Segment{Text: d.Alternatives[0].Text, wraps: d})
		} else {
			segs = append(segs, Segment{Dispute: d})
		}
		at = c.end
	}
	if at < len(base) || len(segs) == 0 {
		segs = append(segs, Segment{Text: base[at:]})
	}
	markTouching(segs)
	return segs
}

// Wordings finds alternatives again by what tells them from one another.
type wordings map[wording]int

type wording struct {
	text           string // squashed
	deleted, moved bool
}

// newDispute returns a dispute in which nobody wants anything but the base.
func newDispute(ws wordings, base string) *Dispute {
	ws[wording{text: squash(base)}] = 0
	return &Dispute{Alternatives: []Alternative{{Text: base, Base: true}}}
}

// want adds a proposal, whose wish comes to a, to the alternative like a, which
// is new if there is none.
func (d *Dispute) want(ws wordings, p *Proposal, w wish, a Alternative) {
	w.proposal, w.parties = p.ID, p.Parties
	key := wording{squash(a.Text), a.Deleted, a.Moved}
	i, found := ws[key]
	if !found {
		i = len(d.Alternatives)
		ws[key] = i
		d.Alternatives = append(d.Alternatives, a)
	}
	into := &d.Alternatives[i]
	if !into.Base {
		into.add(p)
	}
	into.wishes = append(into.wishes, w)
}

func (d *Dispute) sort() {
	for i := range d.Alternatives {
		d.Alternatives[i].sort()
	}
	slices.SortFunc(d.Alternatives[1:], func(a, b Alternative) int { return a.compare(b) })
}

func (a *Alternative) add(p *Proposal) {
	a.Parties = append(a.Parties, p.Parties...)
	a.Proposals = append(a.Proposals, p.ID)
}

func (a *Alternative) sort() {
	slices.Sort(a.Parties)
	a.Parties = slices.Compact(a.Parties)
	slices.Sort(a.Proposals)
	a.Proposals = slices.Compact(a.Proposals)
}

// compare is the canonical order of alternatives.
func (a Alternative) compare(b Alternative) int {
	return cmp.Or(
		cmp.Compare(len(b.Parties), len(a.Parties)),
		slices.Compare(a.Parties, b.Parties),
		compareBool(a.Deleted, b.Deleted),
		compareBool(a.Moved, b.Moved),
		cmp.Compare(a.Text, b.Text),
	)
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// markTouching finds the disputes of a paragraph that are in one sentence of
// the base with others, or right beside them.
func markTouching(segs []Segment) {
	if len(segs) < 2 {
		return
	}
	type place struct {
		dispute    *Dispute
		start, end int
	}
	var text strings.Builder
	var places []place
	for _, s := range segs {
		start := text.Len()
		text.WriteString(s.base())
		if s.Dispute != nil {
			places = append(places, place{s.Dispute, start, text.Len()})
		}
	}
	if len(places) < 2 {
		return
	}
	var ends []int
	for it := sentences.FromString(text.String()); it.Next(); {
		ends = append(ends, it.End())
	}
	sentence := func(at int) int {
		i, _ := slices.BinarySearch(ends, at+1)
		return min(i, len(ends)-1)
	}
	for i, p := range places[1:] {
		q := places[i]
		near := p.start == q.end || sentence(p.start) == sentence(max(q.start, q.end-1))
		if near && !slices.Equal(p.dispute.proposals(), q.dispute.proposals()) {
			p.dispute.Touching, q.dispute.Touching = true, true
		}
	}
}

// proposals returns the proposals that a dispute is about, sorted.
func (d *Dispute) proposals() []string {
	var ids []string
	for _, a := range d.Alternatives {
		ids = append(ids, a.Proposals...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// base returns the words that the base has for s.
func (s Segment) base() string {
	if s.Dispute != nil {
		return s.Dispute.Alternatives[0].Text
	}
	return s.Text
}

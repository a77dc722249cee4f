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
}

// A Segment is a stretch of words that nobody disputes, or a dispute.
type Segment struct {
	Text    string   `json:"text,omitempty"` // empty where there is a dispute
	Dispute *Dispute `json:"dispute,omitempty"`
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
	Text      string   `json:"text"`                // empty where nothing shall stand
	Parties   []string `json:"parties,omitempty"`   // who want it, sorted
	Proposals []string `json:"proposals,omitempty"` // sorted; by their ID
	Base      bool     `json:"base,omitempty"`      // the wording of the base
	Deleted   bool     `json:"deleted,omitempty"`   // there shall be no such paragraph
	Moved     bool     `json:"moved,omitempty"`     // all its proposals move the paragraph away from here, or to here

	wishes []wish // of its proposals
}

// A wish is what one proposal does at the place of a dispute: it edits or
// deletes what stands there, or inserts.
type wish struct {
	proposal  string
	edit      ParagraphEdit
	insertion Insertion
}

// Rolling lays proposals on their common base beside one another. The result
// is the same for any order of the proposals, and a paragraph of it depends
// only on the edits of that paragraph or gap.
//
// Edits that overlap (that replace a common token, insert inside what another
// replaces, or insert in one place) become one dispute, in which equal results
// are one alternative. To delete a paragraph overlaps everything within it.
// Paragraphs inserted in one gap do not overlap: equal insertions become one
// with all their parties, others stand one after the other, ordered like
// alternatives.
//
// It takes time in the size of base and edits, times the logarithm of the
// number of edits in one paragraph, and in the square of the number of
// proposals within each dispute.
func Rolling(base []string, proposals []Proposal) Document {
	proposals = slices.Clone(proposals)
	slices.SortStableFunc(proposals, func(a, b Proposal) int { return cmp.Compare(a.ID, b.ID) })
	edits := make([][]owned, len(base))
	inserted := make([][]unit, len(base)+1)
	for i := range proposals {
		p := &proposals[i]
		for _, e := range p.Edits.Paragraphs {
			edits[e.Index] = append(edits[e.Index], owned{p, e})
		}
		for in := p.Edits.Inserted; len(in) > 0; {
			gap := in[0].Gap
			u := unit{proposal: p}
			for ; len(in) > 0 && in[0].Gap == gap; in = in[1:] {
				u.inserted = append(u.inserted, in[0])
			}
			inserted[gap] = append(inserted[gap], u)
		}
	}
	d := Document{Paragraphs: make([]Paragraph, 0, len(base))}
	for i := range len(base) + 1 {
		d.Paragraphs = append(d.Paragraphs, newParagraphs(inserted[i])...)
		if i < len(base) {
			d.Paragraphs = append(d.Paragraphs, Paragraph{i, segments(base[i], edits[i])})
		}
	}
	return d
}

// An owned edit is one proposal's edit of a paragraph.
type owned struct {
	proposal *Proposal
	edit     ParagraphEdit
}

// A unit is the paragraphs that one proposal inserts in one gap.
type unit struct {
	proposal *Proposal
	inserted []Insertion
}

func (u unit) text() string {
	texts := make([]string, len(u.inserted))
	for i, in := range u.inserted {
		texts[i] = in.Text
	}
	return strings.Join(texts, lineBreak)
}

// newParagraphs returns what is inserted in one gap, equal units as one.
func newParagraphs(units []unit) []Paragraph {
	if len(units) == 0 {
		return nil
	}
	type wanted struct {
		Alternative
		units []unit
	}
	var all []*wanted
	byText := map[string]*wanted{}
	for _, u := range units {
		key := u.text()
		w := byText[key]
		if w == nil {
			w = &wanted{Alternative: Alternative{Text: key}}
			byText[key] = w
			all = append(all, w)
		}
		w.add(u.proposal)
		w.units = append(w.units, u)
	}
	for _, w := range all {
		w.sort()
	}
	slices.SortFunc(all, func(a, b *wanted) int { return a.compare(b.Alternative) })
	var ps []Paragraph
	for _, w := range all {
		for i, in := range w.units[0].inserted {
			a := w.Alternative
			a.Text, a.Moved = in.Text, true
			for _, u := range w.units {
				a.Moved = a.Moved && u.inserted[i].From != none
				a.wishes = append(a.wishes, wish{proposal: u.proposal.ID, insertion: u.proposal.Edits.traced(u.inserted[i])})
			}
			d := &Dispute{Alternatives: []Alternative{{Base: true, Deleted: true}, a}}
			ps = append(ps, Paragraph{none, []Segment{{Dispute: d}}})
		}
	}
	return ps
}

// segments returns a paragraph of the base with all edits of it.
func segments(base string, edits []owned) []Segment {
	if len(edits) == 0 {
		return []Segment{{Text: base}}
	}
	if slices.ContainsFunc(edits, func(o owned) bool { return o.edit.Deleted }) {
		return []Segment{{Dispute: whole(base, edits)}}
	}
	var placed []placedHunk
	for _, o := range edits {
		for _, h := range o.edit.Hunks {
			placed = append(placed, placedHunk{h, o.proposal, o.edit.Kind})
		}
	}
	var segs []Segment
	at := 0
	for _, c := range clusters(placed) {
		d := c.dispute(base)
		if len(d.Alternatives) == 1 {
			continue
		}
		if c.start > at {
			segs = append(segs, Segment{Text: base[at:c.start]})
		}
		segs = append(segs, Segment{Dispute: d})
		at = c.end
	}
	if at < len(base) || len(segs) == 0 {
		segs = append(segs, Segment{Text: base[at:]})
	}
	markTouching(segs)
	return segs
}

// whole returns the dispute over a paragraph that somebody wants deleted.
func whole(base string, edits []owned) *Dispute {
	d := &Dispute{Alternatives: []Alternative{{Text: base, Base: true}}}
	for _, o := range edits {
		a := Alternative{Deleted: true, Moved: o.edit.Kind == Move}
		if !o.edit.Deleted {
			a = Alternative{Text: replace(base, o.edit.Hunks)}
		}
		d.want(o.proposal, o.edit, a)
	}
	d.sort()
	return d
}

// want adds a proposal, whose edit comes to a, to the alternative like a, which
// is new if there is none.
func (d *Dispute) want(p *Proposal, e ParagraphEdit, a Alternative) {
	i := slices.IndexFunc(d.Alternatives, func(b Alternative) bool {
		return a.Text == b.Text && a.Deleted == b.Deleted
	})
	if i < 0 {
		i = len(d.Alternatives)
		d.Alternatives = append(d.Alternatives, a)
	}
	into := &d.Alternatives[i]
	into.Moved = into.Moved && a.Moved
	into.add(p)
	into.wishes = append(into.wishes, wish{proposal: p.ID, edit: e})
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
	deleted := map[bool]int{true: 1}
	return cmp.Or(
		cmp.Compare(len(b.Parties), len(a.Parties)),
		slices.Compare(a.Parties, b.Parties),
		cmp.Compare(deleted[a.Deleted], deleted[b.Deleted]),
		cmp.Compare(a.Text, b.Text),
	)
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

package redline

import (
	"cmp"
	"slices"
)

// A Table holds the proposals on one base, and their rolling text. When a
// proposal comes or goes, only the paragraphs that it edits are worked out again.
// It is not safe for concurrent use.
type Table struct {
	base      []string
	proposals map[string]*Proposal
	edits     [][]owned // by paragraph, in the order of the proposals' IDs
	inserted  [][]unit  // by gap, in the same order
	rolled    [][]Paragraph
	stale     []bool // of rolled, by paragraph with the gap before it; the last is the last gap
}

// NewTable returns a table without proposals. It takes time in the number of
// paragraphs.
func NewTable(base []string) *Table {
	n := len(base)
	t := &Table{
		base:      base,
		proposals: map[string]*Proposal{},
		edits:     make([][]owned, n),
		inserted:  make([][]unit, n+1),
		rolled:    make([][]Paragraph, n+1),
		stale:     slices.Repeat([]bool{true}, n+1),
	}
	return t
}

// Put adds a proposal to the table, in the place of the one with the same ID. Its
// edits are of the table's base. It takes time in the number of its edits and of
// the others in the same paragraphs.
func (t *Table) Put(p Proposal) {
	t.Remove(p.ID)
	t.proposals[p.ID] = &p
	for _, e := range p.Edits.Paragraphs {
		at, _ := slices.BinarySearchFunc(t.edits[e.Index], p.ID, func(o owned, id string) int { return cmp.Compare(o.proposal.ID, id) })
		t.edits[e.Index] = slices.Insert(t.edits[e.Index], at, owned{&p, e})
		t.stale[e.Index] = true
	}
	for in := p.Edits.Inserted; len(in) > 0; {
		n := 1
		for n < len(in) && in[n].Gap == in[0].Gap {
			n++
		}
		gap := in[0].Gap
		at, _ := slices.BinarySearchFunc(t.inserted[gap], p.ID, func(u unit, id string) int { return cmp.Compare(u.proposal.ID, id) })
		t.inserted[gap] = slices.Insert(t.inserted[gap], at, unit{&p, in[:n]})
		t.stale[gap] = true
		in = in[n:]
	}
}

// Remove takes a proposal off the table; there need be none with this ID. It
// takes time as [Table.Put] does.
func (t *Table) Remove(id string) {
	p := t.proposals[id]
	if p == nil {
		return
	}
	delete(t.proposals, id)
	for _, e := range p.Edits.Paragraphs {
		t.edits[e.Index] = slices.DeleteFunc(t.edits[e.Index], func(o owned) bool { return o.proposal == p })
		t.stale[e.Index] = true
	}
	for _, in := range p.Edits.Inserted {
		t.inserted[in.Gap] = slices.DeleteFunc(t.inserted[in.Gap], func(u unit) bool { return u.proposal == p })
		t.stale[in.Gap] = true
	}
}

// Document returns the rolling text of what is on the table. Documents that were
// returned before stay as they are; they share with it what has not changed. It
// takes time in the number of paragraphs, and in the edits of those that have
// changed since.
func (t *Table) Document() Document {
	n := len(t.base)
	for i := range t.rolled {
		if !t.stale[i] {
			continue
		}
		t.stale[i] = false
		t.rolled[i] = newParagraphs(t.inserted[i])
		if i < n {
			t.rolled[i] = append(t.rolled[i], rolled(i, t.base[i], t.edits[i]))
		}
	}
	return Document{Paragraphs: slices.Concat(t.rolled...)}
}

package redline

import (
	"slices"
	"strings"
)

// Text returns the merged text. A conflict stands in it in the bracket notation,
// each wording with the names of its sides. Joined, the paragraphs are the file
// that they are from, if [Paste] joins them.
func (m *Merged) Text() []string { return m.inBrackets().Apply(m.base) }

// inBrackets returns the edits that lead to Text.
func (m *Merged) inBrackets() Edits {
	order := ranking{m.names[0]: 0, m.names[1]: 1}
	e := m.Document.choose(func(d *Dispute) []wish {
		if !m.conflicts[d] {
			return m.agreed(d, order)
		}
		return m.bracketed(d)
	}, order)
	m.bracketWhole(&e)
	return e
}

// bracketed returns a conflict over words, or over a new paragraph, as its words
// in brackets.
func (m *Merged) bracketed(d *Dispute) []wish {
	start, within := m.starts[d]
	switch {
	case within:
		var b strings.Builder
		d.print(&b, start == 0)
		text := b.String()
		if strings.HasSuffix(d.Alternatives[0].Text, Break) {
			text += Break
		}
		return []wish{{hunks: []Hunk{{start, start + len(d.Alternatives[0].Text), text}}}}
	case d.Alternatives[0].Deleted:
		var b strings.Builder
		d.print(&b, true)
		return []wish{{insertion: Insertion{Text: b.String(), From: none}}}
	}
	return nil // a fate: the paragraph stands, between brackets
}

// bracketWhole puts brackets around the paragraphs that one side wants out and
// the other does not.
func (m *Merged) bracketWhole(e *Edits) {
	to := m.Document.destinations()
	var bracketed []ParagraphEdit
	for i, p := range m.Document.Paragraphs {
		if p.Fate == nil || !m.conflicts[p.Fate] {
			continue
		}
		before, after := p.margins(p.Shown())
		edit := ParagraphEdit{Index: p.Base}
		if at, found := e.find(p.Base); found {
			edit.Hunks = e.Paragraphs[at].Hunks
		}
		edited, by := m.reworded(p, edit.Hunks)
		if len(by) > 0 {
			edit.Hunks = nil
		}
		end := len(m.base[p.Base]) - len(after)
		if n := len(edit.Hunks); joins(m.base[p.Base], edit.Hunks) {
			end = min(end, edit.Hunks[n-1].Start)
		}
		start := len(before)
		for _, h := range edit.Hunks { // a bracket stands beside what is replaced, not inside
			if h.Start < start && start < h.End {
				start = h.Start
			}
			if h.Start < end && end < h.End {
				end = h.End
			}
		}
		var b strings.Builder
		if len(by) > 0 {
			b.WriteString("][" + strings.TrimSpace(strings.TrimPrefix(edited, before)) + " – " + strings.Join(by, ", "))
		}
		p.printFate(&b, i, to)
		for _, side := range m.names {
			if text := m.moved[move{p.Base, side}]; text != "" && squash(text) != squash(m.base[p.Base]) {
				b.WriteString("[" + strings.TrimSpace(strings.TrimPrefix(text, before)) + " – " + side + "]")
			}
		}
		k := slices.IndexFunc(edit.Hunks, func(h Hunk) bool { return h.Start >= end && (h.Start > end || h.End > end) })
		if k < 0 {
			k = len(edit.Hunks)
		}
		edit.Hunks = slices.Insert(edit.Hunks, k, Hunk{end, end, b.String()})
		begin := slices.IndexFunc(edit.Hunks, func(h Hunk) bool { return h.Start >= start })
		edit.Hunks = slices.Insert(edit.Hunks, max(begin, 0), Hunk{start, start, "["})
		bracketed = append(bracketed, edit)
	}
	e.replace(bracketed)
}

// reworded returns what hunks make of a paragraph that a side wants out, and whose
// words these are, if they are within the paragraph and nothing about them is in conflict.
func (m *Merged) reworded(p Paragraph, hunks []Hunk) (text string, by []string) {
	for _, s := range p.Segments {
		if s.Dispute == nil {
			continue
		}
		if m.conflicts[s.Dispute] {
			return "", nil
		}
		by = append(by, s.Dispute.proposals()...)
	}
	for _, h := range hunks {
		if h.End > len(m.base[p.Base]) || strings.Contains(h.Text, Break) {
			return "", nil
		}
	}
	slices.Sort(by)
	return replace(m.base[p.Base], hunks), slices.Compact(by)
}

// WithMarkers returns the merged text with conflicts between the lines that git marks
// them with, each as long as size says:
//
//	<<<<<<< ours
//	States should cooperate.
//	=======
//	States may cooperate.
//	>>>>>>> theirs
//
// A conflict takes in its whole paragraph, in which what is not in conflict is
// merged. The blank lines behind it stand behind the markers, unless they differ.
func (m *Merged) WithMarkers(ours, theirs string, size int) []string {
	return m.betweenMarkers(ours, theirs, size).Apply(m.base)
}

// betweenMarkers returns the edits that lead to WithMarkers.
func (m *Merged) betweenMarkers(ours, theirs string, size int) Edits {
	block := func(a, b string) string {
		line := func(mark, name string) string {
			return strings.TrimRight(strings.Repeat(mark, size)+" "+name, " ") + "\n"
		}
		a, b, blank := withoutBlankLines(a, b)
		return line("<", ours) + a + line("=", "") + b + line(">", theirs) + blank
	}
	order := ranking{m.names[0]: 0, m.names[1]: 1}
	var run []*Dispute // over new paragraphs that follow one another, in conflict
	blocks := map[*Dispute]string{}
	mark := func() {
		var a, b []string
		for _, d := range run {
			a, b = append(a, m.inserted(d, ours)), append(b, m.inserted(d, theirs))
		}
		if len(run) > 0 {
			blocks[run[0]] = block(Paste(a), Paste(b))
		}
		run = nil
	}
	for _, p := range m.Document.Paragraphs {
		if d := p.Segments[0].Dispute; p.Base == none && m.conflicts[d] {
			run = append(run, d)
		} else {
			mark()
		}
	}
	mark()
	e := m.Document.choose(func(d *Dispute) []wish {
		if !m.conflicts[d] {
			return m.agreed(d, order)
		}
		if text := blocks[d]; text != "" {
			return []wish{{insertion: Insertion{Text: text, From: none}}}
		}
		return nil
	}, order)
	blocked := m.blocked(e)
	first, second := m.sided(ours, blocked), m.sided(theirs, blocked)
	var marked []ParagraphEdit
	for i := range m.base {
		if !blocked[i] {
			continue
		}
		text := block(first[i], second[i])
		if at, joined := e.find(i); joined && joins(m.base[i], e.Paragraphs[at].Hunks) {
			first[i+1], second[i+1] = first[i]+first[i+1], second[i]+second[i+1]
			text = ""
		}
		marked = append(marked, ParagraphEdit{Index: i, Deleted: text == "", Hunks: []Hunk{{0, len(m.base[i]), text}}})
	}
	e.replace(marked)
	return e
}

// blocked returns the paragraphs of the base that stand between markers: those in
// conflict, and those that edits join with them.
func (m *Merged) blocked(e Edits) map[int]bool {
	blocked := map[int]bool{}
	for _, p := range m.Document.Paragraphs {
		if m.disputed(p) {
			blocked[p.Base] = true
		}
	}
	for _, p := range slices.Backward(e.Paragraphs) {
		if blocked[p.Index+1] && joins(m.base[p.Index], p.Hunks) {
			blocked[p.Index] = true
		}
	}
	for _, p := range e.Paragraphs {
		if blocked[p.Index] && joins(m.base[p.Index], p.Hunks) {
			blocked[p.Index+1] = true
		}
	}
	return blocked
}

// find returns the edit of a paragraph, or where it would stand.
func (e *Edits) find(paragraph int) (at int, found bool) {
	return slices.BinarySearchFunc(e.Paragraphs, paragraph, func(e ParagraphEdit, i int) int { return e.Index - i })
}

// replace puts edits in the place of others of the same paragraphs.
func (e *Edits) replace(edits []ParagraphEdit) {
	replaced := map[int]bool{}
	for _, p := range edits {
		replaced[p.Index] = true
	}
	e.Paragraphs = slices.DeleteFunc(e.Paragraphs, func(p ParagraphEdit) bool { return replaced[p.Index] })
	e.Paragraphs = append(e.Paragraphs, edits...)
	slices.SortFunc(e.Paragraphs, func(a, b ParagraphEdit) int { return a.Index - b.Index })
}

// withoutBlankLines returns the lines of two sides, the last of which ends, without
// the blank ones at their ends, which are returned if they belong to both.
func withoutBlankLines(a, b string) (first, second, blank string) {
	lines := func(s string) (words, blank string) {
		if words = strings.TrimRight(s, softSpace); words == "" {
			return "", ""
		}
		end, blank, _ := strings.Cut(s[len(words):], "\n")
		return words + end + "\n", blank
	}
	first, blank = lines(a)
	second, others := lines(b)
	switch {
	case first == "":
		blank = others
	case second != "" && blank != others:
		return first + blank, second + others, ""
	}
	return first, second, blank
}

// disputed reports whether a paragraph of the base is in conflict.
func (m *Merged) disputed(p Paragraph) bool {
	return p.Base != none && (m.conflicts[p.Fate] || slices.ContainsFunc(p.Segments, func(s Segment) bool { return m.conflicts[s.Dispute] }))
}

// inserted returns the new paragraph that d is about, if that side inserts it.
func (m *Merged) inserted(d *Dispute, side string) string {
	for _, w := range d.Alternatives[1].wishes {
		if w.proposal == side {
			return w.insertion.Text
		}
	}
	return ""
}

// sided returns what becomes of each paragraph of the base that is to stand between
// markers if one side has its way.
func (m *Merged) sided(side string, blocked map[int]bool) map[int]string {
	order := ranking{m.names[0]: 1, m.names[1]: 1}
	order[side] = 0
	choice := func(d *Dispute) []wish {
		if m.conflicts[d] {
			return ranking{side: 0}.choose(d)
		}
		return m.agreed(d, order)
	}
	texts := map[int]string{}
	for _, p := range m.Document.Paragraphs {
		if !blocked[p.Base] {
			continue
		}
		if p.Fate != nil && len(choice(p.Fate)) > 0 {
			texts[p.Base] = m.moved[move{p.Base, side}] // the words shall be there, if not in their place
			continue
		}
		edit, _ := p.edited(choice, order)
		texts[p.Base] = strings.ReplaceAll(replace(m.base[p.Base]+Break, edit.Hunks), Break, "")
	}
	return texts
}

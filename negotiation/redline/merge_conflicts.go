package redline

import (
	"slices"
	"strings"
)

// find finds the conflicts.
func (m *Merged) find(a, b Edits) {
	elsewhere := m.arrivals()
	for _, more := range []map[int]bool{strayed(m.base, a, b), crossed(a, b)} {
		for i := range more {
			elsewhere[i] = true
		}
	}
	apart := torn(m.base, a, b)
	gap := []*Dispute{}
	for _, p := range m.Document.Paragraphs {
		if p.Base == none {
			gap = append(gap, p.Segments[0].Dispute)
			continue
		}
		m.findInserted(gap)
		gap = gap[:0]
		edited := m.findWords(p)
		if d := p.Fate; d != nil && (len(d.Alternatives) > 2 || d.clashes(edited) || elsewhere[p.Base]) {
			m.conflict(d)
		}
		if d := p.last(); apart[p.Base] && d != nil {
			m.conflict(d)
			if p.Fate != nil && !m.conflicts[p.Fate] { // it would be gone from here, and the conflict with it
				m.conflicts[p.Fate] = true
			}
		}
	}
	m.findInserted(gap)
	m.findReplaced()
	m.findTwice()
}

// findReplaced takes what a side inserts right beside a paragraph that it takes out
// into the conflict over that paragraph: it is what shall stand there instead.
func (m *Merged) findReplaced() {
	ps := m.Document.Paragraphs
	for i, p := range ps {
		if p.Fate == nil || !m.conflicts[p.Fate] {
			continue
		}
		for _, a := range p.Fate.Alternatives[1:] {
			beside := func(k int) bool {
				if k < 0 || k >= len(ps) || ps[k].Base != none {
					return false
				}
				if d := ps[k].Segments[0].Dispute; !a.Moved && slices.Equal(d.proposals(), a.Proposals) {
					m.conflict(d)
				}
				return true
			}
			for k := i + 1; beside(k); k++ {
			}
			for k := i - 1; beside(k); k-- {
			}
		}
	}
}

// findTwice finds new paragraphs that both sides insert, in different places.
func (m *Merged) findTwice() {
	seen := map[string]*Dispute{}
	for _, p := range m.Document.Paragraphs {
		if p.Base != none {
			continue
		}
		d := p.Segments[0].Dispute
		a := d.Alternatives[1]
		key := strings.TrimSpace(squash(a.Text))
		if first := seen[key]; first != nil && !a.Moved && !first.Alternatives[1].Moved && CountWords(key) > 0 && !slices.Equal(first.proposals(), d.proposals()) {
			m.conflict(first)
			m.conflict(d)
		}
		seen[key] = d
	}
}

// crossed returns the paragraphs that the sides move across one another, so that
// none of the two orders is what either side wants.
func crossed(a, b Edits) map[int]bool {
	across := map[int]bool{}
	one, other := a.ways(b), b.ways(a)
	for range 2 {
		var begin, end []int
		for _, w := range other {
			begin, end = append(begin, w.begin), append(end, w.end)
		}
		slices.Sort(begin)
		slices.Sort(end)
		for from, w := range one {
			before, _ := slices.BinarySearch(end, w.begin+1)
			reached, _ := slices.BinarySearch(begin, w.end)
			if _, both := other[from]; both {
				reached--
			}
			if reached > before {
				across[from] = true
			}
		}
		one, other = other, one
	}
	return across
}

// A detour is paragraphs of the base, from begin up to end.
type detour struct{ begin, end int }

// ways returns, for each paragraph that e moves and the other does not move to the
// same place, what it passes, itself included.
func (e Edits) ways(other Edits) map[int]detour {
	type arrival struct{ from, gap int }
	agreed := map[arrival]bool{}
	for _, in := range other.Inserted {
		agreed[arrival{in.From, in.Gap}] = true
	}
	ways := map[int]detour{}
	for _, in := range e.Inserted {
		if in.From != none && !agreed[arrival{in.From, in.Gap}] {
			ways[in.From] = detour{min(in.From, in.Gap), max(in.From+1, in.Gap)}
		}
	}
	return ways
}

// findWords finds the conflicts over the words of a paragraph, and returns the
// sides that change any.
func (m *Merged) findWords(p Paragraph) (edited []string) {
	at, gap := 0, none // where the last dispute ends
	var last *Dispute
	rewritten := m.rewritten(p)
	for _, s := range p.Segments {
		d := s.Dispute
		if d == nil {
			at += len(s.base())
			continue
		}
		ids := d.proposals()
		m.starts[d] = at
		edited = append(edited, ids...)
		switch {
		case len(d.Alternatives) > 2, rewritten && len(ids) == 1:
			m.conflict(d)
		case at == gap && !slices.Equal(ids, last.proposals()) && d.letters() > 0 && last.letters() > 0:
			m.conflict(last)
			m.conflict(d)
		}
		at += len(s.base())
		last, gap = d, at
	}
	if m.unpaired(p) {
		for _, s := range p.Segments {
			if d := s.Dispute; d != nil && len(d.proposals()) == 1 {
				m.conflict(d)
			}
		}
	}
	return edited
}

// unpaired reports whether the changes of both sides together break a pair of
// marks that neither of them breaks by itself.
func (m *Merged) unpaired(p Paragraph) bool {
	var base, one, other, both strings.Builder
	sides := map[string]bool{}
	for _, s := range p.Segments {
		first, second := s.wordingOf(m.names[0]), s.wordingOf(m.names[1])
		base.WriteString(s.base())
		one.WriteString(first)
		other.WriteString(second)
		if first == s.base() {
			first = second
		}
		both.WriteString(first)
		if s.Dispute != nil {
			for _, id := range s.Dispute.proposals() {
				sides[id] = true
			}
		}
	}
	return len(sides) == 2 && !wellPaired(both.String()) && wellPaired(base.String()) && wellPaired(one.String()) && wellPaired(other.String())
}

// rewritten reports whether the two sides, each by itself, change so many words
// of a paragraph that its other words are no measure of where theirs belong:
// together more than four in five.
func (m *Merged) rewritten(p Paragraph) bool {
	all := 0
	changed := map[string]int{}
	for _, s := range p.Segments {
		n := CountWords(s.base())
		all += n
		if d := s.Dispute; d != nil && len(d.proposals()) == 1 {
			changed[d.proposals()[0]] += max(n, CountWords(d.Alternatives[1].Text))
		}
	}
	return len(changed) == 2 && all >= fewWords && 5*(changed[m.names[0]]+changed[m.names[1]]) > 4*all
}

// fewWords is how many words a paragraph has at least of which one can say how much
// of it was rewritten.
const fewWords = 6

// CountWords returns how many of the tokens of s have a letter or a number. It takes
// time in the length of s.
func CountWords(s string) int {
	n := 0
	for _, t := range Tokens(s) {
		if isWord(t) {
			n++
		}
	}
	return n
}

// findInserted finds conflicts among what is inserted in one gap: wherever both
// sides have something between two paragraphs that both insert.
func (m *Merged) findInserted(gap []*Dispute) {
	begin := 0
	for i := 0; i <= len(gap); i++ {
		if i < len(gap) && len(gap[i].proposals()) == 1 {
			continue
		}
		between := gap[begin:i]
		if slices.ContainsFunc(between, func(d *Dispute) bool { return !slices.Equal(d.proposals(), between[0].proposals()) }) {
			for _, d := range between {
				m.conflict(d)
			}
		}
		begin = i + 1
	}
}

// arrivals returns the paragraphs of the base that both sides move, to different
// places or as different words.
func (m *Merged) arrivals() map[int]bool {
	at := map[move]int{}
	twice := map[int]bool{}
	for i, p := range m.Document.Paragraphs {
		if p.Base != none {
			continue
		}
		for _, w := range p.Segments[0].Dispute.Alternatives[1].wishes {
			at[move{w.insertion.From, w.proposal}] = i
			m.moved[move{w.insertion.From, w.proposal}] = w.insertion.Text
		}
	}
	for k, i := range at {
		for _, name := range m.names {
			if j, ok := at[move{k.from, name}]; ok && k.from != none && i != j {
				twice[k.from] = true
			}
		}
	}
	return twice
}

// strayed returns the paragraphs that one side moves and changes where the other
// changes them, too, or splits or joins them: that they are the same is but
// likely.
func strayed(base []string, a, b Edits) map[int]bool {
	both := map[int]bool{}
	for range 2 {
		hunks := map[int][]Hunk{}
		for _, p := range b.Paragraphs {
			hunks[p.Index] = p.Hunks
		}
		for _, in := range a.Inserted {
			if in.From == none {
				continue
			}
			_, overlap := movedWith(base[in.From], in.Text, hunks[in.From])
			if overlap || len(hunks[in.From]) > 0 && squash(in.Text) != squash(base[in.From]) {
				both[in.From] = true
			}
		}
		a, b = b, a
	}
	return both
}

// torn returns the paragraphs that one side joins to the next where the other
// takes that one out or inserts something between them.
func torn(base []string, a, b Edits) map[int]bool {
	apart := map[int]bool{}
	for range 2 {
		between := map[int]bool{}
		for _, p := range a.Paragraphs {
			between[p.Index] = p.Deleted
		}
		for _, in := range a.Inserted {
			between[in.Gap] = true
		}
		for _, p := range b.Paragraphs {
			if joins(base[p.Index], p.Hunks) && between[p.Index+1] {
				apart[p.Index] = true
			}
		}
		a, b = b, a
	}
	return apart
}

// clashes reports whether somebody wants the paragraph out that another edits.
func (d *Dispute) clashes(edited []string) bool {
	for _, a := range d.Alternatives[1:] {
		if !a.Moved && slices.ContainsFunc(edited, func(id string) bool { return !slices.Contains(a.Proposals, id) }) {
			return true
		}
	}
	return false
}

// last returns the dispute at the end of a paragraph; nil if there is none.
func (p Paragraph) last() *Dispute { return p.Segments[len(p.Segments)-1].Dispute }

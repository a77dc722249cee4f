package redline

import (
	"slices"
	"strings"
)

// A Side is one of the two texts of a merge.
type Side struct {
	Name string
	Text []string
}

// A Merged text is a base with what two sides made of it.
type Merged struct {
	Document  Document // both sides as proposals, whose IDs and parties are their names
	Conflicts int      // places for which both sides want different things
	Touching  int      // places where the sides change one sentence, or neighbouring words, without overlap

	base      []string
	names     [2]string // the side whose white space is taken where both only wrap lines differently comes first
	conflicts map[*Dispute]bool
	settled   map[*Dispute]string // the side that has its way with all of a stretch
	starts    map[*Dispute]int    // where in its paragraph of the base a dispute begins
	moved     map[move]string     // the words of the paragraphs that the sides move
}

// Merge merges two sides of a base, word by word. What both sides do alike is
// done once, and what only one side does is done; where they overlap and differ
// there is a conflict. A paragraph that one side moves and the other edits is
// moved and edited. It is a conflict, too,
//
//   - where one side takes out what the other changes;
//   - where words that one side changes stand right against words that the other
//     does, without so much as a space between them;
//   - where each side changes a paragraph so much that together they change
//     more than four in five of its words;
//   - where both insert different paragraphs in one place, which is that between two
//     that both insert alike, or move one paragraph to different places;
//   - where one moves and changes a paragraph that the other changes, too;
//   - where the sides move paragraphs across one another;
//   - where both insert the same paragraph in different places;
//   - where one joins two paragraphs and the other puts something between them;
//   - where together they break a pair of brackets, quotation marks or marks of
//     emphasis that neither breaks by itself.
//
// It is none after all where one side has made, word for word, all that the other
// has of some paragraphs, and more, if that is twelve words at least: then it
// builds on the other and has its way there.
//
// Exchanging the sides changes nothing but the order of the alternatives. The
// names differ. It takes time as [Compare] and [Rolling] do.
func Merge(base []string, ours, theirs Side) *Merged {
	edits := func(s Side) Edits {
		e, err := Compare(base, s.Text).Edits(base)
		if err != nil {
			panic(err) // Compare gives redlines of its base
		}
		return e
	}
	m := &Merged{base: base, names: [2]string{ours.Name, theirs.Name}, conflicts: map[*Dispute]bool{}, settled: map[*Dispute]string{}, starts: map[*Dispute]int{}, moved: map[move]string{}}
	a, b := edits(ours), edits(theirs)
	m.Document = Rolling(base, []Proposal{{ours.Name, []string{ours.Name}, a}, {theirs.Name, []string{theirs.Name}, b}})
	if slices.Compare(ours.Text, theirs.Text) > 0 {
		slices.Reverse(m.names[:])
	}
	m.find(a, b)
	m.settle()
	m.unfray()
	m.count()
	return m
}

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

func (m *Merged) conflict(d *Dispute) { m.conflicts[d] = true }

// count counts the conflicts, of which new paragraphs in one place are one, and
// what touches without being one.
func (m *Merged) count() {
	inserted := false
	for _, p := range m.Document.Paragraphs {
		n := 0
		for _, d := range p.disputes() {
			_, settled := m.settled[d]
			switch {
			case m.conflicts[d]:
				n++
			case d.Touching && !settled:
				m.Touching++
			}
		}
		if p.Base != none || !inserted {
			m.Conflicts += n
		}
		inserted = p.Base == none && n > 0
	}
}

// agreed returns what is done at a dispute that is no conflict.
func (m *Merged) agreed(d *Dispute, order ranking) []wish {
	if side, ok := m.settled[d]; ok {
		order = ranking{side: 0}
	}
	return order.choose(d)
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

package redline

import "slices"

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

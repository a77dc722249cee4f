package redline

import "slices"

// A Passage is the way from one revision of a text to the next, over which
// proposals are carried. It is not changed by being used.
type Passage struct {
	base, next []string

	grounds   []ground // one for each step of the chair's redline
	at        []int    // base paragraph to its ground
	gaps      []int    // gap of the base to the place in next; none if the gap is gone
	fresh     []fresh  // for each paragraph of next
	continued []int    // base paragraph to the one of next that continues it; none if it is gone

	// Of a gap around is the place where it is, or none. Of a gap whose neighbours
	// were both moved away it is the place of the next one, so that what the chair
	// put there is found. From freshFrom to freshTo the paragraphs right before and
	// behind a place are fresh.
	around             []int
	freshFrom, freshTo []int
	newcomers          map[newcomer][]int // where they stand in next, ascending
}

// A newcomer is what tells fresh paragraphs from one another: the paragraph of the
// base that was moved there, or else the words.
type newcomer struct {
	moved int
	text  string // squashed
}

func newcomerOf(text string, moved int) newcomer {
	if moved != none {
		return newcomer{moved: moved}
	}
	return newcomer{none, squash(text)}
}

// A ground is what became of the paragraphs of one step.
type ground struct {
	Step
	first  int      // the place in next of the first paragraph it gives
	before []string // what it took up, and what it gives; not for a Keep
	after  []string
	hunks  []Hunk // from before to after, each joined with Break
}

// fresh says whether a paragraph of next stands where none of the base stood,
// and which one was moved there.
type fresh struct {
	is    bool
	moved int // none if it was not moved
}

// NewPassage prepares to carry edits of base over to the text that chair leads
// to. The error is that of [Redline.Apply]. It takes time in the size of base
// and chair.
func NewPassage(base []string, chair Redline) (*Passage, error) {
	next, err := chair.Apply(base)
	if err != nil {
		return nil, err
	}
	p := &Passage{base: base, next: next}
	p.continued = unmatched(len(base))
	for k, i := range chair.Lineage() {
		if i != none {
			p.continued[i] = k
		}
	}
	p.at = make([]int, len(base))
	p.gaps = unmatched(len(base) + 1)
	p.gaps[0] = 0
	reached := 0 // the base paragraphs before it are behind
	for _, s := range chair {
		g := ground{Step: s, first: len(p.fresh)}
		if s.Kind != Keep {
			g.before, g.after = s.sides()
			g.hunks = s.hunks(true)
		}
		for i := s.From; i < s.To; i++ {
			p.at[i] = len(p.grounds)
		}
		p.grounds = append(p.grounds, g)
		p.fresh = append(p.fresh, g.stands()...)
		if s.Kind != Insert && s.Kind != Move {
			p.reach(s, reached, g.first)
			reached = s.To
		}
	}
	if p.gaps[len(base)] == none {
		p.gaps[len(base)] = len(next)
	}
	p.survey()
	return p, nil
}

// survey finds out what is near each gap and each place.
func (p *Passage) survey() {
	p.around = slices.Clone(p.gaps)
	for i := range slices.Backward(p.base) {
		if p.gaps[i] == none && p.grounds[p.at[i]].Kind == Move {
			p.around[i] = p.around[i+1]
		}
	}
	n := len(p.next)
	p.freshFrom, p.freshTo = seq(n+1), seq(n+1)
	p.newcomers = map[newcomer][]int{}
	for k, f := range p.fresh {
		if f.is {
			p.freshFrom[k+1] = p.freshFrom[k]
			key := newcomerOf(p.next[k], f.moved)
			p.newcomers[key] = append(p.newcomers[key], k)
		}
	}
	for k, f := range slices.Backward(p.fresh) {
		if f.is {
			p.freshTo[k] = p.freshTo[k+1]
		}
	}
}

// seq returns the numbers from 0 up to n.
func seq(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// stands returns of each paragraph that g gives whether it is fresh.
func (g *ground) stands() []fresh {
	places := slices.Repeat([]fresh{{false, none}}, g.Gives())
	switch g.Kind {
	case Insert:
		places[0].is = true
	case Move:
		places[0] = fresh{true, g.From}
	case Split:
		_, main := g.main()
		for i := range places {
			places[i] = fresh{i != main, none}
		}
	}
	return places
}

// reach places the gaps that a step in order passes: those before paragraphs
// that were moved away, those between paragraphs that it keeps, and the one
// behind it.
func (p *Passage) reach(s Step, reached, first int) {
	if s.From > reached {
		p.gaps[s.From] = first
	}
	if s.Kind == Keep {
		for i := 1; i < s.To-s.From; i++ {
			p.gaps[s.From+i] = first + i
		}
	}
	p.gaps[s.To] = len(p.fresh)
}

// Text returns the text that the passage leads to.
func (p *Passage) Text() []string { return p.next }

package redline

import "slices"

// Compare returns the redline that leads from base to text, as a careful
// person would mark it. The paragraphs, which are valid UTF-8 without LF, are
// aligned first: what is equal, what is alike, what was moved, split or
// joined; then the words inside. Equal arguments give an equal redline on
// every machine.
//
// For texts that differ in d words it takes time in the size of the texts
// times d within each changed paragraph, and never more than a fixed number of
// steps beyond that: where this does not suffice the redline is coarser, and
// still correct.
func Compare(base, text []string) Redline {
	c := &comparison{
		work:    exactWork,
		lexicon: lexicon{ids: map[string]int32{}},
		base:    paragraphsOf(base),
		new:     paragraphsOf(text),
		match:   unmatched(len(base)),
		taken:   make([]bool, len(text)),
	}
	c.align(0, len(base), 0, len(text), 0)
	groups := c.groups()
	return c.steps(groups, c.moves(groups))
}

func paragraphsOf(text []string) []*paragraph {
	ps, all := make([]*paragraph, len(text)), make([]paragraph, len(text))
	for i, t := range text {
		ps[i] = &all[i]
		all[i].text = t
	}
	return ps
}

// A group is paragraphs of base that stand as paragraphs of the new text: one
// for one, one for many (a split), or many for one (a join).
type group struct{ aLo, aHi, bLo, bHi int }

// groups returns the pairs of c.match, each with the neighbours that were
// split off it or joined to it.
func (c *comparison) groups() []group {
	gs := make([]group, 0, len(c.match)+1)
	for i, j := range c.match {
		if j == none {
			continue
		}
		g := group{i, i + 1, j, j + 1}
		if !c.base[i].equal(c.new[j]) {
			var low group // what lies behind belongs to the groups before
			if len(gs) > 0 {
				low = gs[len(gs)-1]
			}
			if g.bHi < len(c.new) && !c.taken[g.bHi] || g.bLo > low.bHi && !c.taken[g.bLo-1] {
				g = c.split(g, low.bHi)
			}
			if g.bHi-g.bLo == 1 && (g.aHi < len(c.base) && c.match[g.aHi] == none || g.aLo > low.aHi && c.match[g.aLo-1] == none) {
				g = c.join(g, low.aHi)
			}
		}
		gs = append(gs, g)
	}
	return gs
}

// split extends g over new paragraphs beside it whose words are those that
// its base paragraph has lost.
func (c *comparison) split(g group, low int) group {
	lost := c.bagOf(c.base[g.aLo]).remainder()
	lost.take(c.bagOf(c.new[g.bLo]))
	finds := func(j int) bool {
		part := c.bagOf(c.new[j])
		if c.taken[j] || !c.lexicon.completes(lost, part) {
			return false
		}
		lost.take(part)
		c.taken[j] = true
		return true
	}
	for g.bHi < len(c.new) && finds(g.bHi) {
		g.bHi++
	}
	for g.bLo > low && finds(g.bLo-1) {
		g.bLo--
	}
	return g
}

// join extends g over base paragraphs beside it whose words are those that its
// new paragraph has gained.
func (c *comparison) join(g group, low int) group {
	gained := c.bagOf(c.new[g.bLo]).remainder()
	gained.take(c.bagOf(c.base[g.aLo]))
	finds := func(i int) bool {
		part := c.bagOf(c.base[i])
		if c.match[i] != none || !c.lexicon.completes(gained, part) {
			return false
		}
		gained.take(part)
		return true
	}
	for g.aHi < len(c.base) && finds(g.aHi) {
		g.aHi++
	}
	for g.aLo > low && finds(g.aLo-1) {
		g.aLo--
	}
	return g
}

// moves pairs paragraphs that are gone from one place with those that are new
// at another: equal ones, then nearly equal ones. The result maps new
// paragraphs to base paragraphs.
func (c *comparison) moves(groups []group) map[int]int {
	stays := make([]bool, len(c.base))
	for _, g := range groups {
		for i := g.aLo; i < g.aHi; i++ {
			stays[i] = true
		}
	}
	gone := map[string][]int{}
	var rest []int
	for i, p := range c.base {
		if !stays[i] && slices.ContainsFunc(c.tokensOf(p), isWord) {
			gone[p.squashed()] = append(gone[p.squashed()], i)
			rest = append(rest, i)
		}
	}
	moved := map[int]int{}
	found := make([]bool, len(c.base))
	var fresh []int
	for j, p := range c.new {
		if c.taken[j] {
			continue
		}
		if from := gone[p.squashed()]; len(from) > 0 {
			moved[j] = from[0]
			gone[p.squashed()] = from[1:]
			found[from[0]] = true
			continue
		}
		fresh = append(fresh, j)
	}
	rest = slices.DeleteFunc(rest, func(i int) bool { return found[i] })
	c.nearMoves(moved, rest, fresh)
	return moved
}

func (c *comparison) nearMoves(moved map[int]int, gone, fresh []int) {
	const most = 1 << 12
	if len(gone)*len(fresh) > most {
		return
	}
	for _, j := range fresh {
		b := c.bagOf(c.new[j])
		best, from := nearlySame-1, none
		for _, i := range gone {
			a := c.bagOf(c.base[i])
			if min(a.size, b.size) < moveWords {
				continue
			}
			if s := c.lexicon.dice(a, b); s > best {
				best, from = s, i
			}
		}
		if from != none {
			moved[j] = from
			gone = slices.DeleteFunc(gone, func(i int) bool { return i == from })
		}
	}
}

// steps writes the redline: where paragraphs give way to others, those that
// are deleted come first.
func (c *comparison) steps(groups []group, moved map[int]int) Redline {
	elsewhere := make([]bool, len(c.base))
	for _, i := range moved {
		elsewhere[i] = true
	}
	r := Redline{}
	end := group{len(c.base), len(c.base), len(c.new), len(c.new)}
	i, j := 0, 0
	for _, g := range append(groups, end) {
		for ; i < g.aLo; i++ {
			if !elsewhere[i] {
				r = append(r, Step{Delete, i, i + 1, appendRun(nil, Deleted, c.tokensOf(c.base[i]))})
			}
		}
		for ; j < g.bLo; j++ {
			if from, ok := moved[j]; ok {
				r = append(r, Step{Move, from, from + 1, c.runs(group{from, from + 1, j, j + 1})})
				continue
			}
			r = append(r, Step{Insert, 0, 0, appendRun(nil, Inserted, c.tokensOf(c.new[j]))})
		}
		if g != end {
			r = c.appendGroup(r, g)
		}
		i, j = g.aHi, g.bHi
	}
	return r
}

func (c *comparison) appendGroup(r Redline, g group) Redline {
	switch {
	case g.bHi-g.bLo > 1:
		return append(r, Step{Split, g.aLo, g.aHi, c.runs(g)})
	case g.aHi-g.aLo > 1:
		return append(r, Step{Join, g.aLo, g.aHi, c.runs(g)})
	case c.base[g.aLo].text != c.new[g.bLo].text:
		return append(r, Step{Change, g.aLo, g.aHi, c.runs(g)})
	}
	if n := len(r); n > 0 && r[n-1].Kind == Keep && r[n-1].To == g.aLo {
		r[n-1].To++
		return r
	}
	return append(r, Step{Kind: Keep, From: g.aLo, To: g.aHi})
}

// runs compares the words of a group.
func (c *comparison) runs(g group) []Run {
	a, b := c.tokensOfAll(c.base[g.aLo:g.aHi]), c.tokensOfAll(c.new[g.bLo:g.bHi])
	return runs(a, b, c.work.matchTokens(a, b).hunks(a, b))
}

// tokensOfAll cuts consecutive paragraphs, with a Break between two.
func (c *comparison) tokensOfAll(paragraphs []*paragraph) []string {
	if len(paragraphs) == 1 {
		return c.tokensOf(paragraphs[0])
	}
	var tokens []string
	for i, p := range paragraphs {
		if i > 0 {
			tokens = append(tokens, Break)
		}
		tokens = append(tokens, c.tokensOf(p)...)
	}
	return tokens
}

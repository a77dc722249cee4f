package redline

// Bounds of the pairing of paragraphs in a gap. Beyond them a paragraph is
// looked for only near the place where it would be expected.
const (
	pairCells  = 1 << 16 // pairs of paragraphs
	pairTokens = 1 << 23 // words looked at
	pairReach  = 32      // paragraphs to either side
	pairDepth  = 16      // gaps within gaps that are searched for equal paragraphs
	pairAtOnce = 1 << 16 // words looked at; where they are fewer, equal paragraphs are not sought first
)

// A paragraph with what the comparison knows of it.
type paragraph struct {
	text  string
	found *found
}

// What is found out about a paragraph when it is asked for.
type found struct {
	key    string // text, squashed
	tokens []string
	bag    *bag
}

func (p *paragraph) known() *found {
	if p.found == nil {
		p.found = new(found)
	}
	return p.found
}

// squashed returns what makes p equal to another paragraph.
func (p *paragraph) squashed() string {
	f := p.known()
	if f.key == "" {
		f.key = squash(p.text)
	}
	return f.key
}

func (p *paragraph) equal(q *paragraph) bool {
	return p.text == q.text || p.squashed() == q.squashed()
}

// sameEnds reports whether what p and q begin and end with is most of both.
func (p *paragraph) sameEnds(q *paragraph) bool {
	n := min(len(p.text), len(q.text))
	i, j := 0, 0
	for i < n && p.text[i] == q.text[i] {
		i++
	}
	for j < n-i && p.text[len(p.text)-1-j] == q.text[len(q.text)-1-j] {
		j++
	}
	return 2*(i+j) > max(len(p.text), len(q.text))
}

// A comparison is the state of one [Compare].
type comparison struct {
	work      work
	lexicon   lexicon
	base, new []*paragraph

	match matching // paragraphs of base to those of new
	taken []bool   // whether a paragraph of new is in match
}

func (c *comparison) pair(i, j int) {
	c.match[i] = j
	c.taken[j] = true
}

func (c *comparison) bagOf(p *paragraph) *bag {
	f := p.known()
	if f.bag == nil {
		f.bag = c.lexicon.bag(c.tokensOf(p))
	}
	return f.bag
}

func (c *comparison) tokensOf(p *paragraph) []string {
	f := p.known()
	if f.tokens == nil {
		f.tokens = Tokens(p.text)
	}
	return f.tokens
}

// align pairs what is equal in base[aLo:aHi] and new[bLo:bHi] at both ends,
// and, where much is left, what occurs once on either side; then, in each gap,
// what is alike.
func (c *comparison) align(aLo, aHi, bLo, bHi, depth int) {
	for aLo < aHi && bLo < bHi && c.base[aLo].equal(c.new[bLo]) {
		c.pair(aLo, bLo)
		aLo, bLo = aLo+1, bLo+1
	}
	for aLo < aHi && bLo < bHi && c.base[aHi-1].equal(c.new[bHi-1]) {
		aHi, bHi = aHi-1, bHi-1
		c.pair(aHi, bHi)
	}
	if aLo == aHi || bLo == bHi {
		return
	}
	var anchors []anchor
	if depth < pairDepth && c.effort(aLo, aHi, bLo, bHi) > pairAtOnce {
		if anchors = c.abreast(aLo, aHi, bLo, bHi); anchors == nil {
			anchors = patience(keys(c.base[aLo:aHi]), keys(c.new[bLo:bHi]))
		}
	}
	if len(anchors) == 0 {
		c.pairAlike(aLo, aHi, bLo, bHi)
		return
	}
	i, j := aLo, bLo
	for _, at := range anchors {
		c.align(i, aLo+at.a, j, bLo+at.b, depth+1)
		c.pair(aLo+at.a, bLo+at.b)
		i, j = aLo+at.a+1, bLo+at.b+1
	}
	c.align(i, aHi, j, bHi, depth+1)
}

// abreast returns the equal paragraphs of a gap that stand at the same place on
// either side, if there are as many on both sides and most are equal.
func (c *comparison) abreast(aLo, aHi, bLo, bHi int) []anchor {
	if aHi-aLo != bHi-bLo {
		return nil
	}
	anchors := make([]anchor, 0, aHi-aLo)
	for i := range aHi - aLo {
		if c.base[aLo+i].text == c.new[bLo+i].text {
			anchors = append(anchors, anchor{i, i})
		}
	}
	if 4*len(anchors) < 3*(aHi-aLo) {
		return nil
	}
	return anchors
}

func keys(paragraphs []*paragraph) []string {
	out := make([]string, len(paragraphs))
	for i, p := range paragraphs {
		out[i] = p.squashed()
	}
	return out
}

// A band is a table over the paragraphs of a gap, of which a row has only the
// columns around the diagonal: all of them where the gap is small.
type band struct {
	rows, columns, reach int
}

// limits returns the first and the last column of a row.
func (t band) limits(row int) (lo, hi int) {
	middle := row * t.columns / t.rows
	return max(0, middle-t.reach), min(t.columns, middle+t.reach)
}

// How the best way through a table reaches a cell.
const (
	byInserting byte = iota
	byDeleting
	byPairing
)

// pairAlike pairs the paragraphs of a gap so that their likeness adds up to the
// most; among equals, the pairing that is found first from the end.
func (c *comparison) pairAlike(aLo, aHi, bLo, bHi int) {
	t := band{aHi - aLo, bHi - bLo, c.reach(aLo, aHi, bLo, bHi)}
	least := alike
	if t.rows == 1 && t.columns == 1 {
		least = alikeAlone
		if c.base[aLo].sameEnds(c.new[bLo]) {
			c.pair(aLo, bLo)
			return
		}
	}
	choices := make([][]byte, t.rows+1)
	var above []int // the row before, from column aboveLo
	aboveLo := 0
	for i := range choices {
		lo, hi := t.limits(i)
		row := make([]int, hi-lo+1)
		choices[i] = make([]byte, len(row))
		for j := lo; j <= hi; j++ {
			best, choice := outside, byInserting
			if j > lo {
				best = row[j-1-lo]
			} else if i == 0 {
				best = 0
			}
			if k := j - aboveLo; k < len(above) && above[k] > best {
				best, choice = above[k], byDeleting
			}
			if k := j - 1 - aboveLo; k >= 0 && k < len(above) && above[k] > outside {
				if s := c.score(aLo+i-1, bLo+j-1, least); s > 0 && above[k]+s >= best {
					best, choice = above[k]+s, byPairing
				}
			}
			row[j-lo], choices[i][j-lo] = best, choice
		}
		above, aboveLo = row, lo
	}
	for i, j := t.rows, t.columns; i > 0 || j > 0; {
		lo, _ := t.limits(i)
		switch choices[i][j-lo] {
		case byPairing:
			i, j = i-1, j-1
			c.pair(aLo+i, bLo+j)
		case byDeleting:
			i--
		default:
			j--
		}
	}
}

// outside is less than any likeness.
const outside = -1 << 30

// reach returns how far from the diagonal the table of a gap goes.
func (c *comparison) reach(aLo, aHi, bLo, bHi int) int {
	rows, columns := aHi-aLo, bHi-bLo
	if c.large(aLo, aHi, bLo, bHi) {
		return pairReach + columns/rows + 1
	}
	return max(rows, columns)
}

// large reports whether a gap is too large for every pair in it to be looked
// at.
func (c *comparison) large(aLo, aHi, bLo, bHi int) bool {
	rows, columns := aHi-aLo, bHi-bLo
	if rows*columns > pairCells {
		return true
	}
	return c.effort(aLo, aHi, bLo, bHi) > pairTokens
}

// effort returns about how many words are looked at when every pair in a gap is.
func (c *comparison) effort(aLo, aHi, bLo, bHi int) int {
	const word = 6 // bytes, with the space behind it
	bytes := 0
	for _, p := range c.base[aLo:aHi] {
		bytes += (bHi - bLo) * len(p.text)
	}
	for _, p := range c.new[bLo:bHi] {
		bytes += (aHi - aLo) * len(p.text)
	}
	return bytes / word
}

// score returns what it is worth to pair two paragraphs: the weight of the
// words that they share, the more the more alike they are; 0 when they are less
// alike than least.
func (c *comparison) score(i, j, least int) int {
	a, b := c.base[i], c.new[j]
	if a.equal(b) {
		return 1 + c.bagOf(a).weight*same/1000
	}
	ba, bb := c.bagOf(a), c.bagOf(b)
	if s := c.lexicon.alike(ba, bb); s >= least {
		return c.lexicon.shared(ba, bb) * s / 1000
	}
	return 0
}

package redline

import "slices"

// Contribution returns for each paragraph of the text that revision leads to the words
// in it that e brings in, too, as spans that ascend. e and revision are of the same
// base; whoever wrote the one had the other at hand. The error is that of
// [Redline.Apply].
//
// A paragraph of the text is compared, word by word, with what e makes of those that
// it comes from; a new one with the paragraph of e's text that is the same or most
// alike, of those in which e brings in words. Where e repeats words that stand beside
// them, as a second "very", both are in a span: nobody can tell which is the second.
// It takes time as [Compare] does, in the paragraphs that e changes and those that are
// new.
func (e Edits) Contribution(base []string, revision Redline) ([][]Span, error) {
	text, err := revision.Apply(base)
	if err != nil {
		return nil, err
	}
	r := e.Redline(base)
	h := NewHistory(base)
	if err := h.Add(r); err != nil {
		return nil, err
	}
	c := contribution{work: exactWork, lexicon: lexicon{ids: map[string]int32{}}, byBase: make([][]int, len(base))}
	for _, row := range h.rows {
		if row.fate == Keep {
			p := ownWords(row.words)
			if p.any {
				p.bag = c.lexicon.bag(p.tokens)
			}
			c.paragraphs = append(c.paragraphs, p)
		}
	}
	for i, from := range r.sources() {
		for _, b := range from {
			c.byBase[b] = append(c.byBase[b], i)
		}
	}
	spans := make([][]Span, len(text))
	for j, from := range revision.sources() {
		spans[j] = c.spans(text[j], from)
	}
	return spans, nil
}

// sources returns for each paragraph of the text that r gives the paragraphs of the
// base that it comes from; none for a new one.
func (r Redline) sources() [][]int {
	var sources [][]int
	for _, s := range r {
		all := make([]int, 0, s.To-s.From)
		for i := s.From; i < s.To; i++ {
			all = append(all, i)
		}
		for k := range s.Gives() {
			from := all
			if s.Kind == Keep {
				from = all[k : k+1]
			}
			sources = append(sources, from)
		}
	}
	return sources
}

// A contribution is what edits make of their base, on the way into a revision.
type contribution struct {
	work       work
	lexicon    lexicon
	paragraphs []ownParagraph
	byBase     [][]int // paragraph of the base to those that come from it
}

// An ownParagraph is a paragraph as edits make it.
type ownParagraph struct {
	tokens []string
	own    []bool // for each token, whether the edits bring it in
	any    bool   // whether they bring in any
	bag    *bag   // of the tokens, if so
}

// add makes those words of p the edits' own that are so in q, a paragraph like p or the
// first of these.
func (p *ownParagraph) add(q ownParagraph) {
	if len(p.tokens) == 0 {
		p.tokens, p.own = q.tokens, make([]bool, len(q.own))
	}
	for i, own := range q.own {
		p.own[i] = p.own[i] || own
	}
	p.any = p.any || q.any
}

// spans returns what the edits bring in of a paragraph that comes from some of the base.
func (c *contribution) spans(text string, from []int) []Span {
	var p, same ownParagraph
	tokens := Tokens(text)
	taken := map[int]bool{}
	for _, b := range from {
		for _, i := range c.byBase[b] {
			q := c.paragraphs[i]
			if taken[i] {
				continue
			}
			taken[i] = true
			p.tokens, p.own, p.any = append(p.tokens, q.tokens...), append(p.own, q.own...), p.any || q.any
			if slices.Equal(q.tokens, tokens) {
				same.add(q)
			}
		}
	}
	if !p.any && len(from) > 0 {
		return nil
	}
	if len(same.tokens) > 0 {
		p = same
	}
	if len(from) == 0 {
		p = c.mostAlike(tokens)
	}
	if !p.any {
		return nil
	}
	own := make([]bool, len(tokens))
	for i, j := range c.work.matchTokens(p.tokens, tokens) {
		if j != none {
			own[j] = p.own[i]
		}
	}
	var spans []Span
	at := 0
	for j, token := range tokens {
		if own[j] {
			spans = append(spans, Span{at, at + len(token)})
		}
		at += len(token)
	}
	return spans
}

// mostAlike returns the paragraph with words of the edits' own that some tokens are, or
// are a form of; the latter only while there is work left.
func (c *contribution) mostAlike(tokens []string) ownParagraph {
	var best, same ownParagraph
	most := alike - 1
	bag := c.lexicon.bag(tokens)
	for _, p := range c.paragraphs {
		if !p.any {
			continue
		}
		if slices.Equal(p.tokens, tokens) {
			same.add(p)
		}
		if c.work <= 0 || same.any {
			continue
		}
		c.work -= work(len(bag.words) + len(p.bag.words))
		if n := c.lexicon.alike(bag, p.bag); n > most {
			best, most = p, n
		}
	}
	if same.any {
		return same
	}
	return best
}

// ownWords returns a paragraph of a history of one step, in which the words of the
// step are its own, and those that are the same and right beside them.
func ownWords(words []Words) ownParagraph {
	var p ownParagraph
	var isNew []bool
	for _, w := range words {
		if !w.stands() {
			continue
		}
		for _, token := range Tokens(w.Text) {
			p.tokens, isNew = append(p.tokens, token), append(isNew, w.Since == 1)
			p.any = p.any || w.Since == 1
		}
	}
	p.own = slices.Clone(isNew)
	same := func(i, j int) bool { return 0 <= j && j < len(p.tokens) && p.tokens[i] == p.tokens[j] }
	for from := 0; from < len(isNew); from++ {
		if !isNew[from] {
			continue
		}
		to := from
		for to < len(isNew) && isNew[to] {
			to++
		}
		for i := 0; same(from+i, to+i); i++ {
			p.own[to+i] = true
		}
		for i := 1; same(to-i, from-i); i++ {
			p.own[from-i] = true
		}
		from = to
	}
	return p
}

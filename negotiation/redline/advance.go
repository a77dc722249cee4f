package redline

import "slices"

// An advance is the way of a weave through one step.
type advance struct {
	*History
	from    []row // the weave before, in which moved paragraphs have left
	live    []int // paragraph of the text before to its row
	next    int   // the rows before it are behind
	lineage []int // of the paragraphs that are still to come
	rows    []row // the weave after
}

// advance takes the weave through r, which applies. Where paragraphs are gone,
// those that come into their place stand behind them.
func (h *History) advance(r Redline) {
	a := advance{History: h, from: slices.Clone(h.rows), lineage: r.Lineage()}
	for i, row := range a.from {
		if row.fate == Keep {
			a.live = append(a.live, i)
		}
	}
	for _, s := range r {
		if s.Kind == Move {
			from := &a.from[a.live[s.From]]
			from.fate, from.until, from.words = Move, h.last, left(from.words, h.last)
		}
	}
	a.skip()
	for _, s := range r {
		a.step(s)
		a.skip()
	}
	h.rows = a.rows
}

// step takes up the rows of s and writes those that it gives.
func (a *advance) step(s Step) {
	switch s.Kind {
	case Keep:
		for i := s.From; i < s.To; i++ {
			a.put(a.reach(i))
		}
	case Insert:
		text := ""
		if len(s.Runs) > 0 {
			text = s.Runs[0].Text
		}
		a.put(row{id: a.born(0), words: newWords(text, a.last)})
	case Delete:
		gone := a.reach(s.From).gone(a.last)
		a.rows = append(a.rows, gone)
	case Move:
		from := a.History.rows[a.live[s.From]]
		from.words = a.through(s, arrived(from.words, a.last))
		a.put(from)
	case Join:
		a.join(s)
	default:
		from := a.reach(s.From)
		a.split(s, from, a.through(s, from.words))
	}
}

// gone returns r after a step that deletes it.
func (r row) gone(step int) row {
	r.fate, r.until, r.words = Delete, step, gone(r.words, step)
	return r
}

// through returns the words of rows, which end with a break, as s leaves them.
func (a *advance) through(s Step, words []Words) []Words {
	end := len(words) - 1
	return append(woven(words[:end], s.Runs, a.last), words[end])
}

// split writes the parts of from, which are words cut behind the breaks that
// stand; only one if s is a change.
func (a *advance) split(s Step, from row, words []Words) {
	for len(words) > 0 {
		n := 1 + slices.IndexFunc(words, func(w Words) bool { return w.Break && w.stands() })
		part := row{words: words[:n:n]}
		words = words[n:]
		if a.lineage[0] == s.From {
			part.id = from.id
		} else {
			part.id = a.born(from.id)
		}
		a.put(part)
	}
}

// join writes the paragraph that s gives in the place of the one that it
// continues, to which the words of the others come.
func (a *advance) join(s Step) {
	main := a.lineage[0]
	var words []Words
	for i := s.From; i < s.To; i++ {
		w := a.from[a.live[i]].words
		if i != main {
			w = arrived(w, a.last)
		}
		words = append(words, w...)
	}
	into := a.from[a.live[main]].id
	for i := s.From; i < s.To; i++ {
		from := a.reach(i)
		if i == main {
			from.words = a.through(s, words)
			a.put(from)
			continue
		}
		from.fate, from.until, from.into, from.words = Join, a.last, into, left(from.words, a.last)
		a.rows = append(a.rows, from)
	}
}

// put writes a paragraph that stands.
func (a *advance) put(r row) {
	a.rows = append(a.rows, r)
	a.lineage = a.lineage[1:]
}

// reach returns the row of paragraph i, after writing what lies before it.
func (a *advance) reach(i int) row {
	at := a.live[i]
	a.rows = append(a.rows, a.from[a.next:at]...)
	a.next = at + 1
	return a.from[at]
}

// skip writes the rows up to the next one that stands.
func (a *advance) skip() {
	for a.next < len(a.from) && a.from[a.next].fate != Keep {
		a.rows = append(a.rows, a.from[a.next])
		a.next++
	}
}

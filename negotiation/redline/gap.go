package redline

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
)

// A unit is the paragraphs that one proposal inserts in one gap.
type unit struct {
	proposal *Proposal
	inserted []Insertion
}

// newParagraphs returns what is inserted in one gap: each unit's paragraphs in
// their order, and what several want once, with all their parties. Where orders
// contradict one another, some of it stands more than once. Units come in the
// order of their proposals' IDs, the first of which gives a paragraph its line ends.
// Names of parties matter only to the order of paragraphs that are in no unit
// together, not to what stands more than once. It takes n log n time.
func newParagraphs(units []unit) []Paragraph {
	if len(units) == 0 {
		return nil
	}
	g := newGap(units)
	var ps []Paragraph
	var last []int // the units that want what was laid out last
	for len(g.heads) > 0 {
		for _, w := range g.choose(last) {
			var p Paragraph
			p, last = g.put(w)
			ps = append(ps, p)
		}
	}
	return ps
}

// A gap is what is still to be laid out of the units of one gap.
type gap struct {
	units []unit
	keys  [][]*wanted       // of each unit's paragraphs
	at    []map[*wanted]int // where in a unit one stands
	first []int             // how many of a unit's paragraphs are laid out
	heads map[*wanted]bool  // some unit has it as its next one
	ready readiness         // heads of all units that still want them
	work  int               // what is left of gapWork
}

// gapWork is how many paragraphs of units are looked at in the search for what to
// lay out twice. Beyond it, all that comes next is laid out.
const gapWork = 1 << 20

// Wanted is a paragraph that some units want in their gap. One that a unit has
// several times is as many.
type wanted struct {
	text  string // squashed
	nth   int    // of the same text in a unit
	units []int  // that want it
	left  int    // of them, those that have it still to come
	heads []int  // those that have it as their next one

	alternative Alternative // once it is ready
}

// isReady reports whether all that have w still to come have it as their next one.
func (w *wanted) isReady() bool { return w.left > 0 && len(w.heads) == w.left }

func newGap(units []unit) *gap {
	type key struct {
		text string
		nth  int
	}
	g := &gap{units: units, heads: map[*wanted]bool{}, first: make([]int, len(units)), work: gapWork}
	all := map[key]*wanted{}
	for u, unit := range units {
		times := map[string]int{}
		at := map[*wanted]int{}
		var keys []*wanted
		for i, in := range unit.inserted {
			k := key{text: squash(in.Text)}
			k.nth = times[k.text]
			times[k.text]++
			w := all[k]
			if w == nil {
				w = &wanted{text: k.text, nth: k.nth}
				all[k] = w
			}
			w.units = append(w.units, u)
			w.left++
			keys = append(keys, w)
			at[w] = i
		}
		g.keys, g.at = append(g.keys, keys), append(g.at, at)
	}
	for u := range units {
		g.comes(u)
	}
	return g
}

// comes takes note of what is next in a unit.
func (g *gap) comes(u int) {
	if g.first[u] == len(g.keys[u]) {
		return
	}
	w := g.keys[u][g.first[u]]
	g.heads[w] = true
	if w.heads = append(w.heads, u); w.isReady() {
		w.alternative = g.alternative(w)
		heap.Push(&g.ready, w)
	}
}

// alternative returns w as all want it that have it as their next one.
func (g *gap) alternative(w *wanted) Alternative {
	a := Alternative{Moved: true}
	slices.Sort(w.heads)
	for i, u := range w.heads {
		p, in := g.units[u].proposal, g.units[u].inserted[g.first[u]]
		if i == 0 {
			a.Text = in.Text
		}
		a.add(p)
		a.Moved = a.Moved && in.From != none
		a.wishes = append(a.wishes, wish{proposal: p.ID, insertion: in})
	}
	a.sort()
	return a
}

// put lays out w for all that have it as their next one, which it returns, too.
func (g *gap) put(w *wanted) (Paragraph, []int) {
	if !w.isReady() {
		w.alternative = g.alternative(w)
	}
	units := w.heads
	delete(g.heads, w)
	w.heads, w.left = nil, w.left-len(units)
	d := &Dispute{Alternatives: []Alternative{{Base: true, Deleted: true}, w.alternative}}
	for _, u := range units {
		g.first[u]++
		g.comes(u)
	}
	return Paragraph{Base: none, Segments: []Segment{{Dispute: d}}}, units
}

// choose returns what is laid out next: what is ready, first of all in the units
// that the last one is from, so that they stay together.
func (g *gap) choose(last []int) []*wanted {
	var best *wanted
	for _, u := range last {
		if n := g.first[u]; n < len(g.keys[u]) {
			if w := g.keys[u][n]; w.isReady() && (best == nil || w.compare(best) < 0) {
				best = w
			}
		}
	}
	for best == nil && len(g.ready) > 0 {
		if w := heap.Pop(&g.ready).(*wanted); w.left > 0 { // otherwise it was laid out behind another
			best = w
		}
	}
	if best == nil {
		return g.stuck()
	}
	return []*wanted{best}
}

// stuck returns what is laid out next where each of the heads comes later in some
// other unit: what stands before the one that is the nearest to be ready.
func (g *gap) stuck() []*wanted {
	heads := slices.SortedFunc(maps.Keys(g.heads), func(a, b *wanted) int {
		return cmp.Or(cmp.Compare(len(b.heads), len(a.heads)), cmp.Compare(a.text, b.text), cmp.Compare(a.nth, b.nth))
	})
	for _, w := range heads {
		g.work -= len(w.units)
	}
	if g.work < 0 {
		return heads
	}
	nearest := slices.MinFunc(heads, func(a, b *wanted) int { return cmp.Compare(g.distance(a), g.distance(b)) })
	before := slices.IndexFunc(heads, func(w *wanted) bool {
		return slices.ContainsFunc(w.heads, func(u int) bool {
			at, wants := g.at[u][nearest]
			return wants && at > g.first[u]
		})
	})
	return heads[before : before+1]
}

// distance returns how many paragraphs stand before w in the unit where it comes
// last.
func (g *gap) distance(w *wanted) int {
	most := 0
	for _, u := range w.units {
		most = max(most, g.at[u][w]-g.first[u])
	}
	return most
}

// compare is the order in which what is ready is laid out.
func (w *wanted) compare(v *wanted) int {
	return cmp.Or(w.alternative.compare(v.alternative), cmp.Compare(w.text, v.text), cmp.Compare(w.nth, v.nth))
}

// readiness is a heap of what is ready.
type readiness []*wanted

func (r readiness) Len() int           { return len(r) }
func (r readiness) Less(i, j int) bool { return r[i].compare(r[j]) < 0 }
func (r readiness) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *readiness) Push(w any)        { *r = append(*r, w.(*wanted)) }
func (r *readiness) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}

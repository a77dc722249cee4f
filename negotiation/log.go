package negotiation

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"
)

// logOf returns all acts of a ledger in an order that depends on nothing else: each
// after those that it follows or refers to and, among those that could stand next,
// the one with the earliest time. It takes time n log n in the acts.
func logOf(l *Ledger) []Verified {
	follows := map[ActID][]Verified{}
	lacks := map[ActID]int{}
	var ready byTime
	for _, t := range l.sorted() {
		for _, v := range slices.Concat(t.line, t.beside) {
			needs := v.needs()
			for _, id := range needs {
				follows[id] = append(follows[id], v)
			}
			if lacks[v.id] = len(needs); len(needs) == 0 {
				ready = append(ready, v)
			}
		}
	}
	heap.Init(&ready)
	log := make([]Verified, 0, l.count())
	for len(ready) > 0 {
		v := heap.Pop(&ready).(Verified)
		log = append(log, v)
		for _, next := range follows[v.id] {
			if lacks[next.id]--; lacks[next.id] == 0 {
				heap.Push(&ready, next)
			}
		}
	}
	return log
}

// needs returns the acts without which an act cannot be judged: those that it is about,
// and the one that it follows.
func (v Verified) needs() []ActID {
	needs := v.act.References()
	if !v.act.Previous.IsZero() {
		needs = append(needs, v.act.Previous)
	}
	return needs
}

// byTime is a heap of acts by time, then by chain, place and name.
type byTime []Verified

func (h byTime) Len() int      { return len(h) }
func (h byTime) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *byTime) Push(v any)   { *h = append(*h, v.(Verified)) }

func (h byTime) Less(i, j int) bool {
	a, b := h[i].act, h[j].act
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Chain, b.Chain), cmp.Compare(a.Sequence, b.Sequence),
		bytes.Compare(h[i].id[:], h[j].id[:])) < 0
}

func (h *byTime) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

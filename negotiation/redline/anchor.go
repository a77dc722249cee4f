package redline

import "slices"

// An anchor is an entry of a that is found again in b.
type anchor struct{ a, b int }

// patience returns the entries that occur once on either side, as the longest
// chain of them that ascends on both (the idea of Bram Cohen's patience
// diff). It takes n log n time.
func patience[T comparable](a, b []T) []anchor {
	type seen struct{ inA, inB, atA, atB int }
	count := make(map[T]*seen, len(a))
	for i, t := range a {
		s := count[t]
		if s == nil {
			s = new(seen)
			count[t] = s
		}
		s.inA, s.atA = s.inA+1, i
	}
	for j, t := range b {
		if s := count[t]; s != nil {
			s.inB, s.atB = s.inB+1, j
		}
	}
	var once []anchor
	for i, t := range a {
		if s := count[t]; s.inA == 1 && s.inB == 1 {
			once = append(once, anchor{i, s.atB})
		}
	}
	return ascending(once)
}

// ascending returns the longest chain of anchors, which ascend in a, that also
// ascends in b.
func ascending(anchors []anchor) []anchor {
	var tails []int // tails[k]: the anchor with the least b that ends a chain of k+1
	before := make([]int, len(anchors))
	for i, x := range anchors {
		k, _ := slices.BinarySearchFunc(tails, x.b, func(t, b int) int { return anchors[t].b - b })
		before[i] = none
		if k > 0 {
			before[i] = tails[k-1]
		}
		if k == len(tails) {
			tails = append(tails, i)
		} else {
			tails[k] = i
		}
	}
	chain := make([]anchor, len(tails))
	if len(tails) == 0 {
		return chain
	}
	for i, k := tails[len(tails)-1], len(tails)-1; k >= 0; i, k = before[i], k-1 {
		chain[k] = anchors[i]
	}
	return chain
}

package redline

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Bounds of the exact comparison of words. Beyond them only words that occur
// once on either side are found again. The same bounds hold on every machine,
// because they count steps and not time.
const (
	exactTokens = 8192    // tokens of both sides of one region together
	exactWork   = 1 << 26 // tokens times differences, over one whole Compare
)

// work is what a comparison has left of exactWork.
type work int

// A matching says for each token (or paragraph) of the old side which one of
// the new side it is, or none. It ascends.
type matching []int

const none = -1

func unmatched(n int) matching {
	m := make(matching, n)
	for i := range m {
		m[i] = none
	}
	return m
}

// matchTokens finds the tokens of a again in b.
func (w *work) matchTokens(a, b []string) matching {
	m := unmatched(len(a))
	w.region(m, tokenKeys(a), tokenKeys(b), 0, 0)
	return m
}

// region fills in the matching of a and b, which begin at the offsets ao and
// bo of the whole.
func (w *work) region(m matching, a, b []string, ao, bo int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		m[ao] = bo
		a, b, ao, bo = a[1:], b[1:], ao+1, bo+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
		m[ao+len(a)] = bo + len(b)
	}
	switch {
	case len(a) == 0 || len(b) == 0:
	case len(a)+len(b) <= exactTokens && *w > 0:
		w.exact(m, a, b, ao, bo)
	default:
		w.coarse(m, a, b, ao, bo)
	}
}

// exact finds a shortest edit script (Myers 1986). Tokens travel through
// go-diff as one rune each; there are fewer of them than the first surrogate,
// U+D800, which go-diff would garble.
func (w *work) exact(m matching, a, b []string, ao, bo int) {
	runes := make(map[string]rune, len(a))
	encode := func(tokens []string) []rune {
		out := make([]rune, len(tokens))
		for i, t := range tokens {
			r, ok := runes[t]
			if !ok {
				r = rune(len(runes) + 1)
				runes[t] = r
			}
			out[i] = r
		}
		return out
	}
	myers := diffmatchpatch.New()
	myers.DiffTimeout = 0
	differences := 1
	i, j := ao, bo
	for _, d := range myers.DiffMainRunes(encode(a), encode(b), false) {
		n := utf8.RuneCountInString(d.Text)
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			i, differences = i+n, differences+n
		case diffmatchpatch.DiffInsert:
			j, differences = j+n, differences+n
		default:
			for range n {
				m[i] = j
				i, j = i+1, j+1
			}
		}
	}
	*w -= work((len(a) + len(b)) * differences)
}

// coarse anchors a region that is too large on the tokens that occur once on
// either side, and compares what lies between where that is small enough.
func (w *work) coarse(m matching, a, b []string, ao, bo int) {
	anchors := patience(a, b)
	if len(anchors) == 0 {
		return
	}
	i, j := 0, 0
	for _, at := range anchors {
		w.between(m, a[i:at.a], b[j:at.b], ao+i, bo+j)
		m[ao+at.a] = bo + at.b
		i, j = at.a+1, at.b+1
	}
	w.between(m, a[i:], b[j:], ao+i, bo+j)
}

func (w *work) between(m matching, a, b []string, ao, bo int) {
	if len(a) > 0 && len(b) > 0 && len(a)+len(b) <= exactTokens && *w > 0 {
		w.exact(m, a, b, ao, bo)
	}
}

// A tokenHunk replaces a[aLo:aHi] by b[bLo:bHi]; one of the two may be empty.
type tokenHunk struct{ aLo, aHi, bLo, bHi int }

func (h tokenHunk) inserts() bool { return h.aLo == h.aHi }
func (h tokenHunk) deletes() bool { return h.bLo == h.bHi }

// hunks returns what m leaves unmatched or matches with another white space, in
// the one form that does not depend on who computed m: a hunk has no common
// token at its ends, and an insertion or deletion that could stand in several
// places stands in the first where it begins with white space and ends before
// punctuation, or else in the first where it begins with white space, or else in
// the first. Between two hunks there is at least one token, unless one of them
// wraps. It takes time in the number of tokens.
func (m matching) hunks(a, b []string) []tokenHunk {
	var hs []tokenHunk
	ka, kb := tokenKeys(a), tokenKeys(b)
	uneven := false // whether equal words are cut differently, because of what stands beside them
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && m[i] == j {
			if a[i] != b[j] {
				hs = append(hs, tokenHunk{i, i + 1, j, j + 1})
			}
			i, j = i+1, j+1
			continue
		}
		h := tokenHunk{i, i, j, j}
		for i < len(a) && m[i] == none {
			i++
		}
		j = len(b)
		if i < len(a) {
			j = m[i]
		}
		h.aHi, h.bHi = i, j
		before, h, after := h.trim(a, b, ka, kb)
		hs = append(hs, before...)
		switch {
		case h.inserts() && h.deletes():
		case strings.Join(a[h.aLo:h.aHi], "") == strings.Join(b[h.bLo:h.bHi], ""):
			uneven = true
		default:
			hs = append(hs, h)
		}
		hs = append(hs, after...)
	}
	if uneven {
		return hs
	}
	for k := range hs {
		least, most := 0, len(a)
		if k > 0 {
			least = min(hs[k-1].aHi+1, hs[k].aLo)
		}
		if k+1 < len(hs) {
			most = max(hs[k+1].aLo-1, hs[k].aHi)
		}
		hs[k] = hs[k].settle(a, b, least, most)
	}
	return hs
}

// trim takes what both sides have in common off the ends of h. What differs
// there in white space alone comes back as hunks that wrap.
func (h tokenHunk) trim(a, b, ka, kb []string) (before []tokenHunk, rest tokenHunk, after []tokenHunk) {
	for !h.inserts() && !h.deletes() && ka[h.aLo] == kb[h.bLo] {
		if a[h.aLo] != b[h.bLo] {
			before = append(before, tokenHunk{h.aLo, h.aLo + 1, h.bLo, h.bLo + 1})
		}
		h.aLo, h.bLo = h.aLo+1, h.bLo+1
	}
	for !h.inserts() && !h.deletes() && ka[h.aHi-1] == kb[h.bHi-1] {
		h.aHi, h.bHi = h.aHi-1, h.bHi-1
		if a[h.aHi] != b[h.bHi] {
			after = append(after, tokenHunk{h.aHi, h.aHi + 1, h.bHi, h.bHi + 1})
		}
	}
	slices.Reverse(after)
	return before, h, after
}

// settle moves an insertion or a deletion to the place that all who make it
// agree on, within a[least:most].
func (h tokenHunk) settle(a, b []string, least, most int) tokenHunk {
	if !h.inserts() && !h.deletes() {
		return h
	}
	side, lo, hi := b, h.bLo, h.bHi
	if h.deletes() {
		side, lo, hi = a, h.aLo, h.aHi
	}
	left := 0
	for h.aLo-left > least && side[lo-left-1] == side[hi-left-1] {
		left++
	}
	first := h.shift(-left)
	lo, hi = lo-left, hi-left
	spaced := none // the first place where it begins with white space
	for right := 0; ; right++ {
		if isBlank(side[lo+right]) {
			if hi+right == len(side) || !isWord(side[hi+right]) && !isBlank(side[hi+right]) {
				return first.shift(right) // and ends before punctuation
			}
			if spaced == none {
				spaced = right
			}
		}
		if first.aHi+right >= most || side[lo+right] != side[hi+right] {
			return first.shift(max(spaced, 0))
		}
	}
}

func (h tokenHunk) shift(n int) tokenHunk {
	return tokenHunk{h.aLo + n, h.aHi + n, h.bLo + n, h.bHi + n}
}

// runs writes the hunks as the runs of a step. A Break token becomes a
// break of its own.
func runs(a, b []string, hs []tokenHunk) []Run {
	var rs []Run
	i := 0
	for k, h := range hs {
		if k > 0 && h.aLo == i {
			rs = append(rs, Run{}) // two changes touch
		}
		rs = appendRun(rs, Kept, a[i:h.aLo])
		rs = appendRun(rs, Deleted, a[h.aLo:h.aHi])
		rs = appendRun(rs, Inserted, b[h.bLo:h.bHi])
		i = h.aHi
	}
	return appendRun(rs, Kept, a[i:])
}

func appendRun(rs []Run, op Op, tokens []string) []Run {
	size := 0
	for _, t := range tokens {
		size += len(t)
	}
	text := make([]byte, 0, size)
	flush := func() {
		if len(text) > 0 {
			rs = append(rs, Run{Op: op, Text: string(text)})
			text = text[:0]
		}
	}
	for _, t := range tokens {
		if t == Break {
			flush()
			rs = append(rs, Run{Op: op, Break: true})
			continue
		}
		text = append(text, t...)
	}
	flush()
	return rs
}

package redline

import (
	"slices"
	"strings"
)

// A stretch of bytes that stands in an old string at a and in a new one at b.
type stretch struct{ a, b, size int }

// stretches returns the kept words of a step as places in its two sides, each
// joined with Break.
func (s Step) stretches() []stretch {
	var kept []stretch
	a, b := 0, 0
	for _, run := range s.Runs {
		size := len(run.Text)
		if run.Break {
			size = len(Break)
		}
		if run.Op == Kept {
			kept = append(kept, stretch{a, b, size})
		}
		if run.Op != Inserted {
			a += size
		}
		if run.Op != Deleted {
			b += size
		}
	}
	return kept
}

// A joint stands for what comes before a piece that begins within a paragraph, and
// behind one that ends there, so that white space beside it is not taken for that at
// the paragraph's own ends. It is no token of any text.
const joint = "\x00\x00"

// goesOn reports whether runs begin with words on one side, all but those with the Op
// without.
func goesOn(runs []Run, without Op) bool {
	i := slices.IndexFunc(runs, func(r Run) bool { return r.Op != without && r != (Run{}) })
	return i >= 0 && !runs[i].Break
}

// hunks returns the hunks from one side of s to the other, each joined with
// Breaks. Changes that touch are hunks of their own if apart says so, or if one
// of them only wraps lines.
func (s Step) hunks(apart bool) []Hunk {
	var hunks []Hunk
	at := 0
	wraps := wrapping(s.Runs)
	within := false // whether a piece begins within a paragraph on both sides
	for from, to := 0, 0; to <= len(s.Runs); to++ {
		if to < len(s.Runs) && (s.Runs[to] != (Run{}) || !apart && !wrapsBeside(wraps, to)) {
			continue
		}
		piece := Step{Runs: s.Runs[from:to]}
		before, after := piece.sides()
		a, b, kept := tokensOf(before), tokensOf(after), piece.stretches()
		start := at
		if within {
			a, b = slices.Insert(a, 0, joint), slices.Insert(b, 0, joint)
			for i := range kept {
				kept[i].a, kept[i].b = kept[i].a+len(joint), kept[i].b+len(joint)
			}
			kept = slices.Insert(kept, 0, stretch{0, 0, len(joint)})
			start -= len(joint)
		}
		if goesOn(s.Runs[to:], Inserted) && goesOn(s.Runs[to:], Deleted) {
			kept = append(kept, stretch{len(strings.Join(a, "")), len(strings.Join(b, "")), len(joint)})
			a, b = append(a, joint), append(b, joint)
		}
		for _, h := range byteHunks(a, b, kept) {
			hunks = append(hunks, Hunk{h.Start + start, h.End + start, h.Text})
		}
		at += len(strings.Join(before, Break))
		within = before[len(before)-1] != "" && after[len(after)-1] != ""
		from = to + 1
	}
	return hunks
}

// wrapsBeside reports whether one of the changes that touch at run i only wraps lines.
func wrapsBeside(wraps []bool, i int) bool {
	return i >= 2 && wraps[i-2] || i+1 < len(wraps) && wraps[i+1]
}

// main returns which paragraph of either side of s is the same one: of the
// pairs that keep at least half as many bytes as the pair that keeps most, the
// first.
func (s Step) main() (old, new int) {
	type pair struct{ old, new, kept int }
	at := pair{}
	pairs := []pair{}
	most := 0
	for _, run := range s.Runs {
		switch {
		case run.Break && run.Op == Deleted:
			pairs = append(pairs, at)
			at = pair{at.old + 1, at.new, 0}
		case run.Break:
			pairs = append(pairs, at)
			at = pair{at.old, at.new + 1, 0}
		case run.Op == Kept:
			at.kept += len(run.Text)
			most = max(most, at.kept)
		}
	}
	for _, p := range append(pairs, at) {
		if 2*p.kept >= most {
			return p.old, p.new
		}
	}
	return 0, 0
}

// offsets returns where each paragraph begins in the paragraphs joined with Breaks,
// and the end of the whole, with a Break behind the last.
func offsets(paragraphs []string) []int {
	at := make([]int, len(paragraphs)+1)
	for i, p := range paragraphs {
		at[i+1] = at[i] + len(p) + len(Break)
	}
	return at
}

// byteHunks returns the normal form of the change that keeps the given
// stretches, which ascend on both sides: a token is kept if it lies whole in a
// stretch and is a token on either side.
func byteHunks(a, b []string, kept []stretch) []Hunk {
	m := unmatched(len(a))
	i, ai, j, bj := 0, 0, 0, 0 // token i of a begins at byte ai
	for _, k := range kept {
		for i < len(a) && ai < k.a {
			i, ai = i+1, ai+len(a[i])
		}
		for ; i < len(a) && ai+len(a[i]) <= k.a+k.size; i, ai = i+1, ai+len(a[i]) {
			for j < len(b) && bj < k.b+ai-k.a {
				j, bj = j+1, bj+len(b[j])
			}
			if j < len(b) && bj == k.b+ai-k.a && len(b[j]) == len(a[i]) {
				m[i] = j
			}
		}
	}
	return bytesOf(a, b, m.hunks(a, b))
}

// bytesOf returns hunks of tokens as hunks of the bytes of a.
func bytesOf(a, b []string, hs []tokenHunk) []Hunk {
	var hunks []Hunk
	i, at := 0, 0
	for _, h := range hs {
		for ; i < h.aLo; i++ {
			at += len(a[i])
		}
		hunk := Hunk{Start: at, Text: strings.Join(b[h.bLo:h.bHi], "")}
		for ; i < h.aHi; i++ {
			at += len(a[i])
		}
		hunk.End = at
		hunks = append(hunks, hunk)
	}
	return hunks
}

// normal brings hunks of a paragraph, which ascend and may touch, into their
// normal form.
func normal(paragraph string, hunks []Hunk) []Hunk {
	old := paragraph + Break
	var kept []stretch
	a, b := 0, 0
	for _, h := range hunks {
		kept = append(kept, stretch{a, b, h.Start - a})
		b += h.Start - a + len(h.Text)
		a = h.End
	}
	kept = append(kept, stretch{a, b, len(old) - a})
	return byteHunks(tokensOf(strings.Split(old, Break)), tokensOf(strings.Split(replace(old, hunks), Break)), kept)
}

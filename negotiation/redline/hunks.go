package redline

import "strings"

// A stretch of bytes that stands in an old string at a and in a new one at b.
type stretch struct{ a, b, size int }

// stretches returns the kept words of a step as places in its two sides, each
// joined with lineBreak.
func (s Step) stretches() []stretch {
	var kept []stretch
	a, b := 0, 0
	for _, run := range s.Runs {
		size := len(run.Text)
		if run.Break {
			size = len(lineBreak)
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

// hunks returns the hunks from one side of s to the other, each joined with
// lineBreak. Changes that touch are hunks of their own.
func (s Step) hunks() []Hunk {
	var hunks []Hunk
	at := 0
	for from, to := 0, 0; to <= len(s.Runs); to++ {
		if to < len(s.Runs) && s.Runs[to] != (Run{}) {
			continue
		}
		piece := Step{Runs: s.Runs[from:to]}
		before, after := piece.sides()
		for _, h := range byteHunks(tokensOf(before), tokensOf(after), piece.stretches()) {
			hunks = append(hunks, Hunk{h.Start + at, h.End + at, h.Text})
		}
		at += len(strings.Join(before, lineBreak))
		from = to + 1
	}
	return hunks
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

// between returns the hunks that lead from the old paragraph before[old] to
// the new paragraph after[new] of s.
func (s Step) between(before, after []string, old, new int) []Hunk {
	a, b := offset(before, old), offset(after, new)
	var kept []stretch
	for _, k := range s.stretches() {
		k.a, k.b = k.a-a, k.b-b
		skip := max(0, -k.a, -k.b)
		k.a, k.b, k.size = k.a+skip, k.b+skip, k.size-skip
		k.size = min(k.size, len(before[old])-k.a, len(after[new])-k.b)
		if k.size > 0 {
			kept = append(kept, k)
		}
	}
	return byteHunks(Tokens(before[old]), Tokens(after[new]), kept)
}

// offset returns where paragraph i begins in the paragraphs joined with
// lineBreak.
func offset(paragraphs []string, i int) int {
	at := 0
	for _, p := range paragraphs[:i] {
		at += len(p) + len(lineBreak)
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
	var hunks []Hunk
	i, ai = 0, 0
	for _, h := range m.hunks(a, b) {
		for ; i < h.aLo; i++ {
			ai += len(a[i])
		}
		hunk := Hunk{Start: ai, Text: strings.Join(b[h.bLo:h.bHi], "")}
		for ; i < h.aHi; i++ {
			ai += len(a[i])
		}
		hunk.End = ai
		hunks = append(hunks, hunk)
	}
	return hunks
}

// normal brings hunks, which ascend and may touch, into their normal form.
func normal(old string, hunks []Hunk) []Hunk {
	var kept []stretch
	a, b := 0, 0
	for _, h := range hunks {
		kept = append(kept, stretch{a, b, h.Start - a})
		b += h.Start - a + len(h.Text)
		a = h.End
	}
	kept = append(kept, stretch{a, b, len(old) - a})
	return byteHunks(Tokens(old), Tokens(replace(old, hunks)), kept)
}

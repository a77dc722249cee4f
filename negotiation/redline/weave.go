package redline

import (
	"slices"
	"strings"
)

// woven returns the words of a paragraph, or of several with breaks between
// them, as the runs of a step leave them. What stands in words is what the runs
// keep and delete. It takes time in the size of both.
func woven(words []Words, runs []Run, step int) []Words {
	l := loom{rest: words, step: step}
	l.change(runs)
	l.settle()
	l.skip()
	return l.out
}

// A loom is the state of one weaving.
type loom struct {
	rest []Words // what is still to come
	at   int     // bytes of rest[0] that are behind
	step int
	kept int // bytes before rest that stand and are not in out yet
	out  []Words
}

// change follows runs: what is kept as whole words stands, what lies between is
// replaced. Changes with nothing but white space between them are one, as in
// [Step.Marks], and so are changes that touch if one is only of white space.
func (l *loom) change(runs []Run) {
	old, new := sideOf(runs, Inserted), sideOf(runs, Deleted)
	if rewords(runs) && sameButBlank(old.tokens, new.tokens) {
		l.wrap(old.tokens, new.tokens)
		return
	}
	a, b := 0, 0
	for i, run := range runs {
		size := Words{Text: run.Text, Break: run.Break}.size()
		if run.Op == Kept && !oneChange(runs, i) {
			edge := func(n int) bool { return old.edges[a+n] && new.edges[b+n] }
			lo, hi := 0, size
			for lo < hi && !edge(lo) {
				lo++
			}
			for lo < hi && !edge(hi) {
				hi--
			}
			if edge(lo) {
				l.replace(old.upTo(a+lo), new.upTo(b+lo))
				old.upTo(a + hi)
				new.upTo(b + hi)
				l.kept += hi - lo
			}
		}
		if run.Op != Inserted {
			a += size
		}
		if run.Op != Deleted {
			b += size
		}
	}
	l.replace(old.upTo(a), new.upTo(b))
}

// oneChange reports whether the changes before and after the kept run i are one.
func oneChange(runs []Run, i int) bool {
	if runs[i].Text != "" {
		return i > 0 && i+1 < len(runs) && isBlank(runs[i].Text)
	}
	from, to := i, i+1
	for from > 0 && runs[from-1].Op != Kept {
		from--
	}
	for to < len(runs) && runs[to].Op != Kept {
		to++
	}
	isWord := func(r Run) bool { return !isBlank(r.Text) }
	return !slices.ContainsFunc(runs[from:i], isWord) || !slices.ContainsFunc(runs[i+1:to], isWord)
}

// rewords reports whether runs take out words, and not only white space and
// breaks.
func rewords(runs []Run) bool {
	return slices.ContainsFunc(runs, func(r Run) bool { return r.Op == Deleted && !isBlank(r.Text) })
}

// sameButBlank reports whether a and b are the same words.
func sameButBlank(a, b []string) bool {
	isWord := func(token string) bool { return !isBlank(token) }
	n, m := commonWords(a, b)
	return !slices.ContainsFunc(a[n:], isWord) && !slices.ContainsFunc(b[m:], isWord)
}

// replace puts new for old, except for the words at either end that are the
// same.
func (l *loom) replace(old, new []string) {
	n, m := commonWords(old, new)
	l.wrap(old[:n], new[:m])
	old, new = old[n:], new[m:]
	n, m = commonWords(reversed(old), reversed(new))
	n, m = len(old)-n, len(new)-m
	l.delete(old[:n])
	l.insert(new[:m])
	l.wrap(old[n:], new[m:])
}

// commonWords returns how many tokens at the beginning of a and of b are the same
// words, whatever white space and breaks lie between them.
func commonWords(a, b []string) (n, m int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			if n == i && m == j || !isBlank(a[i]) {
				n, m = i+1, j+1
			}
			i, j = i+1, j+1
		case isBlank(a[i]):
			i++
		case isBlank(b[j]):
			j++
		default:
			return n, m
		}
	}
	return n, m
}

func reversed(tokens []string) []string {
	tokens = slices.Clone(tokens)
	slices.Reverse(tokens)
	return tokens
}

// wrap keeps the words of old, which are those of new, and takes the white
// space and the breaks of new.
func (l *loom) wrap(old, new []string) {
	for len(old)+len(new) > 0 {
		switch {
		case len(old) > 0 && len(new) > 0 && old[0] == new[0]:
			l.kept += sizeOf(old[0])
			old, new = old[1:], new[1:]
		case len(old) > 0 && isBlank(old[0]):
			l.delete(old[:1])
			old = old[1:]
		default:
			l.insert(new[:1])
			new = new[1:]
		}
	}
}

func (l *loom) delete(tokens []string) {
	l.settle()
	l.take(sizeOf(tokens...), l.step)
}

// insert puts tokens in, behind all that was taken out at this place.
func (l *loom) insert(tokens []string) {
	if len(tokens) == 0 {
		return
	}
	l.settle()
	l.skip()
	for len(tokens) > 0 {
		n := slices.Index(tokens, breakToken)
		if n < 0 {
			n = len(tokens)
		}
		if n > 0 {
			l.put(Words{Text: strings.Join(tokens[:n], ""), Since: l.step})
		}
		if n < len(tokens) {
			l.put(Words{Break: true, Since: l.step})
			n++
		}
		tokens = tokens[n:]
	}
}

// settle puts what is kept into out.
func (l *loom) settle() {
	l.take(l.kept, 0)
	l.kept = 0
}

// take puts the next bytes that stand into out, as they are until a step.
func (l *loom) take(size, until int) {
	for size > 0 {
		l.skip()
		words := l.rest[0]
		n := min(size, words.size()-l.at)
		size -= n
		if !words.Break {
			words.Text = words.Text[l.at : l.at+n]
		}
		words.Until = until
		l.put(words)
		if l.at += n; l.at == l.rest[0].size() {
			l.rest, l.at = l.rest[1:], 0
		}
	}
}

// skip puts the next words that do not stand into out.
func (l *loom) skip() {
	for len(l.rest) > 0 && !l.rest[0].stands() {
		l.put(l.rest[0])
		l.rest = l.rest[1:]
	}
}

// put appends words, to the last ones where both have the same past.
func (l *loom) put(words Words) {
	if n := len(l.out); n > 0 && !words.Break {
		last := l.out[n-1]
		last.Text = words.Text
		if last == words {
			l.out[n-1].Text += words.Text
			return
		}
	}
	l.out = append(l.out, words)
}

// size returns the bytes of w; a break counts as one.
func (w Words) size() int {
	if w.Break {
		return 1
	}
	return len(w.Text)
}

// A side is the tokens of one side of a change.
type side struct {
	tokens []string // still to come
	edges  []bool   // for each byte of the whole side, and its end, whether a token begins there
	at     int      // the byte where tokens begin
}

// breakToken stands for a break among tokens, which are never empty. It is
// blank.
const breakToken = ""

// sideOf returns what runs say about one side: all but those with the Op
// without.
func sideOf(runs []Run, without Op) *side {
	s := new(side)
	var paragraph strings.Builder
	flush := func() {
		s.tokens = append(s.tokens, Tokens(paragraph.String())...)
		paragraph.Reset()
	}
	for _, run := range runs {
		switch {
		case run.Op == without:
		case run.Break:
			flush()
			s.tokens = append(s.tokens, breakToken)
		default:
			paragraph.WriteString(run.Text)
		}
	}
	flush()
	s.edges = make([]bool, sizeOf(s.tokens...)+1)
	s.edges[0] = true
	at := 0
	for _, t := range s.tokens {
		at += sizeOf(t)
		s.edges[at] = true
	}
	return s
}

// upTo returns the tokens before a byte, which is an edge, and leaves them
// behind.
func (s *side) upTo(end int) []string {
	n := 0
	for s.at < end {
		s.at += sizeOf(s.tokens[n])
		n++
	}
	out := s.tokens[:n]
	s.tokens = s.tokens[n:]
	return out
}

func sizeOf(tokens ...string) int {
	n := 0
	for _, t := range tokens {
		n += max(1, len(t))
	}
	return n
}

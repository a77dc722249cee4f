package redline

import "reflect"

// Redline returns the redline of e, which are edits of base: its Apply gives
// what e.Apply gives. What is a move, a split or a join in e is one in the
// redline where it still can be: a move if the paragraph is both taken out and
// inserted, a split or a join if its parts stand together and comparing their
// words again finds the same edits. Otherwise it becomes the changes, deletions
// and insertions that it consists of. Hunks that touch remain two.
//
// It takes time in the size of base and e, and as [Compare] does within
// paragraphs that are moved, split or joined.
func (e Edits) Redline(base []string) Redline {
	w := stepWriter{work: exactWork, base: base, edits: make([]*ParagraphEdit, len(base)), gaps: make([][]Insertion, len(base)+1)}
	for i := range e.Paragraphs {
		w.edits[e.Paragraphs[i].Index] = &e.Paragraphs[i]
	}
	moved := make([]bool, len(base))
	for _, in := range e.Inserted {
		if in.From != none && w.is(in.From, Move) && !moved[in.From] {
			moved[in.From] = true
		} else if in.From != none && !w.is(in.From, Split) {
			in.From = none
		}
		w.gaps[in.Gap] = append(w.gaps[in.Gap], in)
	}
	for i := 0; i < len(base); {
		if to := w.structure(i); to > i {
			i = to
			continue
		}
		w.insert(w.gaps[i])
		if !moved[i] {
			w.paragraph(i)
		}
		i++
	}
	w.insert(w.gaps[len(base)])
	return w.steps
}

// A stepWriter is the state of one Redline.
type stepWriter struct {
	work  work
	base  []string
	edits []*ParagraphEdit // by paragraph; nil if it stands
	gaps  [][]Insertion    // still to be written; From is none for words that are new
	steps Redline
}

// is reports whether paragraph i has an edit of kind k.
func (w *stepWriter) is(i int, k Kind) bool {
	return i < len(w.edits) && w.edits[i] != nil && w.edits[i].Kind == k
}

// step returns the step of kind k that makes texts of base[from:to], with its
// words compared.
func (w *stepWriter) step(k Kind, from, to int, texts []string) Step {
	a, b := tokensOf(w.base[from:to]), tokensOf(texts)
	return Step{k, from, to, runs(a, b, w.work.matchTokens(a, b).hunks(a, b))}
}

// insert writes paragraphs that are new, or moved.
func (w *stepWriter) insert(paragraphs []Insertion) {
	for _, in := range paragraphs {
		if in.From != none && w.is(in.From, Move) {
			w.steps = append(w.steps, w.step(Move, in.From, in.From+1, []string{in.Text}))
			continue
		}
		w.steps = append(w.steps, Step{Kind: Insert, Runs: appendRun(nil, Inserted, []string{in.Text})})
	}
}

// paragraph writes what becomes of a paragraph by itself.
func (w *stepWriter) paragraph(i int) {
	old, e := w.base[i], w.edits[i]
	switch {
	case e != nil && e.Deleted:
		w.steps = append(w.steps, Step{Delete, i, i + 1, appendRun(nil, Deleted, []string{old})})
		return
	case e != nil && replace(old, e.Hunks) != old:
		w.steps = append(w.steps, Step{Change, i, i + 1, hunkRuns(old, e.Hunks)})
		return
	}
	if n := len(w.steps); n > 0 && w.steps[n-1].Kind == Keep && w.steps[n-1].To == i {
		w.steps[n-1].To++
		return
	}
	w.steps = append(w.steps, Step{Kind: Keep, From: i, To: i + 1})
}

// hunkRuns writes hunks of a paragraph as the runs of a change.
func hunkRuns(old string, hunks []Hunk) []Run {
	var rs []Run
	at := 0
	for _, h := range hunks {
		switch {
		case old[h.Start:h.End] == h.Text:
			continue
		case h.Start > at:
			rs = append(rs, Run{Op: Kept, Text: old[at:h.Start]})
		case len(rs) > 0:
			rs = append(rs, Run{})
		}
		rs = appendRun(rs, Deleted, []string{old[h.Start:h.End]})
		rs = appendRun(rs, Inserted, []string{h.Text})
		at = h.End
	}
	return appendRun(rs, Kept, []string{old[at:]})
}

// structure writes the split or join that begins at paragraph i, and what is
// inserted before it. It returns the paragraph after it; i if there is none.
func (w *stepWriter) structure(i int) int {
	switch {
	case w.is(i, Split) && !w.edits[i].Deleted:
		return w.split(i)
	case w.is(i, Join):
		return w.join(i)
	}
	return i
}

func (w *stepWriter) split(i int) int {
	behind := i + 1 // the gap of the parts that follow the main one
	for behind < len(w.base) && len(w.gaps[behind]) == 0 && w.edits[behind] != nil && w.edits[behind].Deleted && !w.is(behind, Join) {
		behind++
	}
	ahead, rest := w.gaps[i], w.gaps[behind]
	lo, hi := len(ahead), 0
	for lo > 0 && ahead[lo-1].From == i {
		lo--
	}
	for hi < len(rest) && rest[hi].From == i {
		hi++
	}
	if lo == len(ahead) && hi == 0 {
		return i
	}
	want := Edits{Paragraphs: []ParagraphEdit{*w.edits[i]}}
	var texts []string
	for _, in := range ahead[lo:] {
		want.Inserted = append(want.Inserted, Insertion{i, in.Text, i})
		texts = append(texts, in.Text)
	}
	texts = append(texts, replace(w.base[i], w.edits[i].Hunks))
	for _, in := range rest[:hi] {
		want.Inserted = append(want.Inserted, Insertion{i + 1, in.Text, i})
		texts = append(texts, in.Text)
	}
	s := w.step(Split, i, i+1, texts)
	if !s.makes(want) {
		return i
	}
	w.insert(ahead[:lo])
	w.gaps[behind] = rest[hi:]
	w.steps = append(w.steps, s)
	return i + 1
}

// join tries the paragraphs from i up to those of the next join. Where joins
// follow one another, those that are taken out between two main ones may belong
// to either.
func (w *stepWriter) join(i int) int {
	main, end := none, i
	for ; w.is(end, Join) && (end == i || len(w.gaps[end]) == 0); end++ {
		if w.edits[end].Deleted {
			continue
		}
		if main != none {
			break
		}
		main = end
	}
	if main == none {
		return i
	}
	for _, to := range []int{end, main + 1} {
		if to-i < 2 {
			continue
		}
		var want Edits
		for _, e := range w.edits[i:to] {
			want.Paragraphs = append(want.Paragraphs, *e)
		}
		if s := w.step(Join, i, to, []string{replace(w.base[main], w.edits[main].Hunks)}); s.makes(want) {
			w.insert(w.gaps[i])
			w.steps = append(w.steps, s)
			return to
		}
	}
	return i
}

// makes reports whether want is what s does.
func (s Step) makes(want Edits) bool {
	var got Edits
	got.add(s, s.From)
	return reflect.DeepEqual(got, want)
}

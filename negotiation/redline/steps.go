package redline

import "strings"

// Redline returns the redline of e, which are edits of base: its Apply gives
// what e.Apply gives. What is moved in e is moved in the redline if the paragraph
// is both taken out and inserted. Hunks that touch remain two. Where paragraphs
// are joined and split at once, they are deleted and what becomes of them is
// inserted. It takes time in the size of base and e, and as [Compare] does within
// paragraphs that are moved.
func (e Edits) Redline(base []string) Redline {
	w := stepWriter{base: base, leaves: map[int]bool{}, arrived: map[int]bool{}}
	for _, p := range e.Paragraphs {
		w.leaves[p.Index] = p.Moved
	}
	for _, in := range e.Inserted {
		if w.leaves[in.From] {
			w.arrived[in.From] = true
		}
	}
	for _, b := range e.bundles(base) {
		for _, in := range b.ahead {
			w.insert(in)
		}
		if len(b.base) > 0 && !w.arrived[b.from] {
			w.bundle(b)
		}
	}
	return w.steps
}

// A stepWriter is the state of one Redline.
type stepWriter struct {
	base    []string
	leaves  map[int]bool // the paragraphs that are taken out to be moved
	arrived map[int]bool // those that are inserted somewhere, too
	steps   Redline
}

// insert writes a paragraph that is new, or moved.
func (w *stepWriter) insert(in Insertion) {
	if !w.leaves[in.From] {
		w.steps = append(w.steps, Step{Kind: Insert, Runs: appendRun(nil, Inserted, []string{in.Text})})
		return
	}
	w.leaves[in.From] = false // a second insertion is new words
	old := w.base[in.From]
	hunks := in.hunks
	if hunks == nil {
		hunks = hunksBetween(old, in.Text)
	}
	w.steps = append(w.steps, Step{Move, in.From, in.From + 1, hunkRuns([]string{old}, hunks)})
}

// bundle writes what becomes of paragraphs that stand where they stood.
func (w *stepWriter) bundle(b bundle) {
	n, hunks, texts := len(b.base), b.hunks(), b.texts()
	to := b.from + n
	step := Step{From: b.from, To: to, Runs: hunkRuns(b.base, hunks)}
	switch {
	case b.deleted():
		step.Kind, step.Runs = Delete, appendRun(nil, Deleted, b.base)
	case n > 1 && len(texts) > 1:
		for i, p := range b.base {
			w.steps = append(w.steps, Step{Delete, b.from + i, b.from + i + 1, appendRun(nil, Deleted, []string{p})})
		}
		for _, t := range texts {
			w.insert(Insertion{Text: t, From: none})
		}
		return
	case n > 1:
		step.Kind = Join
	case len(texts) > 1:
		step.Kind = Split
	case texts[0] != b.base[0]:
		step.Kind = Change
	default:
		if last := len(w.steps) - 1; last >= 0 && w.steps[last].Kind == Keep && w.steps[last].To == b.from {
			w.steps[last].To = to
			return
		}
		step.Kind, step.Runs = Keep, nil
	}
	w.steps = append(w.steps, step)
}

// hunkRuns writes the hunks of paragraphs, which are joined with Breaks, as
// runs. The Break behind the last is none of them. Where what is kept between two
// hunks makes one word with both, as a full stop between letters does, it is written
// as part of the first, so that whoever reads the runs finds two hunks.
func hunkRuns(paragraphs []string, hunks []Hunk) []Run {
	old := strings.Join(paragraphs, Break)
	edges := edgesOf(replace(old+Break, hunks))
	var rs []Run
	at := 0    // in old
	shift := 0 // from old to new, before a hunk
	for i, h := range hunks {
		shift += len(h.Text) - (h.End - h.Start)
		h.End = min(h.End, len(old))
		switch {
		case old[h.Start:h.End] == h.Text:
			continue
		case h.Start > at:
			rs = appendRun(rs, Kept, breakable(old[at:h.Start]))
		case len(rs) > 0:
			rs = append(rs, Run{})
		}
		if i+1 < len(hunks) {
			next := hunks[i+1].Start
			if between := old[h.End:next]; !strings.Contains(between, Break) && !(edges[h.End+shift] && edges[next+shift]) {
				h.End = next
				h.Text += between
			}
		}
		rs = appendRun(rs, Deleted, breakable(old[h.Start:h.End]))
		rs = appendRun(rs, Inserted, breakable(h.Text))
		at = h.End
	}
	return appendRun(rs, Kept, breakable(old[at:]))
}

// edgesOf returns the bytes at which tokens of paragraphs, joined with Breaks,
// begin or end.
func edgesOf(text string) map[int]bool {
	edges := map[int]bool{0: true}
	at := 0
	for _, t := range tokensOf(strings.Split(text, Break)) {
		at += len(t)
		edges[at] = true
	}
	return edges
}

// breakable cuts a string at its Breaks, which are entries of the result.
func breakable(s string) []string {
	var out []string
	for i, part := range strings.Split(s, Break) {
		if i > 0 {
			out = append(out, Break)
		}
		out = append(out, part)
	}
	return out
}

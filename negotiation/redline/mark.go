package redline

// A Marked paragraph is one step of a redline as a page shows it.
type Marked struct {
	Kind Kind  `json:"kind"`
	Base int   `json:"base"` // the index, from 0, of the (first) paragraph that it takes up; -1 for an Insert
	Runs []Run `json:"runs"`
}

// Marked returns r for display, a Keep of several paragraphs as one for each.
// The error is that of [Redline.Apply]. It takes time in the size of base and
// r.
func (r Redline) Marked(base []string) ([]Marked, error) {
	if _, err := r.Apply(base); err != nil {
		return nil, err
	}
	var out []Marked
	for _, s := range r {
		switch s.Kind {
		case Keep:
			for i := s.From; i < s.To; i++ {
				out = append(out, Marked{Keep, i, []Run{{Op: Kept, Text: base[i]}}})
			}
		case Insert:
			out = append(out, Marked{Insert, none, s.Marks()})
		default:
			out = append(out, Marked{s.Kind, s.From, s.Marks()})
		}
	}
	return out, nil
}

// Marks returns the runs of s for display: changes that have nothing but white
// space between them are one change, in which the white space is both deleted
// and inserted; changes that touch are one. The result is for the eye; it is not a canonical step. It
// takes time in the size of s.
func (s Step) Marks() []Run {
	var out, old, new []Run
	for i, run := range s.Runs {
		changing := len(old)+len(new) > 0
		inner := changing && i+1 < len(s.Runs) && isBlank(run.Text)
		switch {
		case run == Run{}:
		case run.Op == Deleted:
			old = extend(old, run)
		case run.Op == Inserted:
			new = extend(new, run)
		case inner && len(old) > 0 && len(new) > 0 && s.changesBoth(i+1):
			old = extend(old, Run{Op: Deleted, Text: run.Text})
			new = extend(new, Run{Op: Inserted, Text: run.Text})
		default:
			out = append(append(append(out, old...), new...), run)
			old, new = nil, nil
		}
	}
	return append(append(out, old...), new...)
}

// changesBoth reports whether the change that begins at run i both deletes and
// inserts.
func (s Step) changesBoth(i int) bool {
	return i+1 < len(s.Runs) && s.Runs[i].Op == Deleted && !s.Runs[i].Break &&
		s.Runs[i+1].Op == Inserted && !s.Runs[i+1].Break
}

// extend appends a run, to the last one where both are words.
func extend(runs []Run, run Run) []Run {
	if n := len(runs); n > 0 && !run.Break && !runs[n-1].Break {
		runs[n-1].Text += run.Text
		return runs
	}
	return append(runs, run)
}

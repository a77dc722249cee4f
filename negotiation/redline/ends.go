package redline

import "slices"

// WithEnds returns r for texts whose paragraphs all have something behind them: the
// empty line, "\n\n", that stands between paragraphs in a file. It leads from the
// paragraphs of its base to those of its text, each with end behind it, and takes time
// in the size of r.
func (r Redline) WithEnds(end string) Redline {
	out := make(Redline, len(r))
	for i, s := range r {
		if s.Kind != Keep {
			s.Runs = withEnds(s, end)
		}
		out[i] = s
	}
	return out
}

func withEnds(s Step, end string) []Run {
	runs := make([]Run, 0, len(s.Runs)+1)
	put := func(op Op) {
		if n := len(runs); n > 0 && runs[n-1].Op == op && !runs[n-1].Break && runs[n-1].Text != "" {
			runs[n-1].Text += end
			return
		}
		runs = append(runs, Run{Op: op, Text: end})
	}
	for _, run := range s.Runs {
		if run.Break {
			put(run.Op)
		}
		runs = append(runs, run)
	}
	switch s.Kind {
	case Insert:
		put(Inserted)
	case Delete:
		put(Deleted)
	default:
		put(Kept)
	}
	return slices.Clip(runs)
}

package redline

// A place is where a reader of a redline comes upon one of its steps, which is
// counted from 0.
type place struct {
	step int
	left bool // the place in the base that the paragraph of a Move has left
}

// places returns the steps of r in order, and besides, for every Move, the
// place that its paragraph has left: behind the step that takes up what stands
// before it in the base. It takes time in the number of steps.
func (r Redline) places() []place {
	moves := map[int]int{} // steps by the paragraph that they move
	for i, s := range r {
		if s.Kind == Move {
			moves[s.From] = i
		}
	}
	var out []place
	next := 0 // paragraph of the base
	leave := func() {
		for step, ok := moves[next]; ok; step, ok = moves[next] {
			out = append(out, place{step, true})
			next++
		}
	}
	leave()
	for i, s := range r {
		out = append(out, place{i, false})
		if s.Kind != Insert && s.Kind != Move {
			next = s.To
			leave()
		}
	}
	return out
}

// text returns what the words of one side of s are in a file: with Inserted
// those of the new text, with Deleted those of the base.
func (s Step) text(side Op) string {
	size := 0
	for _, run := range s.Runs {
		size += len(run.Text)
	}
	words := make([]byte, 0, size)
	for _, run := range s.Runs {
		if run.Op == Kept || run.Op == side {
			words = append(words, run.Text...)
		}
	}
	return string(words)
}

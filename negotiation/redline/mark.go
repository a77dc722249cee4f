package redline

import (
	"strings"
	"unicode"
)

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

// Marks returns the runs of s for display, as a careful person would mark them:
//
//   - Changes that touch are one change.
//   - Where two changes replace words and nothing but white space stands between
//     them, or a few small words that weigh little beside what changes around
//     them, all of it is one change, in which what stood between is both deleted
//     and inserted.
//   - White space that only wraps lines differently within the paragraph is kept,
//     as it stands in the new text.
//
// The result is for the eye; it is not a canonical step. It takes time in the
// size of s.
func (s Step) Marks() []Run {
	var out []Run
	changes, kept := s.changes()
	for i := 0; i < len(changes); i++ {
		if kept[i] != "" {
			out = append(out, Run{Op: Kept, Text: kept[i]})
		}
		c := changes[i]
		for i+1 < len(changes) && c.swallows(kept[i+1], changes[i+1]) {
			c = c.with(kept[i+1], changes[i+1])
			i++
		}
		out = append(append(out, c.old...), c.new...)
	}
	if last := kept[len(changes)]; last != "" {
		out = append(out, Run{Op: Kept, Text: last})
	}
	return out
}

// A change is what stands between two kept runs, deleted and inserted.
type change struct{ old, new []Run }

// changes returns the changes of s, and the words that are kept before each of
// them and behind the last.
func (s Step) changes() (changes []change, kept []string) {
	var c change
	words := ""
	flush := func() {
		if len(c.old)+len(c.new) > 0 {
			changes, kept = append(changes, c), append(kept, words)
			c, words = change{}, ""
		}
	}
	wraps := wrapping(s.Runs)
	for i := 0; i < len(s.Runs); i++ {
		switch run := s.Runs[i]; {
		case run == Run{}:
		case i+2 < len(s.Runs) && wraps[i] && !hasBlankLine(run.Text) && !hasBlankLine(s.Runs[i+1].Text):
			flush()
			i++
			words += s.Runs[i].Text
		case run.Op == Deleted:
			c.old = extend(c.old, run)
		case run.Op == Inserted:
			c.new = extend(c.new, run)
		default:
			flush()
			words += run.Text
		}
	}
	flush()
	return changes, append(kept, words)
}

// wrapping reports of each run whether it and the next one replace soft white space
// of the old text by other soft white space, and no change touches them.
func wrapping(runs []Run) []bool {
	wraps := make([]bool, len(runs))
	ends := true // no more of the paragraph of the old text follows
	for i := len(runs) - 1; i >= 0; i-- {
		alone := (i == 0 || runs[i-1].Op == Kept) && (i+2 >= len(runs) || runs[i+2].Op == Kept)
		if alone && i+1 < len(runs) && runs[i].Op == Deleted && runs[i+1].Op == Inserted {
			was, is := runs[i].Text, runs[i+1].Text
			wraps[i] = isSoft(was) && isSoft(is) && softKey(was, ends) == softKey(is, ends)
		}
		if runs[i].Op != Inserted && runs[i] != (Run{}) {
			ends = runs[i].Break
		}
	}
	begins := true // the paragraph of the old text
	for i, run := range runs {
		switch {
		case run.Op == Inserted || run == Run{}:
			continue
		case run.Break:
			begins = true
			continue
		case begins:
			wraps[i] = false // what a paragraph is indented by
		}
		begins = false
	}
	return wraps
}

// hasBlankLine reports whether white space ends more than one line.
func hasBlankLine(space string) bool { return strings.Count(space, "\n") > 1 }

// swallows reports whether c and the next change are better shown as one with
// what is kept between them.
func (c change) swallows(kept string, next change) bool {
	return c.replaces() && next.replaces() && len(c.old[0].Text)+len(c.new[0].Text) < mostJoined &&
		small(kept, min(c.letters(), next.letters()))
}

// mostJoined is how many bytes of a change there may be for another to be joined
// to it for display, so that joining takes linear time.
const mostJoined = 4096

// replaces reports whether words give way to others within a paragraph.
func (c change) replaces() bool {
	return len(c.old) == 1 && len(c.new) == 1 && !c.old[0].Break && !c.new[0].Break
}

// letters returns the weight of the side that weighs more.
func (c change) letters() int { return max(letters(c.old[0].Text), letters(c.new[0].Text)) }

// with returns c and the next change as one. Both replace words.
func (c change) with(kept string, next change) change {
	return change{
		old: []Run{{Op: Deleted, Text: c.old[0].Text + kept + next.old[0].Text}},
		new: []Run{{Op: Inserted, Text: c.new[0].Text + kept + next.new[0].Text}},
	}
}

// small reports whether what is kept between two changes is white space, or at
// most two words of a few letters that weigh no more than half of the lighter
// change.
func small(kept string, change int) bool {
	const (
		most    = 2
		longest = 4 // letters of one word
	)
	if len(kept) > 64 {
		return false
	}
	n, weight := 0, 0
	for _, token := range Tokens(kept) {
		switch {
		case isWord(token):
			w := letters(token)
			if w > longest {
				return false
			}
			n, weight = n+1, weight+w
		case !isBlank(token):
			return false
		}
	}
	return n <= most && 2*weight <= change
}

// letters weighs words: a letter or digit of an alphabet is 1, an ideograph 3,
// for it is most of a word.
func letters(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			n += 3
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			n++
		}
	}
	return n
}

// extend appends a run, to the last one where both are words.
func extend(runs []Run, run Run) []Run {
	if n := len(runs); n > 0 && !run.Break && !runs[n-1].Break {
		runs[n-1].Text += run.Text
		return runs
	}
	return append(runs, run)
}

package redline

import (
	"html/template"
	"slices"
	"strings"
)

// piecesOf marks what is inserted or deleted. Screen readers pass over ins and
// del, so hidden words say where they begin and end.
func piecesOf(runs []Run) []Piece {
	pieces := make([]Piece, len(runs))
	for i, run := range runs {
		p := Piece{Text: run.Text}
		class, says, hidden := "", ": ", ""
		switch {
		case run.Break:
			p.Text, class, says, hidden = paragraphBreak, ` class="break"`, ": paragraph break ", ` aria-hidden="true"`
		case isBlank(run.Text):
			class = ` class="space"`
		}
		switch run.Op {
		case Inserted:
			p.Open = template.HTML(`<ins` + class + `><span class="vh"> [insertion` + says + `</span><bdi` + hidden + `>`)
			p.Close = `</bdi><span class="vh"> end of insertion] </span></ins>`
			p.readings, p.of = []int{1}, 2
		case Deleted:
			p.Open = template.HTML(`<del` + class + `><span class="vh"> [deletion` + says + `</span><bdi` + hidden + `>`)
			p.Close = `</bdi><span class="vh"> end of deletion] </span></del>`
			p.readings, p.of = []int{0}, 2
		}
		if run.Break {
			p.Open, p.Close = " "+p.Open, p.Close+" "
		}
		pieces[i] = p
	}
	return pieces
}

// withoutMargins takes the white space at either end of marked words out of the mark.
func withoutMargins(pieces []Piece) []Piece {
	var out []Piece
	for _, p := range pieces {
		words := strings.Trim(p.Text, softSpace)
		if words == "" || words == p.Text || !p.marked() || p.Text == paragraphBreak {
			out = append(out, p)
			continue
		}
		at := strings.Index(p.Text, words)
		before, after := p.Text[:at], p.Text[at+len(words):]
		if before != "" {
			out = append(out, Piece{Text: before, readings: p.readings, of: p.of})
		}
		p.Text = words
		out = append(out, p)
		if after != "" {
			out = append(out, Piece{Text: after, readings: p.readings, of: p.of})
		}
	}
	return out
}

// withoutMarkers takes the first bytes, a paragraph's marker, off the old and off
// the new words. It is false where a kept run would lose other bytes in the one
// than in the other.
func withoutMarkers(runs []Run, old, new int) ([]Run, bool) {
	var rest []Run
	for _, run := range runs {
		cut := 0
		switch run.Op {
		case Kept:
			cut = min(old, len(run.Text))
			if cut != min(new, len(run.Text)) {
				return nil, false
			}
			old, new = old-cut, new-cut
		case Deleted:
			cut = min(old, len(run.Text))
			old -= cut
		case Inserted:
			cut = min(new, len(run.Text))
			new -= cut
		}
		if run.Text = run.Text[cut:]; run.Text != "" || run.Break || cut == 0 {
			rest = append(rest, run)
		}
	}
	return rest, old == 0 && new == 0
}

// withoutBreakMarkers takes off the markers behind paragraph breaks: the break says
// it. One whose words are kept stays.
func withoutBreakMarkers(runs []Run) []Run {
	runs = slices.Clone(runs)
	for i, run := range runs {
		if run.Break {
			takeMarker(runs[i+1:], run.Op)
		}
	}
	return withoutEmpty(runs)
}

// takeMarker takes the marker off the paragraph that runs begin with, of the text
// that op changes.
func takeMarker(runs []Run, op Op) {
	var words strings.Builder
	for _, run := range runs {
		if run.Break && run.Op == op {
			break
		}
		if run.Op == op || run.Op == Kept {
			words.WriteString(run.Text)
		}
	}
	left := len(marker.FindString(words.String()))
	cut := make([]int, len(runs)) // of each run
	for i, run := range runs {
		if left == 0 {
			break
		}
		n := min(left, len(run.Text))
		switch {
		case run.Op == op:
			cut[i] = n
		case run.Op != Kept:
			continue
		case !isBlank(run.Text[:n]):
			return
		}
		left -= n
	}
	for i, n := range cut {
		runs[i].Text = runs[i].Text[n:]
	}
}

// bareBreaks takes off white space that is changed at paragraph breaks, which stand
// apart anyway. What is inserted where a break is deleted goes on from the words
// before it, and comes to stand there.
func bareBreaks(runs []Run) []Run {
	var out []Run
	for i := 0; i < len(runs); {
		end := max(i+1, endOfChange(runs, i))
		change := runs[i:end]
		i = end
		if slices.ContainsFunc(change, func(r Run) bool { return r.Break }) {
			change = bareBreak(change)
		}
		out = append(out, change...)
	}
	return withoutEmpty(out)
}

// bareBreak returns the runs of one change, what is deleted before what is inserted,
// and that before the first break that is deleted.
func bareBreak(change []Run) []Run {
	var old, new []Run
	for _, run := range change {
		if run.Op == Deleted {
			old = append(old, run)
		} else {
			new = append(new, run)
		}
	}
	for _, side := range [][]Run{old, new} {
		for k := range side {
			run := &side[k]
			if k > 0 && side[k-1].Break {
				run.Text = strings.TrimLeft(run.Text, softSpace)
			}
			if k+1 < len(side) && side[k+1].Break {
				run.Text = strings.TrimRight(run.Text, softSpace)
			}
			if isSoft(run.Text) {
				run.Text = ""
			}
		}
	}
	joins := slices.IndexFunc(old, func(r Run) bool { return r.Break })
	if joins < 0 {
		joins = len(old)
	}
	return slices.Concat(old[:joins], new, old[joins:])
}

// withoutEnd takes the white space off the end of the old and of the new words.
func withoutEnd(runs []Run) []Run {
	runs = slices.Clone(runs)
	var ended [Inserted + 1]bool
	for i := len(runs) - 1; i >= 0 && !(ended[Deleted] && ended[Inserted]); i-- {
		run := &runs[i]
		if run.Op == Kept && (ended[Deleted] || ended[Inserted]) {
			break
		}
		if !ended[run.Op] {
			run.Text = strings.TrimRight(run.Text, softSpace)
		}
		if run.Text != "" || run.Break {
			ended[run.Op] = true
		}
		if run.Op == Kept && run.Text != "" {
			break
		}
	}
	return withoutEmpty(runs)
}

func withoutEmpty(runs []Run) []Run {
	return slices.DeleteFunc(runs, func(r Run) bool { return !r.Break && r.Text == "" })
}

// evenRuns returns runs in which each change holds as many delimiters that open
// as delimiters that close: a change that does not is made one with those that
// follow, and what is kept between them is both deleted and inserted. It is false
// if there is nothing that this would help. It takes time in the length of runs.
func evenRuns(runs []Run) (even []Run, changed bool) {
	for i := 0; i < len(runs); {
		if runs[i].Op == Kept {
			even = append(even, runs[i])
			i++
			continue
		}
		end := endOfChange(runs, i)
		j := end
		old, new, ok := bothSides(runs[i:j])
		const most = 8
		for n := 1; ok && (!isEven(old) || !isEven(new)) && j < len(runs) && n < most; n++ {
			for j < len(runs) && runs[j].Op == Kept {
				j++
			}
			j = endOfChange(runs, j)
			old, new, ok = bothSides(runs[i:j])
		}
		if ok && j > end && isEven(old) && isEven(new) {
			space := blankPrefix([]string{old, new}, 0)
			even = append(even, Run{Op: Kept, Text: old[:space]}, Run{Op: Deleted, Text: old[space:]}, Run{Op: Inserted, Text: new[space:]})
			changed = true
		} else {
			j = end
			even = append(even, runs[i:end]...)
		}
		i = j
	}
	return even, changed
}

// endOfChange returns where the change that holds run i ends.
func endOfChange(runs []Run, i int) int {
	for i < len(runs) && runs[i].Op != Kept {
		i++
	}
	return i
}

// bothSides returns the old and the new words of runs; false if there is a
// paragraph break among them.
func bothSides(runs []Run) (old, new string, ok bool) {
	for _, run := range runs {
		if run.Break {
			return "", "", false
		}
	}
	before, after := Step{Runs: runs}.sides()
	return strings.Join(before, Break), strings.Join(after, Break), true
}

// isEven reports whether the delimiters of inline Markdown in s can be pairs.
func isEven(s string) bool {
	for _, delimiter := range []byte("*_`") {
		odd := false
		for i := range len(s) {
			if s[i] == delimiter && (i == 0 || s[i-1] != delimiter) {
				odd = !odd
			}
		}
		if odd {
			return false
		}
	}
	return strings.Count(s, "[") == strings.Count(s, "]")
}

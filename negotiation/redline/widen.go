package redline

import (
	"slices"
	"strings"
)

// widened returns segments for display in which no dispute tears square brackets
// of the text apart: where a revision has brackets of its own and somebody changes
// one of a pair, the dispute is shown over all between the pair, with what others
// want there. Where a bracket has no partner nearby, all stays as it is. It takes
// time in the size of the segments, and no more than a fixed number of steps
// besides.
func widened(segs []Segment) []Segment {
	budget := widenWork
	if !slices.ContainsFunc(segs, Segment.tears) {
		return segs
	}
	var out []Segment
	for i := 0; i < len(segs); i++ {
		if !segs[i].tears() {
			out = append(out, segs[i])
			continue
		}
		n := reach(segs[i:], &budget)
		for k := len(out); n == 0 && k > 0 && budget > 0; k-- {
			// A bracket that closes: its partner stands before.
			before, from, ok := out[k-1].cutAtOpen()
			if !ok {
				continue
			}
			back := append(append([]Segment{from}, out[k:]...), segs[i:]...)
			if n = reach(back, &budget); n > 0 {
				out = out[:k-1]
				if before != "" {
					out = append(out, Segment{Text: before})
				}
				segs, i = back, 0
			}
		}
		if n == 0 {
			out = append(out, segs[i])
			continue
		}
		out = append(out, Segment{Dispute: together(segs[i : i+n])})
		i += n - 1
	}
	return out
}

// unambiguous returns segments for display in which disputes of different proposals that
// stand right against each other, without so much as a space, are one: printed side
// by side, their wordings would read as alternatives to one another.
func unambiguous(segs []Segment) []Segment {
	var out []Segment
	for _, s := range segs {
		n := len(out)
		if n > 0 && s.Dispute != nil && out[n-1].Dispute != nil && abut(out[n-1].Dispute, s.Dispute) {
			out[n-1] = Segment{Dispute: together([]Segment{out[n-1], s})}
			continue
		}
		out = append(out, s)
	}
	return out
}

// abut reports whether the wordings of two disputes of different proposals would
// stand bracket to bracket.
func abut(d, e *Dispute) bool {
	_, after := d.margins(false)
	before, _ := e.margins(false)
	size := 0
	for _, a := range d.Alternatives {
		size += len(a.Text)
		if strings.Contains(a.Text, Break) {
			return false
		}
	}
	return size < mostJoined && after == "" && before == "" && !slices.Equal(d.proposals(), e.proposals())
}

// framed returns segments for display in which emphasis or code that a proposal opens
// in one dispute and closes in another is one dispute with all between them, if others
// want something there: apart, they could be taken without one another. It takes time
// in the size of the segments, and no more than a fixed number of steps besides.
func framed(segs []Segment) []Segment {
	budget := widenWork
	var out []Segment
	for i := 0; i < len(segs); i++ {
		n, others := 1, false
		if d := segs[i].Dispute; d != nil {
			for _, a := range d.Alternatives[1:] {
				if marksIn(a.Text) != marksIn(d.Alternatives[0].Text) && len(a.Proposals) > 0 {
					reach, more := frame(segs[i:], a.Proposals, &budget)
					n, others = max(n, reach), others || more
				}
			}
		}
		if others {
			out = append(out, Segment{Dispute: together(segs[i : i+n])})
		} else {
			out = append(out, segs[i:i+n]...)
		}
		i += n - 1
	}
	return out
}

// frame returns the number of segments up to where the marks that proposals open in
// the first are closed, 0 if they are not, and whether others want anything there.
func frame(segs []Segment, proposals []string, budget *int) (n int, others bool) {
	size := 0
	var marks frameMarks
	for n, s := range segs {
		words := s.wordingOf(proposals[0])
		size += len(s.base())
		if *budget -= 1 + len(words); size > widenReach || *budget < 0 {
			return 0, false
		}
		marks ^= marksIn(s.base()) ^ marksIn(words)
		others = others || s.Dispute != nil && !slices.Equal(s.Dispute.proposals(), proposals)
		if marks == 0 && n > 0 {
			return n + 1, others
		}
	}
	return 0, false
}

// FrameMarks has a bit for each mark of emphasis or code that stands an odd number of
// times.
type frameMarks uint16

// marksIn returns the marks that words leave open. One between white space, such as the
// marker of an item, is none.
func marksIn(words string) frameMarks {
	var open frameMarks
	for i := 0; i < len(words); i++ {
		kind := strings.IndexByte("*`~", words[i])
		switch {
		case words[i] == '\\':
			i++
		case kind >= 0:
			begin := i
			for i+1 < len(words) && words[i+1] == words[i] {
				i++
			}
			before, after := words[:begin], words[i+1:]
			apart := (startsBlank(after) || after == "") && (endsBlank(before) || before == "") && before+after != ""
			if !apart {
				open ^= 1 << (4*kind + min(i+1-begin, 4) - 1)
			}
		}
	}
	return open
}

// tears reports whether some wording of a dispute has a bracket without its
// partner. A bracket behind a backslash is a word.
func (s Segment) tears() bool {
	return s.Dispute != nil && slices.ContainsFunc(s.Dispute.Alternatives, func(a Alternative) bool {
		return (brackets{}).then(a.Text) != (brackets{})
	})
}

// cutAtOpen cuts undisputed words before the last bracket that they leave open.
func (s Segment) cutAtOpen() (before string, from Segment, ok bool) {
	if s.Dispute != nil || s.wraps != nil {
		return "", Segment{}, false
	}
	for i := strings.LastIndexByte(s.Text, '['); i >= 0; i = strings.LastIndexByte(s.Text[:i], '[') {
		if (brackets{}).then(s.Text[i:]).open > 0 {
			return s.Text[:i], Segment{Text: s.Text[i:]}, true
		}
	}
	return "", Segment{}, false
}

// Bounds of the search for the partner of a bracket.
const (
	widenReach = 4096    // bytes of the base
	widenWork  = 1 << 20 // wordings looked at, over all of a paragraph
)

// reach returns the number of segments over which the brackets of every wording
// are whole; 0 if there is none.
func reach(segs []Segment, budget *int) int {
	size := 0
	var base brackets
	of := map[string]brackets{} // by proposal
	for n, s := range segs {
		size += len(s.base())
		if *budget -= 1 + len(of); size > widenReach || *budget < 0 {
			return 0
		}
		if s.Dispute != nil {
			for _, id := range s.Dispute.proposals() {
				if _, known := of[id]; !known {
					of[id] = base
				}
			}
		}
		base = base.then(s.base())
		if base.early {
			return 0
		}
		whole := base.open == 0
		for id, b := range of {
			b = b.then(s.wordingOf(id))
			if b.early {
				return 0
			}
			of[id] = b
			whole = whole && b.open == 0
		}
		if whole && len(of) > 0 {
			return n + 1
		}
	}
	return 0
}

// Brackets is what is known of the brackets of the words so far.
type brackets struct {
	open  int
	early bool // one closes before it is opened
}

// then returns what is known after more words.
func (b brackets) then(words string) brackets {
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case '\\':
			i++
		case '[':
			b.open++
		case ']':
			b.open--
			b.early = b.early || b.open < 0
		}
	}
	return b
}

// together returns neighbouring segments as one dispute: each proposal has the
// wording that its changes come to.
func together(segs []Segment) *Dispute {
	base := ""
	touching := false
	parties := map[string][]string{}
	var order []string
	for _, s := range segs {
		base += s.base()
		if s.Dispute == nil {
			continue
		}
		touching = touching || s.Dispute.Touching
		for _, a := range s.Dispute.Alternatives {
			for _, w := range a.wishes {
				if !a.Base && parties[w.proposal] == nil {
					parties[w.proposal] = append([]string{}, w.parties...)
					order = append(order, w.proposal)
				}
			}
		}
	}
	ws := wordings{}
	d := newDispute(ws, base)
	d.Touching = touching
	for _, id := range order {
		text := ""
		for _, s := range segs {
			text += s.wordingOf(id)
		}
		d.want(ws, &Proposal{ID: id, Parties: parties[id]}, wish{}, Alternative{Text: text})
	}
	d.sort()
	return d
}

// wordingOf returns the words that a proposal wants at s.
func (s Segment) wordingOf(proposal string) string {
	if s.Dispute != nil {
		for _, a := range s.Dispute.Alternatives[1:] {
			if slices.Contains(a.Proposals, proposal) {
				return a.Text
			}
		}
	}
	return s.base()
}

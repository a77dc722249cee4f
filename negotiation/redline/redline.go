package redline

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Bounds of what [Parse] reads.
const (
	MaxSize       = 576 << 10 // bytes
	MaxParagraphs = 8192      // of the base, and of the text
)

// Break stands for a paragraph break where paragraphs are handled as one
// string: in a [Hunk] and in an [Alternative]. It is the paragraph separator,
// U+2029, and no paragraph contains it.
const Break = "\u2029"

// A Redline leads from one text, its base, to another: its steps give the
// paragraphs of the new text in order, and say what became of every paragraph
// of the base.
type Redline []Step

// A Step is one entry of a redline.
type Step struct {
	Kind Kind `json:"kind"`

	// The step takes up the paragraphs base[From:To]. Both are 0 for an Insert.
	From int `json:"from"`
	To   int `json:"to"`

	// Runs are the words of the step: what is kept or deleted is the words of
	// base[From:To], what is kept or inserted those of the new text. A Keep has
	// none.
	Runs []Run `json:"runs,omitempty"`
}

// A Kind says what a step does with whole paragraphs.
type Kind uint8

// The kinds of steps.
const (
	Keep   Kind = iota // one or more paragraphs stand unchanged
	Change             // the words of a paragraph change
	Insert             // a new paragraph
	Delete             // a paragraph is taken out
	Move               // a paragraph from elsewhere in the base stands here, changed or not
	Split              // a paragraph becomes two or more
	Join               // two or more consecutive paragraphs become one
)

var kindNames = [...]string{"keep", "change", "insert", "delete", "move", "split", "join"}

// String returns the word that the signed format has for k.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return kindNames[k]
}

// MarshalText encodes k as String does, for JSON.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// A Run is a stretch of words with one fate.
type Run struct {
	Op    Op     `json:"op"`
	Text  string `json:"text,omitempty"`  // without Break; empty for a break, and kept between changes that touch
	Break bool   `json:"break,omitempty"` // a paragraph break, in a Split (inserted) or a Join (deleted)
}

// An Op is the fate of a run.
type Op uint8

// The fates of a run.
const (
	Kept Op = iota
	Deleted
	Inserted
)

var opNames = [...]string{"keep", "delete", "insert"}

// String returns "keep", "delete" or "insert".
func (o Op) String() string {
	if int(o) >= len(opNames) {
		return fmt.Sprintf("op %d", uint8(o))
	}
	return opNames[o]
}

// MarshalText encodes o as String does, for JSON.
func (o Op) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// An Error says where and why something is not a redline, or not one of the
// base that it was applied to.
type Error struct {
	Line   int // of the signed format, counted from 1; 0 when the redline was not read from it
	Step   int // counted from 1; 0 when no step is at fault
	Reason string
}

// Error returns "redline: line 3: reason".
func (e *Error) Error() string {
	switch {
	case e.Line > 0:
		return fmt.Sprintf("redline: line %d: %s", e.Line, e.Reason)
	case e.Step > 0:
		return fmt.Sprintf("redline: step %d: %s", e.Step, e.Reason)
	}
	return "redline: " + e.Reason
}

// Empty reports whether r leaves its base as it is. It takes time in the
// number of steps.
func (r Redline) Empty() bool {
	return !slices.ContainsFunc(r, func(s Step) bool { return s.Kind != Keep })
}

// Kinds returns what r does, each kind once, in the order of their
// declaration and without Keep. It takes time in the number of steps.
func (r Redline) Kinds() []Kind {
	var kinds []Kind
	for k := Change; k <= Join; k++ {
		if slices.ContainsFunc(r, func(s Step) bool { return s.Kind == k }) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// Apply returns the text that r leads to from base. The error is an [*Error]
// when r breaks a rule of the package doc, when its kept and deleted words are
// not those of base, or when it is a redline of a text with more or fewer
// paragraphs. It takes time in the size of base and r.
func (r Redline) Apply(base []string) ([]string, error) {
	n, fault := r.check(len(base), math.MaxInt)
	if fault != nil {
		return nil, fault.error()
	}
	if n != len(base) {
		return nil, &Error{Reason: fmt.Sprintf("of a base of %d paragraphs, not %d", n, len(base))}
	}
	text := make([]string, 0, len(base))
	for i, s := range r {
		if s.Kind == Keep {
			text = append(text, base[s.From:s.To]...)
			continue
		}
		before, after := s.sides()
		if s.Kind != Insert && !slices.Equal(before, base[s.From:s.To]) {
			return nil, &Error{Step: i + 1, Reason: "keeps or deletes words that are not in the base"}
		}
		if s.Kind != Delete {
			text = append(text, after...)
		}
	}
	return text, nil
}

// sides returns the paragraphs that the step's runs say it takes up and gives.
// A step has at least one on either side, also a Delete and an Insert, whose
// other side is one empty paragraph.
func (s Step) sides() (before, after []string) {
	var old, new strings.Builder
	for _, run := range s.Runs {
		text := run.Text
		if run.Break {
			text = Break
		}
		if run.Op != Inserted {
			old.WriteString(text)
		}
		if run.Op != Deleted {
			new.WriteString(text)
		}
	}
	return strings.Split(old.String(), Break), strings.Split(new.String(), Break)
}

// A fault is where a redline breaks a rule: at a step, or at one of its runs.
type fault struct {
	step, run int // run is -1 for the step itself
	reason    string
}

func (f *fault) error() *Error { return &Error{Step: f.step + 1, Reason: f.reason} }

// check tests every rule that does not need the base, and returns the number
// of paragraphs that the base has. Base and text have at most as many as given.
func (r Redline) check(mostBase, mostText int) (int, *fault) {
	var taken []bool
	next, given := 0, 0
	for i, s := range r {
		if reason := s.checkRange(mostBase); reason != "" {
			return 0, &fault{i, -1, reason}
		}
		if i > 0 && s.Kind == Keep && r[i-1].Kind == Keep && r[i-1].To == s.From {
			return 0, &fault{i, -1, "goes on where the keep before it ends"}
		}
		for p := s.From; p < s.To; p++ {
			for len(taken) <= p {
				taken = append(taken, false)
			}
			if taken[p] {
				return 0, &fault{i, -1, fmt.Sprintf("takes paragraph %d a second time", p+1)}
			}
			taken[p] = true
		}
		if s.Kind != Insert && s.Kind != Move {
			if s.From < next {
				return 0, &fault{i, -1, "goes back in the base and is not a move"}
			}
			next = s.To
		}
		if f := s.checkRuns(); f != nil {
			f.step = i
			return 0, f
		}
		if given += s.Gives(); given > mostText {
			return 0, &fault{i, -1, fmt.Sprintf("gives more than %d paragraphs", mostText)}
		}
	}
	if p := slices.Index(taken, false); p >= 0 {
		return 0, &fault{len(r) - 1, -1, fmt.Sprintf("does not say what becomes of paragraph %d", p+1)}
	}
	return len(taken), nil
}

// Gives returns the number of paragraphs of the new text that s stands for.
func (s Step) Gives() int {
	switch s.Kind {
	case Keep:
		return s.To - s.From
	case Delete:
		return 0
	case Split:
		return 1 + s.breaks(Inserted)
	}
	return 1
}

func (s Step) breaks(op Op) int {
	n := 0
	for _, run := range s.Runs {
		if run.Break && run.Op == op {
			n++
		}
	}
	return n
}

// checkRange tests the paragraphs that s takes up; it returns "" or the reason
// why they are wrong.
func (s Step) checkRange(most int) string {
	n := s.To - s.From
	switch {
	case int(s.Kind) >= len(kindNames):
		return "is of no known kind"
	case s.From < 0 || s.To < 0 || s.To > most:
		return fmt.Sprintf("is about paragraphs beyond 1 to %d", most)
	case s.Kind == Insert && (s.From != 0 || s.To != 0):
		return "inserts a paragraph of the base"
	case s.Kind == Keep && n < 1, s.Kind == Join && n < 2:
		return "is about too few paragraphs"
	case s.Kind != Insert && s.Kind != Keep && s.Kind != Join && n != 1:
		return "is not about exactly one paragraph"
	}
	return ""
}

// checkRuns tests that the runs of s are canonical and what its kind allows.
func (s Step) checkRuns() *fault {
	if f := s.checkOrder(); f != nil {
		return f
	}
	inserted, deleted := s.breaks(Inserted), s.breaks(Deleted)
	reason := ""
	switch s.Kind {
	case Keep:
		if len(s.Runs) > 0 {
			reason = "keeps paragraphs and has words of its own"
		}
	case Insert, Delete:
		op := Inserted
		if s.Kind == Delete {
			op = Deleted
		}
		if len(s.Runs) > 1 || len(s.Runs) == 1 && s.Runs[0].Op != op {
			reason = "has other words than those of the whole paragraph"
		}
	case Change:
		if before, after := s.sides(); slices.Equal(before, after) {
			reason = "changes nothing"
		}
	}
	switch {
	case reason != "":
	case s.Kind == Split && inserted == 0:
		reason = "splits nothing"
	case s.Kind == Join && deleted != s.To-s.From-1:
		reason = "does not delete every paragraph break between the paragraphs that it joins"
	case s.Kind != Split && inserted > 0, s.Kind != Join && deleted > 0:
		reason = "has a paragraph break that only a split or a join can have"
	default:
		return nil
	}
	return &fault{run: -1, reason: reason}
}

// checkOrder tests the runs one by one: between kept words all that is deleted
// comes before all that is inserted, nothing is empty, and neighbours of one
// kind are merged.
func (s Step) checkOrder() *fault {
	from := 0 // where the current stretch without kept words begins
	for i, run := range s.Runs {
		switch {
		case run.Op > Inserted:
			return &fault{run: i, reason: "is of no known kind"}
		case run.Break && (run.Text != "" || run.Op == Kept):
			return &fault{run: i, reason: "is not a paragraph break"}
		case !run.Break && run.Text == "" && !s.touches(i):
			return &fault{run: i, reason: "has no words"}
		case strings.Contains(run.Text, Break):
			return &fault{run: i, reason: "has a paragraph separator among its words"}
		case i > 0 && !run.Break && !s.Runs[i-1].Break && s.Runs[i-1].Op == run.Op:
			return &fault{run: i, reason: "should be one with the run before it"}
		case i > from && run.Op == Deleted && s.Runs[i-1].Op == Inserted:
			return &fault{run: i, reason: "deletes after inserting"}
		}
		if run.Op == Kept {
			if idle(s.Runs[from:i]) {
				return &fault{run: i - 1, reason: "inserts what it deletes"}
			}
			from = i + 1
		}
	}
	if idle(s.Runs[from:]) {
		return &fault{run: len(s.Runs) - 1, reason: "inserts what it deletes"}
	}
	return nil
}

// touches reports whether run i stands between two changes that touch.
func (s Step) touches(i int) bool {
	return s.Runs[i] == Run{} && i > 0 && i+1 < len(s.Runs) && s.Runs[i-1].Op != Kept && s.Runs[i+1].Op != Kept
}

// idle reports whether a stretch without kept words inserts what it deletes.
func idle(stretch []Run) bool {
	if len(stretch) == 0 {
		return false
	}
	before, after := Step{Runs: stretch}.sides()
	return slices.Equal(before, after)
}

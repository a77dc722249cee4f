package bracket

import (
	"strings"
	"unicode/utf8"
)

// A mark is a stretch of the text that is no plain words: one half of a pair of
// brackets, or a leaf. Marks are in the order of the text.
type mark struct {
	start, end int
	mate       int    // of half a pair, the index of the other
	kind       Kind   // Disputed or Link for half a pair; else of the leaf
	reason     Reason // of an Unmatched one
	opens      bool   // it is the first half
	quoted     bool   // it opens inside quotation marks
	chosen     bool   // the label of an option of a choice
}

// An opening is a bracket that waits for its other.
type opening struct {
	mark    int
	unit    int
	indent  int  // of its paragraph
	section int8 // the level of the heading that it stands below; 0 for none
	mid     bool // it opens in the middle of a sentence
	image   bool // "!" stands before it
	holds   bool // there are brackets inside
	link    bool // there is a link inside
}

// A scanner finds the marks of a text, in one pass.
type scanner struct {
	text    string
	units   []unit
	defined map[string]bool // labels of references
	marks   []mark
	labels  map[int]Label // of the marks that are an OptionLabel
	open    []opening
	floor   int  // brackets of open below it are not closed in a footnote
	section int8 // the level of the last heading
	options options

	// within the unit
	k        int
	first    int // behind the brackets that it begins with; -1 if with none, or with a label
	bang     int // the offset behind the last "!" that is not escaped
	sentence sentence
	ticks    map[int][]int // offsets of runs of backticks, by their length; nil if not yet known
}

func scan(text string) *scanner {
	s := &scanner{text: text, units: cut(text), defined: map[string]bool{}, labels: map[int]Label{}}
	n := strings.Count(text, "[")
	s.open = make([]opening, 0, n)
	s.marks = make([]mark, 0, n+strings.Count(text, "]"))
	for _, u := range s.units {
		if u.opaque == Definition {
			s.defined[definitionLabel(text[u.body:u.words])] = true
		}
	}
	for k := range s.units {
		s.unit(k)
	}
	s.abandon(func(opening) bool { return true })
	s.options.endAll(len(s.units))
	return s
}

// unit scans paragraph k.
func (s *scanner) unit(k int) {
	u := s.units[k]
	s.k, s.ticks, s.bang, s.sentence = k, nil, -1, sentence{}
	if u.opaque != Words {
		s.leaf(u.opaque, u.body, u.words)
		return
	}
	at := s.begin(u)
	fresh := at + titleEnd(s.text[at:u.words])
	for at < u.words {
		if fresh > 0 && at >= fresh {
			s.sentence.last, fresh = 0, 0
		}
		at = s.step(at, u)
	}
	s.finish(u)
}

// begin takes in what stands at the beginning of a paragraph, and ends the
// brackets and options that do not reach into it. It returns where the words
// begin.
func (s *scanner) begin(u unit) int {
	at := u.body
	place := atParagraph
	if u.level > 0 {
		place = atHeading
	}
	label := parseLabel(s.text[at:u.words], place)
	option := label
	s.first = -1
	if first := s.firstWord(u); label.IsZero() && first > at && s.text[first-1] == '[' {
		option = parseLabel(s.text[first:u.words], atBracket)
		s.first = first
	}
	began := s.options.enter(s.units, s.k, s.section, option)
	if u.level > 0 {
		s.section = u.level
	}
	s.abandon(func(o opening) bool {
		return u.level > 0 && o.section >= u.level || o.indent > u.indent+1 || s.marks[o.mark].start > began
	})
	switch {
	case u.note:
		n := footnoteLen(s.text[at:]) + 1
		s.leaf(Footnote, at, at+n)
		at += n
		s.floor = len(s.open)
	case !label.IsZero():
		s.options.add(len(s.marks), s.k)
		s.labels[len(s.marks)] = label
		s.leaf(OptionLabel, at, at+len(label.Text))
		at += len(label.Text)
	case u.bullet && checkboxLen(s.text[at:u.words]) > 0:
		s.leaf(Checkbox, at, at+3)
		at += 3
	}
	return at
}

// firstWord returns the offset behind the brackets that a paragraph begins with.
func (s *scanner) firstWord(u unit) int {
	at := u.body
	for at < u.words && strings.IndexByte("[*_", s.text[at]) >= 0 {
		at++
	}
	for at > u.body && s.text[at-1] != '[' {
		at--
	}
	return at
}

// finish ends the brackets that a paragraph leaves open and that do not run on
// into the next.
func (s *scanner) finish(u unit) {
	over := s.sentence.ends()
	alone := strings.Trim(s.text[u.body:u.words], "[ *_") == ""
	from := len(s.open)
	for from > 0 && s.open[from-1].unit == s.k {
		from--
	}
	keep := s.open[:from]
	for _, o := range s.open[from:] {
		switch {
		case u.note:
		case alone:
			o.section = 0
			keep = append(keep, o)
		case !o.mid || !over:
			keep = append(keep, o)
		}
	}
	s.open = keep
	s.floor = 0
}

// abandon gives up the brackets on top that end says.
func (s *scanner) abandon(end func(opening) bool) {
	for len(s.open) > 0 && end(s.open[len(s.open)-1]) {
		s.open = s.open[:len(s.open)-1]
	}
}

func (s *scanner) leaf(kind Kind, start, end int) {
	s.marks = append(s.marks, mark{start: start, end: end, kind: kind})
}

// step takes in what stands at offset at and returns the offset behind it.
func (s *scanner) step(at int, u unit) int {
	rest := s.text[at:u.words]
	switch rest[0] {
	case '\\':
		if len(rest) > 1 && isASCIIPunct(rest[1]) {
			s.sentence.see(rune(rest[1]))
			return at + 2
		}
	case '`':
		if end := s.codeEnd(at, u); end > 0 {
			s.leaf(Code, at, end)
			s.sentence.see('x')
			return end
		}
		return at + len(rest) - len(strings.TrimLeft(rest, "`"))
	case '<':
		if n := autolinkLen(rest); n > 0 {
			s.sentence.see('x')
			return at + n
		}
	case '[':
		return s.opening(at, u)
	case ']':
		return s.closing(at, u)
	case '!':
		s.bang = at + 1
	case '(':
		if n := intervalLen(rest); n > 0 {
			s.sentence.see('x')
			return at + n
		}
	}
	r, n := utf8.DecodeRuneInString(rest)
	s.sentence.see(r)
	return at + n
}

// opening takes in a "[".
func (s *scanner) opening(at int, u unit) int {
	rest := s.text[at:u.words]
	if n := footnoteLen(rest); n > 0 {
		s.leaf(Footnote, at, at+n)
		return at + n
	}
	if n := intervalLen(rest); n > 0 {
		s.sentence.see('x')
		return at + n
	}
	if len(s.open) > 0 {
		s.open[len(s.open)-1].holds = true
	}
	s.open = append(s.open, opening{
		mark: len(s.marks), unit: s.k, section: s.section, indent: u.indent,
		mid:   !s.sentence.begins(),
		image: s.bang == at,
	})
	s.marks = append(s.marks, mark{start: at, end: at + 1, kind: Unmatched, reason: NeverCloses, quoted: s.sentence.quoted})
	at++
	if label := parseLabel(s.text[at:u.words], atBracket); !label.IsZero() {
		if at == s.first {
			s.options.add(len(s.marks), s.k)
		}
		s.labels[len(s.marks)] = label
		s.leaf(OptionLabel, at, at+len(label.Text))
		at += len(label.Text)
		s.sentence.see(':')
	}
	return at
}

// closing takes in a "]".
func (s *scanner) closing(at int, u unit) int {
	if len(s.open) <= s.floor {
		s.leaf(Unmatched, at, at+1)
		s.marks[len(s.marks)-1].reason = ClosesNothing
		return at + 1
	}
	top := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	opens := &s.marks[top.mark]
	kind, end := Disputed, at+1
	if top.unit == s.k && (top.image || !top.link) {
		if n := s.linkTail(opens.end, at, top.holds); n >= 0 {
			kind, end = Link, at+1+n
		}
	}
	if len(s.open) > 0 {
		outer := &s.open[len(s.open)-1]
		outer.link = outer.link || top.link || kind == Link && !top.image
	}
	if kind == Link && top.image {
		start := opens.start - 1
		s.marks = s.marks[:top.mark]
		s.leaf(Image, start, end)
		return end
	}
	opens.kind, opens.opens, opens.mate, opens.reason = kind, true, len(s.marks), 0
	s.marks = append(s.marks, mark{start: at, end: end, kind: kind, mate: top.mark})
	return end
}

// linkTail returns the length of what makes a link of the bracket whose words
// begin at offset from and end at offset at: a target, a reference that is
// defined, or nothing where the words are one. If it is no link, the result is
// negative.
func (s *scanner) linkTail(from, at int, holds bool) int {
	rest := s.text[at+1 : s.units[s.k].words]
	if n := targetLen(rest); n > 0 {
		return n
	}
	if len(s.defined) == 0 {
		return -1
	}
	n := referenceLen(rest)
	if n > 2 && isBlank(rest[1:n-1]) {
		n = 0
	}
	if n > 2 {
		if s.defined[normal(rest[1:n-1])] {
			return n
		}
		return -1
	}
	if !holds && at-from <= maxRefLabel && s.defined[normal(s.text[from:at])] {
		return n
	}
	return -1
}

// codeEnd returns where the code span ends that begins at offset at; 0 if its
// backticks do not come again in the paragraph.
func (s *scanner) codeEnd(at int, u unit) int {
	if s.ticks == nil {
		s.ticks = map[int][]int{}
		for i := at; i < u.words; {
			if s.text[i] != '`' {
				i++
				continue
			}
			n := i
			for n < u.words && s.text[n] == '`' {
				n++
			}
			s.ticks[n-i] = append(s.ticks[n-i], i)
			i = n
		}
	}
	n := 0
	for at+n < u.words && s.text[at+n] == '`' {
		n++
	}
	runs := s.ticks[n]
	for len(runs) > 0 && runs[0] <= at {
		runs = runs[1:]
	}
	s.ticks[n] = runs
	if len(runs) == 0 {
		return 0
	}
	return runs[0] + n
}

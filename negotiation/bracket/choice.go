package bracket

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A Choice is a list of options that stand without brackets of their own, each
// with its label at the beginning of a paragraph. A choice is open as long as
// it is there.
type Choice struct {
	Options []Option
}

// An Option is one of a [Choice]. It begins with its label and ends where the
// next begins. The last ends with its paragraph, the paragraphs that are
// indented below it and the brackets that it opens; or, where its label stands
// alone, where the section or the list ends in which it stands, or behind the
// paragraph "No text".
type Option struct {
	Offset, End int // in bytes of the text
	Paragraph   int // its index in [Document.Paragraphs]
	Label       Label
	NoText      bool // its words are "no text"
}

// options finds the choices of a text while it is scanned.
type options struct {
	open []*openChoice
	all  []*openChoice
}

// An openChoice may have more options to come.
type openChoice struct {
	last    Label
	indent  int  // of the paragraph of its first label
	column  int  // of its first label
	level   int8 // of the headings that hold the labels; 0 if they are none
	section int8 // the level of the heading that it stands below
	start   int  // the offset of its first label
	marks   []int
	units   []int
	end     int // the unit at which it ends
}

// enter ends the choices that do not reach into paragraph k, which begins with
// the given label. It returns where the choice begins that the label
// goes on with; if there is none, the greatest offset.
func (o *options) enter(us []unit, k int, section int8, label Label) int {
	u := us[k]
	if !label.IsZero() {
		for i := len(o.open) - 1; i >= 0; i-- {
			c := o.open[i]
			if !label.alike(c.last) || c.level != u.level || c.column > u.column+1 || c.column+1 < u.column {
				continue
			}
			if !label.follows(c.last) {
				o.endFrom(i, k)
				break
			}
			o.endFrom(i+1, k)
			c.last = label
			return c.start
		}
	}
	for i, c := range o.open {
		item := u.bullet || u.number >= 0
		if c.indent > u.indent+1 || item && c.column > u.indent+1 || u.level > 0 && (c.section >= u.level || c.level >= u.level) {
			o.endFrom(i, k)
			break
		}
	}
	if !label.IsZero() {
		c := &openChoice{last: label, indent: u.indent, column: u.column, level: u.level, section: section, start: u.body, end: -1}
		if u.level > 0 {
			c.section = 0
		}
		o.open = append(o.open, c)
		o.all = append(o.all, c)
	}
	return math.MaxInt
}

func (o *options) endFrom(i, k int) {
	for _, c := range o.open[i:] {
		c.end = k
	}
	o.open = o.open[:i]
}

func (o *options) endAll(k int) { o.endFrom(0, k) }

// add records the mark of the label with which paragraph k begins.
func (o *options) add(mark, k int) {
	c := o.open[len(o.open)-1]
	c.marks = append(c.marks, mark)
	c.units = append(c.units, k)
}

// choices returns the choices of a scanned text, in the order of their first
// options.
func (s *scanner) choices() []Choice {
	var all []Choice
	for _, c := range s.options.all {
		if choice := s.choice(c); len(choice.Options) > 0 {
			all = append(all, choice)
		}
	}
	slices.SortStableFunc(all, func(a, b Choice) int { return cmp.Compare(a.Options[0].Offset, b.Options[0].Offset) })
	return all
}

func (s *scanner) choice(c *openChoice) Choice {
	var choice Choice
	for i, at := range c.marks {
		m := s.marks[at]
		if m.kind != OptionLabel || s.bracketed(c, i) {
			continue
		}
		s.marks[at].chosen = true
		u := c.units[i]
		o := Option{Offset: m.start, Paragraph: u, Label: s.labels[at]}
		if i+1 < len(c.units) {
			o.End = s.units[c.units[i+1]].start
		} else {
			o.End = s.lastEnd(c, at, u)
		}
		o.NoText = isNoText(s.text[m.end:o.End])
		choice.Options = append(choice.Options, o)
	}
	return choice
}

// bracketed reports whether option i is one of a place in dispute: it is the
// only one of its choice in the bracket that its label stands in.
func (s *scanner) bracketed(c *openChoice, i int) bool {
	at := c.marks[i]
	if at == 0 || s.marks[at-1].kind != Disputed || !s.marks[at-1].opens || s.marks[at-1].end != s.marks[at].start {
		return false
	}
	end := s.marks[s.marks[at-1].mate].end
	return i+1 == len(c.marks) || s.marks[c.marks[i+1]].start > end
}

// lastEnd returns where the last option of a choice ends, whose label is a mark
// of unit u.
func (s *scanner) lastEnd(c *openChoice, label, u int) int {
	m := s.marks[label]
	next := u + 1
	if isBlank(strings.Trim(s.text[m.end:s.units[u].words], "*_")) {
		if next < c.end && isNoText(s.text[s.units[next].body:s.units[next].words]) {
			return s.units[next].end
		}
		return s.units[c.end-1].end
	}
	for next < c.end && s.units[next].indent > s.units[u].column+1 {
		next++
	}
	end := s.units[next-1].end
	for _, m := range s.marks[label:] {
		if m.start >= end {
			break
		}
		if m.kind == Disputed && m.opens {
			end = max(end, s.marks[m.mate].end)
		}
	}
	return end
}

package redline

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Print writes the last text to w for people to read, every word with the step
// that brought it in. names are those of the revisions; one that is missing is
// called "revision 3". With deleted it also writes all that is gone, at its
// place.
//
// The revisions come first, each with the number of its words that still stand,
// and only those that are marked below; then the paragraphs, numbered:
//
//	⁰ base   17 words
//	¹ rev-1   1 word
//	² rev-2  11 words
//
//	1⁰  # Statement
//	2⁰  Done in Almaty.
//	    ↳ moved by ²
//	3⁰  1. States [-shall-]⁻¹[should]¹ cooperate [on a voluntary basis]².
//	-⁰  [-2. States report every year.-]⁻²
//	4⁰  The parties take stock within a year of the adoption[-, and again a year
//	    after-]¹⁻².
//	-⁰  ↳ moved to 2 by ²
//	5²  They do so again a year after.
//
// The mark in the margin is the step that most of the paragraph's words are
// from. Other words stand in brackets, with a mark: ² were brought in by step 2,
// ⁻¹ were taken out by step 1, and ²⁻³ brought in by step 2 and taken out by
// step 3. ¶ is a paragraph break that is gone. White space is never marked; the
// lines are filled up to 80 columns, of which every character but a combining
// one is taken to need one.
//
// The error is that of w. It takes time in the size of the history.
func (h *History) Print(w io.Writer, names []string, deleted bool) error {
	p := printer{
		names:   names,
		deleted: deleted,
		counts:  make([]int, h.last+1),
		named:   make([]bool, h.last+1),
		numbers: map[int]int{},
		events:  map[int][]event{},
	}
	trace := h.Trace()
	for _, t := range trace {
		p.survey(t)
	}
	p.digits = len(strconv.Itoa(len(p.numbers)))
	p.margin = p.digits + len(strconv.Itoa(h.last)) + 2
	for _, t := range trace {
		if t.Fate == Keep || deleted {
			p.paragraph(t)
		}
	}
	_, err := io.WriteString(w, p.legend()+p.out.String())
	return err
}

const (
	lineWidth  = 80 // columns that are filled
	mostIndent = 40 // columns that are kept at the beginning of a paragraph
)

// A printer is the state of one Print.
type printer struct {
	names          []string
	deleted        bool
	counts         []int           // for each step, its words that stand
	named          []bool          // for each step, whether the text names it
	numbers        map[int]int     // ID to the number of a paragraph that stands
	events         map[int][]event // ID to what happened to the paragraph as a whole
	digits, margin int             // columns of a number, and of all before the words
	out            strings.Builder
}

// An event is what a step did with a whole paragraph.
type event struct {
	step int
	what string
}

// survey counts the words of t, and takes up what happened to it as a whole.
func (p *printer) survey(t Traced) {
	switch t.Fate {
	case Keep:
		p.numbers[t.ID] = len(p.numbers) + 1
	case Move:
		p.events[t.ID] = append(p.events[t.ID], event{t.Until, "moved"})
	case Join:
		p.events[t.Into] = append(p.events[t.Into], event{t.Until, "joined"})
	}
	for _, w := range t.Words {
		if !w.stands() {
			continue
		}
		for _, token := range Tokens(w.Text) {
			if isWord(token) {
				p.counts[w.Since]++
			}
		}
	}
}

// legend returns the revisions that the text names.
func (p *printer) legend() string {
	names := make([]string, len(p.named))
	width, marks, digits := 0, 0, 0
	for k, named := range p.named {
		if !named {
			continue
		}
		names[k] = fmt.Sprintf("revision %d", k)
		if k < len(p.names) {
			names[k] = flat(p.names[k])
		}
		width = max(width, columns(names[k]))
		marks = max(marks, columns(superscript(k)))
		digits = max(digits, len(strconv.Itoa(p.counts[k])))
	}
	var b strings.Builder
	for k, named := range p.named {
		if !named {
			continue
		}
		words := "words"
		if p.counts[k] == 1 {
			words = "word"
		}
		fmt.Fprintf(&b, "%s %s  %*d %s\n", pad(superscript(k), marks), pad(names[k], width), digits, p.counts[k], words)
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

// mark returns the mark of a step, which is named by it.
func (p *printer) mark(step int) string {
	p.named[step] = true
	return superscript(step)
}

func (p *printer) paragraph(t Traced) {
	number, own := "-", mainStep(t.Words)
	if t.Fate == Keep {
		number = strconv.Itoa(p.numbers[t.ID])
	}
	margin := pad(fmt.Sprintf("%*s%s", p.digits, number, p.mark(own)), p.margin)
	switch t.Fate {
	case Move:
		p.lines(margin, "↳ "+p.place("moved to", t.ID)+" by "+p.mark(t.Until))
		return
	case Join:
		p.lines(margin, "↳ "+p.place("joined to", t.Into)+" by "+p.mark(t.Until))
		return
	}
	p.lines(margin, p.words(t.Words, own))
	events := p.events[t.ID]
	if t.From > 0 {
		events = append(events, event{t.Since, p.place("split off", t.From)})
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.step, b.step) })
	var notes []string
	for _, e := range slices.Compact(events) {
		notes = append(notes, e.what+" by "+p.mark(e.step))
	}
	if len(notes) > 0 {
		p.lines(pad("", p.margin), "↳ "+strings.Join(notes, ", "))
	}
}

// place returns what, with the number of the paragraph if it stands.
func (p *printer) place(what string, id int) string {
	if n := p.numbers[id]; n > 0 {
		return what + " " + strconv.Itoa(n)
	}
	return strings.TrimSuffix(what, " to")
}

// mainStep returns the step that most of the words that stand, or else of all
// words, are from; the first among equals.
func mainStep(words []Words) int {
	stands := slices.ContainsFunc(words, func(w Words) bool { return w.stands() && w.Text != "" })
	sizes := map[int]int{}
	main, most := words[len(words)-1].Since, 0
	for _, w := range words {
		if w.stands() != stands || w.Text == "" {
			continue
		}
		sizes[w.Since] += len(w.Text)
	}
	for step, size := range sizes {
		if size > most || size == most && step < main {
			main, most = step, size
		}
	}
	return main
}

// words returns the words of a paragraph with their marks, in one line.
func (p *printer) words(words []Words, own int) string {
	var b strings.Builder
	open := ""                  // what ends the brackets that are open
	blank, gone := false, false // whether white space comes next, and white space that is gone
	for _, w := range words[:len(words)-1] {
		if !w.stands() && !p.deleted {
			continue
		}
		text := flat(w.Text)
		if w.Break {
			text = "¶"
		}
		if text == "" {
			blank, gone = blank || w.stands(), gone || !w.stands()
			continue
		}
		if b.Len() == 0 {
			b.WriteString(indentOf(w.Text))
			blank = false
		} else {
			blank = blank || gone && !w.stands() || strings.TrimLeftFunc(w.Text, unicode.IsSpace) != w.Text
		}
		opening, closing := p.brackets(w, own)
		if closing == open {
			opening = ""
		} else {
			b.WriteString(open)
		}
		if blank {
			b.WriteByte(' ')
		}
		b.WriteString(opening + text)
		open, gone, blank = closing, false, strings.TrimRightFunc(w.Text, unicode.IsSpace) != w.Text
	}
	return b.String() + open
}

// brackets returns what stands before and after words whose paragraph is marked
// with the step own.
func (p *printer) brackets(w Words, own int) (opening, closing string) {
	since := ""
	if w.Since != own {
		since = p.mark(w.Since)
	}
	switch {
	case !w.stands():
		return "[-", "-]" + since + "⁻" + p.mark(w.Until)
	case since == "":
		return "", ""
	}
	return "[", "]" + since
}

// lines writes text behind a margin, and what does not fit below it.
func (p *printer) lines(margin, text string) {
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	line := margin + indent
	at, empty := columns(line), true
	for word := range strings.FieldsSeq(text) {
		n := columns(word)
		switch {
		case empty:
		case at+1+n > lineWidth:
			p.out.WriteString(line + "\n")
			line = strings.Repeat(" ", columns(margin)) + indent
			at = columns(line)
		default:
			line += " "
			at++
		}
		line += word
		at, empty = at+n, false
	}
	p.out.WriteString(strings.TrimRight(line, " ") + "\n")
}

// indentOf returns the columns of white space at the beginning of a paragraph.
func indentOf(text string) string {
	n := len(text) - len(strings.TrimLeft(text, " \t"))
	return strings.Repeat(" ", min(n, mostIndent))
}

// flat returns text with a space for white space within it, and nothing that
// a terminal would obey.
func flat(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

func columns(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
			n++
		}
	}
	return n
}

func superscript(n int) string {
	return strings.Map(func(digit rune) rune { return []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[digit-'0'] }, strconv.Itoa(n))
}

package redline

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ANSI returns r for a terminal: the new text, in which what was deleted stands
// struck through in orange, and what was inserted underlined in blue. Of the
// paragraphs that do not change, as many as context says are shown before and
// after each that does, and all of them if it is negative; for the others a
// line says how many there are. A paragraph break that a split inserts or a
// join deletes is ¶, a line end that is all that changes ↵. At both places of a
// paragraph that moved, a line says where it came from or went to, by the lines
// of the two files. White space that merely wraps lines otherwise is not
// marked.
//
// Of the control characters in the texts only tabs and line ends reach the
// terminal; the others are shown as symbols, and those that override the
// direction of writing as numbers. The colours, of the 256 of xterm, have a
// contrast of at least 3.8 to 1 both on black and on white.
//
// r must be a redline of base, as [Redline.Apply] finds out. It takes time in
// the size of base and r.
func (r Redline) ANSI(base []string, context int) string {
	return r.print(base, context, pens{
		Deleted:  {"\x1b[9;38;5;166m", "\x1b[0m"},
		Inserted: {"\x1b[4;38;5;32m", "\x1b[0m"},
		noting:   {"\x1b[2m", "\x1b[0m"},
	})
}

// Plain returns what [Redline.ANSI] does without escape sequences, for pipes
// and for who sets NO_COLOR: words are marked [-deleted-] and {+inserted+}, as
// git diff --word-diff does.
func (r Redline) Plain(base []string, context int) string {
	return r.print(base, context, pens{
		Deleted:  {"[-", "-]"},
		Inserted: {"{+", "+}"},
	})
}

// pens are what is written before and after the words of each fate, on every
// line anew.
type pens [4][2]string

// noting is the pen of what stands in neither text.
const noting = Inserted + 1

// A terminalParagraph is what a terminal shows of one paragraph.
type terminalParagraph struct {
	note    string
	runs    []Run
	changed bool
}

func (r Redline) print(base []string, context int, p pens) string {
	shown := r.shown(base)
	near := make([]bool, len(shown))
	for i := range shown {
		near[i] = context < 0
	}
	last := none // the paragraph nearest before that has changed
	for i, s := range shown {
		if s.changed {
			last = i
		}
		near[i] = near[i] || last != none && i-last <= context
	}
	last = none
	for i, s := range slices.Backward(shown) {
		if s.changed {
			last = i
		}
		near[i] = near[i] || last != none && last-i <= context
	}
	t := terminal{pens: p, blank: true}
	skipped := 0
	for i, s := range shown {
		if !near[i] {
			skipped++
			continue
		}
		t.skip(skipped, true)
		skipped = 0
		t.paragraph(s)
	}
	t.skip(skipped, false)
	return t.b.String()
}

// shown returns the paragraphs in the order in which they are shown.
func (r Redline) shown(base []string) []terminalParagraph {
	var out []terminalParagraph
	oldLines := make([]int, len(base)) // on which the paragraphs begin, counted from 1
	line := 1
	for i, p := range base {
		oldLines[i] = line
		line += strings.Count(p, "\n")
	}
	newLines := make([]int, len(r)) // on which the steps begin
	line = 1
	for i, s := range r {
		newLines[i] = line
		line += strings.Count(s.text(Inserted), "\n")
		if s.Kind == Keep {
			line += strings.Count(strings.Join(base[s.From:s.To], ""), "\n")
		}
	}
	for _, at := range r.places() {
		s := r[at.step]
		switch {
		case at.left:
			note := fmt.Sprintf("moved to line %d of the new text: %s", newLines[at.step], excerpt(s.text(Inserted)))
			out = append(out, terminalParagraph{note, nil, true})
		case s.Kind == Move:
			note := fmt.Sprintf("moved here from line %d of the old text", oldLines[s.From])
			out = append(out, terminalParagraph{note, s.terminalMarks(), true})
		case s.Kind == Keep:
			for _, p := range base[s.From:s.To] {
				out = append(out, terminalParagraph{"", []Run{{Op: Kept, Text: p}}, false})
			}
		default:
			runs := s.terminalMarks()
			changed := slices.ContainsFunc(runs, func(run Run) bool { return run.Op != Kept })
			out = append(out, terminalParagraph{"", runs, changed})
		}
	}
	return out
}

// terminalMarks returns s for display, with white space that replaces other
// white space taken for kept: that of the new text, but at the end of the
// paragraph that with more lines, so that what was deleted behind it stands as
// far away as it did.
func (s Step) terminalMarks() []Run {
	var out []Run
	marks := s.Marks()
	wraps := wrapping(marks)
	for i := 0; i < len(marks); i++ {
		if wraps[i] {
			kept := marks[i+1].Text
			if i+2 == len(marks) && strings.Count(marks[i].Text, "\n") > strings.Count(kept, "\n") {
				kept = marks[i].Text
			}
			out = append(out, Run{Op: Kept, Text: kept})
			i++
			continue
		}
		out = append(out, marks[i])
	}
	return out
}

// excerpt returns the first words of a paragraph.
func excerpt(text string) string {
	const enough = 40 // characters
	text, _, more := strings.Cut(strings.TrimSpace(text), "\n")
	var b strings.Builder
	n := 0
	for _, token := range Tokens(strings.TrimSpace(text)) {
		if n += utf8.RuneCountInString(token); n > enough && b.Len() > 0 {
			more = true
			break
		}
		b.WriteString(token)
	}
	if !more {
		return b.String()
	}
	return strings.TrimSpace(b.String()) + " …"
}

// A terminal is what has been written so far.
type terminal struct {
	pens
	b     strings.Builder
	begun bool // the last line has something on it and does not end
	blank bool // it stands behind an empty line, or is the first
}

// skip says that paragraphs are left out, and whether more follows.
func (t *terminal) skip(paragraphs int, more bool) {
	switch paragraphs {
	case 0:
	case 1:
		t.note("1 paragraph unchanged", more)
	default:
		t.note(fmt.Sprintf("%d paragraphs unchanged", paragraphs), more)
	}
}

// note writes a line of its own, if it should stand apart with as much space
// behind it as there is before it.
func (t *terminal) note(text string, apart bool) {
	t.endLine()
	spaced := t.blank
	t.words(noting, "… "+text+"\n")
	if apart && spaced {
		t.newLine()
	}
}

func (t *terminal) paragraph(s terminalParagraph) {
	t.endLine()
	if s.note != "" {
		t.note(s.note, len(s.runs) == 0)
	}
	for i := 0; i < len(s.runs); i++ {
		run, ends := s.runs[i], ""
		if !run.Break && i+1 < len(s.runs) && s.runs[i+1].Break {
			words := strings.TrimRight(run.Text, "\r\n")
			t.run(Run{Op: run.Op, Text: words})
			if run.Op != Deleted {
				ends = run.Text[len(words):]
			}
			i++
			run = s.runs[i]
		}
		if !run.Break {
			t.run(run)
			continue
		}
		t.words(run.Op, "¶")
		t.words(Kept, ends)
		if run.Op == Inserted {
			t.endLine()
		}
	}
	t.endLine()
}

// run writes a run of words, or of line ends that would not be seen.
func (t *terminal) run(run Run) {
	ends := strings.Count(run.Text, "\n")
	if run.Op == Kept || ends == 0 || !isBlank(run.Text) {
		t.words(run.Op, run.Text)
		return
	}
	t.words(run.Op, strings.ReplaceAll(strings.ReplaceAll(run.Text, "\r\n", "\n"), "\n", "↵"))
	if run.Op == Inserted {
		t.words(Kept, strings.Repeat("\n", ends))
	}
}

// words writes text with a pen. No line ends while the pen is down.
func (t *terminal) words(pen Op, text string) {
	for text != "" {
		line, rest, ends := strings.Cut(text, "\n")
		if ends {
			line = strings.TrimSuffix(line, "\r")
		}
		if line != "" {
			t.b.WriteString(t.pens[pen][0] + printable(line) + t.pens[pen][1])
			t.begun = true
		}
		if ends {
			t.newLine()
		}
		text = rest
	}
}

func (t *terminal) newLine() {
	t.b.WriteByte('\n')
	t.begun, t.blank = false, !t.begun
}

func (t *terminal) endLine() {
	if t.begun {
		t.newLine()
	}
}

// printable returns s without control characters. For those of C0 it has the
// symbols that Unicode gives them, for those of C1 the escape sequences that
// mean the same (ECMA-48, 5.3), with a symbol in the place of the escape.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < ' ' && r != '\t':
			b.WriteRune('\u2400' + r)
		case r == 0x7f:
			b.WriteRune('\u2421')
		case r >= 0x80 && r <= 0x9f:
			b.WriteString("\u241b" + string(r-0x40))
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			fmt.Fprintf(&b, "<%U>", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
